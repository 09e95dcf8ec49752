package keeprouter

import (
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// prompt is what a model reads of the request.
func (r *MessagesRequest) prompt() *prompt.Prompt {
	p := &prompt.Prompt{Thinking: r.Thinking != nil && r.Thinking.Type != "disabled"}
	read := blockReader{prompt: p, called: map[string]string{}}
	if len(r.System) > 0 {
		p.Turns = append(p.Turns, prompt.Turn{Role: "system", Parts: read.parts("system", r.System)})
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		parts := read.parts(fmt.Sprintf("messages[%d].content", i), m.Content)
		p.Turns = append(p.Turns, prompt.Turn{Role: string(m.Role), Parts: parts})
	}
	for i, t := range r.Tools {
		if t.Type != "" && t.Type != "custom" {
			p.Uncounted = append(p.Uncounted, fmt.Sprintf("tools[%d]", i)) // the server has its own words for it
			continue
		}
		schema := append([]byte(nil), t.InputSchema...)
		for _, example := range t.InputExamples {
			schema = append(schema, example...)
		}
		p.Tools = append(p.Tools, prompt.Tool{Name: t.Name, Description: t.Description, Schema: schema})
	}
	for _, f := range []*MessagesOutputFormat{r.outputFormat(), r.OutputFormat} {
		if f != nil && len(f.Schema) > 0 {
			p.Formats = append(p.Formats, string(f.Schema))
		}
	}
	return p
}

func (r *MessagesRequest) outputFormat() *MessagesOutputFormat {
	if r.OutputConfig == nil {
		return nil
	}
	return r.OutputConfig.Format
}

// blockReader turns blocks into parts of a prompt.
type blockReader struct {
	prompt *prompt.Prompt
	called map[string]string // tools by the ids of their calls
}

func (r blockReader) parts(path string, blocks Blocks) []prompt.Part {
	var parts []prompt.Part
	for i, b := range blocks {
		if !isNilBlock(b) {
			parts = append(parts, r.block(fmt.Sprintf("%s[%d]", path, i), b)...)
		}
	}
	return parts
}

func (r blockReader) block(path string, b Block) []prompt.Part {
	switch b := b.(type) {
	case *TextBlock:
		return []prompt.Part{{Kind: prompt.Text, Text: b.Text}}
	case *ThinkingBlock:
		return []prompt.Part{{Kind: prompt.Thinking, Text: b.Thinking}}
	case *RedactedThinkingBlock:
		return []prompt.Part{{Kind: prompt.Thinking, Text: b.Data}}
	case *ToolUseBlock:
		r.called[b.ID] = b.Name
		return []prompt.Part{{Kind: prompt.ToolCall, Name: b.Name, Text: string(b.Input) + b.PartialInput}}
	case *ToolResultBlock:
		return r.result(path, b)
	case *ServerToolUseBlock:
		return []prompt.Part{{Kind: prompt.ToolCall, Name: b.Name, Text: string(b.Input)}}
	case *ServerToolResultBlock:
		return []prompt.Part{{Kind: prompt.ToolResult, Name: b.Type, Text: string(b.Content)}}
	case *SearchResultBlock:
		head := []prompt.Part{{Kind: prompt.Other, Text: b.Source}, {Kind: prompt.Other, Text: b.Title}}
		return append(head, r.parts(path+".content", b.Content)...)
	case *DocumentBlock:
		return r.document(path, b)
	case *RawBlock:
		return []prompt.Part{{Kind: prompt.Other, Text: string(b.JSON)}}
	}
	r.prompt.Uncounted = append(r.prompt.Uncounted, path)
	return nil
}

// result joins texts into one part: a tool returns once.
func (r blockReader) result(path string, b *ToolResultBlock) []prompt.Part {
	result := prompt.Part{Kind: prompt.ToolResult, Name: r.called[b.ToolUseID]}
	for _, part := range r.parts(path+".content", b.Content) {
		result.Text += part.Text
	}
	return []prompt.Part{result}
}

func (r blockReader) document(path string, b *DocumentBlock) []prompt.Part {
	parts := []prompt.Part{{Kind: prompt.Other, Text: b.Title}, {Kind: prompt.Other, Text: b.Context}}
	switch b.Source.Type {
	case "text":
		return append(parts, prompt.Part{Kind: prompt.Text, Text: b.Source.Data})
	case "content":
		return append(parts, r.parts(path+".source.content", b.Source.Content)...)
	}
	r.prompt.Uncounted = append(r.prompt.Uncounted, path)
	return parts
}

// written is all that the model wrote: what an answer is charged for.
func (r *MessagesResponse) written() string {
	read := blockReader{prompt: &prompt.Prompt{}, called: map[string]string{}}
	return prompt.Join(read.parts("content", r.Content))
}
