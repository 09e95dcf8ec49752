package transport

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestRedirects(t *testing.T) {
	stolen := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen++ }))
	defer thief.Close()
	for _, tt := range []struct {
		name   string
		status int
		target string
		kind   failure.Kind
	}{
		{"307 within the origin", 307, "/v1/elsewhere", ""},
		{"308 within the origin", 308, "/v1/elsewhere", ""},
		{"303 turns a POST into a GET", 303, "/v1/elsewhere", failure.Redirect},
		{"302", 302, "/v1/elsewhere", failure.Redirect},
		{"301", 301, "/v1/elsewhere", failure.Redirect},
		{"another port", 307, thief.URL + "/v1/messages", failure.Redirect},
		{"another host", 308, "http://thief.test/", failure.Redirect},
		{"a very long host", 308, "http://" + strings.Repeat("a", 5000) + ".test/", failure.Redirect},
		{"in a circle", 307, "/v1/chat/completions", failure.Redirect},
		{"nowhere", 307, "", failure.Redirect},
		{"300", 300, "", failure.Redirect},
	} {
		t.Run(tt.name, func(t *testing.T) {
			arrived := ""
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/elsewhere" {
					data, _ := io.ReadAll(r.Body)
					arrived = r.Method + " " + string(data)
					return
				}
				w.Header().Set("X-Request-Id", "req_1")
				if tt.target != "" {
					w.Header().Set("Location", tt.target)
				}
				w.WriteHeader(tt.status)
			}))
			defer srv.Close()
			base, err := url.Parse(srv.URL)
			require.NoError(t, err)
			rt := NewRoundTripper().(*http.Transport)
			defer rt.CloseIdleConnections()
			info, err := clientOf(t, rt, func(c *Config) { c.BaseURL = base }).Do(t.Context(), post(), read(new(string)))
			if tt.kind == "" {
				require.NoError(t, err)
				if arrived != "POST {}" {
					t.Errorf("the target got %q", arrived)
				}
				return
			}
			f := fails(t, err, tt.kind)
			if f.Status != tt.status || info.Status != tt.status || f.RequestID != "req_1" || len(f.Message) > 400 {
				t.Errorf("failure = %d, request %q, %d bytes of message", f.Status, f.RequestID, len(f.Message))
			}
			if len(info.Attempts) != 1 {
				t.Errorf("%d attempts, want one", len(info.Attempts))
			}
		})
	}
	if stolen != 0 {
		t.Errorf("another origin got %d requests", stolen)
	}
}

