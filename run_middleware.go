package keeprouter

import (
	"context"
	"slices"
)

// RunMiddleware surrounds one run: its steps, their tool calls and the time until the
// loop over it ends. It calls next once, or returns an error of its own without calling
// it. What it returns is what the caller gets, except that it can't turn a failed run
// into a success. The context that it gives to next is that of all calls in the run, so
// that a span or a deadline in it holds for them too.
//
//	func logRuns(ctx context.Context, run *keeprouter.RunInfo, next func(context.Context) error) error {
//		err := next(ctx)
//		slog.InfoContext(ctx, "llm run", "steps", run.Total.Steps, "cost", run.Total.Cost, "err", err)
//		return err
//	}
type RunMiddleware func(ctx context.Context, run *RunInfo, next func(context.Context) error) error

// RunInfo is a run as a [RunMiddleware] sees it, and a [Middleware] in [Call.Run]. The
// first group of fields is set before next, the second grows with each step.
type RunInfo struct {
	Operation string // "chat.run" or "messages.run"
	Model     string // the model asked for
	Request   any    // the *ChatRequest or *MessagesRequest that the run was given

	Step      int      // of the answer that is being asked for, or whose calls run; counts from 0
	Total     RunTotal // of the answers so far
	ToolCalls int      // calls of tools that have a result, failed ones included
}

// ToolMiddleware surrounds one call of a tool in a run, also one that is denied or names
// no tool. Before next it may change the arguments or [ToolCall.Deny] the call; after it
// the result is there, and next has returned [ToolCall.Err]. It may call next again to
// repeat the call. An error of its own is what the model reads, like one of the tool; a
// panic is a [*ToolPanic]. Calls that run in parallel are surrounded in parallel.
//
//	func audit(ctx context.Context, call *keeprouter.ToolCall, next func(context.Context) error) error {
//		err := next(ctx)
//		slog.InfoContext(ctx, "tool", "name", call.Name, "took", call.Duration, "outcome", call.Outcome())
//		return err
//	}
type ToolMiddleware func(ctx context.Context, call *ToolCall, next func(context.Context) error) error

// runKey is where the context of a run's own calls, not of those that its tools make,
// holds its *RunInfo.
type runKey struct{}

func runInfo(ctx context.Context) *RunInfo {
	info, _ := ctx.Value(runKey{}).(*RunInfo)
	return info
}

// surround runs core inside the middleware, the first one outermost.
func surround[I any, M ~func(context.Context, I, func(context.Context) error) error](ctx context.Context, middleware []M, item I, core func(context.Context) error) error {
	next := core
	for _, m := range slices.Backward(middleware) {
		inner := next
		next = func(ctx context.Context) error { return m(ctx, item, inner) }
	}
	return next(ctx)
}

// surroundOnce runs core inside middleware of a setting that has to call next once, and
// can't turn a failure into a success. Its errors are those of call.
func surroundOnce[I any, M ~func(context.Context, I, func(context.Context) error) error](
	ctx context.Context, setting string, middleware []M, item I, call *Call, core func(context.Context) error,
) error {
	var failed error
	calls := 0
	err := surround(ctx, middleware, item, func(ctx context.Context) error {
		if calls++; calls > 1 {
			failed = callError(configError(setting, "a middleware called next a second time: call it once"), call)
		} else {
			failed = core(ctx)
		}
		return failed
	})
	switch {
	case err != nil:
		return callError(err, call)
	case calls == 0:
		return callError(configError(setting, "a middleware returned no error without calling next"), call)
	}
	return failed
}

// surrounded makes the steps inside the middleware.
func (r *Run[Q, R]) surrounded(show func(RunEvent) bool) error {
	call := &Call{Operation: r.info.Operation}
	return surroundOnce(r.ctx, "Options.RunMiddleware", r.client.options.RunMiddleware, &r.info, call, func(ctx context.Context) error {
		r.ctx = ctx
		return callError(r.steps(show), call)
	})
}
