package keeprouter

import (
	"fmt"
	"slices"
)

// turnChecker walks through a conversation. Messages of one role in a row are one
// turn, as the format merges them.
type turnChecker struct {
	strict  bool
	role    string   // of the turn that is being read, system messages aside
	path    string   // of the user's message read last
	pending []string // calls that still need their results
	unknown bool     // whether the calls can't all be known
	begun   bool     // whether the user's turn has more than results already
}

func (r *MessagesRequest) checkMessages(version string) error {
	c := turnChecker{strict: version >= strictAnthropicVersion}
	for i := range r.Messages {
		m, path := &r.Messages[i], fmt.Sprintf("messages[%d]", i)
		var err error
		switch m.Role {
		case "user":
			err = c.user(m, path)
		case "assistant":
			err = c.assistant(m, path, i == len(r.Messages)-1)
		case "system":
			err = c.system(m, path, r.Messages[i+1:])
		default:
			err = invalidRequest(path+".role", `want "user", "assistant" or "system"`)
		}
		if err != nil {
			return err
		}
	}
	if c.role == "user" {
		return c.answered()
	}
	return nil
}

func (c *turnChecker) user(m *Message, path string) error {
	if c.role != "user" {
		c.role, c.begun = "user", false
	}
	c.path = path
	if len(m.Content) == 0 {
		return invalidRequest(path+".content", "it is empty: leave the message out")
	}
	blocks := blockChecker{role: m.Role, strict: c.strict}
	for i, b := range m.Content {
		at := fmt.Sprintf("%s.content[%d]", path, i)
		if err := blocks.check(b, at); err != nil {
			return err
		}
		result, ok := b.(*ToolResultBlock)
		if !ok {
			c.begun = true
			continue
		}
		if err := c.result(result, at); err != nil {
			return err
		}
	}
	return nil
}

func (c *turnChecker) result(b *ToolResultBlock, path string) error {
	n := slices.Index(c.pending, b.ToolUseID)
	switch {
	case n < 0 && c.unknown:
		return nil
	case n < 0:
		return invalidRequest(path+".tool_use_id", "the assistant message before has no call of this id that still needs a result")
	case c.begun:
		return invalidRequest(path, "the results must come before everything else that the user says")
	}
	c.pending = slices.Delete(c.pending, n, n+1)
	return nil
}

// answered refuses to go on while calls lack their results.
func (c *turnChecker) answered() error {
	if len(c.pending) == 0 {
		return nil
	}
	return invalidRequest(c.path+".content", fmt.Sprintf("there is no tool_result for the call %q of the assistant message before", c.pending[0]))
}

func (c *turnChecker) assistant(m *Message, path string, last bool) error {
	if c.role != "assistant" {
		if err := c.answered(); err != nil {
			return err
		}
		c.role, c.pending, c.unknown = "assistant", nil, false
	}
	if len(m.Content) == 0 && !last {
		return invalidRequest(path+".content", "it is empty: leave the message out")
	}
	blocks := blockChecker{role: m.Role, strict: c.strict}
	for i, b := range m.Content {
		at := fmt.Sprintf("%s.content[%d]", path, i)
		if err := blocks.check(b, at); err != nil {
			return err
		}
		switch b := b.(type) {
		case *RawBlock:
			c.unknown = true
		case *ToolUseBlock:
			if slices.Contains(c.pending, b.ID) {
				return invalidRequest(at+".id", "two calls of this message have the same id")
			}
			c.pending = append(c.pending, b.ID)
		}
	}
	return nil
}

// system checks an instruction in the middle of a conversation: it stands between a
// user's turn and the answer to it.
func (c *turnChecker) system(m *Message, path string, rest []Message) error {
	if c.role != "user" {
		return invalidRequest(path+".role", "a system message must follow a user message: put the first instruction into System")
	}
	next := slices.IndexFunc(rest, func(m Message) bool { return m.Role != "system" })
	if next >= 0 && rest[next].Role == "user" {
		return invalidRequest(path+".role", "a system message must stand before an assistant message or at the end")
	}
	if len(m.Content) == 0 {
		return invalidRequest(path+".content", "it is empty: leave the message out")
	}
	for i, b := range m.Content {
		if err := checkInstruction(b, fmt.Sprintf("%s.content[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}
