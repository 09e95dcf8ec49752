// Observability has a model call two tools, one of which fails, behind a gateway that is
// busy at first, and prints what OpenTelemetry was told: the trace as a tree, and the
// metrics.
//
//	cd examples/observability && go run .
//
// Without KEEPROUTER_KEY a script plays the model's part. A service would have an
// exporter in place of the tree: only providers would change.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	keeprouterotel "github.com/keeprouter/keeprouter-go/otel"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	plain, stop, err := offline.NewClient(out, script()...)
	if err != nil {
		return err
	}
	defer stop()
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	client, err := plain.With(func(o *keeprouter.Options) {
		err = keeprouterotel.Instrument(o, &keeprouterotel.Config{
			TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
			MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
			Agent:          "traveller",
		})
	})
	if err != nil {
		return err
	}
	answer, err := ask(ctx, client)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n\nThe trace:\n\n", answer)
	printTree(out, spans.GetSpans())
	fmt.Fprint(out, "\nThe metrics:\n\n")
	var data metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &data); err != nil {
		return err
	}
	printMetrics(out, data)
	return nil
}

// ask runs the tools until the model has its answer. Nothing in it is about telemetry.
func ask(ctx context.Context, client *keeprouter.Client) (string, error) {
	run := client.Chat.Run(ctx, &keeprouter.ChatRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: new(500),
		Messages:  []keeprouter.ChatMessage{keeprouter.User("Which is warmer today, Bern or Atlantis?")},
	}, keeprouter.Toolset{
		Tools:    []keeprouter.Tool{keeprouter.NewTool("temperature", "Today's temperature of a city in degrees Celsius.", temperature)},
		Parallel: 2,
	})
	resp, err := run.Result()
	if err != nil {
		return "", err
	}
	return resp.Text(), nil
}

type place struct {
	City string `json:"city" jsonschema:"name of the city, in English"`
}

func temperature(_ context.Context, in place) (float64, error) {
	if in.City != "Bern" {
		return 0, errors.New("no station in " + in.City)
	}
	time.Sleep(20 * time.Millisecond)
	return 21.5, nil
}

// script is what the local gateway answers.
func script() []keeproutertest.Reply {
	return []keeproutertest.Reply{
		{Status: 429, RetryAfter: 50 * time.Millisecond},
		{
			Text: "Let me look both up.",
			ToolCalls: []keeproutertest.ToolCall{
				{Name: "temperature", Arguments: `{"city":"Bern"}`},
				{Name: "temperature", Arguments: `{"city":"Atlantis"}`},
			},
			Usage: &keeproutertest.Usage{Input: 187, Output: 42},
		},
		{Text: "Bern, at 21.5 degrees: of Atlantis nobody knows.", Usage: &keeproutertest.Usage{Input: 283, CachedInput: 187, Output: 17}},
	}
}
