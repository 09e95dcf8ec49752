package keeproutertest

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	chatPath     = "/v1/chat/completions"
	messagesPath = "/v1/messages"
	ask          = `{"model":"gemma-4-31B-it","max_tokens":99,"messages":[{"role":"user","content":"Hi"}]}`
	askStream    = `{"stream":true,` + `"model":"gemma-4-31B-it","max_tokens":99,"messages":[{"role":"user","content":"Hi"}]}`
)

// post sends a request with the client of the server's options.
func post(t *testing.T, srv *Server, path, body string) (*http.Response, error) {
	t.Helper()
	opts := srv.Options()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, opts.BaseURL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+Key)
	r.Header.Set("Anthropic-Version", "2023-06-01")
	return opts.HTTPClient.Do(r)
}

func answer(t *testing.T, srv *Server, path, body string) (int, string) {
	t.Helper()
	resp, err := post(t, srv, path, body)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}

// inAndOutside runs a test as it is and in a bubble.
func inAndOutside(t *testing.T, test func(t *testing.T)) {
	t.Run("outside", test)
	t.Run("bubble", func(t *testing.T) { synctest.Test(t, test) })
}

func TestScript(t *testing.T) {
	inAndOutside(t, func(t *testing.T) {
		srv := NewServer(t, Reply{Status: 429, RetryAfter: time.Second}, Reply{Text: "Hello."}, Reply{})
		var got []string
		for _, path := range []string{chatPath, chatPath, messagesPath} {
			status, body := answer(t, srv, path, ask)
			text := ""
			for _, word := range []string{"rate_limit_error", `"Hello."`, `"text":"ok"`} {
				if strings.Contains(body, word) {
					text = word
				}
			}
			got = append(got, fmt.Sprint(status, " ", text))
		}
		if diff := cmp.Diff([]string{"429 rate_limit_error", `200 "Hello."`, `200 "text":"ok"`}, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	})
}

func TestRefusedRequestsTakeNoReply(t *testing.T) {
	srv := NewServer(t, Reply{Text: "Hello."})
	if status, _ := answer(t, srv, chatPath, `{}`); status != 400 {
		t.Errorf("status = %d", status)
	}
	if _, body := answer(t, srv, chatPath, ask); !strings.Contains(body, "Hello.") {
		t.Errorf("answer = %s", body)
	}
}

func TestScriptRunsOut(t *testing.T) {
	tb := &fakeTB{TB: t}
	srv := NewServer(tb, Reply{})
	defer tb.end()
	answer(t, srv, chatPath, ask)
	for range 2 {
		status, body := answer(t, srv, chatPath, ask)
		if status != 500 || !strings.Contains(body, "the script has 1 replies") {
			t.Errorf("answer = %d %s", status, body)
		}
	}
	want := []string{"keeproutertest: the script has 1 replies, and this POST /v1/chat/completions is one request more"}
	if diff := cmp.Diff(want, tb.reported()); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestReplyFunc(t *testing.T) {
	srv := NewServerFunc(t, func(r Request) Reply {
		return Reply{Text: fmt.Sprint(r.Path, " ", r.Model, " ", r.Stream, " ", len(r.Body))}
	})
	if _, body := answer(t, srv, chatPath, ask); !strings.Contains(body, fmt.Sprint("/v1/chat/completions gemma-4-31B-it false ", len(ask))) {
		t.Errorf("answer = %s", body)
	}
}

func TestDemoWithoutAScript(t *testing.T) {
	srv := Start()
	defer srv.Close()
	for range 3 {
		if status, body := answer(t, srv, chatPath, ask); status != 200 || !strings.Contains(body, "local gateway") {
			t.Errorf("answer = %d %s", status, body)
		}
	}
}

func TestRequests(t *testing.T) {
	inAndOutside(t, func(t *testing.T) {
		srv := NewServer(t)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { answer(t, srv, chatPath, askStream) })
		}
		all.Wait()
		requests := srv.Requests()
		if len(requests) != 8 {
			t.Fatalf("%d requests, want 8", len(requests))
		}
		for i, r := range requests {
			if r.RequestID != fmt.Sprint("req_", i+1) || !r.Stream || string(r.Body) != askStream || r.Header.Get("Authorization") != "Bearer REDACTED" {
				t.Errorf("request %d = %+v", i, r)
			}
		}
	})
}

