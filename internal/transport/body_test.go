package transport

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

func TestBodyLimit(t *testing.T) {
	const limit = 1000
	for _, tt := range []struct {
		size   int
		stream bool
		kind   failure.Kind
	}{
		{limit, false, ""},
		{limit + 1, false, failure.TooLarge},
		{100 * limit, false, failure.TooLarge},
		{100 * limit, true, ""},
	} {
		m := newMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", tt.size)) })
		client := clientOf(t, m.transport, func(c *Config) { c.Limits.Body = limit })
		req := post()
		req.Stream = tt.stream
		body := ""
		_, err := client.Do(t.Context(), req, read(&body))
		if tt.kind != "" {
			fails(t, err, tt.kind)
			continue
		}
		require.NoError(t, err)
		if len(body) != tt.size {
			t.Errorf("%d bytes of %d came", len(body), tt.size)
		}
	}
}

func TestReadAll(t *testing.T) {
	for _, size := range []int{0, 1, 4096, 4097, 100_000, 3 << 20} {
		want := strings.Repeat("x", size)
		got, err := ReadAll(iotest.HalfReader(strings.NewReader(want)), int64(size))
		require.NoError(t, err)
		if string(got) != want {
			t.Errorf("%d bytes of %d were read", len(got), size)
		}
		if size > 0 {
			_, err = ReadAll(strings.NewReader(want), int64(size-1))
			fails(t, err, failure.TooLarge)
		}
	}
	_, err := ReadAll(iotest.ErrReader(io.ErrClosedPipe), 10)
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestErrorBodyIsBounded(t *testing.T) {
	m := newMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	})
	_, err := clientOf(t, m.transport, func(c *Config) { c.Limits.ErrorBody = 10_000 }).Do(t.Context(), post(), nil)
	if f := fails(t, err, failure.InvalidRequest); len(f.Body) > 4<<10 {
		t.Errorf("%d bytes of the body were kept", len(f.Body))
	}
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.Bytes()
}

func TestEncodings(t *testing.T) {
	for _, tt := range []struct {
		name, encoding string
		body           []byte
		kind           failure.Kind
	}{
		{"gzip that was asked for", "gzip", gzipped("hello"), ""},
		{"identity", "identity", []byte("hello"), ""},
		{"a bomb", "gzip", gzipped(strings.Repeat("x", 10<<20)), failure.TooLarge},
		{"cut gzip", "gzip", gzipped("hello")[:20], failure.Connection},
		{"not gzip at all", "gzip", []byte("this is not gzip"), failure.BadResponse},
		{"another encoding", "br", []byte("hello"), failure.BadResponse},
	} {
		for _, transparent := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				m := newMemory(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Encoding", tt.encoding)
					_, _ = w.Write(tt.body)
				})
				m.transport.DisableCompression = !transparent
				body := ""
				_, err := clientOf(t, m.transport, func(c *Config) { c.Retry.Retries = 0 }).Do(t.Context(), post(), read(&body))
				if tt.kind == "" {
					require.NoError(t, err)
					if body != "hello" {
						t.Errorf("body = %q", body)
					}
					return
				}
				fails(t, err, tt.kind)
			})
		}
	}
}

func TestCutBody(t *testing.T) {
	m := newMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		flush(w)
		panic(http.ErrAbortHandler)
	})
	body := ""
	_, err := clientOf(t, m.transport, func(c *Config) { c.Retry.Retries = 0 }).Do(t.Context(), post(), read(&body))
	fails(t, err, failure.Connection)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	if body != "half" {
		t.Errorf("body = %q, want what had come", body)
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

func TestHTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	rt := NewRoundTripper().(*http.Transport)
	rt.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	defer rt.CloseIdleConnections()
	client := clientOf(t, rt, func(c *Config) { c.BaseURL.Scheme, c.BaseURL.Host = "https", srv.Listener.Addr().String() })
	body := ""
	_, err := client.Do(t.Context(), post(), read(&body))
	require.NoError(t, err)
	if body != "HTTP/2.0" {
		t.Errorf("protocol = %s, want HTTP/2.0", body)
	}
}

func TestUntrustedCertificateIsFinal(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	rt := NewRoundTripper().(*http.Transport)
	defer rt.CloseIdleConnections()
	info, err := clientOf(t, rt, func(c *Config) { c.BaseURL.Scheme, c.BaseURL.Host = "https", srv.Listener.Addr().String() }).Do(t.Context(), post(), nil)
	fails(t, err, failure.Connection)
	if len(info.Attempts) != 1 {
		t.Errorf("%d attempts, want one", len(info.Attempts))
	}
}
