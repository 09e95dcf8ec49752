package keeprouter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// errErrorObject tells that what came as an answer is an error. Only what can be one is
// looked through for that, which takes a good part of the time that reading does.
var errErrorObject = errors.New("the answer is an error object")

// errLeft is how a source learns that the loop over its stream was left.
var errLeft = errors.New("the loop was left")

// callSource makes a call and reads its answer, as a stream or whole.
type callSource[C, R any] struct {
	client  *Client
	ctx     context.Context // the call's own: a stream is a call that is made later
	call    Call
	first   [1]Attempt // where call.Attempts begins, since there is hardly ever a second
	wire    wire
	err     error // a request that can't be sent
	wanted  int   // how many answers were asked for; 0 is not said
	newFold func(wanted int) fold[C, R]
	settle  func(*Client, *R, *Call)
	written func(*R) string // all that the model wrote: text, thought and tool calls

	fold fold[C, R]
}

func (s *callSource[C, R]) run(emit func(*C) bool) error {
	if s.err != nil {
		return callError(s.err, &s.call)
	}
	s.call.Attempts = s.first[:0]
	return s.client.perform(s.ctx, &s.call, &s.wire, func(resp *transport.Response) error {
		return s.take(resp, emit)
	})
}

// take reads one answer.
func (s *callSource[C, R]) take(resp *transport.Response, emit func(*C) bool) error {
	s.fold, s.call.Response = s.newFold(s.wanted), nil
	handedOut := false
	if s.call.Streaming {
		all := observed(&s.call, emit)
		emit = func(item *C) bool {
			if !handedOut {
				handedOut, s.call.FirstDelta = true, time.Since(s.wire.began)
			}
			return all(item)
		}
	}
	err := verdict(s.fold, s.receive(resp, emit))
	if r := s.result(); r != nil {
		s.call.Response = r
	}
	if f, ok := errors.AsType[*failure.Failure](err); ok && handedOut {
		return &settledError{f} // not to be repeated: a part of the answer is out
	}
	return err
}

// observed tells a middleware that asked for it of each item.
func observed[C any](call *Call, emit func(*C) bool) func(*C) bool {
	if call.OnItem == nil {
		return emit
	}
	return func(item *C) bool {
		call.OnItem()
		return emit(item)
	}
}

// settledError hides a failure from the transport's retries.
type settledError struct{ *failure.Failure }

func (e *settledError) Unwrap() error { return e.Failure }

// receive hands out the items of one answer until its end. It stays on the stack as
// long as a stream is open, so what it decides by is elsewhere.
func (s *callSource[C, R]) receive(resp *transport.Response, emit func(*C) bool) error {
	body, err := s.openStream(resp, emit)
	if body == nil {
		return err
	}
	limits := &s.client.options.Limits
	return readWithin(s.fold, limits.Stream, events.Read(body, limits.Event), emit)
}

// openStream returns the body of an answer that is an event stream. It reads any other
// answer itself, and then returns none.
func (s *callSource[C, R]) openStream(resp *transport.Response, emit func(*C) bool) (io.Reader, error) {
	if !s.call.Streaming && resp.MediaType == "application/json" {
		data, ok, err := transport.ReadObject(resp)
		if err != nil {
			return nil, err
		}
		if ok {
			return nil, s.takeWhole(resp, data, emit)
		}
		resp.Body = io.MultiReader(bytes.NewReader(data), resp.Body)
	}
	form, body, err := events.Detect(resp.Body, resp.MediaType)
	switch {
	case err != nil:
		return nil, err
	case form == events.Stream:
		return body, nil
	case form == events.JSON:
		return nil, s.receiveWhole(resp, body, emit)
	default:
		return nil, s.unexpected(resp, body)
	}
}

// receiveWhole takes an answer that came as one JSON object: what Create asks for,
// and what some servers send although a stream was asked for.
func (s *callSource[C, R]) receiveWhole(resp *transport.Response, body io.Reader, emit func(*C) bool) error {
	data, err := transport.ReadAll(body, s.client.options.Limits.Body)
	if err != nil {
		return err
	}
	return s.takeWhole(resp, data, emit)
}

// takeWhole keeps nothing of the data unless a stream was asked for.
func (s *callSource[C, R]) takeWhole(resp *transport.Response, data []byte, emit func(*C) bool) error {
	switch err := s.fold.whole(data); {
	case err == errErrorObject:
		return failure.FromEvent(bytes.Clone(data), resp.Status, resp.Header)
	case err != nil:
		return &failure.Failure{
			Kind: s.wrongForm(), Status: resp.Status, Body: excerpt(data), Cause: err,
			Message: "the answer is JSON, but no answer of this format",
		}
	}
	if s.call.Streaming && !emit(s.fold.wholeItem()) {
		return errLeft
	}
	return nil
}

// unexpected tells of an answer that is neither JSON nor an event stream.
func (s *callSource[C, R]) unexpected(resp *transport.Response, body io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(body, maxExcerpt+1))
	if err != nil {
		return err
	}
	came := fmt.Sprintf("%q came", resp.MediaType)
	if len(bytes.TrimSpace(data)) == 0 && len(data) <= maxExcerpt {
		came = "an empty body came"
	}
	return &failure.Failure{
		Kind: s.wrongForm(), Status: resp.Status, Body: excerpt(data),
		Message: "an answer of the model was asked for, and " + came,
	}
}

