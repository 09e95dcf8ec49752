package jsonx

import (
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
		{"a surrogate and then a cut character", []string{"\"\\ud83d\xf0\"", "\"\x9f\x98\x80\""}, []string{"\ufffd", "😀"}, "\ufffd😀"},
		{"a cut character that never goes on", []string{"\"\xf0\x9f\"", `"a"`}, []string{"", "\ufffd\ufffda"}, "\ufffd\ufffda"},
		{"a cut character before an escape", []string{"\"\xc3\"", `"\n"`}, []string{"", "\ufffd\n"}, "\ufffd\n"},
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

func TestUnquoteReplacesWhatHasNoCharacter(t *testing.T) {
	for literal, want := range map[string]string{
		`""`: "", `"\ud83d\ude00"`: "😀", `"\ud83d"`: "\ufffd", `"\ud83da"`: "\ufffda", `"\ude00\ud83d"`: "\ufffd\ufffd",
		"\"\xff\"": "\ufffd", "\"a\xf0\x9f\"": "a\ufffd\ufffd", "\"\xed\xa0\x80\"": "\ufffd\ufffd\ufffd",
	} {
		if got, err := Unquote([]byte(literal)); got != want || err != nil {
			t.Errorf("Unquote(%q) = %q, %v, want %q", literal, got, err, want)
		}
	}
}

// However a literal is cut in three, the views make the text. The cuts fall on
// every byte but those inside an escape, which no sender can cut.
func TestTextCutAnywhere(t *testing.T) {
	const body = `a\n\ud83d\ude00é😀\"\\` + "\u20ac\\u00e9\\ud83dx"
	want, err := Unquote([]byte(`"` + body + `"`))
	require.NoError(t, err)
	cuts := cutsOf(body)
	for _, i := range cuts {
		for _, j := range cuts {
			if j < i {
				continue
			}
			var text Text
			views := ""
			for _, piece := range []string{body[:i], body[i:j], body[j:]} {
				v, err := text.Append([]byte(`"` + piece + `"`))
				require.NoError(t, err)
				views += v
			}
			if views != want || text.Len() != len(want) || string(text.Bytes()) != want || text.String() != want {
				t.Errorf("cut at %d and %d: views %q, text %q, want %q", i, j, views, text.String(), want)
			}
		}
	}
}

// cutsOf returns where a literal's body can be cut: not inside an escape.
func cutsOf(body string) (cuts []int) {
	for i := 0; i < len(body); i++ {
		cuts = append(cuts, i)
		switch {
		case strings.HasPrefix(body[i:], `\u`):
			i += 5
		case body[i] == '\\':
			i++
		}
	}
	return append(cuts, len(body))
}

func TestTextViewsStayValid(t *testing.T) {
	var text Text
	var views, copies []string
	for i := range 5000 {
		piece := strings.Repeat(string(rune('a'+i%26)), i%40)
		switch i % 3 {
		case 0:
			views = append(views, text.AppendString(piece))
		case 1:
			v, err := text.Append([]byte(`"` + piece + `"`))
			require.NoError(t, err)
			views = append(views, v)
		default: // grows to three times its length
			v, err := text.Append([]byte(`"` + strings.Repeat("\xff", i%40) + `"`))
			require.NoError(t, err)
			views, piece = append(views, v), strings.Repeat("\ufffd", i%40)
		}
		copies = append(copies, piece)
	}
	if diff := cmp.Diff(copies, views); diff != "" {
		t.Errorf("views (-want +got):\n%s", diff)
	}
	if want := strings.Join(copies, ""); string(text.Bytes()) != want || text.String() != want || string(text.Bytes()) != want || text.Len() != len(want) {
		t.Error("the text is not what was appended")
	}
}

func TestTextTakesLongFragments(t *testing.T) {
	long := strings.Repeat("é", lastPiece)
	var text Text
	require.Equal(t, "a", text.AppendString("a"))
	v, err := text.Append([]byte(`"` + long + `"`))
	require.NoError(t, err)
	if v != long || text.AppendString("z") != "z" || text.String() != "a"+long+"z" {
		t.Error("a fragment beyond the largest piece doesn't come back whole")
	}
}

// Each piece is as large as all before it, up to the largest, so a long text is made of few.
func TestTextTakesFewPieces(t *testing.T) {
	allocs := testing.AllocsPerRun(5, func() {
		var text Text
		for range 1 << 16 {
			text.AppendString("sixteen letters.")
		}
	})
	if allocs > 50 { // 9 pieces up to the largest, 16 of that, and the list of them
		t.Errorf("%v allocations for 1 MiB, want few", allocs)
	}
}

// A fragment that can't be read leaves what waits for its rest.
func TestTextErrorChangesNothing(t *testing.T) {
	for _, tt := range []struct{ name, first, rest string }{
		{"a cut character", "\"a\xf0\x9f\"", "\"\x98\x80\""},
		{"half a pair", `"a\ud83d"`, `"\ude00"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var text Text
			_, err := text.Append([]byte(tt.first))
			require.NoError(t, err)
			if _, err = text.Append([]byte(`"b\x"`)); err == nil {
				t.Fatal("a wrong escape was accepted")
			}
			_, err = text.Append([]byte(tt.rest))
			require.NoError(t, err)
			if got := text.String(); got != "a😀" {
				t.Errorf("text = %q, want %q", got, "a😀")
			}
		})
	}
}

func TestAppendStringEndsWhatWaits(t *testing.T) {
	for name, literal := range map[string]string{"half a pair": `"\ud83d"`, "a cut character": "\"\xf0\x9f\""} {
		t.Run(name, func(t *testing.T) {
			var text Text
			_, err := text.Append([]byte(literal))
			require.NoError(t, err)
			views := text.AppendString("") + text.AppendString("a")
			if want := "\ufffda"; views != want || text.String() != want || text.Len() != len(want) {
				t.Errorf("views %q, text %q of %d bytes, want %q", views, text.String(), text.Len(), want)
			}
		})
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

// A short value doesn't hold on to a long buffer.
func TestUnquoteTakesNoMoreThanItNeeds(t *testing.T) {
	literal := []byte(`"` + strings.Repeat("x", 200) + `"`)
	var got string
	allocs := testing.AllocsPerRun(100, func() { got, _ = Unquote(literal) })
	if allocs > 1 || len(got) != 200 {
		t.Errorf("%v allocations for %d bytes, want one at most", allocs, len(got))
	}
}
