package jsonx

import (
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

type inner struct {
	N     int64                      `json:"n,omitzero"`
	Extra map[string]json.RawMessage `json:"-" jsonx:"extra"`
}

type sample struct {
	Name  string           `json:"name"`
	Count int64            `json:"count,omitzero"`
	Price float64          `json:"price,omitzero"`
	On    *bool            `json:"on,omitzero"`
	In    inner            `json:"in,omitzero"`
	Ptr   *inner           `json:"ptr,omitzero"`
	List  []inner          `json:"list,omitzero"`
	Map   map[string]int64 `json:"map,omitzero"`
	Raw   json.RawMessage  `json:"raw,omitzero"`
	Any   loose            `json:"any,omitzero"`
	Some  any              `json:"some,omitzero"`
	At    time.Time        `json:"at,omitzero"`
	Addr  netip.Addr       `json:"addr,omitzero"`
	Size  uint8            `json:"size,omitzero"`
	Level int8             `json:"level,omitzero"`
	Ratio float32          `json:"ratio,omitzero"`
	Bytes []byte           `json:"bytes,omitzero"`
	Texts []string         `json:"texts,omitzero"`
	Rec   record           `json:"rec,omitzero"`
	Recs  records          `json:"recs,omitzero"`
	Skip  string           `json:"-"`
}

// loose holds what the package reads into no field of its own.
type loose struct{ v any }

func (l *loose) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &l.v) }
func (l loose) MarshalJSON() ([]byte, error)     { return json.Marshal(l.v) }
func (l loose) Equal(m loose) bool               { return cmp.Equal(l.v, m.v) }

