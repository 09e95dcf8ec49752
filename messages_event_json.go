package keeprouter

import (
	"bytes"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// UnmarshalJSON reads one event as a stream does, from its data. An error event is an
// [*Error].
func (e *MessagesEvent) UnmarshalJSON(data []byte) error {
	f := newMessagesFold()
	item, err := f.read(&events.Event{Data: bytes.Clone(data)})
	if err != nil {
		return callError(inStream(err, data), &Call{})
	}
	if item == nil {
		item = &MessagesEvent{Type: "ping", Raw: bytes.Clone(data)}
	}
	*e = *item
	return nil
}

type (
	messagesEventWire struct {
		Type    string            `json:"type"`
		Index   *int              `json:"index,omitzero"`
		Message *MessagesResponse `json:"message,omitzero"`
		Block   Block             `json:"content_block,omitzero"`
		Delta   any               `json:"delta,omitzero"`
		Usage   *MessagesUsage    `json:"usage,omitzero"`
	}
	blockDeltaWire struct {
		Type        string          `json:"type"`
		Text        *string         `json:"text,omitzero"`
		Thinking    *string         `json:"thinking,omitzero"`
		PartialJSON *string         `json:"partial_json,omitzero"`
		Signature   *string         `json:"signature,omitzero"`
		Citation    json.RawMessage `json:"citation,omitzero"`
	}
	messageDeltaWire struct {
		StopReason   *StopReason          `json:"stop_reason"`
		StopSequence *string              `json:"stop_sequence"`
		StopDetails  *MessagesStopDetails `json:"stop_details,omitzero"`
		Container    *MessagesContainer   `json:"container,omitzero"`
	}
)

// MarshalJSON writes the event as it came, or, if it has no Raw, as the format has its
// fields. A recording is a list of these.
func (e MessagesEvent) MarshalJSON() ([]byte, error) {
	if e.Raw != nil {
		return e.Raw, nil
	}
	w := messagesEventWire{Type: e.Type}
	switch e.Type {
	case "message_start":
		w.Message = e.Message
	case "content_block_start":
		w.Index, w.Block = &e.Index, e.Block
	case "content_block_delta":
		w.Index, w.Delta = &e.Index, e.blockDelta()
	case "content_block_stop":
		w.Index = &e.Index
	case "message_delta":
		w.Delta, w.Usage = e.messageDelta(), e.WireUsage
	}
	return json.Marshal(w)
}

func (e *MessagesEvent) blockDelta() blockDeltaWire {
	d := blockDeltaWire{Type: e.DeltaType, Citation: e.Citation}
	switch e.DeltaType {
	case "text_delta":
		d.Text = &e.Text
	case "thinking_delta":
		d.Thinking = &e.Thinking
	case "input_json_delta":
		d.PartialJSON = &e.PartialJSON
	case "signature_delta":
		d.Signature = &e.Signature
	}
	return d
}

func (e *MessagesEvent) messageDelta() messageDeltaWire {
	d := messageDeltaWire{StopDetails: e.StopDetails, Container: e.Container}
	if e.StopReason != "" {
		d.StopReason = &e.StopReason
	}
	if e.StopSequence != "" {
		d.StopSequence = &e.StopSequence
	}
	return d
}
