package keeprouter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

type forecastArgs struct {
	City string `json:"city" jsonschema:"city and country"`
	Days int    `json:"days,omitzero" jsonschema:"1 to 7, default 1"`
}

func forecast(_ context.Context, in forecastArgs) (string, error) {
	if in.City == "" {
		return "", errors.New("which city?") // the model reads this and tries again
	}
	return "sunny in " + in.City, nil
}

// scriptedClient is a client of a local gateway that gives the replies in turn.
func scriptedClient(replies ...keeproutertest.Reply) (*keeprouter.Client, func()) {
	srv := keeproutertest.Start(replies...)
	client, err := keeprouter.NewClient(srv.Options())
	if err != nil {
		log.Fatal(err)
	}
	return client, srv.Close
}

func ExampleNewTool() {
	tool := keeprouter.NewTool("forecast", "Weather of the coming days.", forecast)
	fmt.Println(string(tool.Parameters()))
	result, err := tool.Call(context.Background(), json.RawMessage(`{"city":"Bern"}`))
	fmt.Println(result, err)
	_, err = tool.Call(context.Background(), json.RawMessage(`{"city":["Bern"]}`))
	fmt.Println(err)
	// Output:
	// {"type":"object","properties":{"city":{"description":"city and country","type":"string"},"days":{"description":"1 to 7, default 1","type":"integer"}},"required":["city"],"additionalProperties":false}
	// sunny in Bern <nil>
	// keeprouter: invalid tool arguments (city): city: want a string, got an array
}

func ExampleNewRawTool() {
	parameters := json.RawMessage(`{"type":"object","properties":{"sql":{"type":"string"}},"required":["sql"]}`)
	query := keeprouter.NewRawTool("query", "Asks the database.", parameters, func(_ context.Context, arguments json.RawMessage) (string, error) {
		return "3 rows for " + string(arguments), nil
	})
	fmt.Println(query.Call(context.Background(), json.RawMessage(`{"sql":"select 1"}`)))
	// Output: 3 rows for {"sql":"select 1"} <nil>
}

func ExampleChatService_Run() {
	client, stop := scriptedClient(
		keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "forecast", Arguments: `{"city":"Bern"}`}}},
		keeproutertest.Reply{Deltas: []string{"It will ", "be sunny."}},
	)
	defer stop()
	run := client.Chat.Run(context.Background(), &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Will it rain in Bern?")},
	}, keeprouter.Toolset{
		Tools:    []keeprouter.Tool{keeprouter.NewTool("forecast", "Weather of the coming days.", forecast)},
		MaxSteps: 8,
	})
	for e, err := range run.All() {
		if err != nil {
			log.Fatal(err) // ErrMaxSteps and ErrBudget arrive here too
		}
		switch e.Type {
		case keeprouter.RunText:
			fmt.Print(e.Text)
		case keeprouter.RunResult:
			fmt.Println(e.Call.Name, string(e.Call.Arguments), "->", e.Call.Result)
		}
	}
	fmt.Println("\nin", run.Total().Steps, "steps,", len(run.Request().Messages), "messages")
	// Output:
	// forecast {"city":"Bern"} -> sunny in Bern
	// It will be sunny.
	// in 2 steps, 4 messages
}

// Approval is an if in the loop.
func ExampleRun_Steps() {
	client, stop := scriptedClient(
		keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "send_mail", Arguments: `{"to":"everybody"}`}}},
		keeproutertest.Reply{Text: "I did not send it."},
	)
	defer stop()
	type mail struct {
		To string `json:"to"`
	}
	send := keeprouter.NewTool("send_mail", "Sends a mail.", func(_ context.Context, in mail) (string, error) { return "sent to " + in.To, nil })

	run := client.Messages.Run(context.Background(), ask(), keeprouter.Toolset{Tools: []keeprouter.Tool{send}})
	for step, err := range run.Steps() {
		if err != nil {
			log.Fatal(err)
		}
		for _, call := range step.Calls { // proposed, not yet run
			if call.Name == "send_mail" {
				call.Deny("the user said no")
			}
		}
	}
	resp, err := run.Result()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text())
	for _, m := range run.Request().Messages {
		for _, b := range m.Content {
			if result, ok := b.(*keeprouter.ToolResultBlock); ok {
				fmt.Println("the model read:", result.Content.Text())
			}
		}
	}
	// Output:
	// I did not send it.
	// the model read: The call was denied: the user said no
}

// A loop of one's own declares the tools and calls them.
func ExampleToolset_Chat() {
	client, stop := scriptedClient(
		keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{ID: "call_1", Name: "forecast", Arguments: `{"city":"Bern"}`}}},
		keeproutertest.Reply{Text: "It will be sunny."},
	)
	defer stop()
	tool := keeprouter.NewTool("forecast", "Weather of the coming days.", forecast)
	declared, err := keeprouter.Toolset{Tools: []keeprouter.Tool{tool}}.Chat()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	req := hello()
	req.Tools = declared
	resp, err := client.Chat.Create(ctx, req)
	if err != nil {
		log.Fatal(err)
	}
	req.Messages = append(req.Messages, resp.Message())
	for _, call := range resp.ToolCalls() {
		result, err := tool.Call(ctx, json.RawMessage(call.Arguments))
		if err != nil {
			result = err.Error()
		}
		req.Messages = append(req.Messages, keeprouter.ToolResult(call.ID, result))
	}
	if resp, err = client.Chat.Create(ctx, req); err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text())
	// Output: It will be sunny.
}

func ExampleGenerateChat() {
	client, stop := scriptedClient(keeproutertest.Reply{
		Text:  `{"customer":"Nordlicht","items":["chain"],"total_cents":25810}`,
		Usage: &keeproutertest.Usage{Input: 1000, Output: 500},
	})
	defer stop()
	value, resp, err := keeprouter.GenerateChat[invoice](context.Background(), client, &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("The invoice says: …")},
	})
	switch {
	case errors.Is(err, keeprouter.ErrRefused), errors.Is(err, keeprouter.ErrOutputLimit), errors.Is(err, keeprouter.ErrBadOutput):
		log.Fatal("there is no invoice: ", err)
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(value.Customer, value.Cents, resp.Cost)
	// Output: Nordlicht 25810 $0.000295
}

func ExampleGenerator_MessagesStream() {
	client, stop := scriptedClient(keeproutertest.Reply{Deltas: []string{
		`{"customer":"Nord`, `licht","items":["cha`, `in","brake set"],"total_cents":25810}`,
	}})
	defer stop()
	for value, err := range (keeprouter.Generator[invoice]{}).MessagesStream(context.Background(), client, ask()).All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(value.Customer, value.Items, value.Cents)
	}
	// Output:
	// Nord [] 0
	// Nordlicht [cha] 0
	// Nordlicht [chain brake set] 25810
	// Nordlicht [chain brake set] 25810
}
