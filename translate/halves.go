package translate

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// halves joins characters that a server has cut in two, one half at the end of a piece
// of text and the other at the beginning of the next: as escapes of a surrogate pair,
// or as bytes. It keeps the first half of each member until the second comes.
type halves struct {
	kept map[string][]byte // by the member's name
	out  []byte
}

// pieceMembers are those whose texts come in pieces.
var pieceMembers = []string{"content", "reasoning", "reasoning_content", "refusal", "arguments", "input", "text", "thinking", "partial_json"}

// join returns the data of an event with its characters whole. It is data itself as
// long as nothing is cut.
func (h *halves) join(data []byte) []byte {
	if len(h.kept) == 0 && !bytes.Contains(data, []byte(`\u`)) && utf8.Valid(data) {
		return data
	}
	h.out = h.out[:0]
	var member string
	from := 0
	for i := 0; i < len(data); {
		if data[i] != '"' {
			i++
			continue
		}
		end, _ := jsonx.ScanString(data, i+1)
		if end < 0 {
			break // not JSON: that is for the decoder to say
		}
		text, after := data[i+1:end], bytes.TrimLeft(data[end+1:], " \t\r\n")
		switch {
		case len(after) > 0 && after[0] == ':':
			member = string(text)
		case slices.Contains(pieceMembers, member):
			h.out = append(append(h.out, data[from:i+1]...), h.whole(member, text)...)
			from = end
		}
		i = end + 1
	}
	return slices.Concat(h.out, data[from:])
}

// whole puts the half that waits before a text, and keeps the one at its end.
func (h *halves) whole(member string, text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	if half := h.kept[member]; half != nil {
		delete(h.kept, member)
		text = slices.Concat(half, text)
	}
	cut := len(text) - cutAt(text)
	if cut == 0 {
		return text
	}
	if h.kept == nil {
		h.kept = map[string][]byte{}
	}
	h.kept[member] = bytes.Clone(text[len(text)-cut:])
	return text[:len(text)-cut]
}

// cutAt is where the first half of a character begins that ends a text, else its end.
func cutAt(text []byte) int {
	if n := len(text) - len(`\ud83d`); n >= 0 && isHighEscape(text[n:]) && !isEscaped(text, n) {
		return n
	}
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		c := text[len(text)-n]
		if !utf8.RuneStart(c) {
			continue
		}
		if c >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-n:]) {
			return len(text) - n
		}
		break
	}
	return len(text)
}

// isHighEscape reports whether b is the escape of a high surrogate.
func isHighEscape(b []byte) bool {
	if b[0] != '\\' || b[1] != 'u' || b[2]|0x20 != 'd' {
		return false
	}
	c := b[3] | 0x20
	return c == '8' || c == '9' || c == 'a' || c == 'b'
}

// isEscaped reports whether the backslash at n is itself escaped.
func isEscaped(text []byte, n int) bool {
	before := 0
	for before < n && text[n-1-before] == '\\' {
		before++
	}
	return before%2 == 1
}
