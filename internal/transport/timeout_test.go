package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

func TestTimeouts(t *testing.T) {
	once := func(c *Config) { c.Retry.Retries = 0 }
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		change  func(*Config)
		kind    failure.Kind
		after   time.Duration
	}{
		{
			"first byte",
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			once, failure.Timeout, 5 * time.Minute,
		},
		{
			"first byte, each attempt anew",
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			nil, failure.Timeout, 15*time.Minute + 750*time.Millisecond,
		},
		{
			"idle after the header",
			func(w http.ResponseWriter, r *http.Request) { flush(w); <-r.Context().Done() },
			once, failure.Idle, 2 * time.Minute,
		},
		{
			"idle in the middle, each byte counting",
			func(w http.ResponseWriter, r *http.Request) {
				for range 10 {
					_, _ = io.WriteString(w, ":")
					flush(w)
					time.Sleep(90 * time.Second)
				}
				<-r.Context().Done()
			},
			once, failure.Idle, 9*90*time.Second + 2*time.Minute,
		},
		{
			"total",
			func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					_, _ = io.WriteString(w, ":")
					flush(w)
					time.Sleep(time.Second)
				}
			},
			func(c *Config) { c.Timeouts.Total = time.Minute }, failure.Timeout, time.Minute,
		},
		{
			"total, over all attempts",
			func(w http.ResponseWriter, _ *http.Request) { time.Sleep(40 * time.Second); w.WriteHeader(500) },
			func(c *Config) { c.Timeouts.Total = time.Minute }, failure.Timeout, time.Minute,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(t, tt.handler)
				start := time.Now()
				body := ""
				_, err := clientOf(t, m.transport, tt.change).Do(t.Context(), post(), read(&body))
				fails(t, err, tt.kind)
				if got := time.Since(start); got != tt.after {
					t.Errorf("ended after %v, want %v", got, tt.after)
				}
			})
		})
	}
}

func TestConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select { // net/http goes on dialing for another call to use, so a dialer needs an end of its own
			case <-time.After(time.Minute):
				return nil, io.ErrClosedPipe
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
		defer time.Sleep(time.Minute) // of the bubble's time, for the dials to end
		start := time.Now()
		_, err := clientOf(t, rt, nil).Do(t.Context(), post(), nil)
		fails(t, err, failure.Timeout)
		if got := time.Since(start); got != 30*time.Second+750*time.Millisecond {
			t.Errorf("three attempts took %v, want 10 s each and the back-off", got)
		}
	})
}

func TestALongHealthyAnswerIsNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				_, _ = io.WriteString(w, "x")
				flush(w)
				time.Sleep(time.Minute)
			}
		})
		body := ""
		req := post()
		req.Stream = true
		_, err := clientOf(t, m.transport, nil).Do(t.Context(), req, read(&body))
		require.NoError(t, err)
		if len(body) != 100 {
			t.Errorf("%d bytes of 100 came", len(body))
		}
	})
}

func TestTheCallersContext(t *testing.T) {
	errShutdown := errors.New("shutting down")
	for _, tt := range []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		kind failure.Kind
		is   []error
	}{
		{
			"canceled",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
			failure.Canceled,
			[]error{context.Canceled},
		},
		{
			"canceled for a reason",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(time.Second, func() { cancel(errShutdown) })
				return ctx, func() { cancel(nil) }
			},
			failure.Canceled,
			[]error{context.Canceled, errShutdown},
		},
		{
			"deadline",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			failure.Timeout,
			[]error{context.DeadlineExceeded},
		},
		{
			"deadline for a reason",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(ctx, time.Second, errShutdown)
			},
			failure.Timeout,
			[]error{context.DeadlineExceeded, errShutdown},
		},
	} {
		for phase, handler := range map[string]http.HandlerFunc{
			"before the header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			"in the body":       func(w http.ResponseWriter, r *http.Request) { flush(w); <-r.Context().Done() },
			"in the back-off": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(429)
			},
		} {
			if tt.kind == failure.Timeout && phase == "in the back-off" {
				continue // the wait isn't begun: TestNoWaitThatIsTooLong
			}
			t.Run(tt.name+" "+phase, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := newMemory(t, handler)
					ctx, cancel := tt.ctx(t.Context())
					defer cancel()
					start := time.Now()
					body := ""
					_, err := clientOf(t, m.transport, nil).Do(ctx, post(), read(&body))
					fails(t, err, tt.kind)
					for _, want := range tt.is {
						require.ErrorIs(t, err, want)
					}
					if got := time.Since(start); got != time.Second {
						t.Errorf("ended after %v, want a second and no repeat", got)
					}
				})
			})
		}
	}
}

// TestASlowReaderIsNotIdle: only the server's silence counts, before and after.
func TestASlowReaderIsNotIdle(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory(t, func(w http.ResponseWriter, r *http.Request) {
				for range 3 {
					_, _ = io.WriteString(w, "x")
					flush(w)
				}
				if silent {
					<-r.Context().Done()
				}
			})
			start := time.Now()
			_, err := clientOf(t, m.transport, nil).Do(t.Context(), post(), func(r *Response) error {
				for {
					time.Sleep(time.Hour)
					if _, err := r.Body.Read(make([]byte, 1)); err == io.EOF {
						return nil
					} else if err != nil {
						return errors.Join(err) // wrapped, not to be repeated
					}
				}
			})
			want := 4 * time.Hour
			if silent {
				want += 2 * time.Minute
				fails(t, err, failure.Idle)
			} else {
				require.NoError(t, err)
			}
			if got := time.Since(start); got != want {
				t.Errorf("ended after %v, want %v", got, want)
			}
		})
	}
}

// TestRoundTripperThatHidesItsConnections has no connect phase to be cut in.
func TestRoundTripperThatHidesItsConnections(t *testing.T) {
	for takes, kind := range map[time.Duration]failure.Kind{
		4 * time.Minute: "",
		6 * time.Minute: failure.Timeout,
	} {
		synctest.Test(t, func(t *testing.T) {
			rt := roundTripper(func(req *http.Request) (*http.Response, error) {
				select {
				case <-time.After(takes):
					return httptest.NewRecorder().Result(), nil
				case <-req.Context().Done():
					return nil, req.Context().Err()
				}
			})
			info, err := clientOf(t, rt, func(c *Config) { c.Retry.Retries = 0 }).Do(t.Context(), post(), read(new(string)))
			if kind != "" {
				fails(t, err, kind)
				return
			}
			require.NoError(t, err)
			if info.FirstByte != takes {
				t.Errorf("first byte after %v, want %v", info.FirstByte, takes)
			}
		})
	}
}
