package keeprouterotel

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// metrics are the instruments of a meter.
type metrics struct {
	callTime, firstChunk, chunk metric.Float64Histogram
	tokenTime                   metric.Float64Histogram
	runTime, toolTime           metric.Float64Histogram
	tokens                      metric.Int64Histogram
	cost                        metric.Float64Counter
	unpriced                    metric.Int64Counter
}

// The boundaries that the conventions advise.
var (
	callBounds  = metric.WithExplicitBucketBoundaries(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
	runBounds   = metric.WithExplicitBucketBoundaries(0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6)
	tokenBounds = metric.WithExplicitBucketBoundaries(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
	// Those of a server's time per output token, which is what a stream's client sees.
	perTokenBounds = metric.WithExplicitBucketBoundaries(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
)

func (m *metrics) open(meter metric.Meter) error {
	var failed []error
	seconds := func(name, description string, bounds metric.HistogramOption) metric.Float64Histogram {
		h, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description), bounds)
		failed = append(failed, err)
		return h
	}
	m.callTime = seconds("gen_ai.client.operation.duration", "How long calls of a model took.", callBounds)
	m.firstChunk = seconds("gen_ai.client.operation.time_to_first_chunk", "From the start of a call to the first chunk of its stream.", callBounds)
	m.chunk = seconds("gen_ai.client.operation.time_per_output_chunk", "From each chunk of a stream to the next.", callBounds)
	m.tokenTime = seconds("keeprouter.client.time_per_output_token", "From the first chunk of a stream to its end, by token.", perTokenBounds)
	m.runTime = seconds("gen_ai.invoke_agent.duration", "How long runs of tools took.", runBounds)
	m.toolTime = seconds("gen_ai.execute_tool.duration", "How long calls of tools took.", callBounds)
	var err error
	m.tokens, err = meter.Int64Histogram("gen_ai.client.token.usage", metric.WithUnit("{token}"),
		metric.WithDescription("Tokens of prompts and answers."), tokenBounds)
	failed = append(failed, err)
	m.cost, err = meter.Float64Counter("keeprouter.client.cost", metric.WithUnit("{USD}"), metric.WithDescription("What calls cost."))
	failed = append(failed, err)
	m.unpriced, err = meter.Int64Counter("keeprouter.client.unpriced_calls", metric.WithUnit("{call}"),
		metric.WithDescription("Answers whose cost is unknown."))
	return errors.Join(append(failed, err)...)
}
