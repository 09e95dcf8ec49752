package jsonx

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Reader decodes JSON in one pass: what a server sends in nearly every answer. It
// takes each value for what it should be, and Failed tells that one was something
// else, or that the text is not JSON; [Unmarshal], which understands more and tells
// more, is then to be asked. A Reader that hasn't failed has read what Unmarshal reads.
//
//	for r.Object(); r.Member(); {
//		switch r.Name {
//		case "id":
//			m.ID = r.String()
//		default:
//			r.Keep(&m.Extra)
//		}
//	}
type Reader struct {
	Name     string // of the member whose value comes next; valid until the next member
	Failed   bool
	Own      Own  // of the types that Decode meets
	Together bool // whether what is kept may share pieces of memory, which then live as long as all in them

	s     scanner
	room  []byte // the piece of memory that is not full yet
	depth int
	first bool // whether nothing of the innermost object or list was read
}

// NewReader returns a Reader of data, which must not change meanwhile.
func NewReader(data []byte) Reader { return Reader{s: scanner{text: view(data)}} }

// Done reports whether one whole value was read and nothing follows.
func (r *Reader) Done() bool {
	return !r.Failed && r.depth == 0 && r.s.space() == 0 && r.s.pos == len(r.s.text)
}

// Kind is [Kind] of the value that comes next.
func (r *Reader) Kind() byte {
	c := r.s.space()
	if c == '-' || c >= '0' && c <= '9' {
		return '0'
	}
	return c
}

// Object begins an object, whose members [Reader.Member] goes through.
func (r *Reader) Object() { r.open('{') }

// Array begins an array, whose elements [Reader.Element] goes through.
func (r *Reader) Array() { r.open('[') }

func (r *Reader) open(bracket byte) {
	if r.depth++; r.depth > maxScanDepth || r.s.space() != bracket {
		r.Failed = true
		return
	}
	r.s.pos++
	r.first = true
}

// Member goes to the next member, and past the object's end if there is none. The
// member's value must be read before the next.
func (r *Reader) Member() bool {
	if !r.another('}') {
		return false
	}
	if r.s.space() != '"' {
		r.Failed = true
		return false
	}
	r.Name, _ = r.text()
	if r.s.space() != ':' {
		r.Failed = true
		return false
	}
	r.s.pos++
	return !r.Failed
}

// Element goes to the next element, and past the array's end if there is none. The
// element must be read before the next.
func (r *Reader) Element() bool { return r.another(']') }

func (r *Reader) another(end byte) bool {
	if r.Failed {
		return false
	}
	c := r.s.space()
	if c == end {
		r.s.pos++
		r.depth--
		r.first = false
		return false
	}
	if !r.first {
		if c != ',' {
			r.Failed = true
			return false
		}
		r.s.pos++
	}
	r.first = false
	return true
}

// Null goes past null, if that comes next.
func (r *Reader) Null() bool {
	if r.s.space() != 'n' {
		return false
	}
	if !r.s.word("null") {
		r.Failed = true
	}
	return !r.Failed
}

// String reads a string; null is an empty one.
func (r *Reader) String() string {
	if r.Null() {
		return ""
	}
	if r.s.space() != '"' {
		r.Failed = true
		return ""
	}
	text, owned := r.text()
	switch {
	case owned || text == "":
		return text
	case !r.Together:
		return strings.Clone(text)
	}
	r.makeRoom(len(text))
	from := len(r.room)
	r.room = append(r.room, text...)
	return view(r.room[from:])
}

// Int reads an integer; null is zero.
func (r *Reader) Int() int64 {
	if r.Null() {
		return 0
	}
	r.s.space()
	negative := r.s.take('-')
	n, begin := int64(0), r.s.pos
	for ; r.s.pos < len(r.s.text) && r.s.text[r.s.pos]-'0' < 10; r.s.pos++ {
		n = n*10 + int64(r.s.text[r.s.pos]-'0')
	}
	digits := r.s.pos - begin
	if digits == 0 || digits > 18 || digits > 1 && r.s.text[begin] == '0' || r.fraction() {
		r.Failed = true
		return 0
	}
	if negative {
		n = -n
	}
	return n
}

// Count is Int for what is an int on every machine.
func (r *Reader) Count() int {
	n := r.Int()
	if int64(int32(n)) != n {
		r.Failed = true
	}
	return int(n)
}

