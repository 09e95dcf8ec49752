package translate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// chatDecoder reads a Chat request. What only that format can say is reported where
// it is met.
type chatDecoder struct {
	*ledger
	conv      *conversation
	function  string // the id made up for the last deprecated function call
	functions int    // how many there were
}

func decodeChatRequest(req *keeprouter.ChatRequest, t Translator, l *ledger) *conversation {
	d := &chatDecoder{ledger: l, conv: &conversation{
		model:  t.model(req.Model),
		header: foreignHeader(req.Header, l),
	}}
	for i := range req.Messages {
		d.message(&req.Messages[i], at("messages", i))
	}
	d.tools(req)
	d.choice(req)
	d.limits(req)
	d.sampling(req)
	d.output(req)
	d.account(req)
	d.extra(req)
	return d.conv
}

// message adds a message. Instructions before everything else are the request's own.
func (d *chatDecoder) message(m *keeprouter.ChatMessage, path string) {
	d.messageRest(m, path)
	switch m.Role {
	case "system", "developer":
		d.instruction(m, path)
	case "user":
		d.add(turn{role: user, parts: d.content(m.Content, path+".content"), path: path})
	case "assistant":
		d.add(turn{role: assistant, parts: d.answer(m, path), path: path})
	case "tool":
		d.result(m, m.ToolCallID, path)
	case "function":
		d.result(m, d.function, path)
	default:
		d.refuse(path+".role", fmt.Sprintf("there is no role %q", m.Role))
	}
}

func (d *chatDecoder) add(t turn) { d.conv.turns = append(d.conv.turns, t) }

// messageRest reports the fields of a message that have no place in Messages.
func (d *chatDecoder) messageRest(m *keeprouter.ChatMessage, path string) {
	if m.Name != "" && m.Role != "function" {
		d.change(path+".name", Dropped, "messages have no names in the Messages format")
	}
	if m.Audio != nil {
		d.lose(path+".audio", Dropped, "the Messages format has no audio: send the transcript as text")
	}
	if len(m.Annotations) > 0 {
		d.note(path+".annotations", Dropped, "citations of earlier answers can't be sent back")
	}
	d.misplaced(m, path)
	for _, name := range []string{"reasoning", "reasoning_content"} {
		if _, twin := m.Extra[name]; twin {
			d.note(path+"."+name, Dropped, "it repeats the reasoning under another name")
		}
	}
	understood := []string{"reasoning", "reasoning_content"}
	switch m.Role {
	case "tool", "function":
		understood = append(understood, "is_error", "cache_control")
	case "assistant":
		if _, marked := m.Extra["prefix"]; marked {
			d.note(path+".prefix", Dropped, "the Messages format continues the last answer without a mark")
		}
		understood = append(understood, "prefix")
	}
	d.unknown(path, names(m.Extra), understood...)
}

// misplaced refuses what only an answer can have.
func (d *chatDecoder) misplaced(m *keeprouter.ChatMessage, path string) {
	if m.ToolCallID != "" && m.Role != "tool" {
		d.change(path+".tool_call_id", Dropped, "only a tool's message answers a call")
	}
	if m.Role == "assistant" {
		return
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"tool_calls", len(m.ToolCalls) > 0},
		{"function_call", hasFunctionCall(m)},
		{"refusal", m.Refusal != ""},
		{"reasoning_details", len(m.ReasoningDetails) > 0},
		{"reasoning_content", m.Reasoning != ""},
	} {
		if f.set {
			d.refuse(path+"."+f.name, "it belongs into an assistant message")
		}
	}
}

func (d *chatDecoder) instruction(m *keeprouter.ChatMessage, path string) {
	if m.Role == "developer" {
		d.note(path+".role", Changed, "the Messages format calls it system")
	}
	parts := d.content(m.Content, path+".content")
	for _, p := range parts {
		if _, ok := p.(*textPart); !ok {
			d.lose(p.from().path, Dropped, "an instruction can only be text")
		}
	}
	parts = slices.DeleteFunc(parts, func(p part) bool { _, ok := p.(*textPart); return !ok })
	if len(d.conv.turns) == 0 {
		d.conv.system = append(d.conv.system, parts...)
		return
	}
	if len(parts) == 0 {
		d.note(path, Dropped, "it says nothing")
		return
	}
	d.add(turn{role: instructor, parts: parts, path: path})
}