func TestTimeInABubble(t *testing.T) {
	for _, tt := range []struct {
		name        string
		reply       Reply
		path, body  string
		first, last time.Duration
		pings       int
	}{
		{"delay", Reply{Delay: time.Minute}, chatPath, ask, time.Minute, time.Minute, 0},
		{"first byte", Reply{FirstByteDelay: time.Minute}, chatPath, ask, 0, time.Minute, 0},
		{"both, stream", Reply{Delay: time.Second, FirstByteDelay: time.Second}, chatPath, askStream, time.Second, 2 * time.Second, 0},
		// A chat stream of one delta has four events, a Messages stream seven.
		{"pause", Reply{Pause: time.Minute}, chatPath, askStream, 0, 3 * time.Minute, 0},
		{"pause with pings", Reply{Pause: 25 * time.Second}, messagesPath, askStream, 0, 6 * 25 * time.Second, 1 + 6*2},
		{"pause of a ping's interval", Reply{Pause: 10 * time.Second}, messagesPath, askStream, 0, time.Minute, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := NewServer(t, tt.reply)
				start := time.Now()
				resp, err := post(t, srv, tt.path, tt.body)
				require.NoError(t, err)
				first := time.Since(start)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				if diff := cmp.Diff([]time.Duration{tt.first, tt.last}, []time.Duration{first, time.Since(start)}); diff != "" {
					t.Errorf("header and end (-want +got):\n%s", diff)
				}
				if got := strings.Count(string(body), "event: ping"); got != tt.pings {
					t.Errorf("%d pings, want %d", got, tt.pings)
				}
			})
		})
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(t)
		srv.Pace = 30 * time.Millisecond
		start := time.Now()
		_, body := answer(t, srv, chatPath, askStream)
		if got, want := time.Since(start), time.Duration(strings.Count(body, "\n\n")-1)*srv.Pace; got != want {
			t.Errorf("the stream took %v, want %v", got, want)
		}
	})
}

func TestEventsArriveAsTheyAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(t, Reply{Deltas: []string{"a", "b"}, Pause: time.Second})
		start := time.Now()
		resp, err := post(t, srv, chatPath, askStream)
		require.NoError(t, err)
		defer resp.Body.Close()
		var at []time.Duration
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if lines.Text() != "" {
				at = append(at, time.Since(start))
			}
		}
		want := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("times (-want +got):\n%s", diff)
		}
	})
}

func TestOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(t, Reply{}, Reply{Fault: Fault{StallAfterEvents: new(1)}}, Reply{Delay: time.Hour})
		opened := func(want int, when string) {
			t.Helper()
			synctest.Wait()
			if got := srv.Open(); got != want {
				t.Errorf("%d open %s, want %d", got, when, want)
			}
		}
		opened(0, "at first")
		first, err := post(t, srv, chatPath, ask)
		require.NoError(t, err)
		opened(1, "with an answer unread")
		second, err := post(t, srv, chatPath, askStream)
		require.NoError(t, err)
		opened(2, "with another one stalled")
		_, err = io.Copy(io.Discard, first.Body)
		require.NoError(t, err)
		opened(1, "when the first is read")
		require.NoError(t, first.Body.Close())
		require.NoError(t, second.Body.Close())
		opened(0, "when the second is closed")

		waiting := &http.Client{Transport: srv.Options().HTTPClient.Transport, Timeout: time.Second}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+chatPath, strings.NewReader(ask))
		require.NoError(t, err)
		r.Header.Set("X-Api-Key", Key)
		_, err = waiting.Do(r)
		require.Error(t, err)
		opened(0, "after a client's timeout")
	})
}

