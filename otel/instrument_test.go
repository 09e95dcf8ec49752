package keeprouterotel_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	keeprouterotel "github.com/keeprouter/keeprouter-go/otel"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const secret = "the-thing-that-was-said"

// format makes the same calls in one of the two formats.
type format struct {
	name   string
	create func(context.Context, *keeprouter.Client) error
	stream func(context.Context, *keeprouter.Client, func() bool) error // reads until it is told to leave
	run    func(context.Context, *keeprouter.Client, keeprouter.Toolset) error
}

var formats = []format{
	{
		"chat",
		func(ctx context.Context, c *keeprouter.Client) error {
			_, err := c.Chat.Create(ctx, chatRequest())
			return err
		},
		func(ctx context.Context, c *keeprouter.Client, leave func() bool) error {
			return read(c.Chat.Stream(ctx, chatRequest()), leave)
		},
		func(ctx context.Context, c *keeprouter.Client, tools keeprouter.Toolset) error {
			_, err := c.Chat.Run(ctx, chatRequest(), tools).Result()
			return err
		},
	},
	{
		"messages",
		func(ctx context.Context, c *keeprouter.Client) error {
			_, err := c.Messages.Create(ctx, messagesRequest())
			return err
		},
		func(ctx context.Context, c *keeprouter.Client, leave func() bool) error {
			return read(c.Messages.Stream(ctx, messagesRequest()), leave)
		},
		func(ctx context.Context, c *keeprouter.Client, tools keeprouter.Toolset) error {
			_, err := c.Messages.Run(ctx, messagesRequest(), tools).Result()
			return err
		},
	},
}

func chatRequest() *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.System("Be terse."), keeprouter.User(secret)},
		MaxTokens: new(100), Temperature: new(0.0), TopP: new(0.9), FrequencyPenalty: new(0.1), PresencePenalty: new(0.2),
		Seed: new(7), Stop: keeprouter.ChatStop{"###"}, Extra: map[string]any{"top_k": 40},
		ResponseFormat: &keeprouter.ChatResponseFormat{Type: "text"},
	}
}

func messagesRequest() *keeprouter.MessagesRequest {
	return &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, System: keeprouter.TextBlocks("Be terse."), Messages: []keeprouter.Message{keeprouter.UserMessage(secret)},
		MaxTokens: 100, Temperature: new(0.0), TopP: new(0.9), TopK: new(40), StopSequences: []string{"###"},
	}
}

func read[C, R any](stream *keeprouter.Stream[C, R], leave func() bool) error {
	for _, err := range stream.All() {
		if err != nil {
			return err
		}
		if leave != nil && leave() {
			break
		}
	}
	return nil
}

// tools are one that takes a second, one that fails and one that panics.
func tools() keeprouter.Toolset {
	return keeprouter.Toolset{MaxSteps: 3, Tools: []keeprouter.Tool{
		keeprouter.NewTool("look_up", "", func(_ context.Context, in struct{ City string }) (string, error) {
			time.Sleep(time.Second)
			return secret + in.City, nil
		}),
		keeprouter.NewTool("fail", "", func(context.Context, struct{}) (string, error) { return "", errors.New(secret) }),
		keeprouter.NewTool("crash", "", func(context.Context, struct{}) (string, error) { panic(secret) }),
	}}
}

// scenario is what a client does, and what it meets.
type scenario struct {
	config  keeprouterotel.Config
	change  func(*keeprouter.Options)
	replies []keeproutertest.Reply
	do      func(context.Context, format, *keeprouter.Client) error
	err     error
}

