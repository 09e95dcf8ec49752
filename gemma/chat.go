package gemma

import (
	"encoding/json"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// chat writes a prompt as the chat template of 2026-07-09 does.
type chat struct {
	*writer
	thinking     bool
	emptyThought bool
}

// message is a turn as the template sees it: results are messages of their own.
type message struct {
	role     string
	texts    []string
	thoughts string
	calls    []prompt.Part
	result   prompt.Part
}

const (
	system    = "system"
	user      = "user"
	assistant = "assistant"
	tool      = "tool"
)

func messagesOf(turns []prompt.Turn) []message {
	var all []message
	for _, turn := range turns {
		m := message{role: turn.Role}
		for _, part := range turn.Parts {
			switch {
			case part.Kind == prompt.ToolResult || turn.Role == tool:
				all = append(all, message{role: tool, result: part})
			case part.Kind == prompt.ToolCall:
				m.calls = append(m.calls, part)
			case part.Kind == prompt.Thinking:
				m.thoughts += part.Text
			default:
				m.texts = append(m.texts, part.Text)
			}
		}
		onlyResults := len(turn.Parts) > 0 && len(m.texts)+len(m.calls)+len(m.thoughts) == 0
		if turn.Role != tool && !onlyResults {
			all = append(all, m)
		}
	}
	return all
}

func (c chat) prompt(p *prompt.Prompt) {
	messages := messagesOf(p.Turns)
	c.special("<bos>")
	messages = c.system(messages, p.Tools)
	last := lastUser(messages)
	before, answering := "", false
	for i := 0; i < len(messages); {
		m := messages[i]
		i++
		if m.role == tool {
			c.result(m.result, nil)
			answering = true
			continue
		}
		results := leadingResults(messages[i:])
		if len(m.calls) == 0 {
			results = nil
		}
		i += len(results)
		c.message(m, results, place{
			continues: m.role == assistant && before == assistant,
			current:   i-len(results)-1 > last,
			next:      nextRole(messages[i:]),
		})
		before, answering = m.role, len(m.calls) > 0
	}
	c.answer(answering && len(messages) > 0, messages)
}

// system writes the system turn, if there is anything for it, and gives the messages
// that remain.
func (c chat) system(messages []message, tools []prompt.Tool) []message {
	first := len(messages) > 0 && messages[0].role == system
	if !c.thinking && len(tools) == 0 && !first {
		return messages
	}
	c.special("<|turn>")
	c.write("system\n")
	if c.thinking {
		c.special("<|think|>")
		c.write("\n")
	}
	if first {
		for _, text := range messages[0].texts {
			c.write(strings.TrimSpace(text))
			if len(messages[0].texts) > 1 {
				c.write(" ")
			}
		}
		messages = messages[1:]
	}
	for _, t := range tools {
		c.special("<|tool>")
		c.declaration(t)
		c.special("<tool|>")
	}
	c.close()
	return messages
}

// place is what a message has to know of its neighbours.
type place struct {
	continues bool   // the turn of the message before
	current   bool   // whether it is behind the last message of the user
	next      string // role of the next message that is no result; empty for none
}

func (c chat) message(m message, results []message, at place) {
	if !at.continues {
		c.special("<|turn>")
		if m.role == assistant {
			c.write("model\n")
		} else {
			c.write(m.role + "\n")
		}
	}
	if m.thoughts != "" && at.current {
		c.special("<|channel>")
		c.write("thought\n" + m.thoughts + "\n")
		c.special("<channel|>")
	}
	for _, call := range m.calls {
		c.call(call)
	}
	for _, r := range results {
		c.result(r.result, m.calls)
	}
	content := m.content()
	c.write(content)
	switch {
	case len(m.calls) > 0 && len(results) == 0:
		c.special("<|tool_response>")
	case m.role == assistant && at.next == assistant:
	case len(results) > 0 && content == "" && at.next == "":
	default:
		c.close()
	}
}

func (c chat) close() {
	c.special("<turn|>")
	c.write("\n")
}

func (c chat) call(call prompt.Part) {
	c.special("<|tool_call>")
	c.write("call:" + call.Name + "{")
	if arguments, ok := object([]byte(call.Text)); ok {
		c.members(arguments)
	} else {
		c.write(call.Text)
	}
	c.write("}")
	c.special("<tool_call|>")
}

func (c chat) result(result prompt.Part, calls []prompt.Part) {
	name := result.Name
	if name == "" && len(calls) == 1 {
		name = calls[0].Name
	}
	if name == "" {
		name = "unknown"
	}
	c.special("<|tool_response>")
	c.write("response:" + name + "{value:")
	c.quoted(result.Text)
	c.write("}")
	c.special("<tool_response|>")
}

// answer writes what the model's answer starts with. After a result it goes on in the
// turn that is open.
func (c chat) answer(goesOn bool, messages []message) {
	if goesOn {
		if c.thinking && messages[len(messages)-1].role == tool {
			c.special("<|channel>")
			c.write("thought\n")
		}
		return
	}
	c.special("<|turn>")
	c.write("model\n")
	if c.emptyThought && !c.thinking {
		c.special("<|channel>")
		c.write("thought\n")
		c.special("<channel|>")
	}
}

// content gives the text of a message, of the assistant's without the thoughts in it.
func (m message) content() string {
	var all strings.Builder
	for _, text := range m.texts {
		if m.role == assistant {
			text = withoutThoughts(text)
		}
		all.WriteString(strings.TrimSpace(text))
	}
	return all.String()
}

func withoutThoughts(text string) string {
	var kept strings.Builder
	for part := range strings.SplitSeq(text, "<channel|>") {
		before, _, _ := strings.Cut(part, "<|channel>")
		kept.WriteString(before)
	}
	return kept.String()
}

func leadingResults(messages []message) []message {
	n := 0
	for n < len(messages) && messages[n].role == tool {
		n++
	}
	return messages[:n]
}

func nextRole(messages []message) string {
	for _, m := range messages {
		if m.role != tool {
			return m.role
		}
	}
	return ""
}

func lastUser(messages []message) int {
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].role == user {
			return i
		}
	}
	return -1
}

// object reads a JSON object, numbers as they are spelt.
func object(data []byte) (map[string]any, bool) {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil || decoder.More() {
		return nil, false
	}
	return members, members != nil
}
