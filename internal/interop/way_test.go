package interop

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/translate"
)

// way is how a client's requests come to the local gateway.
type way string

const (
	direct     way = "direct"
	translated way = "translated" // to a gateway that speaks the other format only
)

func eachWay(t *testing.T, test func(t *testing.T, w way)) {
	t.Helper()
	for _, w := range []way{direct, translated} {
		t.Run(string(w), func(t *testing.T) { test(t, w) })
	}
}

// pick is what is expected of a way.
func pick[T any](w way, ofDirect, ofTranslated T) T {
	if w == direct {
		return ofDirect
	}
	return ofTranslated
}

// front is what the client talks to. Judges check the answers that it gets, and, where
// they are translated, the requests and answers behind.
func (w way) front(t *testing.T, client translate.Format, gateway http.Handler) http.Handler {
	t.Helper()
	if w == direct {
		return newJudge(t, gateway)
	}
	server := translate.Chat
	if client == translate.Chat {
		server = translate.Messages
	}
	behind := newJudge(t, oneFormat{gateway, t, server})
	behind.requests = true
	upstream := httptest.NewServer(behind)
	t.Cleanup(upstream.Close)
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return newJudge(t, translate.Handler(address, &translate.RoundTripper{
		Server: server, Next: transport, Translator: translate.Translator{KeepReasoning: true},
	}))
}

// oneFormat is a gateway that should get requests of one format only.
type oneFormat struct {
	http.Handler
	t      testing.TB
	format translate.Format
}

// ServeHTTP implements [http.Handler].
func (o oneFormat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wrong := "/chat/completions"
	if o.format == translate.Chat {
		wrong = "/messages"
	}
	if strings.Contains(r.URL.Path, wrong) {
		o.t.Errorf("a server of %s got %s %s", o.format, r.Method, r.URL)
	}
	o.Handler.ServeHTTP(w, r)
}
