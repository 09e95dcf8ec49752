package tokens

import "unicode/utf8"

// longestWord is how many letters of one word a feature counts, so that a letter more can't
// change what a very long word costs by much.
const longestWord = 16

// latin is what a word of Latin letters is made of.
type latin struct {
	letters, upper, humps int64
	pairs                 int64
	accents, costs        int64
}

// word reads a word of Latin letters, with accents or without.
func (s *scanner) word(start int) int {
	var w latin
	i := start
	last, wasLower := latinEdge, false
	for i < len(s.text) {
		c := s.text[i]
		if !isLetter(c) {
			letter, size := s.beyondLetter(i, &w)
			if size == 0 {
				break
			}
			i += size
			if letter {
				w.pairs += pairCost(last, latinAccent)
				last, wasLower = latinAccent, true
			}
			continue
		}
		isLower := c >= 'a'
		if !isLower {
			w.upper++
			if wasLower {
				w.humps++
			}
		}
		wasLower = isLower
		letter := int(c|0x20) - 'a'
		w.pairs += pairCost(last, letter)
		last = letter
		w.letters++
		i++
	}
	w.pairs += pairCost(last, latinEdge)
	s.addWord(&w, s.text[start], s.afterDigit || i < len(s.text) && isDigit(s.text[i]))
	return i
}

// beyondLetter reads a Latin letter past ASCII, or a mark on the letter before, which costs
// the same wherever it stands. Anything else has no size.
func (s *scanner) beyondLetter(i int, w *latin) (letter bool, size int) {
	if s.text[i] < utf8.RuneSelf {
		return false, 0
	}
	r, size := utf8.DecodeRuneInString(s.text[i:])
	switch scriptOf(r) {
	case scriptMark:
		s.tally.chars[scriptMark]++
		return false, size
	case scriptLatin:
		w.letters++
		w.accents++
		if r >= accentFirst && r <= accentLast {
			w.costs += steps(accentLetters[r-accentFirst])
		}
		return true, size
	default:
		return false, 0
	}
}

func (s *scanner) addWord(w *latin, first byte, touchesDigit bool) {
	t := &s.tally.features
	n := w.letters
	switch {
	case w.accents > 0:
		t[accentWord]++
		t[accentPairs] += w.pairs
		t[accentCosts] += w.costs
	case s.afterSpace:
		t[word]++
		t[plainPairs] += w.pairs
	default:
		t[glued]++
		t[gluedOver9] += min(max(n-9, 0), longestWord)
		t[plainPairs] += w.pairs
	}
	t[hump] += w.humps
	switch {
	case w.upper == n && n > 1:
		t[capsOver2] += min(n-2, longestWord)
	case w.upper == 1 && first < 'a':
		t[capital]++
	}
	if touchesDigit {
		t[besideDigit] += min(n, longestWord)
	}
}
