package keeprouter

import "encoding/json"

// MessagesResponse is an answer in the Messages format.
type MessagesResponse struct {
	// ID names the answer.
	ID string `json:"id"`

	// Type is "message".
	Type string `json:"type"`

	// Role is "assistant".
	Role string `json:"role"`

	// Model is the model that answered.
	Model string `json:"model"`

	// Content is the answer. It may be empty.
	Content Blocks `json:"content"`

	// StopReason is why the answer ended; empty if the server didn't say.
	StopReason StopReason `json:"stop_reason"`

	// StopSequence is the one that matched, when StopReason is [StopSequence].
	StopSequence string `json:"stop_sequence"`

	// StopDetails tells more about a refusal.
	StopDetails *MessagesStopDetails `json:"stop_details,omitzero"`

	// Container is where code was executed.
	Container *MessagesContainer `json:"container,omitzero"`

	// WireUsage is the server's own count of tokens; nil if it sent none.
	WireUsage *MessagesUsage `json:"usage,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`

	// Usage is the count of tokens in totals.
	Usage Usage `json:"-"`

	// Cost is what the tokens cost, by the client's prices.
	Cost Cost `json:"-"`

	// Meta is what came beside the answer.
	Meta Meta `json:"-"`
}

// StopReason is why an answer of the Messages format ended. A server may send other
// values than the constants.
type StopReason string

// The reasons why an answer ends.
const (
	// StopEndTurn: the model was done.
	StopEndTurn StopReason = "end_turn"
	// StopMaxTokens: the request's MaxTokens cut the answer.
	StopMaxTokens StopReason = "max_tokens"
	// StopSequence: one of the request's StopSequences matched.
	StopSequence StopReason = "stop_sequence"
	// StopToolUse: the model wants the results of its tool calls.
	StopToolUse StopReason = "tool_use"
	// StopPauseTurn: a long turn was paused; send the answer back to go on.
	StopPauseTurn StopReason = "pause_turn"
	// StopRefusal: the model refused; StopDetails may say why.
	StopRefusal StopReason = "refusal"
	// StopContextWindow: the model's context window was full.
	StopContextWindow StopReason = "model_context_window_exceeded"
)

// cut reports whether a limit cut the answer, so that its last block may not be
// whole.
func (r StopReason) cut() bool { return r == StopMaxTokens || r == StopContextWindow }

// MessagesStopDetails tells more about a refusal.
type MessagesStopDetails struct {
	// Type is "refusal".
	Type string `json:"type"`

	// Category is the policy that applied, such as "cyber" or "bio".
	Category string `json:"category,omitzero"`

	// Explanation is for people.
	Explanation string `json:"explanation,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// Text joins the texts of the answer.
func (r *MessagesResponse) Text() string { return r.Content.Text() }

// ToolUses returns the calls of your tools, in order.
func (r *MessagesResponse) ToolUses() []*ToolUseBlock {
	var uses []*ToolUseBlock
	for _, b := range r.Content {
		if use, ok := b.(*ToolUseBlock); ok && use != nil {
			uses = append(uses, use)
		}
	}
	return uses
}

// Message returns the answer as a turn to append to the conversation, with its
// thinking, signatures and tool calls. Texts that are empty are left out, because
// the format refuses them in a request; of an answer without any Content append
// nothing.
func (r *MessagesResponse) Message() Message {
	content := make(Blocks, 0, len(r.Content))
	for _, b := range r.Content {
		if t, ok := b.(*TextBlock); ok && (t == nil || t.Text == "") {
			continue
		}
		content = append(content, b)
	}
	return Message{Role: "assistant", Content: content}
}
