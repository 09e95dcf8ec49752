package keeprouter

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// LogRuns is a middleware that logs each run when it has ended, at the levels of
// [LogCalls], without anything of the conversation. Its steps are calls: LogCalls logs
// them, with their number. A nil logger is [slog.Default].
//
//	opts.RunMiddleware = append(opts.RunMiddleware, keeprouter.LogRuns(logger))
//
// The attributes are operation, model, steps, tool_calls, took, usage and cost (of all
// steps together), budget (of one that refused) and err.
func LogRuns(logger *slog.Logger) RunMiddleware {
	return func(ctx context.Context, run *RunInfo, next func(context.Context) error) error {
		start := time.Now()
		err := next(ctx)
		loggerOr(logger).LogAttrs(ctx, logLevel(err), "model run", runAttrs(run, time.Since(start), err)...)
		return err
	}
}

func runAttrs(run *RunInfo, took time.Duration, err error) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("operation", run.Operation), slog.String("model", run.Model),
		slog.Int("steps", run.Total.Steps), slog.Int("tool_calls", run.ToolCalls), slog.Duration("took", took),
	}
	if run.Total.Steps > 0 {
		attrs = append(attrs, spentAttrs(run.Total.Usage, run.Total.Cost)...)
	}
	return append(attrs, failureAttrs(err)...)
}

// LogTools is a middleware that logs each call of a tool when it has ended, without its
// arguments, its result or the text of its error, any of which may hold what a user
// wrote: to log more, do so in the tool. A call that worked is logged at the level Info,
// any other at Warn, since the model is told and the run goes on. A nil logger is
// [slog.Default].
//
//	opts.ToolMiddleware = append(opts.ToolMiddleware, keeprouter.LogTools(logger))
//
// The attributes are tool, call_id, step, took, outcome (see [ToolCall.Outcome]),
// repaired, if the arguments were, and err_type, the Go type of the error.
func LogTools(logger *slog.Logger) ToolMiddleware {
	return func(ctx context.Context, call *ToolCall, next func(context.Context) error) error {
		start := time.Now()
		err := next(ctx)
		level := slog.LevelInfo
		if err != nil {
			level = slog.LevelWarn
		}
		loggerOr(logger).LogAttrs(ctx, level, "tool call", toolAttrs(call, time.Since(start))...)
		return err
	}
}

func toolAttrs(call *ToolCall, took time.Duration) []slog.Attr {
	const most = 64 // the model wrote the name, and the server may have made up the id
	attrs := []slog.Attr{
		slog.String("tool", fmt.Sprintf("%.*s", most, call.Name)), slog.String("call_id", fmt.Sprintf("%.*s", most, call.ID)),
		slog.Int("step", call.Step), slog.Duration("took", took), slog.String("outcome", call.Outcome()),
	}
	if len(call.Repaired) > 0 {
		attrs = append(attrs, slog.Bool("repaired", true))
	}
	if call.Err != nil {
		attrs = append(attrs, slog.String("err_type", fmt.Sprintf("%T", call.Err)))
	}
	return attrs
}

func loggerOr(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.Default()
	}
	return l
}
