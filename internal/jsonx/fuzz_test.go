package jsonx

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// strict has the kinds that encoding/json and this package read alike.
type strict struct {
	Name  string            `json:"name"`
	Count int64             `json:"count"`
	Size  uint8             `json:"size"`
	Price float64           `json:"price"`
	On    *bool             `json:"on"`
	In    strictInner       `json:"in"`
	Ptr   *strictInner      `json:"ptr"`
	List  []strictInner     `json:"list"`
	Texts map[string]string `json:"texts"`
	Bytes []byte            `json:"bytes"`
	Raw   json.RawMessage   `json:"raw"`
	Any   loose             `json:"any"`
	At    time.Time         `json:"at"`
}

type strictInner struct {
	N    *int64   `json:"n"`
	Tags []string `json:"tags"`
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","count":1,"size":255,"price":1e-7,"on":true,"at":"2026-07-05T00:00:00Z"}`,
		`{"in":{"n":1,"tags":["x",null]},"ptr":{},"list":[{"n":null},{"tags":[]}]}`,
		`{"texts":{"a":"1","":"\u00e9"},"bytes":"aGk=","raw":[ 1 ],"any":{"x":[1,null,"y"]},"other":{}}`,
		`{"name":"\ud83d\ude00\ud83d x","any":"\ufffd"}`, "{\"name\":\"a\xf0\x9f\"}",
		`{"name":null,"ptr":null,"list":null,"texts":null,"bytes":null,"raw":null,"any":null}`,
		`[]`, `{"count":1.0}`, `{"Name":"x"}`, `{"name":"a","name":"b"}`, `{"count":1,}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want, got strict
		wantErr := json.Unmarshal(data, &want)
		_, err := Unmarshal(data, &got)
		switch {
		case !json.Valid(data):
			if diff := cmp.Diff(strict{}, got); err == nil || diff != "" {
				t.Fatalf("malformed JSON: error = %v, stored (-want +got):\n%s", err, diff)
			}
		case Kind(data) != '{':
			if err == nil {
				t.Fatalf("%q is no object and was accepted", data)
			}
		case wantErr == nil && depth(data) <= maxDepth && !tricky(t, data):
			require.NoError(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("not as encoding/json has it (-want +got):\n%s", diff)
			}
		}
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("error = %T, want an *Error", err)
		}
	})
}

// tricky reports whether two names in one object, or a name and a field's, differ
// in case at most: there the two packages differ on purpose.
func tricky(t *testing.T, data []byte) bool {
	switch Kind(data) {
	case '[':
		for _, value := range Elements(data) {
			if tricky(t, value) {
				return true
			}
		}
	case '{':
		names := strings.Fields("name count size price on in ptr list texts bytes raw any at n tags")
		seen := map[string]bool{}
		for _, m := range decoderMembers(t, data) {
			for _, name := range names {
				if strings.EqualFold(m.Name, name) && m.Name != name {
					return true
				}
			}
			if seen[m.Name] || tricky(t, []byte(m.Value)) {
				return true
			}
			seen[m.Name] = true
		}
	}
	return false
}

// depth returns how deeply valid JSON is nested.
func depth(data []byte) (deepest int) {
	now := 0
	dec := json.NewDecoder(bytes.NewReader(data))
	for token, err := dec.Token(); err == nil; token, err = dec.Token() {
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
	return deepest
}

// decoderMembers lists an object's members as encoding/json sees them.
func decoderMembers(t *testing.T, data []byte) (list []member) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	_, err := dec.Token()
	require.NoError(t, err)
	for dec.More() {
		name, err := dec.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, dec.Decode(&value))
		list = append(list, member{name.(string), string(value)})
	}
	return list
}

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[{"c":"}"}],"a":null}`, ` { "\u0061" : "\\" , "\"" : {} } `, `{}`, `[1,"]",{"a":[]}]`, `{"a"`, `{"a":1,}`, `[,]`,
		`{"a":"\ud83d","b":-0.5e+3}`, "{\"\xf0\":1}", `"a"`, ``, strings.Repeat("[", 1001) + strings.Repeat("]", 1001),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		members, elements := membersOf(data), elementsOf(data)
		extra, err := Unmarshal(data, &struct{}{})
		valid := json.Valid(data) && depth(data) <= maxDepth
		if (err == nil) != (valid && Kind(data) == '{') {
			t.Fatalf("Unmarshal(%q): error = %v, and json.Valid says %v", data, err, valid)
		}
		switch {
		case !valid:
		case Kind(data) == '{':
			want := decoderMembers(t, data)
			if diff := cmp.Diff(want, members); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			last := map[string]json.RawMessage(nil)
			for _, m := range want {
				if last == nil {
					last = map[string]json.RawMessage{}
				}
				last[m.Name] = json.RawMessage(m.Value)
			}
			if diff := cmp.Diff(last, extra); diff != "" {
				t.Errorf("extra (-want +got):\n%s", diff)
			}
		case Kind(data) == '[':
			var want []json.RawMessage
			require.NoError(t, json.Unmarshal(data, &want))
			require.Len(t, elements, len(want))
			for i := range want {
				if elements[i] != string(want[i]) {
					t.Errorf("element %d = %s, want %s", i, elements[i], want[i])
				}
			}
		}
	})
}

// FuzzUnquote holds decoding of literals equal to encoding/json's, malformed ones
// included.
func FuzzUnquote(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\ud83d\ude00"`, `"\ud83d\ud83d"`, `"\ud83dx\ude00"`, "\"\xf0\x9f\"", "\"\\ud83d\xf0\"", `"\/\b"`, `"\u12"`, `"a"b"`, `"\"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, literal []byte) {
		if Kind(literal) != '"' || len(bytes.TrimSpace(literal)) != len(literal) {
			return
		}
		var want string
		wantErr := json.Unmarshal(literal, &want)
		got, err := Unquote(literal)
		if (err == nil) != (wantErr == nil) || got != want {
			t.Errorf("Unquote(%q) = %q, %v; encoding/json has %q, %v", literal, got, err, want, wantErr)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
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

func FuzzText(f *testing.F) {
	f.Add("plain", uint8(2))
	f.Add("a😀é\n\"\\", uint8(3))
	f.Add("\x00\x1f\u2028", uint8(1))
	f.Fuzz(func(t *testing.T, s string, every uint8) {
		literal, err := json.Marshal(s)
		require.NoError(t, err)
		var want string
		require.NoError(t, json.Unmarshal(literal, &want))
		got, err := Unquote(literal)
		require.NoError(t, err)
		if got != want {
			t.Errorf("Unquote(%s) = %q, want %q", literal, got, want)
		}

		step := int(every)%7 + 1
		var text Text
		handed := ""
		for body := []byte(want); len(body) > 0; {
			n := min(step, len(body))
			fragment, err := text.Append(quoteBytes(body[:n]))
			require.NoError(t, err)
			handed += fragment
			body = body[n:]
		}
		if text.String() != want || handed != want {
			t.Errorf("in pieces of %d bytes: %q, handed out %q, want %q", step, text.String(), handed, want)
		}
	})
}

// quoteBytes makes a literal of bytes that may be a part of a character.
func quoteBytes(b []byte) []byte {
	out := []byte{'"'}
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, []byte(`\u00`+string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15]))...)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