func scenarios() map[string]scenario {
	create := func(ctx context.Context, f format, c *keeprouter.Client) error { return f.create(ctx, c) }
	stream := func(ctx context.Context, f format, c *keeprouter.Client) error { return f.stream(ctx, c, nil) }
	run := func(ctx context.Context, f format, c *keeprouter.Client) error { return f.run(ctx, c, tools()) }
	usage := &keeproutertest.Usage{Input: 1000, CachedInput: 100, Output: 500}
	answers := keeproutertest.Reply{Deltas: []string{secret, secret, secret}, Usage: usage, FirstByteDelay: time.Second, Pause: 100 * time.Millisecond}
	call := func(id, name, arguments string) keeproutertest.ToolCall {
		return keeproutertest.ToolCall{ID: id, Name: name, Arguments: arguments}
	}
	return map[string]scenario{
		"create": {replies: []keeproutertest.Reply{{Text: secret, Usage: usage, Delay: time.Second}}, do: create},
		"stream": {
			config:  keeprouterotel.Config{Chunks: true},
			change:  func(o *keeprouter.Options) { o.Budget = keeprouter.NewBudget(keeprouter.Dollar) },
			replies: []keeproutertest.Reply{answers}, do: stream,
		},
		"tools": {
			config: keeprouterotel.Config{Agent: "geographer"},
			replies: []keeproutertest.Reply{
				{ToolCalls: []keeproutertest.ToolCall{call("1", "look_up", `{"City":"`+secret+`"}`), call("2", "fail", `{}`)}, Usage: usage},
				{ToolCalls: []keeproutertest.ToolCall{call("3", "crash", `{}`), call("4", secret, `{}`)}, Usage: usage},
				{Text: secret, Usage: usage},
			},
			do: run,
		},
		"too_many_steps": {
			replies: []keeproutertest.Reply{{ToolCalls: []keeproutertest.ToolCall{call("1", "look_up", `{"City":"Bern"}`)}, Usage: usage}},
			do: func(ctx context.Context, f format, c *keeprouter.Client) error {
				few := tools()
				few.MaxSteps = 1
				return f.run(ctx, c, few)
			},
			err: keeprouter.ErrMaxSteps,
		},
		"error": {
			replies: []keeproutertest.Reply{{Status: 400, ErrorMessage: secret, Delay: time.Second}},
			do:      create, err: keeprouter.ErrInvalidRequest,
		},
		"error_in_run": {
			replies: []keeproutertest.Reply{{Status: 401, ErrorMessage: secret}},
			do:      run, err: keeprouter.ErrAuthentication,
		},
		"retry": {
			replies: []keeproutertest.Reply{{Status: 429, RetryAfter: 2 * time.Second, ErrorMessage: secret, Delay: time.Second}, answers},
			do:      stream,
		},
		"truncated": {
			replies: []keeproutertest.Reply{{Deltas: answers.Deltas, Usage: usage, Fault: keeproutertest.Fault{EndAfterEvents: new(3)}}},
			do:      stream, err: keeprouter.ErrTruncated,
		},
		"left": {
			replies: []keeproutertest.Reply{answers},
			do: func(ctx context.Context, f format, c *keeprouter.Client) error {
				return f.stream(ctx, c, func() bool { return true })
			},
		},
		"panic": {
			replies: []keeproutertest.Reply{answers},
			do: func(ctx context.Context, f format, c *keeprouter.Client) (err error) {
				defer func() {
					if value := recover(); value != nil {
						err = value.(error)
					}
				}()
				return f.stream(ctx, c, func() bool { panic(errLoop) })
			},
			err: errLoop,
		},
		"refused_by_budget": {
			change: func(o *keeprouter.Options) {
				o.Budget, o.TokenCounter = keeprouter.NewBudget(keeprouter.Micro), oneToken{}
			},
			do: create, err: keeprouter.ErrBudget,
		},
		"refused_by_middleware": {
			change: func(o *keeprouter.Options) {
				o.Middleware = []keeprouter.Middleware{func(context.Context, *keeprouter.Call, func(context.Context) error) error {
					return &policyError{}
				}}
			},
			do: create, err: &policyError{},
		},
		"unpriced": {
			replies: []keeproutertest.Reply{{Text: secret, NoUsage: true, Model: "unheard-of"}},
			do:      create,
		},
	}
}

var errLoop = errors.New("the loop's own")

type policyError struct{}

func (*policyError) Error() string        { return secret }
func (*policyError) Is(target error) bool { _, ok := target.(*policyError); return ok }

// oneToken counts a token for each text, so that amounts are the same in both formats.
type oneToken struct{}

func (oneToken) CountText(string) keeprouter.TokenCount {
	return keeprouter.TokenCount{Low: 1, Expected: 1, High: 1, Bound: 1}
}

