package translate_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// path is a way from a client to the gateway.
type path struct {
	name  string
	wrap  func(http.RoundTripper) http.RoundTripper
	calls func(ctx context.Context, c *keeprouter.Client, stream bool) (result, error)
}

// result is what came of a call, in the terms of neither format.
type result struct {
	Text, Thinking string
	Calls          []string
	Usage          keeprouter.Usage
	Cost           string
}

func direct(next http.RoundTripper) http.RoundTripper { return next }

func through(server translate.Format) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return &translate.RoundTripper{Server: server, Next: next, Translator: translate.Translator{KeepReasoning: true}}
	}
}

func callChat(ctx context.Context, c *keeprouter.Client, stream bool) (result, error) {
	req := &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: new(100),
		Messages: []keeprouter.ChatMessage{keeprouter.System("Be terse."), keeprouter.User("Hello")},
		Tools:    []keeprouter.ChatTool{{Name: "now", Parameters: []byte(`{"type":"object","properties":{}}`)}},
	}
	var resp *keeprouter.ChatResponse
	var err error
	if stream {
		resp, err = c.Chat.Stream(ctx, req).Result()
	} else {
		resp, err = c.Chat.Create(ctx, req)
	}
	if resp == nil {
		return result{}, err
	}
	out := result{Text: resp.Text(), Thinking: resp.Message().Reasoning, Usage: resp.Usage, Cost: resp.Cost.String()}
	for _, call := range resp.ToolCalls() {
		out.Calls = append(out.Calls, call.Name+" "+call.Arguments)
	}
	return out, err
}

func callMessages(ctx context.Context, c *keeprouter.Client, stream bool) (result, error) {
	req := &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 100, System: keeprouter.TextBlocks("Be terse."),
		Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
		Tools:    []keeprouter.MessagesTool{{Name: "now", InputSchema: []byte(`{"type":"object","properties":{}}`)}},
	}
	var resp *keeprouter.MessagesResponse
	var err error
	if stream {
		resp, err = c.Messages.Stream(ctx, req).Result()
	} else {
		resp, err = c.Messages.Create(ctx, req)
	}
	if resp == nil {
		return result{}, err
	}
	out := result{Text: resp.Text(), Usage: resp.Usage, Cost: resp.Cost.String()}
	for _, b := range resp.Content {
		if thinking, ok := b.(*keeprouter.ThinkingBlock); ok {
			out.Thinking += thinking.Thinking
		}
	}
	for _, use := range resp.ToolUses() {
		out.Calls = append(out.Calls, use.Name+" "+string(use.Input))
	}
	return out, err
}

func paths() []path {
	return []path{
		{"Chat", direct, callChat},
		{"Messages", direct, callMessages},
		{"Chat by Messages", through(translate.Messages), callChat},
		{"Messages by Chat", through(translate.Chat), callMessages},
	}
}

func routed(t *testing.T, p path, replies ...keeproutertest.Reply) (*keeprouter.Client, *keeproutertest.Server) {
	t.Helper()
	srv := keeproutertest.NewServer(t, replies...)
	opts := srv.Options()
	opts.HTTPClient = &http.Client{Transport: p.wrap(opts.HTTPClient.Transport)}
	opts.Retry = &keeprouter.RetryPolicy{}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	return client, srv
}

func TestAnswersAreEqualOnEveryPath(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, CachedInput: 100, Output: 500}
	for name, reply := range map[string]keeproutertest.Reply{
		"text":  {Text: "Hello, you.", Usage: usage},
		"calls": {Text: "Let me look.", ToolCalls: []keeproutertest.ToolCall{{ID: "call_1", Name: "now", Arguments: `{"a":1}`}, {ID: "call_2", Name: "now"}}, Usage: usage},
		"cut":   {Text: "Hello, y", Finish: "length", Usage: usage},
	} {
		for _, stream := range []bool{false, true} {
			var want *result
			for _, p := range paths() {
				client, _ := routed(t, p, reply)
				got, err := p.calls(t.Context(), client, stream)
				require.NoError(t, err, "%s, %s", name, p.name)
				for i, call := range got.Calls {
					if call == "now " { // no arguments are an empty object in the other format
						got.Calls[i] = "now {}"
					}
				}
				if want == nil {
					want = &got
				}
				if diff := cmp.Diff(*want, got); diff != "" {
					t.Errorf("%s, stream %v, %s (-Chat +%s):\n%s", name, stream, p.name, p.name, diff)
				}
			}
			require.Equal(t, "$0.000295", want.Cost)
		}
	}
}

func TestErrorsAreEqualOnEveryPath(t *testing.T) {
	for name, tc := range map[string]struct {
		reply keeproutertest.Reply
		kind  error
	}{
		"refused key":  {keeproutertest.Reply{Status: 401}, keeprouter.ErrAuthentication},
		"rate limit":   {keeproutertest.Reply{Status: 429, RetryAfter: 3 * time.Second}, keeprouter.ErrRateLimited},
		"overload":     {keeproutertest.Reply{Status: 529}, keeprouter.ErrOverloaded},
		"broken":       {keeproutertest.Reply{Status: 500}, keeprouter.ErrServer},
		"in a stream":  {keeproutertest.Reply{Deltas: []string{"a", "b", "c"}, Status: 529, Fault: keeproutertest.Fault{ErrorAfterEvents: new(4)}}, keeprouter.ErrOverloaded},
		"cut stream":   {keeproutertest.Reply{Deltas: []string{"a", "b", "c"}, Fault: keeproutertest.Fault{EndAfterEvents: new(3)}}, nil},
		"broken event": {keeproutertest.Reply{Deltas: []string{"a", "b", "c"}, Fault: keeproutertest.Fault{MalformedAfterEvents: new(3)}}, nil},
	} {
		for _, p := range paths() {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				client, _ := routed(t, p, tc.reply)
				_, err := p.calls(t.Context(), client, true)
				require.Error(t, err)
				if tc.kind != nil {
					require.ErrorIs(t, err, tc.kind)
				}
			})
		}
	}
}

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
