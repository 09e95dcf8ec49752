package jsonx

import (
	"encoding/binary"
	"math/bits"
)

// What [ScanString] finds in place of a string's end.
const (
	Cut     = -1 // the data ends before the string does
	Invalid = -2 // JSON has no such string
)

// Form tells how the body of a valid string is read.
type Form uint8

const (
	Plain   Form = iota // it stands for itself: ASCII without escapes
	Escaped             // ASCII with escapes of two bytes
	Other               // whatever else
)

// ScanString goes through the body of a string that begins at from, behind its
// quote. It returns the index of the quote that ends it, [Cut] or [Invalid], and the
// body's form. Bytes that are not UTF-8 are valid, as they are to encoding/json.
func ScanString(data []byte, from int) (end int, form Form) {
	i := skipASCII(data, from)
	for {
		if i == len(data) {
			return Cut, form
		}
		switch c := data[i]; {
		case c == '"':
			return i, form
		case c == '\\' && i+1 < len(data) && escapes[data[i+1]] != 0:
			form = max(form, Escaped)
			i = skipASCII(data, i+2)
		case c == '\\':
			size := escapeSize(data[i:])
			if size < 0 {
				return size, form
			}
			form = Other
			i = skipASCII(data, i+size)
		case c >= 0x80:
			form = Other
			i = skipText(data, i)
		default:
			return Invalid, form
		}
	}
}

// IsPlain reports whether data is a string literal in which each byte stands for itself.
func IsPlain(data []byte) bool {
	if len(data) < 2 || data[0] != '"' {
		return false
	}
	end, form := ScanString(data, 1)
	return end == len(data)-1 && form == Plain
}

// escapes are the characters behind a backslash that stand for one byte, 0 for others.
var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escapeSize is the length of the escape that b begins with, if not one of escapes.
func escapeSize(b []byte) int {
	if len(b) < 2 {
		return Cut
	}
	if b[1] != 'u' {
		return Invalid
	}
	for i := 2; i < 6; i++ {
		if i == len(b) {
			return Cut
		}
		if hexValue(b[i]) < 0 {
			return Invalid
		}
	}
	return 6
}

func hexValue(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// Eight bytes are looked at in one step. In each of the masks the highest bit of a
// byte tells that the byte is one of those looked for; bytes in front of the first
// such one never are marked by mistake.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks quotes, backslashes and control characters.
func special(x uint64) uint64 {
	quote, slash := x^ones*'"', x^ones*'\\'
	return ((x - ones*' ') | (quote - ones) | (slash - ones)) & ^x & highs
}

// skipText returns the index of the first quote, backslash or control character at or
// behind i, or the length.
func skipText(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		if found := special(binary.LittleEndian.Uint64(data[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
	}
	for i < len(data) && data[i] >= ' ' && data[i] != '"' && data[i] != '\\' {
		i++
	}
	return i
}

// skipASCII is skipText that stops at bytes which are not ASCII as well.
func skipASCII(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		if found := special(x) | x&highs; found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
	}
	for i < len(data) && data[i] >= ' ' && data[i] < 0x80 && data[i] != '"' && data[i] != '\\' {
		i++
	}
	return i
}
