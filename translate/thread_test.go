package translate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/translate"
)

const threaded = `{"model":"m","max_tokens":9,"thread":{"type":"create"},"messages":[{"role":"user","content":"And now?"}]}`

// A server that keeps no conversations would answer the last message alone: the client
// must learn that it has to send all of them.
func TestThreadsAreRefused(t *testing.T) {
	var req keeprouter.MessagesRequest
	require.NoError(t, req.UnmarshalJSON([]byte(threaded)))
	for _, policy := range []translate.Policy{translate.Default, translate.Strict, translate.Lenient} {
		_, _, _, err := translate.Translator{Policy: policy}.ToChat(&req)
		require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
		require.ErrorContains(t, err, "thread_unsupported_request")
	}
}

func TestThreadsAreRefusedOnTheWire(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the server was asked")
	}))
	defer upstream.Close()
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	proxy := httptest.NewServer(translate.Handler(address, &translate.RoundTripper{Server: translate.Chat}))
	defer proxy.Close()
	resp, err := http.Post(proxy.URL+"/v1/messages", "application/json", strings.NewReader(threaded))
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Contains(t, string(body), `"type":"invalid_request_error"`)
	require.Contains(t, string(body), `"details":{"error_code":"thread_unsupported_request"}`)
}
