package keeprouter

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// The wire's names for reasoning as plain text.
const (
	reasoningContentField = "reasoning_content"
	reasoningField        = "reasoning"
)

type chatMessageWire struct {
	Role             string            `json:"role"`
	Content          ChatParts         `json:"content"`
	Name             string            `json:"name,omitzero"`
	Refusal          string            `json:"refusal,omitzero"`
	ReasoningContent json.RawMessage   `json:"reasoning_content,omitzero"`
	Reasoning        json.RawMessage   `json:"reasoning,omitzero"`
	ReasoningDetails json.RawMessage   `json:"reasoning_details,omitzero"`
	ToolCalls        []ChatToolCall    `json:"tool_calls,omitzero"`
	ToolCallID       string            `json:"tool_call_id,omitzero"`
	Annotations      []json.RawMessage `json:"annotations,omitzero"`
	Audio            *ChatAudio        `json:"audio,omitzero"`
	FunctionCall     *ChatFunctionCall `json:"function_call,omitzero"`
}

// MarshalJSON writes the message as the format has it.
func (m ChatMessage) MarshalJSON() ([]byte, error) {
	w := chatMessageWire{
		Role: m.Role, Content: m.Content, Name: m.Name, Refusal: m.Refusal,
		ToolCalls: m.ToolCalls, ToolCallID: m.ToolCallID, Annotations: m.Annotations,
		Audio: m.Audio, FunctionCall: m.FunctionCall,
	}
	if err := m.writeReasoning(&w); err != nil {
		return nil, err
	}
	return jsonx.Marshal(withoutTwin(w, m.Extra))
}

// withoutTwin takes the second of the two names for reasoning out of extra and into
// its field. A message that came with both goes back with both.
func withoutTwin(w chatMessageWire, extra extras) (chatMessageWire, extras) {
	for name, field := range map[string]*json.RawMessage{
		reasoningContentField: &w.ReasoningContent,
		reasoningField:        &w.Reasoning,
	} {
		if twin, ok := extra[name]; ok && *field == nil {
			*field, extra = twin, without(extra, name)
		}
	}
	return w, extra
}

func (m *ChatMessage) writeReasoning(w *chatMessageWire) (err error) {
	if m.ReasoningDetails != nil {
		if w.ReasoningDetails, err = jsonx.Encode(m.ReasoningDetails); err != nil {
			return err
		}
	}
	if m.ReasoningField == "" && m.Reasoning == m.nestedReasoning() {
		return nil // it goes back where it came from
	}
	text, err := jsonx.Encode(m.Reasoning)
	if m.ReasoningField == reasoningField {
		w.Reasoning = text
	} else {
		w.ReasoningContent = text
	}
	return err
}

// UnmarshalJSON reads the message as the format has it, and what servers add.
func (m *ChatMessage) UnmarshalJSON(data []byte) error {
	var w chatMessageWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	w.message(m, extra)
	return nil
}

// message may keep ReasoningDetails, but nothing else that is still JSON.
func (w *chatMessageWire) message(m *ChatMessage, extra extras) {
	*m = ChatMessage{
		Role: w.Role, Content: w.Content, Name: w.Name, Refusal: w.Refusal,
		ToolCalls: w.ToolCalls, ToolCallID: w.ToolCallID, Annotations: w.Annotations,
		Audio: w.Audio, FunctionCall: w.FunctionCall, Extra: extra,
	}
	for _, detail := range jsonx.Elements(w.ReasoningDetails) {
		m.ReasoningDetails = append(m.ReasoningDetails, detail)
	}
	m.readReasoning(reasoningContentField, w.ReasoningContent)
	m.readReasoning(reasoningField, w.Reasoning)
	if m.ReasoningField == "" {
		m.Reasoning = m.nestedReasoning()
	}
}

// readReasoning takes the first text, and keeps whatever else there is.
func (m *ChatMessage) readReasoning(field string, data json.RawMessage) {
	switch {
	case len(data) == 0 || jsonx.IsNull(data):
	case jsonx.Kind(data) == '"' && m.ReasoningField == "":
		m.ReasoningField = field
		r := jsonx.NewReader(data)
		m.Reasoning = r.String()
	default:
		if m.Extra == nil {
			m.Extra = extras{}
		}
		m.Extra[field] = slices.Clone(data)
	}
}

// nestedReasoning is the reasoning that is a part of details or content.
func (m *ChatMessage) nestedReasoning() string {
	var b strings.Builder
	for _, detail := range m.ReasoningDetails {
		b.WriteString(detailText(detail))
	}
	if b.Len() > 0 {
		return b.String()
	}
	for _, part := range m.Content {
		if raw, ok := part.(*RawPart); ok && raw != nil && raw.Type == "thinking" {
			b.WriteString(thinkingText(raw.JSON))
		}
	}
	return b.String()
}

// detailText is the text of an item of reasoning_details, if it has one.
func detailText(detail json.RawMessage) string {
	for _, name := range []string{"text", "summary"} {
		if text, ok := jsonx.Head(detail, name); ok && text != "" {
			return text
		}
	}
	return ""
}

// thinkingText is the text of a content part of type thinking: a text or a list of
// text parts.
func thinkingText(part json.RawMessage) string {
	for name, value := range jsonx.Members(part) {
		if name != "thinking" {
			continue
		}
		var parts ChatParts
		if err := parts.UnmarshalJSON(value); err == nil {
			return parts.Text()
		}
	}
	return ""
}

// MarshalJSON writes the audio and the fields of Extra.
func (a ChatAudio) MarshalJSON() ([]byte, error) {
	type plain ChatAudio
	return jsonx.Marshal(plain(a), a.Extra)
}

// UnmarshalJSON reads the audio and keeps unknown fields in Extra.
func (a *ChatAudio) UnmarshalJSON(data []byte) (err error) {
	type plain ChatAudio
	*a = ChatAudio{}
	a.Extra, err = unmarshalObject(data, (*plain)(a))
	return err
}

// MarshalJSON writes the call and the fields of Extra.
func (c ChatFunctionCall) MarshalJSON() ([]byte, error) {
	type plain ChatFunctionCall
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the call and keeps unknown fields in Extra.
func (c *ChatFunctionCall) UnmarshalJSON(data []byte) error {
	var w functionWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	*c = ChatFunctionCall{Name: w.Name, Extra: extra}
	c.Arguments, err = argumentsText(w.Arguments)
	return err
}
