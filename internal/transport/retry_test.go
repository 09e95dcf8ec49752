package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// answer is one scripted answer of a server.
type answer struct {
	status int
	header map[string]string
	body   string
	reset  bool
}

// script serves the answers in turn, the last one for ever.
func script(seen *[]http.Header, answers ...answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a := answers[min(len(*seen), len(answers)-1)]
		*seen = append(*seen, r.Header.Clone())
		if a.reset {
			panic(http.ErrAbortHandler)
		}
		for name, value := range a.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}
}

func TestRetries(t *testing.T) {
	retryAfter := func(status int, value string) answer {
		return answer{status: status, header: map[string]string{"Retry-After": value}}
	}
	ok := answer{status: 200, body: "fine"}
	for _, tt := range []struct {
		name     string
		answers  []answer
		attempts int
		waited   time.Duration
		kind     failure.Kind // "" is success
	}{
		{"success", []answer{ok}, 1, 0, ""},
		{"back-off doubles, with half of it drawn", []answer{{status: 500}, {status: 502}, ok}, 3, 250*time.Millisecond + 500*time.Millisecond, ""},
		{"gives up after two repeats", []answer{{status: 503}}, 3, 750 * time.Millisecond, failure.Overloaded},
		{"529", []answer{{status: 529}, ok}, 2, 250 * time.Millisecond, ""},
		{"408", []answer{{status: 408}, ok}, 2, 250 * time.Millisecond, ""},
		{"409", []answer{{status: 409}, ok}, 2, 250 * time.Millisecond, ""},
		{"connection reset", []answer{{reset: true}, ok}, 2, 250 * time.Millisecond, ""},
		{"400 is final", []answer{{status: 400}}, 1, 0, failure.InvalidRequest},
		{"501 is final", []answer{{status: 501}}, 1, 0, failure.Server},
		{"retry-after in seconds", []answer{retryAfter(429, "2"), ok}, 2, 2 * time.Second, ""},
		{"retry-after in fractions", []answer{retryAfter(429, "1.5"), ok}, 2, 1500 * time.Millisecond, ""},
		{"retry-after of 90 seconds", []answer{retryAfter(429, "90"), ok}, 2, 90 * time.Second, ""},
		{"retry-after-ms wins", []answer{{status: 429, header: map[string]string{"Retry-After": "60", "Retry-After-Ms": "20"}}, ok}, 2, 20 * time.Millisecond, ""},
		{"retry-after as a date", []answer{retryAfter(503, "Sat, 01 Jan 2000 00:00:07 GMT"), ok}, 2, 7 * time.Second, ""},
		{"an hour is too long", []answer{retryAfter(429, "3600"), ok}, 1, 0, failure.RateLimited},
		{"negative", []answer{retryAfter(429, "-5"), ok}, 2, 250 * time.Millisecond, ""},
		{"not a number", []answer{retryAfter(429, "abc"), ok}, 2, 250 * time.Millisecond, ""},
		{"NaN", []answer{retryAfter(429, "NaN"), ok}, 2, 250 * time.Millisecond, ""},
		{"a date in the past", []answer{retryAfter(429, "Fri, 31 Dec 1999 00:00:00 GMT"), ok}, 2, 250 * time.Millisecond, ""},
		{"x-should-retry: false", []answer{{status: 500, header: map[string]string{"X-Should-Retry": "false"}}}, 1, 0, failure.Server},
		{"x-should-retry: true", []answer{{status: 400, header: map[string]string{"X-Should-Retry": "true"}}, ok}, 2, 250 * time.Millisecond, ""},
		{"no quota left", []answer{{status: 429, body: `{"error":{"code":"insufficient_quota","message":"m"}}`}}, 1, 0, failure.InsufficientCredit},
		{"no credit left, whatever the header says", []answer{{status: 402, header: map[string]string{"X-Should-Retry": "true"}}}, 1, 0, failure.InsufficientCredit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen []http.Header
				m := newMemory(t, script(&seen, tt.answers...))
				start := time.Now()
				body := ""
				info, err := clientOf(t, m.transport, nil).Do(t.Context(), post(), read(&body))
				if tt.kind == "" {
					require.NoError(t, err)
				} else {
					fails(t, err, tt.kind)
				}
				if got := time.Since(start); got != tt.waited {
					t.Errorf("took %v, want %v", got, tt.waited)
				}
				if len(seen) != tt.attempts || len(info.Attempts) != tt.attempts {
					t.Errorf("%d requests, %d attempts told, want %d", len(seen), len(info.Attempts), tt.attempts)
				}
				for _, h := range seen {
					if got := h.Get("Idempotency-Key"); got == "" || got != seen[0].Get("Idempotency-Key") {
						t.Errorf("Idempotency-Key = %q, want one for the whole call", got)
					}
				}
			})
		})
	}
}

// TestNoWaitThatIsTooLong has the failure tell the wait that wasn't made.
func TestNoWaitThatIsTooLong(t *testing.T) {
	for _, tt := range []struct {
		name, told string
		seconds    float64
		change     func(*Config)
		deadline   time.Duration
	}{
		{"beyond the cap", "3600", 3600, nil, 2 * time.Hour},
		{"beyond the context's deadline", "60", 60, nil, 30 * time.Second},
		{"beyond the total", "60", 60, func(c *Config) { c.Timeouts.Total = time.Minute }, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen []http.Header
				m := newMemory(t, script(&seen, answer{status: 429, header: map[string]string{"Retry-After": tt.told}}))
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				_, err := clientOf(t, m.transport, tt.change).Do(ctx, post(), nil)
				if f := fails(t, err, failure.RateLimited); f.RetryAfter.Seconds() != tt.seconds || len(seen) != 1 {
					t.Errorf("RetryAfter = %v after %d requests", f.RetryAfter, len(seen))
				}
				if time.Since(start) != 0 {
					t.Errorf("waited %v for nothing", time.Since(start))
				}
			})
		})
	}
}

func TestHandleDecidesWhatIsRepeated(t *testing.T) {
	retryable := &failure.Failure{Kind: failure.Overloaded, Retryable: true}
	final := errors.New("final")
	for _, tt := range []struct {
		name  string
		err   error
		calls int
	}{
		{"a retryable failure", retryable, 3},
		{"a final failure", &failure.Failure{Kind: failure.BadResponse}, 1},
		{"another error", final, 1},
		{"a wrapped failure", errors.Join(retryable), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen []http.Header
				m := newMemory(t, script(&seen, answer{status: 200, body: "x"}))
				calls := 0
				_, err := clientOf(t, m.transport, nil).Do(t.Context(), post(), func(*Response) error {
					calls++
					return tt.err
				})
				require.ErrorIs(t, err, tt.err)
				if calls != tt.calls {
					t.Errorf("handle ran %d times, want %d", calls, tt.calls)
				}
			})
		})
	}
}

func TestFullJitter(t *testing.T) {
	var drawn []time.Duration
	for _, r := range []float64{0, 0.5, 0.999} {
		c := &Client{config: Config{Rand: func() float64 { return r }, Retry: Retry{Delay: time.Second, MaxDelay: 8 * time.Second}}}
		drawn = append(drawn, c.backOff(1), c.backOff(3), c.backOff(100))
	}
	ms := time.Millisecond
	want := []time.Duration{0, 0, 0, 500 * ms, 2000 * ms, 4000 * ms, 999 * ms, 3996 * ms, 7992 * ms}
	if diff := cmp.Diff(want, drawn); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
}
