package jsonx

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

const (
	firstPiece  = 256
	secondPiece = 2 << 10 // a text that is longer than the first is so by far, as a rule
	lastPiece   = 64 << 10
)

// Text is a text that arrives in fragments. Its bytes are written once and never
// move, so the strings it hands out are views that stay valid for ever. The zero
// Text is empty.
type Text struct {
	full  []string // pieces that are filled
	piece []byte   // the one being filled
	size  int
	high  rune   // a high surrogate whose other half has not come, or 0
	cut   []byte // the beginning of a UTF-8 character whose rest has not come
}

// Append decodes a JSON string literal and returns the text that it completes. The
// first half of a surrogate pair, and a character that is cut, wait for the next
// fragment. The returned view costs no allocation: only a piece that is full does.
// An error leaves the text as it was.
func (t *Text) Append(literal []byte) (string, error) {
	body, err := inside(literal)
	if err != nil || len(body) == 0 {
		return "", err
	}
	if len(t.cut) > 0 {
		body = slices.Concat(t.cut, body)
	}
	whole := len(body) - cutCharacter(body)
	body, cut := body[:whole], body[whole:]
	from := t.reserve(len(body) + 2*utf8.UTFMax)
	out, high := t.piece, rune(0)
	if t.high == 0 && plain(body) {
		out = append(out, body...)
	} else if out, high, err = unescape(out, body, t.high); err != nil {
		return "", err
	}
	if high != 0 && len(cut) > 0 { // what follows is no other half, so only one character ever waits
		out, high = utf8.AppendRune(out, utf8.RuneError), 0
	}
	t.high, t.cut = high, bytes.Clone(cut)
	return t.commit(out, from), nil
}

// inside returns what stands between a literal's quotes.
func inside(literal []byte) ([]byte, error) {
	if len(literal) < 2 || literal[0] != '"' || literal[len(literal)-1] != '"' {
		return nil, &Error{Reason: "want a string"}
	}
	return literal[1 : len(literal)-1], nil
}

