package jsonx

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Writer appends JSON to a buffer in one pass, byte for byte what [Encode] makes of
// the same values. [Writer.Value] takes any kind. Commas take care of themselves. What
// can't be encoded sets Failed, and the buffer is then of no use: Encode tells why.
//
//	w := jsonx.Writer{Buf: make([]byte, 0, size)}
//	w.Open('{')
//	w.String("role", m.Role)
//	w.Close('}')
type Writer struct {
	Buf    []byte
	Failed bool

	err   error // why, if that is known
	depth int   // of what Value writes
}

// Done returns what was written.
func (w *Writer) Done() ([]byte, error) {
	if w.Failed {
		return nil, w.err
	}
	return w.Buf, nil
}

// Open begins an object or a list, which is an element if it stands in a list.
//
//go:noinline
func (w *Writer) Open(bracket byte) { w.Buf = append(separated(w.Buf), bracket) }

// Close ends an object or a list.
//
//go:noinline
func (w *Writer) Close(bracket byte) { w.Buf = append(w.Buf, bracket) }

// Name begins a member, whose value must follow. The name must need no escapes.
func (w *Writer) Name(name string) { w.Buf = appendName(w.Buf, name) }

//go:noinline
func appendName(dst []byte, name string) []byte {
	dst = append(separated(dst), '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

// key is Name for names that may need escapes.
func (w *Writer) key(name string) {
	w.Text(name)
	w.Buf = append(w.Buf, ':')
}

// separated puts a comma unless a member's value, or the first of its kind, comes. No
// value ends in one of the three bytes.
func separated(dst []byte) []byte {
	if n := len(dst); n > 0 {
		switch dst[n-1] {
		case '{', '[', ':':
			return dst
		}
		return append(dst, ',')
	}
	return dst
}

// String writes a member that is a string.
func (w *Writer) String(name, value string) {
	w.Name(name)
	w.Buf = appendString(w.Buf, value)
}

// Optional writes a member that is a string, unless it is empty.
func (w *Writer) Optional(name, value string) {
	if value != "" {
		w.String(name, value)
	}
}

// Text writes an element, or a value behind its Name, that is a string.
func (w *Writer) Text(value string) { w.Buf = appendString(separated(w.Buf), value) }

// Strings writes a member that is a list of strings, unless it is nil.
func (w *Writer) Strings(name string, values []string) {
	if values == nil {
		return
	}
	w.Name(name)
	w.Open('[')
	for _, s := range values {
		w.Text(s)
	}
	w.Close(']')
}

// Int writes a member that is an integer, unless it is nil.
func (w *Writer) Int(name string, value *int) {
	if value != nil {
		w.Name(name)
		w.Buf = strconv.AppendInt(w.Buf, int64(*value), 10)
	}
}

// Float writes a member that is a number, unless it is nil.
func (w *Writer) Float(name string, value *float64) {
	switch {
	case value == nil:
	case math.IsNaN(*value) || math.IsInf(*value, 0):
		w.Value(name, *value) // which fails
	default:
		w.Name(name)
		w.Buf = appendFloat(w.Buf, *value, 64)
	}
}

// Bool writes a member that is true or false, unless it is nil.
func (w *Writer) Bool(name string, value *bool) {
	if value != nil {
		w.Name(name)
		w.Buf = strconv.AppendBool(w.Buf, *value)
	}
}

// Flag writes a member that is true, unless it isn't.
func (w *Writer) Flag(name string, value bool) {
	if value {
		w.Bool(name, &value)
	}
}

// Raw writes a member that is JSON already, unless it is nil.
func (w *Writer) Raw(name string, value json.RawMessage) {
	if value != nil {
		w.Name(name)
		w.JSON(value)
	}
}

// Raws writes a member that is a list of JSON values, unless it is nil.
func (w *Writer) Raws(name string, values []json.RawMessage) {
	if values == nil {
		return
	}
	w.Name(name)
	w.Open('[')
	for _, v := range values {
		w.JSON(v)
	}
	w.Close(']')
}

// JSON writes an element, or a value behind its Name, that is JSON already: without
// white space, and null if it is nil.
func (w *Writer) JSON(value json.RawMessage) {
	if value == nil {
		w.Buf = append(separated(w.Buf), "null"...)
		return
	}
	w.raw(value, rawType)
}

// raw writes what a value of the type is in JSON.
func (w *Writer) raw(data []byte, of reflect.Type) {
	w.Buf = separated(w.Buf)
	s := scanner{text: view(data)}
	if !s.compact(&w.Buf) {
		w.fail(&json.MarshalerError{Type: of, Err: errors.New(Malformed(data).Reason)})
	}
}

// Extra writes members that are still to be encoded, sorted by name, behind those of
// a struct of the type of like. A name that one of its fields has fails.
func (w *Writer) Extra(like reflect.Type, extra map[string]any) {
	if len(extra) == 0 {
		return
	}
	fields := layoutOf(like)
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if _, clash := fields.byName[name]; clash {
			w.Failed = true
			return
		}
		w.key(name)
		w.Value("", extra[name])
	}
}

// appendString appends a string literal.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := plainEnd(s, 0); i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if size == 1 || r == '\u2028' || r == '\u2029' {
				dst = append(dst, s[start:i]...)
				dst = appendRune(dst, r)
				start = i + size
			}
			if i += size; i < len(s) && s[i] < utf8.RuneSelf {
				i = plainEnd(s, i)
			}
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
		i = plainEnd(s, i)
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendRune escapes the characters that Encode doesn't write as they are: the two
// that end a line in JavaScript, and what stands for a byte that is not UTF-8.
func appendRune(dst []byte, r rune) []byte {
	switch r {
	case '\u2028':
		return append(dst, `\u2028`...)
	case '\u2029':
		return append(dst, `\u2029`...)
	}
	return append(dst, `\ufffd`...)
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '\\', '"':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
