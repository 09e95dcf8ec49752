package jsonx

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTextJoinsFragments(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fragments []string // literals
		views     []string
		want      string
	}{
		{"plain", []string{`"Hel"`, `"lo"`}, []string{"Hel", "lo"}, "Hello"},
		{"empty fragments", []string{`""`, `"a"`, `""`}, []string{"", "a", ""}, "a"},
		{"escapes", []string{`"a\n\"\\\/\b\f\r\t\u00e9"`}, []string{"a\n\"\\/\b\f\r\té"}, "a\n\"\\/\b\f\r\té"},
		{"a pair in one fragment", []string{`"\ud83d\ude00"`}, []string{"😀"}, "😀"},
		{"a pair in two", []string{`"a\ud83d"`, `"\ude00b"`}, []string{"a", "😀b"}, "a😀b"},
		{"a pair with an empty fragment between", []string{`"\ud83d"`, `""`, `"\ude00"`}, []string{"", "", "😀"}, "😀"},
		{"a high surrogate that stays alone", []string{`"\ud83d"`, `"a"`}, []string{"", "\ufffda"}, "\ufffda"},
		{"a high surrogate at the end", []string{`"a\ud83d"`}, []string{"a"}, "a\ufffd"},
		{"two high surrogates", []string{`"\ud83d"`, `"\ud83d\ude00"`}, []string{"", "\ufffd😀"}, "\ufffd😀"},
		{"a low surrogate alone", []string{`"\ude00"`}, []string{"\ufffd"}, "\ufffd"},
		{"a character cut between bytes", []string{"\"a\xf0\x9f\"", "\"\x98\x80b\""}, []string{"a", "😀b"}, "a😀b"},
		{"a cut character at the end", []string{"\"a\xf0\x9f\""}, []string{"a"}, "a\ufffd"},
		{"invalid bytes", []string{"\"a\xffb\""}, []string{"a\ufffdb"}, "a\ufffdb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var text Text
			var views []string
			for _, f := range tt.fragments {
				v, err := text.Append([]byte(f))
				require.NoError(t, err)
				views = append(views, v)
			}
			if diff := cmp.Diff(tt.views, views); diff != "" {
				t.Errorf("views (-want +got):\n%s", diff)
			}
			if got := text.String(); got != tt.want {
				t.Errorf("text = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextRefuses(t *testing.T) {
	for _, literal := range []string{``, `"`, `a`, `"a`, `12`, `"\x"`, `"\u12"`, `"\uzzzz"`, `"a"b"`, "\"a\nb\"", `"\"`} {
		if got, err := Unquote([]byte(literal)); err == nil {
			t.Errorf("Unquote(%s) = %q, want an error", literal, got)
		}
	}
}

func TestTextViewsStayValid(t *testing.T) {
	var text Text
	var views []string
	for i := range 5000 {
		piece := strings.Repeat(string(rune('a'+i%26)), i%40)
		if i%2 == 0 {
			views = append(views, text.AppendString(piece))
			continue
		}
		v, err := text.Append([]byte(`"` + piece + `"`))
		require.NoError(t, err)
		views = append(views, v)
	}
	if got := strings.Join(views, ""); got != text.String() || len(got) != text.Len() {
		t.Errorf("the views no longer make the text")
	}
}

func TestTextAllocates(t *testing.T) {
	literal := []byte(`"four"`)
	var text Text
	allocs := testing.AllocsPerRun(10000, func() {
		if _, err := text.Append(literal); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0.01 {
		t.Errorf("%.3f allocations a fragment, want next to none", allocs)
	}
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
