package keeprouter

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Errors of a run.
const (
	// ErrMaxSteps: the model still called tools in the last step that the [Toolset]
	// allows. The error holds a [*LimitError].
	ErrMaxSteps ErrorKind = "step limit reached"
	// ErrToolCallTruncated: the answer's token limit cut a tool call, so that no call of
	// the answer was run. Raise the limit.
	ErrToolCallTruncated ErrorKind = "tool call truncated"
)

// Run is a conversation in which the model calls tools until it has its answer:
// [ChatRun] or [MessagesRun]. Like a [Stream] it is lazy, read once, and has nothing to
// close: the first of All, Steps, Text and Result begins it, and leaving the loop ends
// it, after the functions that are running have returned. It is not safe for
// concurrent use.
type Run[Q, R any] struct {
	client *Client
	format runFormat[Q, R]
	ctx    context.Context // the run's own: it is made now and begun later
	tools  Toolset
	info   RunInfo

	request *Q
	last    *R
	total   RunTotal
	state   streamState
	err     error
}

// RunTotal is what the steps of a run came to together.
type RunTotal struct {
	Steps int   // answers of the model
	Usage Usage // Unknown if that of any step is
	Cost  Cost  // unknown if that of any step is
}

// runFormat is what the two formats do differently.
type runFormat[Q, R any] interface {
	// declare adds the tools to a request of its own.
	declare(req *Q, tools *Toolset) error
	// ask makes one step, and shows what comes. It returns what has come with an error.
	ask(ctx context.Context, req *Q, whole bool, show func(RunEvent) bool) (*R, error)
	// calls are those that the answer proposes, none if it is the last.
	calls(r *R) []*ToolCall
	// goesOn reports whether an answer without calls was paused only.
	goesOn(r *R) bool
	// add appends the answer, and the results of its calls, to the conversation.
	add(req *Q, r *R, calls []*ToolCall)
	// spent is what the answer used.
	spent(r *R) (Usage, Cost)
	asRequest(req *Q) Request
}

// RunEventType says what a [RunEvent] tells.
type RunEventType string

// The events of a step, in their order: texts, thoughts and the beginnings of calls as
// they are written; the calls, whole, before any of them runs; a result for each, in
// the order of the calls; the end.
const (
	RunText        RunEventType = "text"         // Text is a piece of the answer
	RunThinking    RunEventType = "thinking"     // Text is a piece of the model's reasoning
	RunCallStarted RunEventType = "call started" // the model begins to write Call, of which ID and Name are known
	RunProposed    RunEventType = "proposed"     // Calls can be denied or changed now
	RunResult      RunEventType = "result"       // Call has ended
	RunStepEnded   RunEventType = "step ended"   // Usage and Cost are those of the step
)

// RunEvent is something that happens in a run.
type RunEvent struct {
	Type  RunEventType
	Step  int // counts the model's answers from 0
	Text  string
	Call  *ToolCall
	Calls []*ToolCall
	Usage Usage
	Cost  Cost
}

// Step is an answer of the model, before the calls in it run.
type Step[Q, R any] struct {
	Index    int         // counts the steps from 0
	Response *R          // the answer
	Calls    []*ToolCall // that it proposes, to be denied or changed; none in the last step
	Request  *Q          // the conversation so far, without the answer; what is changed in it counts from the next step on
}

// LimitError is the cause of an [ErrMaxSteps], and of an [ErrBudget] within a run. It
// carries the conversation so far: send its messages on with a new run.
type LimitError struct {
	Request Request // a *ChatRequest or *MessagesRequest, with the results of all calls
	Steps   int     // answers of the model
	Err     error   // what was reached, in the case of a budget
}

// Error tells how many steps there were; of the conversation it tells nothing.
func (e *LimitError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("keeprouter: after %d steps the model still calls tools; raise Toolset.MaxSteps, or go on from the Request in this error", e.Steps)
}

// Unwrap returns what was reached.
func (e *LimitError) Unwrap() error { return e.Err }

// All returns what happens, as it happens. An error is the last pair. Ranging over a
// run a second time yields [ErrConsumed].
func (r *Run[Q, R]) All() iter.Seq2[RunEvent, error] {
	return func(yield func(RunEvent, error) bool) {
		left := false
		err := r.run(func(e RunEvent) bool {
			left = !yield(e, nil)
			return !left
		})
		if err != nil && !left {
			yield(RunEvent{}, err)
		}
	}
}

// Steps returns the model's answers one by one, each before the calls in it run, when
// they can still be denied or changed. An error is the last pair.
//
//	for step, err := range run.Steps() {
//		if err != nil {
//			return err
//		}
//		for _, call := range step.Calls {
//			if call.Name == "send_mail" && !confirm(call) {
//				call.Deny("the user said no")
//			}
//		}
//	}
func (r *Run[Q, R]) Steps() iter.Seq2[*Step[Q, R], error] {
	return func(yield func(*Step[Q, R], error) bool) {
		left, proposed := false, false
		err := r.run(func(e RunEvent) bool {
			switch e.Type {
			case RunProposed:
				proposed = true
			case RunStepEnded:
				if proposed {
					proposed = false
					return true
				}
			default:
				return true
			}
			left = !yield(&Step[Q, R]{Index: e.Step, Response: r.last, Calls: e.Calls, Request: r.request}, nil)
			return !left
		})
		if err != nil && !left {
			yield(nil, err)
		}
	}
}

