// Package jsonx reads and writes the JSON of the wire formats: names match
// exactly, members that no field takes are kept, and what servers get slightly
// wrong is understood.
//
// A type keeps its unknown members by handing both directions to this package
// under another name, which has its fields and not its methods:
//
//	func (t *T) MarshalJSON() ([]byte, error) {
//		type alias T
//		return jsonx.Marshal((*alias)(t), t.Extra)
//	}
//
// What a format calls for each of its members is kept from being inlined, as its copies
// would make up a good part of a small program.
//
// Embedded structs are not supported: an embedded type with methods of its own
// would decode in place of the struct around it. Neither is the string option of
// a json tag.
package jsonx

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxDepth bounds nesting, so that hostile input can't exhaust the stack.
const maxDepth = 1000

// Error tells where JSON can't be read as what it should be.
type Error struct {
	Path   string // such as choices[0].delta.content; empty at the top
	Offset int    // how many bytes of malformed JSON were read before it showed
	Reason string
	Err    error // the cause, when a type's own decoding failed
}

// Error says what is wrong and where.
func (e *Error) Error() string {
	where := e.Path
	if where == "" {
		where = fmt.Sprintf("offset %d", e.Offset)
	}
	if e.Err != nil {
		return where + ": " + e.Err.Error()
	}
	return where + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClashError tells that an extra member has the name of a field.
type ClashError struct{ Name string }

// Error names the member.
func (e *ClashError) Error() string {
	return fmt.Sprintf("the extra member %q has a typed field: set that instead", e.Name)
}

// Kind returns the first significant byte of a value: { [ " n t f, 0 for a number,
// and NUL for nothing.
//
//go:noinline
func Kind(data []byte) byte {
	i := skipSpace(data, 0)
	if i == len(data) {
		return 0
	}
	if c := data[i]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// IsNull reports whether the value is null.
func IsNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }

// Compact returns a value without white space; the order of names and the text of
// numbers stay. Malformed input is returned as it is.
func Compact(data []byte) []byte {
	s := scanner{text: view(data)}
	compact := make([]byte, 0, len(data))
	if !s.compact(&compact) {
		return data
	}
	return compact
}

// Head returns the string value of an object's member, for the type of a union. Of
// a repeated name the last value counts, as in [Unmarshal], so that the two never
// see different types in one object.
func Head(data []byte, name string) (string, bool) {
	var head json.RawMessage
	for n, value := range Members(data) {
		if n == name {
			head = value
		}
	}
	if Kind(head) != '"' {
		return "", false
	}
	s, err := Unquote(head)
	return s, err == nil
}
