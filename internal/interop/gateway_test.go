package interop

import (
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

const (
	model = "gemma-4-31B-it"

	// pixel is a PNG image of one pixel, in base64.
	pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

// gateway puts the local gateway on a port, for clients of one format, and returns its
// address.
func gateway(t *testing.T, w way, client translate.Format, replies ...keeproutertest.Reply) string {
	t.Helper()
	srv := httptest.NewServer(w.front(t, client, keeproutertest.NewServer(t, replies...)))
	t.Cleanup(srv.Close)
	return srv.URL
}

// weatherCall is a reply that calls two tools at once, with the arguments of one
// left empty.
func weatherCall() keeproutertest.Reply {
	return keeproutertest.Reply{
		Text: "Let me look.",
		ToolCalls: []keeproutertest.ToolCall{
			{ID: "call_a", Name: "get_weather", Arguments: `{"city":"Zürich","days":2}`},
			{ID: "call_b", Name: "get_time"},
		},
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
