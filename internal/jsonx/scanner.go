package jsonx

// maxScanDepth is below maxDepth: a [Reader] gives up before the others do, and what
// is that deep is left to them.
const maxScanDepth = 500

// scanner goes through one JSON value, strictly, once. It stops at the byte that JSON
// can't have there.
type scanner struct {
	text   string
	pos    int
	spaced bool   // whether there was white space
	fault  string // where that byte stands, in the words of encoding/json
	inside bool   // whether that is in a token, where white space can't be either
}

// fails tells between which tokens the scanner stopped.
func (s *scanner) fails(fault string) bool {
	s.fault = fault
	return false
}

// breaks tells in which token the scanner stopped.
func (s *scanner) breaks(fault string) bool {
	s.fault, s.inside = fault, true
	return false
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

// value goes past the value that begins here, and that is nested at most so deeply.
func (s *scanner) value(depth int) bool {
	switch s.space() {
	case '{':
		return s.list('}', depth-1)
	case '[':
		return s.list(']', depth-1)
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
	if depth < 0 {
		return s.fails("exceeded max depth")
	}
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
			if end == '}' {
				return s.fails("after object key:value pair")
			}
			return s.fails("after array element")
		}
	}
}

// name goes past a member's name and its colon.
func (s *scanner) name() bool {
	if s.space() != '"' {
		return s.fails("looking for beginning of object key string")
	}
	if ok, _, _ := s.literal(); !ok {
		return false
	}
	if s.space() != ':' {
		return s.fails("after object key")
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
			s.pos = at
			return false, escapes, wide
		}
		switch s.text[at] {
		case '"':
			s.pos = at + 1
			return true, escapes, wide
		case '\\':
			n := escapeLength(s.text[at:])
			if n == 0 {
				s.pos = at + 1
				return s.escape(), escapes, wide
			}
			escapes = true
			i = at + n
		default:
			s.pos = at
			return s.breaks("in string literal"), escapes, wide
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
			if hexValue(c) < 0 {
				return 0
			}
		}
		return 6
	}
	return 0
}

// escape goes to where it shows that JSON has no such escape.
func (s *scanner) escape() bool {
	if !s.take('u') {
		return s.breaks("in string escape code")
	}
	for s.pos < len(s.text) && hexValue(s.text[s.pos]) >= 0 {
		s.pos++
	}
	return s.breaks(`in \u hexadecimal character escape`)
}

func (s *scanner) word(w string) bool {
	for i := range len(w) {
		if s.pos == len(s.text) || s.text[s.pos] != w[i] {
			return s.breaks("in literal " + w + " (expecting '" + w[i:i+1] + "')")
		}
		s.pos++
	}
	return true
}

func (s *scanner) number() bool {
	negative := s.take('-')
	if !s.take('0') && !s.digits() {
		if negative {
			return s.breaks("in numeric literal")
		}
		return s.fails("looking for beginning of value")
	}
	if s.take('.') && !s.digits() {
		return s.breaks("after decimal point in numeric literal")
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits() || s.breaks("in exponent of numeric literal")
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
func (s *scanner) whole(depth int) bool {
	if !s.value(depth) {
		return false
	}
	s.space()
	return s.pos == len(s.text) || s.fails("after top-level value")
}

// IsObject reports whether data is a JSON object and nothing else.
func IsObject(data []byte) bool {
	s := scanner{text: view(data)}
	if s.space() != '{' {
		return false
	}
	return s.whole(stdDepth)
}

// compact appends the text without white space, which is all that there may be
// between its values, if it is one value.
func (s *scanner) compact(dst *[]byte) bool {
	if !s.whole(stdDepth) {
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
