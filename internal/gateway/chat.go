package gateway

import (
	"encoding/json"
	"strings"
)

type chatCompletion struct {
	ID                string       `json:"id"`
	Object            string       `json:"object"`
	Created           int64        `json:"created"`
	Model             string       `json:"model"`
	ServiceTier       string       `json:"service_tier"`
	SystemFingerprint *string      `json:"system_fingerprint"`
	Choices           []chatChoice `json:"choices"`
	Usage             *chatUsage   `json:"usage,omitempty"`
}

type chatChoice struct {
	Index        int             `json:"index"`
	FinishReason string          `json:"finish_reason"`
	Logprobs     json.RawMessage `json:"logprobs"`
	Message      chatMessage     `json:"message"`
}

type chatMessage struct {
	Role             string     `json:"role"`
	Content          *string    `json:"content"`
	ReasoningContent string     `json:"reasoning_content,omitempty"`
	Refusal          *string    `json:"refusal"`
	Annotations      []any      `json:"annotations"`
	ToolCalls        []chatCall `json:"tool_calls,omitempty"`
}

type chatCall struct {
	Index    *int         `json:"index,omitempty"`
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function chatFunction `json:"function"`
}

type chatFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

type chatUsage struct {
	PromptTokens            int64                  `json:"prompt_tokens"`
	CompletionTokens        int64                  `json:"completion_tokens"`
	TotalTokens             int64                  `json:"total_tokens"`
	PromptTokensDetails     chatPromptDetails      `json:"prompt_tokens_details"`
	CompletionTokensDetails *chatCompletionDetails `json:"completion_tokens_details,omitempty"`
	Cost                    json.RawMessage        `json:"cost,omitempty"`
}

type chatPromptDetails struct {
	CachedTokens     int64 `json:"cached_tokens"`
	CacheWriteTokens int64 `json:"cache_write_tokens,omitempty"`
}

type chatCompletionDetails struct {
	ReasoningTokens int64 `json:"reasoning_tokens"`
}

type chatChunk struct {
	ID      string            `json:"id"`
	Object  string            `json:"object"`
	Created int64             `json:"created"`
	Model   string            `json:"model"`
	Choices []chatChunkChoice `json:"choices"`
	Usage   *chatUsage        `json:"usage,omitempty"`
}

type chatChunkChoice struct {
	Index        int     `json:"index"`
	Delta        any     `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

type (
	chatRoleDelta struct {
		Role    string  `json:"role"`
		Content *string `json:"content"`
	}
	chatTextDelta struct {
		Content string `json:"content"`
	}
	chatThinkingDelta struct {
		ReasoningContent string `json:"reasoning_content"`
	}
	chatCallDelta struct {
		ToolCalls []chatCall `json:"tool_calls"`
	}
	chatFinishDelta struct{}
)

func chatUsageOf(u Usage) *chatUsage {
	usage := &chatUsage{
		PromptTokens:        u.Input,
		CompletionTokens:    u.Output,
		TotalTokens:         u.Input + u.Output,
		PromptTokensDetails: chatPromptDetails{CachedTokens: u.CachedInput, CacheWriteTokens: u.CacheWrite},
		Cost:                u.cost(),
	}
	if u.Reasoning > 0 {
		usage.CompletionTokensDetails = &chatCompletionDetails{ReasoningTokens: u.Reasoning}
	}
	return usage
}

// chatBody is the answer as one JSON object.
func chatBody(a *answer) []byte {
	m := chatMessage{Role: "assistant", ReasoningContent: strings.Join(a.thinking, ""), Annotations: []any{}}
	if a.hasText() || len(a.calls) == 0 {
		m.Content = new(strings.Join(a.text, ""))
	}
	for _, c := range a.calls {
		m.ToolCalls = append(m.ToolCalls, chatCall{ID: c.ID, Type: "function", Function: chatFunction{c.Name, c.Arguments}})
	}
	c := chatCompletion{
		ID: a.id("chatcmpl-"), Object: "chat.completion", Created: a.created, Model: a.model, ServiceTier: "default",
		Choices: []chatChoice{{FinishReason: a.finish, Message: m}},
	}
	if !a.noUsage {
		c.Usage = chatUsageOf(a.usage)
	}
	return encode(c)
}

// chatFrames is the answer as a stream.
func chatFrames(a *answer) []frame {
	s := chatStream{answer: a}
	role := chatRoleDelta{Role: "assistant"}
	if a.hasText() || len(a.thinking) > 0 || len(a.calls) == 0 {
		role.Content = new("")
	}
	s.delta(role)
	for _, piece := range a.thinking {
		s.delta(chatThinkingDelta{piece})
	}
	for _, piece := range a.text {
		s.delta(chatTextDelta{piece})
	}
	for i, c := range a.calls {
		s.call(chatCall{Index: &i, ID: c.ID, Type: "function", Function: chatFunction{Name: c.Name}})
		for _, piece := range pieces(c.Arguments) {
			s.call(chatCall{Index: &i, Function: chatFunction{Arguments: piece}})
		}
	}
	s.chunk([]chatChunkChoice{{Delta: chatFinishDelta{}, FinishReason: &a.finish}}, nil)
	if a.askUsage && !a.noUsage {
		s.chunk([]chatChunkChoice{}, chatUsageOf(a.usage))
	}
	return append(s.frames, frame{data: []byte("[DONE]"), last: true})
}

type chatStream struct {
	answer *answer
	frames []frame
}

func (s *chatStream) call(c chatCall) { s.delta(chatCallDelta{[]chatCall{c}}) }

func (s *chatStream) delta(d any) { s.chunk([]chatChunkChoice{{Delta: d}}, nil) }

func (s *chatStream) chunk(choices []chatChunkChoice, usage *chatUsage) {
	s.frames = append(s.frames, frame{data: encode(chatChunk{
		ID: s.answer.id("chatcmpl-"), Object: "chat.completion.chunk", Created: s.answer.created, Model: s.answer.model,
		Choices: choices, Usage: usage,
	})})
}