func TestUnmarshal(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       sample
		extra      map[string]json.RawMessage
	}{
		{"empty", ` { } `, sample{}, nil},
		{
			"everything", `{"name":"a","count":5,"price":0.5,"on":false,"in":{"n":1},"ptr":{"n":2},"list":[{"n":3},{}],"map":{"x":1},"raw":[1, 2],"any":{"k":1},"at":"2026-07-05T00:00:00Z"}`,
			sample{
				Name: "a", Count: 5, Price: 0.5, On: new(false), In: inner{N: 1}, Ptr: &inner{N: 2}, List: []inner{{N: 3}, {}},
				Map: map[string]int64{"x": 1}, Raw: json.RawMessage("[1, 2]"), Any: loose{map[string]any{"k": 1.0}}, At: time.Date(2026, 7, 5, 0, 0, 0, 0, time.UTC),
			},
			nil,
		},
		{"null everywhere", `{"name":null,"count":null,"price":null,"on":null,"in":null,"ptr":null,"list":null,"map":null,"any":null,"at":null,"addr":null,"texts":null,"bytes":null,"ratio":null,"size":null}`, sample{}, nil},
		{"counters as floats and strings", `{"count":5.0,"in":{"n":1.7e3},"ptr":{"n":"12"},"price":"0.5"}`, sample{Count: 5, Price: 0.5, In: inner{N: 1700}, Ptr: &inner{N: 12}}, nil},
		{"counters as floats with an exponent", `{"count":1.7e9,"size":"2.0"}`, sample{Count: 1_700_000_000, Size: 2}, nil},
		{"the largest counter", `{"count":9223372036854775807}`, sample{Count: math.MaxInt64}, nil},
		{"a negative counter", `{"count":-5.0}`, sample{Count: -5}, nil},
		{"booleans as a string", `{"name":true,"texts":[false,1e3,null,"x"]}`, sample{Name: "true", Texts: []string{"false", "1e3", "", "x"}}, nil},
		{"bytes as text and as numbers", `{"bytes":"aGk=","size":255}`, sample{Bytes: []byte("hi"), Size: 255}, nil},
		{"a type with UnmarshalText", `{"addr":"192.0.2.1"}`, sample{Addr: netip.MustParseAddr("192.0.2.1")}, nil},
		{"empty lists are not nil", `{"list":[],"map":{},"texts":[ ]}`, sample{List: []inner{}, Map: map[string]int64{}, Texts: []string{}}, nil},
		{"white space everywhere", " {\n\t\"name\" : \"a\" ,\r\"x\" : [ 1 ] } ", sample{Name: "a"}, map[string]json.RawMessage{"x": json.RawMessage("[ 1 ]")}},
		{"scalars as a string", `{"name":400}`, sample{Name: "400"}, nil},
		{"names in another case are other names", `{"name":"a","NAME":"evil"}`, sample{Name: "a"}, map[string]json.RawMessage{"NAME": json.RawMessage(`"evil"`)}},
		{"names in another case alone", `{"Name":"evil","COUNT":1,"in":{"N":2}}`, sample{In: inner{Extra: map[string]json.RawMessage{"N": json.RawMessage("2")}}}, map[string]json.RawMessage{"Name": json.RawMessage(`"evil"`), "COUNT": json.RawMessage("1")}},
		{"a repeated name", `{"name":"a","name":"b"}`, sample{Name: "b"}, nil},
		{"a repeated object", `{"in":{"n":1,"x":2},"in":{},"ptr":{"n":1},"ptr":null}`, sample{}, nil},
		{"a repeated type with its own decoder", `{"rec":{"role":"a"},"rec":{},"recs":[{}],"recs":[{}],"at":"2026-07-05T00:00:00Z","at":null}`, sample{Recs: records{{}}}, nil},
		{"a repeated unknown name", `{"x":1,"x":2}`, sample{}, map[string]json.RawMessage{"x": json.RawMessage("2")}},
		{"an escaped name", `{"n\u0061me":"a"}`, sample{Name: "a"}, nil},
		{"fields without a JSON name", `{"Skip":"x","Extra":1,"-":2}`, sample{}, map[string]json.RawMessage{"Skip": json.RawMessage(`"x"`), "Extra": json.RawMessage("1"), "-": json.RawMessage("2")}},
		{"unknown inside", `{"in":{"n":1,"x":{"y":2}}}`, sample{In: inner{N: 1, Extra: map[string]json.RawMessage{"x": json.RawMessage(`{"y":2}`)}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			extra, err := Unmarshal([]byte(tt.data), &got)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.extra, extra); diff != "" {
				t.Errorf("extra (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, tt := range []struct{ name, data, path string }{
		{"not JSON", `{"name":`, ""},
		{"nothing", ``, ""},
		{"an array", `[]`, ""},
		{"null", `null`, ""},
		{"trailing data", `{} {}`, ""},
		{"too deep", `{"any":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`, ""},
		{"an object that ends early", `{"name":"a"`, ""},
		{"a comma too many", `{"name":"a",}`, ""},
		{"object as a string", `{"name":{}}`, "name"},
		{"fraction as a counter", `{"count":1.5}`, "count"},
		{"text as a counter", `{"count":"many"}`, "count"},
		{"a hexadecimal counter", `{"count":"0x1p4"}`, "count"},
		{"an underscore in a counter", `{"count":"1_0"}`, "count"},
		{"an empty counter", `{"count":""}`, "count"},
		{"a counter beyond its type", `{"size":256}`, "size"},
		{"a signed counter beyond its type", `{"level":-129}`, "level"},
		{"a counter beyond every type", `{"count":9223372036854775808}`, "count"},
		{"a negative size", `{"size":-1}`, "size"},
		{"a boolean as a counter", `{"count":true}`, "count"},
		{"a number beyond its type", `{"ratio":1e300}`, "ratio"},
		{"infinity", `{"price":"Inf"}`, "price"},
		{"not an address", `{"addr":"nowhere"}`, "addr"},
		{"inside a type with its own decoder", `{"rec":{"role":{}}}`, "rec.role"},
		{"in place of a type with its own decoder", `{"rec":[]}`, "rec"},
		{"null for a type whose decoder wants an object", `{"rec":null}`, "rec"},
		{"in a list with its own decoder", `{"recs":[{},{"role":[]}]}`, "recs[1].role"},
		{"text in a list", `{"list":[{"n":1},{"n":[]}]}`, "list[1].n"},
		{"string as an object", `{"in":"x"}`, "in"},
		{"object as a list", `{"list":{}}`, "list"},
		{"text in a map", `{"map":{"x":"y"}}`, "map.x"},
		{"a value of any type", `{"some":1}`, "some"},
		{"not a time", `{"at":"yesterday"}`, "at"},
		{"a number as a boolean", `{"on":1}`, "on"},
		{"not a number", `{"price":"NaN"}`, "price"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			_, err := Unmarshal([]byte(tt.data), &got)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Path != tt.path {
				t.Errorf("error = %v, want an *Error at %q", err, tt.path)
			}
		})
	}
}

// Nothing is stored of JSON that ends early, however much of it could be read.
func TestUnmarshalStoresNothingOfMalformedJSON(t *testing.T) {
	const data = `{"name":"a","in":{"n":1},"x"`
	got := sample{Count: 7}
	extra, err := Unmarshal([]byte(data), &got)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Offset != len(data) {
		t.Errorf("error = %#v, want an *Error at offset %d", err, len(data))
	}
	if diff := cmp.Diff(sample{Count: 7}, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || extra != nil {
		t.Errorf("extra = %v, stored (-want +got):\n%s", extra, diff)
	}
}

func TestUnmarshalTakesOnlyPointersToStructs(t *testing.T) {
	for name, dst := range map[string]any{"nil": nil, "a struct": inner{}, "a nil pointer": (*inner)(nil), "a map": &map[string]int{}} {
		t.Run(name, func(t *testing.T) {
			if _, err := Unmarshal([]byte("{}"), dst); err == nil {
				t.Error("want an error")
			}
		})
	}
}

// An unexported field is no member: the name is one of the unknown.
func TestUnmarshalLeavesUnexportedFields(t *testing.T) {
	var got struct{ hidden string }
	extra, err := Unmarshal([]byte(`{"hidden":"x"}`), &got)
	require.NoError(t, err)
	if got.hidden != "" || string(extra["hidden"]) != `"x"` {
		t.Errorf("stored %q, extra %s", got.hidden, extra)
	}
}

// What comes back is the caller's, also after the input's buffer is used again.
func TestUnmarshalCopies(t *testing.T) {
	data := []byte(`{"name":"a","raw":[1],"x":[2]}`)
	var got sample
	extra, err := Unmarshal(data, &got)
	require.NoError(t, err)
	for i := range data {
		data[i] = '!'
	}
	if got.Name != "a" || string(got.Raw) != "[1]" || string(extra["x"]) != "[2]" {
		t.Errorf("the input's bytes show through: %q, %s, %s", got.Name, got.Raw, extra["x"])
	}
}

func TestNestingIsLimited(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(`{"any":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}")
	}
	var got sample
	_, err := Unmarshal(nested(maxDepth), &got)
	require.NoError(t, err)
	if _, err = Unmarshal(nested(maxDepth+1), &got); err == nil {
		t.Error("one level more: want an error")
	}
}

func TestErrorTellsWhere(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"a mismatch", `{"list":[{"n":[]}]}`, "list[0].n: want an integer, have an array"},
		{"malformed", `{"name"}`, "offset 8: invalid character '}' after object key"},
		{"a boolean", `{"on":"yes"}`, "on: want a boolean, have a string"},
		{"a type's own error", `{"at":"2026"}`, `at: parsing time "2026" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "-"`},
		{"a text's own error", `{"addr":1}`, "addr: want a string, have a number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			if _, err := Unmarshal([]byte(tt.data), &got); err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
		})
	}
}