// answer reads what an assistant said: thoughts first, then text, then calls.
func (d *chatDecoder) answer(m *keeprouter.ChatMessage, path string) []part {
	parts := chatThoughts(m, path)
	parts = append(parts, d.content(m.Content, path+".content")...)
	if m.Refusal != "" {
		d.change(path+".refusal", Changed, "the Messages format has refusals as text only")
		parts = append(parts, &textPart{origin: origin{path: path + ".refusal"}, text: m.Refusal})
	}
	parts = withoutTwins(parts, m.ToolCalls)
	for i := range m.ToolCalls {
		parts = append(parts, d.call(&m.ToolCalls[i], at(path+".tool_calls", i)))
	}
	return append(parts, d.functionCall(m, path+".function_call")...)
}

// withoutTwins removes calls that also stand in the content, as some clients write
// them.
func withoutTwins(content []part, calls []keeprouter.ChatToolCall) []part {
	ids := make(map[string]bool, len(calls))
	for i := range calls {
		ids[calls[i].ID] = true
	}
	return slices.DeleteFunc(content, func(p part) bool {
		call, ok := p.(*callPart)
		return ok && ids[call.id]
	})
}

func (d *chatDecoder) call(c *keeprouter.ChatToolCall, path string) *callPart {
	inner := cmp.Or(c.Type, "function")
	if inner != "function" && inner != "custom" {
		d.refuse(path+".type", fmt.Sprintf("a call of type %q has no counterpart in the Messages format", c.Type))
	}
	d.unknown(path, names(c.Extra), "index", "cache_control")
	p := &callPart{
		origin: origin{path: path, cache: extraMark(c.Extra, path)},
		id:     c.ID, name: c.Name, args: c.Arguments, custom: c.Type == "custom",
	}
	switch {
	case c.ID == "":
		d.refuse(path+".id", "a call needs an id")
	case c.Name == "":
		d.refuse(path+".function.name", "a call needs its tool's name")
	case c.Truncated:
		d.refuse(path, "the answer was cut inside this call: leave it out, or ask again with more tokens")
	case !p.custom && !isArguments(c.Arguments):
		d.refuse(path+".function.arguments", fmt.Sprintf("the arguments of the call %q are not a JSON object", c.ID))
	}
	return p
}

func (d *chatDecoder) result(m *keeprouter.ChatMessage, id, path string) {
	if id == "" {
		d.refuse(path+".tool_call_id", "it is no call's result: name the call that it answers")
		return
	}
	parts := d.content(m.Content, path+".content")
	for _, p := range parts {
		switch p.(type) {
		case *textPart, *mediaPart:
		default:
			d.refuse(p.from().path, "a tool's result can't hold this")
		}
	}
	r := &resultPart{origin: origin{path: path, cache: extraMark(m.Extra, path)}, id: id, parts: parts}
	r.failed = string(m.Extra["is_error"]) == "true"
	d.add(turn{role: user, parts: []part{r}, path: path})
}

// limits reads how long and in which way an answer is given.
func (d *chatDecoder) limits(req *keeprouter.ChatRequest) {
	s := &d.conv.settings
	s.stream, s.includeUsage = req.Stream, req.StreamOptions != nil && req.StreamOptions.IncludeUsage != nil && *req.StreamOptions.IncludeUsage
	s.maxTokens = cmp.Or(req.MaxCompletionTokens, req.MaxTokens)
	path := "max_tokens"
	if req.MaxCompletionTokens != nil {
		path = "max_completion_tokens"
		if req.MaxTokens != nil && *req.MaxTokens != *req.MaxCompletionTokens {
			d.note("max_tokens", Dropped, "max_completion_tokens counts")
		}
	}
	if s.maxTokens != nil && *s.maxTokens <= 0 {
		d.refuse(path, fmt.Sprintf("%d is no limit: want at least 1", *s.maxTokens))
	}
	if req.N != nil && *req.N != 1 {
		d.refuse("n", "the Messages format gives one answer: send the request once for each")
	}
	if req.Logprobs != nil && *req.Logprobs {
		d.lose("logprobs", Dropped, "the Messages format has no log probabilities")
	}
	if req.TopLogprobs != nil && *req.TopLogprobs != 0 {
		d.lose("top_logprobs", Dropped, "the Messages format has no log probabilities")
	}
	for i, stop := range req.Stop {
		switch {
		case stop == "":
			d.note(at("stop", i), Dropped, "it is empty")
		case strings.TrimSpace(stop) == "":
			d.lose(at("stop", i), Dropped, "the Messages format refuses stop sequences of white space")
		default:
			s.stops = append(s.stops, stop)
		}
	}
}

