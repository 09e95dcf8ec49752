package translate_test

import (
	"context"
	"encoding/json"
	"net/http"
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
	head  int // events of the gateway's stream before the first text
	wrap  func(http.RoundTripper) http.RoundTripper
	calls func(ctx context.Context, c *keeprouter.Client, stream bool) (result, error)
}

// Before the first text stands the role in Chat, and in Messages the start, a ping and
// the block's start.
const (
	chatHead     = 1
	messagesHead = 3
)

// result is what came of a call, in the terms of neither format.
type result struct {
	Text, Thinking string
	Calls          []string
	Finish         string
	Usage          keeprouter.Usage
	Cost, Reported string
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
	out := result{Text: resp.Text(), Thinking: resp.Message().Reasoning, Usage: resp.Usage}
	out.price(resp.Cost)
	if len(resp.Choices) > 0 {
		out.Finish = string(resp.Choices[0].FinishReason)
	}
	for _, call := range resp.ToolCalls() {
		out.add(call.ID, call.Name, call.Arguments)
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
	finish := map[keeprouter.StopReason]string{"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}
	out := result{Text: resp.Text(), Finish: finish[resp.StopReason], Usage: resp.Usage}
	out.price(resp.Cost)
	for _, b := range resp.Content {
		if thinking, ok := b.(*keeprouter.ThinkingBlock); ok {
			out.Thinking += thinking.Thinking
		}
	}
	for _, use := range resp.ToolUses() {
		out.add(use.ID, use.Name, string(use.Input))
	}
	return out, err
}

// add notes a call. No arguments in Chat are an empty object in Messages.
func (r *result) add(id, name, arguments string) {
	if arguments == "" {
		arguments = "{}"
	}
	r.Calls = append(r.Calls, id+" "+name+" "+arguments)
}

func (r *result) price(c keeprouter.Cost) {
	r.Cost = c.String()
	if c.Reported != nil {
		r.Reported = c.Reported.String()
	}
}

func paths() []path {
	return []path{
		{"Chat", chatHead, direct, callChat},
		{"Messages", messagesHead, direct, callMessages},
		{"Chat by Messages", messagesHead, through(translate.Messages), callChat},
		{"Messages by Chat", chatHead, through(translate.Chat), callMessages},
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
	call := func(id, arguments string) keeproutertest.ToolCall {
		return keeproutertest.ToolCall{ID: id, Name: "now", Arguments: arguments}
	}
	for name, tc := range map[string]struct {
		reply keeproutertest.Reply
		want  result // but for its usage
	}{
		"text": {keeproutertest.Reply{Text: "Hello, you.", Usage: usage}, result{Text: "Hello, you.", Finish: "stop", Cost: "$0.000295"}},
		"pieces": {
			keeproutertest.Reply{Deltas: []string{" He", "llo,\n\n", "“Zürich” 🏔", " \\u0041 <b>&"}, Usage: usage},
			result{Text: " Hello,\n\n“Zürich” 🏔 \\u0041 <b>&", Finish: "stop", Cost: "$0.000295"},
		},
		"a call": {
			keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{call("call_1", `{"b":1,"a":2}`)}, Usage: usage},
			result{Calls: []string{`call_1 now {"b":1,"a":2}`}, Finish: "tool_calls", Cost: "$0.000295"},
		},
		"calls": {
			keeproutertest.Reply{Text: "Let me look.", ToolCalls: []keeproutertest.ToolCall{call("call_1", `{"a":1}`), call("call_2", ""), call("call_3", "{}")}, Usage: usage},
			result{Text: "Let me look.", Calls: []string{`call_1 now {"a":1}`, "call_2 now {}", "call_3 now {}"}, Finish: "tool_calls", Cost: "$0.000295"},
		},
		"long arguments": {
			keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{
				call("call_1", `{"n":12345678901234567890.10,"e":1E400,"text":"“Zürich”, on the river Limmat: \"Altstadt\" \ud83c\udfd4 </script>","deep":[{"a":[[]]},null,true]}`),
				call("call_2", `{"a":1,"a":2}`),
			}, Usage: usage},
			result{Calls: []string{
				`call_1 now {"n":12345678901234567890.10,"e":1E400,"text":"“Zürich”, on the river Limmat: \"Altstadt\" \ud83c\udfd4 </script>","deep":[{"a":[[]]},null,true]}`,
				`call_2 now {"a":1,"a":2}`,
			}, Finish: "tool_calls", Cost: "$0.000295"},
		},
		"thinking": {keeproutertest.Reply{Thinking: "Any clouds? None.", Text: "Sunny.", Usage: usage}, result{Thinking: "Any clouds? None.", Text: "Sunny.", Finish: "stop", Cost: "$0.000295"}},
		"thinking before a call": {
			keeproutertest.Reply{Thinking: "When?", ToolCalls: []keeproutertest.ToolCall{call("call_1", "")}, Usage: usage},
			result{Thinking: "When?", Calls: []string{"call_1 now {}"}, Finish: "tool_calls", Cost: "$0.000295"},
		},
		"empty":    {keeproutertest.Reply{Finish: "stop", Usage: usage}, result{Finish: "stop", Cost: "$0.000295"}},
		"cut":      {keeproutertest.Reply{Text: "Hello, y", Finish: "length", Usage: usage}, result{Text: "Hello, y", Finish: "length", Cost: "$0.000295"}},
		"filtered": {keeproutertest.Reply{Text: "I can", Finish: "content_filter", Usage: usage}, result{Text: "I can", Finish: "content_filter", Cost: "$0.000295"}},
		"all counts": {
			keeproutertest.Reply{Text: "Hi", Usage: &keeproutertest.Usage{Input: 1000, CachedInput: 200, CacheWrite: 50, Output: 500, Reasoning: 400}},
			result{Text: "Hi", Finish: "stop", Cost: "$0.000295"},
		},
		"a cost of the gateway's": {
			keeproutertest.Reply{Text: "Hi", Usage: &keeproutertest.Usage{Input: 1000, Output: 500, Cost: `"0.000300"`}},
			result{Text: "Hi", Finish: "stop", Cost: "$0.000295", Reported: "$0.0003"},
		},
	} {
		for _, stream := range []bool{false, true} {
			var usage *keeprouter.Usage
			for _, p := range paths() {
				client, _ := routed(t, p, tc.reply)
				got, err := p.calls(t.Context(), client, stream)
				require.NoError(t, err, "%s, %s", name, p.name)
				if usage == nil {
					usage = &got.Usage
				}
				want := tc.want
				want.Usage = *usage
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, stream %v, %s (-want +got):\n%s", name, stream, p.name, diff)
				}
			}
		}
	}
}

