package gateway

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// span is the values that a setting may have.
type span struct {
	name        string
	value       *float64
	least, most float64
}

func checkSpans(spans ...span) *failure {
	for _, s := range spans {
		if s.value != nil && (*s.value < s.least || *s.value > s.most) {
			return invalid(s.name, "must be between "+number(s.least)+" and "+number(s.most))
		}
	}
	return nil
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// maxStops is how many sequences may stop a Chat answer.
const maxStops = 4

func (p *prompt) checkChatSettings() *failure {
	switch {
	case p.MaxTokens != nil && *p.MaxTokens < 1:
		return invalid("max_tokens", "must be at least 1")
	case p.MaxCompletionTokens != nil && *p.MaxCompletionTokens < 1:
		return invalid("max_completion_tokens", "must be at least 1")
	case p.N != nil && *p.N != 1:
		return unsupported("n", "only one choice is supported")
	case slices.Contains(p.Modalities, "audio"):
		return unsupported("modalities", "audio output is not supported")
	case p.TopLogprobs != nil && (*p.TopLogprobs < 0 || *p.TopLogprobs > 20):
		return invalid("top_logprobs", "must be between 0 and 20")
	case p.TopLogprobs != nil && !p.Logprobs:
		return invalid("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true")
	case p.StreamOptions != nil && !p.Stream:
		return invalid("stream_options", "'stream_options' is only allowed when 'stream' is enabled")
	}
	if f := checkSpans(
		span{"temperature", p.Temperature, 0, 2},
		span{"top_p", p.TopP, 0, 1},
		span{"frequency_penalty", p.FrequencyPenalty, -2, 2},
		span{"presence_penalty", p.PresencePenalty, -2, 2},
	); f != nil {
		return f
	}
	return p.checkStop()
}

func (p *prompt) checkStop() *failure {
	if !present(p.Stop) {
		return nil
	}
	var one string
	if json.Unmarshal(p.Stop, &one) == nil {
		return nil
	}
	var several []string
	if json.Unmarshal(p.Stop, &several) != nil {
		return invalid("stop", "expected a string or a list of strings")
	}
	if len(several) > maxStops {
		return invalid("stop", "at most "+strconv.Itoa(maxStops)+" sequences are allowed, got "+strconv.Itoa(len(several)))
	}
	return nil
}

// checkChatFormat checks what form the answer is to have.
func (p *prompt) checkChatFormat() *failure {
	format := &p.ResponseFormat
	switch format.Type {
	case "", "text", "json_object":
		return nil
	case "json_schema":
	default:
		return invalid("response_format.type", "unknown type "+strconv.Quote(clip(format.Type, 40))+": use text, json_object or json_schema")
	}
	const path = "response_format.json_schema"
	if f := checkName(format.JSONSchema.Name, path+".name", chatName); f != nil {
		return f
	}
	if !present(format.JSONSchema.Schema) {
		return nil
	}
	demand := anySchema
	if format.JSONSchema.Strict {
		demand = chatStrict
	}
	if wrong := objectSchema(format.JSONSchema.Schema, demand); wrong != "" {
		return invalid(path+".schema", "invalid schema for response_format '"+format.JSONSchema.Name+"': "+wrong)
	}
	return nil
}

func (p *prompt) checkMessagesSettings() *failure {
	if p.MaxTokens != nil && *p.MaxTokens < 0 {
		return invalid("max_tokens", "must not be negative")
	}
	for i, stop := range p.StopSequences {
		if strings.TrimSpace(stop) == "" {
			return invalid(at("stop_sequences", i), "each stop sequence must contain non-whitespace")
		}
	}
	return checkSpans(span{"temperature", p.Temperature, 0, 1}, span{"top_p", p.TopP, 0, 1})
}

// minThinking is the smallest budget of thinking.
const minThinking = 1024

func (p *prompt) checkThinking() *failure {
	if !present(p.Thinking) {
		return nil
	}
	var t struct {
		Type   string `json:"type"`
		Budget *int64 `json:"budget_tokens"`
	}
	if json.Unmarshal(p.Thinking, &t) != nil {
		return invalid("thinking", "expected an object with the integer budget_tokens")
	}
	kinds := []string{"enabled", "disabled", "adaptive", "between_tools"}
	switch {
	case t.Type == "":
		return missing("thinking.type", "field required")
	case !slices.Contains(kinds, t.Type):
		return invalid("thinking.type", "unknown type "+strconv.Quote(clip(t.Type, 40))+": use "+strings.Join(kinds, ", "))
	case t.Type == "enabled" && t.Budget == nil:
		return missing("thinking.enabled.budget_tokens", "field required")
	case t.Type == "enabled" && *t.Budget < minThinking:
		return invalid("thinking.enabled.budget_tokens", "must be at least "+strconv.Itoa(minThinking))
	case t.Type == "enabled" && p.MaxTokens != nil && *t.Budget >= *p.MaxTokens && !p.interleaved:
		return invalid("max_tokens", "must be greater than thinking.budget_tokens")
	case (t.Type == "enabled" || t.Type == "adaptive") && p.forcesTool():
		return invalid("thinking", "may not be enabled when tool_choice forces tool use")
	}
	return nil
}

func (p *prompt) forcesTool() bool {
	var c choice
	return json.Unmarshal(p.ToolChoice, &c) == nil && (c.Type == "any" || c.Type == "tool")
}

func (p *prompt) checkMessagesFormat() *failure {
	efforts := []string{"", "low", "medium", "high", "xhigh", "max"}
	if effort := p.OutputConfig.Effort; !slices.Contains(efforts, effort) {
		return invalid("output_config.effort", "unknown value "+strconv.Quote(clip(effort, 40))+": use "+strings.Join(efforts[1:], ", "))
	}
	format := p.OutputConfig.Format
	switch {
	case format == nil:
		return nil
	case format.Type != "json_schema":
		return invalid("output_config.format.type", "unknown type "+strconv.Quote(clip(format.Type, 40))+": use json_schema")
	case !present(format.Schema):
		return missing("output_config.format.schema", "field required")
	}
	if wrong := objectSchema(format.Schema, messagesStrict); wrong != "" {
		return invalid("output_config.format.schema", wrong)
	}
	return nil
}
