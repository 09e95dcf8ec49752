package keeprouter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// validate refuses what the format refuses, before it is sent. version is the
// anthropic-version in force.
func (r *MessagesRequest) validate(version string) error {
	checks := []func() error{
		r.checkRequired,
		func() error { return r.checkSampling(version) },
		r.checkThinking,
		r.checkFormat,
		r.checkTools,
		r.checkSystem,
		func() error { return r.checkMessages(version) },
		r.checkCacheMarks,
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateCount refuses what makes no sense to count.
func (r *MessagesRequest) validateCount(version string) error {
	counted := *r
	counted.MaxTokens = cmp.Or(r.MaxTokens, math.MaxInt32)
	counted.Temperature, counted.TopP, counted.TopK = nil, nil, nil
	return counted.validate(version)
}

func (r *MessagesRequest) checkRequired() error {
	switch {
	case r.Model == "":
		return invalidRequest("model", "name a model, such as "+Gemma4_31B)
	case r.MaxTokens <= 0:
		return invalidRequest("max_tokens", "the Messages format requires it: set MaxTokens to the most tokens that the answer may have")
	case len(r.Messages) == 0:
		return invalidRequest("messages", "there is no message: add one, such as UserMessage(\"Hello\")")
	}
	return nil
}

func (r *MessagesRequest) checkSampling(version string) error {
	for _, s := range []struct {
		name  string
		value *float64
	}{{"temperature", r.Temperature}, {"top_p", r.TopP}} {
		if s.value != nil && !(*s.value >= 0 && *s.value <= 1) {
			return invalidRequest(s.name, "want a number from 0 to 1")
		}
	}
	if r.TopK != nil && *r.TopK < 0 {
		return invalidRequest("top_k", "want 0 or more")
	}
	for i, s := range r.StopSequences {
		if s == "" {
			return invalidRequest(fmt.Sprintf("stop_sequences[%d]", i), "it is empty: leave it out")
		}
	}
	if version < strictAnthropicVersion {
		return nil
	}
	for _, s := range []struct {
		name string
		set  bool
	}{{"temperature", r.Temperature != nil}, {"top_p", r.TopP != nil}, {"top_k", r.TopK != nil}} {
		if s.set {
			return invalidRequest(s.name, "anthropic-version "+version+" refuses it: leave it nil, or set Options.AnthropicVersion to "+DefaultAnthropicVersion)
		}
	}
	return nil
}

// strictAnthropicVersion is the first one that refuses sampling parameters,
// documents in answers and citations in prompts.
const strictAnthropicVersion = "2026-10-21"

func (r *MessagesRequest) checkThinking() error {
	t := r.Thinking
	switch {
	case t == nil:
		return nil
	case t.Type == "":
		return invalidRequest("thinking.type", `want "enabled", "adaptive", "between_tools" or "disabled"`)
	case t.Type != "enabled":
		return nil
	case t.BudgetTokens < 1024:
		return invalidRequest("thinking.budget_tokens", "want 1024 or more")
	case t.BudgetTokens >= r.MaxTokens && len(r.Betas) == 0: // a beta lets it span several turns
		return invalidRequest("thinking.budget_tokens", "the thinking is a part of the answer: want less than MaxTokens")
	}
	return nil
}

func (r *MessagesRequest) checkFormat() error {
	type named struct {
		path   string
		format *MessagesOutputFormat
	}
	formats := []named{{"output_format", r.OutputFormat}}
	if r.OutputConfig != nil {
		formats = append(formats, named{"output_config.format", r.OutputConfig.Format})
	}
	for _, f := range formats {
		switch {
		case f.format == nil:
		case f.format.Type == "":
			return invalidRequest(f.path+".type", `want "json_schema"`)
		case f.format.Type == "json_schema" && !jsonx.IsObject(f.format.Schema):
			return invalidRequest(f.path+".schema", "want a JSON Schema, a JSON object")
		}
	}
	return nil
}

func (r *MessagesRequest) checkTools() error {
	for i := range r.Tools {
		if err := r.Tools[i].check(); err != nil {
			return inElement("tools", i, err)
		}
	}
	switch c := r.ToolChoice; {
	case c == nil:
	case c.Type == "":
		return invalidRequest("tool_choice.type", `want "auto", "any", "tool" or "none"`)
	case c.Type == "tool" && c.Name == "":
		return invalidRequest("tool_choice.name", "name the tool that must be called")
	}
	return nil
}

// check looks at the tools that are the caller's own; the others are the server's
// business.
func (t *MessagesTool) check() error {
	if t.Type != "" && t.Type != "custom" {
		return nil
	}
	if t.Name == "" {
		return invalidRequest("name", "name the tool")
	}
	if plainSchema(t.InputSchema) {
		return nil
	}
	schema, err := objectMembers(t.InputSchema)
	if err != nil {
		return invalidRequest("input_schema", "want a JSON Schema, a JSON object")
	}
	if string(schema["type"]) != `"object"` {
		return invalidRequest("input_schema.type", `want "object"`)
	}
	for _, key := range []string{"oneOf", "anyOf", "allOf"} {
		if _, there := schema[key]; there {
			return invalidRequest("input_schema."+key, "the format refuses it at the top of a tool's schema: move it into a property")
		}
	}
	if string(schema["required"]) == "null" {
		return invalidRequest("input_schema.required", "want a list: leave null out")
	}
	return nil
}

// plainSchema reports that the format takes a schema, as nearly all. What it doesn't
// find good, check looks at again to tell why.
func plainSchema(data json.RawMessage) bool {
	object := false
	r := jsonx.NewReader(data)
	for r.Object(); r.Member(); {
		switch r.Name {
		case "type":
			object = string(r.View()) == `"object"`
		case "oneOf", "anyOf", "allOf":
			return false
		case "required":
			if r.Null() {
				return false
			}
			r.View()
		default:
			r.View()
		}
	}
	return object && r.Done()
}

func (r *MessagesRequest) checkSystem() error {
	for i, b := range r.System {
		if err := checkInstruction(b); err != nil {
			return inElement("system", i, err)
		}
	}
	return nil
}

// maxCacheMarks is how many blocks of a request may carry a CacheControl.
const maxCacheMarks = 4

func (r *MessagesRequest) checkCacheMarks() error {
	marks := r.System.cacheMarks()
	for i := range r.Tools {
		if r.Tools[i].CacheControl != nil {
			marks++
		}
	}
	for i := range r.Messages {
		marks += r.Messages[i].Content.cacheMarks()
	}
	if marks > maxCacheMarks {
		return invalidRequest("cache_control", fmt.Sprintf("%d blocks and tools carry a CacheControl: the format allows %d", marks, maxCacheMarks))
	}
	return nil
}

func (bs Blocks) cacheMarks() int {
	marks := 0
	for _, b := range bs {
		if cacheControl(b) != nil {
			marks++
		}
		if result, ok := b.(*ToolResultBlock); ok {
			marks += result.Content.cacheMarks()
		}
	}
	return marks
}

func cacheControl(b Block) *CacheControl {
	switch b := b.(type) {
	case *TextBlock:
		return b.CacheControl
	case *ImageBlock:
		return b.CacheControl
	case *DocumentBlock:
		return b.CacheControl
	case *SearchResultBlock:
		return b.CacheControl
	case *ContainerUploadBlock:
		return b.CacheControl
	case *ToolUseBlock:
		return b.CacheControl
	case *ToolResultBlock:
		return b.CacheControl
	case *ServerToolUseBlock:
		return b.CacheControl
	case *ServerToolResultBlock:
		return b.CacheControl
	}
	return nil
}