func TestLeaksFailTheTest(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply Reply
		read  bool
		close bool
		fails int
	}{
		{"closed", Reply{}, false, true, 0},
		{"read", Reply{}, true, false, 0},
		{"left open", Reply{}, false, false, 1},
		{"left open, a long one", Reply{Text: strings.Repeat("word ", 10_000)}, false, false, 1},
		{"left open, a stalled one", Reply{Fault: Fault{StallAfterEvents: new(1)}}, false, false, 1},
		{"stalled, closed", Reply{Fault: Fault{StallAfterEvents: new(1)}}, false, true, 0},
		{"endless, closed", Reply{Fault: Fault{EndlessBody: true}}, false, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// In the bubble the two seconds that a leak is waited for pass at once.
			synctest.Test(t, func(t *testing.T) {
				checkLeak(t, tt.reply, tt.read, tt.close, tt.fails)
			})
		})
	}
	t.Run("outside a bubble", func(t *testing.T) {
		t.Parallel()
		checkLeak(t, Reply{}, false, false, 1)
	})
	t.Run("outside a bubble, closed", func(t *testing.T) {
		t.Parallel()
		checkLeak(t, Reply{Fault: Fault{StallAfterEvents: new(1)}}, false, true, 0)
	})
}

func checkLeak(t *testing.T, reply Reply, read, closed bool, fails int) {
	t.Helper()
	tb := &fakeTB{TB: t}
	srv := NewServer(tb, reply)
	resp, err := post(t, srv, chatPath, askStream)
	require.NoError(t, err)
	if read {
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
	}
	if closed {
		require.NoError(t, resp.Body.Close())
	}
	tb.end()
	if got := tb.reported(); len(got) != fails || (fails > 0 && !strings.Contains(got[0], "1 requests are still open")) {
		t.Errorf("failures = %q, want %d", got, fails)
	}
	if !closed {
		require.NoError(t, resp.Body.Close())
	}
}

func TestClosedServer(t *testing.T) {
	inAndOutside(t, func(t *testing.T) {
		srv := Start(Reply{Fault: Fault{StallAfterEvents: new(1)}})
		resp, err := post(t, srv, chatPath, askStream)
		require.NoError(t, err)
		srv.Close()
		srv.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		require.Error(t, err)
		require.NoError(t, resp.Body.Close())
		_, err = post(t, srv, chatPath, ask)
		require.Error(t, err)
		if got := srv.Open(); got != 0 {
			t.Errorf("%d open", got)
		}
	})
}

func TestOnAPort(t *testing.T) {
	srv := NewServer(t, Reply{Text: "Hello."})
	port := httptest.NewServer(srv)
	defer port.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, port.URL+messagesPath, strings.NewReader(ask))
	require.NoError(t, err)
	r.Header.Set("X-Api-Key", Key)
	r.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := port.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Server") != ServerName {
		t.Errorf("answer = %d of %q", resp.StatusCode, resp.Header.Get("Server"))
	}
}

func TestConnectionsAreReused(t *testing.T) {
	srv := NewServer(t)
	for range 5 {
		answer(t, srv, chatPath, askStream)
	}
	srv.open.wait(time.Second)
	if n := srv.listener.accepted.Load(); n != 1 {
		t.Errorf("%d connections for five calls in turn, want 1", n)
	}
}

// fakeTB records failures and runs the cleanup when told to.
type fakeTB struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanup  []func()
}

func (f *fakeTB) Helper()          {}
func (f *fakeTB) Cleanup(c func()) { f.cleanup = append(f.cleanup, c) }

func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *fakeTB) reported() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failures
}

func (f *fakeTB) end() {
	for _, c := range f.cleanup {
		c()
	}
	f.cleanup = nil
}
