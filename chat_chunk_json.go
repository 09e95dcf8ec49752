package keeprouter

import (
	"bytes"
	"cmp"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// UnmarshalJSON reads one chunk as a stream does, from the data of its event. An error
// object is an [*Error] rather than a chunk.
func (c *ChatChunk) UnmarshalJSON(data []byte) error {
	f := newChatFold()
	chunk, err := f.read(&events.Event{Data: bytes.Clone(data)})
	if err == nil && chunk == nil {
		err = &failure.Failure{Kind: failure.BadResponse, Message: "this is no chunk of a chat completion"}
	}
	if err != nil {
		return callError(inStream(err, data), &Call{})
	}
	*c = *chunk
	// The fold numbers what one stream shows it, so its numbers mean nothing here.
	for i := range c.Choices {
		choice := &f.event.choices[i]
		c.Choices[i].Index = choice.index
		calls := c.Choices[i].Delta.ToolCalls
		for j := range min(len(calls), len(choice.delta.calls)) {
			calls[j].Index = choice.delta.calls[j].index
		}
	}
	return nil
}

type (
	chatChunkWire struct {
		ID      string            `json:"id"`
		Object  string            `json:"object"`
		Created int64             `json:"created"`
		Model   string            `json:"model"`
		Choices []chunkChoiceWire `json:"choices"`
		Usage   *ChatUsage        `json:"usage,omitzero"`
	}
	chunkChoiceWire struct {
		Index    int               `json:"index"`
		Delta    chunkDeltaWire    `json:"delta"`
		Finish   *ChatFinishReason `json:"finish_reason"`
		Native   string            `json:"native_finish_reason,omitzero"`
		Logprobs json.RawMessage   `json:"logprobs,omitzero"`
	}
	chunkDeltaWire struct {
		Role             string            `json:"role,omitzero"`
		Content          string            `json:"content,omitzero"`
		Refusal          string            `json:"refusal,omitzero"`
		ReasoningContent string            `json:"reasoning_content,omitzero"`
		ReasoningDetails []json.RawMessage `json:"reasoning_details,omitzero"`
		ToolCalls        []chunkCallWire   `json:"tool_calls,omitzero"`
	}
	chunkCallWire struct {
		Index    int            `json:"index"`
		ID       string         `json:"id,omitzero"`
		Type     string         `json:"type,omitzero"`
		Function *chunkFunction `json:"function,omitzero"`
		Custom   *chunkCustom   `json:"custom,omitzero"`
	}
	chunkFunction struct {
		Name      string `json:"name,omitzero"`
		Arguments string `json:"arguments"`
	}
	chunkCustom struct {
		Name  string `json:"name,omitzero"`
		Input string `json:"input"`
	}
)

// MarshalJSON writes the chunk as it came, or, if it has no Raw, as the format has its
// fields. A recording is a list of these.
func (c ChatChunk) MarshalJSON() ([]byte, error) {
	if c.Raw != nil {
		return c.Raw, nil
	}
	w := chatChunkWire{
		ID: c.ID, Object: "chat.completion.chunk", Created: c.Created, Model: c.Model,
		Choices: []chunkChoiceWire{}, Usage: c.WireUsage,
	}
	for _, choice := range c.Choices {
		w.Choices = append(w.Choices, choice.wire())
	}
	return json.Marshal(w)
}

func (c *ChatChunkChoice) wire() chunkChoiceWire {
	d := &c.Delta
	w := chunkChoiceWire{
		Index: c.Index, Native: c.NativeFinishReason, Logprobs: c.Logprobs,
		Delta: chunkDeltaWire{
			Role: d.Role, Content: d.Content, Refusal: d.Refusal,
			ReasoningContent: d.Reasoning, ReasoningDetails: d.ReasoningDetails,
		},
	}
	if c.FinishReason != "" {
		w.Finish = &c.FinishReason
	}
	for _, call := range d.ToolCalls {
		w.Delta.ToolCalls = append(w.Delta.ToolCalls, call.wire())
	}
	return w
}

func (c *ChatToolCallDelta) wire() chunkCallWire {
	w := chunkCallWire{Index: c.Index, ID: c.ID, Type: c.Type}
	if cmp.Or(c.Type, functionType) == customType {
		w.Custom = &chunkCustom{Name: c.Name, Input: c.Arguments}
	} else {
		w.Function = &chunkFunction{Name: c.Name, Arguments: c.Arguments}
	}
	return w
}