func (r *Reader) fraction() bool {
	if r.s.pos == len(r.s.text) {
		return false
	}
	c := r.s.text[r.s.pos]
	return c == '.' || c == 'e' || c == 'E'
}

// View returns the text of the next value, which is part of what is read.
func (r *Reader) View() json.RawMessage {
	r.s.space()
	from := r.s.pos
	if !r.s.value(maxScanDepth - r.depth) {
		r.Failed = true
		return nil
	}
	text := r.s.text[from:r.s.pos]
	return bytesOf(text)
}

// Raw returns a copy of the next value's text.
func (r *Reader) Raw() json.RawMessage {
	text := r.View()
	if !r.Together || r.Failed {
		return slices.Clone(text)
	}
	r.makeRoom(len(text))
	from := len(r.room)
	r.room = append(r.room, text...)
	return r.room[from:len(r.room):len(r.room)] // what is appended to it goes elsewhere
}

// Keep puts the member into extra.
func (r *Reader) Keep(extra *map[string]json.RawMessage) {
	name := strings.Clone(r.Name)
	value := r.Raw()
	if r.Failed {
		return
	}
	if *extra == nil {
		*extra = map[string]json.RawMessage{}
	}
	(*extra)[name] = value
}

// Decode reads the next value into what dst points to, as [Unmarshal] does with a
// field.
func (r *Reader) Decode(dst any) {
	raw := r.View()
	if !r.Failed && r.Own.decode(raw, reflect.ValueOf(dst).Elem()) != nil {
		r.Failed = true
	}
}

// Mark returns where the Reader stands, for Back.
func (r *Reader) Mark() Reader { return *r }

// Back returns to a mark, so that a value can be read in another way.
func (r *Reader) Back(mark Reader) { *r = mark }

// text reads a string: a view where it stands for itself, else one that is owned.
func (r *Reader) text() (text string, owned bool) {
	from := r.s.pos
	ok, escapes, wide := r.s.literal()
	if !ok {
		r.Failed = true
		return "", false
	}
	body := r.s.text[from+1 : r.s.pos-1]
	switch {
	case wide && !utf8.ValidString(body):
		text, err := Unquote(bytesOf(r.s.text[from:r.s.pos]))
		r.Failed = r.Failed || err != nil
		return text, true
	case !escapes:
		return body, false
	}
	return r.unescaped(body), true
}

// sharedRoom is how large a piece of memory is that is shared. What is kept of an answer
// keeps no more.
const sharedRoom = 512

// makeRoom makes room for n bytes.
func (r *Reader) makeRoom(n int) {
	if cap(r.room)-len(r.room) < n {
		rest := len(r.s.text) - r.s.pos
		r.room = make([]byte, 0, n+min(rest, max(0, sharedRoom-n)))
	}
}

func (r *Reader) unescaped(body string) string {
	if !r.Together {
		return view(appendUnescaped(make([]byte, 0, len(body)), body))
	}
	r.makeRoom(len(body))
	from := len(r.room)
	r.room = appendUnescaped(r.room, body)
	return view(r.room[from:])
}

// bytesOf is a view of a text that came as bytes; nobody writes to it.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// appendUnescaped appends the text of a string's body, whose escapes were checked and
// whose characters are UTF-8.
func appendUnescaped(dst []byte, body string) []byte {
	for {
		n := strings.IndexByte(body, '\\')
		if n < 0 {
			return append(dst, body...)
		}
		dst = append(dst, body[:n]...)
		body = body[n:]
		r, size := rune(0), 2
		switch c := body[1]; c {
		case 'n':
			r = '\n'
		case 't':
			r = '\t'
		case 'r':
			r = '\r'
		case 'b':
			r = '\b'
		case 'f':
			r = '\f'
		case 'u':
			r, size = codePoint(body)
		default:
			r = rune(c)
		}
		dst = utf8.AppendRune(dst, r)
		body = body[size:]
	}
}

// codePoint reads an escape of the form \uXXXX, or two of them that are a surrogate
// pair. One half alone is no character.
func codePoint(s string) (r rune, size int) {
	r = unit(s)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, unit(s[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func unit(s string) rune {
	return hexValue(s[2])<<12 | hexValue(s[3])<<8 | hexValue(s[4])<<4 | hexValue(s[5])
}
