package gemma_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/gemma"
	"github.com/keeprouter/keeprouter-go/internal/gemmavocab"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestEstimatesAreExactInBothFormats(t *testing.T) {
	tokenizer, err := gemma.ReadTokenizerJSON(bytes.NewReader(gemmavocab.TokenizerJSON(gemmavocab.Pieces())))
	require.NoError(t, err)
	client, err := keeproutertest.EstimateOnly(t, "2026-07-05").With(func(o *keeprouter.Options) { o.TokenCounter = tokenizer })
	require.NoError(t, err)

	text := "Name three colors."
	chat, err := client.Estimate(&keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: new(10),
		Messages: []keeprouter.ChatMessage{keeprouter.System("Be terse."), keeprouter.User(text)},
	})
	require.NoError(t, err)
	messages, err := client.Estimate(&keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 10, System: keeprouter.TextBlocks("Be terse."),
		Messages: []keeprouter.Message{keeprouter.UserMessage(text)},
	})
	require.NoError(t, err)
	require.Equal(t, chat, messages)
	require.True(t, chat.Input.Exact())
	require.Equal(t, int64(18+tokenizer.Count(text)+tokenizer.Count("Be terse.")), chat.Input.Expected)
	require.Equal(t, chat.Input.Expected, chat.Input.Bound)
	require.Equal(t, "gemma4-large 2026-07-09", chat.Template)
}