// TestNoUsageIsNoneOnEveryPath holds that tokens that weren't counted cost something
// unknown, and not nothing.
func TestNoUsageIsNoneOnEveryPath(t *testing.T) {
	for _, stream := range []bool{false, true} {
		for _, p := range paths() {
			client, _ := routed(t, p, keeproutertest.Reply{Text: "Hi", NoUsage: true})
			got, err := p.calls(t.Context(), client, stream)
			require.NoError(t, err)
			if got.Text != "Hi" || got.Cost == "$0" {
				t.Errorf("stream %v, %s: %q costs %s", stream, p.name, got.Text, got.Cost)
			}
		}
	}
}

// failed is what came of a call that failed, in the terms of neither format.
type failed struct {
	Kind       keeprouter.ErrorKind
	RetryAfter time.Duration
	Retryable  bool
	InStream   bool
	Text       string // what had come
}

func failedOf(t *testing.T, got result, err error) failed {
	t.Helper()
	var e *keeprouter.Error
	require.ErrorAs(t, err, &e)
	return failed{e.Kind, e.RetryAfter, e.Retryable, e.InStream, got.Text}
}

func TestErrorsAreEqualOnEveryPath(t *testing.T) {
	for name, tc := range map[string]struct {
		reply keeproutertest.Reply
		want  failed
	}{
		"invalid":      {keeproutertest.Reply{Status: 400}, failed{Kind: keeprouter.ErrInvalidRequest}},
		"too long":     {keeproutertest.Reply{Status: 400, ErrorCode: "context_length_exceeded", ErrorMessage: "prompt is too long: 300000 tokens > 262144 maximum"}, failed{Kind: keeprouter.ErrContextTooLong}},
		"refused key":  {keeproutertest.Reply{Status: 401}, failed{Kind: keeprouter.ErrAuthentication}},
		"no credit":    {keeproutertest.Reply{Status: 402}, failed{Kind: keeprouter.ErrInsufficientCredit}},
		"forbidden":    {keeproutertest.Reply{Status: 403}, failed{Kind: keeprouter.ErrPermission}},
		"not found":    {keeproutertest.Reply{Status: 404}, failed{Kind: keeprouter.ErrNotFound}},
		"too large":    {keeproutertest.Reply{Status: 413}, failed{Kind: keeprouter.ErrRequestTooLarge}},
		"rate limit":   {keeproutertest.Reply{Status: 429, RetryAfter: 3 * time.Second}, failed{Kind: keeprouter.ErrRateLimited, RetryAfter: 3 * time.Second, Retryable: true}},
		"short wait":   {keeproutertest.Reply{Status: 429, RetryAfter: 1500 * time.Millisecond}, failed{Kind: keeprouter.ErrRateLimited, RetryAfter: 1500 * time.Millisecond, Retryable: true}},
		"broken":       {keeproutertest.Reply{Status: 500}, failed{Kind: keeprouter.ErrServer, Retryable: true}},
		"bad gateway":  {keeproutertest.Reply{Status: 502, ContentType: "text/html", Body: "<h1>Bad Gateway</h1>"}, failed{Kind: keeprouter.ErrServer, Retryable: true}},
		"unavailable":  {keeproutertest.Reply{Status: 503}, failed{Kind: keeprouter.ErrOverloaded, Retryable: true}},
		"overload":     {keeproutertest.Reply{Status: 529}, failed{Kind: keeprouter.ErrOverloaded, Retryable: true}},
		"out of quota": {keeproutertest.Reply{Status: 429, ErrorType: "insufficient_quota", ErrorCode: "insufficient_quota"}, failed{Kind: keeprouter.ErrInsufficientCredit}},
	} {
		for _, stream := range []bool{false, true} {
			for _, p := range paths() {
				client, _ := routed(t, p, tc.reply)
				got, err := p.calls(t.Context(), client, stream)
				if diff := cmp.Diff(tc.want, failedOf(t, got, err)); diff != "" {
					t.Errorf("%s, stream %v, %s (-want +got):\n%s", name, stream, p.name, diff)
				}
			}
		}
	}
}

