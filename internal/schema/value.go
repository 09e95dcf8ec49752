package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

const (
	maxValueBytes = 16 << 20
	maxValueDepth = 500
)

// SyntaxError tells that what a model wrote isn't JSON.
type SyntaxError struct {
	Offset int  // how many bytes were read before it showed
	Cut    bool // it ended too early, as an answer does that reached its limit
	Reason string
}

// Error says what is wrong, for the model to read.
func (e *SyntaxError) Error() string {
	if e.Cut {
		return fmt.Sprintf("the JSON ends too early, after %d bytes", e.Offset)
	}
	return fmt.Sprintf("not valid JSON, at byte %d: %s", e.Offset, e.Reason)
}

type kind byte

const (
	kindNull kind = iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
)

// value is JSON with its members in order and its numbers as text.
type value struct {
	kind    kind
	truth   bool
	text    string // of a string or number
	items   []*value
	members []member       // of which each name is there once, with its last value
	index   map[string]int // of the members, when they are many
}

type member struct {
	name  string
	value *value
}

const fewMembers = 8

func (v *value) get(name string) *value {
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return v.members[i].value
		}
		return nil
	}
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// put adds a member, or replaces it and reports that.
func (v *value) put(name string, inner *value) (replaced bool) {
	if old := v.get(name); old != nil {
		*old = *inner
		return true
	}
	v.members = append(v.members, member{name, inner})
	if v.index != nil {
		v.index[name] = len(v.members) - 1
	} else if len(v.members) > fewMembers {
		v.index = map[string]int{}
		for i, m := range v.members {
			v.index[m.name] = i
		}
	}
	return false
}

// reader reads one JSON value.
type reader struct {
	dec      *json.Decoder
	repeated bool // an object has a name twice
}

// parseValue reads one JSON value, nested at most so deep.
func parseValue(data []byte, depth int) (*value, error) {
	v, _, err := readAll(data, depth)
	return v, err
}

// readAll also reports whether an object has a name twice.
func readAll(data []byte, depth int) (v *value, repeated bool, err error) {
	if len(data) > maxValueBytes {
		return nil, false, &SyntaxError{Offset: maxValueBytes, Reason: fmt.Sprintf("it's larger than %d bytes", maxValueBytes)}
	}
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return nil, false, syntaxError(err, data)
	}
	r := &reader{dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	v, err = r.value(depth)
	return v, r.repeated, err
}

func syntaxError(err error, data []byte) error {
	e, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return &SyntaxError{Reason: err.Error()}
	}
	// Only the end of the input is reported behind its last byte.
	cut := e.Error() == "unexpected end of JSON input"
	return &SyntaxError{Offset: min(int(e.Offset), len(data)), Cut: cut, Reason: e.Error()}
}

func (r *reader) fail(reason string) error {
	return &SyntaxError{Offset: int(r.dec.InputOffset()), Reason: reason}
}

func (r *reader) value(depth int) (*value, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, r.fail(err.Error())
	}
	switch t := token.(type) {
	case bool:
		return &value{kind: kindBoolean, truth: t}, nil
	case json.Number:
		return &value{kind: kindNumber, text: t.String()}, nil
	case string:
		return &value{kind: kindString, text: t}, nil
	case json.Delim:
		if depth == 0 {
			return nil, r.fail("it's nested too deeply")
		}
		if t == '{' {
			return r.object(depth - 1)
		}
		return r.array(depth - 1)
	}
	return &value{}, nil
}

func (r *reader) object(depth int) (*value, error) {
	v := &value{kind: kindObject}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, r.fail(err.Error())
		}
		name, _ := token.(string)
		inner, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		r.repeated = v.put(name, inner) || r.repeated
	}
	_, err := r.dec.Token()
	return v, err
}

func (r *reader) array(depth int) (*value, error) {
	v := &value{kind: kindArray}
	for r.dec.More() {
		inner, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, inner)
	}
	_, err := r.dec.Token()
	return v, err
}

// plain returns the value as encoding/json decodes it, with a json.Number for each
// number.
func (v *value) plain() any {
	switch v.kind {
	case kindBoolean:
		return v.truth
	case kindNumber:
		return json.Number(v.text)
	case kindString:
		return v.text
	case kindArray:
		list := make([]any, 0, len(v.items))
		for _, item := range v.items {
			list = append(list, item.plain())
		}
		return list
	case kindObject:
		members := map[string]any{}
		for _, m := range v.members {
			members[m.name] = m.value.plain()
		}
		return members
	}
	return nil
}

// appendJSON writes the value.
func (v *value) appendJSON(out []byte) []byte {
	switch v.kind {
	case kindBoolean:
		return strconv.AppendBool(out, v.truth)
	case kindNumber:
		return append(out, v.text...)
	case kindString:
		return appendString(out, v.text)
	case kindArray:
		out = append(out, '[')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.appendJSON(out)
		}
		return append(out, ']')
	case kindObject:
		out = append(out, '{')
		for i, m := range v.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, m.name), ':')
			out = m.value.appendJSON(out)
		}
		return append(out, '}')
	}
	return append(out, "null"...)
}

func appendString(out []byte, s string) []byte {
	quoted, err := jsonx.Encode(s)
	if err != nil {
		return append(out, `""`...)
	}
	return append(out, quoted...)
}