func TestOrigins(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"https://a.test/v1", "https://A.test:443/v2", true},
		{"http://a.test", "http://a.test:80", true},
		{"https://a.test", "http://a.test", false},
		{"https://a.test", "https://a.test:80", false},
		{"https://a.test", "https://a.test:8443", false},
		{"https://a.test", "https://a.test.evil.test", false},
		{"https://a.test", "https://evil.test/@a.test", false},
		{"https://a.test", "https://a.test@evil.test", false},
	} {
		a, err := url.Parse(tt.a)
		require.NoError(t, err)
		b, err := url.Parse(tt.b)
		require.NoError(t, err)
		if got := origin(a) == origin(b); got != tt.same {
			t.Errorf("%s and %s: same origin %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

func TestTheKeyIsTakenOutOfWhatServersSay(t *testing.T) {
	body := fmt.Sprintf(`{"error":{"message":"bad key %s","type":"%s","code":"%s","param":"%s"}}`, key, key, key, key)
	m := newMemory(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.Header().Set("X-Request-Id", "req-"+key)
		w.WriteHeader(401)
		_, _ = io.WriteString(w, body)
	})
	info, err := clientOf(t, m.transport, nil).Do(t.Context(), post(), nil)
	f := fails(t, err, failure.Authentication)
	require.NotContains(t, fmt.Sprintf("%+v %s %s", *f, f.Body, err), key)
	require.NotContains(t, fmt.Sprintf("%+v", *info), key)
	if got := info.Header.Get("X-Echo"); got != "Bearer [key]" {
		t.Errorf("X-Echo = %q", got)
	}
}

func TestTheKeyIsTakenOutOfCauses(t *testing.T) {
	rt := roundTripper(func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy says: %s is blocked", req.Header.Get("Authorization"))
	})
	_, err := clientOf(t, rt, func(c *Config) { c.Retry.Retries = 0 }).Do(t.Context(), post(), nil)
	f := fails(t, err, failure.Connection)
	if got := f.Cause.Error(); got != "proxy says: Bearer [key] is blocked" {
		t.Errorf("cause = %q", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestHeaders(t *testing.T) {
	var got http.Header
	rt := roundTripper(func(req *http.Request) (*http.Response, error) {
		got = req.Header
		return httptest.NewRecorder().Result(), nil
	})
	client := clientOf(t, rt, func(c *Config) { c.Header = http.Header{"x-team": {"a"}, "X-Both": {"client"}} })
	req := post()
	req.Stream = true
	req.Header = http.Header{"X-Both": {"call"}, "Idempotency-Key": {"mine"}}
	_, err := client.Do(t.Context(), req, func(*Response) error { return nil })
	require.NoError(t, err)
	want := http.Header{
		"User-Agent": {"test"}, "Accept": {"text/event-stream"}, "Content-Type": {"application/json"},
		"Authorization": {"Bearer " + key}, "X-Team": {"a"}, "X-Both": {"call"}, "idempotency-key": {"mine"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestHeaderOfAGet(t *testing.T) {
	rt := roundTripper(func(req *http.Request) (*http.Response, error) {
		want := http.Header{"User-Agent": {"test"}, "Accept": {"application/json"}, "Authorization": {"Bearer " + key}}
		if diff := cmp.Diff(want, req.Header); diff != "" || req.Body != nil {
			t.Errorf("body %v, header (-want +got):\n%s", req.Body, diff)
		}
		return httptest.NewRecorder().Result(), nil
	})
	req := &Request{Method: http.MethodGet, Path: "/v1/models"}
	_, err := clientOf(t, rt, nil).Do(t.Context(), req, func(*Response) error { return nil })
	require.NoError(t, err)
}

func TestURLs(t *testing.T) {
	for _, tt := range []struct{ base, path, want string }{
		{"https://a.test", "/v1/models", "https://a.test/v1/models"},
		{"https://a.test/llm", "/v1/models", "https://a.test/llm/v1/models"},
		{"https://a.test", "/v1/models/google%2Fgemma", "https://a.test/v1/models/google%2Fgemma"},
		{"https://a.test/a%20b", "/v1/models/x%2F..%2Fy", "https://a.test/a%20b/v1/models/x%2F..%2Fy"},
	} {
		var got string
		rt := roundTripper(func(req *http.Request) (*http.Response, error) {
			got = req.URL.String()
			return httptest.NewRecorder().Result(), nil
		})
		base, err := url.Parse(tt.base)
		require.NoError(t, err)
		req := &Request{Method: http.MethodGet, Path: tt.path}
		_, err = clientOf(t, rt, func(c *Config) { c.BaseURL = base }).Do(t.Context(), req, func(*Response) error { return nil })
		require.NoError(t, err)
		if got != tt.want {
			t.Errorf("URL = %s, want %s", got, tt.want)
		}
	}
}

func TestRateLimits(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   RateLimits
	}{
		{"none", nil, RateLimits{}},
		{
			"chat",
			map[string]string{
				"x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "99", "x-ratelimit-reset-requests": "6m0s",
				"x-ratelimit-limit-tokens": "5000", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12ms",
			},
			RateLimits{
				Requests: RateLimit{100, 99, now.Add(6 * time.Minute), true},
				Tokens:   RateLimit{5000, 0, now.Add(12 * time.Millisecond), true},
			},
		},
		{
			"messages",
			map[string]string{
				"anthropic-ratelimit-input-tokens-limit": "7", "anthropic-ratelimit-input-tokens-reset": "2026-11-23T12:00:05Z",
				"anthropic-ratelimit-output-tokens-remaining": "8",
			},
			RateLimits{
				InputTokens:  RateLimit{7, 0, now.Add(5 * time.Second), true},
				OutputTokens: RateLimit{0, 8, time.Time{}, true},
			},
		},
		{
			"resets in other forms",
			map[string]string{
				"x-ratelimit-limit-requests": "1", "x-ratelimit-reset-requests": "30",
				"x-ratelimit-limit-tokens": "1", "x-ratelimit-reset-tokens": "1795435205000",
			},
			RateLimits{
				Requests: RateLimit{1, 0, now.Add(30 * time.Second), true},
				Tokens:   RateLimit{1, 0, time.UnixMilli(1795435205000), true},
			},
		},
		{
			"of requests, without saying so",
			map[string]string{"x-ratelimit-limit": "20", "x-ratelimit-remaining": "19", "x-ratelimit-reset": "1795435205000"},
			RateLimits{Requests: RateLimit{20, 19, time.UnixMilli(1795435205000), true}},
		},
		{"nonsense", map[string]string{"x-ratelimit-limit-requests": "many", "x-ratelimit-reset-requests": "soon"}, RateLimits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			for name, value := range tt.header {
				h.Set(name, value)
			}
			if diff := cmp.Diff(tt.want, rateLimits(h, now)); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
		})
	}
}
