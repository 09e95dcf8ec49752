package keeprouter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// ToolCall is a call of a tool that the model proposes. Before it runs, it may be
// denied, and its Arguments may be replaced; the conversation keeps those that the
// model wrote.
type ToolCall struct {
	ID        string          // ties the result to the call
	Name      string          // of the tool, as the model wrote it
	Step      int             // of the run; counts from 0
	Arguments json.RawMessage // as the model wrote them; not valid JSON, possibly

	Repaired []string      // what Toolset.Repair changed to make JSON of the arguments
	Result   string        // what the model reads, once the call has ended
	Failed   bool          // whether Result tells of a failure
	Err      error         // the failure: the function's own error, a [*ToolPanic], [ErrToolArguments], …
	Duration time.Duration // of the function

	denial *string
	whole  bool // whether the arguments that the model wrote are an object
}

// Deny keeps the call from running. The model reads the reason.
func (c *ToolCall) Deny(reason string) { c.denial = &reason }

// errDenied is the Err of a call that was denied, and errNoTool is in that of one that
// names no tool.
var (
	errDenied = errors.New("keeprouter: the call was denied")
	errNoTool = errors.New("which is no tool")
)

// Outcome tells in a word how the call ended, for logs and metrics: "ok", "denied",
// "unknown tool", "invalid arguments", "panicked", "timed out", "canceled", or "failed"
// for any other error. Of a call that hasn't ended it is "ok".
func (c *ToolCall) Outcome() string {
	_, panicked := errors.AsType[*ToolPanic](c.Err)
	switch {
	case c.Err == nil:
		return "ok"
	case panicked:
		return "panicked"
	case errors.Is(c.Err, errDenied):
		return "denied"
	case errors.Is(c.Err, errNoTool):
		return "unknown tool"
	case errors.Is(c.Err, ErrToolArguments):
		return "invalid arguments"
	case errors.Is(c.Err, context.DeadlineExceeded):
		return "timed out"
	case errors.Is(c.Err, context.Canceled):
		return "canceled"
	}
	return "failed"
}

// execute runs the calls, and shows each result in the order of the calls. It returns
// when all functions have returned, and false if the loop over the run was left.
func (s *Toolset) execute(ctx context.Context, calls []*ToolCall, show func(*ToolCall) bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()

	ended := make([]chan struct{}, len(calls))
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	var next atomic.Int64
	for range min(max(s.Parallel, 1), len(calls)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(calls)); i = next.Add(1) - 1 {
				s.surrounded(ctx, calls[i])
				close(ended[i])
			}
		})
	}
	for i, call := range calls {
		<-ended[i]
		if !show(call) {
			return false
		}
	}
	return true
}

// surrounded runs one call inside the middleware, which may panic or end its goroutine
// as a tool's function may.
func (s *Toolset) surrounded(ctx context.Context, call *ToolCall) {
	if len(s.middleware) == 0 {
		s.perform(ctx, call)
		return
	}
	ended := make(chan struct{})
	var err error = &ToolPanic{Tool: call.Name} // unless the middleware returns or panics
	go func() {
		defer close(ended)
		defer func() {
			if value := recover(); value != nil {
				err = &ToolPanic{Tool: call.Name, Value: value, Stack: debug.Stack()}
			}
		}()
		err = surround(ctx, s.middleware, call, func(ctx context.Context) error {
			call.Result, call.Failed, call.Err = "", false, nil
			s.perform(ctx, call)
			return call.Err
		})
	}()
	<-ended
	if err != nil && !errors.Is(err, call.Err) {
		call.fail(err, s.failureText(ctx, err))
	}
}

// perform runs one call. A goroutine of its own keeps a function that ends its
// goroutine from ending ours.
func (s *Toolset) perform(ctx context.Context, call *ToolCall) {
	tool, known := s.find(call.Name)
	switch {
	case call.denial != nil:
		call.fail(errDenied, "The call was denied: "+*call.denial)
		return
	case !known:
		call.fail(fmt.Errorf("keeprouter: the model called %.64q, %w", call.Name, errNoTool),
			fmt.Sprintf("There is no tool %q. The tools are: %s.", call.Name, s.known()))
		return
	case ctx.Err() != nil:
		call.fail(context.Cause(ctx), "The call was canceled.")
		return
	}
	arguments := call.Arguments
	if s.Repair && len(arguments) > 0 {
		// What was cut off can only be shown, not acted on.
		if fixed, changes, ok := schema.Repair(arguments); ok && !slices.Contains(changes, schema.RepairCut) {
			arguments, call.Repaired = fixed, changes
		}
	}
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	start, ended := time.Now(), make(chan struct{})
	var err error = &ToolPanic{Tool: call.Name} // unless the function returns or panics
	go func() {
		defer close(ended)
		call.Result, err = tool.Call(ctx, arguments)
	}()
	<-ended
	call.Duration = time.Since(start)
	if err != nil {
		call.fail(err, s.failureText(ctx, err))
	}
}

// failureText is what the model reads of an error.
func (s *Toolset) failureText(ctx context.Context, err error) string {
	if _, ok := errors.AsType[*ToolPanic](err); ok {
		return "The tool failed unexpectedly."
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrToolArguments {
		return "The arguments don't fit the tool's schema: " + e.Message
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil && s.Timeout > 0 {
		return fmt.Sprintf("The tool did not finish within %v.", s.Timeout)
	}
	return err.Error()
}

func (c *ToolCall) fail(err error, text string) {
	c.Result, c.Failed, c.Err = text, true, err
}

// sentArguments are the arguments as they go back to the model: its own, byte for
// byte, unless they are no object, which servers refuse.
func (c *ToolCall) sentArguments(wrote string) json.RawMessage {
	if c.whole {
		return json.RawMessage(wrote)
	}
	quoted, err := jsonx.Encode(map[string]string{"invalid_arguments": wrote})
	if err != nil {
		return json.RawMessage("{}")
	}
	return quoted
}
