package tokens

import "unicode/utf8"

// longestRun is the length of the longest piece of white space in the vocabulary.
const longestRun = 31

// scanner reads a text once and tallies it.
type scanner struct {
	tally tally
	text  string
	// afterSpace says that exactly one space stands before the position, which belongs to
	// what follows if that is a word or a sign.
	afterSpace bool
	afterDigit bool
}

func (s *scanner) scan(text string) {
	s.text = text
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case isLetter(c):
			i = s.word(i)
		case c == ' ':
			i = s.spaces(i)
			continue
		case isDigit(c):
			i = s.digits(i)
			s.afterSpace, s.afterDigit = false, true
			continue
		case c == '\n':
			i = s.run(i, lineBreak)
		case c == '\t':
			i = s.run(i, tabRun)
		case c < ' ' || c == 0x7F:
			s.takeLoneSpace()
			s.tally.features[control]++
			i++
		case c < utf8.RuneSelf:
			i = s.signs(i)
		default:
			i = s.beyondASCII(i)
		}
		s.afterSpace, s.afterDigit = false, false
	}
	s.takeLoneSpace()
}

// takeLoneSpace counts the space before the position as a token of its own.
func (s *scanner) takeLoneSpace() {
	if s.afterSpace {
		s.tally.features[loneSpace]++
		s.afterSpace = false
	}
}

func (s *scanner) digits(i int) int {
	s.takeLoneSpace()
	start := i
	for i < len(s.text) && isDigit(s.text[i]) {
		i++
	}
	s.tally.features[digit] += int64(i - start)
	return i
}

func (s *scanner) run(i int, f feature) int {
	s.takeLoneSpace()
	end := runEnd(s.text, i)
	s.tally.features[f] += int64(end-i+longestRun-1) / longestRun
	return end
}

func (s *scanner) spaces(i int) int {
	end := runEnd(s.text, i)
	n := end - i
	rest := n % longestRun
	s.tally.features[spaceRun] += int64(n / longestRun)
	s.afterSpace = rest == 1
	if rest > 1 {
		s.tally.features[spaceRun]++
	}
	s.afterDigit = false
	return end
}

// runEnd is where the run of the byte at i ends.
func runEnd(text string, i int) int {
	c := text[i]
	for i < len(text) && text[i] == c {
		i++
	}
	return i
}

// signs reads a run of ASCII punctuation.
func (s *scanner) signs(i int) int {
	start := i
	last := byte(0)
	for i < len(s.text) && isSign(s.text[i]) {
		c := s.text[i]
		switch {
		case c == '_':
			s.tally.features[underscore]++
		case i == start:
		case c == last:
			s.tally.features[punctSame]++
		default:
			s.tally.features[punctMore]++
		}
		last = c
		i++
	}
	if s.afterSpace {
		s.tally.features[spacedSign]++
	}
	switch {
	case i-start > 1:
		s.tally.features[punctRun]++
	case last == '\'' && start > 0 && isLetter(s.text[start-1]):
		s.tally.features[apostrophe]++
	case last != '_':
		s.tally.features[punct]++
	}
	return i
}

// beyondASCII reads a run of one script, a word that starts with an accented letter, or a
// space.
func (s *scanner) beyondASCII(i int) int {
	r, size := utf8.DecodeRuneInString(s.text[i:])
	switch kind := scriptOf(r); {
	case kind == scriptLatin:
		return s.word(i)
	case kind == scriptSpace:
		s.takeLoneSpace()
		s.tally.features[rareSpace] += int64(size)
		return i + size
	default:
		if s.afterSpace && kind >= scriptJoiner {
			s.tally.features[spacedSymbol]++
		}
		return s.scriptRun(i, kind)
	}
}

// scriptRun reads what is of one kind, with the marks on letters, which cost the same
// wherever they stand.
func (s *scanner) scriptRun(i int, kind script) int {
	s.tally.runs[kind]++
	last, pairs := cyrillicEdge, int64(0)
	for i < len(s.text) && s.text[i] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		next := scriptOf(r)
		if next != kind && (next != scriptMark || kind >= scriptThai) {
			break
		}
		s.tally.chars[next]++
		if next == scriptCyrillic {
			letter := cyrillicLetter(r)
			pairs += cyrillicPairCost(last, letter)
			last = letter
		}
		i += size
	}
	if kind == scriptCyrillic {
		s.tally.features[cyrillicPairs] += pairs + cyrillicPairCost(last, cyrillicEdge)
	}
	return i
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

func isDigit(c byte) bool { return c-'0' < 10 }

func isSign(c byte) bool { return c > ' ' && c < 0x7F && !isLetter(c) && !isDigit(c) }
