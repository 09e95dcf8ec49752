package keeprouterotel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
)

// run is the middleware of runs.
func (i *instrument) run(ctx context.Context, run *keeprouter.RunInfo, next func(context.Context) error) error {
	start := time.Now()
	ctx, span := i.tracer.Start(ctx, spanName("invoke_agent", i.config.Agent), trace.WithAttributes(
		append(i.runAttributes(run), semconv.GenAIOperationNameInvokeAgent, semconv.GenAIProviderNameKey.String(i.config.Provider),
			attribute.String("keeprouter.operation", run.Operation))...))
	err := errPanicked // unless next returns
	defer func() {
		attrs := i.runAttributes(run)
		if kind := errorType(err); kind != "" {
			attrs = append(attrs, semconv.ErrorTypeKey.String(kind))
		}
		i.metrics.runTime.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(attrs...))
		span.SetAttributes(attribute.Int("keeprouter.run.steps", run.Total.Steps), attribute.Int("keeprouter.run.tool_calls", run.ToolCalls))
		if run.Total.Steps > 0 {
			span.SetAttributes(usageAttributes(run.Total.Usage, run.Total.Cost)...)
		}
		fail(span, err)
		span.End()
	}()
	err = next(ctx)
	return err
}

func (i *instrument) runAttributes(run *keeprouter.RunInfo) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if run.Model != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(run.Model))
	}
	if i.config.Agent != "" {
		attrs = append(attrs, semconv.GenAIAgentName(i.config.Agent))
	}
	return attrs
}

// noTool stands for the names of tools that there are not: the model made them up, so
// that they have no end, and may hold anything.
const noTool = "_OTHER"

// tool is the middleware of the calls of tools.
func (i *instrument) tool(ctx context.Context, call *keeprouter.ToolCall, next func(context.Context) error) error {
	start := time.Now()
	ctx, span := i.tracer.Start(ctx, "execute_tool "+call.Name, trace.WithAttributes(
		semconv.GenAIOperationNameExecuteTool, semconv.GenAIToolName(call.Name), semconv.GenAIToolType("function"),
		attribute.Int("keeprouter.run.step", call.Step)))
	if call.ID != "" {
		span.SetAttributes(semconv.GenAIToolCallID(call.ID))
	}
	outcome := "panicked" // unless next returns
	defer func() {
		name := call.Name
		if outcome == "unknown tool" {
			name = noTool
			span.SetName("execute_tool")
			span.SetAttributes(semconv.GenAIToolName(name))
		}
		attrs := []attribute.KeyValue{semconv.GenAIToolName(name), semconv.GenAIToolType("function")}
		if outcome != "ok" {
			kind := semconv.ErrorTypeKey.String(underscored(outcome))
			attrs = append(attrs, kind)
			span.SetAttributes(kind)
			span.SetStatus(codes.Error, outcome)
		}
		i.metrics.toolTime.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(attrs...))
		if i.config.Content {
			span.SetAttributes(semconv.GenAIToolCallArgumentsKey.String(string(call.Arguments)), semconv.GenAIToolCallResultKey.String(call.Result))
		}
		span.End()
	}()
	err := next(ctx)
	outcome = call.Outcome()
	return err
}
