package transport

import (
	"context"
	"sync"
	"sync/atomic"
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
// costs a timer, and no goroutine until that fires.
//
// Reads are a phase that begins anew with each of them, far too often to set a timer
// every time. They only note when they began to wait; the timer, when it fires, sees
// from that how long it has to go on.
type watchdog struct {
	cancel context.CancelCauseFunc
	began  time.Time // what the times of reads count from

	waits  atomic.Int64 // since when a read waits, in nanoseconds, or noRead
	asleep atomic.Bool  // whether the timer found that none did, and a read has to set it

	mu    sync.Mutex
	timer *time.Timer
	set   bool          // whether the timer runs, so that it will fire at
	at    time.Time     // this moment
	due   time.Time     // when the phase has taken too long; zero is never
	cause *phaseError   // of the phase
	limit time.Duration // of each read; 0 where the phase is another one, or there is no limit
}

// noRead is in the place of a time while no read waits.
const noRead = -1

// start begins a phase and ends the one before it. Zero is no limit.
func (w *watchdog) start(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.limit, w.cause = time.Time{}, 0, cause
	if limit > 0 {
		w.due = time.Now().Add(limit)
		w.arm(w.due)
	}
}

// startReads begins the phase of the reads, of which each has its own time.
func (w *watchdog) startReads(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits.Store(noRead)
	w.due, w.limit, w.cause = time.Time{}, max(0, limit), cause
	if limit > 0 {
		w.arm(time.Now().Add(limit))
	}
}

// wait begins a read.
func (w *watchdog) wait() {
	w.waits.Store(int64(time.Since(w.began)))
	if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
		w.wake()
	}
}

// rest ends a read. Until the next one, the server's silence doesn't count.
func (w *watchdog) rest() { w.waits.Store(noRead) }

func (w *watchdog) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.limit > 0 {
		w.arm(time.Now().Add(w.limit))
	}
}

// stop ends the phase and the timer.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.limit = time.Time{}, 0
	if w.timer != nil {
		w.timer.Stop()
		w.set = false
	}
}

// arm has the timer fire at a moment, or before it.
func (w *watchdog) arm(at time.Time) {
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(time.Until(at), w.fire)
	case !w.set || at.Before(w.at):
		w.timer.Reset(time.Until(at))
	default:
		return
	}
	w.set, w.at = true, at
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
	due := w.due
	if w.limit > 0 {
		due = w.readDue()
	}
	switch {
	case due.IsZero():
		return nil
	case time.Until(due) > 0:
		w.arm(due)
		return nil
	}
	return w.cause
}

// readDue is when the read that waits has taken too long. While none does, the timer
// is left to the next one.
func (w *watchdog) readDue() time.Time {
	since := w.waits.Load()
	if since == noRead {
		w.asleep.Store(true)
		// A read that began in between may not have seen that.
		if since = w.waits.Load(); since == noRead || !w.asleep.CompareAndSwap(true, false) {
			return time.Time{}
		}
	}
	return w.began.Add(time.Duration(since)).Add(w.limit)
}
