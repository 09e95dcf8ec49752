// Package lane recognises events that differ from an earlier one in a few JSON
// strings only, which is what most events of a model's stream do.
//
// A JSON parser is deterministic: given the same bytes around a string or a number,
// it is in the same state behind it, whatever valid value stands there. So an event
// that matches a [Template] means what the template's event meant, but for the
// values in its slots, and nothing else of it needs to be decoded.
package lane

import (
	"bytes"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MaxSlots bounds the slots of a template.
const MaxSlots = 8

// maxDigits keeps the integers of slots inside an int64.
const maxDigits = 18

// suspect is how the string of a slot doesn't end: between quotes, the word has the
// readers of events look for an error more closely.
const suspect = "error"

// Slot is the value of a slot in the event that matched last.
type Slot struct {
	Literal []byte     // a view of the string with its quotes, or of the digits; nil if the template hasn't this slot
	Form    jsonx.Form // of a string
}

// Slots are those of one event, in the order that [Template.Learn] was given.
type Slots [MaxSlots]Slot

// Template is an event's bytes around its slots. The zero Template matches nothing.
type Template struct {
	Slots Slots // of the event that matched last

	text []byte
	gaps []gap
}

// gap is where a slot was in the template's text.
type gap struct {
	from, to int // what is compared ends at from, and goes on at to
	slot     int
	digits   bool
}

// What [Template.Match] returns in place of a length.
const (
	Miss  = 0
	Short = -1 // all bytes match as far as they go
)

// Forget makes the template match nothing.
func (t *Template) Forget() { t.text = t.text[:0] }

// Learned reports whether the template can match anything.
func (t *Template) Learned() bool { return len(t.text) > 0 }

// Learn makes a template of text, an event of valid JSON, with slots where the values
// are: views into text that are whole string literals or integers without a sign. A
// nil value has no slot. Without success the template matches nothing.
func (t *Template) Learn(text []byte, values ...[]byte) bool {
	t.Forget()
	t.gaps = t.gaps[:0]
	t.Slots = Slots{}
	if len(values) > MaxSlots {
		return false
	}
	for i, value := range values {
		if value != nil && !t.cut(text, value, i) {
			return false
		}
	}
	t.text = append(t.text, text...)
	return true
}

// cut makes a gap of a value, in the order of the text.
func (t *Template) cut(text, value []byte, slot int) bool {
	from := offset(text, value)
	if from < 0 || len(value) == 0 {
		return false
	}
	g := gap{from: from, to: from + len(value), slot: slot, digits: true}
	if value[0] == '"' {
		g = gap{from: from + 1, to: from + len(value) - 1, slot: slot}
		if end, _ := jsonx.ScanString(text, g.from); end != g.to {
			return false
		}
	} else if integerEnd(text, g.from) != g.to {
		return false
	}
	at := len(t.gaps)
	for at > 0 && t.gaps[at-1].from > g.from {
		at--
	}
	t.gaps = append(t.gaps, gap{})
	copy(t.gaps[at+1:], t.gaps[at:])
	t.gaps[at] = g
	return true
}

// offset returns where in text the view lies, -1 if nowhere. Equal bytes elsewhere
// don't count.
func offset(text, view []byte) int {
	for from := 0; len(view) > 0; {
		i := bytes.Index(text[from:], view)
		if i < 0 {
			break
		}
		if from += i; &text[from] == &view[0] {
			return from
		}
		from++
	}
	return -1
}

// Match compares the beginning of b with the template. It returns the length of the
// event, whose values are then in t.Slots, or [Miss] or [Short]. The template must
// have learned something.
func (t *Template) Match(b []byte) int {
	at, from := 0, 0
	for i := range t.gaps {
		g := &t.gaps[i]
		fixed := t.text[from:g.from]
		if len(b)-at < len(fixed) {
			return shortOf(b[at:], fixed)
		}
		if string(b[at:at+len(fixed)]) != string(fixed) {
			return Miss
		}
		at += len(fixed)
		end := t.fill(g, b, at)
		switch end {
		case jsonx.Cut:
			return Short
		case jsonx.Invalid:
			return Miss
		}
		at, from = end, g.to
	}
	fixed := t.text[from:]
	if len(b)-at < len(fixed) {
		return shortOf(b[at:], fixed)
	}
	if string(b[at:at+len(fixed)]) != string(fixed) {
		return Miss
	}
	return at + len(fixed)
}

// fill takes the value of a slot and returns where it ends.
func (t *Template) fill(g *gap, b []byte, from int) int {
	slot := &t.Slots[g.slot]
	if g.digits {
		end := integerEnd(b, from)
		if end >= 0 {
			slot.Literal = b[from:end:end]
		}
		return end
	}
	end, form := jsonx.ScanString(b, from)
	if end < 0 {
		return end
	}
	if b[end-1] == suspect[len(suspect)-1] && bytes.HasSuffix(b[from:end], []byte(suspect)) {
		return jsonx.Invalid
	}
	slot.Literal, slot.Form = b[from-1:end+1:end+1], form
	return end
}

// integerEnd returns the index behind the digits of an integer.
func integerEnd(b []byte, from int) int {
	i := from
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	switch {
	case i-from > maxDigits, i-from > 1 && b[from] == '0':
		return jsonx.Invalid
	case i == len(b):
		return jsonx.Cut
	case i == from:
		return jsonx.Invalid
	}
	return i
}

func shortOf(b, fixed []byte) int {
	if string(b) == string(fixed[:len(b)]) {
		return Short
	}
	return Miss
}
