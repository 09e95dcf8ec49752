package events

import (
	"bytes"

	"github.com/keeprouter/keeprouter-go/internal/lane"
)

const (
	// maxLearned bounds an event that is learned, because a copy of it is kept.
	maxLearned = 2 << 10

	// maxWait bounds the bytes that are waited on: those of an event that has come
	// in part are compared anew after each read.
	maxWait = 16 << 10
)

// repeater finds events that differ from a learned one in a few values, before their
// lines are looked for.
type repeater struct {
	template lane.Template
	learned  layout // of the template
	latest   layout // of the frame that the short lane took last
	taken    bool   // whether that was the last frame, apart from those like the learned one
}

// layout is where the data is in a frame.
type layout struct {
	name string // of the event
	data int    // where the data begins
	tail int    // how many bytes are behind it
}

// Learn has the reader look out for events that differ from this one in the given
// values only: views into its data, strings or integers without a sign, nil for none.
// It reports whether it does, and forgets what was learned before in either case. It
// must be called before the next event is asked for.
func (e *Event) Learn(values ...[]byte) bool {
	if e.source == nil {
		return false
	}
	r, frame := &e.source.repeats, e.source.framer.frame()
	r.template.Forget()
	hit := e.slots != nil
	if !hit {
		r.learned = r.latest
	}
	return (hit || r.taken) && !e.Unfinished && len(frame) <= maxLearned && r.template.Learn(frame, values...)
}

// Forget has the reader look out for no event.
func (e *Event) Forget() {
	if e.source != nil {
		e.source.repeats.template.Forget()
	}
}

// Slots returns the values in which this event differs from the learned one, in the
// order that [Event.Learn] was given, or nil if it differs in more than these. They
// are valid as long as the data.
func (e *Event) Slots() *lane.Slots { return e.slots }

// note keeps what learning needs to know of an event that the short lane took.
func (r *repeater) note(f *framer, e *Event) {
	line := f.lines[f.count-1]
	r.latest = layout{name: e.Name, data: line.to - len(e.Data), tail: len(f.frame()) - line.to}
	r.taken = r.latest.tail <= len("\r\n\r\n") // no comment is behind the data
}

// repeat steps over the next event if it is like the learned one. It reads when there
// is too little to tell, as the framer would.
func (s *stream) repeat() bool {
	f, r := &s.framer, &s.repeats
	for !f.halfCR && f.stepOverComments() {
		f.start = f.pos
		n := lane.Short
		if f.pos < f.end {
			n = r.template.Match(f.buf[f.pos:f.end])
		}
		switch n {
		case lane.Miss:
			return false
		case lane.Short:
			if f.err != nil || f.end-f.pos > min(maxWait, f.max) || f.endsInCR() {
				return false
			}
			f.fill()
		default:
			if n-r.learned.tail > f.max {
				return false
			}
			f.pos += n
			return true
		}
	}
	return false
}

// endsInCR reports whether the bytes so far may end an event already, because CR is a
// line end by itself.
func (f *framer) endsInCR() bool { return f.pos < f.end && f.buf[f.end-1] == '\r' }

// repeated returns the event that repeat stepped over.
func (s *stream) repeated() *Event {
	f, l := &s.framer, &s.repeats.learned
	if s.event.slots == nil {
		s.event = Event{Name: l.name, source: s, slots: &s.repeats.template.Slots}
	}
	to := f.pos - l.tail
	s.event.Data = f.buf[f.start+l.data : to : to]
	return &s.event
}

// stepOverComments moves behind blank lines and whole comment lines. It reports
// whether what follows is for the template to look at.
func (f *framer) stepOverComments() bool {
	for f.pos < f.end {
		switch f.buf[f.pos] {
		case '\n':
			f.pos++
		case ':':
			n := bytes.IndexByte(f.buf[f.pos:f.end], '\n')
			if n < 0 || n > f.max || bytes.IndexByte(f.buf[f.pos:f.pos+n], '\r') >= 0 {
				return false
			}
			f.pos += n + 1
		default:
			return true
		}
	}
	return true
}
