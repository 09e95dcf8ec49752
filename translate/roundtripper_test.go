package translate_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

func TestWhatCannotBeCarriedIsRefusedInTheClientsFormat(t *testing.T) {
	client, srv := routed(t, path{wrap: through(translate.Messages)})
	_, err := client.Chat.Create(t.Context(), &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, N: new(2), Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
	})
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	require.Empty(t, srv.Requests())
}

func TestTokensAreCountedForAChatServer(t *testing.T) {
	client, srv := routed(t, path{wrap: through(translate.Chat)})
	count, err := client.Messages.CountTokens(t.Context(), &keeprouter.MessagesRequest{
		Model: "another", Messages: []keeprouter.Message{keeprouter.UserMessage("Hello there.")},
	})
	require.NoError(t, err)
	require.Greater(t, count.InputTokens, int64(13))
	require.Less(t, count.InputTokens, int64(20))
	require.Empty(t, srv.Requests())
}

func TestHandlerGivesBothFormats(t *testing.T) {
	gateway := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "one"}, keeproutertest.Reply{Deltas: []string{"t", "w", "o"}})
	upstream := httptest.NewServer(gateway)
	defer upstream.Close()
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	var reported []string
	proxy := httptest.NewServer(translate.Handler(address, &translate.RoundTripper{
		Server: translate.Chat,
		Report: func(_ *http.Request, d translate.Diagnostic) { reported = append(reported, d.Path) },
	}))
	defer proxy.Close()
	client, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey(keeproutertest.Key), BaseURL: proxy.URL, XAPIKey: true})
	require.NoError(t, err)

	resp, err := client.Chat.Create(t.Context(), &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")}})
	require.NoError(t, err)
	require.Equal(t, "one", resp.Text())
	streamed, err := client.Messages.Stream(t.Context(), &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 10, TopK: new(3), Metadata: &keeprouter.MessagesMetadata{UserID: "u"},
		Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
	}).Result()
	require.NoError(t, err)
	require.Equal(t, "two", streamed.Text())
	require.Equal(t, "/v1/chat/completions", gateway.Requests()[1].Path)

	upstream.Close()
	_, err = client.Messages.Create(t.Context(), &keeprouter.MessagesRequest{Model: keeprouter.Gemma4_31B, MaxTokens: 10, Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")}})
	require.Error(t, err)
}
