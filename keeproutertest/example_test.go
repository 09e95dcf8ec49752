package keeproutertest_test

import (
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
