package keeprouter

import (
	"cmp"
	"reflect"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A request is written in one pass. What is unusual, such as a part with extra
// fields, is left to its MarshalJSON, and so is the whole request to jsonx.MarshalAny if
// anything goes wrong, because that tells what. The bytes are the same either way.

// body is the request as it is sent.
func (r *ChatRequest) body() ([]byte, error) {
	data, err := r.MarshalJSON()
	return data, encodingError(err)
}

// appendJSON writes the request for the wire, if it can.
func (r *ChatRequest) appendJSON() (data []byte, ok bool) {
	w := jsonx.Writer{Buf: make([]byte, 0, r.sizeHint())}
	w.Open('{')
	w.String("model", r.Model)
	w.Name("messages")
	w.Open('[')
	for i := range r.Messages {
		r.Messages[i].write(&w)
	}
	w.Close(']')
	r.writeSampling(&w)
	r.writeTools(&w)
	r.writeRest(&w)
	w.Extra(reflect.TypeFor[ChatRequest](), r.Extra)
	w.Close('}')
	return w.Buf, !w.Failed
}

func (r *ChatRequest) writeSampling(w *jsonx.Writer) {
	w.Int("max_tokens", r.MaxTokens)
	w.Int("max_completion_tokens", r.MaxCompletionTokens)
	w.Float("temperature", r.Temperature)
	w.Float("top_p", r.TopP)
	w.Float("frequency_penalty", r.FrequencyPenalty)
	w.Float("presence_penalty", r.PresencePenalty)
	if r.LogitBias != nil {
		w.Value("logit_bias", r.LogitBias)
	}
	w.Bool("logprobs", r.Logprobs)
	w.Int("top_logprobs", r.TopLogprobs)
	w.Int("n", r.N)
	w.Strings("stop", r.Stop)
}

func (r *ChatRequest) writeTools(w *jsonx.Writer) {
	if r.Tools != nil {
		w.Name("tools")
		w.Open('[')
		for i := range r.Tools {
			r.Tools[i].write(w)
		}
		w.Close(']')
	}
	if r.ToolChoice != nil {
		w.Value("tool_choice", r.ToolChoice)
	}
	w.Bool("parallel_tool_calls", r.ParallelToolCalls)
}

func (r *ChatRequest) writeRest(w *jsonx.Writer) {
	writePointer(w, "response_format", r.ResponseFormat)
	w.Optional("reasoning_effort", r.ReasoningEffort)
	w.Optional("verbosity", r.Verbosity)
	w.Strings("modalities", r.Modalities)
	writePointer(w, "audio", r.Audio)
	writePointer(w, "prediction", r.Prediction)
	writePointer(w, "web_search_options", r.WebSearchOptions)
	writePointer(w, "moderation", r.Moderation)
	w.Optional("service_tier", r.ServiceTier)
	w.Bool("store", r.Store)
	if r.Metadata != nil {
		w.Value("metadata", r.Metadata)
	}
	w.Optional("safety_identifier", r.SafetyIdentifier)
	w.Optional("prompt_cache_key", r.PromptCacheKey)
	writePointer(w, "prompt_cache_options", r.PromptCacheOptions)
	r.StreamOptions.write(w)
	w.Flag("stream", r.Stream)
	w.Int("seed", r.Seed)
	w.Optional("user", r.User)
	w.Optional("prompt_cache_retention", r.PromptCacheRetention)
	w.Raw("functions", r.Functions)
	w.Raw("function_call", r.FunctionCall)
}

// writePointer writes a member of a type that writes itself, unless it is nil.
func writePointer[T any](w *jsonx.Writer, name string, value *T) {
	if value != nil {
		w.Value(name, value)
	}
}

func (o *ChatStreamOptions) write(w *jsonx.Writer) {
	switch {
	case o == nil:
	case len(o.Extra) > 0:
		w.Value("stream_options", o)
	default:
		w.Name("stream_options")
		w.Open('{')
		w.Bool("include_usage", o.IncludeUsage)
		w.Bool("include_obfuscation", o.IncludeObfuscation)
		w.Close('}')
	}
}

func (m *ChatMessage) write(w *jsonx.Writer) {
	if len(m.Extra) > 0 {
		w.Value("", m)
		return
	}
	w.Open('{')
	w.String("role", m.Role)
	w.Name("content")
	m.Content.write(w)
	w.Optional("name", m.Name)
	w.Optional("refusal", m.Refusal)
	if m.ReasoningField != "" || m.Reasoning != m.nestedReasoning() {
		name := reasoningContentField
		if m.ReasoningField == reasoningField {
			name = reasoningField
		}
		w.String(name, m.Reasoning)
	}
	w.Raws("reasoning_details", m.ReasoningDetails)
	if m.ToolCalls != nil {
		w.Name("tool_calls")
		w.Open('[')
		for i := range m.ToolCalls {
			m.ToolCalls[i].write(w)
		}
		w.Close(']')
	}
	w.Optional("tool_call_id", m.ToolCallID)
	w.Raws("annotations", m.Annotations)
	writePointer(w, "audio", m.Audio)
	writePointer(w, "function_call", m.FunctionCall)
	w.Close('}')
}

func (ps ChatParts) write(w *jsonx.Writer) {
	if ps == nil {
		w.JSON(nil)
		return
	}
	if len(ps) == 1 {
		if t, ok := ps[0].(*TextPart); ok && t != nil && t.CacheBreakpoint == nil && len(t.Extra) == 0 {
			w.Text(t.Text)
			return
		}
	}
	w.Open('[')
	for _, p := range ps {
		if p == nil || p.isNil() {
			w.Failed = true
			return
		}
		writePart(w, p)
	}
	w.Close(']')
}

func writePart(w *jsonx.Writer, part ChatPart) {
	switch p := part.(type) {
	case *TextPart:
		if len(p.Extra) == 0 {
			beginPart(w, p)
			w.String("text", p.Text)
			endPart(w, p.CacheBreakpoint)
			return
		}
	case *ImagePart:
		if len(p.Extra) == 0 {
			beginPart(w, p)
			w.Name("image_url")
			w.Open('{')
			w.String("url", p.URL)
			w.Optional("detail", p.Detail)
			w.Close('}')
			endPart(w, p.CacheBreakpoint)
			return
		}
	case *AudioPart:
		if len(p.Extra) == 0 {
			beginPart(w, p)
			w.Name("input_audio")
			w.Open('{')
			w.String("data", p.Data)
			w.String("format", p.Format)
			w.Close('}')
			endPart(w, p.CacheBreakpoint)
			return
		}
	case *FilePart:
		if len(p.Extra) == 0 {
			beginPart(w, p)
			w.Name("file")
			w.Open('{')
			w.Optional("file_data", p.Data)
			w.Optional("file_id", p.ID)
			w.Optional("filename", p.Filename)
			w.Close('}')
			endPart(w, p.CacheBreakpoint)
			return
		}
	case *RawPart:
		if len(p.JSON) > 0 {
			w.JSON(p.JSON)
			return
		}
	}
	w.Value("", part)
}

func beginPart(w *jsonx.Writer, p ChatPart) {
	w.Open('{')
	w.String("type", p.chatPartType())
}

func endPart(w *jsonx.Writer, mark *ChatCacheBreakpoint) {
	writePointer(w, "prompt_cache_breakpoint", mark)
	w.Close('}')
}

func (t *ChatTool) write(w *jsonx.Writer) {
	if cmp.Or(t.Type, functionType) != functionType || len(t.Extra) > 0 {
		w.Value("", t)
		return
	}
	w.Open('{')
	w.String("type", functionType)
	w.Name(functionType)
	w.Open('{')
	w.String("name", t.Name)
	w.Optional("description", t.Description)
	w.Raw("parameters", t.Parameters)
	w.Bool("strict", t.Strict)
	w.Close('}')
	w.Close('}')
}

func (c *ChatToolCall) write(w *jsonx.Writer) {
	if cmp.Or(c.Type, functionType) != functionType || len(c.Extra) > 0 || c.Truncated {
		w.Value("", c)
		return
	}
	w.Open('{')
	w.Optional("id", c.ID)
	w.String("type", functionType)
	w.Name(functionType)
	w.Open('{')
	w.String("name", c.Name)
	w.String("arguments", c.Arguments)
	w.Close('}')
	w.Close('}')
}
