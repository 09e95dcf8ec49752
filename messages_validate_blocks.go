package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// blockChecker looks at the blocks of one message.
type blockChecker struct {
	role   string
	strict bool // whether the anthropic-version is the strict one
}

func (c blockChecker) check(b Block, path string) error {
	if isNilBlock(b) {
		return invalidRequest(path, "it is nil: leave it out")
	}
	switch b := b.(type) {
	case *TextBlock:
		return c.checkText(b, path)
	case *ImageBlock:
		return c.checkSource(&b.Source, path+".source")
	case *DocumentBlock:
		if c.strict && c.role == "assistant" {
			return invalidRequest(path, "this anthropic-version refuses documents in an assistant message")
		}
		return c.checkSource(&b.Source, path+".source")
	case *SearchResultBlock:
		return checkTexts(b.Content, path+".content")
	case *ThinkingBlock, *RedactedThinkingBlock:
		if c.role != "assistant" {
			return invalidRequest(path, "thinking belongs into the assistant message that it came in")
		}
	case *ToolUseBlock:
		return c.checkToolUse(b, path)
	case *ToolResultBlock:
		return c.checkToolResult(b, path)
	case *ContainerUploadBlock:
		if b.FileID == "" {
			return invalidRequest(path+".file_id", "name the file")
		}
	case *ServerToolResultBlock:
		if b.Type == "" {
			return invalidRequest(path+".type", `want the kind of result, such as "web_search_tool_result"`)
		}
	case *RawBlock:
		if !isJSONObject(b.JSON) {
			return invalidRequest(path, "the JSON of a RawBlock must be an object")
		}
	}
	return nil
}

func (c blockChecker) checkText(b *TextBlock, path string) error {
	if b.Text == "" {
		return invalidRequest(path+".text", "it is empty: leave the block out")
	}
	if c.strict && c.role == "user" && len(b.Citations) > 0 {
		return invalidRequest(path+".citations", "this anthropic-version refuses citations in a user message")
	}
	return nil
}

func (c blockChecker) checkSource(s *BlockSource, path string) error {
	missing := func(field, message string) error { return invalidRequest(path+"."+field, message) }
	switch s.Type {
	case "":
		return missing("type", "make the source with URLSource or DataSource")
	case "url":
		if s.URL == "" {
			return missing("url", "it is empty")
		}
	case "file":
		if s.FileID == "" {
			return missing("file_id", "it is empty")
		}
	case "base64", "text":
		if s.MediaType == "" {
			return missing("media_type", `name the kind of data, such as "image/png"`)
		}
		if s.Data == "" {
			return missing("data", "it is empty")
		}
	case "content":
		return c.checkSourceContent(s.Content, path+".content")
	}
	return nil
}

func (c blockChecker) checkSourceContent(content Blocks, path string) error {
	if len(content) == 0 {
		return invalidRequest(path, "it is empty")
	}
	for i, b := range content {
		at := fmt.Sprintf("%s[%d]", path, i)
		if image, ok := b.(*ImageBlock); ok && image != nil && image.Source.Type == "content" {
			return invalidRequest(at+".source.type", "an image can't be made of content")
		}
		switch b.(type) {
		case *TextBlock, *ImageBlock, *RawBlock:
		default:
			return invalidRequest(at, "only text and image blocks can be here")
		}
		if err := c.check(b, at); err != nil {
			return err
		}
	}
	return nil
}

func (c blockChecker) checkToolUse(b *ToolUseBlock, path string) error {
	switch {
	case c.role != "assistant":
		return invalidRequest(path, "a tool_use belongs into an assistant message")
	case b.ID == "":
		return invalidRequest(path+".id", "it is empty: results couldn't refer to it")
	case b.Name == "":
		return invalidRequest(path+".name", "name the tool")
	case b.Truncated || b.PartialInput != "":
		return invalidRequest(path+".input", "the call is not whole: leave it out, or ask again with more tokens")
	case len(b.Input) > 0 && !isJSONObject(b.Input):
		return invalidRequest(path+".input", "want a JSON object")
	}
	return nil
}

func (c blockChecker) checkToolResult(b *ToolResultBlock, path string) error {
	switch {
	case c.role != "user":
		return invalidRequest(path, "a tool_result belongs into a user message")
	case b.ToolUseID == "":
		return invalidRequest(path+".tool_use_id", "name the call that this is the result of")
	}
	for i, inner := range b.Content {
		at := fmt.Sprintf("%s.content[%d]", path, i)
		switch inner.(type) {
		case *ToolResultBlock, *ToolUseBlock:
			return invalidRequest(at, "a tool_result can't hold a call or another result")
		}
		if err := c.check(inner, at); err != nil {
			return err
		}
	}
	return nil
}

// checkInstruction looks at a block of a system prompt.
func checkInstruction(b Block, path string) error {
	switch b.(type) {
	case *TextBlock, *RawBlock, nil:
		return blockChecker{role: "system"}.check(b, path)
	}
	return invalidRequest(path, "only text blocks can be in a system prompt")
}

func checkTexts(content Blocks, path string) error {
	if len(content) == 0 {
		return invalidRequest(path, "it is empty")
	}
	for i, b := range content {
		text, ok := b.(*TextBlock)
		if !ok || text == nil || text.Text == "" {
			return invalidRequest(fmt.Sprintf("%s[%d]", path, i), "want a text block with a text")
		}
	}
	return nil
}

func isNilBlock(b Block) bool { return b == nil || reflect.ValueOf(b).IsNil() }

func isJSONObject(data json.RawMessage) bool {
	_, err := objectMembers(data)
	return err == nil
}

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
