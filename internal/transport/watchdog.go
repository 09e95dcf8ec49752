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
// costs a timer, and no goroutine until that fires.
type watchdog struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	phase   int // the timers of earlier phases no longer count
	timer   *time.Timer
	resting bool // nobody waits for the server, so its silence doesn't count
}

func newWatchdog(cancel context.CancelCauseFunc) *watchdog { return &watchdog{cancel: cancel} }

// start begins a phase and ends the one before it. Zero is no limit.
func (w *watchdog) start(limit time.Duration, cause *phaseError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resting = false
	w.arm(limit, cause)
}

// wait gives a phase that is repeated its time anew.
func (w *watchdog) wait(limit time.Duration, cause *phaseError) {
	if limit <= 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resting = false
	if w.timer == nil || !w.timer.Reset(limit) { // one that has fired may be about to cancel
		w.arm(limit, cause)
	}
}

// rest stops the clock until the next wait. The timer runs on, because to let it
// fire unheard is cheaper than to stop it at each read.
func (w *watchdog) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.resting = true
}

func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *watchdog) arm(limit time.Duration, cause *phaseError) {
	w.end()
	if limit <= 0 {
		return
	}
	phase := w.phase
	w.timer = time.AfterFunc(limit, func() {
		w.mu.Lock()
		due := phase == w.phase && !w.resting
		w.mu.Unlock()
		if due {
			w.cancel(cause)
		}
	})
}

func (w *watchdog) end() {
	w.phase++
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}