func (s *callSource[C, R]) wrongForm() failure.Kind {
	if s.call.Streaming {
		return failure.NotAStream
	}
	return failure.BadResponse
}

func (s *callSource[C, R]) result() *R {
	if s.fold == nil {
		return nil
	}
	r := s.fold.result()
	if r != nil {
		s.settle(s.client, r, &s.call)
	}
	return r
}

// said is what the model has written so far.
func (s *callSource[C, R]) said() string {
	if s.fold == nil {
		return ""
	}
	r := s.fold.result()
	if r == nil {
		return ""
	}
	return s.written(r)
}

func (s *callSource[C, R]) text(item *C) string { return s.fold.text(item) }
func (s *callSource[C, R]) meta() Meta          { return s.call.Meta }

// create reads the answer without handing out its parts.
func (s *callSource[C, R]) create() (*R, error) {
	err := s.run(nil)
	if err == nil && len(s.client.options.Middleware) == 0 {
		return s.fold.result(), nil // take has settled it, and nobody can have changed the call since
	}
	return s.result(), err
}

// seqSource takes the items from a sequence, such as a recording.
type seqSource[C, R any] struct {
	seq    iter.Seq2[*C, error]
	fold   fold[C, R]
	settle func(*R)
}

func (s *seqSource[C, R]) run(emit func(*C) bool) error {
	return callError(verdict(s.fold, s.receive(emit)), &Call{})
}

func (s *seqSource[C, R]) receive(emit func(*C) bool) error {
	if s.seq == nil {
		return nil
	}
	for item, err := range s.seq {
		if err != nil {
			return err
		}
		if item == nil {
			continue
		}
		if err := s.fold.add(item); err != nil {
			return err
		}
		if !emit(item) {
			return errLeft
		}
	}
	return nil
}

func (s *seqSource[C, R]) result() *R {
	r := s.fold.result()
	if r != nil {
		s.settle(r)
	}
	return r
}

func (s *seqSource[C, R]) text(item *C) string { return s.fold.text(item) }
func (s *seqSource[C, R]) meta() Meta          { return Meta{} }

// readWithin feeds the fold and hands out what it makes of each event. All events
// together may be no larger than limit, since what has come of an answer is kept.
// Nobody wants the items where emit is nil.
func readWithin[C, R any](f fold[C, R], limit int64, stream iter.Seq2[*events.Event, error], emit func(*C) bool) error {
	left := limit
	for ev, err := range stream {
		if err != nil {
			return eventsError(err)
		}
		if left -= int64(len(ev.Data)); left < 0 {
			return &failure.Failure{
				Kind: failure.TooLarge, InStream: true,
				Message: fmt.Sprintf("the stream is larger than Limits.Stream, %d bytes", limit),
			}
		}
		item, err := f.read(ev)
		if err != nil {
			return inStream(err, ev.Data)
		}
		if item != nil && emit != nil && !emit(item) {
			return errLeft
		}
		if f.terminated() {
			return nil
		}
	}
	return nil
}

// verdict says how an answer ended, given how its reading did.
func verdict[C, R any](f fold[C, R], err error) error {
	switch lost, ok := errors.AsType[*failure.Failure](err); {
	case err == nil && f.complete():
		return f.defect()
	case err == nil:
		return &failure.Failure{
			Kind: failure.Truncated, Retryable: true, InStream: f.result() != nil,
			Message: "the stream ended before its end was marked",
		}
	case errors.Is(err, errLeft):
		if f.complete() {
			return f.defect()
		}
		return &Error{Kind: ErrUnfinished}
	case ok && lost.Kind == failure.Connection:
		return &failure.Failure{
			Kind: failure.Truncated, Retryable: true, Cause: lost.Cause, InStream: f.result() != nil,
			Message: "the connection broke before the stream's end",
		}
	case ok && f.result() != nil:
		lost.InStream = true
	}
	return err
}

// inStream makes a failure of what went wrong with one event.
func inStream(err error, data []byte) error {
	f, ok := errors.AsType[*failure.Failure](err)
	if !ok {
		f = &failure.Failure{
			Kind: failure.BadResponse, Cause: err, Body: excerpt(data),
			Message: "an event of the stream can't be read",
		}
	}
	f.InStream = true
	return f
}

func eventsError(err error) error {
	if lost, ok := errors.AsType[*failure.Failure](err); ok {
		return lost // without its wrapping, so that it can be repeated
	}
	large, ok := errors.AsType[*events.TooLargeError](err)
	if !ok {
		return err
	}
	return &failure.Failure{
		Kind: failure.TooLarge, InStream: true,
		Message: fmt.Sprintf("an event is larger than Limits.Event, %d bytes", large.Limit),
	}
}

// maxExcerpt bounds the part of a body that an error keeps.
const maxExcerpt = 4 << 10

func excerpt(data []byte) []byte {
	return failure.Excerpt(data, maxExcerpt)
}
