package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MarshalJSON writes a list of blocks, or a string if there is nothing but one
// plain text.
func (bs Blocks) MarshalJSON() ([]byte, error) {
	if len(bs) == 1 {
		if t, ok := bs[0].(*TextBlock); ok && t.plain() {
			return jsonx.Encode(t.Text)
		}
	}
	return blockList(bs).MarshalJSON()
}

// UnmarshalJSON reads a string, a list of blocks or null. A block of an unknown
// kind, or not of its kind's form, becomes a [*RawBlock].
func (bs *Blocks) UnmarshalJSON(data []byte) error {
	switch jsonx.Kind(data) {
	case 'n':
		*bs = nil
	case '"':
		text, err := jsonx.Unquote(data)
		*bs = Blocks{&TextBlock{Text: text}}
		return err
	case '{':
		*bs = Blocks{decodeBlock(data)}
	case '[':
		*bs = Blocks{}
		for _, element := range jsonx.Elements(data) {
			if !jsonx.IsNull(element) {
				*bs = append(*bs, decodeBlock(element))
			}
		}
	default:
		return errors.New("want a string or a list of blocks")
	}
	return nil
}

// blockList is content that the wire knows as a list only.
type blockList Blocks

func (bs blockList) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, b := range bs {
		if isNilBlock(b) {
			return nil, fmt.Errorf("block %d is nil", i)
		}
		data, err := jsonx.Encode(b)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, data...)
	}
	return append(out, ']'), nil
}

// plain reports whether the block is its text and nothing else.
func (b *TextBlock) plain() bool {
	return b != nil && b.Citations == nil && b.CacheControl == nil && len(b.Extra) == 0
}

// decodeBlock reads one block of valid JSON.
func decodeBlock(data []byte) Block {
	if jsonx.Kind(data) == '"' {
		if text, err := jsonx.Unquote(data); err == nil {
			return &TextBlock{Text: text}
		}
	}
	kind, _ := jsonx.Head(data, "type")
	if b := newBlock(kind); b != nil && !(holdsBlocks(b) && nesting(data) > maxBlockNesting) {
		if err := json.Unmarshal(data, b); err == nil {
			return b
		}
	}
	return &RawBlock{Type: kind, JSON: append(json.RawMessage(nil), data...)}
}

// newBlock returns an empty block of a kind, nil if the kind is unknown.
func newBlock(kind string) Block {
	switch kind {
	case "text":
		return &TextBlock{}
	case "image":
		return &ImageBlock{}
	case "document":
		return &DocumentBlock{}
	case "search_result":
		return &SearchResultBlock{}
	case "thinking":
		return &ThinkingBlock{}
	case "redacted_thinking":
		return &RedactedThinkingBlock{}
	case "tool_use":
		return &ToolUseBlock{}
	case "tool_result":
		return &ToolResultBlock{}
	case "server_tool_use":
		return &ServerToolUseBlock{}
	case "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
		"bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result":
		return &ServerToolResultBlock{}
	case "container_upload":
		return &ContainerUploadBlock{}
	}
	return nil
}

// maxBlockNesting is how deep the JSON of a block that holds blocks may be. Each
// block inside another is read anew, so without a bound hostile nesting would cost
// the square of its size.
const maxBlockNesting = 32

func holdsBlocks(b Block) bool {
	switch b.(type) {
	case *ImageBlock, *DocumentBlock, *SearchResultBlock, *ToolResultBlock:
		return true
	}
	return false
}

// nesting returns how deep the objects and lists of valid JSON are.
func nesting(data []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// MarshalJSON writes the block as it is.
func (b RawBlock) MarshalJSON() ([]byte, error) {
	if len(b.JSON) == 0 {
		return nil, errors.New("a RawBlock has no JSON")
	}
	return b.JSON, nil
}

// UnmarshalJSON keeps the block as it is.
func (b *RawBlock) UnmarshalJSON(data []byte) error {
	b.Type, _ = jsonx.Head(data, "type")
	b.JSON = append(json.RawMessage(nil), data...)
	return nil
}

// withType encodes a block with its type in front.
func withType(kind string, block any, extra map[string]json.RawMessage) ([]byte, error) {
	if _, clash := extra["type"]; clash {
		return nil, &jsonx.ClashError{Name: "type"}
	}
	data, err := jsonx.Marshal(block, extra)
	if err != nil {
		return nil, err
	}
	return append([]byte(`{"type":"`+kind+`",`), data[1:]...), nil
}

// withoutType drops the type, which a block's Go type says, from what is left over.
func withoutType(extra map[string]json.RawMessage, err error) (map[string]json.RawMessage, error) {
	delete(extra, "type")
	if len(extra) == 0 {
		return nil, err
	}
	return extra, err
}

func orEmptyObject(data json.RawMessage) json.RawMessage {
	if len(data) == 0 {
		return json.RawMessage("{}")
	}
	return data
}
