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
	last    int      // the user's message read last
	pending []string // calls that still need their results
	unknown bool     // whether the calls can't all be known
	begun   bool     // whether the user's turn has more than results already
}

func (r *MessagesRequest) checkMessages(version string) error {
	c := turnChecker{strict: version >= strictAnthropicVersion}
	for i := range r.Messages {
		m := &r.Messages[i]
		if err := c.begin(m.Role, i); err != nil {
			return err
		}
		var err error
		switch m.Role {
		case "user":
			err = c.user(m)
		case "assistant":
			err = c.assistant(m, i == len(r.Messages)-1)
		case "system":
			err = c.system(m, r.Messages[i+1:])
		default:
			err = invalidRequest("role", `want "user", "assistant" or "system"`)
		}
		if err != nil {
			return inElement("messages", i, err)
		}
	}
	if c.role == "user" {
		return c.answered()
	}
	return nil
}

// begin takes note of whose turn a message belongs to.
func (c *turnChecker) begin(role string, i int) error {
	switch {
	case role == "user":
		c.begun = c.begun && c.role == "user"
		c.role, c.last = "user", i
	case role == "assistant" && c.role != "assistant":
		if err := c.answered(); err != nil {
			return err
		}
		c.role, c.pending, c.unknown = "assistant", c.pending[:0], false
	}
	return nil
}

func (c *turnChecker) user(m *Message) error {
	if len(m.Content) == 0 {
		return invalidRequest("content", "it is empty: leave the message out")
	}
	blocks := blockChecker{role: m.Role, strict: c.strict}
	for i, b := range m.Content {
		if err := blocks.check(b); err != nil {
			return inElement("content", i, err)
		}
		result, ok := b.(*ToolResultBlock)
		if !ok {
			c.begun = true
			continue
		}
		if err := c.result(result); err != nil {
			return inElement("content", i, err)
		}
	}
	return nil
}

func (c *turnChecker) result(b *ToolResultBlock) error {
	n := slices.Index(c.pending, b.ToolUseID)
	switch {
	case n < 0 && c.unknown:
		return nil
	case n < 0:
		return invalidRequest("tool_use_id", "the assistant message before has no call of this id that still needs a result")
	case c.begun:
		return invalidRequest("", "the results must come before everything else that the user says")
	}
	c.pending = slices.Delete(c.pending, n, n+1)
	return nil
}

// answered refuses to go on while calls lack their results.
func (c *turnChecker) answered() error {
	if len(c.pending) == 0 {
		return nil
	}
	return invalidElement("messages", c.last, "content", fmt.Sprintf("there is no tool_result for the call %q of the assistant message before", c.pending[0]))
}

func (c *turnChecker) assistant(m *Message, last bool) error {
	if len(m.Content) == 0 && !last {
		return invalidRequest("content", "it is empty: leave the message out")
	}
	blocks := blockChecker{role: m.Role, strict: c.strict}
	for i, b := range m.Content {
		if err := blocks.check(b); err != nil {
			return inElement("content", i, err)
		}
		switch b := b.(type) {
		case *RawBlock:
			c.unknown = true
		case *ToolUseBlock:
			if slices.Contains(c.pending, b.ID) {
				return invalidElement("content", i, "id", "two calls of this message have the same id")
			}
			c.pending = append(c.pending, b.ID)
		}
	}
	return nil
}

// system checks an instruction in the middle of a conversation: it stands between a
// user's turn and the answer to it.
func (c *turnChecker) system(m *Message, rest []Message) error {
	if c.role != "user" {
		return invalidRequest("role", "a system message must follow a user message: put the first instruction into System")
	}
	next := slices.IndexFunc(rest, func(m Message) bool { return m.Role != "system" })
	if next >= 0 && rest[next].Role == "user" {
		return invalidRequest("role", "a system message must stand before an assistant message or at the end")
	}
	if len(m.Content) == 0 {
		return invalidRequest("content", "it is empty: leave the message out")
	}
	for i, b := range m.Content {
		if err := checkInstruction(b); err != nil {
			return inElement("content", i, err)
		}
	}
	return nil
}
