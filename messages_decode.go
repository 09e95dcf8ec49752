package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// unmodelled is what an event holds beside the fields of a [MessagesEvent].
type unmodelled struct {
	literal json.RawMessage            // the JSON string behind Text, Thinking, PartialJSON or Signature
	delta   json.RawMessage            // the whole delta
	extra   map[string]json.RawMessage // what a message_delta adds to the answer
}

// wireMessagesEvent is the first level of an event. Its members are views.
type wireMessagesEvent struct {
	kind                                string
	index, message, block, delta, usage json.RawMessage
}

func readWireMessagesEvent(ev *events.Event) (wireMessagesEvent, error) {
	if !jsonx.Valid(ev.Data) {
		return wireMessagesEvent{}, errors.New("it is not JSON, or nests too deeply")
	}
	var w wireMessagesEvent
	for name, value := range jsonx.Members(ev.Data) {
		switch name {
		case "type":
			w.kind = literalLike(ev.Name, value)
		case "index":
			w.index = value
		case "message":
			w.message = value
		case "content_block":
			w.block = value
		case "delta":
			w.delta = value
		case "usage":
			w.usage = value
		}
	}
	if w.kind == "" {
		w.kind = ev.Name
	}
	return w, nil
}

// foreignEvent reports whether a name is that of an event that holds nothing of the
// answer, such as a heartbeat: its data may be anything.
func foreignEvent(name string) bool {
	switch name {
	case "", "message", "error", "message_start", "content_block_start", "content_block_delta",
		"content_block_stop", "message_delta", "message_stop":
		return false
	}
	return true
}

// messagesEventError returns the error that an event is, if it is one.
func messagesEventError(ev *events.Event) error {
	isError := ev.Name == "error"
	if !isError && (bytes.Contains(ev.Data, []byte(`"error"`)) || !bytes.Contains(ev.Data, []byte(`"type"`))) {
		isError = failure.IsError(ev.Data)
	}
	if !isError {
		return nil
	}
	f := failure.FromEvent(ev.Data, 0, nil)
	f.InStream = true
	return f
}

// decode fills f.event from the wire.
func (f *messagesFold) decode(ev *events.Event) (unmodelled, error) {
	w, err := readWireMessagesEvent(ev)
	if err != nil {
		return unmodelled{}, err
	}
	f.event = MessagesEvent{Type: w.kind, Raw: ev.Data, Index: f.index(w)}
	switch w.kind {
	case "message_start":
		f.event.Message, err = decodeMessage(w.message)
		return unmodelled{}, err
	case "content_block_start":
		if jsonx.Kind(w.block) == '{' {
			f.event.Block = readOneBlock(w.block)
		}
	case "content_block_delta":
		return f.event.decodeDelta(w.delta), nil
	case "message_delta":
		return f.decodeMessageDelta(ev.Data, w)
	}
	return unmodelled{}, nil
}

// decodeMessage reads the message that a stream starts with. Each stream's goroutine
// would keep the stack that reflection takes, so it comes second.
func decodeMessage(data json.RawMessage) (*MessagesResponse, error) {
	if jsonx.Kind(data) != '{' {
		return &MessagesResponse{}, nil
	}
	if m, _, ok := readMessagesResponse(data, false); ok {
		return m, nil
	}
	m := &MessagesResponse{}
	return m, json.Unmarshal(data, m)
}

// index returns the index of an event's block. Where the server leaves it out, a
// start is that of the next block, and all else is about the last one.
func (f *messagesFold) index(w wireMessagesEvent) int {
	if len(w.index) > 0 {
		n, err := strconv.ParseFloat(strings.Trim(string(w.index), `"`), 64)
		if err == nil && math.Abs(n) < math.MaxInt32 {
			return int(n)
		}
	}
	switch w.kind {
	case "content_block_start":
		return f.last + 1
	case "content_block_delta", "content_block_stop":
		return max(f.last, 0)
	}
	return 0
}