// cutCharacter returns how many bytes at the end of b begin a character whose rest
// is missing.
func cutCharacter(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// plain reports whether a string's body stands for itself.
func plain(body []byte) bool {
	return skipASCII(body, 0) == len(body) || skipText(body, 0) == len(body) && utf8.Valid(body)
}

// AppendScanned is [Text.Append] for a literal whose form [ScanString] has told.
func (t *Text) AppendScanned(literal []byte, form Form) string {
	if form == Other || t.pending() || len(literal) == len(`""`) {
		s, _ := t.Append(literal) // a literal that was scanned has no fault
		return s
	}
	body := literal[1 : len(literal)-1]
	from := t.reserve(len(body))
	if form == Plain {
		return t.commit(append(t.piece, body...), from)
	}
	return t.commit(appendEscaped(t.piece, body), from)
}

// appendEscaped appends the text of a body that is [Escaped], which is shorter. There
// must be room for the body.
func appendEscaped(out, body []byte) []byte {
	n := len(out)
	out = out[:n+len(body)]
	for i := 0; i < len(body) && n < len(out); i++ {
		c := body[i]
		if c == '\\' {
			i++
			c = escapes[body[i]]
		}
		out[n] = c
		n++
	}
	return out[:n]
}

// AppendString adds text that is decoded already, and returns it as a view. A
// character that was still waiting for its rest comes before it, as U+FFFD.
func (t *Text) AppendString(s string) string {
	if s == "" {
		return ""
	}
	from := t.reserve(len(s) + utf8.UTFMax)
	out := t.piece
	if t.pending() {
		out = utf8.AppendRune(out, utf8.RuneError)
		t.high, t.cut = 0, nil
	}
	return t.commit(append(out, s...), from)
}

// reserve makes room for n bytes, as a rule: bytes that are not UTF-8 grow into
// U+FFFD, and append then moves the piece while the views keep the old bytes.
func (t *Text) reserve(n int) (from int) {
	if cap(t.piece)-len(t.piece) < n {
		if t.full == nil && len(t.piece) > 0 {
			t.full = make([]string, 0, 4)
		}
		if len(t.piece) > 0 {
			t.full = append(t.full, view(t.piece))
		}
		size := firstPiece
		if t.size > 0 {
			size = min(max(secondPiece, t.size), lastPiece)
		}
		t.piece = make([]byte, 0, max(size, n))
	}
	return len(t.piece)
}

func (t *Text) commit(out []byte, from int) string {
	t.size += len(out) - from
	t.piece = out
	return view(out[from:])
}

// view makes a string of bytes that are never written again, which is what a
// string asks of them; a copy would be an allocation for every fragment.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// pending reports whether a character has begun and not ended.
func (t *Text) pending() bool { return t.high != 0 || len(t.cut) > 0 }

// Len returns the length of the completed text in bytes.
func (t *Text) Len() int { return t.size }

// String returns the whole text. A character whose rest never came is U+FFFD.
func (t *Text) String() string {
	t.join()
	text := view(t.piece)
	if len(t.full) > 0 {
		text = t.full[0]
	}
	if t.pending() {
		text += string(utf8.RuneError)
	}
	return text
}

// Bytes returns a copy of the completed text.
func (t *Text) Bytes() []byte {
	out := make([]byte, 0, t.size)
	for _, piece := range t.full {
		out = append(out, piece...)
	}
	return append(out, t.piece...)
}

// join makes one piece of all, so that asking again costs nothing.
func (t *Text) join() {
	if len(t.full) == 0 || len(t.full) == 1 && len(t.piece) == 0 {
		return
	}
	t.full = append(t.full[:0], view(t.Bytes()))
	t.piece = t.piece[len(t.piece):]
}

// Unquote decodes one JSON string literal as encoding/json does: a lone surrogate
// becomes U+FFFD, and so does each byte that is not UTF-8.
func Unquote(literal []byte) (string, error) {
	body, err := inside(literal)
	if err != nil {
		return "", err
	}
	if plain(body) {
		return string(body), nil
	}
	out, high, err := unescape(make([]byte, 0, len(body)), body, 0)
	if err != nil {
		return "", err
	}
	if high != 0 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return view(out), nil
}

// unescape appends the text of a string's body to out. high is a pending high
// surrogate before and after.
func unescape(out, body []byte, high rune) ([]byte, rune, error) {
	for i := 0; i < len(body); {
		end := skipText(body, i)
		if high != 0 && end > i {
			out, high = utf8.AppendRune(out, utf8.RuneError), 0
		}
		out = appendText(out, body[i:end])
		if i = end; i == len(body) {
			break
		}
		r, size, err := escape(body[i:])
		if err != nil {
			return nil, 0, err
		}
		i += size
		if size == 2 && high == 0 {
			out = append(out, byte(r))
			continue
		}
		out, high = appendUnit(out, high, r)
	}
	return out, high, nil
}

// appendUnit appends the character of a UTF-16 unit behind a high surrogate, if that is
// not 0. It keeps a high surrogate back.
func appendUnit(out []byte, high, r rune) ([]byte, rune) {
	if high != 0 {
		if pair := utf16.DecodeRune(high, r); pair != utf8.RuneError {
			return utf8.AppendRune(out, pair), 0
		}
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	if r >= 0xd800 && r < 0xdc00 {
		return out, r
	}
	return utf8.AppendRune(out, r), 0
}

// appendText appends bytes, those that are not UTF-8 as U+FFFD.
func appendText(out, b []byte) []byte {
	if utf8.Valid(b) {
		return append(out, b...)
	}
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		out, b = utf8.AppendRune(out, r), b[size:]
	}
	return out
}

// escape reads the escape that b begins with.
func escape(b []byte) (r rune, size int, err error) {
	switch {
	case b[0] != '\\':
		return 0, 0, &Error{Reason: "a control character or quote inside a string"}
	case len(b) < 2:
		return 0, 0, &Error{Reason: "an escape is cut"}
	}
	if c := escapes[b[1]]; c != 0 {
		return rune(c), 2, nil
	}
	if b[1] == 'u' && escapeSize(b) > 0 {
		return hexValue(b[2])<<12 | hexValue(b[3])<<8 | hexValue(b[4])<<4 | hexValue(b[5]), 6, nil
	}
	return 0, 0, &Error{Reason: "an escape that JSON doesn't have"}
}
