package keeprouter_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

const testKey = "kr-test-options"

func TestNewClientRefuses(t *testing.T) {
	valid := func() *keeprouter.Options { return &keeprouter.Options{Key: keeprouter.NewKey(testKey)} }
	for _, tt := range []struct {
		name   string
		change func(*keeprouter.Options)
		param  string
	}{
		{"no key", func(o *keeprouter.Options) { o.Key = keeprouter.Key{} }, "Options.Key"},
		{"key with a line break", func(o *keeprouter.Options) { o.Key = keeprouter.NewKey("kr\r\nX: y") }, "Options.Key"},
		{"key with NUL", func(o *keeprouter.Options) { o.Key = keeprouter.NewKey("kr\x00") }, "Options.Key"},
		{"key with a space", func(o *keeprouter.Options) { o.Key = keeprouter.NewKey("kr test") }, "Options.Key"},
		{"not a URL", func(o *keeprouter.Options) { o.BaseURL = "https://exa mple" }, "Options.BaseURL"},
		{"no scheme", func(o *keeprouter.Options) { o.BaseURL = "keeprouter.com" }, "Options.BaseURL"},
		{"other scheme", func(o *keeprouter.Options) { o.BaseURL = "ftp://keeprouter.com" }, "Options.BaseURL"},
		{"no host", func(o *keeprouter.Options) { o.BaseURL = "https:///v1" }, "Options.BaseURL"},
		{"chat endpoint", func(o *keeprouter.Options) { o.BaseURL = "https://keeprouter.com/v1/chat/completions" }, "Options.BaseURL"},
		{"messages endpoint", func(o *keeprouter.Options) { o.BaseURL = "https://keeprouter.com/v1/messages/" }, "Options.BaseURL"},
		{"query", func(o *keeprouter.Options) { o.BaseURL = "https://keeprouter.com/?a=b" }, "Options.BaseURL"},
		{"credentials", func(o *keeprouter.Options) { o.BaseURL = "https://me:secret@keeprouter.com" }, "Options.BaseURL"},
		{"plain http", func(o *keeprouter.Options) { o.BaseURL = "http://keeprouter.com" }, "Options.BaseURL"},
		{"plain http to a name like localhost", func(o *keeprouter.Options) { o.BaseURL = "http://localhost.example.com" }, "Options.BaseURL"},
		{"header with a line break", func(o *keeprouter.Options) { o.Header = http.Header{"X-A": {"a\nb"}} }, `Options.Header[X-A]`},
		{"header name", func(o *keeprouter.Options) { o.Header = http.Header{"X A": {"a"}} }, `Options.Header[X A]`},
		{"key in the header", func(o *keeprouter.Options) { o.Header = http.Header{"authorization": {"Bearer x"}} }, `Options.Header[authorization]`},
		{"version", func(o *keeprouter.Options) { o.AnthropicVersion = "latest" }, "Options.AnthropicVersion"},
		{"negative timeout", func(o *keeprouter.Options) { o.Timeouts.Idle = -time.Second }, "Options.Timeouts.Idle"},
		{"negative retries", func(o *keeprouter.Options) { o.Retry = &keeprouter.RetryPolicy{Retries: -1} }, "Options.Retry.Retries"},
		{"negative limit", func(o *keeprouter.Options) { o.Limits.Event = -1 }, "Options.Limits.Event"},
		{"nil middleware", func(o *keeprouter.Options) { o.Middleware = []keeprouter.Middleware{nil} }, "Options.Middleware"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("KEEPROUTER_KEY", "")
			t.Setenv("KEEPROUTER_BASE_URL", "")
			opts := valid()
			tt.change(opts)
			_, err := keeprouter.NewClient(opts)
			require.ErrorIs(t, err, keeprouter.ErrConfig)
			if e := err.(*keeprouter.Error); e.Param != tt.param {
				t.Errorf("Param = %q, want %q", e.Param, tt.param)
			}

			client, err := keeprouter.NewClient(valid())
			require.NoError(t, err)
			_, err = client.With(tt.change)
			require.ErrorIs(t, err, keeprouter.ErrConfig, "With is as strict as NewClient")
		})
	}
}

