package translate

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

var fewIDs = []string{"a", "b", "c.d", "c.d"}

// disorderedChat is a conversation that nobody should write.
func (g *generator) disorderedChat() *keeprouter.ChatRequest {
	req := &keeprouter.ChatRequest{Model: "m", MaxTokens: new(2000), ReasoningEffort: one(g, "", "high")}
	for range 1 + g.IntN(7) {
		m := keeprouter.ChatMessage{Role: one(g, "system", "user", "assistant", "tool"), Content: chatTexts([]string{one(g, "", " ", "t")})}
		switch m.Role {
		case "tool":
			m.ToolCallID = one(g, fewIDs...)
		case "assistant":
			for range g.IntN(3) {
				m.ToolCalls = append(m.ToolCalls, keeprouter.ChatToolCall{ID: one(g, fewIDs...), Name: one(g, "f", "g.h"), Arguments: "{}"})
			}
			m.Reasoning = one(g, "", "hm")
		}
		req.Messages = append(req.Messages, m)
	}
	return req
}

func (g *generator) disorderedMessages() *keeprouter.MessagesRequest {
	req := &keeprouter.MessagesRequest{Model: "m", MaxTokens: 2000}
	for range 1 + g.IntN(7) {
		m := keeprouter.Message{Role: one(g, "system", "user", "assistant")}
		for range g.IntN(4) {
			b := one[keeprouter.Block](g, &keeprouter.TextBlock{Text: one(g, "", "t")},
				&keeprouter.ToolUseBlock{ID: one(g, fewIDs...), Name: one(g, "f", "g.h")},
				&keeprouter.ToolResultBlock{ToolUseID: one(g, fewIDs...), Content: blocksOf([]string{one(g, "", "r")})},
				&keeprouter.ImageBlock{Source: keeprouter.URLSource("https://example.com/a.png")},
				&keeprouter.ThinkingBlock{Thinking: one(g, "", "hm"), Signature: one(g, "", "s")},
			)
			switch b.(type) {
			case *keeprouter.ToolUseBlock, *keeprouter.ThinkingBlock:
				if m.Role != "assistant" {
					continue
				}
			case *keeprouter.ToolResultBlock, *keeprouter.ImageBlock:
				if m.Role != "user" {
					continue
				}
			}
			m.Content = append(m.Content, b)
		}
		req.Messages = append(req.Messages, m)
	}
	return req
}

// Whatever the order of a conversation, its translation is in order, or refused.
func TestDisorderIsPutInOrderOrRefused(t *testing.T) {
	client := newClient(t)
	translated := 0
	for seed := range uint64(5 * rounds) {
		g := newGenerator(seed)
		chat, messages := g.disorderedChat(), g.disorderedMessages()
		given := []string{wire(t, chat), wire(t, messages)}
		for i, translator := range fuzzTranslators {
			there, _, _, err := translator.ToMessages(chat)
			if err != nil {
				documented(t, err)
			} else {
				translated++
				_, err = client.Messages.Create(t.Context(), there)
				require.NoError(t, err, "seed %d, translator %d:\n%s\n%s", seed, i, given[0], jsonOf(there))
			}
			back, _, _, err := translator.ToChat(messages)
			if err != nil {
				documented(t, err)
			} else {
				translated++
				_, err = client.Chat.Create(t.Context(), back)
				require.NoError(t, err, "seed %d, translator %d:\n%s\n%s", seed, i, given[1], jsonOf(back))
			}
		}
		require.Equal(t, given, []string{wire(t, chat), wire(t, messages)}, "the input was changed")
	}
	require.Greater(t, translated, rounds)
}

func jsonOf(v any) string {
	data, _ := json.MarshalIndent(v, "", " ")
	return string(data)
}
