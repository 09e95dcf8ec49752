package keeprouter_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// Log the calls of a run, its tools and the run itself. Nothing that was said is logged.
func ExampleLogRuns() {
	srv := keeproutertest.Start(
		keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "add", Arguments: `{"A":19,"B":23}`}}, Usage: &keeproutertest.Usage{Input: 500, Output: 250}},
		keeproutertest.Reply{Text: "It is 42.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}},
	)
	defer srv.Close()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: fewAttributes}))

	opts := srv.Options()
	opts.Middleware = []keeprouter.Middleware{keeprouter.LogCalls(logger)}
	opts.RunMiddleware = []keeprouter.RunMiddleware{keeprouter.LogRuns(logger)}
	opts.ToolMiddleware = []keeprouter.ToolMiddleware{keeprouter.LogTools(logger)}
	client, err := keeprouter.NewClient(opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	type terms struct{ A, B int }
	add := keeprouter.NewTool("add", "Adds two numbers.", func(_ context.Context, in terms) (int, error) { return in.A + in.B, nil })
	_, err = client.Chat.Run(context.Background(), &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("What is 19 plus 23?")},
	}, keeprouter.Toolset{Tools: []keeprouter.Tool{add}}).Result()
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// msg="model call" status=200 step=0 finish=tool_calls usage.input=500 usage.output=250 cost=$0.0001475
	// msg="tool call" tool=add step=0 outcome=ok
	// msg="model call" status=200 step=1 finish=stop usage.input=1000 usage.output=500 cost=$0.000295
	// msg="model run" steps=2 tool_calls=1 usage.input=1500 usage.output=750 cost=$0.0004425
}

// fewAttributes leaves out those that differ from run to run, and some others.
func fewAttributes(groups []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "msg", "status", "step", "finish", "cost", "tool", "outcome", "steps", "tool_calls":
		return a
	}
	if len(groups) > 0 {
		return a
	}
	return slog.Attr{}
}
