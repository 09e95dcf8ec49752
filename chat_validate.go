package keeprouter

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// validate checks what the format refuses, before anything is sent. What only some
// servers refuse is left to them.
func (r *ChatRequest) validate() error {
	if r.Model == "" {
		return invalidRequest("model", "a model is needed: set Model, such as to keeprouter.Gemma4_31B")
	}
	if len(r.Messages) == 0 {
		return invalidRequest("messages", "at least one message is needed")
	}
	for _, check := range []func() error{r.checkNumbers, r.checkTools, r.checkFormat, r.checkMessages, r.checkTurns} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *ChatRequest) checkNumbers() error {
	for _, n := range []struct {
		name      string
		value     *float64
		low, high float64
	}{
		{"temperature", r.Temperature, 0, 2},
		{"top_p", r.TopP, 0, 1},
		{"frequency_penalty", r.FrequencyPenalty, -2, 2},
		{"presence_penalty", r.PresencePenalty, -2, 2},
	} {
		if n.value != nil && !(*n.value >= n.low && *n.value <= n.high) { // NaN is in no range
			return outOfRange(n.name, *n.value, n.low, n.high)
		}
	}
	if err := r.checkBiases(); err != nil {
		return err
	}
	return r.checkCounts()
}

func (r *ChatRequest) checkBiases() error {
	if len(r.LogitBias) == 0 {
		return nil
	}
	for _, token := range slices.Sorted(maps.Keys(r.LogitBias)) {
		if bias := r.LogitBias[token]; !(bias >= -100 && bias <= 100) {
			return outOfRange("logit_bias."+quoteName(token), bias, -100, 100)
		}
	}
	return nil
}

func (r *ChatRequest) checkCounts() error {
	for _, n := range []struct {
		name      string
		value     *int
		low, high int
	}{
		{"max_tokens", r.MaxTokens, 1, math.MaxInt},
		{"max_completion_tokens", r.MaxCompletionTokens, 1, math.MaxInt},
		{"n", r.N, 1, 128},
		{"top_logprobs", r.TopLogprobs, 0, 20},
	} {
		switch {
		case n.value == nil || *n.value >= n.low && *n.value <= n.high:
		case n.high == math.MaxInt:
			return invalidRequest(n.name, fmt.Sprintf("%d is too few: want at least %d, or nil for the model's own limit", *n.value, n.low))
		default:
			return outOfRange(n.name, float64(*n.value), float64(n.low), float64(n.high))
		}
	}
	if r.TopLogprobs != nil && (r.Logprobs == nil || !*r.Logprobs) {
		return invalidRequest("top_logprobs", "it needs Logprobs: set that to true")
	}
	return nil
}

func outOfRange(name string, value, low, high float64) error {
	return invalidRequest(name, fmt.Sprintf("%v is out of range: want %v to %v", value, low, high))
}

func (r *ChatRequest) checkTools() error {
	for i := range r.Tools {
		t := &r.Tools[i]
		switch {
		case t.Type == customType && t.Name == "":
			return invalidElement("tools", i, "custom.name", "a tool needs a name")
		case (t.Type == "" || t.Type == functionType) && t.Name == "":
			return invalidElement("tools", i, "function.name", "a tool needs a name")
		case t.Parameters != nil && !jsonx.IsObject(t.Parameters):
			return invalidElement("tools", i, "function.parameters", "want a JSON Schema, an object; nil is a function without arguments")
		}
	}
	c := r.ToolChoice
	if c == nil || len(r.Tools) > 0 || r.Functions != nil {
		return nil
	}
	if c.Mode == "required" || c.Name != "" || c.Allowed != nil {
		return invalidRequest("tool_choice", "it demands a tool call, and there are no Tools")
	}
	return nil
}

func (r *ChatRequest) checkFormat() error {
	if a := r.Audio; a != nil {
		switch {
		case a.Format == "":
			return invalidRequest("audio.format", "a format is needed, such as wav")
		case a.Voice == "" && a.VoiceID == "":
			return invalidRequest("audio.voice", "a voice is needed")
		}
	}
	f := r.ResponseFormat
	if f == nil || f.kind() != schemaType {
		return nil
	}
	switch {
	case f.Name == "":
		return invalidRequest("response_format.json_schema.name", "a schema needs a name")
	case f.Schema != nil && !jsonx.WellFormed(f.Schema):
		return invalidRequest("response_format.json_schema.schema", "it is not valid JSON")
	}
	return nil
}

