package translate

// objectScanner follows a JSON object that comes in pieces, to tell when it is whole.
// It checks no more than how it begins.
type objectScanner struct {
	depth   int
	any     bool // a byte that is no white space
	other   bool // it is no object
	done    bool
	more    bool // behind the end
	text    bool // inside a string
	escaped bool
}

func (s *objectScanner) begun() bool { return s.any }
func (s *objectScanner) ended() bool { return s.done && !s.more }

func (s *objectScanner) scan(piece string) {
	for i := range len(piece) {
		c := piece[i]
		if !s.any && !isSpace(c) {
			s.any, s.other = true, c != '{'
		}
		s.more = s.more || s.done && !isSpace(c)
		switch {
		case s.escaped:
			s.escaped = false
		case s.text:
			s.escaped = c == '\\'
			s.text = c != '"'
		case c == '"':
			s.text = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			s.depth--
			s.done = s.done || !s.other && s.depth == 0
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
