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
	errConnect     = &phaseError{failure.Timeout, "no connection within Timeouts.Connect", true}
	errFirstByte   = &phaseError{failure.Timeout, "no answer within Timeouts.FirstByte", true}
	errIdle        = &phaseError{failure.Idle, "the answer fell silent for longer than Timeouts.Idle", true}
	errConnections = &phaseError{failure.Connection, "the server ended one connection after another without an answer", true}
	errTotal       = &phaseError{failure.Timeout, "the call took longer than Timeouts.Total", false}
)

// watchdog ends an attempt's context when its present phase takes too long. It
// costs a timer, and no goroutine until that fires.
//
// Reads are a phase that begins anew with each of them, far too often to set a timer
// every time. They only note when they began to wait; the timer, when it fires, sees
// from that how long it has to go on.
type watchdog struct {
	cancel context.CancelCauseFunc
	began  time.Time // what all times here count from

	waits  atomic.Int64 // since when a read waits, or noRead
	asleep atomic.Bool  // whether the timer found that none did, and a read has to set it

	mu    sync.Mutex
	timer *time.Timer
	set   bool          // whether the timer runs, so that it will fire at
	at    time.Duration // this moment
	due   time.Duration // when the phase has taken too long; 0 is never
	cause *phaseError   // of the phase
	limit time.Duration // of each read; 0 where the phase is another one, or there is no limit
}

// noRead is in the place of a time while no read waits.
const noRead = -1

func (w *watchdog) now() time.Duration { return time.Since(w.began) }

// start begins a phase and ends the one before it. Zero is no limit.
func (w *watchdog) start(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.limit, w.cause = 0, 0, cause
	if limit > 0 {
		now := w.now()
		w.due = now + limit
		w.arm(now, w.due)
	}
}

// startReads begins the phase of the reads, of which each has its own time.
func (w *watchdog) startReads(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits.Store(noRead)
	w.due, w.limit, w.cause = 0, max(0, limit), cause
	w.armRead()
}

// wait begins a read.
func (w *watchdog) wait() {
	w.waits.Store(int64(w.now()))
	if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
		w.wake()
	}
}

// rest ends a read. Until the next one, the server's silence doesn't count.
func (w *watchdog) rest() { w.waits.Store(noRead) }

func (w *watchdog) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armRead()
}

// armRead gives a read that begins now its time.
func (w *watchdog) armRead() {
	if w.limit > 0 {
		now := w.now()
		w.arm(now, now+w.limit)
	}
}

// stop ends the phase and the timer.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.limit = 0, 0
	if w.timer != nil {
		w.timer.Stop()
		w.set = false
	}
}

// arm has the timer fire at a moment, or before it.
func (w *watchdog) arm(now, at time.Duration) {
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(at-now, w.fire)
	case !w.set || at < w.at:
		w.timer.Reset(at - now)
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
	due, now := w.due, w.now()
	if w.limit > 0 {
		due = w.readDue()
	}
	switch {
	case due == 0:
		return nil
	case due > now:
		w.arm(now, due)
		return nil
	}
	return w.cause
}

// readDue is when the read that waits has taken too long. While none does, the timer
// is left to the next one.
func (w *watchdog) readDue() time.Duration {
	since := w.waits.Load()
	if since == noRead {
		w.asleep.Store(true)
		// A read that began in between may not have seen that.
		if since = w.waits.Load(); since == noRead || !w.asleep.CompareAndSwap(true, false) {
			return 0
		}
	}
	return time.Duration(since) + w.limit
}
