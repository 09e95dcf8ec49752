package transport

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestIdleBehindReads: however many reads came before and however fast, the one that
// waits gets its time and at most a tick more.
func TestIdleBehindReads(t *testing.T) {
	const limit = 2 * time.Minute
	for _, tt := range []struct {
		name  string
		reads int
		every time.Duration // that a read waits
		busy  time.Duration // that its reader takes
		late  time.Duration
	}{
		{"none", 0, 0, 0, 0},
		{"few at once", timedReads, 0, 0, 0},
		{"many at once", 10_000, 0, 0, limit / ticksInLimit},
		{"many, for longer than the limit", 300_000, time.Millisecond, 0, limit / ticksInLimit},
		{"slow ones", 1000, time.Second, 0, 0},
		{"ones as slow as may be", 100, limit - 1, 0, 0},
		{"ones of a slow reader", 100, time.Second, time.Hour, 0},
		{"ones that come when the timer looks", 1000, limit / ticksInLimit, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				w := watchdog{cancel: cancel, began: time.Now()}
				w.startReads(limit, errIdle)
				defer w.stop()
				for range tt.reads {
					w.wait()
					time.Sleep(tt.every)
					w.rest()
					time.Sleep(tt.busy)
				}
				if err := ctx.Err(); err != nil {
					t.Fatalf("ended while reads came: %v", context.Cause(ctx))
				}
				w.wait()
				start := time.Now()
				<-ctx.Done()
				if got := time.Since(start); got < limit || got > limit+tt.late {
					t.Errorf("silence was noticed after %v, want %v and at most %v more", got, limit, tt.late)
				}
			})
		})
	}
}

// TestWatchdogFires while reads begin and end, which must not hide a silence.
func TestWatchdogFires(t *testing.T) {
	for range 10 {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := watchdog{cancel: cancel, began: time.Now()}
		w.startReads(30*time.Millisecond, errIdle)
		for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
			w.wait()
			w.rest()
		}
		w.wait()
		<-ctx.Done() // or the test hangs
		w.stop()
	}
}
