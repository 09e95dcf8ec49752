package keeprouter

import "encoding/json"

// ChatMessage is one message of a conversation. Make the common ones with [System],
// [Developer], [User], [Assistant] and [ToolResult]; append an answer with
// [ChatResponse.Message]. It marshals to the format's JSON and back without loss.
type ChatMessage struct {
	// Role is system, developer, user, assistant, tool or, deprecated, function.
	Role string

	// Content is what the message says. A nil Content is written as null, which an
	// assistant's message may have beside tool calls.
	Content ChatParts

	// Name tells speakers of one role apart; of role function, which one answered.
	Name string

	// Refusal is why an assistant refused, in its words.
	Refusal string

	// Reasoning is what the assistant thought before it answered. Where a server
	// sends it only inside ReasoningDetails or Content, it is a copy from there.
	Reasoning string

	// ReasoningField is the name that Reasoning has on the wire:
	// "reasoning_content", which is also written when this is empty, or
	// "reasoning". A message goes back under the name that it came with.
	ReasoningField string

	// ReasoningDetails is reasoning with its signatures, as it came. Some models
	// refuse a conversation in which it was changed.
	ReasoningDetails []json.RawMessage

	// ToolCalls are what the assistant wants called. Each wants a [ToolResult]
	// before the next message of another kind.
	ToolCalls []ChatToolCall

	// ToolCallID is the call that a message of role tool answers.
	ToolCallID string

	// Annotations are the answer's citations, each as it came.
	Annotations []json.RawMessage

	// Audio is what the assistant said aloud. To refer to it later, its ID is
	// enough.
	Audio *ChatAudio

	// FunctionCall is what came before ToolCalls.
	//
	// Deprecated: use ToolCalls.
	FunctionCall *ChatFunctionCall

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage
}

// ChatAudio is spoken output.
type ChatAudio struct {
	// ID refers to it in later requests.
	ID string `json:"id"`

	// Data is the sound in base64.
	Data string `json:"data,omitzero"`

	// Transcript is what is said.
	Transcript string `json:"transcript,omitzero"`

	// ExpiresAt is when the server forgets the ID, in Unix seconds.
	ExpiresAt int64 `json:"expires_at,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatFunctionCall is a call in the form that came before tool calls.
//
// Deprecated: use [ChatToolCall].
type ChatFunctionCall struct {
	// Name is the function.
	Name string `json:"name"`

	// Arguments is JSON text, as the model wrote it.
	Arguments string `json:"arguments"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// System is a message that tells the model how to behave.
func System(text string) ChatMessage {
	return ChatMessage{Role: "system", Content: ChatParts{&TextPart{Text: text}}}
}

// Developer is what [System] is called for OpenAI's reasoning models. Many other
// servers know only System.
func Developer(text string) ChatMessage {
	return ChatMessage{Role: "developer", Content: ChatParts{&TextPart{Text: text}}}
}

// User is a message of the user: a text, and parts such as [ImageURL] behind it.
// An empty text before parts is left out.
func User(text string, parts ...ChatPart) ChatMessage {
	content := make(ChatParts, 0, 1+len(parts))
	if text != "" || len(parts) == 0 {
		content = append(content, &TextPart{Text: text})
	}
	return ChatMessage{Role: "user", Content: append(content, parts...)}
}

// Assistant is an answer, for a conversation that is written by hand. For the
// model's own answer take [ChatResponse.Message], which loses nothing.
func Assistant(text string) ChatMessage {
	return ChatMessage{Role: "assistant", Content: ChatParts{&TextPart{Text: text}}}
}

// ToolResult answers the tool call with this id.
func ToolResult(callID, text string) ChatMessage {
	return ChatMessage{Role: "tool", ToolCallID: callID, Content: ChatParts{&TextPart{Text: text}}}
}
