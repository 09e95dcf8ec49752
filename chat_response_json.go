package keeprouter

import (
	"errors"
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

type chatResponseWire struct {
	ID                string       `json:"id"`
	Object            string       `json:"object"`
	Created           int64        `json:"created"`
	Model             string       `json:"model"`
	Choices           []ChatChoice `json:"choices"`
	ServiceTier       string       `json:"service_tier,omitzero"`
	SystemFingerprint string       `json:"system_fingerprint,omitzero"`
	WireUsage         *ChatUsage   `json:"usage,omitzero"`
}

// MarshalJSON writes the response as the format has it.
func (r ChatResponse) MarshalJSON() ([]byte, error) {
	return jsonx.Marshal(chatResponseWire{
		ID: r.ID, Object: "chat.completion", Created: r.Created, Model: r.Model,
		Choices:     append([]ChatChoice{}, r.Choices...),
		ServiceTier: r.ServiceTier, SystemFingerprint: r.SystemFingerprint, WireUsage: r.WireUsage,
	}, r.Extra)
}

// UnmarshalJSON reads the response as the format has it, and what servers get
// slightly wrong. It sets Usage, but neither Cost nor Meta. A count of tokens that
// can't be read is none: the answer was paid for all the same.
func (r *ChatResponse) UnmarshalJSON(data []byte) error {
	if fast, ok := readChatResponse(data, false); ok {
		*r = *fast
		return nil
	}
	return r.unmarshal(data)
}

// unmarshal is UnmarshalJSON by reflection.
func (r *ChatResponse) unmarshal(data []byte) error {
	var w chatResponseWire
	extra, err := unmarshalObject(data, &w)
	if rest := withoutUsage(data, err); rest != nil {
		w = chatResponseWire{}
		extra, err = unmarshalObject(rest, &w)
	}
	*r = *w.response(extra)
	return err
}

func (w *chatResponseWire) response(extra extras) *ChatResponse {
	r := &ChatResponse{
		ID: w.ID, Created: w.Created, Model: w.Model, Choices: w.Choices,
		ServiceTier: w.ServiceTier, SystemFingerprint: w.SystemFingerprint, WireUsage: w.WireUsage,
		Extra: extra,
	}
	r.Usage = r.counted()
	return r
}

type chatChoiceWire struct {
	Index              int               `json:"index"`
	Message            ChatMessage       `json:"message"`
	FinishReason       *ChatFinishReason `json:"finish_reason"`
	NativeFinishReason string            `json:"native_finish_reason,omitzero"`
	Logprobs           *ChatLogprobs     `json:"logprobs,omitzero"`
}

// MarshalJSON writes the choice as the format has it.
func (c ChatChoice) MarshalJSON() ([]byte, error) {
	w := chatChoiceWire{
		Index: c.Index, Message: c.Message,
		NativeFinishReason: c.NativeFinishReason, Logprobs: c.Logprobs,
	}
	if c.FinishReason != "" {
		w.FinishReason = &c.FinishReason
	}
	return jsonx.Marshal(w, c.Extra)
}

// UnmarshalJSON reads the choice as the format has it.
func (c *ChatChoice) UnmarshalJSON(data []byte) error {
	var w chatChoiceWire
	extra, err := unmarshalObject(data, &w)
	*c = w.choice(extra)
	return err
}

func (w *chatChoiceWire) choice(extra extras) ChatChoice {
	c := ChatChoice{
		Index: w.Index, Message: w.Message,
		NativeFinishReason: w.NativeFinishReason, Logprobs: w.Logprobs, Extra: extra,
	}
	if w.FinishReason != nil {
		c.FinishReason, c.NativeFinishReason = finishReason(string(*w.FinishReason), w.NativeFinishReason)
	}
	c.matchReason()
	return c
}

// MarshalJSON writes the probabilities and the fields of Extra.
func (l ChatLogprobs) MarshalJSON() ([]byte, error) {
	type plain ChatLogprobs
	return jsonx.Marshal(plain(l), l.Extra)
}

// UnmarshalJSON reads the probabilities and keeps unknown fields in Extra.
func (l *ChatLogprobs) UnmarshalJSON(data []byte) (err error) {
	type plain ChatLogprobs
	*l = ChatLogprobs{}
	l.Extra, err = unmarshalObject(data, (*plain)(l))
	return err
}

// MarshalJSON writes the count and the fields of Extra.
func (u ChatUsage) MarshalJSON() ([]byte, error) {
	type plain ChatUsage
	return jsonx.Marshal(plain(u), u.Extra)
}

// UnmarshalJSON reads the count and keeps unknown fields in Extra.
func (u *ChatUsage) UnmarshalJSON(data []byte) (err error) {
	type plain ChatUsage
	*u = ChatUsage{}
	u.Extra, err = unmarshalObject(data, (*plain)(u))
	return err
}

// MarshalJSON writes the counts and the fields of Extra.
func (t ChatPromptTokens) MarshalJSON() ([]byte, error) {
	type plain ChatPromptTokens
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the counts and keeps unknown fields in Extra.
func (t *ChatPromptTokens) UnmarshalJSON(data []byte) (err error) {
	type plain ChatPromptTokens
	*t = ChatPromptTokens{}
	t.Extra, err = unmarshalObject(data, (*plain)(t))
	return err
}

// MarshalJSON writes the counts and the fields of Extra.
func (t ChatCompletionTokens) MarshalJSON() ([]byte, error) {
	type plain ChatCompletionTokens
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the counts and keeps unknown fields in Extra.
func (t *ChatCompletionTokens) UnmarshalJSON(data []byte) (err error) {
	type plain ChatCompletionTokens
	*t = ChatCompletionTokens{}
	t.Extra, err = unmarshalObject(data, (*plain)(t))
	return err
}

// readWhole decodes an answer that came as one object, and refuses one that holds
// no message. An error object is errErrorObject.
func readWhole(data []byte) (*ChatResponse, error) {
	r, ok := readChatResponse(data, true)
	if (!ok || failure.MayBeError(r.Extra)) && failure.IsError(data) {
		return nil, errErrorObject
	}
	if !ok {
		r = &ChatResponse{}
		if err := r.unmarshal(data); err != nil {
			return nil, err
		}
	}
	if len(r.Choices) == 0 {
		return nil, errNoChoices
	}
	if slices.ContainsFunc(r.Choices, func(c ChatChoice) bool { return c.Message.isEmpty() }) {
		return nil, errors.New("a choice has no message")
	}
	return r, nil
}

func (m *ChatMessage) isEmpty() bool {
	return m.Role == "" && m.Content == nil && m.Refusal == "" && m.Reasoning == "" && m.ReasoningDetails == nil &&
		m.ToolCalls == nil && m.FunctionCall == nil && m.Audio == nil && m.Extra == nil
}
