// Package events reads server-sent event streams.
//
// A framer finds where events end, a short lane takes the frames that gateways
// usually send straight from the read buffer, and go-sse reads every other one. A
// consumer may have the reader learn an event ([Event.Learn]): those that differ from
// it in a few values only are then told apart from the rest without a look at their
// lines, and come with these values.
package events

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// Event is one event of a stream. The stream reuses it for the next.
type Event struct {
	// Name is the event field, "" when absent.
	Name string

	// Data holds the data lines joined by LF, exactly as sent: invalid UTF-8 is
	// not replaced. It is never empty. Copy what must live longer than the event.
	Data []byte

	// Unfinished tells that the stream ended before the blank line that
	// completes the event, so Data may be cut.
	Unfinished bool

	source *stream     // nil of an event that no stream brought
	slots  *lane.Slots // nil of an event that isn't like the learned one
}

// ErrTooLarge matches, with [errors.Is], the error for an event or a line
// over the limit. The error itself is a [*TooLargeError].
var ErrTooLarge = errors.New("event too large")

// TooLargeError ends a stream in which an event, or a line outside of one,
// exceeds the limit given to [Read].
type TooLargeError struct {
	Limit int // in bytes
}

// Error names the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("an event of the stream exceeds the limit of %d bytes", e.Limit)
}

// Is reports whether target is [ErrTooLarge].
func (e *TooLargeError) Is(target error) bool { return target == ErrTooLarge }

// Read returns the events of r in order, and reads from r only when no complete
// event is left in its buffer. Events without data are skipped.
//
// A clean end of r ends the sequence; an event that lacks only its blank line is
// then handed out as [Event.Unfinished]. Any other error of r is the sequence's
// last element and wraps the cause; an unfinished event before it is dropped.
//
// maxEvent caps the bytes of one event from its first field to the end of its
// last line, and of one comment line; more is a [*TooLargeError]. Comments in
// front of an event do not count, however many there are.
//
// Lines end with LF, CRLF or CR. A CR that ends a blank line completes the event
// at once, without waiting for the byte behind it; if that byte turns out to be
// LF, it is the second half of the same line end.
//
// The sequence is single-pass: ranging again goes on behind the last event that
// was handed out, and repeats the error if one ended it.
func Read(r io.Reader, maxEvent int) iter.Seq2[*Event, error] {
	s := &stream{framer: framer{r: r, max: max(0, maxEvent)}}
	return func(yield func(*Event, error) bool) {
		for {
			event, err := s.next()
			if err == io.EOF {
				return
			}
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

// stream turns frames into events.
type stream struct {
	framer  framer
	names   names
	repeats repeater
	event   Event
}

func (s *stream) next() (*Event, error) {
	for {
		if s.repeats.template.Learned() && s.repeat() {
			return s.repeated(), nil
		}
		if err := s.framer.next(); err != nil {
			return nil, err
		}
		event, ok := s.short()
		s.repeats.taken = false
		if ok {
			s.repeats.note(&s.framer, &event)
		} else {
			var err error
			if event, err = readUnusual(s.framer.frame()); err != nil {
				return nil, err
			}
		}
		if len(event.Data) > 0 {
			event.Unfinished, event.source = s.framer.closed, s
			s.event = event
			return &s.event, nil
		}
	}
}
