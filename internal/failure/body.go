package failure

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

const (
	maxBody    = 4 << 10 // bytes kept of a body
	maxMessage = 1 << 10 // bytes kept of a message
	maxField   = 200     // bytes kept of a type, a code or an id
	maxHTML    = 16 << 10

	maxErrorDepth = 8 // of errors inside errors: each level is gone through once more
)

// said is what an error body says.
type said struct {
	typ, code, param, message, requestID string

	label   string // an error that is a text: the message, or a code beside one
	status  string // a number, or a word that is a type
	flagged bool   // a moderation names its reasons
	depth   int    // of the object within others
}

// readBody finds what a body says, whatever its shape.
func readBody(body []byte) said {
	body = bytes.TrimSpace(body)
	var s said
	switch jsonx.Kind(body) {
	case '{', '[':
		if jsonx.WellFormed(body) {
			s.readValue(body)
			break
		}
		s.message = string(body)
	case '"':
		s.message, _ = jsonx.Unquote(body)
	case '<':
		s.message = readHTML(body)
	default:
		s.message = string(body)
	}
	s.settle()
	for _, field := range []*string{&s.typ, &s.code, &s.param, &s.requestID} {
		*field = clean(*field, maxField)
	}
	s.message = clean(s.message, maxMessage)
	return s
}

// readValue reads an error object, or the first one of an array.
func (s *said) readValue(data []byte) {
	if jsonx.Kind(data) == '[' {
		for _, element := range jsonx.Elements(data) {
			s.readValue(element)
			return
		}
		return
	}
	for name, value := range jsonx.Members(data) {
		switch name {
		case "error", "errors":
			s.readError(value)
		case "message", "detail", "msg", "error_description", "title":
			set(&s.message, readDetail(value))
		case "type":
			if t := word(value); t != "error" {
				set(&s.typ, t)
			}
		case "error_type":
			s.typ = word(value)
		case "code":
			set(&s.code, word(value))
		case "status":
			set(&s.status, word(value))
		case "param":
			set(&s.param, word(value))
		case "request_id":
			set(&s.requestID, scalar(value))
		case "metadata":
			s.readMetadata(value)
		}
	}
}

// readError reads what stands under "error": an object, its text, or a list.
func (s *said) readError(value []byte) {
	switch jsonx.Kind(value) {
	case '{', '[':
		if s.depth == maxErrorDepth {
			return
		}
		inner := said{depth: s.depth + 1}
		inner.readValue(value)
		inner.settle()
		s.typ, s.code, s.param = first(inner.typ, s.typ), first(inner.code, s.code), first(inner.param, s.param)
		s.message, s.requestID = first(inner.message, s.message), first(inner.requestID, s.requestID)
		s.flagged = s.flagged || inner.flagged
	case '"':
		set(&s.label, scalar(value))
	}
}

// settle puts what has no field of its own where it belongs, once all is read.
func (s *said) settle() {
	switch {
	case s.message == "":
		s.message = s.label
	case !strings.Contains(s.label, " "):
		set(&s.code, s.label)
	}
	switch s.status {
	case "error", "fail", "failed", "failure":
	default:
		if _, err := strconv.Atoi(s.status); err == nil {
			set(&s.code, s.status)
		} else {
			set(&s.typ, s.status)
		}
	}
	s.label, s.status = "", ""
}

// readMetadata reads what a gateway adds about the provider behind it.
func (s *said) readMetadata(value []byte) {
	for name, v := range jsonx.Members(value) {
		switch name {
		case "error_type":
			set(&s.typ, word(v))
		case "raw":
			s.readRaw(v)
		case "reasons":
			for range jsonx.Elements(v) {
				s.flagged = true
			}
		}
	}
}

// readRaw reads a provider's own error body, which says more than that there was one.
func (s *said) readRaw(value []byte) {
	if s.message != "" && s.message != "Provider returned error" {
		return
	}
	text := []byte(value)
	if jsonx.Kind(value) == '"' {
		text = []byte(scalar(value))
	}
	inner := readBody(text)
	s.message = first(inner.message, s.message)
	set(&s.typ, inner.typ)
}

// readDetail reads a text, or a list of objects that each hold a message and a
// place.
func readDetail(value []byte) string {
	switch jsonx.Kind(value) {
	case '[':
		var parts []string
		for _, element := range jsonx.Elements(value) {
			if jsonx.Kind(element) != '[' {
				parts = append(parts, readDetail(element))
			}
		}
		return strings.Join(parts, "; ")
	case '{':
		var place []string
		text := ""
		for name, v := range jsonx.Members(value) {
			switch name {
			case "loc":
				for _, p := range jsonx.Elements(v) {
					place = append(place, scalar(p))
				}
			case "msg", "message":
				text = scalar(v)
			}
		}
		if len(place) > 0 {
			return strings.Join(place, ".") + ": " + text
		}
		return first(text, string(value))
	}
	return scalar(value)
}

func scalar(value []byte) string {
	switch jsonx.Kind(value) {
	case '"':
		s, _ := jsonx.Unquote(value)
		return s
	case 'n', '{', '[':
		return ""
	}
	return string(value)
}

// isLiteral reports whether a value is a string or a number of this text.
func isLiteral(value []byte, text string) bool {
	if n := len(value); n > 1 && value[0] == '"' && bytes.IndexByte(value, '\\') < 0 {
		return string(value[1:n-1]) == text
	}
	return scalar(value) == text
}

// word is a scalar that is a name. Some servers write a missing one as None.
func word(value []byte) string {
	if s := scalar(value); s != "None" {
		return s
	}
	return ""
}

func set(dst *string, value string) {
	if *dst == "" {
		*dst = value
	}
}

// IsError reports whether a JSON object is an error rather than an answer. A null
// error member is none.
func IsError(data []byte) bool {
	if jsonx.Kind(data) == '[' {
		for _, element := range jsonx.Elements(data) {
			return jsonx.Kind(element) == '{' && IsError(element)
		}
		return false
	}
	var answers, message, code, typed bool
	mayName := bytes.Contains(data, []byte(`"error"`))
	for name, value := range jsonx.Members(data) {
		switch name {
		case "error":
			if k := jsonx.Kind(value); k != 'n' && k != 'f' && string(value) != `""` {
				return true
			}
		case "type", "object":
			if isLiteral(value, "error") {
				return true
			}
			typed = typed || name == "type"
		case "choices", "content", "id", "data", "input_tokens", "delta", "usage":
			if !mayName {
				return false // whatever else it has
			}
			answers = true
		case "message", "detail", "errors":
			message = message || isText(value)
		case "code", "status":
			code = true
		}
	}
	return message && !answers && (code || !typed)
}

// MayBeError reports whether an object may be one that IsError tells of, by those of its
// members that no answer has.
func MayBeError(unknown map[string]json.RawMessage) bool {
	if len(unknown) == 0 {
		return false
	}
	for _, name := range []string{"error", "type", "object", "message", "detail", "errors"} {
		if _, there := unknown[name]; there {
			return true
		}
	}
	return false
}

// isText reports whether a value is a text, or a list that is not empty.
func isText(value []byte) bool {
	switch jsonx.Kind(value) {
	case '"':
		return true
	case '[':
		for range jsonx.Elements(value) {
			return true
		}
	}
	return false
}
