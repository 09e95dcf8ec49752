package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestSharedHeaders: what one request adds to the headers that all have is not in the
// next one, and the caller's own idempotency key is sent alone.
func TestSharedHeaders(t *testing.T) {
	var got http.Header
	team := []string{"a", "not sent"}
	rt := roundTripper(func(req *http.Request) (*http.Response, error) {
		got = req.Header.Clone()
		req.Header.Set("User-Agent", "changed")
		req.Header.Add("X-Team", "changed")
		return httptest.NewRecorder().Result(), nil
	})
	client := clientOf(t, rt, func(c *Config) {
		c.Header = http.Header{"x-team": team[:1], "idempotency-key": {"mine"}}
	})
	for _, tt := range []struct {
		method  string
		body    []byte
		stream  bool
		header  http.Header
		changes http.Header
	}{
		{http.MethodPost, []byte("{}"), false, http.Header{"X-Call": {"1"}}, http.Header{"X-Call": {"1"}, "Content-Type": {"application/json"}}},
		{http.MethodPost, []byte("{}"), false, nil, http.Header{"Content-Type": {"application/json"}}},
		{http.MethodPost, []byte("{}"), true, http.Header{"x-team": {"b"}}, http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "X-Team": {"b"}}},
		{http.MethodPost, []byte("{}"), true, nil, http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}}},
		{http.MethodPost, []byte("{}"), false, http.Header{"Idempotency-Key": {"this"}}, http.Header{"Content-Type": {"application/json"}, "idempotency-key": {"this"}}},
		{http.MethodGet, nil, false, nil, nil},
	} {
		req := &Request{Method: tt.method, Path: "/v1/x", Body: tt.body, Stream: tt.stream, Header: tt.header}
		_, err := client.Do(t.Context(), req, func(*Response) error { return nil })
		require.NoError(t, err)
		want := http.Header{
			"User-Agent": {"test"}, "Accept": {"application/json"}, "Authorization": {"Bearer " + key},
			"X-Team": {"a"}, "idempotency-key": {"mine"},
		}
		for name, values := range tt.changes {
			want[name] = values
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: header (-want +got):\n%s", tt, diff)
		}
	}
	require.Equal(t, []string{"a", "not sent"}, team, "a transport wrote into the caller's memory")
}
