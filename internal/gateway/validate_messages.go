package gateway

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// checkMessages follows the turns: neighbours of one role count as one turn, and
// system messages between them as none.
func (p *prompt) checkMessages() *failure {
	if _, err := parts(p.System); err != nil {
		return invalid("system", "expected a string or a list of text blocks")
	}
	var open []string // calls of the last assistant turn
	last := ""
	for i, m := range p.Messages {
		path := at("messages", i)
		blocks, f := m.checkBlocks(path, i == len(p.Messages)-1)
		if f != nil {
			return f
		}
		if m.Role == "system" {
			f = p.checkSystemTurn(i, last, path)
		} else if m.Role == "user" {
			open, f = answered(open, blocks, path)
		} else if m.Role == "assistant" {
			if last != "assistant" && len(open) > 0 {
				return noResult(path, open)
			}
			open, f = called(open, blocks, path)
		}
		if f != nil {
			return f
		}
		if m.Role == "user" && len(open) > 0 && !p.userGoesOn(i) {
			return noResult(path, open)
		}
		if m.Role != "system" {
			last = m.Role
		}
	}
	if last == "assistant" && len(open) > 0 {
		return noResult("messages", open)
	}
	return nil
}

// userGoesOn tells whether the user's turn goes on after message i.
func (p *prompt) userGoesOn(i int) bool {
	for _, m := range p.Messages[i+1:] {
		if m.Role != "system" {
			return m.Role == "user"
		}
	}
	return false
}

// answered removes the calls that have their results among the blocks. Nothing else
// may stand before the last of them.
func answered(open []string, blocks []part, path string) ([]string, *failure) {
	for k, b := range blocks {
		if b.Type != "tool_result" && len(open) > 0 {
			return nil, noResult(at(path+".content", k), open)
		}
		if b.Type != "tool_result" {
			continue
		}
		i := slices.Index(open, b.ToolUseID)
		if i < 0 {
			return nil, invalid(at(path+".content", k), "unexpected `tool_use_id` found in `tool_result` blocks: "+clip(b.ToolUseID, 100)+
				". Each `tool_result` block must have a corresponding `tool_use` block in the previous message")
		}
		open = slices.Delete(open, i, i+1)
	}
	return open, nil
}

// called adds the calls among the blocks.
func called(open []string, blocks []part, path string) ([]string, *failure) {
	for k, b := range blocks {
		if b.Type != "tool_use" {
			continue
		}
		if f := b.checkCall(at(path+".content", k)); f != nil {
			return nil, f
		}
		if slices.Contains(open, b.ID) {
			return nil, invalid(at(path+".content", k)+".id", "`tool_use` ids must be unique")
		}
		open = append(open, b.ID)
	}
	return open, nil
}

func noResult(path string, calls []string) *failure {
	return invalid(path, "`tool_use` ids were found without `tool_result` blocks immediately after: "+clip(strings.Join(calls, ", "), 200)+
		". Each `tool_use` block must have a corresponding `tool_result` block in the next message")
}

func (m *message) checkBlocks(path string, final bool) ([]part, *failure) {
	if !slices.Contains([]string{"user", "assistant", "system"}, m.Role) {
		return nil, unknownRole(m.Role, path)
	}
	blocks, f := m.parts(path)
	if f != nil {
		return nil, f
	}
	prefill := final && m.Role == "assistant"
	if len(blocks) == 0 && !prefill {
		return nil, invalid(path, "all messages must have non-empty content except for the optional final assistant message")
	}
	for k := range blocks {
		b, where := &blocks[k], at(path+".content", k)
		if b.Type == "text" && strings.TrimSpace(b.Text) == "" && !prefill {
			return nil, invalid(where, "text content blocks must contain non-whitespace text")
		}
		if f := m.checkBlock(b, where); f != nil {
			return nil, f
		}
	}
	if n := len(blocks); n > 0 && m.Role == "assistant" && strings.HasSuffix(blocks[n-1].Type, "thinking") {
		return nil, invalid(path, "the final block in an assistant message cannot be `thinking`")
	}
	if prefill && endsInSpace(blocks) {
		return nil, invalid(path, "final assistant content cannot end with trailing whitespace")
	}
	return blocks, m.checkInputs(path)
}

