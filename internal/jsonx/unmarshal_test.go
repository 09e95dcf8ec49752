package jsonx

import (
	"encoding/json"
	"errors"
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
	Any   any              `json:"any,omitzero"`
	At    time.Time        `json:"at,omitzero"`
	Skip  string           `json:"-"`
}

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
				Map: map[string]int64{"x": 1}, Raw: json.RawMessage("[1, 2]"), Any: map[string]any{"k": 1.0}, At: time.Date(2026, 7, 5, 0, 0, 0, 0, time.UTC),
			},
			nil,
		},
		{"null everywhere", `{"name":null,"count":null,"price":null,"on":null,"in":null,"ptr":null,"list":null,"map":null,"any":null}`, sample{}, nil},
		{"counters as floats and strings", `{"count":5.0,"in":{"n":1.7e3},"ptr":{"n":"12"},"price":"0.5"}`, sample{Count: 5, Price: 0.5, In: inner{N: 1700}, Ptr: &inner{N: 12}}, nil},
		{"scalars as a string", `{"name":400}`, sample{Name: "400"}, nil},
		{"names in another case are other names", `{"name":"a","NAME":"evil"}`, sample{Name: "a"}, map[string]json.RawMessage{"NAME": json.RawMessage(`"evil"`)}},
		{"a repeated name", `{"name":"a","name":"b"}`, sample{Name: "b"}, nil},
		{"an escaped name", `{"n\u0061me":"a"}`, sample{Name: "a"}, nil},
		{"fields without a JSON name", `{"Skip":"x","-":1}`, sample{}, map[string]json.RawMessage{"Skip": json.RawMessage(`"x"`), "-": json.RawMessage("1")}},
		{"unknown inside", `{"in":{"n":1,"x":{"y":2}}}`, sample{In: inner{N: 1, Extra: map[string]json.RawMessage{"x": json.RawMessage(`{"y":2}`)}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			extra, err := Unmarshal([]byte(tt.data), &got)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
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
		{"object as a string", `{"name":{}}`, "name"},
		{"fraction as a counter", `{"count":1.5}`, "count"},
		{"text as a counter", `{"count":"many"}`, "count"},
		{"text in a list", `{"list":[{"n":1},{"n":[]}]}`, "list[1].n"},
		{"string as an object", `{"in":"x"}`, "in"},
		{"object as a list", `{"list":{}}`, "list"},
		{"text in a map", `{"map":{"x":"y"}}`, "map.x"},
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

func TestMarshal(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	got, err := Marshal(sample{Name: "<a>"}, map[string]json.RawMessage{"z": raw(`{"b":1,"a":2}`), "y": raw("1.0")})
	require.NoError(t, err)
	if want := `{"name":"<a>","y":1.0,"z":{"b":1,"a":2}}`; string(got) != want {
		t.Errorf("Marshal = %s, want %s", got, want)
	}
	got, err = MarshalAny(&inner{}, map[string]any{"top_k": 40, "none": nil})
	require.NoError(t, err)
	if want := `{"none":null,"top_k":40}`; string(got) != want {
		t.Errorf("MarshalAny = %s, want %s", got, want)
	}
	for _, name := range []string{"name", "count"} {
		_, err = MarshalAny(&sample{}, map[string]any{name: 1})
		clash, ok := errors.AsType[*ClashError](err)
		if !ok || clash.Name != name {
			t.Errorf("extra %s: error = %v, want a clash", name, err)
		}
	}
}

// record shows how a type keeps its unknown members through a round trip.
type record struct {
	Role  string                     `json:"role"`
	Extra map[string]json.RawMessage `json:"-"`
}

func (r record) MarshalJSON() ([]byte, error) {
	type plain record
	return Marshal(plain(r), r.Extra)
}

func (r *record) UnmarshalJSON(data []byte) (err error) {
	type plain record
	r.Extra, err = Unmarshal(data, (*plain)(r))
	return err
}

func TestRoundTripKeepsUnknownMembers(t *testing.T) {
	const data = `{"role":"user","a":{"z":1,"y":[2]},"b":9007199254740993}`
	var r record
	require.NoError(t, json.Unmarshal([]byte(data), &r))
	got, err := json.Marshal(r)
	require.NoError(t, err)
	if string(got) != data {
		t.Errorf("round trip = %s, want %s", got, data)
	}
}

func TestHeadAndKind(t *testing.T) {
	if got, ok := Head([]byte(`{"TYPE":"evil","type" : "te\u0078t"}`), "type"); got != "text" || !ok {
		t.Errorf("Head = %q, %v", got, ok)
	}
	if got, ok := Head([]byte(`{"type":1}`), "type"); ok {
		t.Errorf("Head of a number = %q", got)
	}
	for data, want := range map[string]byte{` {}`: '{', "[]": '[', `"a"`: '"', "null": 'n', "true": 't', "-1": '0', "7": '0', "": 0} {
		if got := Kind([]byte(data)); got != want {
			t.Errorf("Kind(%s) = %c, want %c", data, got, want)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"name":"a","count":1}`, `{"list":[{"n":1}],"x":null}`, `{"map":{"a":1},"any":[1,"b"]}`, `{"ptr":{"n":1}}`, `[]`, `{"name":"\ud83d"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got sample
		extra, err := Unmarshal(data, &got)
		if !json.Valid(data) && err == nil {
			t.Fatalf("malformed JSON was accepted: %q", data)
		}
		if err != nil {
			return
		}
		again, err := Marshal(got, extra)
		require.NoError(t, err)
		var back sample
		extraBack, err := Unmarshal(again, &back)
		require.NoError(t, err)
		once, err := Marshal(back, extraBack)
		require.NoError(t, err)
		if diff := cmp.Diff(string(again), string(once)); diff != "" {
			t.Errorf("a round trip changes it (-want +got):\n%s", diff)
		}
	})
}
