package keeprouter

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// LogCalls is a middleware that logs each call when it has ended, and each failed
// attempt of it, without anything of prompts, answers or the key. A call that worked is
// logged at the level Info, one that failed at Error or, where the same call may work
// later, at Warn; attempts at Debug. A nil logger is [slog.Default].
//
//	opts.Middleware = append(opts.Middleware, keeprouter.LogCalls(logger))
//
// The attributes are operation, model, stream, step (of a run), request_id, status,
// attempts, took, first_byte, first_delta (of streams), finish (why the answer ended),
// the groups usage (input, output, and what is in them), charge (of a budget) and
// budget (of one that refused), cost, in dollars as text, and err. [LogRuns] and
// [LogTools] log the rest in the same names.
func LogCalls(logger *slog.Logger) Middleware {
	return func(ctx context.Context, call *Call, next func(context.Context) error) error {
		l, start := loggerOr(logger), time.Now()
		err := next(ctx)
		logAttempts(ctx, l, call)
		l.LogAttrs(ctx, logLevel(err), "model call", callAttrs(call, time.Since(start), err)...)
		return err
	}
}

func logLevel(err error) slog.Level {
	e, ok := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return slog.LevelInfo
	case ok && (e.Retryable || e.Kind == ErrCanceled || e.Kind == ErrUnfinished):
		return slog.LevelWarn
	}
	return slog.LevelError
}

func logAttempts(ctx context.Context, l *slog.Logger, call *Call) {
	for i, a := range call.Attempts {
		if a.Err == nil {
			continue
		}
		l.LogAttrs(ctx, slog.LevelDebug, "model call attempt failed",
			slog.String("operation", call.Operation), slog.String("model", call.Model),
			slog.Int("attempt", i+1), slog.Int("status", a.Status),
			slog.Duration("waited", a.Delay), slog.Duration("took", a.Duration), slog.Any("err", logged(a.Err)))
	}
}

func callAttrs(call *Call, took time.Duration, err error) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("operation", call.Operation), slog.String("model", call.Model), slog.Bool("stream", call.Streaming),
		slog.String("request_id", call.Meta.RequestID), slog.Int("status", call.Meta.Status),
		slog.Int("attempts", len(call.Attempts)), slog.Duration("took", took), slog.Duration("first_byte", call.FirstByte),
	}
	if call.Streaming {
		attrs = append(attrs, slog.Duration("first_delta", call.FirstDelta))
	}
	if call.Run != nil {
		attrs = append(attrs, slog.Int("step", call.Run.Step))
	}
	if finish := answerFinish(call.Response); finish != "" {
		attrs = append(attrs, slog.String("finish", finish))
	}
	attrs = append(attrs, spentAttrs(call.Usage, call.Cost)...)
	if c := call.Charge; c.Basis != "" {
		attrs = append(attrs, slog.Group("charge",
			slog.String("spent", c.Spent.String()), slog.String("reserved", c.Reserved.String()), slog.String("basis", string(c.Basis))))
	}
	return append(attrs, failureAttrs(err)...)
}

func spentAttrs(usage Usage, cost Cost) []slog.Attr {
	var attrs []slog.Attr
	if !usage.Unknown {
		attrs = append(attrs, slog.Any("usage", usage))
	}
	if cost.reason() == nil {
		attrs = append(attrs, slog.String("cost", cost.Total.String()))
	}
	return attrs
}

func failureAttrs(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	var attrs []slog.Attr
	if refused, ok := errors.AsType[*BudgetError](err); ok {
		attrs = append(attrs, slog.Any("budget", refused))
	}
	return append(attrs, slog.Any("err", logged(err)))
}

func answerFinish(response any) string {
	switch r := response.(type) {
	case *ChatResponse:
		return string(r.FinishReason())
	case *MessagesResponse:
		return string(r.StopReason)
	}
	return ""
}

// logged is an error as it may stand in a log: of ours the fields that quote nothing,
// of others, such as a middleware's own, all they say.
func logged(err error) any {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return err.Error()
}

// LogValue gives the counts to [log/slog], those of zero left out.
func (u Usage) LogValue() slog.Value {
	if u.Unknown {
		return slog.StringValue("unknown")
	}
	attrs := []slog.Attr{slog.Int64("input", u.Input), slog.Int64("output", u.Output)}
	for _, part := range []count{
		{kindCachedInput, u.CachedInput},
		{kindCacheWrite, u.CacheWrite},
		{kindCacheWrite1h, u.CacheWrite1h},
		{kindInputAudio, u.InputAudio},
		{kindReasoning, u.Reasoning},
		{kindOutputAudio, u.OutputAudio},
	} {
		if part.tokens != 0 {
			attrs = append(attrs, slog.Int64(part.name, part.tokens))
		}
	}
	return slog.GroupValue(attrs...)
}
