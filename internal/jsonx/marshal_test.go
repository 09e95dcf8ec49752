package jsonx

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

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

func TestMarshalRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		src   any
		extra map[string]any
	}{
		{"nothing to stand in", nil, map[string]any{"x": 1}},
		{"a nil pointer", (*inner)(nil), map[string]any{"x": 1}},
		{"a map", map[string]int{}, map[string]any{"x": 1}},
		{"a struct that is no object", netip.Addr{}, map[string]any{"x": 1}},
		{"a value without JSON", inner{}, map[string]any{"x": math.NaN()}},
		{"a field without JSON", sample{Price: math.Inf(1)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := MarshalAny(tt.src, tt.extra); err == nil {
				t.Errorf("MarshalAny = %s, want an error", got)
			}
		})
	}
}

// Extra members can't end the object, or bring a member along.
func TestMarshalChecksExtraMembers(t *testing.T) {
	for _, value := range []string{"{", `1,"n":2`, "1}", "x", " "} {
		got, err := Marshal(inner{}, map[string]json.RawMessage{"x": json.RawMessage(value)})
		if e, ok := errors.AsType[*Error](err); !ok || e.Path != "x" {
			t.Errorf("extra %q: Marshal = %s, %v, want an *Error at x", value, got, err)
		}
	}
	got, err := Marshal(inner{}, map[string]json.RawMessage{"x": nil, "a\"<": json.RawMessage(`"<"`)})
	require.NoError(t, err)
	if want := `{"a\"<":"<","x":null}`; string(got) != want {
		t.Errorf("Marshal = %s, want %s", got, want)
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

// records has a decoder of its own, as lists of variants do.
type records []record

func (r *records) UnmarshalJSON(data []byte) error {
	for i, element := range Elements(data) {
		var one record
		if err := one.UnmarshalJSON(element); err != nil {
			return within(fmt.Sprintf("[%d]", i), err)
		}
		*r = append(*r, one)
	}
	return nil
}

func TestRoundTripKeepsUnknownMembers(t *testing.T) {
	for _, data := range []string{
		`{"role":"user"}`,
		`{"role":"user","a":{"z":1,"y":[2]},"b":9007199254740993}`,
		`{"role":"","":null,"ROLE":"x","a":1e400,"é":"\ud83d"}`,
	} {
		var r record
		require.NoError(t, json.Unmarshal([]byte(data), &r))
		got, err := json.Marshal(r)
		require.NoError(t, err)
		if diff := cmp.Diff(data, string(got)); diff != "" {
			t.Errorf("a round trip changes it (-want +got):\n%s", diff)
		}
	}
}