func TestBaseURLForms(t *testing.T) {
	for _, tt := range []struct{ base, want string }{
		{"https://keeprouter.com", "https://keeprouter.com/v1/chat/completions"},
		{"https://keeprouter.com/", "https://keeprouter.com/v1/chat/completions"},
		{"https://keeprouter.com/v1", "https://keeprouter.com/v1/chat/completions"},
		{"https://keeprouter.com/v1/", "https://keeprouter.com/v1/chat/completions"},
		{"https://proxy.example.com/llm/v1", "https://proxy.example.com/llm/v1/chat/completions"},
		{"https://proxy.example.com:8443/llm", "https://proxy.example.com:8443/llm/v1/chat/completions"},
		{"http://localhost:8080", "http://localhost:8080/v1/chat/completions"},
		{"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"},
		{"http://[::1]:8080", "http://[::1]:8080/v1/chat/completions"},
	} {
		t.Run(tt.base, func(t *testing.T) {
			if got := urlOfCall(t, &keeprouter.Options{Key: keeprouter.NewKey(testKey), BaseURL: tt.base}); got != tt.want {
				t.Errorf("a call goes to %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name, key, base string
		opts            *keeprouter.Options
		wantURL         string
		wantKey         string
	}{
		{"defaults", "kr-env", "", nil, "https://keeprouter.com/v1/chat/completions", "Bearer kr-env"},
		{"both set", " kr-env\n", "https://env.example.com/v1", nil, "https://env.example.com/v1/chat/completions", "Bearer kr-env"},
		{
			"options win", "kr-env", "https://env.example.com",
			&keeprouter.Options{Key: keeprouter.NewKey("kr-opt"), BaseURL: "https://opt.example.com"},
			"https://opt.example.com/v1/chat/completions", "Bearer kr-opt",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("KEEPROUTER_KEY", tt.key)
			t.Setenv("KEEPROUTER_BASE_URL", tt.base)
			req := requestOfCall(t, tt.opts)
			if diff := cmp.Diff([]string{tt.wantURL, tt.wantKey}, []string{req.URL.String(), req.Header.Get("Authorization")}); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClientKeepsItsOptions(t *testing.T) {
	opts := &keeprouter.Options{Key: keeprouter.NewKey(testKey), Header: http.Header{"X-Team": {"a"}}}
	var sent []string
	opts.HTTPClient = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req.Header.Get("X-Team"))
		return nil, http.ErrServerClosed
	})}
	opts.Retry = &keeprouter.RetryPolicy{}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	derived, err := client.With(func(o *keeprouter.Options) { o.Header.Set("X-Team", "b") })
	require.NoError(t, err)
	opts.Header.Set("X-Team", "changed later")

	for _, c := range []*keeprouter.Client{client, derived, client} {
		_, err := c.Chat.Create(t.Context(), hello())
		require.ErrorIs(t, err, keeprouter.ErrConnection)
	}
	if diff := cmp.Diff([]string{"a", "b", "a"}, sent); diff != "" {
		t.Errorf("X-Team header (-want +got):\n%s", diff)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func hello() *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
	}
}

func urlOfCall(t *testing.T, opts *keeprouter.Options) string {
	return requestOfCall(t, opts).URL.String()
}

// requestOfCall returns the HTTP request that a call makes under the options.
func requestOfCall(t *testing.T, opts *keeprouter.Options) *http.Request {
	if opts == nil {
		opts = &keeprouter.Options{}
	}
	var sent *http.Request
	opts.Retry = &keeprouter.RetryPolicy{}
	opts.HTTPClient = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = req
		return nil, http.ErrServerClosed
	})}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	_, err = client.Chat.Create(context.Background(), hello())
	require.ErrorIs(t, err, keeprouter.ErrConnection)
	return sent
}

// TestHeadersCannotBeInjected tries every way in which a text of the caller becomes a
// header of a request, and the headers that would change where it ends.
func TestHeadersCannotBeInjected(t *testing.T) {
	const broken = "a\r\nX-Injected: b"
	framing := []string{"Content-Length", "transfer-encoding", "Host", "connection", "Authorization", "x-api-key", "Proxy-Authorization", "X-A\r\nX-Injected", ""}
	requests := 0
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key: keeprouter.NewKey(testKey),
		HTTPClient: &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			requests++
			return nil, http.ErrServerClosed
		})},
	})
	require.NoError(t, err)
	for _, value := range []string{broken, "a\nb", "a\rb", "a\x00b", "\x7f"} {
		_, err := client.With(func(o *keeprouter.Options) { o.AnthropicVersion = value })
		require.ErrorIs(t, err, keeprouter.ErrConfig)
		_, err = client.With(func(o *keeprouter.Options) { o.Header = http.Header{"X-A": {"fine", value}} })
		require.ErrorIs(t, err, keeprouter.ErrConfig)

		chat, messages := hello(), ask()
		chat.Header, messages.Betas = http.Header{"X-A": {value}}, []string{value}
		_, err = client.Chat.Create(t.Context(), chat)
		require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
		_, err = client.Messages.Create(t.Context(), messages)
		require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	}
	for _, name := range framing {
		_, err := client.With(func(o *keeprouter.Options) { o.Header = http.Header{name: {"1"}} })
		require.ErrorIs(t, err, keeprouter.ErrConfig, name)
		chat := hello()
		chat.Header = http.Header{name: {"1"}}
		_, err = client.Chat.Create(t.Context(), chat)
		require.ErrorIs(t, err, keeprouter.ErrInvalidRequest, name)
	}
	if requests > 0 {
		t.Errorf("%d requests were sent", requests)
	}
}
