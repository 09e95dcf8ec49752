package keeprouterotel

import (
	"encoding/json"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/keeprouter/keeprouter-go"
)

// message is a message in the conventions' own form.
type message struct {
	Role   string `json:"role"`
	Parts  []part `json:"parts"`
	Finish string `json:"finish_reason,omitzero"`
}

// part is a part of a message. Pictures, sound and files have a type only.
type part struct {
	Type      string `json:"type"`
	Content   string `json:"content,omitzero"`   // of text and reasoning
	ID        string `json:"id,omitzero"`        // of a call and its response
	Name      string `json:"name,omitzero"`      // of a call
	Arguments any    `json:"arguments,omitzero"` // of a call
	Response  string `json:"response,omitzero"`  // of a response
}

// contentAttributes are what was said.
func contentAttributes(call *keeprouter.Call) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	add := func(key attribute.Key, value any, is bool) {
		if data, err := json.Marshal(value); is && err == nil {
			attrs = append(attrs, key.String(string(data)))
		}
	}
	switch r := call.Request.(type) {
	case *keeprouter.ChatRequest:
		add(semconv.GenAIInputMessagesKey, chatMessages(r.Messages), true)
	case *keeprouter.MessagesRequest:
		add(semconv.GenAISystemInstructionsKey, blockParts(r.System), len(r.System) > 0)
		add(semconv.GenAIInputMessagesKey, messages(r.Messages), true)
	}
	switch r := call.Response.(type) {
	case *keeprouter.ChatResponse:
		add(semconv.GenAIOutputMessagesKey, choices(r.Choices), true)
	case *keeprouter.MessagesResponse:
		add(semconv.GenAIOutputMessagesKey, []message{{Role: "assistant", Parts: blockParts(r.Content), Finish: string(r.StopReason)}}, true)
	}
	return attrs
}

func chatMessages(said []keeprouter.ChatMessage) []message {
	all := make([]message, 0, len(said))
	for i := range said {
		all = append(all, chatMessage(&said[i]))
	}
	return all
}

func choices(said []keeprouter.ChatChoice) []message {
	all := make([]message, 0, len(said))
	for i := range said {
		m := chatMessage(&said[i].Message)
		m.Finish = string(said[i].FinishReason)
		all = append(all, m)
	}
	return all
}

func chatMessage(m *keeprouter.ChatMessage) message {
	parts := []part{}
	if m.Reasoning != "" {
		parts = append(parts, part{Type: "reasoning", Content: m.Reasoning})
	}
	if m.Role == "tool" {
		return message{Role: m.Role, Parts: append(parts, part{Type: "tool_call_response", ID: m.ToolCallID, Response: m.Content.Text()})}
	}
	for _, p := range m.Content {
		parts = append(parts, chatPart(p))
	}
	if m.Refusal != "" {
		parts = append(parts, part{Type: "refusal", Content: m.Refusal})
	}
	for _, c := range m.ToolCalls {
		parts = append(parts, part{Type: "tool_call", ID: c.ID, Name: c.Name, Arguments: arguments([]byte(c.Arguments))})
	}
	return message{Role: m.Role, Parts: parts}
}

func chatPart(p keeprouter.ChatPart) part {
	switch p := p.(type) {
	case *keeprouter.TextPart:
		return part{Type: "text", Content: p.Text}
	case *keeprouter.RefusalPart:
		return part{Type: "refusal", Content: p.Refusal}
	case *keeprouter.ImagePart:
		return part{Type: "image"}
	case *keeprouter.AudioPart:
		return part{Type: "audio"}
	case *keeprouter.FilePart:
		return part{Type: "document"}
	}
	return part{Type: "other"}
}

func messages(said []keeprouter.Message) []message {
	all := make([]message, 0, len(said))
	for _, m := range said {
		all = append(all, message{Role: m.Role, Parts: blockParts(m.Content)})
	}
	return all
}

func blockParts(blocks keeprouter.Blocks) []part {
	parts := make([]part, 0, len(blocks))
	for _, b := range blocks {
		parts = append(parts, blockPart(b))
	}
	return parts
}

func blockPart(b keeprouter.Block) part {
	switch b := b.(type) {
	case *keeprouter.TextBlock:
		return part{Type: "text", Content: b.Text}
	case *keeprouter.ThinkingBlock:
		return part{Type: "reasoning", Content: b.Thinking}
	case *keeprouter.ToolUseBlock:
		return part{Type: "tool_call", ID: b.ID, Name: b.Name, Arguments: arguments(b.Input)}
	case *keeprouter.ToolResultBlock:
		return part{Type: "tool_call_response", ID: b.ToolUseID, Response: b.Content.Text()}
	case *keeprouter.ServerToolUseBlock:
		return part{Type: "server_tool_call", ID: b.ID, Name: b.Name, Arguments: arguments(b.Input)}
	case *keeprouter.ImageBlock:
		return part{Type: "image"}
	case *keeprouter.DocumentBlock:
		return part{Type: "document"}
	}
	return part{Type: "other"}
}

// arguments are JSON where they are, and else the text that the model wrote.
func arguments(wrote []byte) any {
	switch {
	case len(wrote) == 0:
		return nil
	case json.Valid(wrote):
		return json.RawMessage(wrote)
	}
	return string(wrote)
}
