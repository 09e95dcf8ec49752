package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

type decoded struct {
	Count  int              `json:"count,omitempty"`
	Big    int64            `json:"big,omitempty"`
	Raw    json.RawMessage  `json:"raw,omitempty"`
	Name   string           `json:"name,omitempty"`
	Inner  *decoded         `json:"inner,omitempty"`
	List   []decoded        `json:"list,omitempty"`
	Null   *int             `json:"null"`
	Sizes  map[string]uint8 `json:"sizes,omitempty"`
	Number json.Number      `json:"number,omitempty"`
}

func TestDecode(t *testing.T) {
	s := schemaOf[decoded](t, Options{})
	for _, tt := range []struct {
		name, data string
		want       decoded
	}{
		{"exact integers", `{"big":9007199254740993,"null":null}`, decoded{Big: 9007199254740993}},
		{"integers with decimals", `{"count":5.0,"big":1e3,"null":2.0,"list":[{"count":1E1,"null":null}],"sizes":{"a":25.50e1}}`, decoded{Count: 5, Big: 1000, Null: new(2), List: []decoded{{Count: 10}}, Sizes: map[string]uint8{"a": 255}}},
		{"numbers as they are", `{"number":5.0,"null":null}`, decoded{Number: "5.0"}},
		{"null for absent", `{"count":null,"name":null,"inner":{"inner":null,"null":1,"raw":null},"null":null,"list":null,"sizes":null}`, decoded{Inner: &decoded{Null: new(1), Raw: json.RawMessage("null")}}},
		{"the last of a name", `{"inner":{"count":1,"name":"a","null":null},"inner":{"count":2,"null":null},"null":null}`, decoded{Inner: &decoded{Count: 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got decoded
			require.NoError(t, s.Decode([]byte(tt.data), &got))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeOfStrictSchemas(t *testing.T) {
	for _, mode := range []Strictness{StrictChat, StrictMessages} {
		s := schemaOf[forecastArgs](t, Options{Strict: mode})
		var got forecastArgs
		require.NoError(t, s.Decode([]byte(`{"city":"Bern","days":null,"unit":null,"parts":null}`), &got))
		if diff := cmp.Diff(forecastArgs{City: "Bern"}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDecodeUnwraps(t *testing.T) {
	s := schemaOf[[]int](t, Options{Object: true})
	require.True(t, s.Wrapped())
	require.True(t, s.IsObject())
	var got []int
	require.NoError(t, s.Decode([]byte(`{"value":[1,2.0]}`), &got))
	if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
		t.Error(diff)
	}
}

// picky refuses what its schema can't tell.
type picky string

func (p *picky) UnmarshalText([]byte) error { return errors.New("no such station") }

func TestDecodeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		into any
		data string
		want string
	}{
		{"unfit", &decoded{}, `{}`, "null: want an integer or null, got nothing: it is required"},
		{"an integer too large", &decoded{}, `{"null":null,"inner":{"null":1e20}}`, "inner.null: want a value that fits int, got a number"},
		{"what the type itself refuses", new(picky), `"x"`, "want a value that can be read, got one that can't: no such station"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := For(reflect.TypeOf(tt.into).Elem(), Options{})
			require.NoError(t, err)
			err = s.Decode([]byte(tt.data), tt.into)
			_, ok := errors.AsType[*InvalidError](err)
			require.True(t, ok, "%v", err)
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// anyValue has every kind of field that a random value can be made of.
type anyValue struct {
	Bool    bool
	Int     int8 `json:",omitempty"`
	Uint    uint64
	Float   float64
	Quoted  int  `json:",string"`
	Flag    bool `json:"flag,omitempty,string"`
	Text    string
	Pointer *string
	Maybe   *int16 `json:",omitempty"`
	Bytes   []byte
	List    []Inner
	Lists   [][]bool
	Array   [3]uint8
	Map     map[string][]int
	Numbers map[int8]string
	Struct  *struct{ X, Y float32 } `json:"struct,omitzero"`
	Inner
	*Pointed
}

func TestWhatGoWritesFits(t *testing.T) {
	s := schemaOf[anyValue](t, Options{})
	same := func(v anyValue) bool {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		var back anyValue
		if err := s.Decode(data, &back); err != nil {
			t.Errorf("%s: %v", data, err)
			return false
		}
		again, err := json.Marshal(back)
		require.NoError(t, err)
		return cmp.Diff(string(data), string(again)) == ""
	}
	random := rand.New(rand.NewSource(1))
	require.NoError(t, quick.Check(same, &quick.Config{MaxCount: 300, Rand: random}))
}

type badTag struct {
	A struct {
		B string `jsonschema:"required=true"`
	}
}

type badEnum string

func (*badEnum) Enum() []string { panic("no table") }

type badSchema int

func (badSchema) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"integers"}`) }

type list []list

func TestTypesWithoutSchema(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   any
		want string
	}{
		{"channel", struct{ Stops []struct{ Done chan int } }{}, `struct.Stops[].Done: chan int is a chan, which JSON doesn't have; leave the field out with json:"-"`},
		{"function in an embedded struct", embedded{}, `embedded.Hooks.Call: func() is a func, which JSON doesn't have; leave the field out with json:"-"`},
		{"complex number", map[string]complex64{}, `map[]: complex64 is a complex64, which JSON doesn't have; leave the field out with json:"-"`},
		{"map with odd keys", struct{ M map[[2]int]bool }{}, "struct.M: a map with keys of type [2]int; use strings, integers or an encoding.TextMarshaler"},
		{"interface with methods", struct{ E fmt.Stringer }{}, "struct.E: nothing can be decoded into the interface fmt.Stringer; use a concrete type"},
		{"tag with a keyword", badTag{}, `badTag.A.B: its jsonschema tag begins with "required="; the whole tag is the description: give values in an enum tag, and other keywords in a JSONSchema method of the type`},
		{"empty tag", struct {
			A int `jsonschema:""`
		}{}, "struct.A: its jsonschema tag is empty; write a description or leave the tag out"},
		{"enum of the wrong type", struct {
			A int `enum:"1,two"`
		}{}, `struct.A: its enum tag: "two" is no integer`},
		{"enum of structs", struct {
			A Inner `enum:"a"`
		}{}, "struct.A: its enum tag: only strings, numbers and lists of them have one"},
		{"method that panics", struct{ E badEnum }{}, "struct.E: a method of schema.badEnum panicked on the zero value: no table"},
		{"method that returns nonsense", struct{ S badSchema }{}, `struct.S: the JSONSchema method of schema.badSchema returns no schema: keeprouter: not a usable JSON Schema: at #: "integers" is no type of JSON`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := For(reflect.TypeOf(tt.of), Options{})
			_, ok := errors.AsType[*TypeError](err)
			require.True(t, ok, "%v", err)
			if diff := cmp.Diff("keeprouter: no JSON Schema of "+tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

type embedded struct{ Hooks }

type Hooks struct{ Call func() }

type Described struct{ A int }

func (Described) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"object"}`) }

func TestEmbeddedTypesDontSpeakForTheWhole(t *testing.T) {
	s := schemaOf[struct {
		Described
		B int
	}](t, Options{})
	want := `{"type":"object","properties":{"A":{"type":"integer"},"B":{"type":"integer"}},"required":["A","B"],"additionalProperties":false}`
	if diff := cmp.Diff(want, string(s.JSON())); diff != "" {
		t.Error(diff)
	}
}

func TestWhichFieldOfANameCounts(t *testing.T) {
	type left struct {
		Same, Tagged int
		Deep         struct{} `json:"deep"`
	}
	type right struct {
		Same   string
		Tagged string `json:"Tagged"`
	}
	s := schemaOf[struct {
		left
		right
		Own bool `json:"deep"`
	}](t, Options{})
	want := `{"type":"object","properties":{"Tagged":{"type":"string"},"deep":{"type":"boolean"}},"required":["Tagged","deep"],"additionalProperties":false}`
	if diff := cmp.Diff(want, string(s.JSON())); diff != "" {
		t.Error(diff)
	}
}

func TestTypesOfThemselves(t *testing.T) {
	s := schemaOf[list](t, Options{Object: true})
	require.NoError(t, s.Validate([]byte(`{"value":[[],[[]]]}`)))
	require.Error(t, s.Validate([]byte(`{"value":[[],[1]]}`)))
}
