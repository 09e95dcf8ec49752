package transport

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
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

// TestNoHalfOfAKeyIsKept has the bounds of a body fall into the key that it quotes.
func TestNoHalfOfAKeyIsKept(t *testing.T) {
	for _, limit := range []int64{0, 100, 1 << 20} {
		for _, place := range []int{100, 1024, 4096} {
			for before := place - len(key); before <= place; before++ {
				body := strings.Repeat(".", before%2) + strings.Repeat("a ", before/2) + key + " is wrong"
				rt := roundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 401, Body: io.NopCloser(strings.NewReader(body))}, nil
				})
				_, err := clientOf(t, rt, func(c *Config) { c.Limits.ErrorBody = limit }).Do(t.Context(), post(), nil)
				f := fails(t, err, failure.Authentication)
				if kept := f.Message + string(f.Body); strings.Contains(kept, key[:4]) {
					t.Fatalf("limit %d, key at %d: kept %q", limit, before, kept[max(0, len(kept)-40):])
				}
			}
		}
	}
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.Bytes()
}

func brokenInside(b []byte) []byte {
	for i := 12; i < len(b)-8; i++ {
		b[i] ^= 0x5a
	}
	return b
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
		{"gzip broken inside", "gzip", brokenInside(gzipped(strings.Repeat("hello ", 1000))), failure.BadResponse},
		{"wrong checksum", "gzip", append(gzipped("hello")[:20], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), failure.BadResponse},
		{"gzip on gzip", "gzip, gzip", gzipped("hello"), failure.BadResponse},
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

func TestReadObject(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		ok   bool
	}{
		"object":       {`{"a":1}`, true},
		"large object": {`{"a":"` + strings.Repeat("x", 3<<20) + `"}`, true},
		"list":         {`[1]`, false},
		"space":        {` {}`, false},
		"nothing":      {``, false},
		"events":       {"data: {}\n\n" + strings.Repeat("x", 10_000), false},
	} {
		for _, size := range []int64{-1, 0, 5, int64(len(tt.body))} {
			for _, shape := range []func(io.Reader) io.Reader{iotest.DataErrReader, iotest.OneByteReader, iotest.HalfReader} {
				resp := &Response{Size: size, Body: shape(strings.NewReader(tt.body))}
				data, ok, err := ReadObject(resp)
				require.NoError(t, err, name)
				if ok != tt.ok {
					t.Fatalf("%s of %d bytes, announced as %d: an object is %t", name, len(tt.body), size, ok)
				}
				rest, err := io.ReadAll(resp.Body)
				require.NoError(t, err, name)
				if got := string(data) + string(rest); got != tt.body || ok && len(rest) > 0 {
					t.Errorf("%s, announced as %d: %d and %d bytes of %d came", name, size, len(data), len(rest), len(tt.body))
				}
			}
		}
	}
	_, _, err := ReadObject(&Response{Body: iotest.ErrReader(io.ErrClosedPipe)})
	require.ErrorIs(t, err, io.ErrClosedPipe)
	_, _, err = ReadObject(&Response{Body: io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrClosedPipe))})
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
