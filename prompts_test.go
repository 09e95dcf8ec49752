package keeprouter_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// private stands for what people write and models answer.
const private = "diagnosis-4711"

// TestNothingSaidIsInErrorsOrLogs makes calls with private words in them fail in every
// way that isn't the server quoting them, and logs all there is to log.
func TestNothingSaidIsInErrorsOrLogs(t *testing.T) {
	user := func() []keeprouter.ChatMessage { return []keeprouter.ChatMessage{keeprouter.User(private)} }
	whole := &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: user(), MaxTokens: new(10)}
	badTool := keeprouter.NewTool("note", "", func(context.Context, struct{ N int }) (string, error) { panic(private) })
	for name, tt := range map[string]struct {
		req    *keeprouter.ChatRequest
		reply  keeproutertest.Reply
		change func(*keeprouter.Options)
		kind   error
	}{
		"a role that isn't one":     {req: &keeprouter.ChatRequest{Model: "m", Messages: []keeprouter.ChatMessage{{Role: private, Content: keeprouter.ChatParts{&keeprouter.TextPart{Text: private}}}}}, kind: nil},
		"a setting out of range":    {req: &keeprouter.ChatRequest{Model: "m", Messages: user(), Temperature: new(math.NaN())}, kind: keeprouter.ErrInvalidRequest},
		"an Extra that isn't JSON":  {req: &keeprouter.ChatRequest{Model: "m", Messages: user(), Extra: map[string]any{"x": func() {}}}, kind: keeprouter.ErrInvalidRequest},
		"an Extra that clashes":     {req: &keeprouter.ChatRequest{Model: "m", Messages: user(), Extra: map[string]any{"model": private}}, kind: keeprouter.ErrInvalidRequest},
		"a result without its call": {req: &keeprouter.ChatRequest{Model: "m", Messages: append(user(), keeprouter.ToolResult("call_1", private))}, kind: keeprouter.ErrInvalidRequest},
		"over budget":               {req: whole, change: func(o *keeprouter.Options) { o.Budget = keeprouter.NewBudget(1) }, kind: keeprouter.ErrBudget},
		"no connection":             {req: whole, reply: keeproutertest.Reply{Fault: keeproutertest.Fault{DropConnection: true}}, kind: keeprouter.ErrConnection},
		"a cut answer":              {req: whole, reply: keeproutertest.Reply{Text: private, Fault: keeproutertest.Fault{EndAfterEvents: new(2)}}, kind: keeprouter.ErrTruncated},
		"broken arguments":          {req: whole, reply: keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "f", Arguments: `{"a":"` + private}}}, kind: keeprouter.ErrToolArguments},
		"too large":                 {req: whole, reply: keeproutertest.Reply{Text: strings.Repeat(private+" ", 1000)}, change: func(o *keeprouter.Options) { o.Limits.Stream = 2000 }, kind: keeprouter.ErrTooLarge},
		"a redirect":                {req: whole, reply: keeproutertest.Reply{Fault: keeproutertest.Fault{RedirectTo: "https://elsewhere.test/"}}, kind: keeprouter.ErrRedirect},
		"an error":                  {req: whole, reply: keeproutertest.Reply{Status: http.StatusServiceUnavailable}, kind: keeprouter.ErrOverloaded},
		"an answer":                 {req: whole, reply: keeproutertest.Reply{Text: private}},
		"a tool that panics":        {req: whole, reply: keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "note", Arguments: `{"N":1}`}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			client := clientOf(t, keeproutertest.NewServer(t, tt.reply, keeproutertest.Reply{Text: private}), func(o *keeprouter.Options) {
				o.Retry = &keeprouter.RetryPolicy{}
				o.Middleware = []keeprouter.Middleware{keeprouter.LogCalls(logger)}
				if tt.change != nil {
					tt.change(o)
				}
			})
			stream := client.Chat.Stream(t.Context(), tt.req)
			_, err := stream.Result()
			if tt.kind != nil {
				require.ErrorIs(t, err, tt.kind)
			}
			logger.Info("all", "client", client, "stream", stream, "err", err, "text", fmt.Sprint(err))
			run := client.Chat.Run(t.Context(), tt.req, keeprouter.Toolset{Tools: []keeprouter.Tool{badTool}})
			_, err = run.Result()
			logger.Info("run", "err", err, "text", fmt.Sprint(err))
			require.NotContains(t, log.String(), private)
		})
	}
}

// TestServersWordsStayOutOfLogs has a server quote the prompt in its error: the text
// for people has it, what is logged hasn't.
func TestServersWordsStayOutOfLogs(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := clientOf(t, keeproutertest.NewServer(t, keeproutertest.Reply{Status: 400, ErrorMessage: "can't take " + private}), func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{keeprouter.LogCalls(logger)}
	})
	_, err := client.Chat.Create(t.Context(), hello())
	require.ErrorContains(t, err, private)
	logger.Error("failed", "err", err)
	require.Contains(t, log.String(), "invalid request")
	require.NotContains(t, log.String(), private)
}
