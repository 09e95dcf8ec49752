package gemma

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

const (
	scanBuffer = 1 << 17
	scanDepth  = 64
)

// jsonScanner reads JSON from a stream of which little is wanted: it keeps nothing but
// a buffer, and what is skipped is only checked for brackets and strings that end.
type jsonScanner struct {
	in      io.Reader
	buf     []byte // the part of the stream that is held
	at      int    // the next byte, in buf
	offset  int64  // of buf in the stream
	scratch []byte // a string that isn't whole in buf
}

func newJSONScanner(in io.Reader) *jsonScanner {
	return &jsonScanner{in: in, buf: make([]byte, 0, scanBuffer)}
}

func (s *jsonScanner) bad(problem string) error {
	return badFormat(s.offset+int64(s.at), problem)
}

// fill replaces the buffer, which is used up, by what follows.
func (s *jsonScanner) fill() error {
	s.offset += int64(len(s.buf))
	s.at = 0
	n, err := io.ReadAtLeast(s.in, s.buf[:cap(s.buf)], 1)
	s.buf = s.buf[:n]
	if n > 0 {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return s.bad("JSON that ends too early")
	}
	return err
}

// next takes a byte.
func (s *jsonScanner) next() (byte, error) {
	if s.at == len(s.buf) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	s.at++
	return s.buf[s.at-1], nil
}

// token takes the next byte that isn't white space.
func (s *jsonScanner) token() (byte, error) {
	for {
		c, err := s.next()
		if err != nil || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c, err
		}
	}
}

func (s *jsonScanner) expect(want byte) error {
	c, err := s.token()
	if err == nil && c != want {
		s.at--
		err = s.bad("JSON without a " + string(want))
	}
	return err
}

// object calls member at the value of each member, which it has to take.
func (s *jsonScanner) object(member func(key []byte) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.token()
		if err != nil {
			return err
		}
		if first && c == '}' {
			return nil
		}
		if c != '"' {
			return s.bad("JSON without a member's name")
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		if c, err = s.token(); err != nil || c == '}' {
			return err
		}
		if c != ',' {
			return s.bad("JSON without a comma")
		}
	}
}

// text reads a string behind its opening quote. The result is valid until the next text.
func (s *jsonScanner) text() ([]byte, error) {
	s.scratch = append(s.scratch[:0], '"')
	escaped := false
	for {
		if s.at == len(s.buf) {
			if err := s.fill(); err != nil {
				return nil, err
			}
		}
		rest := s.buf[s.at:]
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			end = len(rest)
		}
		if slash := bytes.IndexByte(rest[:end], '\\'); slash >= 0 {
			escaped = true
			s.scratch = append(s.scratch, rest[:slash+1]...)
			s.at += slash + 1
			c, err := s.next()
			if err != nil {
				return nil, err
			}
			s.scratch = append(s.scratch, c)
		} else {
			s.scratch = append(s.scratch, rest[:end]...)
			s.at += end
			if end < len(rest) {
				s.at++
				break
			}
		}
		if len(s.scratch) > 8*maxPieceBytes {
			return nil, s.bad("a string that is too long for a name or piece")
		}
	}
	if !escaped {
		return s.scratch[1:], nil
	}
	var text string
	if err := json.Unmarshal(append(s.scratch, '"'), &text); err != nil {
		return nil, s.bad("a broken JSON string")
	}
	return append(s.scratch[:0], text...), nil
}

// number reads a small whole number.
func (s *jsonScanner) number() (int, error) {
	c, err := s.token()
	if err != nil {
		return 0, err
	}
	n, digits := 0, 0
	for '0' <= c && c <= '9' {
		digits++
		if n = 10*n + int(c-'0'); n > 1<<30 {
			return 0, s.bad("an id that is too large")
		}
		if c, err = s.next(); err != nil {
			return 0, err
		}
	}
	s.at--
	if digits == 0 {
		return 0, s.bad("an id that isn't a whole number")
	}
	return n, nil
}

// skip takes a value of any kind.
func (s *jsonScanner) skip() error {
	depth := 0
	for {
		c, err := s.token()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			if depth++; depth > scanDepth {
				return s.bad("JSON that is nested too deeply")
			}
		case '}', ']':
			depth--
		case '"':
			err = s.skipText()
		case ',', ':':
		default:
			err = s.skipScalar()
		}
		if err != nil {
			return err
		}
		if depth < 0 {
			return s.bad("JSON with a bracket too many")
		}
		if depth == 0 && c != ',' && c != ':' {
			return nil
		}
	}
}

func (s *jsonScanner) skipText() error {
	for {
		if s.at == len(s.buf) {
			if err := s.fill(); err != nil {
				return err
			}
		}
		rest := s.buf[s.at:]
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			end = len(rest)
		}
		if slash := bytes.IndexByte(rest[:end], '\\'); slash >= 0 {
			s.at += slash + 1
			if _, err := s.next(); err != nil {
				return err
			}
			continue
		}
		s.at += end
		if end < len(rest) {
			s.at++
			return nil
		}
	}
}

// skipScalar takes the rest of a number, true, false or null.
func (s *jsonScanner) skipScalar() error {
	for {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch c {
		case ',', '}', ']', ' ', '\n', '\t', '\r', ':', '"', '[', '{':
			s.at--
			return nil
		}
	}
}
