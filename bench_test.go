package keeprouter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// proseText is a text of about n bytes, some of which need an escape or are not
// ASCII.
func proseText(n int) string {
	words := []string{"the", "quick", "brown", "“fox”", "jumps", "over\n", "\"the\"", "lazy", "dog,", "naïve", "and", "then", "some", "more", "prose", "follows."}
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(words[i*7%len(words)])
		b.WriteByte(' ')
	}
	return b.String()
}

func toolSchema(i int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"type":"object","properties":{"city":{"type":"string","description":"The city, tool %d"},`+
		`"days":{"type":"integer","minimum":1,"maximum":14},"units":{"type":"string","enum":["metric","imperial"]}},"required":["city"],"additionalProperties":false}`, i))
}

// bigChat is a conversation of 200 messages and 20 tools, about 128 KB on the wire.
func bigChat() *ChatRequest {
	r := &ChatRequest{Model: Gemma4_31B, Temperature: new(0.2), MaxTokens: new(1024)}
	for i := range 20 {
		r.Tools = append(r.Tools, ChatTool{Name: fmt.Sprintf("tool_%d", i), Description: proseText(100), Parameters: toolSchema(i)})
	}
	r.Messages = append(r.Messages, System(proseText(1000)))
	for i := 0; len(r.Messages) < 200; i++ {
		switch i % 4 {
		case 0:
			r.Messages = append(r.Messages, User(proseText(600)))
		case 1:
			id := fmt.Sprintf("call_%d", i)
			r.Messages = append(r.Messages,
				ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{ID: id, Name: "tool_1", Arguments: `{"city":"Rome","days":3}`}}},
				ToolResult(id, proseText(700)))
		default:
			r.Messages = append(r.Messages, Assistant(proseText(700)))
		}
	}
	return r
}

// bigMessages is the same in the other format.
func bigMessages() *MessagesRequest {
	r := &MessagesRequest{Model: Gemma4_31B, Temperature: new(0.2), MaxTokens: 1024, System: TextBlocks(proseText(1000))}
	for i := range 20 {
		r.Tools = append(r.Tools, MessagesTool{Name: fmt.Sprintf("tool_%d", i), Description: proseText(100), InputSchema: toolSchema(i)})
	}
	for i := 0; len(r.Messages) < 199; i++ {
		switch i % 2 {
		case 0:
			r.Messages = append(r.Messages, UserMessage(proseText(600)), AssistantMessage(proseText(700)))
		case 1:
			use := &ToolUseBlock{ID: fmt.Sprintf("toolu_%d", i), Name: "tool_1", Input: json.RawMessage(`{"city":"Rome","days":3}`)}
			r.Messages = append(r.Messages, UserMessage(proseText(500)), AssistantMessage("", use), ToolResultMessage(use.Result(proseText(700))), AssistantMessage(proseText(600)))
		}
	}
	return r
}

func BenchmarkEncodeChat(b *testing.B) {
	r := bigChat()
	b.Run("call", func(b *testing.B) {
		benchBody(b, func() ([]byte, error) { w, err := r.encode(false); return w.Body, err })
	})
	b.Run("lane", func(b *testing.B) { benchBody(b, r.body) })
	b.Run("reference", func(b *testing.B) { benchBody(b, r.marshal) })
}

func BenchmarkEncodeMessages(b *testing.B) {
	r := bigMessages()
	b.Run("call", func(b *testing.B) {
		benchBody(b, func() ([]byte, error) {
			if err := r.validate(DefaultAnthropicVersion); err != nil {
				return nil, err
			}
			return r.encode()
		})
	})
	b.Run("lane", func(b *testing.B) { benchBody(b, r.encode) })
	b.Run("reference", func(b *testing.B) { benchBody(b, r.marshal) })
}

func benchBody(b *testing.B, encode func() ([]byte, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		data, err := encode()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(data)))
	}
}
