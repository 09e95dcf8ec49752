package jsonx

import (
	"bytes"
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

// standard is what Encode must make of a value.
func standard(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

type (
	ratio   float32
	lemma   string
	flags   uint8
	byValue struct{ s string }
	byPlace struct{ s string }
	asText  struct{ s string }
	textual string
	never   struct{ N int }
	always  struct{ N int }
	broken  struct{ text string }
	loop    struct {
		Next *loop          `json:"next,omitempty"`
		Map  map[string]any `json:"map,omitempty"`
		List []any          `json:"list,omitempty"`
	}
)

func (v byValue) MarshalJSON() ([]byte, error)  { return []byte(` { "v" : "` + v.s + `" } `), nil }
func (v *byPlace) MarshalJSON() ([]byte, error) { return json.Marshal("at " + v.s) }
func (v asText) MarshalText() ([]byte, error)   { return []byte("<" + v.s + ">"), nil }
func (v *textual) MarshalText() ([]byte, error) { return []byte("text " + *v), nil }
func (v broken) MarshalJSON() ([]byte, error)   { return []byte(v.text), errorOf(v.text) }
func (never) IsZero() bool                      { return false }
func (a *always) IsZero() bool                  { return true }
func (f flags) MarshalText() ([]byte, error) {
	return []byte(strings.Repeat("+", int(f))), errorOf(map[flags]string{7: "fails"}[f])
}

func errorOf(text string) error {
	if text == "fails" {
		return errors.New("it fails")
	}
	return nil
}

type (
	deep struct{ A, Both, Deep string }
	left struct {
		deep
		Both, Left string
		Tagged     string `json:"tagged"`
	}
	right struct {
		*deep
		Both, Right string
		Other       string `json:"tagged"`
	}
	Open  struct{ Open int }
	outer struct {
		left
		*right
		Open `json:"named"`
		A    string `json:"-"`
		//lint:ignore SA5008 a program may have such a tag
		Dash  string `json:"-,"`
		Right string `json:"right"`
		lemma
		//lint:ignore SA5008 a program may have such a tag
		Word lemma `json:"bad\"name"`
	}
)

func TestEncodeIsAsTheStandardLibraryHasIt(t *testing.T) {
	text, nothing, place := textual("x"), (*byPlace)(nil), &byPlace{"p"}
	nan := []any{math.NaN(), float32(math.Inf(-1)), func() {}, make(chan int), 1i, map[float64]int{}, map[bool]int(nil), struct{ F func() }{}}
	for name, values := range map[string][]any{
		"nothing":  {nil, (*int)(nil), []int(nil), map[string]int(nil), []byte(nil), error(nil), json.RawMessage(nil), nothing, (*textual)(nil)},
		"scalars":  {true, -5, int8(-128), uint64(math.MaxUint64), uintptr(7), "a\"<\u2028\xff\x01é", lemma("w"), ratio(0.1)},
		"floats":   {0.0, math.Copysign(0, -1), 1e-6, 9.99e-7, 1e-7, 1e-10, 1e20, 1e21, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64},
		"float32s": {float32(1e-6), float32(9.9e-7), float32(1e21), float32(1e20), float32(3.4e38), float32(0.3)},
		"numbers":  {json.Number(""), json.Number("-1.50e+3"), json.Number("01"), json.Number("1 "), json.Number("x"), map[string]json.Number{"a": "1"}},
		"raw":      {json.RawMessage(` { "a" : [ 1 , "<" ] } `), json.RawMessage(""), json.RawMessage("{"), &json.RawMessage{'1'}, []json.RawMessage{nil, []byte("1")}},
		"deep raw": {json.RawMessage(strings.Repeat("[", 600) + " " + strings.Repeat("]", 600))},
		"bytes":    {[]byte("hi"), []byte{}, [2]byte{1, 2}, []flags{1, 2}, []ratio{1}, [0]int{}, []any{}},
		"methods":  {byValue{"x"}, &byValue{"x"}, byPlace{"x"}, place, []byPlace{{"in a slice"}}, [1]byPlace{{"in an array"}}, &[1]byPlace{{"there"}}, map[string]byPlace{"k": {"v"}}, asText{"t"}, &text, text, []textual{"y"}, &struct{ T textual }{"z"}},
		"maps":     {map[string]any{"b": 1, "a": []any{nil, "x"}, "": map[string]any{}}, map[int8]bool{-1: true, 10: false, 2: true}, map[uint]string{3: "c"}, map[asText]int{{"k"}: 1}, map[flags]int{2: 1}, map[lemma]*int{"w": nil}, map[netip.Addr]int{netip.MustParseAddr("::1"): 2}},
		"structs":  {struct{}{}, sample{Name: "n", On: new(true), Bytes: []byte{1}, Any: loose{1.5}}, &inner{N: 2}, struct{ a, B int }{1, 2}, Open{3}},
		"embedded": {outer{}, outer{left: left{deep: deep{"a", "b", "c"}}, right: &right{Right: "r", deep: &deep{Deep: "d"}}, lemma: "w"}, struct{ *left }{}, struct{ left }{}, struct{ right }{right{deep: &deep{A: "x"}}}, struct{ lemma }{"w"}, struct{ *Open }{&Open{4}}},
		"omitted": {
			struct {
				A []int          `json:",omitempty"`
				B [0]int         `json:",omitempty"`
				C struct{}       `json:",omitempty"`
				D *int           `json:",omitempty"`
				E any            `json:",omitempty"`
				F float64        `json:",omitempty"`
				G time.Time      `json:",omitempty"`
				H map[string]int `json:"h,omitempty"`
			}{A: []int{}, H: map[string]int{}},
			struct {
				A []int     `json:",omitzero"`
				B time.Time `json:",omitzero"`
				C never     `json:",omitzero"`
				D always    `json:",omitzero"`
				E *never    `json:",omitzero"`
				F any       `json:",omitzero"`
				G zeroer    `json:",omitzero"`
				H zeroer    `json:",omitzero"`
			}{A: []int{}, D: always{1}, F: (*int)(nil), G: (*never)(nil), H: never{}},
			struct {
				A float64 `json:"a,omitempty,omitzero,string"`
				B int     `json:"b,omitempty,string"`
			}{A: 1},
		},
		"quoted": {struct {
			A int      `json:",string"`
			B *string  `json:",string"`
			C string   `json:",string"`
			D *float64 `json:",string"`
			E bool     `json:",string"`
			//lint:ignore SA5008 a program may have such a tag
			F []int       `json:",string"`
			G json.Number `json:",string"`
			H flags       `json:",string"`
		}{A: 1, C: "a\"<é", D: new(0.5), F: []int{1}}},
		"refused":  nan,
		"failing":  {broken{"fails"}, flags(7), map[flags]int{7: 1}, broken{"{"}, broken{""}, []any{broken{"1 2"}}, map[string]any{"x": math.NaN()}, &loop{List: []any{make(chan int)}}},
		"anything": {&loop{Next: &loop{}, List: []any{&loop{}}}, []any{1, "a", nil, 2.5, []string{"x"}}, time.Date(2026, 7, 5, 1, 2, 3, 4, time.UTC), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range values {
				want, wantErr := standard(v)
				got, err := Encode(v)
				if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
					t.Errorf("%T %v: error = %v, want %v", v, v, err, wantErr)
				}
				if diff := cmp.Diff(want, string(got)); wantErr == nil && diff != "" {
					t.Errorf("%T (-want +got):\n%s", v, diff)
				}
			}
		})
	}
}

func TestEncodeRefusesCycles(t *testing.T) {
	pointer := &loop{}
	pointer.Next = pointer
	object := map[string]any{}
	object["x"] = object
	list := []any{nil}
	list[0] = list
	for name, v := range map[string]any{"a pointer": pointer, "a map": object, "a slice": list, "between them": &loop{Map: map[string]any{"x": list}}} {
		t.Run(name, func(t *testing.T) {
			_, err := Encode(v)
			require.ErrorContains(t, err, "encountered a cycle via")
		})
	}
	var tower any
	for range 3 * maxDepth {
		tower = []any{tower}
	}
	want, err := standard(tower)
	require.NoError(t, err)
	got, err := Encode(tower)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// Whatever JSON holds, as Go has it, comes back as encoding/json would write it.
func FuzzEncodeAny(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,-0,1e21,1e-7,"\u2028<",null,true],"":{"b":{}}}`, `"\ud83d"`, `1E400`, `[[[]]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		want, err := standard(v)
		require.NoError(t, err)
		got, err := Encode(v)
		require.NoError(t, err)
		if string(got) != want {
			t.Errorf("Encode = %s, want %s", got, want)
		}
	})
}