func (r *ChatRequest) checkMessages() error {
	for i := range r.Messages {
		if err := r.Messages[i].validate(); err != nil {
			return inElement("messages", i, err)
		}
	}
	return nil
}

func (m *ChatMessage) validate() error {
	switch {
	case m.Role == "":
		return invalidRequest("role", "a role is needed: use System, User, Assistant or ToolResult")
	case m.Role == "tool" && m.ToolCallID == "":
		return invalidRequest("tool_call_id", "a tool's result needs the id of its call")
	case m.Role == "function" && m.Name == "":
		return invalidRequest("name", "a function's result needs the function's name")
	case m.Content == nil && m.Role != "function" && !m.saysSomethingElse():
		return invalidRequest("content", "the message has no content")
	}
	for i := range m.ToolCalls {
		call := &m.ToolCalls[i]
		switch {
		case call.ID == "":
			return invalidElement("tool_calls", i, "id", "a tool call needs an id, so that its result can name it")
		case call.Name == "" && call.isModelled():
			return invalidElement("tool_calls", i, "function.name", "a tool call needs its tool's name")
		case call.Truncated:
			return invalidElement("tool_calls", i, "", "the answer was cut inside this call: leave it out, or ask again with more tokens")
		}
	}
	return m.Content.validate("content")
}

// isModelled reports whether the call is of a type that the library knows.
func (c *ChatToolCall) isModelled() bool {
	return c.Type == "" || c.Type == functionType || c.Type == customType
}

// saysSomethingElse reports whether a message can do without content.
func (m *ChatMessage) saysSomethingElse() bool {
	return m.Role == "assistant" && (len(m.ToolCalls) > 0 || m.FunctionCall != nil || m.Audio != nil ||
		m.Refusal != "" || m.Reasoning != "" || m.ReasoningDetails != nil)
}

func (ps ChatParts) validate(name string) error {
	for i, part := range ps {
		if part == nil || part.isNil() {
			return invalidElement(name, i, "", "the part is nil: leave it out")
		}
		if err := validatePart(part); err != nil {
			return inElement(name, i, err)
		}
	}
	return nil
}

func validatePart(part ChatPart) error {
	switch p := part.(type) {
	case *ImagePart:
		if p.URL == "" {
			return invalidRequest("image_url.url", "a picture needs a URL: use ImageURL or ImageData")
		}
	case *AudioPart:
		if p.Data == "" {
			return invalidRequest("input_audio.data", "sound needs data: use AudioData")
		}
		if p.Format == "" {
			return invalidRequest("input_audio.format", "sound needs a format: wav or mp3")
		}
	case *FilePart:
		if p.Data == "" && p.ID == "" {
			return invalidRequest("file", "a file needs data or an id: use FileData, or set ID")
		}
	case *RawPart:
		if !jsonx.IsObject(p.JSON) {
			return invalidRequest("", "the raw part's JSON is not an object")
		}
	}
	return nil
}

// checkTurns holds calls and results together: each call is answered once, before
// the next message of another kind.
func (r *ChatRequest) checkTurns() error {
	open := map[string]int{} // calls without a result, by id
	var asked int            // the message that has them
	for i := range r.Messages {
		m := &r.Messages[i]
		if m.Role == "tool" {
			if open[m.ToolCallID] == 0 {
				return invalidRequest(fmt.Sprintf("messages[%d].tool_call_id", i),
					fmt.Sprintf("no open call has the id %q: a result follows the assistant's message with its call, once", m.ToolCallID))
			}
			if open[m.ToolCallID]--; open[m.ToolCallID] == 0 {
				delete(open, m.ToolCallID)
			}
			continue
		}
		if len(open) > 0 {
			break
		}
		asked = i
		for _, call := range m.ToolCalls {
			open[call.ID]++
		}
	}
	return unanswered(r.Messages, asked, open)
}

// unanswered names the first call of a message that has no result.
func unanswered(messages []ChatMessage, asked int, open map[string]int) error {
	for j, call := range messages[asked].ToolCalls {
		if open[call.ID] > 0 {
			return invalidRequest(fmt.Sprintf("messages[%d].tool_calls[%d]", asked, j),
				fmt.Sprintf("the call %q has no result: add ToolResult(id, …) directly behind it", call.ID))
		}
	}
	return nil
}
