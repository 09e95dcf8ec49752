package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newRelay(t *testing.T, replies ...keeproutertest.Reply) (*httptest.Server, *keeproutertest.Server) {
	gateway := keeproutertest.NewServer(t, replies...)
	opts := gateway.Options()
	opts.Retry = &keeprouter.RetryPolicy{}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	srv := httptest.NewServer(&relay{client: client, log: slog.New(slog.DiscardHandler)})
	t.Cleanup(srv.Close)
	return srv, gateway
}

func post(t *testing.T, ctx context.Context, url, body string) *http.Response {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close(); http.DefaultClient.CloseIdleConnections() })
	return resp
}

func TestRelay(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		reply      []keeproutertest.Reply
		status     int
		want       string
	}{
		{
			"answer", `{"prompt":"hi"}`,
			[]keeproutertest.Reply{{Deltas: []string{"Hel", "lo."}, Usage: &keeproutertest.Usage{Input: 1000, Output: 500}}},
			200, "event: text\ndata: {\"text\":\"Hel\"}\n\nevent: text\ndata: {\"text\":\"lo.\"}\n\n" +
				"event: done\ndata: {\"cost\":\"$0.000295\",\"input_tokens\":1000,\"output_tokens\":500}\n\n",
		},
		{
			"an answer that is cut", `{"prompt":"hi"}`,
			[]keeproutertest.Reply{{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{EndAfterEvents: new(2)}}},
			200, "event: text\ndata: {\"text\":\"Hel\"}\n\nevent: failed\ndata: {\"message\":\"The answer could not be completed.\"}\n\n",
		},
		{"a busy model", `{"prompt":"hi"}`, []keeproutertest.Reply{{Status: 429}}, 502, "The model is busy. Please try again in a moment.\n"},
		{"no prompt", `{}`, nil, 400, "want {\"prompt\": \"…\"}\n"},
		{"too long", `{"prompt":"` + strings.Repeat("x", maxQuestion) + `"}`, nil, 400, "want {\"prompt\": \"…\"}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, _ := newRelay(t, tt.reply...)
			resp := post(t, t.Context(), srv.URL, tt.body)
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			if resp.StatusCode != tt.status || string(got) != tt.want {
				t.Errorf("status %d, body\n%s\nwant %d and\n%s", resp.StatusCode, got, tt.status, tt.want)
			}
		})
	}
}

// TestBrowserLeaves closes the browser's connection in the middle of an answer that
// never ends; keeproutertest fails the test if the call to the model goes on.
func TestBrowserLeaves(t *testing.T) {
	srv, _ := newRelay(t, keeproutertest.Reply{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{StallAfterEvents: new(2)}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	resp := post(t, ctx, srv.URL, `{"prompt":"hi"}`)
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "event: text\n", line)
	cancel()
}
