package keeprouter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// openBlock is a block that grows by deltas.
type openBlock struct {
	block     Block      // as it began
	text      jsonx.Text // text, thinking, or a tool's input
	signature jsonx.Text
	citations []json.RawMessage
	members   rawMembers // of a block of an unknown kind
	closed    bool
}

func newOpenBlock(b Block) *openBlock {
	o := &openBlock{block: b}
	switch b := b.(type) {
	case *TextBlock:
		seed(&o.text, b.Text)
		o.citations = append(o.citations, b.Citations...)
	case *ThinkingBlock:
		seed(&o.text, b.Thinking)
		seed(&o.signature, b.Signature)
	}
	return o
}

func seed(text *jsonx.Text, s string) {
	if s != "" {
		text.AppendString(s)
	}
}

// blockOfDelta returns the empty block that a delta of this type belongs to, nil if
// the type is unknown.
func blockOfDelta(deltaType string) Block {
	switch deltaType {
	case "text_delta", "citations_delta":
		return &TextBlock{}
	case "thinking_delta", "signature_delta":
		return &ThinkingBlock{}
	case "input_json_delta":
		return &ToolUseBlock{}
	}
	return nil
}

// takes reports whether a delta of this type belongs to such a block.
func (o *openBlock) takes(deltaType string) bool {
	switch o.block.(type) {
	case *RawBlock:
		return true
	case *TextBlock:
		return deltaType == "text_delta" || deltaType == "citations_delta"
	case *ThinkingBlock:
		return deltaType == "thinking_delta" || deltaType == "signature_delta"
	case *ToolUseBlock, *ServerToolUseBlock:
		return deltaType == "input_json_delta"
	}
	return false
}

// extend adds a delta and puts its text, as a view, into the event.
func (o *openBlock) extend(e *MessagesEvent, more unmodelled) (err error) {
	if _, ok := o.block.(*RawBlock); ok {
		return o.members.extend(e, more)
	}
	switch e.DeltaType {
	case "text_delta":
		e.Text, err = grow(&o.text, e.Text, more.literal)
	case "thinking_delta":
		e.Thinking, err = grow(&o.text, e.Thinking, more.literal)
	case "input_json_delta":
		e.PartialJSON, err = grow(&o.text, e.PartialJSON, inputText(more.literal))
	case "signature_delta":
		err = o.sign(e, more.literal)
	case "citations_delta":
		if len(e.Citation) > 0 {
			o.citations = append(o.citations, bytes.Clone(e.Citation))
		}
	}
	return err
}

// grow adds a text, from its JSON literal if there is one.
func grow(text *jsonx.Text, s string, literal json.RawMessage) (string, error) {
	switch {
	case literal == nil:
		return text.AppendString(s), nil
	case jsonx.IsNull(literal):
		return "", nil
	}
	s, err := text.Append(literal)
	if err != nil {
		return "", fmt.Errorf("delta: %w", err)
	}
	return s, nil
}

// completed returns what was handed out of a text: not the first half of a character
// whose second never came.
func completed(text *jsonx.Text) string { return text.String()[:text.Len()] }

// inputText makes a literal of an input that came as an object rather than its text.
func inputText(literal json.RawMessage) json.RawMessage {
	if jsonx.Kind(literal) != '{' {
		return literal
	}
	quoted, err := jsonx.Encode(string(literal))
	if err != nil {
		return literal
	}
	return quoted
}

// sign adds a signature. A server may send it in pieces, or again as a whole.
func (o *openBlock) sign(e *MessagesEvent, literal json.RawMessage) error {
	var fresh jsonx.Text
	s, err := grow(&fresh, e.Signature, literal)
	if err != nil {
		return err
	}
	e.Signature = s
	if len(s) != o.signature.Len() || s != o.signature.String() {
		o.signature.AppendString(s)
	}
	return nil
}

// input returns a call's input, and its text instead if that isn't JSON.
func (o *openBlock) input(began json.RawMessage) (input json.RawMessage, broken string) {
	text := json.RawMessage(o.text.Bytes())
	if len(bytes.TrimSpace(text)) == 0 {
		return unquotedInput(began)
	}
	return objectInput(text)
}

// objectInput returns an input that is an object, as the format has it, and the text
// of any other.
func objectInput(input json.RawMessage) (json.RawMessage, string) {
	if jsonx.Kind(input) != '{' || !jsonx.WellFormed(input) {
		return nil, string(input)
	}
	return input, ""
}

// unquotedInput reads an input that came whole, by some servers as a string of JSON.
func unquotedInput(input json.RawMessage) (json.RawMessage, string) {
	switch jsonx.Kind(input) {
	case 0, 'n':
		return json.RawMessage("{}"), ""
	case '"':
		text, err := jsonx.Unquote(input)
		switch {
		case err != nil:
			return nil, string(input)
		case strings.TrimSpace(text) == "":
			return json.RawMessage("{}"), ""
		}
		return objectInput(json.RawMessage(text))
	}
	return objectInput(input)
}

// serverInputIsBroken reports whether the input of a server's tool isn't JSON. Of other
// tools, the block itself tells.
func (o *openBlock) serverInputIsBroken() bool {
	b, ok := o.block.(*ServerToolUseBlock)
	if !ok {
		return false
	}
	_, broken := o.input(b.Input)
	return broken != ""
}

// snapshot returns the block as it is now. cut tells that the answer was.
func (o *openBlock) snapshot(cut bool) Block {
	switch b := o.block.(type) {
	case *TextBlock:
		s := *b
		s.Text, s.Citations = completed(&o.text), slices.Clip(o.citations)
		return &s
	case *ThinkingBlock:
		s := *b
		s.Thinking, s.Signature = completed(&o.text), completed(&o.signature)
		return &s
	case *ToolUseBlock:
		s := *b
		s.Input, s.PartialInput = o.input(b.Input)
		s.Truncated = s.Truncated || s.PartialInput != "" && cut
		return &s
	case *ServerToolUseBlock:
		s := *b
		s.Input, _ = o.input(b.Input)
		return &s
	case *RawBlock:
		return o.members.apply(b)
	}
	return o.block
}
