package keeproutertest

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// FuzzCassette holds that what is recorded is what is replayed: the answer to the byte,
// the request by its values. Any text is a cassette or an error.
func FuzzCassette(f *testing.F) {
	f.Add([]byte(`{"a": [1, "x"]}`), []byte("data: {}\n\ndata: [DONE]\n\n"), "req_1", helloText)
	f.Add([]byte(""), []byte("\n  \n> POST /\n< 200\n\r\n"), "", "> \n< 200\n  \n\n> a\nx: y\n  b\n< 404\n")
	f.Add([]byte("  \n< 500"), []byte("\x00\xff"), "a: b", "> GET /\n< 200\nbody-is-base64: true\n  AA==\n")
	f.Add([]byte("{\n}"), []byte{}, "v", "> GET /")
	f.Fuzz(func(t *testing.T, asked, answered []byte, id, text string) {
		h := http.Header{"Content-Type": {"text/plain"}}
		if isLine(id) {
			h["X-Request-Id"] = []string{id}
		}
		recorded := []*exchange{
			{message{"POST /v1/messages", http.Header{"Accept": {"a"}}, asked}, message{"200", h, answered}},
			{message{"GET /v1/models", http.Header{}, nil}, message{"404", http.Header{}, asked}},
		}
		read, err := readCassette(writeCassette(recorded))
		require.NoError(t, err)
		require.Len(t, read, len(recorded))
		for i, want := range recorded {
			got := read[i]
			if diff := cmp.Diff(string(want.response.body), string(got.response.body)); diff != "" {
				t.Errorf("the answer (-recorded +read):\n%s", diff)
			}
			if !sameBody(want.request.body, got.request.body) {
				t.Errorf("the request %q is read as %q", want.request.body, got.request.body)
			}
			if diff := cmp.Diff([]any{want.request.start, want.response.start, want.response.header}, []any{got.request.start, got.response.start, got.response.header}); diff != "" {
				t.Errorf("start and header (-recorded +read):\n%s", diff)
			}
		}
		if exchanges, err := readCassette(text); err == nil {
			again, err := readCassette(writeCassette(exchanges))
			require.NoError(t, err)
			require.Len(t, again, len(exchanges))
		}
	})
}

const helloText = "> POST /v1/chat/completions\ncontent-type: application/json\n  {}\n< 200\n  data: {}\n  \n"

// isLine reports whether a text can be the value of a header.
func isLine(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return false
		}
	}
	return s != ""
}
