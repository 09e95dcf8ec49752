package keeprouter

import (
	"bytes"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
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

// MarshalJSON writes the chunk as it came, or, if it has no Raw, as the format has its
// fields. A recording is a list of these.
func (c ChatChunk) MarshalJSON() ([]byte, error) {
	if c.Raw != nil {
		return c.Raw, nil
	}
	var w jsonx.Writer
	w.Open('{')
	w.String("id", c.ID)
	w.String("object", "chat.completion.chunk")
	w.Value("created", c.Created)
	w.String("model", c.Model)
	w.Name("choices")
	w.Open('[')
	for i := range c.Choices {
		c.Choices[i].write(&w)
	}
	w.Close(']')
	writePointer(&w, "usage", c.WireUsage)
	w.Close('}')
	return w.Done()
}

func (c *ChatChunkChoice) write(w *jsonx.Writer) {
	w.Open('{')
	w.Int("index", &c.Index)
	w.Name("delta")
	c.Delta.write(w)
	if c.FinishReason != "" {
		w.String("finish_reason", string(c.FinishReason))
	} else {
		w.Value("finish_reason", nil)
	}
	w.Optional("native_finish_reason", c.NativeFinishReason)
	w.Raw("logprobs", c.Logprobs)
	w.Close('}')
}

func (d *ChatDelta) write(w *jsonx.Writer) {
	w.Open('{')
	w.Optional("role", d.Role)
	w.Optional("content", d.Content)
	w.Optional("refusal", d.Refusal)
	w.Optional(reasoningContentField, d.Reasoning)
	w.Raws("reasoning_details", d.ReasoningDetails)
	if len(d.ToolCalls) > 0 {
		w.Name("tool_calls")
		w.Open('[')
		for i := range d.ToolCalls {
			d.ToolCalls[i].write(w)
		}
		w.Close(']')
	}
	w.Close('}')
}

func (c *ChatToolCallDelta) write(w *jsonx.Writer) {
	w.Open('{')
	w.Int("index", &c.Index)
	w.Optional("id", c.ID)
	w.Optional("type", c.Type)
	kind, arguments := functionType, "arguments"
	if c.Type == customType {
		kind, arguments = customType, "input"
	}
	w.Name(kind)
	w.Open('{')
	w.Optional("name", c.Name)
	w.String(arguments, c.Arguments)
	w.Close('}')
	w.Close('}')
}
