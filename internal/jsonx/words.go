package jsonx

import "math/bits"

// Strings are looked at eight bytes at a time: in a word, a byte's top bit tells
// whether the byte is what is looked for.

// word returns the eight bytes of s from i on, the first one lowest.
func word(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// marks sets the top bit of the first byte of w that is a control character, a quote
// or a backslash. Bits above it mean nothing: the subtractions borrow.
func marks(w uint64) uint64 {
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// plainEnd returns the index, from i on, of the first byte of s that a JSON string
// can't hold as it is, or that is not ASCII; the length of s if there is none.
func plainEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := word(s, i)
		if m := marks(w) | w&highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			return i
		}
	}
	return i
}

// delimiter is like plainEnd, but goes past what is not ASCII, and reports it.
func delimiter(s string, i int) (at int, wide bool) {
	var seen uint64
	for ; i+8 <= len(s); i += 8 {
		w := word(s, i)
		if m := marks(w); m != 0 {
			// Only what stands before the mark belongs to the string.
			n := bits.TrailingZeros64(m) / 8
			seen |= w & (1<<(8*n) - 1)
			return i + n, seen&highs != 0
		}
		seen |= w
	}
	wide = seen&highs != 0
	for ; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			break
		}
		wide = wide || c >= 0x80
	}
	return i, wide
}
