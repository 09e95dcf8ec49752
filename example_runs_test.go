package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// A run that reaches a limit can be taken up where it ended.
func ExampleLimitError() {
	call := keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "forecast", Arguments: `{"city":"Bern"}`}}}
	client, stop := scriptedClient(call, call, keeproutertest.Reply{Text: "Sunny."})
	defer stop()
	ctx := context.Background()
	tools := keeprouter.Toolset{
		Tools:    []keeprouter.Tool{keeprouter.NewTool("forecast", "Weather of the coming days.", forecast)},
		MaxSteps: 2,                // answers of the model; 16 if you don't say
		Parallel: 4,                // calls of one answer that run at once; 1 if you don't say
		Timeout:  10 * time.Second, // of one call; the model reads that it took too long
	}
	req := hello()
	resp, err := client.Chat.Run(ctx, req, tools).Result()
	if limit, ok := errors.AsType[*keeprouter.LimitError](err); ok {
		fmt.Println("after", limit.Steps, "steps; going on")
		req.Messages = limit.Request.(*keeprouter.ChatRequest).Messages // with the results so far
		resp, err = client.Chat.Run(ctx, req, tools).Result()
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text())
	// Output:
	// after 2 steps; going on
	// Sunny.
}
