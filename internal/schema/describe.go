package schema

import (
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// describe says in words what fits s, shortly.
func describe(s *subschema) string {
	switch {
	case s.Const != nil:
		return literal(*s.Const)
	case s.Enum != nil:
		return describeEnum(s.Enum)
	case s.Format == "date-time":
		return "a date and time such as 2006-01-02T15:04:05Z"
	}
	var words []string
	for _, t := range typesOf(s) {
		words = append(words, article(t))
	}
	if len(words) > 0 {
		return strings.Join(words, " or ")
	}
	if list := append(s.AnyOf, s.OneOf...); len(list) > 0 {
		return describeAll(list)
	}
	if s.Required != nil {
		return "an object with " + strings.Join(s.Required, ", ")
	}
	return "a value"
}

func describeEnum(values []any) string {
	const shown = 20
	var words []string
	for i, v := range values {
		if i == shown {
			words = append(words, "… ("+strconv.Itoa(len(values))+" in all)")
			break
		}
		words = append(words, literal(v))
	}
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

func literal(v any) string {
	text, err := jsonx.Encode(v)
	if err != nil {
		return "a value"
	}
	return shorten(string(text))
}

func describeAll(list []*subschema) string {
	const shown = 8
	var words []string
	for i, s := range list {
		if i == shown {
			words = append(words, "…")
			break
		}
		name := s.Title
		if name == "" && s.Type == "object" && len(s.PropertyOrder) > 0 {
			name = "an object with " + strings.Join(s.PropertyOrder, ", ")
		}
		if name == "" && s.Ref != "" {
			name = s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		}
		if name == "" {
			name = describe(s)
		}
		words = append(words, name)
	}
	return strings.Join(words, "; ")
}

func article(t string) string {
	switch t {
	case "null":
		return t
	case "integer", "array", "object":
		return "an " + t
	}
	return "a " + t
}

func kindName(v *value) string {
	switch v.kind {
	case kindBoolean:
		return "boolean"
	case kindNumber:
		return "number"
	case kindString:
		return "string"
	case kindArray:
		return "array"
	case kindObject:
		return "object"
	}
	return "value"
}

func describeKind(v *value) string {
	if v.kind == kindNull {
		return "null"
	}
	if v.kind == kindNumber && !isInteger(v.text) {
		return "a number with decimals"
	}
	return article(kindName(v))
}
