package keeprouterotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	keeprouterotel "github.com/keeprouter/keeprouter-go/otel"
)

// BenchmarkCall makes small calls in process without instruments, with those of a
// program that exports nothing, and with the SDK's, unsampled and sampled.
func BenchmarkCall(b *testing.B) {
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	for _, bm := range []struct {
		name   string
		config *keeprouterotel.Config
	}{
		{"none", nil},
		{"noop", &keeprouterotel.Config{TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider()}},
		{"unsampled", &keeprouterotel.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), MeterProvider: meters}},
		{"sampled", &keeprouterotel.Config{TracerProvider: sdktrace.NewTracerProvider(), MeterProvider: meters}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			opts := keeproutertest.NewServer(b).Options()
			if bm.config != nil {
				require.NoError(b, keeprouterotel.Instrument(opts, bm.config))
			}
			client, err := keeprouter.NewClient(opts)
			require.NoError(b, err)
			for b.Loop() {
				_, err := client.Chat.Create(b.Context(), chatRequest())
				require.NoError(b, err)
			}
		})
	}
}
