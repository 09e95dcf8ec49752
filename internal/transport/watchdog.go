package transport

import (
	"context"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// phaseError is the cause that a timeout of ours ends a context with.
type phaseError struct {
	kind      failure.Kind
	message   string
	retryable bool
}

func (e *phaseError) Error() string { return e.message }

func (e *phaseError) failure() *failure.Failure {
	f := &failure.Failure{Kind: e.kind, Message: e.message, Retryable: e.retryable}
	if e.kind == failure.Timeout {
		f.Cause = context.DeadlineExceeded
	}
	return f
}

var (
	errConnect   = &phaseError{failure.Timeout, "no connection within Timeouts.Connect", true}
	errFirstByte = &phaseError{failure.Timeout, "no answer within Timeouts.FirstByte", true}
	errIdle      = &phaseError{failure.Idle, "the answer fell silent for longer than Timeouts.Idle", true}
	errTotal     = &phaseError{failure.Timeout, "the call took longer than Timeouts.Total", false}
)

// watchdog ends an attempt's context when its present phase takes too long. It
// costs one timer, and no goroutine until that fires. A phase that is put off leaves
// the timer as it is: when it fires too early, it is set anew.
type watchdog struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	timer   *time.Timer
	set     bool        // whether the timer runs, so that it will fire at
	at      time.Time   // this moment
	due     time.Time   // when the phase has taken too long; zero is never
	cause   *phaseError // of the phase
	resting bool        // nobody waits for the server, so its silence doesn't count
}

// start begins a phase and ends the one before it. Zero is no limit.
func (w *watchdog) start(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resting, w.due = false, time.Time{}
	if limit > 0 {
		w.arm(limit, cause)
	}
}

// wait gives a phase that is repeated its time anew.
func (w *watchdog) wait(limit time.Duration, cause *phaseError) {
	if limit > 0 {
		w.start(limit, cause)
	}
}

// rest stops the clock until the next wait.
func (w *watchdog) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resting = true
}

// pause ends a phase, but leaves the timer for another one.
func (w *watchdog) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due = time.Time{}
}

// stop ends the phase and the timer.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due = time.Time{}
	if w.timer != nil {
		w.timer.Stop()
		w.set = false
	}
}

func (w *watchdog) arm(limit time.Duration, cause *phaseError) {
	w.due, w.cause = time.Now().Add(limit), cause
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(limit, w.fire)
	case !w.set || w.due.Before(w.at):
		w.timer.Reset(limit)
	default:
		return
	}
	w.set, w.at = true, w.due
}

func (w *watchdog) fire() {
	if cause := w.overdue(); cause != nil {
		w.cancel(cause)
	}
}

// overdue returns the cause to end the context with, if the phase has taken too long.
func (w *watchdog) overdue() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set = false
	if w.due.IsZero() || w.resting {
		return nil
	}
	if left := time.Until(w.due); left > 0 {
		w.timer.Reset(left)
		w.set, w.at = true, w.due
		return nil
	}
	return w.cause
}