func endsInSpace(blocks []part) bool {
	if len(blocks) == 0 {
		return false
	}
	text := blocks[len(blocks)-1].Text
	return strings.TrimRightFunc(text, unicode.IsSpace) != text
}

// checkBlock lets blocks pass that it doesn't know: clients send them before they are
// documented.
func (m *message) checkBlock(b *part, path string) *failure {
	owner := map[string]string{
		"tool_result": "user", "image": "user",
		"tool_use": "assistant", "thinking": "assistant", "redacted_thinking": "assistant",
	}[b.Type]
	if owner != "" && owner != m.Role {
		return invalid(path, "`"+b.Type+"` blocks may only be in `"+owner+"` messages")
	}
	switch b.Type {
	case "thinking":
		var signature string
		if json.Unmarshal(b.Signature, &signature) != nil || !present(b.Signature) {
			return missing(path+".signature", "field required")
		}
	case "tool_result":
		return b.checkResult(path)
	case "image":
		return b.checkImage(path)
	}
	return nil
}

// checkResult looks for pictures, which results may have, too.
func (b *part) checkResult(path string) *failure {
	list, err := parts(b.Content)
	if err != nil {
		return invalid(path+".content", "expected a string or a list of blocks")
	}
	for k := range list {
		if list[k].Type != "image" {
			continue
		}
		if f := list[k].checkImage(at(path+".content", k)); f != nil {
			return f
		}
	}
	return nil
}

var imageTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

func (b *part) checkImage(path string) *failure {
	var s struct {
		Type      string `json:"type"`
		MediaType string `json:"media_type"`
		Data      string `json:"data"`
		URL       string `json:"url"`
		FileID    string `json:"file_id"`
	}
	path += ".source"
	if json.Unmarshal(b.Source, &s) != nil {
		return invalid(path, "expected an object")
	}
	switch s.Type {
	case "base64":
		switch {
		case !slices.Contains(imageTypes, s.MediaType):
			return invalid(path+".base64.media_type", "expected one of "+strings.Join(imageTypes, ", "))
		case !isBase64(s.Data):
			return invalid(path+".base64.data", "invalid base64 data")
		}
		return nil
	case "url":
		return checkURL(s.URL, path+".url.url", "https://")
	case "file":
		if s.FileID == "" {
			return missing(path+".file.file_id", "field required")
		}
		return nil
	}
	return invalid(path+".type", "unknown type "+strconv.Quote(clip(s.Type, 40))+": use base64, url or file")
}

func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return text != "" && err == nil
}

// checkCall checks the name and the id, which have their own alphabets.
func (b *part) checkCall(path string) *failure {
	switch {
	case b.ID == "":
		return missing(path+".id", "field required")
	case !toolUseID.MatchString(b.ID):
		return invalid(path+".id", "should match "+toolUseID.String())
	case b.Name == "":
		return missing(path+".name", "field required")
	case len(b.Name) > maxCalledName:
		return invalid(path+".name", "should have at most "+strconv.Itoa(maxCalledName)+" characters")
	}
	return nil
}

// checkSystemTurn wants an instruction in the midst of a conversation where a turn of
// the user's has ended: before the assistant's, or at the end.
func (p *prompt) checkSystemTurn(i int, before, path string) *failure {
	switch {
	case before != "user":
		return invalid(path, "role 'system' must follow a 'user' message")
	case p.userGoesOn(i):
		return invalid(path, "role 'system' must precede an 'assistant' message or end the array")
	}
	return nil
}

// checkInputs wants an object as the input of each call.
func (m *message) checkInputs(path string) *failure {
	var uses []struct {
		Type  string          `json:"type"`
		Input json.RawMessage `json:"input"`
	}
	if json.Unmarshal(m.Content, &uses) != nil {
		return nil // a string
	}
	for k, u := range uses {
		if u.Type == "tool_use" && (len(u.Input) == 0 || u.Input[0] != '{') {
			return invalid(at(path+".content", k)+".input", "expected an object")
		}
	}
	return nil
}
