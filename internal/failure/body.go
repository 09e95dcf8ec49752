package failure

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

const (
	maxBody    = 4 << 10 // bytes kept of a body
	maxMessage = 1 << 10 // bytes kept of a message
)

// said is what an error body says.
type said struct {
	typ, code, param, message, requestID string
}

// readBody finds what a body says, whatever its shape.
func readBody(body []byte) said {
	body = bytes.TrimSpace(body)
	var s said
	switch jsonx.Kind(body) {
	case '{', '[':
		if json.Valid(body) {
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
	s.tidy()
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
			if t := scalar(value); t != "error" {
				set(&s.typ, t)
			}
		case "error_type":
			s.typ = scalar(value)
		case "code", "status":
			set(&s.code, scalar(value))
		case "param":
			set(&s.param, scalar(value))
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
		inner := said{}
		inner.readValue(value)
		s.typ, s.code, s.param = first(inner.typ, s.typ), first(inner.code, s.code), first(inner.param, s.param)
		s.message, s.requestID = first(inner.message, s.message), first(inner.requestID, s.requestID)
	default:
		if text := scalar(value); text != "" && text != "true" {
			s.message = first(s.message, text)
		}
	}
}

// readMetadata reads what a gateway adds about the provider behind it.
func (s *said) readMetadata(value []byte) {
	for name, v := range jsonx.Members(value) {
		switch name {
		case "error_type":
			set(&s.typ, scalar(v))
		case "raw":
			if s.message == "" || s.message == "Provider returned error" {
				s.message = first(readDetail(v), s.message)
			}
		}
	}
}

// readDetail reads a text, or a list of objects that each hold a message and a
// place.
func readDetail(value []byte) string {
	switch jsonx.Kind(value) {
	case '[':
		var parts []string
		for _, element := range jsonx.Elements(value) {
			parts = append(parts, readDetail(element))
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

func set(dst *string, value string) {
	if *dst == "" {
		*dst = value
	}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

var (
	titleTag = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	hidden   = regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?</(script|style)>`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
)

// readHTML returns a page's title, or else its first words.
func readHTML(body []byte) string {
	body = body[:min(len(body), 16<<10)]
	if m := titleTag.FindSubmatch(body); m != nil && len(bytes.TrimSpace(m[1])) > 0 {
		return html.UnescapeString(string(m[1]))
	}
	text := anyTag.ReplaceAllString(hidden.ReplaceAllString(string(body), " "), " ")
	return html.UnescapeString(text)
}

func (s *said) tidy() {
	s.message = clean(s.message, maxMessage)
	for _, field := range []*string{&s.typ, &s.code, &s.param, &s.requestID} {
		*field = clean(*field, 200)
	}
}

// clean makes one line of a text, without control characters, of at most n bytes.
func clean(s string, n int) string {
	if len(s) > 4*n {
		s = s[:4*n]
	}
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
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
	var answers, message, code bool
	for name, value := range jsonx.Members(data) {
		switch name {
		case "error":
			if k := jsonx.Kind(value); k != 'n' && k != 'f' && string(value) != `""` {
				return true
			}
		case "type", "object":
			if scalar(value) == "error" {
				return true
			}
		case "choices", "content", "id", "data", "input_tokens", "delta", "usage":
			answers = true
		case "message", "detail", "errors":
			message = jsonx.Kind(value) == '"' || jsonx.Kind(value) == '['
		case "code", "status":
			code = true
		}
	}
	return message && !answers && (code || !bytes.Contains(data, []byte(`"type"`)))
}
