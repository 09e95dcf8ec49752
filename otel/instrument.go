package keeprouterotel

import (
	"errors"
	"slices"

	otelapi "go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
)

// Config are the settings of [Instrument]. The zero value of each field is its default.
type Config struct {
	// TracerProvider makes the spans. Default: the program's, otel.GetTracerProvider.
	TracerProvider trace.TracerProvider

	// MeterProvider makes the metrics. Default: the program's, otel.GetMeterProvider.
	MeterProvider metric.MeterProvider

	// Propagator, if set, puts the trace's headers into each request, such as
	// propagation.TraceContext{}. The gateway then learns the trace's id.
	Propagator propagation.TextMapPropagator

	// Provider is the gen_ai.provider.name. Default: "keeprouter".
	Provider string

	// Agent names the runs: their spans are "invoke_agent NAME".
	Agent string

	// Content records what was said: prompts, answers, the arguments and results of
	// tools. Pictures, sound and files are only named. All of it leaves the process with
	// the spans.
	Content bool

	// Chunks records the time between any two chunks of a stream in the metric
	// gen_ai.client.operation.time_per_output_chunk. It costs about as much as
	// everything else that is done for a chunk.
	Chunks bool
}

const scope = "github.com/keeprouter/keeprouter-go/otel"

// Instrument adds spans and metrics to the options of a client. They go in front of the
// middleware that is there, so that logs are in the span's context, too. Nil is the
// default [Config].
func Instrument(opts *keeprouter.Options, config *Config) error {
	if opts == nil {
		return errors.New("keeprouterotel: the options are nil: pass those that the client is made with")
	}
	i := &instrument{}
	if config != nil {
		i.config = *config
	}
	if i.config.TracerProvider == nil {
		i.config.TracerProvider = otelapi.GetTracerProvider()
	}
	if i.config.MeterProvider == nil {
		i.config.MeterProvider = otelapi.GetMeterProvider()
	}
	if i.config.Provider == "" {
		i.config.Provider = "keeprouter"
	}
	i.tracer = i.config.TracerProvider.Tracer(scope,
		trace.WithInstrumentationVersion(keeprouter.Version), trace.WithSchemaURL(semconv.SchemaURL))
	err := i.metrics.open(i.config.MeterProvider.Meter(scope,
		metric.WithInstrumentationVersion(keeprouter.Version), metric.WithSchemaURL(semconv.SchemaURL)))
	if err != nil {
		return err
	}
	opts.Middleware = slices.Insert(opts.Middleware, 0, i.call)
	opts.RunMiddleware = slices.Insert(opts.RunMiddleware, 0, i.run)
	opts.ToolMiddleware = slices.Insert(opts.ToolMiddleware, 0, i.tool)
	return nil
}

type instrument struct {
	config  Config
	tracer  trace.Tracer
	metrics metrics
}
