package translate

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

const (
	// unsignedMark is the signature of thinking that no server signed. It is always the
	// same, so that the same conversation gives the same bytes.
	unsignedMark = "keeprouter-unsigned-v1"

	// foreignMark begins a signature, or redacted data, that holds an item of
	// reasoning_details of another maker.
	foreignMark = "keeprouter-detail-v1."

	// claudeFormat is what reasoning_details call Claude's thinking.
	claudeFormat = "anthropic-claude-v1"
)

// detail is an item of reasoning_details.
type detail struct {
	Type      string          `json:"type"`
	Text      string          `json:"text,omitzero"`
	Summary   string          `json:"summary,omitzero"`
	Signature string          `json:"signature,omitzero"`
	Data      string          `json:"data,omitzero"`
	Format    string          `json:"format,omitzero"`
	Index     json.RawMessage `json:"index,omitzero"`
}

// isClaude reports whether an item may be Claude's.
func (d *detail) isClaude() bool {
	return d.Format == "" || d.Format == "unknown" || strings.HasPrefix(d.Format, "anthropic")
}

// chatThoughts reads what a Chat message says of the model's thinking: the details,
// or else the text, which repeats them.
func chatThoughts(m *keeprouter.ChatMessage, path string) []part {
	var parts []part
	var last *detail
	for i, raw := range m.ReasoningDetails {
		var item detail
		if _, err := jsonx.Unmarshal(raw, &item); err != nil {
			continue
		}
		if last != nil && item.completes(last) {
			parts[len(parts)-1].(*thoughtPart).signature = item.Signature
			last = nil
			continue
		}
		parts = append(parts, item.thought(raw, at(path+".reasoning_details", i)))
		last = &item
	}
	if len(parts) == 0 && m.Reasoning != "" {
		field := m.ReasoningField
		if field == "" {
			field = "reasoning_content"
		}
		parts = append(parts, &thoughtPart{origin: origin{path: path + "." + field}, text: m.Reasoning})
	}
	return parts
}

// completes reports whether an item is the signature of the text before it, which a
// stream sends on its own.
func (d *detail) completes(text *detail) bool {
	return d.Type == text.Type && d.Type == "reasoning.text" && d.Text == "" && d.Signature != "" &&
		text.Signature == "" && d.isClaude() && text.isClaude() &&
		len(d.Index) > 0 && string(d.Index) == string(text.Index)
}

func (d *detail) thought(raw json.RawMessage, path string) *thoughtPart {
	p := &thoughtPart{origin: origin{path: path}, text: d.Text + d.Summary}
	switch {
	case d.Type == "reasoning.text" && d.isClaude():
		p.signature = d.Signature
	case d.Type == "reasoning.encrypted" && d.isClaude() && d.Data != "":
		p.redacted = d.Data
	case (d.Type == "reasoning.text" || d.Type == "reasoning.summary") && d.Signature == "" && d.Data == "":
	default:
		p.foreign = raw
	}
	return p
}

// writeThoughts puts what the model thought into a Chat message, as the target takes
// it.
func (t Target) writeThoughts(m *keeprouter.ChatMessage, thoughts []*thoughtPart, l *ledger) {
	if len(thoughts) == 0 {
		return
	}
	form := t.Reasoning
	proven := false
	text := ""
	for _, p := range thoughts {
		proven = proven || p.signed() || p.foreign != nil
		text += p.text
		switch {
		case form == ReasoningNone:
			l.change(p.path, Dropped, "the server takes no reasoning back")
		case form == ReasoningText && (p.signed() || p.foreign != nil):
			l.change(p.path, Changed, "the server takes reasoning back as text only: its signature is lost")
		}
	}
	if form == ReasoningNone {
		return
	}
	if form == ReasoningDetails || form == ReasoningBoth && proven {
		m.ReasoningDetails = chatDetails(thoughts)
	}
	if form != ReasoningDetails && text != "" {
		m.Reasoning, m.ReasoningField = text, "reasoning_content"
		if t.ReasoningField != "" {
			m.ReasoningField = t.ReasoningField
		}
	}
}

// chatDetails writes thoughts as reasoning_details.
func chatDetails(thoughts []*thoughtPart) []json.RawMessage {
	items := make([]json.RawMessage, 0, len(thoughts))
	for i, p := range thoughts {
		if p.foreign != nil {
			items = append(items, p.foreign)
			continue
		}
		index, _ := json.Marshal(i)
		d := detail{Type: "reasoning.text", Text: p.text, Signature: p.signature, Index: index}
		if p.redacted != "" {
			d = detail{Type: "reasoning.encrypted", Data: p.redacted, Index: index}
		}
		if p.signed() {
			d.Format = claudeFormat
		}
		if data, err := jsonx.Encode(d); err == nil {
			items = append(items, data)
		}
	}
	return items
}

// thinkingThought reads a thinking block.
func thinkingThought(b *keeprouter.ThinkingBlock, path string) *thoughtPart {
	p := &thoughtPart{origin: origin{path: path}, text: b.Thinking}
	switch item, foreign := unpack(b.Signature, b.Thinking); {
	case foreign:
		p.foreign = item
	case b.Signature != unsignedMark:
		p.signature = b.Signature
	}
	return p
}

// redactedThought reads a block of encrypted thinking.
func redactedThought(b *keeprouter.RedactedThinkingBlock, path string) *thoughtPart {
	p := &thoughtPart{origin: origin{path: path}}
	if item, foreign := unpack(b.Data, ""); foreign {
		p.foreign = item
	} else {
		p.redacted = b.Data
	}
	return p
}

// block writes a thought for Messages. One that no Claude server signed gets a mark,
// or carries its item, so that it comes back as it was.
func (p *thoughtPart) block() keeprouter.Block {
	switch {
	case p.foreign != nil && p.text == "":
		return &keeprouter.RedactedThinkingBlock{Data: pack(p.foreign)}
	case p.foreign != nil:
		return &keeprouter.ThinkingBlock{Thinking: p.text, Signature: pack(p.foreign)}
	case p.redacted != "":
		return &keeprouter.RedactedThinkingBlock{Data: p.redacted}
	case p.signature == "":
		return &keeprouter.ThinkingBlock{Thinking: p.text, Signature: unsignedMark}
	}
	return &keeprouter.ThinkingBlock{Thinking: p.text, Signature: p.signature}
}

// pack makes an item of reasoning_details a signature. Its text stands in the block.
func pack(item json.RawMessage) string {
	return foreignMark + base64.RawURLEncoding.EncodeToString(withText(item, ""))
}

// unpack is the reverse of pack.
func unpack(signature, text string) (json.RawMessage, bool) {
	packed, found := strings.CutPrefix(signature, foreignMark)
	if !found {
		return nil, false
	}
	item, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil || jsonx.Kind(item) != '{' || !jsonx.Valid(item) {
		return nil, false
	}
	return withText(item, text), true
}

// withText replaces the text of an item; its other members stay as they are, and in
// their order.
func withText(item json.RawMessage, text string) json.RawMessage {
	out := []byte{'{'}
	for name, value := range jsonx.Members(item) {
		if name == "text" || name == "summary" && jsonx.Kind(value) == '"' {
			value, _ = jsonx.Encode(text)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, _ := jsonx.Encode(name)
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}')
}