// TestBrokenStreamsAreEqualOnEveryPath breaks streams behind their second piece. Where
// one is translated, that it broke is an error of the server's inside it.
func TestBrokenStreamsAreEqualOnEveryPath(t *testing.T) {
	const pieces = 2
	for name, tc := range map[string]struct {
		status           int
		fault            func(after int) keeproutertest.Fault
		want, translated keeprouter.ErrorKind
	}{
		"an error":       {500, func(n int) keeproutertest.Fault { return keeproutertest.Fault{ErrorAfterEvents: &n} }, keeprouter.ErrServer, keeprouter.ErrServer},
		"an overload":    {529, func(n int) keeproutertest.Fault { return keeproutertest.Fault{ErrorAfterEvents: &n} }, keeprouter.ErrOverloaded, keeprouter.ErrOverloaded},
		"a rate limit":   {429, func(n int) keeproutertest.Fault { return keeproutertest.Fault{ErrorAfterEvents: &n} }, keeprouter.ErrRateLimited, keeprouter.ErrRateLimited},
		"an early end":   {0, func(n int) keeproutertest.Fault { return keeproutertest.Fault{EndAfterEvents: &n} }, keeprouter.ErrTruncated, keeprouter.ErrServer},
		"a broken event": {0, func(n int) keeproutertest.Fault { return keeproutertest.Fault{MalformedAfterEvents: &n} }, keeprouter.ErrBadResponse, keeprouter.ErrServer},
		"an unusual wire": {500, func(n int) keeproutertest.Fault {
			return keeproutertest.Fault{ErrorAfterEvents: &n, BOM: true, LineEnd: "\r\n", Comments: 3}
		}, keeprouter.ErrServer, keeprouter.ErrServer},
	} {
		for _, p := range paths() {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				client, _ := routed(t, p, keeproutertest.Reply{Deltas: []string{"a", "b", "c"}, Status: tc.status, Fault: tc.fault(p.head + pieces)})
				got, err := p.calls(t.Context(), client, true)
				f := failedOf(t, got, err)
				want := tc.want
				if _, ok := p.wrap(nil).(*translate.RoundTripper); ok {
					want = tc.translated
				}
				if f.Kind != want || f.Text != "ab" {
					t.Errorf("%q, then %q, want %q", f.Text, f.Kind, want)
				}
			})
		}
	}
}

// TestAWholeAnswerStandsForAStreamOnEveryPath has a server that doesn't stream.
func TestAWholeAnswerStandsForAStreamOnEveryPath(t *testing.T) {
	whole := map[int]string{
		chatHead:     `{"id":"c","object":"chat.completion","model":"gemma-4-31B-it","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hi"}}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}`,
		messagesHead: `{"id":"m","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1000,"output_tokens":500}}`,
	}
	for _, p := range paths() {
		require.True(t, json.Valid([]byte(whole[p.head])))
		client, _ := routed(t, p, keeproutertest.Reply{Body: whole[p.head], ContentType: "application/json"})
		got, err := p.calls(t.Context(), client, true)
		require.NoError(t, err, p.name)
		if got.Text != "Hi" || got.Finish != "stop" || got.Cost != "$0.000295" {
			t.Errorf("%s: %+v", p.name, got)
		}
	}
}
