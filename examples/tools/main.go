// Tools has the model call two Go functions until it can answer, through both wire
// formats, and prints what each step cost.
//
//	go run ./examples/tools
//
// Without KEEPROUTER_KEY a script plays the model's part.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

const question = "Which is warmer today, Bern or Oslo, and by how much in Fahrenheit?"

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, stop, err := offline.NewClient(out, script()...)
	if err != nil {
		return err
	}
	defer stop()
	if err := chat(ctx, out, client); err != nil {
		return err
	}
	return messages(ctx, out, client)
}

// tools are ordinary functions. The model may call both at once.
func tools() keeprouter.Toolset {
	return keeprouter.Toolset{
		Tools: []keeprouter.Tool{
			keeprouter.NewTool("temperature", "Today's temperature of a city in degrees Celsius.", temperature),
			keeprouter.NewTool("convert", "Converts a difference of temperature from Celsius to Fahrenheit.", convert),
		},
		Parallel: 4,
		MaxSteps: 6,
	}
}

type place struct {
	City string `json:"city" jsonschema:"name of the city, in English"`
}

func temperature(_ context.Context, in place) (float64, error) {
	known := map[string]float64{"Bern": 21.5, "Oslo": 17}
	degrees, ok := known[in.City]
	if !ok {
		return 0, errors.New("no station in " + in.City) // the model reads this
	}
	return degrees, nil
}

type difference struct {
	Celsius float64 `json:"celsius"`
}

func convert(_ context.Context, in difference) (float64, error) { return in.Celsius * 9 / 5, nil }

func chat(ctx context.Context, out io.Writer, client *keeprouter.Client) error {
	fmt.Fprintf(out, "\nChat Completions: %s\n", question)
	run := client.Chat.Run(ctx, &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User(question)},
	}, tools())
	if err := show(out, run.All()); err != nil {
		return err
	}
	fmt.Fprintf(out, "  in all: %d steps, %v\n", run.Total().Steps, run.Total().Cost)
	return nil
}

func messages(ctx context.Context, out io.Writer, client *keeprouter.Client) error {
	fmt.Fprintf(out, "\nMessages: %s\n", question)
	run := client.Messages.Run(ctx, &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 500,
		Messages:  []keeprouter.Message{keeprouter.UserMessage(question)},
	}, tools())
	if err := show(out, run.All()); err != nil {
		return err
	}
	fmt.Fprintf(out, "  in all: %d steps, %v\n", run.Total().Steps, run.Total().Cost)
	return nil
}

// show prints what happens as it happens. It is the same for both formats.
func show(out io.Writer, events iter.Seq2[keeprouter.RunEvent, error]) error {
	inText := false
	for e, err := range events {
		if err != nil {
			return err
		}
		if inText && e.Type != keeprouter.RunText {
			fmt.Fprintln(out)
			inText = false
		}
		switch e.Type {
		case keeprouter.RunText:
			if !inText {
				fmt.Fprint(out, "  ")
			}
			inText = true
			fmt.Fprint(out, e.Text)
		case keeprouter.RunProposed:
			for _, call := range e.Calls {
				fmt.Fprintf(out, "  call %s %s\n", call.Name, call.Arguments)
			}
		case keeprouter.RunResult:
			fmt.Fprintf(out, "  %s returned %s\n", e.Call.Name, e.Call.Result)
		case keeprouter.RunStepEnded:
			fmt.Fprintf(out, "  step %d: %v, %v\n", e.Step+1, e.Usage, e.Cost)
		}
	}
	return nil
}

// script is what the local gateway answers, once for each format.
func script() []keeproutertest.Reply {
	turns := []keeproutertest.Reply{
		{
			Text: "Let me look both up.",
			ToolCalls: []keeproutertest.ToolCall{
				{Name: "temperature", Arguments: `{"city":"Bern"}`},
				{Name: "temperature", Arguments: `{"city":"Oslo"}`},
			},
			Usage: &keeproutertest.Usage{Input: 187, Output: 42},
		},
		{
			ToolCalls: []keeproutertest.ToolCall{{Name: "convert", Arguments: `{"celsius":4.5}`}},
			Usage:     &keeproutertest.Usage{Input: 251, Output: 17},
		},
		{
			Text:  "Bern is warmer, by 8.1 degrees Fahrenheit.",
			Usage: &keeproutertest.Usage{Input: 283, Output: 13},
		},
	}
	return append(turns, turns...)
}
