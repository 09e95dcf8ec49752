package keeprouterotel_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	keeprouterotel "github.com/keeprouter/keeprouter-go/otel"
)

// A program that has set its providers with the package otel gives no Config.
func ExampleInstrument() {
	srv := keeproutertest.Start(keeproutertest.Reply{Text: "Hello.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	defer srv.Close()
	spans := tracetest.NewInMemoryExporter()

	opts := srv.Options()
	err := keeprouterotel.Instrument(opts, &keeprouterotel.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := keeprouter.NewClient(opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Chat.Create(context.Background(), chatRequest())
	if err != nil {
		fmt.Println(err)
		return
	}
	span := spans.GetSpans()[0]
	fmt.Println(span.Name, attributeOf(span.Attributes, "keeprouter.cost"))
	// Output: chat gemma-4-31B-it 0.000295
}
