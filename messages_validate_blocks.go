package keeprouter

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// blockChecker looks at the blocks of one message.
type blockChecker struct {
	role   string
	strict bool // whether the anthropic-version is the strict one
}

func (c blockChecker) check(b Block) error {
	if isNilBlock(b) {
		return invalidRequest("", "it is nil: leave it out")
	}
	switch b := b.(type) {
	case *TextBlock:
		return c.checkText(b)
	case *ImageBlock:
		return inField("source", c.checkSource(&b.Source))
	case *DocumentBlock:
		if c.strict && c.role == "assistant" {
			return invalidRequest("", "this anthropic-version refuses documents in an assistant message")
		}
		return inField("source", c.checkSource(&b.Source))
	case *SearchResultBlock:
		return checkTexts(b.Content)
	case *ThinkingBlock, *RedactedThinkingBlock:
		if c.role != "assistant" {
			return invalidRequest("", "thinking belongs into the assistant message that it came in")
		}
	case *ToolUseBlock:
		return c.checkToolUse(b)
	case *ToolResultBlock:
		return c.checkToolResult(b)
	case *ContainerUploadBlock:
		if b.FileID == "" {
			return invalidRequest("file_id", "name the file")
		}
	case *ServerToolResultBlock:
		if b.Type == "" {
			return invalidRequest("type", `want the kind of result, such as "web_search_tool_result"`)
		}
	case *RawBlock:
		if !jsonx.IsObject(b.JSON) {
			return invalidRequest("", "the JSON of a RawBlock must be an object")
		}
	}
	return nil
}

func (c blockChecker) checkText(b *TextBlock) error {
	if b.Text == "" {
		return invalidRequest("text", "it is empty: leave the block out")
	}
	if c.strict && c.role == "user" && len(b.Citations) > 0 {
		return invalidRequest("citations", "this anthropic-version refuses citations in a user message")
	}
	return nil
}

func (c blockChecker) checkSource(s *BlockSource) error {
	switch s.Type {
	case "":
		return invalidRequest("type", "make the source with URLSource or DataSource")
	case "url":
		if s.URL == "" {
			return invalidRequest("url", "it is empty")
		}
	case "file":
		if s.FileID == "" {
			return invalidRequest("file_id", "it is empty")
		}
	case "base64", "text":
		if s.MediaType == "" {
			return invalidRequest("media_type", `name the kind of data, such as "image/png"`)
		}
		if s.Data == "" {
			return invalidRequest("data", "it is empty")
		}
	case "content":
		return c.checkSourceContent(s.Content)
	}
	return nil
}

func (c blockChecker) checkSourceContent(content Blocks) error {
	if len(content) == 0 {
		return invalidRequest("content", "it is empty")
	}
	for i, b := range content {
		if image, ok := b.(*ImageBlock); ok && image != nil && image.Source.Type == "content" {
			return invalidElement("content", i, "source.type", "an image can't be made of content")
		}
		switch b.(type) {
		case *TextBlock, *ImageBlock, *RawBlock:
		default:
			return invalidElement("content", i, "", "only text and image blocks can be here")
		}
		if err := c.check(b); err != nil {
			return inElement("content", i, err)
		}
	}
	return nil
}

func (c blockChecker) checkToolUse(b *ToolUseBlock) error {
	switch {
	case c.role != "assistant":
		return invalidRequest("", "a tool_use belongs into an assistant message")
	case b.ID == "":
		return invalidRequest("id", "it is empty: results couldn't refer to it")
	case b.Name == "":
		return invalidRequest("name", "name the tool")
	case b.Truncated || b.PartialInput != "":
		return invalidRequest("input", "the call is not whole: leave it out, or ask again with more tokens")
	case len(b.Input) > 0 && !jsonx.IsObject(b.Input):
		return invalidRequest("input", "want a JSON object")
	}
	return nil
}

func (c blockChecker) checkToolResult(b *ToolResultBlock) error {
	switch {
	case c.role != "user":
		return invalidRequest("", "a tool_result belongs into a user message")
	case b.ToolUseID == "":
		return invalidRequest("tool_use_id", "name the call that this is the result of")
	}
	for i, inner := range b.Content {
		switch inner.(type) {
		case *ToolResultBlock, *ToolUseBlock:
			return invalidElement("content", i, "", "a tool_result can't hold a call or another result")
		}
		if err := c.check(inner); err != nil {
			return inElement("content", i, err)
		}
	}
	return nil
}

// checkInstruction looks at a block of a system prompt.
func checkInstruction(b Block) error {
	switch b.(type) {
	case *TextBlock, *RawBlock, nil:
		return blockChecker{role: "system"}.check(b)
	}
	return invalidRequest("", "only text blocks can be in a system prompt")
}

func checkTexts(content Blocks) error {
	if len(content) == 0 {
		return invalidRequest("content", "it is empty")
	}
	for i, b := range content {
		text, ok := b.(*TextBlock)
		if !ok || text == nil || text.Text == "" {
			return invalidElement("content", i, "", "want a text block with a text")
		}
	}
	return nil
}

func isNilBlock(b Block) bool { return b == nil || reflect.ValueOf(b).IsNil() }

// objectMembers returns the members of a JSON object.
func objectMembers(data json.RawMessage) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("it is null")
	}
	return members, nil
}
