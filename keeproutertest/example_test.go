package keeproutertest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestAnswerSurvivesARateLimit is the README's test: ninety seconds pass at once.
func TestAnswerSurvivesARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := keeproutertest.NewServer(t,
			keeproutertest.Reply{Status: 429, RetryAfter: 90 * time.Second},
			keeproutertest.Reply{Text: "Hello.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}},
		)
		client, err := keeprouter.NewClient(srv.Options())
		require.NoError(t, err)

		start := time.Now()
		resp, err := client.Chat.Create(t.Context(), &keeprouter.ChatRequest{
			Model:    keeprouter.Gemma4_31B,
			Messages: []keeprouter.ChatMessage{keeprouter.User("Hi")},
		})
		require.NoError(t, err)
		if got := resp.Text() + " " + resp.Cost.String(); got != "Hello. $0.000295" {
			t.Errorf("answer and cost = %s", got)
		}
		if got := time.Since(start); got != 90*time.Second {
			t.Errorf("waited %v, want what the gateway asked for", got)
		}
	})
}

// summarize is the code of yours that is to be tested.
func summarize(ctx context.Context, client *keeprouter.Client, text string) (string, error) {
	resp, err := client.Chat.Stream(ctx, &keeprouter.ChatRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: new(200),
		Messages:  []keeprouter.ChatMessage{keeprouter.System("Summarize in a sentence."), keeprouter.User(text)},
	}).Result()
	if err != nil {
		return "", err
	}
	return resp.Text(), nil
}

// TestFaults is a page's table: what the code does when the gateway misbehaves.
func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		reply keeproutertest.Reply
		want  error
	}{
		"cut":        {keeproutertest.Reply{Text: "A long answer.", Fault: keeproutertest.Fault{CutAfterBytes: new(300)}}, keeprouter.ErrTruncated},
		"silent":     {keeproutertest.Reply{Text: "A long answer.", Fault: keeproutertest.Fault{StallAfterEvents: new(2)}}, keeprouter.ErrIdle},
		"overloaded": {keeproutertest.Reply{Status: 529}, keeprouter.ErrOverloaded},
		"error page": {keeproutertest.Reply{Body: "<html>Bad gateway</html>", ContentType: "text/html"}, keeprouter.ErrNotAStream},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the two minutes of Timeouts.Idle pass at once
				srv := keeproutertest.NewServer(t, tt.reply)
				opts := srv.Options()
				opts.Retry = &keeprouter.RetryPolicy{} // one attempt
				client, err := keeprouter.NewClient(opts)
				require.NoError(t, err)
				_, err = summarize(t.Context(), client, "…")
				require.ErrorIs(t, err, tt.want)
			})
		})
	}
}

// TestWhatIsSent looks at the request, and decides the answer by it.
func TestWhatIsSent(t *testing.T) {
	srv := keeproutertest.NewServerFunc(t, func(req keeproutertest.Request) keeproutertest.Reply {
		if bytes.Contains(req.Body, []byte("secret")) {
			return keeproutertest.Reply{Finish: "content_filter"}
		}
		return keeproutertest.Reply{Text: "Short."}
	})
	client, err := keeprouter.NewClient(srv.Options())
	require.NoError(t, err)
	text, err := summarize(t.Context(), client, "Long.")
	require.NoError(t, err)
	require.Equal(t, "Short.", text)

	var sent keeprouter.ChatRequest
	require.NoError(t, json.Unmarshal(srv.Requests()[0].Body, &sent))
	require.Equal(t, 200, *sent.MaxTokens)
	require.Equal(t, "Long.", sent.Messages[1].Content.Text())
}

// TestWhatItCosts is exact about money, and offline.
func TestWhatItCosts(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "Short.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	opts := srv.Options()
	opts.Prices = keeproutertest.Prices(t, "2026-07-05") // the day whose prices the test is about
	opts.Middleware = append(opts.Middleware, keeproutertest.SpendCap(t, "0.001"))
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	resp, err := client.Chat.Create(t.Context(), &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User("Long.")},
	})
	require.NoError(t, err)
	keeproutertest.AssertCost(t, resp.Cost, "0.000295")
}

// TestPromptStaysCheap fails when somebody makes the prompt longer than it may be.
func TestPromptStaysCheap(t *testing.T) {
	client := keeproutertest.EstimateOnly(t, "2026-07-05") // never dials
	est, err := client.Estimate(&keeprouter.ChatRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: new(200),
		Messages:  []keeprouter.ChatMessage{keeprouter.System("Summarize in a sentence."), keeprouter.User("…")},
	})
	require.NoError(t, err)
	keeproutertest.AssertCostBelow(t, est.Max, "0.0002")
}

// TestRecorded replays calls that were once made to a real gateway.
func TestRecorded(t *testing.T) {
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key:        keeprouter.NewKey(cmp.Or(os.Getenv("KEEPROUTER_KEY"), "kr-test-replay")),
		HTTPClient: keeproutertest.Cassette(t, "testdata/summary.cassette"),
	})
	require.NoError(t, err)
	text, err := summarize(t.Context(), client, "Long.")
	require.NoError(t, err)
	require.Equal(t, "Short.", text)
}

// TestOnAnyPort puts the gateway on a port, for programs in other languages.
func TestOnAnyPort(t *testing.T) {
	gateway := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "Hello."})
	port := httptest.NewServer(gateway)
	defer port.Close()
	body := strings.NewReader(`{"model": "gemma-4-31B-it", "messages": [{"role": "user", "content": "Hi"}]}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, port.URL+"/v1/chat/completions", body)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+keeproutertest.Key)
	resp, err := port.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(answer), "Hello.")
}
