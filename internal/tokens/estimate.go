package tokens

import (
	"math"
	"unicode/utf8"
)

// Count is an estimated number of tokens. Low ≤ Expected ≤ High always holds, and High
// is never above [Bound] of the text.
type Count struct {
	Low      int64 // fewer tokens than this are unlikely; see the package's table of errors
	Expected int64 // the likeliest number
	High     int64 // more tokens than this are unlikely, but only Bound can't be exceeded
}

// Estimate counts the tokens of text without the vocabulary, from the kinds of words,
// signs and scripts in it. It reads the text once and allocates nothing. The text is taken
// as one piece, with no chat template around it; the empty text has no tokens.
func Estimate(text string) Count {
	if text == "" {
		return Count{}
	}
	var s scanner
	s.scan(text)
	total := s.tally.sum()
	return total.count(Bound(text))
}

// Bound is the number of tokens that text can't exceed: its bytes as UTF-8, since a token
// has at least one. An invalid byte counts three, the bytes of the replacement character
// that JSON carries in its place.
func Bound(text string) int64 {
	bound := int64(len(text))
	if utf8.ValidString(text) {
		return bound
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			bound += int64(len(string(utf8.RuneError))) - 1
		}
		i += size
	}
	return bound
}

// sum adds up tokens, and how many fewer or more they may be.
type sum struct{ tokens, below, above float64 }

func (s *sum) add(n int64, tokens float64, g group) {
	if n <= 0 {
		return
	}
	x := float64(n) * tokens
	s.tokens += x
	s.below += x * margins[g].below
	s.above += x * margins[g].above
}

func (t *tally) sum() sum {
	var s sum
	for f, n := range t.features {
		s.add(n, featureWeights[f].tokens, featureWeights[f].group)
	}
	for k, n := range t.chars {
		w := &scriptWeights[k]
		s.add(t.runs[k], w.run, w.group)
		s.add(n, w.char, w.group)
	}
	return s
}

// count keeps the estimate and its margins within what the text can have.
func (s *sum) count(bound int64) Count {
	root := math.Sqrt(s.tokens)
	expected := min(max(int64(math.Round(s.tokens)), 1), bound)
	low := int64(math.Floor(s.tokens - s.below - smallText.below*root))
	high := int64(math.Ceil(s.tokens + s.above + smallText.above*root))
	return Count{
		Low:      min(max(low, 1), expected),
		Expected: expected,
		High:     min(max(high, expected), bound),
	}
}
