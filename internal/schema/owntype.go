package schema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type (
	// describer is a type that knows its schema.
	describer interface{ JSONSchema() json.RawMessage }
	// enumerator is a string type that knows its values.
	enumerator interface{ Enum() []string }
)

// ownSchema is the schema of a type that isn't written as its kind is, or nil.
func ownSchema(t reflect.Type, at string) (*subschema, error) {
	if s, err := methodSchema(t, at); s != nil || err != nil {
		return s, err
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return &subschema{Type: "string", Format: "date-time"}, nil
	case reflect.TypeFor[time.Duration]():
		return &subschema{Type: "integer", Description: "a duration in nanoseconds; 1000000000 is a second"}, nil
	case reflect.TypeFor[json.Number]():
		return &subschema{Type: "number"}, nil
	case reflect.TypeFor[big.Int]():
		return &subschema{Type: "integer"}, nil
	case reflect.TypeFor[slog.Level]():
		return &subschema{Type: "string"}, nil
	}
	switch {
	case t.Kind() == reflect.Interface:
		return nil, nil
	case isJSON(t):
		return &subschema{}, nil
	case isText(t):
		return &subschema{Type: "string"}, nil
	}
	return nil, nil
}

// methodSchema asks the type's methods.
func methodSchema(t reflect.Type, at string) (s *subschema, err error) {
	if t.Kind() == reflect.Interface {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, &TypeError{Path: at, Reason: fmt.Sprintf("a method of %s panicked on the zero value: %v", t, p)}
		}
	}()
	switch v := reflect.New(t).Interface().(type) {
	case describer:
		raw := v.JSONSchema()
		if promoted(t, raw) {
			return nil, nil
		}
		return fragment(raw, t, at)
	case enumerator:
		if t.Kind() == reflect.Struct && !isText(t) {
			return nil, nil
		}
		if t.Kind() != reflect.String && !isText(t) {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("%s has an Enum method but isn't a string; give it a JSONSchema method", t)}
		}
		values := v.Enum()
		if len(values) == 0 {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("the Enum method of %s returns no values", t)}
		}
		s := &subschema{Type: "string"}
		for _, value := range values {
			s.Enum = append(s.Enum, value)
		}
		return s, nil
	}
	return nil, nil
}

// promoted reports whether raw is the schema of a struct embedded in t, whose method
// t has for that reason alone.
func promoted(t reflect.Type, raw json.RawMessage) bool {
	if t.Kind() != reflect.Struct || isJSON(t) || isText(t) {
		return false
	}
	for i := range t.NumField() {
		elem, _ := pointed(t.Field(i).Type)
		if !t.Field(i).Anonymous || elem.Kind() == reflect.Interface {
			continue
		}
		if inner, ok := reflect.New(elem).Interface().(describer); ok && bytes.Equal(inner.JSONSchema(), raw) {
			return true
		}
	}
	return false
}

// fragment reads what a JSONSchema method returned.
func fragment(raw json.RawMessage, t reflect.Type, at string) (*subschema, error) {
	s, err := parseTree(raw)
	if err != nil {
		return nil, &TypeError{Path: at, Reason: fmt.Sprintf("the JSONSchema method of %s returns no schema: %v", t, err)}
	}
	for pointer, node := range everySchema(s) {
		if node.Ref != "" || node.DynamicRef != "" {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("the JSONSchema method of %s returns a reference (at %q); write the schema out", t, pointer)}
		}
	}
	return s, nil
}

// withEnum limits a string, number or boolean to the values of an enum tag.
func withEnum(s *subschema, tag, at string) (*subschema, error) {
	out := *s
	target := &out
	if s.Type == "array" && s.Items != nil {
		items := *s.Items
		out.Items, target = &items, &items
	}
	target.Enum = nil
	for text := range strings.SplitSeq(tag, ",") {
		value, err := enumValue(target, strings.TrimSpace(text))
		if err != nil {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("its enum tag: %v", err)}
		}
		target.Enum = append(target.Enum, value)
	}
	if len(target.Types) > 1 {
		target.Enum = append(target.Enum, nil)
	}
	return &out, nil
}

func enumValue(s *subschema, text string) (any, error) {
	kind := s.Type
	if kind == "" && len(s.Types) > 0 {
		kind = s.Types[0]
	}
	switch kind {
	case "string":
		return text, nil
	case "integer":
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fmt.Errorf("%q is no integer", text)
		}
		return json.Number(text), nil
	case "number":
		if f, err := strconv.ParseFloat(text, 64); err == nil && json.Valid([]byte(text)) {
			return f, nil
		}
		return nil, fmt.Errorf("%q is no number", text)
	}
	return nil, fmt.Errorf("only strings, numbers and lists of them have one")
}

// quotedSchema is that of a field with the string option.
func quotedSchema(t reflect.Type) *subschema {
	s := &subschema{Type: "string"}
	if _, _, integer := bounds(t.Kind()); integer {
		s.Pattern = "^-?[0-9]+$"
	} else if t.Kind() == reflect.Bool {
		s.Enum = []any{"true", "false"}
	}
	return s
}

// isScalar reports whether the string option of a json tag has an effect.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	_, _, integer := bounds(t.Kind())
	switch t.Kind() {
	case reflect.Bool, reflect.Float32, reflect.Float64, reflect.String:
		return true
	}
	return integer
}

func isByte(t reflect.Type) bool {
	return t.Kind() == reflect.Uint8 && !isJSON(t) && !isText(t)
}

func isJSON(t reflect.Type) bool {
	return has[json.Marshaler](t) || has[json.Unmarshaler](t)
}

func isText(t reflect.Type) bool {
	return has[encoding.TextMarshaler](t) || has[encoding.TextUnmarshaler](t)
}

// has reports whether t or *t has the methods of I.
func has[I any](t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[I]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