// TestInstrument holds every attribute of every span and metric against files of
// testdata, in both formats, and that nothing that was said is in them.
func TestInstrument(t *testing.T) {
	for name, s := range scenarios() {
		for _, f := range formats {
			t.Run(name+"/"+f.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := record(t, s.config, s.change, s.replies...)
					err := s.do(t.Context(), f, r.client)
					if s.err == nil {
						require.NoError(t, err)
					} else {
						require.ErrorIs(t, err, s.err)
					}
					got := r.tree() + "\n" + r.measured(t)
					if strings.Contains(got, secret) {
						t.Errorf("what was said is told:\n%s", got)
					}
					path := filepath.Join("testdata", name+"_"+f.name+".txt")
					if *update {
						require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
					}
					want, err := os.ReadFile(path)
					require.NoError(t, err)
					if diff := cmp.Diff(string(want), got); diff != "" {
						t.Errorf("spans and metrics (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestOtherCalls is about those that ask no model.
func TestOtherCalls(t *testing.T) {
	r := record(t, keeprouterotel.Config{}, nil)
	_, err := r.client.Messages.CountTokens(t.Context(), messagesRequest())
	require.NoError(t, err)
	for _, err := range r.client.Models.List(t.Context()) {
		require.NoError(t, err)
	}
	var names []string
	for _, s := range r.spans.GetSpans() {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{"count_tokens gemma-4-31B-it", "list_models"}, names)
	require.NotContains(t, r.measured(t), "cost")
}

func TestContent(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			r := record(t, keeprouterotel.Config{Content: true}, nil,
				keeproutertest.Reply{Thinking: "Hm.", ToolCalls: []keeproutertest.ToolCall{{ID: "1", Name: "fail", Arguments: `{}`}}},
				keeproutertest.Reply{Text: "Done."})
			require.NoError(t, f.run(t.Context(), r.client, tools()))
			finish := map[string]string{"chat": "stop", "messages": "end_turn"}[f.name]
			spans := r.spans.GetSpans()
			last, first := spans[2], spans[0]
			system := `{"role":"system","parts":[{"type":"text","content":"Be terse."}]},`
			if f.name == "messages" {
				system = ""
				require.Equal(t, `[{"type":"text","content":"Be terse."}]`, attributeOf(last.Attributes, "gen_ai.system_instructions"))
			}
			results := map[string]string{"chat": "tool", "messages": "user"}[f.name]
			require.Equal(t, `[`+system+`{"role":"user","parts":[{"type":"text","content":"`+secret+`"}]},`+
				`{"role":"assistant","parts":[{"type":"reasoning","content":"Hm."},{"type":"tool_call","id":"1","name":"fail","arguments":{}}]},`+
				`{"role":"`+results+`","parts":[{"type":"tool_call_response","id":"1","response":"`+secret+`"}]}]`,
				attributeOf(last.Attributes, "gen_ai.input.messages"))
			require.Equal(t, `[{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"`+finish+`"}]`,
				attributeOf(last.Attributes, "gen_ai.output.messages"))
			require.Contains(t, attributeOf(first.Attributes, "gen_ai.output.messages"), `"name":"fail"`)
			require.Equal(t, `{}`, r.attribute("gen_ai.tool.call.arguments"))
			require.Equal(t, secret, r.attribute("gen_ai.tool.call.result"))
		})
	}
}

func TestContentOfOtherKinds(t *testing.T) {
	r := record(t, keeprouterotel.Config{Content: true}, nil)
	_, err := r.client.Chat.Create(t.Context(), &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{
		keeprouter.User("", keeprouter.ImageURL("https://example.com/cat.png")),
	}})
	require.NoError(t, err)
	require.Equal(t, `[{"role":"user","parts":[{"type":"image"}]}]`, r.attribute("gen_ai.input.messages"))
}

// TestUnsampled has spans that nobody records, and metrics all the same.
func TestUnsampled(t *testing.T) {
	never := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	r := record(t, keeprouterotel.Config{TracerProvider: never}, nil, keeproutertest.Reply{Text: "Hi"})
	require.NoError(t, formats[0].create(t.Context(), r.client))
	require.Empty(t, r.tree())
	require.Contains(t, r.measured(t), "gen_ai.client.operation.duration s count=1")
}

func TestPropagation(t *testing.T) {
	r := record(t, keeprouterotel.Config{Propagator: propagation.TraceContext{}}, nil, keeproutertest.Reply{Text: "Hi"})
	require.NoError(t, formats[1].create(t.Context(), r.client))
	span := r.spans.GetSpans()[0].SpanContext
	require.Equal(t, "00-"+span.TraceID().String()+"-"+span.SpanID().String()+"-01", r.server.Requests()[0].Header.Get("Traceparent"))
}

// TestLogsAreInTheSpan has middleware that was there before run inside the span.
func TestLogsAreInTheSpan(t *testing.T) {
	inside := 0
	check := func(ctx context.Context) {
		if trace.SpanContextFromContext(ctx).IsValid() {
			inside++
		}
	}
	r := record(t, keeprouterotel.Config{}, func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{func(ctx context.Context, _ *keeprouter.Call, next func(context.Context) error) error {
			check(ctx)
			return next(ctx)
		}}
		o.RunMiddleware = []keeprouter.RunMiddleware{func(ctx context.Context, _ *keeprouter.RunInfo, next func(context.Context) error) error {
			check(ctx)
			return next(ctx)
		}}
		o.ToolMiddleware = []keeprouter.ToolMiddleware{func(ctx context.Context, _ *keeprouter.ToolCall, next func(context.Context) error) error {
			check(ctx)
			return next(ctx)
		}}
	}, keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "fail"}}}, keeproutertest.Reply{Text: "Done."})
	require.NoError(t, formats[0].run(t.Context(), r.client, tools()))
	require.Equal(t, 4, inside)
}

func TestInstrumentNothing(t *testing.T) {
	require.ErrorContains(t, keeprouterotel.Instrument(nil, nil), "options are nil")
}
