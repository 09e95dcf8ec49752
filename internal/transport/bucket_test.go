package transport

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

func TestBucket(t *testing.T) {
	b := newBucket()
	spent := func() (n int) {
		for b.spend() {
			n++
		}
		return n
	}
	if got := spent(); got != 10 {
		t.Errorf("a full bucket gave %d repeats, want 10", got)
	}
	for range 9 {
		b.earn()
	}
	if got := spent(); got != 0 {
		t.Errorf("nine calls earned %d repeats, want none yet", got)
	}
	b.earn()
	if got := spent(); got != 1 {
		t.Errorf("ten calls earned %d repeats, want one", got)
	}
	for range 1000 {
		b.earn()
	}
	if got := spent(); got != 10 {
		t.Errorf("a thousand calls earned %d repeats, want no more than 10", got)
	}
}

func TestAnEmptyBucketLeavesTheFailureAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []http.Header
		m := newMemory(t, script(&seen, answer{status: 503}))
		client := clientOf(t, m.transport, nil)
		for client.bucket.spend() {
		}
		info, err := client.Do(t.Context(), post(), nil)
		if f := fails(t, err, failure.Overloaded); !f.Retryable {
			t.Error("the failure is no longer retryable: it is, by the caller")
		}
		if len(seen) != 1 || len(info.Attempts) != 1 {
			t.Errorf("%d requests, %d attempts told, want one", len(seen), len(info.Attempts))
		}
	})
}

func TestBucketHoldsBackAStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []http.Header
		m := newMemory(t, script(&seen, answer{status: 503}))
		client := clientOf(t, m.transport, nil)
		const calls = 500
		for range calls {
			_, err := client.Do(t.Context(), post(), nil)
			fails(t, err, failure.Overloaded)
		}
		if got := len(seen) - calls; got < 55 || got > 60 {
			t.Errorf("%d repeats of %d calls in an outage, want ten and a tenth of the calls", got, calls)
		}
	})
}
