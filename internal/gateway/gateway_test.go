package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key          = "kr-test-key"
	chatPath     = "/v1/chat/completions"
	messagesPath = "/v1/messages"
	countPath    = "/v1/messages/count_tokens"

	chatAsk     = `{"model":"gemma-4-31B-it","messages":[{"role":"user","content":"Hello"}]}`
	messagesAsk = `{"model":"gemma-4-31B-it","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}`
)

// streamed asks for a stream instead, with its usage.
func streamed(body string) string {
	return `{"stream":true,"stream_options":{"include_usage":true},` + strings.TrimPrefix(body, "{")
}

// always makes a gateway that gives one reply.
func always(r gateway.Reply) *gateway.Gateway {
	return gateway.New(gateway.Config{Key: key, Reply: func(gateway.Request) gateway.Reply { return r }})
}

type answered struct {
	status int
	header http.Header
	body   string
}

// ask sends a request to the handler without a connection.
func ask(t *testing.T, g http.Handler, method, path, body string, headers ...string) answered {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	setVersion(r)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return answered{w.Code, w.Header(), w.Body.String()}
}

// setVersion names the version of the Messages format, as its clients do.
func setVersion(r *http.Request) {
	if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/messages") {
		r.Header.Set("Anthropic-Version", "2023-06-01")
	}
}

func post(t *testing.T, g http.Handler, path, body string) answered {
	t.Helper()
	return ask(t, g, http.MethodPost, path, body)
}

// send makes a request over a connection, and reads up to limit bytes of the answer.
func send(t *testing.T, g http.Handler, path, body string, limit int64) (*http.Response, string, error) {
	t.Helper()
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Api-Key", key)
	setVersion(r)
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(resp.Body, limit))
	return resp, b.String(), err
}
