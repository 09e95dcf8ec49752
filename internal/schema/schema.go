// Package schema writes JSON Schemas of Go types in the order of their fields, and
// checks, mends and decodes the JSON that models write for them.
//
// [For] reads the json and jsonschema tags of a struct as the MCP SDK does, so that
// one struct serves both: a jsonschema tag is the description of its field. What a
// tag can't say, a type says itself: a string type with the method
//
//	func (Unit) Enum() []string { return []string{"celsius", "fahrenheit"} }
//
// has these values, as has a field with the tag enum:"celsius,fahrenheit", and the
// schema of a type with the method
//
//	func (Color) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"string","pattern":"^#"}`) }
//
// is what it returns.
//
// Fields are read as encoding/json reads them. Those with omitempty or omitzero are
// optional; other pointers may be null. A [time.Time] is a string with a date and
// time, a [time.Duration] an integer of nanoseconds that its description explains,
// []byte a string in base64, a type that marshals itself as text a string, and one
// that marshals itself as JSON may be anything. Recursive types become definitions.
//
// github.com/google/jsonschema-go judges the results in tests. It isn't used
// otherwise: it refuses recursive types, misreads types that marshal themselves, takes
// a json.Number for a string, and its errors tell where in the schema a value went
// wrong rather than where in the value.
package schema

import (
	"encoding/json"
	"reflect"
)

// Strictness selects what a strict schema of a wire format may hold.
type Strictness int

// The values of [Options.Strict].
const (
	// NotStrict leaves a schema as it is.
	NotStrict Strictness = iota
	// StrictChat is for chat completions: every property is required, and one that
	// is optional in Go may be null instead.
	StrictChat
	// StrictMessages is for messages: optional properties stay optional; neither
	// recursion nor numeric bounds exist.
	StrictMessages
)

// Options of [For]. The zero value gives the plain schema of a type.
type Options struct {
	// Object wraps a root that isn't an object as the member "value" of one, since
	// tools and structured output take only objects. Decode unwraps it again.
	Object bool

	// Strict restricts the schema to what a strict mode takes. Keywords that it
	// lacks go into descriptions, and what can't be expressed is an error; Validate
	// still checks all of it.
	Strict Strictness
}

// wrapper names the only member of a wrapped root.
const wrapper = "value"

// Schema is a JSON Schema with what's needed to check values. It is safe for use by
// several goroutines.
type Schema struct {
	raw      json.RawMessage
	root     *subschema
	refs     map[*subschema]*subschema
	patterns map[string]*pattern

	fromGo       bool // values are decoded into the Go type that the schema is of
	optionalNull bool // null stands for an absent property
	wrapped      bool
}

// For returns the schema of a Go type, its properties in the order of the fields.
// What has no schema, such as a channel, is a [*TypeError] that names the field.
func For(t reflect.Type, o Options) (*Schema, error) {
	root, err := build(t)
	if err != nil {
		return nil, err
	}
	wrapped := o.Object && root.Type != "object"
	if wrapped {
		root = wrap(root)
	}
	raw, err := render(root)
	if err != nil {
		return nil, &TypeError{Path: t.String(), Reason: err.Error()}
	}
	s, err := compile(raw)
	if err != nil {
		return nil, &TypeError{Path: t.String(), Reason: err.Error()}
	}
	s.fromGo, s.optionalNull, s.wrapped = true, true, wrapped
	return s.Strict(o.Strict)
}

func wrap(root *subschema) *subschema {
	inner := *root
	inner.Defs = nil
	return &subschema{
		Type:                 "object",
		Properties:           map[string]*subschema{wrapper: &inner},
		PropertyOrder:        []string{wrapper},
		Required:             []string{wrapper},
		AdditionalProperties: never(),
		Defs:                 root.Defs,
	}
}

// Parse reads a schema that was written by hand or came from elsewhere. JSON returns
// it byte for byte. References must stay within it: nothing is ever fetched. What
// isn't a schema, or has patterns that repeat too much, is a [*ParseError].
//
// Validate leaves unchecked: formats, unevaluatedProperties, unevaluatedItems,
// $dynamicRef, and patterns that need more than RE2 has.
func Parse(raw json.RawMessage) (*Schema, error) {
	return compile(append(json.RawMessage(nil), raw...))
}

// JSON returns the schema as it's sent. It must not be modified.
func (s *Schema) JSON() json.RawMessage { return s.raw }

// Wrapped reports whether the value is the member "value" of the object that the
// schema describes.
func (s *Schema) Wrapped() bool { return s.wrapped }

// IsObject reports whether every value that fits is an object, as the formats demand
// of a tool's arguments.
func (s *Schema) IsObject() bool { return s.root.Type == "object" }
