package gateway

import (
	"encoding/json"
	"strings"
)

type messagesBody struct {
	ID           string          `json:"id"`
	Type         string          `json:"type"`
	Role         string          `json:"role"`
	Model        string          `json:"model"`
	Content      []any           `json:"content"`
	StopReason   string          `json:"stop_reason"`
	StopSequence *string         `json:"stop_sequence"`
	StopDetails  json.RawMessage `json:"stop_details"`
	Container    json.RawMessage `json:"container"`
	Usage        *messagesUsage  `json:"usage,omitempty"`
}

type messagesUsage struct {
	InputTokens              int64                `json:"input_tokens"`
	CacheCreationInputTokens int64                `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int64                `json:"cache_read_input_tokens"`
	OutputTokens             int64                `json:"output_tokens"`
	OutputTokensDetails      *messagesOutput      `json:"output_tokens_details,omitempty"`
	CacheCreation            *messagesCacheWrites `json:"cache_creation,omitempty"`
	ServiceTier              string               `json:"service_tier,omitempty"`
	Cost                     json.RawMessage      `json:"cost,omitempty"`
}

type messagesOutput struct {
	ThinkingTokens int64 `json:"thinking_tokens"`
}

type messagesCacheWrites struct {
	FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
	OneHour     int64 `json:"ephemeral_1h_input_tokens"`
}

type (
	textBlock struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	thinkingBlock struct {
		Type      string `json:"type"`
		Thinking  string `json:"thinking"`
		Signature string `json:"signature"`
	}
	toolUseBlock struct {
		Type  string          `json:"type"`
		ID    string          `json:"id"`
		Name  string          `json:"name"`
		Input json.RawMessage `json:"input"`
	}
)

type messageStart struct {
	Type    string          `json:"type"`
	Message messageSkeleton `json:"message"`
}

type messageSkeleton struct {
	ID           string         `json:"id"`
	Type         string         `json:"type"`
	Role         string         `json:"role"`
	Model        string         `json:"model"`
	Content      []any          `json:"content"`
	StopReason   *string        `json:"stop_reason"`
	StopSequence *string        `json:"stop_sequence"`
	Usage        *messagesUsage `json:"usage,omitempty"`
}

type bareEvent struct {
	Type string `json:"type"`
}

type blockStart struct {
	Type         string `json:"type"`
	Index        int    `json:"index"`
	ContentBlock any    `json:"content_block"`
}

type blockDelta struct {
	Type  string `json:"type"`
	Index int    `json:"index"`
	Delta any    `json:"delta"`
}

type blockStop struct {
	Type  string `json:"type"`
	Index int    `json:"index"`
}

type (
	thinkingDelta struct {
		Type     string `json:"type"`
		Thinking string `json:"thinking"`
	}
	signatureDelta struct {
		Type      string `json:"type"`
		Signature string `json:"signature"`
	}
	inputDelta struct {
		Type        string `json:"type"`
		PartialJSON string `json:"partial_json"`
	}
)

type messageDelta struct {
	Type  string `json:"type"`
	Delta struct {
		StopReason   string  `json:"stop_reason"`
		StopSequence *string `json:"stop_sequence"`
	} `json:"delta"`
	Usage *messagesUsage `json:"usage,omitempty"`
}

// signature stands for the proof that comes with the model's thinking.
const signature = "a2VlcHJvdXRlci1sb2NhbC1nYXRld2F5"

// messagesUsageOf subtracts what is cached: the counts of this format are disjoint.
func messagesUsageOf(u Usage, output int64) *messagesUsage {
	usage := &messagesUsage{
		InputTokens:              max(u.Input-u.CachedInput-u.CacheWrite, 0),
		CacheCreationInputTokens: u.CacheWrite,
		CacheReadInputTokens:     u.CachedInput,
		OutputTokens:             output,
	}
	if u.Reasoning > 0 && output > 0 {
		usage.OutputTokensDetails = &messagesOutput{u.Reasoning}
	}
	return usage
}

func stopReason(finish string) string {
	switch finish {
	case "stop":
		return "end_turn"
	case "length":
		return "max_tokens"
	case "tool_calls":
		return "tool_use"
	case "content_filter":
		return "refusal"
	}
	return finish
}

// messagesAnswer is the answer as one JSON object.
func messagesAnswer(a *answer) []byte {
	m := messagesBody{
		ID: a.id("msg_"), Type: "message", Role: "assistant", Model: a.model,
		Content: []any{}, StopReason: stopReason(a.finish),
	}
	if len(a.thinking) > 0 {
		m.Content = append(m.Content, thinkingBlock{"thinking", strings.Join(a.thinking, ""), signature})
	}
	if a.hasText() {
		m.Content = append(m.Content, textBlock{"text", strings.Join(a.text, "")})
	}
	for _, c := range a.calls {
		m.Content = append(m.Content, toolUseBlock{"tool_use", c.ID, c.Name, inputOf(c.Arguments)})
	}
	if !a.noUsage {
		m.Usage = messagesUsageOf(a.usage, a.usage.Output)
		m.Usage.CacheCreation = &messagesCacheWrites{FiveMinutes: a.usage.CacheWrite}
		m.Usage.ServiceTier = "standard"
		m.Usage.Cost = a.usage.cost()
	}
	return encode(m)
}

// inputOf keeps the body valid JSON when the arguments of a call are not.
func inputOf(arguments string) json.RawMessage {
	if json.Valid([]byte(arguments)) {
		return json.RawMessage(arguments)
	}
	return encode(arguments)
}

// messagesFrames is the answer as a stream.
func messagesFrames(a *answer) []frame {
	s := messagesStream{answer: a}
	s.start()
	s.event("ping", bareEvent{"ping"})
	if len(a.thinking) > 0 {
		s.think()
	}
	if a.hasText() {
		s.open(textBlock{Type: "text"})
		for _, piece := range a.text {
			s.delta(textBlock{"text_delta", piece})
		}
		s.close()
	}
	for _, c := range a.calls {
		s.open(toolUseBlock{"tool_use", c.ID, c.Name, json.RawMessage("{}")})
		for _, piece := range pieces(c.Arguments) {
			s.delta(inputDelta{"input_json_delta", piece})
		}
		s.close()
	}
	s.finish()
	return s.frames
}

type messagesStream struct {
	answer *answer
	frames []frame
	index  int
}

func (s *messagesStream) start() {
	start := messageStart{Type: "message_start", Message: messageSkeleton{
		ID: s.answer.id("msg_"), Type: "message", Role: "assistant", Model: s.answer.model, Content: []any{},
	}}
	if !s.answer.noUsage {
		start.Message.Usage = messagesUsageOf(s.answer.usage, 0)
	}
	s.event("message_start", start)
}

func (s *messagesStream) think() {
	s.open(thinkingBlock{Type: "thinking"})
	for _, piece := range s.answer.thinking {
		s.delta(thinkingDelta{"thinking_delta", piece})
	}
	s.delta(signatureDelta{"signature_delta", signature})
	s.close()
}

func (s *messagesStream) finish() {
	d := messageDelta{Type: "message_delta"}
	d.Delta.StopReason = stopReason(s.answer.finish)
	if !s.answer.noUsage {
		d.Usage = messagesUsageOf(s.answer.usage, s.answer.usage.Output)
		d.Usage.Cost = s.answer.usage.cost()
	}
	s.event("message_delta", d)
	s.event("message_stop", bareEvent{"message_stop"})
	s.frames[len(s.frames)-1].last = true
}

func (s *messagesStream) open(block any) {
	s.event("content_block_start", blockStart{"content_block_start", s.index, block})
}

func (s *messagesStream) delta(d any) {
	s.event("content_block_delta", blockDelta{"content_block_delta", s.index, d})
}

func (s *messagesStream) close() {
	s.event("content_block_stop", blockStop{"content_block_stop", s.index})
	s.index++
}

func (s *messagesStream) event(name string, data any) {
	s.frames = append(s.frames, frame{event: name, data: encode(data)})
}