// Text returns the text of all answers as it is written. An error is the last pair.
func (r *Run[Q, R]) Text() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for e, err := range r.All() {
			if err != nil {
				yield("", err)
				return
			}
			if e.Type == RunText && !yield(e.Text, nil) {
				return
			}
		}
	}
}

// Result returns the model's last answer, and runs the run first if nobody has. With an
// error it is the last answer that came, nil if none did.
func (r *Run[Q, R]) Result() (*R, error) {
	if r.state == streamFresh {
		r.err = r.run(func(RunEvent) bool { return true })
	}
	return r.last, r.err
}

// Total returns what all steps so far used and cost together.
func (r *Run[Q, R]) Total() RunTotal { return r.total }

// Request returns the conversation so far: the request with the model's answers and
// the results of its calls, ready to be sent on. After an error it ends where the
// format allows it to go on.
func (r *Run[Q, R]) Request() *Q { return r.request }

// run makes steps until the model calls no more tools.
func (r *Run[Q, R]) run(show func(RunEvent) bool) (err error) {
	if r.format == nil {
		return invalidRequest("", "the zero Run has nothing to run: get one from ChatService.Run or MessagesService.Run")
	}
	if r.state != streamFresh {
		return &Error{Kind: ErrConsumed}
	}
	r.state, r.err = streamRunning, &Error{Kind: ErrUnfinished}
	defer func() { r.state = streamOver }() // a panic in the loop's body passes here as well
	r.err = callError(r.begin(show), &Call{Operation: r.info.Operation})
	return r.err
}

// begin refuses a run that can't be made, and makes the others.
func (r *Run[Q, R]) begin(show func(RunEvent) bool) error {
	if r.request == nil {
		return invalidRequest("req", "a request is needed: it is nil")
	}
	if r.ctx == nil {
		return noContext()
	}
	if err := r.format.declare(r.request, &r.tools); err != nil {
		return err
	}
	return r.surrounded(show)
}

func (r *Run[Q, R]) steps(show func(RunEvent) bool) error {
	for range r.maxSteps() {
		more, err := r.step(show)
		if err != nil || !more {
			return err
		}
	}
	return &Error{Kind: ErrMaxSteps, Err: r.limit(nil)}
}

func (r *Run[Q, R]) maxSteps() int {
	if r.tools.MaxSteps == 0 {
		return defaultMaxSteps
	}
	return r.tools.MaxSteps
}

func (r *Run[Q, R]) limit(err error) *LimitError {
	return &LimitError{Request: r.format.asRequest(r.request), Steps: r.total.Steps, Err: err}
}

// step asks the model once and runs the calls of its answer. It reports whether the
// model is to be asked again.
func (r *Run[Q, R]) step(show func(RunEvent) bool) (more bool, err error) {
	index, left := r.total.Steps, false
	r.info.Step = index
	emit := func(e RunEvent) bool {
		e.Step = index
		left = left || !show(e)
		return !left
	}
	answer, err := r.format.ask(context.WithValue(r.ctx, runKey{}, &r.info), r.request, r.tools.Whole, emit)
	usage, cost := r.count(answer)
	switch {
	case left: // possibly at the answer's last word
		return false, &Error{Kind: ErrUnfinished}
	case errors.Is(err, ErrBudget):
		return false, &Error{Kind: ErrBudget, Err: r.limit(err)}
	case err != nil && !errors.Is(err, ErrToolArguments): // of those the model is told
		return false, err
	}
	calls := r.format.calls(answer)
	for _, call := range calls {
		if call == nil {
			return false, &Error{Kind: ErrToolCallTruncated, Message: "the output limit cut the call, so nothing was run; raise it"}
		}
	}
	if len(calls) > 0 {
		if !emit(RunEvent{Type: RunProposed, Calls: calls}) || !r.execute(calls, emit) {
			return false, &Error{Kind: ErrUnfinished}
		}
		if err := r.ctx.Err(); err != nil {
			return false, contextError(r.ctx)
		}
	}
	r.format.add(r.request, answer, calls)
	if !emit(RunEvent{Type: RunStepEnded, Usage: usage, Cost: cost}) {
		return false, &Error{Kind: ErrUnfinished}
	}
	return len(calls) > 0 || r.format.goesOn(answer), nil
}

func (r *Run[Q, R]) execute(calls []*ToolCall, emit func(RunEvent) bool) bool {
	for _, call := range calls {
		call.Step = r.info.Step
	}
	return r.tools.execute(r.ctx, calls, func(call *ToolCall) bool {
		r.info.ToolCalls++
		return emit(RunEvent{Type: RunResult, Call: call})
	})
}

// count adds an answer to the total.
func (r *Run[Q, R]) count(answer *R) (Usage, Cost) {
	if answer == nil {
		return Usage{Unknown: true}, Cost{}
	}
	r.last = answer
	usage, cost := r.format.spent(answer)
	r.total.Steps++
	if r.total.Steps == 1 {
		r.total.Usage, r.total.Cost = usage, cost
	} else {
		r.total.Usage = r.total.Usage.with(usage)
		r.total.Cost = r.total.Cost.plus(cost)
	}
	r.info.Total = r.total
	return usage, cost
}

// contextError tells how a context ended.
func contextError(ctx context.Context) error {
	kind := ErrCanceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind = ErrTimeout
	}
	return &Error{Kind: kind, Err: context.Cause(ctx)}
}
