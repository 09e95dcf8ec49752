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
// every time, or only to look at the clock. Of the reads in a tick, the first few note
// when they began to wait, and the others their number. The timer fires once a tick
// and sees from that how long it has to go on; to a read that it knows by its number
// alone, it gives its time from then on. So a limit is kept to the moment where reads
// are few, and up to a tick late where they were many. While the timer has longer to
// go, the next read wakes it.
type watchdog struct {
	cancel context.CancelCauseFunc
	began  time.Time // what all times here count from

	waits  atomic.Int64 // since when a read waits, or else its number, negative; or noRead
	asleep atomic.Bool  // whether the next read has to set the timer

	// Of the goroutine that reads.
	timed  int   // reads that still note the time
	number int64 // of the last read that noted it, or noRead

	mu    sync.Mutex
	timer *time.Timer
	set   bool          // whether the timer runs, so that it will fire at
	at    time.Duration // this moment
	due   time.Duration // when the phase has taken too long; 0 is never
	cause *phaseError   // of the phase
	limit time.Duration // of each read; 0 where the phase is another one, or there is no limit
	known int64         // number of the read that the timer found waiting, so that this began
	since time.Duration // at this moment, or before
}

const (
	// noRead is in the place of a time while no read waits.
	noRead = -1

	timedReads   = 16 // of each tick
	ticksInLimit = 32
	shortestTick = time.Millisecond
)

func (w *watchdog) now() time.Duration { return time.Since(w.began) }

// start begins a phase and ends the one before it. Zero is no limit.
func (w *watchdog) start(limit time.Duration, cause *phaseError) { w.startAt(w.now(), limit, cause) }

// startAt is start at a moment that is known.
func (w *watchdog) startAt(now, limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.limit, w.cause = 0, 0, cause
	if limit > 0 {
		w.due = now + limit
		w.arm(now, w.due)
	}
}

// startReads begins the phase of the reads, of which each has its own time.
func (w *watchdog) startReads(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits.Store(noRead)
	w.timed, w.number, w.known = 0, noRead, noRead
	w.due, w.limit, w.cause = 0, max(0, limit), cause
	w.asleep.Store(limit > 0)
}

// wait begins a read.
func (w *watchdog) wait() {
	if w.timed > 0 {
		w.timed--
		w.waits.Store(int64(w.now()))
	} else {
		w.number--
		w.waits.Store(w.number)
	}
	if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
		w.wake()
	}
}

// rest ends a read. Until the next one, the server's silence doesn't count.
func (w *watchdog) rest() { w.waits.Store(noRead) }

// wake sets the timer for a read that begins now, and for those of a tick.
func (w *watchdog) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.limit == 0 {
		return
	}
	now := w.now()
	w.timed = timedReads
	w.waits.Store(int64(now))
	w.arm(now, now+w.tick())
}

func (w *watchdog) tick() time.Duration {
	return min(max(w.limit/ticksInLimit, shortestTick), w.limit)
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
		due = w.readDue(now)
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

// readDue is when the timer has to fire again: when the read that waits has taken too
// long. It is left to the next read to have it fire earlier, or at all while none waits.
func (w *watchdog) readDue(now time.Duration) time.Duration {
	read := w.waits.Load()
	w.asleep.Store(true)
	if w.waits.Load() != read && w.asleep.CompareAndSwap(true, false) {
		return now + w.tick() // another began in between, which may not have seen that
	}
	switch {
	case read == noRead:
		return 0
	case read >= 0:
		return time.Duration(read) + w.limit
	case read != w.known:
		w.known, w.since = read, now
	}
	return w.since + w.limit
}
