package keeprouter_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// wireFormat drives one of the two formats, so that a fault is tested in both.
type wireFormat struct {
	name   string
	create func(context.Context, *keeprouter.Client) (answer, error)
	stream func(context.Context, *keeprouter.Client) (answer, error)
}

// answer is what came of a call, in the terms of neither format.
type answer struct {
	text  string // handed out while streaming, or the whole answer's
	kept  string // the text of the result
	calls []string
	meta  keeprouter.Meta
	usage keeprouter.Usage
}

func ask() *keeprouter.MessagesRequest {
	return &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 100,
		Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
	}
}

func chatAnswer(r *keeprouter.ChatResponse) answer {
	if r == nil {
		return answer{}
	}
	a := answer{kept: r.Text(), meta: r.Meta, usage: r.Usage}
	for _, c := range r.ToolCalls() {
		a.calls = append(a.calls, callText(c.ID, c.Name, c.Arguments, c.Truncated))
	}
	return a
}

func messagesAnswer(r *keeprouter.MessagesResponse) answer {
	if r == nil {
		return answer{}
	}
	a := answer{kept: r.Text(), meta: r.Meta, usage: r.Usage}
	for _, c := range r.ToolUses() {
		input := cmp.Or(c.PartialInput, string(c.Input))
		a.calls = append(a.calls, callText(c.ID, c.Name, input, c.Truncated))
	}
	return a
}

func callText(id, name, arguments string, truncated bool) string {
	text := strings.TrimSpace(id + " " + name + " " + arguments)
	if truncated {
		text += " (truncated)"
	}
	return text
}

var chat = wireFormat{
	name: "chat",
	create: func(ctx context.Context, c *keeprouter.Client) (answer, error) {
		resp, err := c.Chat.Create(ctx, hello())
		a := chatAnswer(resp)
		a.text = a.kept
		return a, err
	},
	stream: func(ctx context.Context, c *keeprouter.Client) (answer, error) {
		stream := c.Chat.Stream(ctx, hello())
		text, err := readText(stream.Text())
		resp, resultErr := stream.Result()
		a := chatAnswer(resp)
		a.text = text
		return a, sameError(err, resultErr)
	},
}

var messages = wireFormat{
	name: "messages",
	create: func(ctx context.Context, c *keeprouter.Client) (answer, error) {
		resp, err := c.Messages.Create(ctx, ask())
		a := messagesAnswer(resp)
		a.text = a.kept
		return a, err
	},
	stream: func(ctx context.Context, c *keeprouter.Client) (answer, error) {
		stream := c.Messages.Stream(ctx, ask())
		text, err := readText(stream.Text())
		resp, resultErr := stream.Result()
		a := messagesAnswer(resp)
		a.text = text
		return a, sameError(err, resultErr)
	},
}

func readText(texts func(func(string, error) bool)) (string, error) {
	var b strings.Builder
	for text, err := range texts {
		if err != nil {
			return b.String(), err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// sameError returns the error of a loop, which Result must tell again.
func sameError(loop, result error) error {
	if loop != result {
		return errors.Join(errors.New("the loop and Result tell different errors"), loop, result)
	}
	return loop
}

// Streams as the two formats send them: each element is an event with its blank
// line.
var (
	chatEvents = []string{
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n",
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}` + "\n\n",
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{"content":"lo."},"finish_reason":null}]}` + "\n\n",
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n",
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gemma-4-31B-it","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}` + "\n\n",
		"data: [DONE]\n\n",
	}
	messagesEvents = []string{
		"event: message_start\n" + `data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1000,"output_tokens":1}}}` + "\n\n",
		"event: content_block_start\n" + `data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}` + "\n\n",
		"event: content_block_delta\n" + `data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}` + "\n\n",
		"event: content_block_delta\n" + `data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo."}}` + "\n\n",
		"event: content_block_stop\n" + `data: {"type":"content_block_stop","index":0}` + "\n\n",
		"event: message_delta\n" + `data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":500}}` + "\n\n",
		"event: message_stop\n" + `data: {"type":"message_stop"}` + "\n\n",
	}
)

const sse = "text/event-stream"

func raw(contentType string, parts ...string) keeproutertest.Reply {
	return keeproutertest.Reply{Status: 200, ContentType: contentType, Body: strings.Join(parts, "")}
}

// swap returns the events with the i-th replaced.
func swap(events []string, i int, with ...string) []string {
	return append(append(append([]string{}, events[:i]...), with...), events[i+1:]...)
}

func replaced(events []string, old, new string) []string {
	out := make([]string, len(events))
	for i, ev := range events {
		out[i] = strings.ReplaceAll(ev, old, new)
	}
	return out
}

// fault is a row of the fault table: replies and the outcome they must have.
type fault struct {
	name     string
	only     string // a format's name, when the fault exists in one only
	create   bool   // a create call; else a stream
	chat     []keeproutertest.Reply
	messages []keeproutertest.Reply
	both     []keeproutertest.Reply // instead of the two above
	change   func(*keeprouter.Options)

	kind     error  // nil is success
	text     string // handed out
	calls    []string
	attempts int // default 1
	check    func(*testing.T, *keeprouter.Error)
	after    time.Duration // how long it took, when that matters
}

const anyTime = -1 // of a row whose waits are drawn by lot

func (f fault) replies(format wireFormat) []keeproutertest.Reply {
	switch {
	case f.both != nil:
		return f.both
	case format.name == "chat":
		return f.chat
	}
	return f.messages
}

func TestFaults(t *testing.T) {
	for _, f := range append(append(streamFaults(t), answerFaults(t)...), transportFaults()...) {
		for _, format := range []wireFormat{chat, messages} {
			if f.only != "" && f.only != format.name {
				continue
			}
			t.Run(f.name+"/"+format.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { f.run(t, format) })
			})
		}
	}
}

func (f fault) run(t *testing.T, format wireFormat) {
	srv := keeproutertest.NewServer(t, f.replies(format)...)
	client := clientOf(t, srv, f.change)
	call := format.stream
	if f.create {
		call = format.create
	}
	start := time.Now()
	got, err := call(t.Context(), client)
	took := time.Since(start)

	if f.kind == nil {
		require.NoError(t, err)
	} else {
		require.ErrorIs(t, err, f.kind)
		e, ok := errors.AsType[*keeprouter.Error](err)
		require.True(t, ok, "the error is %T, want an *Error", err)
		if f.check != nil {
			f.check(t, e)
		}
	}
	if got.text != f.text || got.kept != f.text {
		t.Errorf("handed out %q and kept %q, want %q", got.text, got.kept, f.text)
	}
	if diff := gocmp.Diff(f.calls, got.calls); diff != "" {
		t.Errorf("tool calls (-want +got):\n%s", diff)
	}
	if want := max(1, f.attempts); len(srv.Requests()) != want {
		t.Errorf("%d attempts, want %d", len(srv.Requests()), want)
	}
	if f.after != anyTime && took != f.after {
		t.Errorf("it took %v, want %v", took, f.after)
	}
	synctest.Wait()
	if n := srv.Open(); n != 0 {
		t.Errorf("%d requests are left open", n)
	}
}

func noRetry(o *keeprouter.Options) { o.Retry = &keeprouter.RetryPolicy{} }

func retryAfter(status int, value string) keeproutertest.Reply {
	return keeproutertest.Reply{Status: status, Header: http.Header{"Retry-After": {value}}}
}
