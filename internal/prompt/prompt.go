// Package prompt is what a model reads of a request, the same for both formats: the
// form in which token counters see it. It is not a request and can't be sent.
package prompt

import "strings"

// Prompt is what a model reads.
type Prompt struct {
	Turns []Turn
	Tools []Tool

	// Thinking is whether the request asks for thinking.
	Thinking bool

	// Formats are the schemas of structured output. Some servers put them into the
	// prompt, others only into the sampler.
	Formats []string

	// Uncounted are the JSON paths of what no counter of text can count, such as
	// images and files.
	Uncounted []string
}

// Turn is one message.
type Turn struct {
	Role  string // "system", "user", "assistant" or "tool"; a developer's message is "system"
	Parts []Part
}

// Kind tells what a Part is.
type Kind string

// Kinds of parts.
const (
	Text       Kind = "text"
	Thinking   Kind = "thinking"    // what the model thought in an earlier turn
	ToolCall   Kind = "tool call"   // Name was called, Text are its arguments in JSON
	ToolResult Kind = "tool result" // Text is what the tool Name returned
	Other      Kind = "other"       // Text is JSON of something that isn't modelled
)

// Part is a piece of a message.
type Part struct {
	Kind Kind
	Name string // of the tool; empty for a result whose call isn't in the prompt
	Text string
}

// Tool is a tool's declaration.
type Tool struct {
	Name        string
	Description string
	Schema      []byte // JSON Schema of its input, empty for none
}

// Join returns the names and texts of parts, one after the other.
func Join(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Name)
		b.WriteString(p.Text)
	}
	return b.String()
}
