package keeprouter

import (
	"encoding/json"
	"iter"
)

// ChatStream is an answer of Chat Completions as it is written.
type ChatStream = Stream[ChatChunk, ChatResponse]

// ChatChunk is a piece of a streamed answer. The stream reuses it: copy what must
// outlive the loop's turn. Its strings may be kept. It marshals to the format's JSON
// and back, so that a stream can be recorded, and replayed by [NewChatStream].
type ChatChunk struct {
	// ID is the server's id of the answer.
	ID string

	// Created is when the answer was begun, in Unix seconds.
	Created int64

	// Model is the model that answers.
	Model string

	// Choices are what comes to each choice; often one, in some chunks none.
	Choices []ChatChunkChoice

	// WireUsage is the server's count so far, nil in most chunks.
	WireUsage *ChatUsage

	// Raw is the chunk's JSON, for whatever isn't modelled here.
	Raw json.RawMessage
}

// ChatChunkChoice is what comes to one choice.
type ChatChunkChoice struct {
	// Index counts the choices from 0, in the order in which they appear.
	Index int

	// Delta is added to the choice's message.
	Delta ChatDelta

	// FinishReason is why the choice ended, empty until then.
	FinishReason ChatFinishReason

	// NativeFinishReason is the reason in the server's or the model's own word,
	// where that differs.
	NativeFinishReason string

	// Logprobs are the log probabilities of the delta's tokens, as they came.
	Logprobs json.RawMessage
}

// ChatDelta is what a chunk adds to a message.
type ChatDelta struct {
	// Role is the message's, in its first delta or in all of them.
	Role string

	// Content, Reasoning and Refusal are added to the texts so far.
	Content, Reasoning, Refusal string

	// ReasoningDetails are pieces of the message's, as they came. Reasoning has
	// their text.
	ReasoningDetails []json.RawMessage

	// ToolCalls are pieces of tool calls.
	ToolCalls []ChatToolCallDelta
}

// ChatToolCallDelta is a piece of a tool call.
type ChatToolCallDelta struct {
	// Index counts the message's calls from 0, in the order in which they appear.
	Index int

	// ID, Type and Name are in the call's first piece. Servers that send no ID leave
	// it empty here; the result then has one.
	ID, Type, Name string

	// Arguments is added to the text so far.
	Arguments string
}

// Text is what the chunk adds to the text of the first choice.
func (c *ChatChunk) Text() string {
	if len(c.Choices) == 1 && c.Choices[0].Index == 0 {
		return c.Choices[0].Delta.Content
	}
	text := ""
	for i := range c.Choices {
		if c.Choices[i].Index == 0 {
			text += c.Choices[i].Delta.Content
		}
	}
	return text
}

// NewChatStream makes a stream of chunks from elsewhere: a recording, a relay, a
// test. The fields of the chunks count; their Raw adds what they don't model. It ends
// well if every choice got a finish reason. Its cost is by [DefaultPrices], and
// unknown if no chunk names the model.
func NewChatStream(chunks iter.Seq2[*ChatChunk, error]) *ChatStream {
	return &ChatStream{source: &seqSource[ChatChunk, ChatResponse]{
		seq:    chunks,
		fold:   newChatFold(),
		settle: func(r *ChatResponse) { r.Cost = defaultCost(r.Model, r.Usage, r.reported(Meta{}, true)) },
	}}
}

func defaultCost(model string, usage Usage, reported *Money) Cost {
	cost, err := DefaultPrices().Cost(model, usage)
	if err != nil {
		cost = Cost{Model: model, Err: err}
	}
	cost.Reported = reported
	return cost
}
