package keeprouter

import (
	"iter"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// Stream is an answer that arrives in parts: chunks of Chat Completions
// ([ChatStream]) or events of Messages ([MessagesStream]).
//
// Nothing happens until the first of [Stream.All], [Stream.Text] or
// [Stream.Result] is used; then the call is made. A stream can be read once.
// There is nothing to close: the end, an error, the end of the context and leaving
// the loop (break, return, panic) each release the connection, and no goroutine
// runs meanwhile.
//
// A stream ends without an error only if the server marked its end: the [DONE]
// line or a finish reason for every choice, or the message_stop event. Everything
// else is an [*Error], which comes as the last pair of the loop and again from
// Result; of a stream made from a sequence, that sequence's own errors come as they
// are. A Stream is not safe for concurrent use.
type Stream[C, R any] struct {
	source source[C, R]
	state  streamState
	err    error // why the result isn't whole; set when state is streamOver
}

type streamState int

const (
	streamFresh streamState = iota
	streamRunning
	streamOver
)

// source is where a stream's items come from.
type source[C, R any] interface {
	// run hands out the items until the end or until emit returns false. A nil error
	// means that the answer is whole.
	run(emit func(*C) bool) error
	// result returns what has been received so far, nil if nothing.
	result() *R
	// text returns the text that an item adds to the answer, if any.
	text(item *C) string
	// meta returns what came beside the items.
	meta() Meta
}

// fold reads the events of a wire format and makes one answer of them.
type fold[C, R any] interface {
	// read decodes the data of one event and adds it to the result. The item is nil
	// if the event holds nothing to hand out. An error object is a *failure.Failure.
	read(ev *events.Event) (*C, error)
	// whole decodes an answer that came as one JSON object. It becomes the result, and
	// keeps the data only for wholeItem. Another object may be errErrorObject.
	whole(data []byte) error
	// wholeItem returns an item that holds all of an answer that came whole.
	wholeItem() *C
	// add adds an item that was decoded elsewhere.
	add(item *C) error
	// terminated reports whether the end was marked, so that nothing follows.
	terminated() bool
	// complete reports whether the answer is whole if the stream ends here.
	complete() bool
	// result returns what has been received so far, nil if nothing.
	result() *R
	// defect returns what is wrong with an answer that has come in whole, such as
	// tool arguments that are not JSON.
	defect() error
	// text returns the text that an item adds to the answer, if any.
	text(item *C) string
}

// All returns the stream's items as they arrive. An item is valid until the next
// one is asked for; its strings stay valid for ever. An error is the last pair.
// Ranging over a stream a second time yields [ErrConsumed].
func (s *Stream[C, R]) All() iter.Seq2[*C, error] {
	return func(yield func(*C, error) bool) {
		switch {
		case s.source == nil:
			yield(nil, errNoSource())
			return
		case s.state != streamFresh:
			yield(nil, &Error{Kind: ErrConsumed})
			return
		}
		s.state, s.err = streamRunning, &Error{Kind: ErrUnfinished}
		defer func() { s.state = streamOver }() // a panic in the loop's body passes here as well
		left := false
		s.err = s.source.run(func(item *C) bool {
			left = !yield(item, nil)
			return !left
		})
		if s.err != nil && !left {
			s.state = streamOver
			yield(nil, s.err)
		}
	}
}

// Text returns the text of the answer as it arrives, never an empty string. Of
// several choices it is the first one's. The rest of the answer (tool calls, usage,
// cost) is in [Stream.Result] afterwards. An error is the last pair.
func (s *Stream[C, R]) Text() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range s.All() {
			if err != nil {
				yield("", err)
				return
			}
			if text := s.source.text(item); text != "" && !yield(text, nil) {
				return
			}
		}
	}
}

// Result returns the accumulated answer with usage and cost, reading the stream
// first if nobody has. If the answer isn't whole, the error says why and the
// response holds what had arrived, nil if nothing did. After leaving a loop early,
// and inside one, the error is [ErrUnfinished].
func (s *Stream[C, R]) Result() (*R, error) {
	if s.source == nil {
		return nil, errNoSource()
	}
	if s.state == streamFresh {
		for range s.All() { //nolint:revive // reading is the point; the error is kept
		}
	}
	return s.source.result(), s.err
}

// Meta returns what came beside the answer: request id, header, rate limits,
// attempts. It is zero until the first item or error has arrived.
func (s *Stream[C, R]) Meta() Meta {
	if s.source == nil {
		return Meta{}
	}
	return s.source.meta()
}

// errNoSource tells of a Stream that no service made.
func errNoSource() error {
	return invalidRequest("", "the zero Stream has nothing to read: get one from ChatService.Stream or MessagesService.Stream")
}