// decodeDelta reads the delta of a block. A missing type follows from what is there.
func (e *MessagesEvent) decodeDelta(delta json.RawMessage) unmodelled {
	found := unmodelled{delta: delta}
	inferred := ""
	for name, value := range jsonx.Members(delta) {
		switch name {
		case "type":
			e.DeltaType = deltaType(value)
		case "text":
			found.literal, inferred = value, "text_delta"
		case "thinking":
			found.literal, inferred = value, "thinking_delta"
		case "partial_json":
			found.literal, inferred = value, "input_json_delta"
		case "signature":
			found.literal, inferred = value, "signature_delta"
		case "citation":
			e.Citation, inferred = value, "citations_delta"
		}
	}
	if e.DeltaType == "" {
		e.DeltaType = inferred
	}
	return found
}

// deltaType reads the type of a delta, without an allocation for the usual ones.
func deltaType(data json.RawMessage) string {
	switch string(data) {
	case `"text_delta"`:
		return "text_delta"
	case `"thinking_delta"`:
		return "thinking_delta"
	case `"input_json_delta"`:
		return "input_json_delta"
	}
	return literal(data)
}

// decodeMessageDelta reads what comes at the end of an answer.
func (f *messagesFold) decodeMessageDelta(data []byte, w wireMessagesEvent) (unmodelled, error) {
	end, err := decodeMessagesEnd(w.delta)
	if err != nil {
		return unmodelled{}, err
	}
	var found unmodelled
	for _, object := range []json.RawMessage{data, w.delta} {
		for name, value := range jsonx.Members(object) {
			if !ofResponse(name) && !jsonx.IsNull(value) {
				if found.extra == nil {
					found.extra = extras{}
				}
				found.extra[name] = bytes.Clone(value)
			}
		}
	}
	usage, err := f.head.usage.update(w.usage)
	if err != nil {
		f.head.usage = nil // better unknown than a total that has run on
	}
	if usage != nil && !f.counted && !tellsOf(w.usage, "output_tokens") {
		usage.OutputTokens = 0 // the first event's placeholder is no count
	}
	f.event.StopReason, f.event.StopSequence = end.StopReason, end.StopSequence
	f.event.StopDetails, f.event.Container = end.StopDetails, end.Container
	f.event.WireUsage = usage
	return found, nil
}

// messagesEnd is the delta of a message_delta.
type messagesEnd struct {
	StopReason   StopReason           `json:"stop_reason"`
	StopSequence string               `json:"stop_sequence"`
	StopDetails  *MessagesStopDetails `json:"stop_details"`
	Container    *MessagesContainer   `json:"container"`
}

func decodeMessagesEnd(data json.RawMessage) (messagesEnd, error) {
	if jsonx.Kind(data) != '{' {
		return messagesEnd{}, nil
	}
	if end, ok := readMessagesEnd(data); ok {
		return end, nil
	}
	return unmarshalMessagesEnd(data)
}

func unmarshalMessagesEnd(data json.RawMessage) (end messagesEnd, err error) {
	_, err = jsonx.Unmarshal(data, &end)
	return end, err
}

// readMessagesEnd reads it in one pass, if it can.
func readMessagesEnd(data json.RawMessage) (end messagesEnd, ok bool) {
	r := jsonx.NewReader(data)
	r.Own = jsonx.Methods
	for r.Object(); r.Member(); {
		switch r.Name {
		case "stop_reason":
			end.StopReason = StopReason(r.String())
		case "stop_sequence":
			end.StopSequence = r.String()
		case "stop_details":
			readPointer(&r, &end.StopDetails)
		case "container":
			readPointer(&r, &end.Container)
		default:
			r.View()
		}
	}
	return end, r.Done()
}

// tellsOf reports whether an object has a member that isn't null.
func tellsOf(object json.RawMessage, name string) bool {
	value := memberOf(object, name)
	return value != nil && !jsonx.IsNull(value)
}

// ofResponse reports whether a member of a message_delta has a field, or would have
// the name of one in a response.
func ofResponse(name string) bool {
	switch name {
	case "delta", "index", "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "container", "usage":
		return true
	}
	return false
}
