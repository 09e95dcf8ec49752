package keeprouter

import "encoding/json"

// Block is a part of a message's content: one of [*TextBlock], [*ImageBlock],
// [*DocumentBlock], [*SearchResultBlock], [*ThinkingBlock], [*RedactedThinkingBlock],
// [*ToolUseBlock], [*ToolResultBlock], [*ServerToolUseBlock],
// [*ServerToolResultBlock], [*ContainerUploadBlock] and, for every other kind,
// [*RawBlock]. Tell them apart with a type switch.
type Block interface{ blockType() string }

// Blocks is the content of a message. It reads both forms of the wire, a string and
// a list, and writes a lone plain text as a string.
type Blocks []Block

// TextBlocks is content of one text; nil if it is empty.
func TextBlocks(text string) Blocks {
	if text == "" {
		return nil
	}
	return Blocks{&TextBlock{Text: text}}
}

// Text joins the texts of the text blocks.
func (bs Blocks) Text() string {
	var text string
	for _, b := range bs {
		if t, ok := b.(*TextBlock); ok && t != nil {
			text += t.Text
		}
	}
	return text
}

// TextBlock is text, of either side.
type TextBlock struct {
	// Text must not be empty in a request.
	Text string `json:"text"`

	// Citations are where the text comes from, each as it came.
	Citations []json.RawMessage `json:"citations,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ThinkingBlock is what a model thought before its answer. Send it back unchanged,
// with its signature, in the turn that it came in.
type ThinkingBlock struct {
	// Thinking is the text; empty when its display is omitted.
	Thinking string `json:"thinking"`

	// Signature proves to the server that the block is its own.
	Signature string `json:"signature"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// RedactedThinkingBlock is thinking that only the server can read. Send it back
// unchanged.
type RedactedThinkingBlock struct {
	// Data is the encrypted thinking.
	Data string `json:"data"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// RawBlock is a block of a kind that this library doesn't know, or one that is not
// of the form its kind has. It is sent as it is.
type RawBlock struct {
	// Type is the block's kind, empty if it names none.
	Type string

	// JSON is the whole block.
	JSON json.RawMessage
}

func (*TextBlock) blockType() string             { return "text" }
func (*ThinkingBlock) blockType() string         { return "thinking" }
func (*RedactedThinkingBlock) blockType() string { return "redacted_thinking" }
func (b *RawBlock) blockType() string            { return b.Type }
