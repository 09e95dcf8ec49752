package gateway

import (
	"encoding/json"
	"strings"
)

// quoteRunes bounds what the demo repeats of the request.
const quoteRunes = 200

// demonstrate makes an answer from the request: the same one each time.
func demonstrate(r *Reply, p *prompt) {
	results := p.lastResults()
	if name, schema := p.forced(); name != "" && len(results) == 0 {
		r.ToolCalls = []ToolCall{{Name: name, Arguments: string(minimal(schema))}}
		return
	}
	switch schema := p.outputSchema(); {
	case schema != nil:
		r.Text = string(minimal(schema))
	case len(results) > 0:
		r.Text = "This is KeepRouter's local gateway: no model was asked. The tools answered: " + quote(strings.Join(results, "; "))
	default:
		r.Text = "Hello! This is KeepRouter's local gateway: no model was asked. You wrote: " + quote(p.lastText())
	}
	p.cutToLimit(r)
}

func quote(text string) string {
	return "“" + clip(strings.Join(strings.Fields(text), " "), quoteRunes) + "”"
}

// cutToLimit ends the text where the request's limit of tokens does.
func (p *prompt) cutToLimit(r *Reply) {
	limit := p.MaxTokens
	if p.MaxCompletionTokens != nil {
		limit = p.MaxCompletionTokens
	}
	if limit == nil {
		return
	}
	var kept strings.Builder
	for _, word := range words(r.Text) {
		if tokens(kept.Len()+len(word)) > max(*limit, 1) {
			r.Text, r.Finish = kept.String(), "length"
			return
		}
		kept.WriteString(word)
	}
}

// lastText is the last text of the user's.
func (p *prompt) lastText() string {
	for i := len(p.Messages) - 1; i >= 0; i-- {
		if m := &p.Messages[i]; m.Role == "user" {
			return textOf(m.Content)
		}
	}
	return ""
}

// lastResults are the tool results at the end of the conversation.
func (p *prompt) lastResults() []string {
	var results []string
	for i := len(p.Messages) - 1; i >= 0; i-- {
		m := &p.Messages[i]
		found := m.results()
		if len(found) == 0 {
			break
		}
		results = append(found, results...)
	}
	return results
}

func (m *message) results() []string {
	if m.Role == "tool" {
		return []string{textOf(m.Content)}
	}
	list, err := parts(m.Content)
	if err != nil || m.Role != "user" {
		return nil
	}
	var results []string
	for _, p := range list {
		if p.Type == "tool_result" {
			results = append(results, textOf(p.Content))
		}
	}
	return results
}

func textOf(content json.RawMessage) string {
	list, err := parts(content)
	if err != nil {
		return ""
	}
	var texts []string
	for _, p := range list {
		if p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, " ")
}

// forced is the tool that the request demands to be called.
func (p *prompt) forced() (string, json.RawMessage) {
	var choice struct {
		Type     string `json:"type"`
		Name     string `json:"name"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if string(p.ToolChoice) == `"required"` {
		choice.Type = "any"
	} else if json.Unmarshal(p.ToolChoice, &choice) != nil {
		return "", nil
	}
	for _, t := range p.Tools {
		name, schema := t.schema()
		if choice.Type == "any" || (name != "" && (name == choice.Name || name == choice.Function.Name)) {
			return name, schema
		}
	}
	return "", nil
}

// outputSchema is the JSON Schema that the answer's text is to satisfy.
func (p *prompt) outputSchema() json.RawMessage {
	if format := p.OutputConfig.Format; format != nil && present(format.Schema) {
		return format.Schema
	}
	switch p.ResponseFormat.Type {
	case "json_schema":
		return p.ResponseFormat.JSONSchema.Schema
	case "json_object":
		return json.RawMessage(`{"type":"object"}`)
	}
	return nil
}
