package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// syncBuffer is what a server and a test may use at once.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start runs the program on a free port until the test ends.
func start(t *testing.T, c config) (base string, log *syncBuffer) {
	t.Helper()
	c.listen = "127.0.0.1:0"
	if c.format == "" {
		c.format = "chat"
	}
	if c.policy == "" {
		c.policy = "default"
	}
	c.grace = 5 * time.Second
	log = &syncBuffer{}
	ctx, stop := context.WithCancel(context.Background())
	address, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		done <- run(ctx, c, slog.New(slog.NewTextHandler(log, nil)), func(a net.Addr) { address <- a })
	}()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		require.NoError(t, <-done)
	})
	select {
	case a := <-address:
		return "http://" + a.String(), log
	case err := <-done:
		done <- err
		t.Fatal(err)
		return "", nil
	}
}

// client is the library's own, on a transport of its own, so that the test can close
// its connections.
func client(t *testing.T, base string) *keeprouter.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := keeprouter.NewClient(&keeprouter.Options{
		Key: keeprouter.NewKey(keeproutertest.Key), BaseURL: base, HTTPClient: &http.Client{Transport: transport},
	})
	require.NoError(t, err)
	return c
}

func metricsOf(t *testing.T, base string) string {
	t.Helper()
	resp, err := http.Get(base + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestGatewayGivesBothFormats(t *testing.T) {
	for _, format := range []string{"chat", "messages"} {
		t.Run("before a server of "+format, func(t *testing.T) {
			base, log := start(t, config{format: format})
			c, ctx := client(t, base), context.Background()

			answer, err := c.Chat.Create(ctx, &keeprouter.ChatRequest{
				Model: keeprouter.Gemma4_31B, MaxTokens: new(50), Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
			})
			require.NoError(t, err)
			message, err := c.Messages.Stream(ctx, &keeprouter.MessagesRequest{
				Model: keeprouter.Gemma4_31B, MaxTokens: 50, Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
			}).Result()
			require.NoError(t, err)
			require.NotEmpty(t, answer.Text())
			require.Equal(t, answer.Text(), message.Text())
			require.Equal(t, answer.Usage, message.Usage)

			seen := metricsOf(t, base)
			for _, line := range []string{
				`gateway_requests_total{endpoint="/v1/chat/completions",outcome="ok"} 1`,
				`gateway_requests_total{endpoint="/v1/messages",outcome="ok"} 1`,
				"gateway_open_requests 0",
			} {
				require.Contains(t, seen, line)
			}
			require.Equal(t, 2, strings.Count(log.String(), "cost="+answer.Cost.Total.String()), log)
			require.NotContains(t, log.String(), keeproutertest.Key)
			require.NotContains(t, log.String(), answer.Text())
		})
	}
}

func TestGatewayCountsErrors(t *testing.T) {
	base, _ := start(t, config{})
	_, err := client(t, base).Chat.Create(context.Background(), &keeprouter.ChatRequest{
		Model: "no-such-model", Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
	})
	require.ErrorIs(t, err, keeprouter.ErrNotFound)
	require.Contains(t, metricsOf(t, base), `gateway_requests_total{endpoint="/v1/chat/completions",outcome="error"} 1`)
}

func TestSettingsAreChecked(t *testing.T) {
	for name, c := range map[string]config{
		"format":   {format: "odd", policy: "default"},
		"policy":   {format: "chat", policy: "odd"},
		"upstream": {format: "chat", policy: "default", upstream: "localhost:8000"},
		"price":    {format: "chat", policy: "default", prices: "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(context.Background(), c, slog.New(slog.DiscardHandler), func(net.Addr) { t.Error("it listens") })
			require.ErrorContains(t, err, name)
		})
	}
}

// Usage is counted however the server's bytes are cut.
func TestTallyAtEverySplit(t *testing.T) {
	const stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n" +
		"event: message_delta\r\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}}\r\n\r\n"
	for at := range len(stream) {
		_, spent := withTally(context.Background())
		body := &countedBody{tally: spent, stream: true}
		body.take([]byte(stream[:at]))
		body.take([]byte(stream[at:]))
		model, usage, ok := spent.usage()
		require.True(t, ok)
		require.Equal(t, "m", model)
		require.Equal(t, [2]int64{7, 9}, [2]int64{usage.Input, usage.Output}, "split at %d", at)
	}
}

// A client that asks for compression is counted as any other.
func TestTallyOfACompressedAnswer(t *testing.T) {
	const answer = `{"model":"m","usage":{"prompt_tokens":7,"completion_tokens":9}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding is %q, want what net/http undoes", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = io.WriteString(zip, answer)
		_ = zip.Close()
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()

	ctx, spent := withTally(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, nil)
	require.NoError(t, err)
	req.Header.Set("Accept-Encoding", "gzip, br")
	resp, err := counting{transport}.RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, answer, string(body))
	require.Equal(t, "gzip, br", req.Header.Get("Accept-Encoding"), "the request isn't ours to change")
	model, usage, ok := spent.usage()
	require.True(t, ok)
	require.Equal(t, "m", model)
	require.Equal(t, [2]int64{7, 9}, [2]int64{usage.Input, usage.Output})
}
