package keeprouter

import (
	"encoding/json"
	"iter"
)

// MessagesStream is an answer of the Messages format as it is written.
type MessagesStream = Stream[MessagesEvent, MessagesResponse]

// MessagesEvent is one event of a [MessagesStream]. Type, and DeltaType of a
// content_block_delta, say which of the other fields apply. It is valid until the
// next event is asked for, its strings for ever. It marshals to the format's JSON and
// back, so that a stream can be recorded, and replayed by [NewMessagesStream].
type MessagesEvent struct {
	// Type is "message_start", "content_block_start", "content_block_delta",
	// "content_block_stop", "message_delta", "message_stop", or a name that this
	// library doesn't know.
	Type string

	// Index of the block that a content_block event is about.
	Index int

	// Block is the block of a content_block_start as it begins, mostly empty.
	Block Block

	// DeltaType is "text_delta" (Text), "thinking_delta" (Thinking),
	// "input_json_delta" (PartialJSON), "signature_delta" (Signature),
	// "citations_delta" (Citation), or a name that this library doesn't know.
	DeltaType string

	// Text is a piece of a text block.
	Text string

	// Thinking is a piece of a thinking block.
	Thinking string

	// PartialJSON is a piece of a tool's input.
	PartialJSON string

	// Signature is that of a thinking block.
	Signature string

	// Citation is one more citation of a text block.
	Citation json.RawMessage

	// StopReason, of a message_delta, is why the answer ended.
	StopReason StopReason

	// StopSequence, of a message_delta, is the one that matched.
	StopSequence string

	// StopDetails, of a message_delta, tells more about a refusal.
	StopDetails *MessagesStopDetails

	// Container, of a message_delta, is where code was executed.
	Container *MessagesContainer

	// WireUsage, of a message_delta, is the count of all tokens so far.
	WireUsage *MessagesUsage

	// Message is that of a message_start. Its content is empty, unless the whole
	// answer came at once.
	Message *MessagesResponse

	// Raw is the event's JSON as it came.
	Raw json.RawMessage
}

// NewMessagesStream makes a stream of events from elsewhere, such as a recording, a
// relay or a test. The fields of the events count, not their Raw. An error of the
// sequence ends the stream. The cost is by [DefaultPrices].
func NewMessagesStream(seq iter.Seq2[*MessagesEvent, error]) *MessagesStream {
	return &MessagesStream{source: &seqSource[MessagesEvent, MessagesResponse]{
		seq:    seq,
		fold:   newMessagesFold(),
		settle: func(r *MessagesResponse) { r.Cost = defaultCost(r.Model, r.Usage, r.reported(Meta{}, true)) },
	}}
}
