package keeprouter

import "encoding/json"

// ChatResponse is the answer to a [ChatRequest]. It unmarshals from the format's
// JSON, unknown fields included, and marshals back to it.
type ChatResponse struct {
	// ID is the server's id of the answer.
	ID string `json:"id"`

	// Created is when it was made, in Unix seconds.
	Created int64 `json:"created"`

	// Model is the model that answered, in the server's words.
	Model string `json:"model"`

	// Choices are the answers: one, unless the request's N asks for more.
	Choices []ChatChoice `json:"choices"`

	// ServiceTier is the tier that served the request.
	ServiceTier string `json:"service_tier,omitzero"`

	// SystemFingerprint changes when the server's set-up does.
	SystemFingerprint string `json:"system_fingerprint,omitzero"`

	// WireUsage is the server's own count, nil if it sent none. Usage is what it
	// means.
	WireUsage *ChatUsage `json:"usage,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`

	// Usage counts the tokens, with the meaning that it has on both formats.
	Usage Usage `json:"-"`

	// Cost is what they cost. It is computed by a call, not by unmarshalling.
	Cost Cost `json:"-"`

	// Meta is what came beside the answer.
	Meta Meta `json:"-"`
}

// ChatChoice is one of the answers.
type ChatChoice struct {
	// Index counts the choices from 0.
	Index int `json:"index"`

	// Message is what the model says.
	Message ChatMessage `json:"message"`

	// FinishReason is why it ended.
	FinishReason ChatFinishReason `json:"finish_reason"`

	// NativeFinishReason is the reason in the server's or the model's own word,
	// where that differs.
	NativeFinishReason string `json:"native_finish_reason,omitzero"`

	// Logprobs are the log probabilities of the tokens, if asked for.
	Logprobs *ChatLogprobs `json:"logprobs,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatFinishReason is why an answer ended. Servers' own words for these reasons are
// replaced by them, and an answer with tool calls that claims to have just stopped
// has [FinishToolCalls]; what the server said is in NativeFinishReason.
type ChatFinishReason string

// Reasons to end.
const (
	// FinishStop: the model was done, or met a stop sequence.
	FinishStop ChatFinishReason = "stop"
	// FinishLength: the token limit or the context window cut the answer.
	FinishLength ChatFinishReason = "length"
	// FinishToolCalls: the model waits for the results of its tool calls.
	FinishToolCalls ChatFinishReason = "tool_calls"
	// FinishContentFilter: a content policy cut the answer.
	FinishContentFilter ChatFinishReason = "content_filter"
)

// ChatLogprobs are the log probabilities of an answer's tokens.
type ChatLogprobs struct {
	// Content has one entry for each token of the text.
	Content []ChatTokenLogprob `json:"content,omitzero"`

	// Refusal has one entry for each token of the refusal.
	Refusal []ChatTokenLogprob `json:"refusal,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatTokenLogprob is a token and its log probability.
type ChatTokenLogprob struct {
	// Token is its text.
	Token string `json:"token"`

	// Logprob is the natural logarithm of its probability.
	Logprob float64 `json:"logprob"`

	// Bytes are the text's bytes, for a token that is a part of a character.
	Bytes []int `json:"bytes,omitzero"`

	// TopLogprobs are the likeliest tokens at this place.
	TopLogprobs []ChatTokenLogprob `json:"top_logprobs,omitzero"`
}

// Text is the text of the first choice.
func (r *ChatResponse) Text() string {
	if r == nil || len(r.Choices) == 0 {
		return ""
	}
	return r.Choices[0].Message.Content.Text()
}

// Message is the first choice's message, ready to be appended to the conversation:
// reasoning, signatures and unknown fields included. Of an answer without any content
// append nothing.
func (r *ChatResponse) Message() ChatMessage {
	if r == nil || len(r.Choices) == 0 {
		return Assistant("")
	}
	m := r.Choices[0].Message
	if m.Role == "" {
		m.Role = "assistant"
	}
	if m.Audio != nil {
		m.Audio = &ChatAudio{ID: m.Audio.ID} // all that the format takes back
	}
	if m.Content == nil && len(m.ToolCalls) == 0 && m.FunctionCall == nil && m.Audio == nil {
		m.Content = ChatParts{&TextPart{}} // null is refused where nothing else is said
	}
	return m
}

// ToolCalls are the tool calls of the first choice.
func (r *ChatResponse) ToolCalls() []ChatToolCall {
	if r == nil || len(r.Choices) == 0 {
		return nil
	}
	return r.Choices[0].Message.ToolCalls
}

// FinishReason is why the first choice ended.
func (r *ChatResponse) FinishReason() ChatFinishReason {
	if r == nil || len(r.Choices) == 0 {
		return ""
	}
	return r.Choices[0].FinishReason
}
