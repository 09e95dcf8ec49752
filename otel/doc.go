// Package keeprouterotel tells OpenTelemetry what a keeprouter client does: a span for
// each call of a model, each run of tools and each call of a tool, and metrics of their
// times, tokens and cost, all by the semantic conventions for generative AI.
//
//	opts := &keeprouter.Options{}
//	if err := keeprouterotel.Instrument(opts, nil); err != nil {
//		return err
//	}
//	client, err := keeprouter.NewClient(opts)
//
// # Spans
//
//	invoke_agent                    a run, INTERNAL
//	├─ chat gemma-4-31B-it          a call of a model, CLIENT; within a run a step of it
//	│  ├─ attempt                   each attempt, INTERNAL, of calls that were repeated
//	│  └─ attempt
//	├─ execute_tool get_weather     a call of a tool, INTERNAL
//	└─ chat gemma-4-31B-it
//
// The span of a stream ends when the loop over it does, and a loop that is left early is
// no error: its span has keeprouter.unfinished. Spans hold sizes, times, settings and
// the reasons of failures by their kind. What was said is in none of them, nor the text
// of errors, which may quote it, unless [Config.Content] is set.
//
// # Metrics
//
//	gen_ai.client.operation.duration                s        histogram, of each call
//	gen_ai.client.operation.time_to_first_chunk     s        histogram, of each stream
//	gen_ai.client.operation.time_per_output_chunk   s        histogram, if Config.Chunks is set
//	gen_ai.client.token.usage                       {token}  histogram, by gen_ai.token.type
//	gen_ai.invoke_agent.duration                    s        histogram, of each run
//	gen_ai.execute_tool.duration                    s        histogram, of each call of a tool
//	keeprouter.client.time_per_output_token         s        histogram, of each stream that ended well
//	keeprouter.client.cost                          {USD}    counter
//	keeprouter.client.unpriced_calls                {call}   counter, of calls whose cost is unknown
//
// # Cost
//
// A span has the exact cost as decimal text, in US dollars: keeprouter.cost is
// "0.000295". A metric can only be a float, and sums of floats drift: for amounts that
// must add up, take the client's [keeprouter.Meter], which counts the same calls.
//
// # Conventions
//
// The names are those of the semantic conventions 1.41, the last release that holds the
// generative ones; they move to a repository of their own, which has released none yet.
// What is not in 1.41 has the name that it has there (the durations of runs and tools)
// or begins with keeprouter. The error.type is the [keeprouter.ErrorKind] or the tool
// call's outcome with underscores for spaces, such as rate_limited or timed_out,
// otherwise the Go type of the error.
//
// # Propagation
//
// The headers of a trace go with the HTTP request if [Config.Propagator] is set, or if
// the Transport of [keeprouter.Options].HTTPClient adds them, as that of otelhttp does.
package keeprouterotel
