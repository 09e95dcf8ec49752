package keeprouter

import (
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// prompt is what a model reads of the request.
func (r *ChatRequest) prompt() *prompt.Prompt {
	p := &prompt.Prompt{Thinking: r.ReasoningEffort != "" && r.ReasoningEffort != "none"}
	called := map[string]string{} // tools by the ids of their calls
	for i := range r.Messages {
		m := &r.Messages[i]
		path := fmt.Sprintf("messages[%d]", i)
		for _, call := range m.ToolCalls {
			called[call.ID] = call.Name
		}
		p.Turns = append(p.Turns, prompt.Turn{Role: m.promptRole(), Parts: m.promptParts(p, path, called)})
	}
	for _, t := range r.Tools {
		schema := t.Parameters
		if t.Type == "custom" {
			schema = t.Format
		}
		p.Tools = append(p.Tools, prompt.Tool{Name: t.Name, Description: t.Description, Schema: schema})
	}
	if len(r.Functions) > 0 {
		p.Tools = append(p.Tools, prompt.Tool{Schema: r.Functions})
	}
	if f := r.ResponseFormat; f != nil && len(f.Schema) > 0 {
		p.Formats = append(p.Formats, string(f.Schema))
	}
	if r.WebSearchOptions != nil {
		p.Uncounted = append(p.Uncounted, "web_search_options")
	}
	return p
}

func (m *ChatMessage) promptRole() string {
	switch m.Role {
	case "developer":
		return "system"
	case "function":
		return "tool"
	}
	return m.Role
}

// promptParts puts what can't be counted on the prompt's list.
func (m *ChatMessage) promptParts(p *prompt.Prompt, path string, called map[string]string) []prompt.Part {
	var parts promptParts
	kind, name := prompt.Text, ""
	switch m.promptRole() {
	case "tool":
		kind, name = prompt.ToolResult, called[m.ToolCallID]
		if m.Role == "function" {
			name = m.Name
		}
	default:
		parts.add(prompt.Other, "", m.Name)
	}
	m.promptReasoning(&parts)
	for i, part := range m.Content {
		if part == nil || part.isNil() {
			continue
		}
		switch part := part.(type) {
		case *TextPart:
			parts.add(kind, name, part.Text)
		case *RefusalPart:
			parts.add(prompt.Text, "", part.Refusal)
		case *RawPart:
			parts.add(prompt.Other, "", string(part.JSON))
		default:
			p.Uncounted = append(p.Uncounted, fmt.Sprintf("%s.content[%d]", path, i))
		}
	}
	parts.add(prompt.Text, "", m.Refusal)
	for _, call := range m.ToolCalls {
		parts.add(prompt.ToolCall, call.Name, call.Arguments)
	}
	if m.FunctionCall != nil {
		parts.add(prompt.ToolCall, m.FunctionCall.Name, m.FunctionCall.Arguments)
	}
	if m.Audio != nil {
		p.Uncounted = append(p.Uncounted, path+".audio")
	}
	return parts
}

// promptReasoning counts the details only where no text is a copy of them.
func (m *ChatMessage) promptReasoning(parts *promptParts) {
	parts.add(prompt.Thinking, "", m.Reasoning)
	if m.Reasoning != "" {
		return
	}
	for _, detail := range m.ReasoningDetails {
		parts.add(prompt.Thinking, "", string(detail))
	}
}

type promptParts []prompt.Part

// add takes a part that says something. Its copies in promptParts would be larger.
//
//go:noinline
func (ps *promptParts) add(kind prompt.Kind, name, text string) {
	if text != "" || name != "" {
		*ps = append(*ps, prompt.Part{Kind: kind, Name: name, Text: text})
	}
}

// written is all that the model wrote, of all choices: what an answer is charged for.
func (r *ChatResponse) written() string {
	var all []prompt.Part
	for i := range r.Choices {
		all = append(all, r.Choices[i].Message.promptParts(&prompt.Prompt{}, "", nil)...)
	}
	return prompt.Join(all)
}
