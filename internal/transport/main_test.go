package transport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "kr-test-transport"

// memory is a server over in-memory pipes, for use inside a bubble too.
type memory struct {
	server    *http.Server
	transport *http.Transport
	conns     chan net.Conn
	done      chan struct{}

	mu    sync.Mutex
	dials int
}

func newMemory(t *testing.T, handler http.HandlerFunc) *memory {
	whole := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does a server notice that the client goes away
		handler(w, r)
	})
	m := &memory{server: &http.Server{Handler: whole, ErrorLog: quiet()}, conns: make(chan net.Conn), done: make(chan struct{})}
	m.transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case m.conns <- server:
			m.mu.Lock()
			defer m.mu.Unlock()
			m.dials++
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = m.server.Serve(m)
	}()
	t.Cleanup(func() {
		m.transport.CloseIdleConnections()
		_ = m.server.Shutdown(context.Background()) // waits for the handlers
		<-served
	})
	return m
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { close(m.done); return nil }
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// dialed returns how many connections were made.
func (m *memory) dialed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dials
}

// clientOf makes a client with the defaults of the root package.
func clientOf(t *testing.T, rt http.RoundTripper, change func(*Config)) *Client {
	base, err := url.Parse("http://gateway.test")
	require.NoError(t, err)
	c := Config{
		BaseURL:   base,
		HTTP:      &http.Client{Transport: rt},
		Authorize: func(h http.Header, _ bool) { h.Set("Authorization", "Bearer "+key) },
		Redact:    func(s string) string { return strings.ReplaceAll(s, key, "[key]") },
		UserAgent: "test",
		Retry:     DefaultRetry(),
		Timeouts:  Timeouts{Connect: 10 * time.Second, FirstByte: 5 * time.Minute, Idle: 2 * time.Minute},
		Limits:    Limits{Body: 1 << 20, ErrorBody: 1 << 20},
		Rand:      func() float64 { return 0.5 },
	}
	if change != nil {
		change(&c)
	}
	return New(c)
}

func post() *Request {
	return &Request{Method: http.MethodPost, Path: "/v1/chat/completions", Body: []byte(`{}`)}
}

// read is a handler that keeps the body.
func read(into *string) func(*Response) error {
	return func(r *Response) error {
		data, err := io.ReadAll(r.Body)
		*into = string(data)
		return err
	}
}

// fails asserts the kind of a failure and returns it.
func fails(t *testing.T, err error, kind failure.Kind) *failure.Failure {
	t.Helper()
	var f *failure.Failure
	require.ErrorAs(t, err, &f)
	if f.Kind != kind {
		t.Fatalf("failure = %v, want %s", f, kind)
	}
	return f
}
