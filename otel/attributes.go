package keeprouterotel

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
)

// requestAttributes are the settings of a request.
func requestAttributes(call *keeprouter.Call) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.String("keeprouter.operation", call.Operation)}
	if call.Run != nil {
		attrs = append(attrs, attribute.Int("keeprouter.run.step", call.Run.Step))
	}
	if call.Streaming {
		attrs = append(attrs, semconv.GenAIRequestStream(true))
	}
	switch r := call.Request.(type) {
	case *keeprouter.ChatRequest:
		return append(attrs, chatAttributes(r)...)
	case *keeprouter.MessagesRequest:
		return append(attrs, messagesAttributes(r)...)
	}
	return attrs
}

func chatAttributes(r *keeprouter.ChatRequest) []attribute.KeyValue {
	var attrs settings
	attrs.int(semconv.GenAIRequestMaxTokensKey, r.MaxTokens)
	attrs.int(semconv.GenAIRequestMaxTokensKey, r.MaxCompletionTokens) // the later one counts
	attrs.float(semconv.GenAIRequestTemperatureKey, r.Temperature)
	attrs.float(semconv.GenAIRequestTopPKey, r.TopP)
	attrs.float(semconv.GenAIRequestFrequencyPenaltyKey, r.FrequencyPenalty)
	attrs.float(semconv.GenAIRequestPresencePenaltyKey, r.PresencePenalty)
	attrs.int(semconv.GenAIRequestSeedKey, r.Seed)
	if r.N != nil && *r.N != 1 {
		attrs.int(semconv.GenAIRequestChoiceCountKey, r.N)
	}
	if len(r.Stop) > 0 {
		attrs = append(attrs, semconv.GenAIRequestStopSequences(r.Stop...))
	}
	switch k := r.Extra["top_k"].(type) {
	case int:
		attrs = append(attrs, semconv.GenAIRequestTopK(float64(k)))
	case float64:
		attrs = append(attrs, semconv.GenAIRequestTopK(k))
	}
	switch f := r.ResponseFormat; {
	case r.Audio != nil:
		attrs = append(attrs, semconv.GenAIOutputTypeSpeech)
	case f != nil && f.Type == "text":
		attrs = append(attrs, semconv.GenAIOutputTypeText)
	case f != nil:
		attrs = append(attrs, semconv.GenAIOutputTypeJSON)
	}
	return attrs
}

func messagesAttributes(r *keeprouter.MessagesRequest) []attribute.KeyValue {
	attrs := settings{semconv.GenAIRequestMaxTokens(r.MaxTokens)}
	attrs.float(semconv.GenAIRequestTemperatureKey, r.Temperature)
	attrs.float(semconv.GenAIRequestTopPKey, r.TopP)
	if r.TopK != nil {
		attrs = append(attrs, semconv.GenAIRequestTopK(float64(*r.TopK)))
	}
	if len(r.StopSequences) > 0 {
		attrs = append(attrs, semconv.GenAIRequestStopSequences(r.StopSequences...))
	}
	if r.OutputConfig != nil && r.OutputConfig.Format != nil {
		attrs = append(attrs, semconv.GenAIOutputTypeJSON)
	}
	return attrs
}

// settings are attributes of those settings that are set.
type settings []attribute.KeyValue

func (s *settings) int(key attribute.Key, value *int) {
	if value != nil {
		*s = append(*s, key.Int(*value))
	}
}

func (s *settings) float(key attribute.Key, value *float64) {
	if value != nil {
		*s = append(*s, key.Float64(*value))
	}
}

func serverAttributes(baseURL string) []attribute.KeyValue {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	port, err := strconv.Atoi(u.Port())
	switch {
	case err == nil:
	case u.Scheme == "http":
		port = 80
	default:
		port = 443
	}
	return []attribute.KeyValue{semconv.ServerAddress(u.Hostname()), semconv.ServerPort(port)}
}

