package translate

import "io"

// pingReader makes of each comment between two events an event of the name ping, so
// that it is met in its place: servers send comments while nothing else comes.
type pingReader struct {
	from io.Reader
	buf  []byte
	out  []byte // of made, not yet read
	made []byte
	err  error

	line    int  // bytes of the line so far
	inside  bool // an event
	comment bool
	cr      bool // the last byte was one
}

// pingEvent is what a comment becomes.
const pingEvent = "event: ping\ndata: {}\n\n"

func newPingReader(from io.Reader) *pingReader {
	return &pingReader{from: from, buf: make([]byte, 4<<10)}
}

// Read reads from the stream only when all of what it made was read.
func (r *pingReader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		var n int
		n, r.err = r.from.Read(r.buf)
		r.made = r.made[:0]
		for _, c := range r.buf[:n] {
			r.take(c)
		}
		r.out = r.made
		if n == 0 && r.err == nil {
			return 0, nil
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *pingReader) take(c byte) {
	second := c == '\n' && r.cr // of a line end that was two bytes
	r.cr = c == '\r'
	switch {
	case second:
		if !r.comment {
			r.made = append(r.made, c)
		}
		r.comment = false
	case c == '\n' || c == '\r':
		if r.comment {
			r.made = append(r.made, pingEvent...)
			r.comment = c == '\r' // its other half goes with it
		} else {
			r.made = append(r.made, c)
			r.inside = r.line > 0
		}
		r.line = 0
	default:
		if r.line == 0 {
			r.comment = c == ':' && !r.inside
		}
		r.line++
		if !r.comment {
			r.made = append(r.made, c)
		}
	}
}
