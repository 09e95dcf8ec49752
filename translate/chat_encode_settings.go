package translate

import (
	"fmt"

	"github.com/keeprouter/keeprouter-go"
)

func (e *chatEncoder) tool(t *tool) keeprouter.ChatTool {
	written := keeprouter.ChatTool{
		Type: "function", Name: t.name, Description: t.description, Parameters: t.schema, Extra: e.sideMark(t.cache),
	}
	if t.strict {
		written.Strict = new(true)
	}
	return written
}

func (e *chatEncoder) choice(c *choice) {
	if c == nil {
		return
	}
	written := &keeprouter.ChatToolChoice{}
	switch c.mode {
	case callFreely:
		written.Mode = "auto"
	case callNone:
		written.Mode = "none"
	case callAny:
		written.Mode = "required"
	case callOne:
		written.Type, written.Name = "function", c.name
	}
	e.req.ToolChoice = written
	if c.single {
		e.req.ParallelToolCalls = new(false)
	}
}

// defaultMaxStops is how many stop sequences OpenAI takes.
const defaultMaxStops = 4

func (e *chatEncoder) limits(s *settings) {
	e.req.Temperature, e.req.TopP = s.temperature, s.topP
	if e.target.MaxCompletionTokens {
		e.req.MaxCompletionTokens = s.maxTokens
	} else {
		e.req.MaxTokens = s.maxTokens
	}
	if s.topK != nil {
		if e.target.NoTopK {
			e.change("top_k", Dropped, "the server has no top_k")
		} else {
			e.extra("top_k", *s.topK)
		}
	}
	most := e.target.MaxStops
	if most == 0 {
		most = defaultMaxStops
	}
	stops := s.stops
	if most > 0 && len(stops) > most {
		e.lose("stop_sequences", Changed, fmt.Sprintf("the server takes %d stop sequences", most))
		stops = stops[:most]
	}
	e.req.Stop = stops
	if s.stream {
		e.req.Stream, e.req.StreamOptions = true, &keeprouter.ChatStreamOptions{IncludeUsage: new(true)}
	}
}

// thinking says whether and how much to think. An effort is what the format has.
func (e *chatEncoder) thinking(wanted thinking) {
	switch {
	case wanted.mode == thinkingOff:
		e.noThinking()
	case wanted.mode == thinkingUnset && !e.target.ThinkingByDefault:
		e.note("thinking", Assumed, "without this field the Messages format doesn't think: the server is told so")
		e.noThinking()
	case wanted.mode == thinkingUnset:
	case wanted.effort != "":
		e.req.ReasoningEffort = wanted.effort
		if wanted.budget > 0 {
			e.change("thinking.budget_tokens", Dropped, "the Chat format has no budget: the effort counts")
		}
	case wanted.budget > 0:
		e.req.ReasoningEffort = effortOf(wanted.budget)
		e.change("thinking.budget_tokens", Changed, "the Chat format has no budget: it is the effort "+e.req.ReasoningEffort)
	default:
		e.req.ReasoningEffort = "medium"
		e.note("thinking", Assumed, "the Chat format thinks by effort: it is medium")
	}
}

func effortOf(budget int) string {
	switch {
	case budget < 2048:
		return "low"
	case budget < 8192:
		return "medium"
	case budget < 16384:
		return "high"
	}
	return "xhigh"
}

func (e *chatEncoder) noThinking() {
	switch e.target.ThinkingOff {
	case OffByEffort:
		e.req.ReasoningEffort = "none"
	case OffByTemplate:
		e.extra("chat_template_kwargs", map[string]any{"enable_thinking": false})
	case OffByOmission:
	}
}

func (e *chatEncoder) format(f *outputFormat) {
	if f == nil {
		return
	}
	e.req.ResponseFormat = &keeprouter.ChatResponseFormat{
		Type: "json_schema", Name: f.name, Schema: f.schema, Strict: new(true),
	}
}

func (e *chatEncoder) account(s *settings) {
	if s.user != "" {
		id, hashed := opaqueUser(s.user, maxChatUser)
		if hashed {
			e.note(s.userPath, Changed, "the Chat format takes a short, opaque id only: it is hashed")
		}
		e.req.SafetyIdentifier = id
	}
	switch s.tier {
	case "auto":
		e.req.ServiceTier = "auto"
	case "standard":
		e.req.ServiceTier = "default"
	}
	if s.cache != nil {
		e.topMark(s.cache)
	}
}

func (e *chatEncoder) topMark(m *cacheMark) {
	if e.target.CacheMarks == MarksControl {
		e.extra("cache_control", e.control(m)["cache_control"])
		return
	}
	e.note(m.path, Dropped, "the server caches by itself")
}
