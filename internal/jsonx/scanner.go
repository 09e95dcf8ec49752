package jsonx

import "encoding/json"

// maxScanDepth is below maxDepth: the Scanner gives up before the others do, and what
// is that deep is left to them.
const maxScanDepth = 500

// scanner goes through one JSON value, strictly, once.
type scanner struct {
	text   string
	pos    int
	spaced bool // whether there was white space
}

// space goes past white space and returns the byte behind it, or 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.text); s.pos++ {
		c := s.text[s.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		s.spaced = true
	}
	return 0
}

// value goes past the value that begins here.
func (s *scanner) value(depth int) bool {
	switch s.space() {
	case '{':
		return depth < maxScanDepth && s.list('}', depth+1)
	case '[':
		return depth < maxScanDepth && s.list(']', depth+1)
	case '"':
		ok, _, _ := s.literal()
		return ok
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// list goes past an object or an array.
func (s *scanner) list(end byte, depth int) bool {
	s.pos++
	if s.space() == end {
		s.pos++
		return true
	}
	for {
		if end == '}' && !s.name() || !s.value(depth) {
			return false
		}
		switch s.space() {
		case ',':
			s.pos++
		case end:
			s.pos++
			return true
		default:
			return false
		}
	}
}

// name goes past a member's name and its colon.
func (s *scanner) name() bool {
	if s.space() != '"' {
		return false
	}
	if ok, _, _ := s.literal(); !ok || s.space() != ':' {
		return false
	}
	s.pos++
	return true
}

// literal goes past a string, and reports whether it holds escapes and whether it
// holds more than ASCII.
func (s *scanner) literal() (ok, escapes, wide bool) {
	for i := s.pos + 1; ; {
		at, more := delimiter(s.text, i)
		wide = wide || more
		if at == len(s.text) {
			return false, escapes, wide
		}
		switch s.text[at] {
		case '"':
			s.pos = at + 1
			return true, escapes, wide
		case '\\':
			n := escapeLength(s.text[at:])
			if n == 0 {
				return false, escapes, wide
			}
			escapes = true
			i = at + n
		default:
			return false, escapes, wide
		}
	}
}

// escapeLength returns the length of the escape that s begins with, or 0 if JSON has
// no such.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range []byte(s[2:6]) {
			if hexDigit(c) < 0 {
				return 0
			}
		}
		return 6
	}
	return 0
}

func hexDigit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c - 'a' + 10)
	case c >= 'A' && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}

func (s *scanner) word(w string) bool {
	if len(s.text)-s.pos < len(w) || s.text[s.pos:s.pos+len(w)] != w {
		return false
	}
	s.pos += len(w)
	return true
}

func (s *scanner) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	from := s.pos
	for s.pos < len(s.text) && s.text[s.pos]-'0' < 10 {
		s.pos++
	}
	return s.pos > from
}

// whole goes past a value that must be all there is.
func (s *scanner) whole() bool { return s.value(0) && s.space() == 0 && s.pos == len(s.text) }

// IsObject reports whether data is a JSON object and nothing else.
func IsObject(data []byte) bool {
	s := scanner{text: view(data)}
	if s.space() != '{' {
		return false
	}
	return s.whole() || json.Valid(data) // which goes deeper
}

// compact appends the text without white space, which is all that there may be
// between its values, if it is one value.
func (s *scanner) compact(dst *[]byte) bool {
	if !s.whole() {
		return false
	}
	if !s.spaced {
		*dst = append(*dst, s.text...)
		return true
	}
	out, start, quoted := *dst, 0, false
	for i := 0; i < len(s.text); {
		switch c := s.text[i]; {
		case quoted && c == '\\':
			i += 2
		case c == '"':
			if quoted = !quoted; quoted {
				i, _ = delimiter(s.text, i+1)
				continue
			}
			i++
		case quoted:
			i, _ = delimiter(s.text, i)
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			out = append(out, s.text[start:i]...)
			i++
			start = i
		default:
			i++
		}
	}
	*dst = append(out, s.text[start:]...)
	return true
}
