package translate

// objectScanner follows a JSON object that comes in pieces, to tell when it is whole.
// It doesn't check it.
type objectScanner struct {
	depth   int
	any     bool // a byte that is no white space
	done    bool
	text    bool // inside a string
	escaped bool
}

func (s *objectScanner) begun() bool { return s.any }
func (s *objectScanner) ended() bool { return s.done }

func (s *objectScanner) scan(piece string) {
	for i := range len(piece) {
		c := piece[i]
		switch {
		case s.escaped:
			s.escaped = false
		case s.text:
			s.escaped = c == '\\'
			s.text = c != '"'
		case c == '"':
			s.any, s.text = true, true
		case c == '{' || c == '[':
			s.any = true
			s.depth++
		case c == '}' || c == ']':
			s.depth--
			s.done = s.done || s.any && s.depth == 0
		case c > ' ':
			s.any = true
		}
	}
}
