package transport

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// at makes a client of a server on a port, that repeats once and at once.
func at(t *testing.T, base string) *Client {
	u, err := url.Parse(base)
	require.NoError(t, err)
	rt := NewRoundTripper().(*http.Transport)
	t.Cleanup(rt.CloseIdleConnections)
	return clientOf(t, rt, func(c *Config) {
		c.BaseURL = u
		c.Retry = Retry{Retries: 1}
	})
}

func TestClosedPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	info, err := at(t, "http://"+listener.Addr().String()).Do(t.Context(), post(), nil)
	f := fails(t, err, failure.Connection)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	if !f.Retryable || len(info.Attempts) != 2 || info.FirstByte != 0 {
		t.Errorf("retryable %v, %d attempts, first byte after %v", f.Retryable, len(info.Attempts), info.FirstByte)
	}
}

func TestBrokenConnections(t *testing.T) {
	for _, tt := range []struct {
		name, sent string
		kind       failure.Kind
	}{
		{"before the header", "", failure.Connection},
		{"inside the header", "HTTP/1.1 200 OK\r\nContent-Ty", failure.Connection},
		{"not HTTP", "SSH-2.0-OpenSSH_9.9\r\n", failure.Connection},
		{"inside a chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", failure.Connection},
		{"inside an error's body", "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nbusy", failure.Overloaded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			served := make(chan int)
			go func() {
				n := 0
				for {
					conn, err := listener.Accept()
					if err != nil {
						served <- n
						return
					}
					n++
					_, _ = io.ReadAtLeast(conn, make([]byte, 4096), 1)
					_, _ = io.WriteString(conn, tt.sent)
					_ = conn.(*net.TCPConn).SetLinger(len(tt.sent)) // a reset when nothing was sent
					_ = conn.Close()
				}
			}()
			_, err = at(t, "http://"+listener.Addr().String()).Do(t.Context(), post(), read(new(string)))
			require.NoError(t, listener.Close())
			if f := fails(t, err, tt.kind); !f.Retryable || f.Cause == nil {
				t.Errorf("retryable %v, cause %v", f.Retryable, f.Cause)
			}
			if n := <-served; n != 2 {
				t.Errorf("%d connections, want one and a repeat", n)
			}
		})
	}
}

// TestConnectionsOfAnAttemptAreBounded has a RoundTripper that goes from connection to
// connection, as net/http does with a server that refuses each with a GOAWAY.
func TestConnectionsOfAnAttemptAreBounded(t *testing.T) {
	dials := 0
	client := clientOf(t, roundTripper(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		for r.Context().Err() == nil {
			dials++
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{})
		}
		return nil, r.Context().Err()
	}), func(c *Config) { c.Retry = Retry{} })
	_, err := client.Do(t.Context(), post(), nil)
	if f := fails(t, err, failure.Connection); !f.Retryable {
		t.Error("it can't be repeated")
	}
	if dials != maxConnections+1 {
		t.Errorf("%d connections, want %d", dials, maxConnections+1)
	}
}

// TestConnectionsAreReused leaves the end of a chunked body unread, as a stream
// does whose end is marked inside.
func TestConnectionsAreReused(t *testing.T) {
	m := newMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Fail") != "" {
			w.WriteHeader(400)
		}
		_, _ = io.WriteString(w, "the whole")
		flush(w)
	})
	client := clientOf(t, m.transport, nil)
	for range 5 {
		_, err := client.Do(t.Context(), post(), func(r *Response) error {
			_, err := io.ReadFull(r.Body, make([]byte, len("the whole")))
			return err
		})
		require.NoError(t, err)
		failing := post()
		failing.Header = http.Header{"X-Fail": {"1"}}
		_, err = client.Do(t.Context(), failing, nil)
		fails(t, err, failure.InvalidRequest)
	}
	if got := m.dialed(); got != 1 {
		t.Errorf("%d connections for ten calls, want one", got)
	}
}

// TestNothingIsRepeatedUnseen drops idle connections as a server does that goes down.
func TestNothingIsRepeatedUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const conns = 5
		var requests atomic.Int32
		open := make(chan struct{})
		m := newMemory(t, func(http.ResponseWriter, *http.Request) {
			if requests.Add(1) > conns {
				panic(http.ErrAbortHandler)
			}
			<-open
		})
		m.transport.MaxIdleConnsPerHost = conns
		client := clientOf(t, m.transport, nil)
		var warm sync.WaitGroup
		for range conns {
			warm.Go(func() {
				_, err := client.Do(t.Context(), post(), read(new(string)))
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(open)
		warm.Wait()
		info, err := client.Do(t.Context(), post(), nil)
		fails(t, err, failure.Connection)
		if got := int(requests.Load()) - conns; got != 3 || len(info.Attempts) != 3 {
			t.Errorf("%d requests by %d attempts, want three of each", got, len(info.Attempts))
		}
	})
}

func TestDrainingIsBounded(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rest  func(http.ResponseWriter, *http.Request)
		takes time.Duration
	}{
		{"the server says no more", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, drainTime},
		{"the server goes on without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write(make([]byte, 1024))
			}
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, "end")
					flush(w)
					tt.rest(w, r)
				})
				start := time.Now()
				_, err := clientOf(t, m.transport, nil).Do(t.Context(), post(), func(r *Response) error {
					_, err := io.ReadFull(r.Body, make([]byte, 3))
					return err
				})
				require.NoError(t, err)
				if got := time.Since(start); got != tt.takes {
					t.Errorf("took %v after the end, want %v", got, tt.takes)
				}
			})
		})
	}
}

// TestHTTP2 has calls share a connection, although some leave their answer early.
func TestHTTP2(t *testing.T) {
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
		if r.Header.Get("X-Endless") != "" {
			flush(w)
			<-r.Context().Done()
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	client := at(t, srv.URL)
	client.http.Transport.(*http.Transport).TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	for range 3 {
		body := ""
		info, err := client.Do(t.Context(), post(), read(&body))
		require.NoError(t, err)
		if body != "HTTP/2.0" || info.FirstByte <= 0 {
			t.Errorf("protocol = %s, first byte after %v", body, info.FirstByte)
		}
		endless := post()
		endless.Header = http.Header{"X-Endless": {"1"}}
		_, err = client.Do(t.Context(), endless, func(*Response) error { return io.ErrClosedPipe })
		require.ErrorIs(t, err, io.ErrClosedPipe)
	}
	if got := conns.Load(); got != 1 {
		t.Errorf("%d connections for six calls, want one", got)
	}
}

func TestUntrustedCertificateIsFinal(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	info, err := at(t, srv.URL).Do(t.Context(), post(), nil)
	fails(t, err, failure.Connection)
	if len(info.Attempts) != 1 {
		t.Errorf("%d attempts, want one", len(info.Attempts))
	}
}

func TestDefaultHTTPClient(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	require.NoError(t, err)
	client := clientOf(t, nil, func(c *Config) { c.BaseURL, c.HTTP = u, nil })
	defer client.http.CloseIdleConnections()
	body := ""
	_, err = client.Do(t.Context(), post(), read(&body))
	require.NoError(t, err)
	if body != "hello" {
		t.Errorf("body = %q", body)
	}
}
