package transport

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

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
		if got := len(seen) - calls; got != 10 {
			t.Errorf("%d repeats of %d calls in an outage, want the ten that were in hand", got, calls)
		}
	})
}

func TestAnsweredCallsEarnRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []http.Header
		fail, ok := answer{status: 503}, answer{status: 200, body: "fine"}
		m := newMemory(t, script(&seen, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, fail))
		client := clientOf(t, m.transport, nil)
		for client.bucket.spend() {
		}
		var text string
		for range 10 {
			_, err := client.Do(t.Context(), post(), read(&text))
			require.NoError(t, err)
		}
		_, err := client.Do(t.Context(), post(), nil)
		fails(t, err, failure.Overloaded)
		if got := len(seen) - 11; got != 1 {
			t.Errorf("ten answers earned %d repeats, want one", got)
		}
	})
}

func TestDerivedClientsShareTheirRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []http.Header
		m := newMemory(t, script(&seen, answer{status: 503}))
		client := clientOf(t, m.transport, nil)
		const calls = 30
		for range calls {
			_, err := client.With(client.config).Do(t.Context(), post(), nil)
			fails(t, err, failure.Overloaded)
		}
		if got := len(seen) - calls; got != 10 {
			t.Errorf("%d repeats by clients of one, want ten for all together", got)
		}
		elsewhere := client.config
		elsewhere.BaseURL = &url.URL{Scheme: "http", Host: "other.test"}
		seen = nil
		_, err := client.With(elsewhere).Do(t.Context(), post(), nil)
		fails(t, err, failure.Overloaded)
		if len(seen) != 3 {
			t.Errorf("%d requests to another server, want three: it has repeats of its own", len(seen))
		}
	})
}
