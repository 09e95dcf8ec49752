package keeprouter

import (
	"bytes"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// rawMembers are what deltas bring to a block of an unknown kind: texts grow the
// member of their name, other values replace it.
type rawMembers struct {
	names  []string
	texts  map[string]*jsonx.Text
	values map[string]json.RawMessage
}

func (m *rawMembers) extend(e *MessagesEvent, more unmodelled) error {
	if m.texts == nil {
		m.texts, m.values = map[string]*jsonx.Text{}, map[string]json.RawMessage{}
	}
	switch e.DeltaType {
	case "text_delta":
		return m.grow("text", &e.Text, more.literal)
	case "thinking_delta":
		return m.grow("thinking", &e.Thinking, more.literal)
	case "signature_delta":
		return m.grow("signature", &e.Signature, more.literal)
	case "input_json_delta":
		return m.grow("input", &e.PartialJSON, inputText(more.literal))
	}
	for name, value := range jsonx.Members(more.delta) {
		var ignored string
		switch {
		case name == "type":
		case jsonx.Kind(value) == '"':
			if err := m.grow(name, &ignored, value); err != nil {
				return err
			}
		case !jsonx.IsNull(value):
			m.name(name)
			m.values[name] = bytes.Clone(value)
		}
	}
	return nil
}

func (m *rawMembers) grow(name string, s *string, literal json.RawMessage) (err error) {
	m.name(name)
	if m.texts[name] == nil {
		m.texts[name] = &jsonx.Text{}
	}
	*s, err = grow(m.texts[name], *s, literal)
	return err
}

func (m *rawMembers) name(name string) {
	if m.texts[name] == nil && m.values[name] == nil {
		m.names = append(m.names, name)
	}
}

// apply returns the block with what was added to it.
func (m *rawMembers) apply(b *RawBlock) *RawBlock {
	if len(m.names) == 0 {
		return b
	}
	out, seen := []byte{'{'}, map[string]bool{}
	write := func(name string, value json.RawMessage) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, quoted(name)...), ':'), value...)
	}
	for name, began := range jsonx.Members(b.JSON) {
		seen[name] = true
		write(name, m.value(name, began))
	}
	for _, name := range m.names {
		if !seen[name] {
			write(name, m.value(name, nil))
		}
	}
	return &RawBlock{Type: b.Type, JSON: append(out, '}')}
}

// value returns a member with what was added to it.
func (m *rawMembers) value(name string, began json.RawMessage) json.RawMessage {
	text := m.texts[name]
	switch {
	case text == nil && m.values[name] == nil:
		return began
	case text == nil:
		return m.values[name]
	case name == "input" && jsonx.WellFormedText(text.String()):
		return json.RawMessage(text.String())
	}
	if s, err := jsonx.Unquote(bytes.TrimSpace(began)); err == nil {
		return quoted(s + text.String())
	}
	return quoted(text.String())
}

func quoted(s string) json.RawMessage {
	data, err := jsonx.Encode(s)
	if err != nil {
		return json.RawMessage(`""`) // a string always encodes
	}
	return data
}
