package events

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

const (
	startSize = 1 << 10  // of the buffer, and what an idle stream holds
	keepSize  = 64 << 10 // a larger buffer is given back after its event

	// lineEnds is room for the line ends behind an event of the maximum size:
	// with it, a full buffer always means that the limit is exceeded.
	lineEnds = 8

	maxEmptyReads = 100

	bom = "\xEF\xBB\xBF"
)

// framer finds the bytes of one event after another in a single buffer.
// No byte is searched twice for the same line end, whatever the size of the
// reads, so that a long line costs time in proportion to its length.
type framer struct {
	r   io.Reader
	max int

	buf   []byte
	start int // of the frame
	pos   int // of the line in progress
	end   int // of what was read
	lf    int // first LF at or behind pos, or end
	cr    int // first CR at or behind pos, or end

	// What the frame consists of, for the short lane.
	lines  [2]span // the first lines that are no comments, relative to start
	count  int     // of lines that are no comments
	bareCR bool    // a line ends with CR alone, or may do so

	begun  bool // the place of the byte order mark has been passed
	halfCR bool // an LF at pos belongs to the CR in front of it
	closed bool // the missing line ends have been added at the end of r
	err    error
}

type span struct{ from, to int }

// frame returns the frame found by next: whole lines, the first one a field and
// the last one blank.
func (f *framer) frame() []byte { return f.buf[f.start:f.pos] }

// line returns the i-th line of the frame that is no comment, without its end.
func (f *framer) line(i int) []byte {
	l := f.lines[i]
	from, to := f.start+l.from, f.start+l.to
	return f.buf[from:to:to]
}

// next finds the next frame. It returns io.EOF, unwrapped, at the clean end.
func (f *framer) next() error {
	f.count = 0
	for {
		found, err := f.scan()
		switch {
		case found || err != nil:
			return err
		case f.err == nil:
			f.fill()
		case f.err != io.EOF: // a wrapped EOF is no clean end
			return fmt.Errorf("reading the event stream: %w", f.err)
		case f.closed:
			return io.EOF
		default:
			f.close()
		}
	}
}

// scan goes over the lines in the buffer up to the end of a frame.
func (f *framer) scan() (found bool, err error) {
	if !f.skipBOM() {
		return false, nil
	}
	for {
		l, ended, bareCR := f.nextLine()
		if f.count == 0 {
			f.start, f.bareCR = l.from, false
		}
		f.bareCR = f.bareCR || bareCR
		blank := l.from == l.to
		switch {
		case !blank && l.to-f.start > f.max:
			return false, &TooLargeError{Limit: f.max}
		case !ended:
			return false, nil
		case blank && f.count > 0:
			return true, nil
		case blank, f.buf[l.from] == ':':
			continue
		}
		if f.count < len(f.lines) {
			f.lines[f.count] = span{l.from - f.start, l.to - f.start}
		}
		f.count++
	}
}

// nextLine steps over one line if all of it is in the buffer.
func (f *framer) nextLine() (l span, ended, bareCR bool) {
	if f.halfCR && f.pos < f.end {
		f.halfCR = false
		if f.buf[f.pos] == '\n' {
			f.pos++
		}
	}
	f.lf = f.seek(f.lf, '\n')
	f.cr = f.seek(f.cr, '\r')
	l = span{f.pos, min(f.lf, f.cr)}
	if l.to == f.end {
		return l, false, false
	}
	f.pos = l.to + 1
	if l.to == f.lf {
		return l, true, false
	}
	f.halfCR = f.pos == f.end
	if f.halfCR || f.buf[f.pos] != '\n' {
		return l, true, true
	}
	f.pos++
	return l, true, false
}

// seek returns the first c at or behind pos, or end. Everything in front of
// known has been searched before.
func (f *framer) seek(known int, c byte) int {
	from := max(known, f.pos)
	if from == f.end || f.buf[from] == c {
		return from
	}
	if i := bytes.IndexByte(f.buf[from:f.end], c); i >= 0 {
		return from + i
	}
	return f.end
}

// skipBOM reports whether the stream's lines can be looked at: false as long as
// the bytes read may be the beginning of a byte order mark.
func (f *framer) skipBOM() bool {
	if f.begun {
		return true
	}
	head := f.buf[:f.end]
	if len(head) < len(bom) && strings.HasPrefix(bom, string(head)) {
		return false
	}
	f.begun = true
	if bytes.HasPrefix(head, []byte(bom)) {
		f.pos = len(bom)
	}
	return true
}

// fill reads once, and again only if nothing came.
func (f *framer) fill() {
	f.makeRoom()
	for range maxEmptyReads {
		free := f.buf[f.end:]
		n, err := f.r.Read(free)
		if n < 0 || n > len(free) {
			n, err = 0, fmt.Errorf("reader returned an impossible count of %d bytes", n)
		}
		f.end += n
		f.err = err
		if n > 0 || err != nil {
			return
		}
	}
	f.err = io.ErrNoProgress
}

// makeRoom moves the frame in progress to the front of a buffer that is not full.
func (f *framer) makeRoom() {
	pending := f.buf[f.start:f.end]
	switch {
	case len(f.buf) == 0, len(f.buf) > keepSize && len(pending) < startSize:
		f.buf = make([]byte, startSize)
	case len(pending) == len(f.buf):
		f.buf = make([]byte, f.grown())
	case f.start == 0:
		return
	}
	f.end = copy(f.buf, pending)
	f.pos -= f.start
	f.lf -= f.start
	f.cr -= f.start
	f.start = 0
}

func (f *framer) grown() int {
	size := 2 * len(f.buf)
	if f.max < size-lineEnds {
		return f.max + lineEnds
	}
	return size
}

// close completes the last event as if its line and its blank line had ended.
func (f *framer) close() {
	const missing = "\n\n"
	f.buf = append(f.buf[:f.end], missing...)
	f.end += len(missing)
	f.closed = true
}