// usageAttributes tell what was used, and what it cost. Parts that are zero are left
// out.
func usageAttributes(u keeprouter.Usage, cost keeprouter.Cost) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if !u.Unknown {
		attrs = append(attrs, semconv.GenAIUsageInputTokens(int(u.Input)), semconv.GenAIUsageOutputTokens(int(u.Output)))
		for _, part := range []struct {
			key    attribute.Key
			tokens int64
		}{
			{semconv.GenAIUsageCacheReadInputTokensKey, u.CachedInput},
			{semconv.GenAIUsageCacheCreationInputTokensKey, u.CacheWrite + u.CacheWrite1h},
			{semconv.GenAIUsageReasoningOutputTokensKey, u.Reasoning},
		} {
			if part.tokens != 0 {
				attrs = append(attrs, part.key.Int64(part.tokens))
			}
		}
	}
	if _, known := dollars(cost); known {
		attrs = append(attrs, attribute.String("keeprouter.cost", decimal(cost.Total)))
	}
	if cost.Reported != nil {
		attrs = append(attrs, attribute.String("keeprouter.cost.reported", decimal(*cost.Reported)))
	}
	return attrs
}

// chargeAttributes tell what a budget was charged.
func chargeAttributes(c keeprouter.Charge) []attribute.KeyValue {
	if c.Basis == "" {
		return nil
	}
	return []attribute.KeyValue{
		attribute.String("keeprouter.charge.reserved", decimal(c.Reserved)),
		attribute.String("keeprouter.charge.spent", decimal(c.Spent)),
		attribute.String("keeprouter.charge.basis", string(c.Basis)),
	}
}

// dollars is a cost for a metric; false if it is unknown.
func dollars(c keeprouter.Cost) (float64, bool) {
	return float64(c.Total) / float64(keeprouter.Dollar), c.Err == nil && c.Model != ""
}

// decimal is an amount as an exact number of dollars.
func decimal(m keeprouter.Money) string { return strings.Replace(m.String(), "$", "", 1) }

// fail marks a span as failed, by the kind of the error only: its text may quote what
// was said. Leaving a stream early is no failure.
func fail(span trace.Span, err error) {
	switch kind := errorType(err); {
	case err == nil:
		return
	case kind == "":
		span.SetAttributes(attribute.Bool("keeprouter.unfinished", true))
		return
	default:
		span.SetAttributes(semconv.ErrorTypeKey.String(kind))
		span.SetStatus(codes.Error, kind)
	}
	if refused, ok := errors.AsType[*keeprouter.BudgetError](err); ok {
		span.SetAttributes(refusalAttributes(refused)...)
	}
}

func refusalAttributes(e *keeprouter.BudgetError) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.Bool("keeprouter.budget.refused", true)}
	if e.Budget != "" {
		attrs = append(attrs, attribute.String("keeprouter.budget.name", e.Budget))
	}
	if e.Unbounded {
		return append(attrs, attribute.Bool("keeprouter.budget.unbounded", true))
	}
	return append(attrs,
		attribute.String("keeprouter.budget.period", string(e.Period)),
		attribute.String("keeprouter.budget.limit", decimal(e.Limit)),
		attribute.String("keeprouter.budget.spent", decimal(e.Spent)),
		attribute.String("keeprouter.budget.reserved", decimal(e.Reserved)),
		attribute.String("keeprouter.budget.requested", decimal(e.Requested)),
	)
}

// errorType is the kind of an error in the form of the conventions; empty for none and
// for a stream that was left early.
func errorType(err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*keeprouter.Error](err)
	switch {
	case errors.Is(err, errPanicked):
		return "panic"
	case ok && e.Kind == keeprouter.ErrUnfinished:
		return ""
	case ok:
		return underscored(string(e.Kind))
	}
	return semconv.ErrorType(err).Value.AsString()
}

func underscored(words string) string { return strings.ReplaceAll(words, " ", "_") }