func (d *chatDecoder) sampling(req *keeprouter.ChatRequest) {
	s := &d.conv.settings
	s.temperature, s.topP = d.temperature(req.Temperature), req.TopP
	if p := req.TopP; p != nil && !(*p >= 0 && *p <= 1) {
		d.refuse("top_p", "want a number from 0 to 1")
	}
	for _, f := range []struct {
		name  string
		value *float64
	}{{"frequency_penalty", req.FrequencyPenalty}, {"presence_penalty", req.PresencePenalty}} {
		if f.value != nil && *f.value != 0 {
			d.change(f.name, Dropped, "the Messages format has no penalties")
		}
	}
	if len(req.LogitBias) > 0 {
		d.change("logit_bias", Dropped, "the Messages format has no biases")
	}
	if req.Seed != nil {
		d.change("seed", Dropped, "the Messages format has no seed")
	}
}

func (d *chatDecoder) temperature(value *float64) *float64 {
	switch {
	case value == nil || *value >= 0 && *value <= 1:
		return value
	case *value > 1 && *value <= 2:
		d.change("temperature", Changed, "the Messages format goes to 1")
		return new(1.0)
	}
	d.refuse("temperature", "want a number from 0 to 2")
	return nil
}

// extra reads the fields that the library doesn't model.
func (d *chatDecoder) extra(req *keeprouter.ChatRequest) {
	for _, name := range slices.Sorted(maps.Keys(req.Extra)) {
		value, err := jsonx.Encode(req.Extra[name])
		switch {
		case err != nil:
			d.refuse(name, "it can't be written as JSON")
		case jsonx.IsNull(value):
		case name == "top_k":
			d.topK(value)
		case name == "cache_control":
			d.conv.settings.cache = controlMark(value, name)
		default:
			d.change(join("", name), Dropped, "the Messages format has no such field")
		}
	}
}

func (d *chatDecoder) topK(value []byte) {
	var k float64
	if err := json.Unmarshal(value, &k); err != nil || k != math.Trunc(k) || math.Abs(k) > math.MaxInt32 {
		d.refuse("top_k", "want a whole number")
		return
	}
	if k < 0 { // vLLM's way to say no limit
		d.note("top_k", Dropped, "no limit is what the Messages format does without it")
		return
	}
	d.conv.settings.topK = new(int(k))
}

// account reads the fields that don't reach the model.
func (d *chatDecoder) account(req *keeprouter.ChatRequest) {
	s := &d.conv.settings
	s.user, s.userPath = req.SafetyIdentifier, "safety_identifier"
	d.user(req)
	if len(req.Metadata) > 0 {
		d.change("metadata", Dropped, "the Messages format keeps no metadata with an answer")
	}
	d.tier(req.ServiceTier)
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"store", req.Store != nil},
		{"prompt_cache_key", req.PromptCacheKey != ""},
		{"prompt_cache_options", req.PromptCacheOptions != nil},
		{"prompt_cache_retention", cacheRetention(req) != ""},
	} {
		if f.set {
			d.note(f.name, Dropped, "the Messages format has no such setting")
		}
	}
	if o := req.StreamOptions; o != nil {
		d.unknown("stream_options", names(o.Extra))
		if o.IncludeObfuscation != nil {
			d.note("stream_options.include_obfuscation", Dropped, "the Messages format pads nothing")
		}
	}
}

func (d *chatDecoder) tier(tier string) {
	s := &d.conv.settings
	switch tier {
	case "", "auto":
		s.tier = tier
	case "default":
		s.tier = "standard"
	case "fast":
		d.change("service_tier", Changed, "the Messages format has it as speed")
		s.fast = true
	default:
		d.change("service_tier", Dropped, fmt.Sprintf("the Messages format has no tier %q", tier))
	}
}
