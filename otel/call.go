package keeprouterotel

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
)

// call is the middleware of calls.
func (i *instrument) call(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
	start := time.Now()
	common := i.callAttributes(call)
	ctx, span := i.tracer.Start(ctx, spanName(operation(call), call.Model),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(common...))
	if span.IsRecording() {
		span.SetAttributes(requestAttributes(call)...)
	}
	if i.config.Propagator != nil {
		i.config.Propagator.Inject(ctx, propagation.HeaderCarrier(call.Header))
	}
	if i.config.Chunks {
		i.watchChunks(ctx, call, common)
	}
	err := errPanicked // unless next returns
	defer func() {
		took := time.Since(start)
		i.measureCall(ctx, call, common, took, err)
		if span.IsRecording() {
			i.describeCall(ctx, span, call, err)
		}
		span.End()
	}()
	err = next(ctx)
	return err
}

// callAttributes are those that spans and metrics of a call share, and samplers see.
func (i *instrument) callAttributes(call *keeprouter.Call) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 8),
		semconv.GenAIOperationNameKey.String(operation(call)), semconv.GenAIProviderNameKey.String(i.config.Provider))
	if call.Model != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(call.Model))
	}
	return append(attrs, serverAttributes(call.BaseURL)...)
}

// operation is the conventions' name of what a call does, or one in their manner.
func operation(call *keeprouter.Call) string {
	switch call.Operation {
	case "chat.create", "chat.stream", "messages.create", "messages.stream":
		return "chat"
	case "messages.count_tokens":
		return "count_tokens"
	case "models.list":
		return "list_models"
	case "models.get":
		return "get_model"
	}
	return call.Operation
}

func spanName(operation, subject string) string {
	if subject == "" {
		return operation
	}
	return operation + " " + subject
}

// watchChunks measures the time between chunks, for as long as they are wanted.
func (i *instrument) watchChunks(ctx context.Context, call *keeprouter.Call, common []attribute.KeyValue) {
	attrs := metric.WithAttributeSet(attribute.NewSet(common...))
	before := call.OnItem
	var last time.Time
	call.OnItem = func() {
		if before != nil {
			before()
		}
		now := time.Now()
		if !last.IsZero() {
			i.metrics.chunk.Record(ctx, now.Sub(last).Seconds(), attrs)
		}
		last = now
	}
}

// measureCall records the metrics of a call that has ended.
func (i *instrument) measureCall(ctx context.Context, call *keeprouter.Call, common []attribute.KeyValue, took time.Duration, err error) {
	if model := answerOf(call).model; model != "" {
		common = append(common, semconv.GenAIResponseModel(model))
	}
	common = common[:len(common):len(common)]
	attrs := metric.WithAttributeSet(attribute.NewSet(common...))
	if kind := errorType(err); kind != "" {
		i.metrics.callTime.Record(ctx, took.Seconds(), metric.WithAttributeSet(attribute.NewSet(append(common, semconv.ErrorTypeKey.String(kind))...)))
	} else {
		i.metrics.callTime.Record(ctx, took.Seconds(), attrs)
	}
	if call.Streaming && call.FirstDelta > 0 {
		i.metrics.firstChunk.Record(ctx, call.FirstDelta.Seconds(), attrs)
	}
	if u := call.Usage; !u.Unknown {
		i.metrics.tokens.Record(ctx, u.Input, metric.WithAttributeSet(attribute.NewSet(append(common, semconv.GenAITokenTypeInput)...)))
		i.metrics.tokens.Record(ctx, u.Output, metric.WithAttributeSet(attribute.NewSet(append(common, semconv.GenAITokenTypeOutput)...)))
		if call.Streaming && err == nil && u.Output > 1 {
			i.metrics.tokenTime.Record(ctx, (took-call.FirstDelta).Seconds()/float64(u.Output-1), attrs)
		}
	}
	switch usd, known := dollars(call.Cost); { // as the Meter does
	case known:
		i.metrics.cost.Add(ctx, usd, attrs)
	case call.Cost.Model != "":
		i.metrics.unpriced.Add(ctx, 1, attrs)
	}
}

// describeCall completes the span of a call that has ended.
func (i *instrument) describeCall(ctx context.Context, span trace.Span, call *keeprouter.Call, err error) {
	span.SetAttributes(answerAttributes(call)...)
	span.SetAttributes(usageAttributes(call.Usage, call.Cost)...)
	span.SetAttributes(chargeAttributes(call.Charge)...)
	if i.config.Content {
		span.SetAttributes(contentAttributes(call)...)
	}
	i.describeAttempts(ctx, call)
	fail(span, err)
}

// describeAttempts makes the spans of attempts, which have ended by now. A single one
// is what the call's span tells already.
func (i *instrument) describeAttempts(ctx context.Context, call *keeprouter.Call) {
	if len(call.Attempts) < 2 {
		return
	}
	for n, a := range call.Attempts {
		attrs := []attribute.KeyValue{attribute.Float64("keeprouter.attempt.delay", a.Delay.Seconds())}
		if n > 0 {
			attrs = append(attrs, semconv.HTTPRequestResendCount(n))
		}
		if a.Status != 0 {
			attrs = append(attrs, semconv.HTTPResponseStatusCode(a.Status))
		}
		_, span := i.tracer.Start(ctx, "attempt", trace.WithTimestamp(a.Start), trace.WithAttributes(attrs...))
		fail(span, a.Err)
		span.End(trace.WithTimestamp(a.Start.Add(a.Duration)))
	}
}

// answerAttributes tell of the answer, as far as it came.
func answerAttributes(call *keeprouter.Call) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.Int("keeprouter.attempts", len(call.Attempts))}
	if call.Meta.RequestID != "" {
		attrs = append(attrs, attribute.String("keeprouter.request_id", call.Meta.RequestID))
	}
	if status := call.Meta.Status; status != 0 && status != http.StatusOK {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(status))
	}
	if call.Streaming && call.FirstDelta > 0 {
		attrs = append(attrs, semconv.GenAIResponseTimeToFirstChunk(call.FirstDelta.Seconds()))
	}
	answer := answerOf(call)
	if answer.id != "" {
		attrs = append(attrs, semconv.GenAIResponseID(answer.id))
	}
	if answer.model != "" {
		attrs = append(attrs, semconv.GenAIResponseModel(answer.model))
	}
	if len(answer.finish) > 0 {
		attrs = append(attrs, semconv.GenAIResponseFinishReasons(answer.finish...))
	}
	return attrs
}

// answer is what the conventions want to know of an answer, in the terms of neither
// format.
type answer struct {
	id, model string
	finish    []string
}

func answerOf(call *keeprouter.Call) answer {
	switch r := call.Response.(type) {
	case *keeprouter.ChatResponse:
		a := answer{id: r.ID, model: r.Model}
		for _, c := range r.Choices {
			if c.FinishReason != "" {
				a.finish = append(a.finish, string(c.FinishReason))
			}
		}
		return a
	case *keeprouter.MessagesResponse:
		a := answer{id: r.ID, model: r.Model}
		if r.StopReason != "" {
			a.finish = []string{string(r.StopReason)}
		}
		return a
	}
	return answer{}
}

// errPanicked stands for what middleware can't see: next did not return.
var errPanicked = errors.New("keeprouterotel: the call ended in a panic")
