package events

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// Form is what a body turns out to hold.
type Form int

// The forms that a model's answer comes in.
const (
	Other  Form = iota // neither of the two: HTML, plain text, nothing at all
	Stream             // an event stream
	JSON               // a JSON value
)

// maxLead bounds the white space that may stand before a body's first character.
// Some servers write a blank line as a sign of life while a request waits.
const maxLead = 64 << 10

// Detect reads the beginning of a body to tell its form, because servers send JSON
// and HTML under the event stream's media type, and streams under none. The
// returned reader yields the whole body, apart from white space before JSON. An error
// that comes with a body's first bytes is left to that reader, behind the bytes.
func Detect(r io.Reader, mediaType string) (Form, io.Reader, error) {
	isStream := strings.EqualFold(mediaType, "text/event-stream")
	lead, err := readLead(r)
	first := bytes.TrimLeft(lead, " \t\r\n")
	if err != nil {
		r = broken{err}
	}
	body := &resumed{lead, r}
	switch {
	case err != nil && len(first) == 0:
		return Other, nil, err
	case len(first) == 0:
		if isStream {
			return Stream, body, nil
		}
		return Other, body, nil
	case first[0] == '{' || first[0] == '[':
		return JSON, &resumed{first, r}, nil
	case first[0] == '<':
		return Other, body, nil
	case isStream || startsField(first):
		return Stream, body, nil
	}
	return Other, body, nil
}

// fieldStarts are how an event stream begins.
func fieldStarts() []string { return []string{"data:", "event:", "id:", "retry:", ":", bom} }

// resumed is a body of which the lead has been read.
type resumed struct {
	lead []byte
	rest io.Reader
}

func (b *resumed) Read(p []byte) (int, error) {
	if len(b.lead) == 0 {
		return b.rest.Read(p)
	}
	n := copy(p, b.lead)
	if b.lead = b.lead[n:]; len(b.lead) == 0 {
		b.lead = nil // a stream may be open for long
	}
	return n, nil
}

// broken is the rest of a body whose reading failed.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// startsField reports whether a body begins as an event stream does.
func startsField(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte(bom))
	for _, start := range fieldStarts() {
		if n := min(len(b), len(start)); string(b[:n]) == start[:n] {
			return true
		}
	}
	return false
}

// undecided reports whether a body begins as an event stream may, with more to come.
func undecided(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte(bom))
	for _, start := range fieldStarts() {
		if len(b) < len(start) && strings.HasPrefix(start, string(b)) {
			return true
		}
	}
	return false
}

// readLead reads until the form can be told, or the end. What came before an error is
// returned with it.
func readLead(r io.Reader) ([]byte, error) {
	lead := make([]byte, 0, 512)
	begun := false
	for empty := 0; len(lead) < maxLead; {
		lead = slices.Grow(lead, 1)
		n, err := r.Read(lead[len(lead):min(cap(lead), maxLead)])
		begun = begun || len(bytes.TrimLeft(lead[len(lead):len(lead)+n], " \t\r\n")) > 0
		lead = lead[:len(lead)+n]
		switch {
		case err == io.EOF:
			return lead, nil
		case err != nil:
			return lead, err
		case begun && !undecided(bytes.TrimLeft(lead, " \t\r\n")):
			return lead, nil
		}
		if n > 0 {
			empty = 0
		} else if empty++; empty == 100 {
			return lead, io.ErrNoProgress
		}
	}
	return lead, nil
}
