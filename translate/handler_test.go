package translate_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// A server that answers at once ends the client's request before net/http has asked
// whether there is more of it.
func TestHandlerPassesStreamsOfQuickServers(t *testing.T) {
	gateway := keeproutertest.NewServer(t)
	local := gateway.Options()
	upstream, err := url.Parse(local.BaseURL)
	require.NoError(t, err)
	proxy := httptest.NewServer(translate.Handler(upstream, &translate.RoundTripper{
		Server: translate.Messages, Next: local.HTTPClient.Transport,
	}))
	defer proxy.Close()
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key: keeprouter.NewKey(keeproutertest.Key), BaseURL: proxy.URL, Retry: &keeprouter.RetryPolicy{},
	})
	require.NoError(t, err)
	for range 10 {
		_, err := client.Messages.Stream(t.Context(), &keeprouter.MessagesRequest{
			Model: keeprouter.Gemma4_31B, MaxTokens: 100,
			Messages: []keeprouter.Message{keeprouter.UserMessage(strings.Repeat("Hello. ", 200))},
		}).Result()
		require.NoError(t, err)
	}
}
