package lane

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const learned = `{"id":"x","at":17,"text":"x"}`

// template has the id, the time and the text as slots 2, 0 and 1.
func template(t *testing.T) *Template {
	t.Helper()
	var tmpl Template
	text := []byte(learned)
	id, text2 := strings.Index(learned, `"x"`), strings.LastIndex(learned, `"x"`)
	at := strings.Index(learned, "17")
	require.True(t, tmpl.Learn(text, text[at:at+2], text[text2:text2+3], text[id:id+3], nil))
	return &tmpl
}

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		name, event string
		want        []string // the slots, nil if it doesn't match
	}{
		{"the same", learned, []string{"17", `"x"`, `"x"`}},
		{"other values", `{"id":"","at":0,"text":"a\n\u00e9日\ud83d"}`, []string{"0", `"a\n\u00e9日\ud83d"`, `""`}},
		{"bytes that are no UTF-8", "{\"id\":\"\xff\",\"at\":1,\"text\":\"\"}", []string{"1", `""`, "\"\xff\""}},
		{"another name", `{"ID":"x","at":17,"text":"x"}`, nil},
		{"another order", `{"at":17,"id":"x","text":"x"}`, nil},
		{"white space", `{"id": "x","at":17,"text":"x"}`, nil},
		{"more", `{"id":"x","at":17,"text":"x","more":1}`, nil},
		{"a leading zero", `{"id":"x","at":01,"text":"x"}`, nil},
		{"a sign", `{"id":"x","at":-1,"text":"x"}`, nil},
		{"a fraction", `{"id":"x","at":1.5,"text":"x"}`, nil},
		{"too many digits", `{"id":"x","at":1234567890123456789,"text":"x"}`, nil},
		{"no digits", `{"id":"x","at":,"text":"x"}`, nil},
		{"a control character", "{\"id\":\"x\",\"at\":17,\"text\":\"a\tb\"}", nil},
		{"an escape that isn't one", `{"id":"x","at":17,"text":"\x"}`, nil},
		{"a surrogate cut short", `{"id":"x","at":17,"text":"\ud8"}`, nil},
		{"what may be an error's name", `{"id":"x","at":17,"text":"error"}`, nil},
		{"what may be one's name at its end", `{"id":"x","at":17,"text":"\"error"}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tmpl := template(t)
			n := tmpl.Match([]byte(tc.event + "rest"))
			if tc.want == nil {
				if n != Miss {
					t.Errorf("Match = %d, want a miss", n)
				}
				return
			}
			if n != len(tc.event) {
				t.Fatalf("Match = %d, want %d", n, len(tc.event))
			}
			var got []string
			for _, slot := range tmpl.Slots[:3] {
				got = append(got, string(slot.Literal))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("slots (-want +got):\n%s", diff)
			}
			for i := range len(tc.event) {
				if n := tmpl.Match([]byte(tc.event[:i])); n != Short {
					t.Errorf("Match of the first %d bytes = %d, want %d", i, n, Short)
				}
			}
		})
	}
}

func TestLearnRefuses(t *testing.T) {
	text := []byte(`{"a":"x","b":-1,"c":[1],"d":"x"}`)
	for name, values := range map[string][][]byte{
		"a copy":              {[]byte(`"x"`)},
		"a part of a string":  {text[5:7]},
		"a sign":              {text[13:15]},
		"a list":              {text[20:23]},
		"nothing":             {{}},
		"more than slots are": make([][]byte, MaxSlots+1),
	} {
		t.Run(name, func(t *testing.T) {
			var tmpl Template
			if tmpl.Learn(text, values...) || tmpl.Learned() {
				t.Errorf("%q was learned", values)
			}
		})
	}
}
