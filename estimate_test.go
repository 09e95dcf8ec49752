package keeprouter_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// offlineClient counts a token for each byte and has no server.
func offlineClient(t *testing.T) *keeprouter.Client {
	t.Helper()
	srv := keeproutertest.NewServer(t)
	t.Cleanup(func() { require.Empty(t, srv.Requests(), "an estimate sends nothing") })
	return clientOf(t, srv, func(o *keeprouter.Options) { o.TokenCounter = byteCounter{} })
}

func TestEstimateCountsEveryPart(t *testing.T) {
	schema := json.RawMessage(`{ "type": "object" }`)
	tools := []keeprouter.ChatTool{{Name: "f", Description: "does", Parameters: schema}}
	const tool = `{"name":"f","description":does,"parameters":{"type":"object"}}`
	for name, tc := range map[string]struct {
		req       keeprouter.Request
		texts     string // what is counted
		overhead  int64  // of the template
		uncounted []string
	}{
		"chat": {
			req:   &keeprouter.ChatRequest{Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")}},
			texts: "Hello", overhead: 13,
		},
		"chat, thinking": {
			req:   &keeprouter.ChatRequest{ReasoningEffort: "high", Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")}},
			texts: "Hello", overhead: 16,
		},
		"chat, conversation with tools": {
			req: &keeprouter.ChatRequest{Tools: tools, Messages: []keeprouter.ChatMessage{
				keeprouter.Developer("Be terse."),
				keeprouter.User("Weather?"),
				{Role: "assistant", Reasoning: "hm", ToolCalls: []keeprouter.ChatToolCall{{ID: "1", Name: "f", Arguments: `{"a":1}`}}},
				keeprouter.ToolResult("1", "sunny"),
				{Role: "assistant", Refusal: "no", Content: keeprouter.ChatParts{&keeprouter.RefusalPart{Refusal: "never"}}},
			}},
			texts: "Be terse." + "Weather?" + "hm" + "f" + `{"a":1}` + "f" + "sunny" + "no" + "never" + tool, overhead: 13 + 4*5 + 5 + 5,
		},
		"chat, what can't be counted": {
			req: &keeprouter.ChatRequest{
				WebSearchOptions: &keeprouter.ChatWebSearch{},
				Messages: []keeprouter.ChatMessage{
					keeprouter.User("See", keeprouter.ImageURL("https://example.com/a.png"), keeprouter.AudioData("wav", nil), &keeprouter.RawPart{JSON: json.RawMessage(`{"x":1}`)}),
					{Role: "assistant", Audio: &keeprouter.ChatAudio{ID: "a"}},
				},
			},
			texts: "See" + `{"x":1}`, overhead: 18,
			uncounted: []string{"messages[0].content[1]", "messages[0].content[2]", "messages[1].audio", "web_search_options"},
		},
		"messages": {
			req:   ask(),
			texts: "Hello", overhead: 13,
		},
		"messages, conversation with tools": {
			req: &keeprouter.MessagesRequest{
				MaxTokens: 10, System: keeprouter.TextBlocks("Be terse."),
				Thinking: &keeprouter.MessagesThinking{Type: "disabled"},
				Tools:    []keeprouter.MessagesTool{{Name: "f", Description: "does", InputSchema: schema}},
				Messages: []keeprouter.Message{
					keeprouter.UserMessage("Weather?"),
					{Role: "assistant", Content: keeprouter.Blocks{
						&keeprouter.ThinkingBlock{Thinking: "hm"},
						&keeprouter.ToolUseBlock{ID: "1", Name: "f", Input: json.RawMessage(`{"a":1}`)},
					}},
					keeprouter.ToolResultMessage((&keeprouter.ToolUseBlock{ID: "1"}).Result("sunny")),
				},
			},
			texts: "Be terse." + "Weather?" + "hm" + "f" + `{"a":1}` + "f" + "sunny" + tool, overhead: 13 + 3*5 + 5 + 5,
		},
		"messages, documents and what can't be counted": {
			req: &keeprouter.MessagesRequest{
				MaxTokens: 10,
				Tools:     []keeprouter.MessagesTool{{Type: "web_search_20260318", Name: "web_search"}},
				Messages: []keeprouter.Message{keeprouter.UserMessage("",
					&keeprouter.DocumentBlock{Title: "T", Source: keeprouter.DataSource("text/plain", []byte("text"))},
					&keeprouter.DocumentBlock{Title: "P", Source: keeprouter.DataSource("application/pdf", []byte("pdf"))},
					&keeprouter.ImageBlock{Source: keeprouter.URLSource("https://example.com/a.png")},
					&keeprouter.SearchResultBlock{Source: "s", Title: "t", Content: keeprouter.TextBlocks("found")},
				)},
			},
			texts: "T" + "text" + "P" + "s" + "t" + "found", overhead: 13,
			uncounted: []string{"messages[0].content[1]", "messages[0].content[2]", "tools[0]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			est, err := offlineClient(t).Estimate(withModel(tc.req, keeprouter.Gemma4_31B))
			require.NoError(t, err)
			n := int64(len(tc.texts))
			require.Equal(t, n, est.Input.Low, "a server may count without its template")
			require.Equal(t, n+tc.overhead, est.Input.Expected)
			require.Equal(t, n+tc.overhead, est.Input.High)
			require.Greater(t, est.Input.Bound, est.Input.High)
			require.Equal(t, "bytes", est.Input.Method)
			require.Equal(t, "gemma4-large 2026-07-09", est.Template)
			if diff := cmp.Diff(tc.uncounted, est.Uncounted); diff != "" {
				t.Errorf("uncounted (-want +got):\n%s", diff)
			}
		})
	}
}

func withModel(req keeprouter.Request, model string) keeprouter.Request {
	switch r := req.(type) {
	case *keeprouter.ChatRequest:
		r.Model = model
	case *keeprouter.MessagesRequest:
		r.Model = model
	}
	return req
}

func TestEstimateCountsAnOutputSchemaAsPossible(t *testing.T) {
	req := hello()
	req.ResponseFormat = &keeprouter.ChatResponseFormat{Schema: json.RawMessage(`{}`)}
	with, err := offlineClient(t).Estimate(req)
	require.NoError(t, err)
	without, err := offlineClient(t).Estimate(hello())
	require.NoError(t, err)
	require.Equal(t, without.Input.Expected, with.Input.Expected)
	require.Equal(t, without.Input.High+2, with.Input.High)
	require.Equal(t, without.Input.Bound+2, with.Input.Bound)
}

func TestEstimateAmounts(t *testing.T) {
	// "Hello" has five tokens by the byte counter, and 13 more by the template.
	for name, tc := range map[string]struct {
		change        func(*keeprouter.ChatRequest)
		min, expected keeprouter.Money
		output        int64 // the most
		text          string
	}{
		"limit": {
			change: func(r *keeprouter.ChatRequest) { r.MaxTokens = new(100) },
			min:    price(5, 0), expected: price(18, 50), output: 100,
		},
		"two limits": {
			change: func(r *keeprouter.ChatRequest) { r.MaxTokens, r.MaxCompletionTokens = new(100), new(201) },
			min:    price(5, 0), expected: price(18, 101), output: 201,
		},
		"three answers": {
			change: func(r *keeprouter.ChatRequest) { r.MaxTokens, r.N = new(100), new(3) },
			min:    price(5, 0), expected: price(18, 150), output: 300,
		},
		"a prediction that may be thrown away": {
			change: func(r *keeprouter.ChatRequest) {
				r.MaxTokens = new(100)
				r.Prediction = &keeprouter.ChatPrediction{Content: keeprouter.ChatParts{&keeprouter.TextPart{Text: "seven.."}}}
			},
			min: price(5, 0), expected: price(18, 50), output: 107,
		},
	} {
		t.Run(name, func(t *testing.T) {
			req := hello()
			tc.change(req)
			est, err := offlineClient(t).Estimate(req)
			require.NoError(t, err)
			require.Equal(t, tc.min, est.Min)
			require.Equal(t, tc.expected, est.Expected)
			require.Equal(t, price(est.Input.Bound, tc.output), est.Max)
			require.False(t, est.Unbounded)
			require.Equal(t, est.Min.String()+" to "+est.Max.String(), est.String())
		})
	}
}

func TestEstimateWithoutALimitIsUnbounded(t *testing.T) {
	est, err := offlineClient(t).Estimate(hello())
	require.NoError(t, err)
	require.True(t, est.Unbounded)
	require.Equal(t, keeprouter.Money(math.MaxInt64), est.Max, "whatever it is compared with, it is too much")
	require.Equal(t, "at least "+est.Min.String()+", without a limit", est.String())
}

func TestEstimateRefusesWhatItCannotPrice(t *testing.T) {
	client := offlineClient(t)
	_, err := client.Estimate(withModel(hello(), "gemma-4-31b"))
	require.ErrorIs(t, err, keeprouter.ErrUnknownModel)
	_, err = client.Estimate(nil)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	_, err = client.Estimate((*keeprouter.ChatRequest)(nil))
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	huge := hello()
	huge.MaxTokens = new(math.MaxInt)
	_, err = client.Estimate(huge)
	require.ErrorIs(t, err, keeprouter.ErrOverflow)
	huge.N = new(3)
	_, err = client.Estimate(huge)
	require.ErrorIs(t, err, keeprouter.ErrOverflow)
}

// TestEstimateBracketsTheCost holds the amounts to what the local gateway charges for
// any answer within the limit.
func TestEstimateBracketsTheCost(t *testing.T) {
	texts := []string{"Hello", strings.Repeat("A longer prompt. ", 50), "数字 12345 и слова"}
	for _, text := range texts {
		for _, output := range []int64{1, 50, 100} {
			req := &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, MaxTokens: new(100), Messages: []keeprouter.ChatMessage{keeprouter.User(text)}}
			count := keeprouter.DefaultTokenCounter().CountText(text)
			srv := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "x", Usage: &keeproutertest.Usage{Input: count.Expected + 13, Output: output}})
			client := clientOf(t, srv, nil)
			est, err := client.Estimate(req)
			require.NoError(t, err)
			resp, err := client.Chat.Create(t.Context(), req)
			require.NoError(t, err)
			require.GreaterOrEqual(t, resp.Cost.Total, est.Min)
			require.LessOrEqual(t, resp.Cost.Total, est.Max)
		}
	}
}

func TestGatewayCountsForEstimates(t *testing.T) {
	srv := keeproutertest.NewServer(t)
	client := clientOf(t, srv, nil)
	exact, err := client.With(func(o *keeprouter.Options) { o.TokenCounter = client.Messages.TokenCounter(t.Context()) })
	require.NoError(t, err)
	count, err := client.Messages.CountTokens(t.Context(), ask())
	require.NoError(t, err)

	est, err := exact.Estimate(ask())
	require.NoError(t, err)
	require.True(t, est.Input.Exact())
	require.Equal(t, count.InputTokens, est.Input.Expected)
	require.Equal(t, "count_tokens", est.Input.Method)
	require.Equal(t, price(count.InputTokens, 0), est.Min)

	_, err = exact.Estimate(hello())
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
}
