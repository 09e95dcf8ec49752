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
	var parts []prompt.Part
	add := func(kind prompt.Kind, name, text string) {
		if text != "" || name != "" {
			parts = append(parts, prompt.Part{Kind: kind, Name: name, Text: text})
		}
	}
	kind, name := prompt.Text, ""
	switch m.promptRole() {
	case "tool":
		kind, name = prompt.ToolResult, called[m.ToolCallID]
		if m.Role == "function" {
			name = m.Name
		}
	default:
		add(prompt.Other, "", m.Name)
	}
	m.promptReasoning(add)
	for i, part := range m.Content {
		if part == nil || part.isNil() {
			continue
		}
		switch part := part.(type) {
		case *TextPart:
			add(kind, name, part.Text)
		case *RefusalPart:
			add(prompt.Text, "", part.Refusal)
		case *RawPart:
			add(prompt.Other, "", string(part.JSON))
		default:
			p.Uncounted = append(p.Uncounted, fmt.Sprintf("%s.content[%d]", path, i))
		}
	}
	add(prompt.Text, "", m.Refusal)
	for _, call := range m.ToolCalls {
		add(prompt.ToolCall, call.Name, call.Arguments)
	}
	if m.FunctionCall != nil {
		add(prompt.ToolCall, m.FunctionCall.Name, m.FunctionCall.Arguments)
	}
	if m.Audio != nil {
		p.Uncounted = append(p.Uncounted, path+".audio")
	}
	return parts
}

// promptReasoning counts the details only where no text is a copy of them.
func (m *ChatMessage) promptReasoning(add func(prompt.Kind, string, string)) {
	add(prompt.Thinking, "", m.Reasoning)
	if m.Reasoning != "" {
		return
	}
	for _, detail := range m.ReasoningDetails {
		add(prompt.Thinking, "", string(detail))
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
