package gateway

import (
	"encoding/json"
	"slices"
	"strings"
)

// strictness is what a format demands of a schema beyond being one.
type strictness int

const (
	anySchema      strictness = iota
	chatStrict                // every property is required, and there are no others
	messagesStrict            // no other properties, and only some keywords
)

// maxSchemaPath bounds how deep a schema is read, for one may be nested to no end.
const maxSchemaPath = 100

// objectSchema says what is wrong with the schema of a tool's arguments or of an
// answer, which describes an object: nothing, if nothing is.
func objectSchema(raw json.RawMessage, s strictness) string {
	var node map[string]json.RawMessage
	if json.Unmarshal(raw, &node) != nil || node == nil {
		return "expected a JSON Schema of type \"object\""
	}
	for _, word := range []string{"oneOf", "anyOf", "allOf"} {
		if _, found := node[word]; found {
			return "a schema may not have oneOf, anyOf or allOf at the top"
		}
	}
	if t := string(node["type"]); t != `"object"` {
		return "expected a JSON Schema of type \"object\", got " + clip(orNone(t), 40)
	}
	w := schemaWalk{strict: s}
	w.node(raw, "$", 0)
	return w.wrong
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// schemaWalk goes through a schema, and stops at what is wrong.
type schemaWalk struct {
	strict strictness
	wrong  string
}

func (w *schemaWalk) fail(where, what string) {
	if w.wrong == "" {
		w.wrong = "at " + clip(where, 200) + ": " + what
	}
}

var schemaTypes = []string{"object", "array", "string", "integer", "number", "boolean", "null"}

// notInMessages are the keywords that structured output in Messages doesn't have.
var notInMessages = []string{
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties",
}

func (w *schemaWalk) node(raw json.RawMessage, where string, depth int) {
	var always bool
	if w.wrong != "" || (depth > 0 && json.Unmarshal(raw, &always) == nil && string(raw) != "null") {
		return
	}
	var node map[string]json.RawMessage
	switch {
	case depth > maxSchemaPath:
		w.fail(where, "the schema is nested too deep")
	case json.Unmarshal(raw, &node) != nil || node == nil:
		w.fail(where, "expected a schema, which is an object")
	default:
		w.words(node, where)
		w.demands(node, where)
		w.inner(node, where, depth)
	}
}

// words checks the forms of the keywords on which clients stumble.
func (w *schemaWalk) words(node map[string]json.RawMessage, where string) {
	if raw, found := node["type"]; found && !isSchemaType(raw) {
		w.fail(where+".type", clip(string(raw), 40)+" is no type of JSON Schema")
	}
	if raw, found := node["required"]; found && !isListOfStrings(raw) {
		w.fail(where+".required", "expected a list of names")
	}
	if raw, found := node["enum"]; found && !isList(raw) {
		w.fail(where+".enum", "expected a list of values")
	}
}

func isSchemaType(raw json.RawMessage) bool {
	var one string
	if json.Unmarshal(raw, &one) == nil && string(raw) != "null" {
		return slices.Contains(schemaTypes, one)
	}
	var several []string
	return json.Unmarshal(raw, &several) == nil && len(several) > 0 &&
		!slices.ContainsFunc(several, func(t string) bool { return !slices.Contains(schemaTypes, t) })
}

func isListOfStrings(raw json.RawMessage) bool {
	var names []string
	return json.Unmarshal(raw, &names) == nil && names != nil
}

func isList(raw json.RawMessage) bool {
	var values []json.RawMessage
	return json.Unmarshal(raw, &values) == nil && values != nil
}

// demands checks what strict schemas must have, or must not.
func (w *schemaWalk) demands(node map[string]json.RawMessage, where string) {
	if w.strict == messagesStrict {
		for _, word := range notInMessages {
			if _, found := node[word]; found {
				w.fail(where, "the keyword '"+word+"' is not supported")
			}
		}
	}
	if w.strict == anySchema || firstType(node["type"]) != "object" || node["type"] == nil {
		return
	}
	if string(node["additionalProperties"]) != "false" {
		w.fail(where, "'additionalProperties' is required to be supplied and to be false")
	}
	if w.strict != chatStrict {
		return
	}
	var required []string
	_ = json.Unmarshal(node["required"], &required) // its form is checked elsewhere
	for _, p := range members(node["properties"]) {
		if !slices.Contains(required, p.name) {
			w.fail(where, "'required' must include every key in properties: "+clip(p.name, 60)+" is missing")
		}
	}
}

// member is one of a schema's named schemas.
type member struct {
	name  string
	value json.RawMessage
}

// members are those of an object, in the order of their names.
func members(raw json.RawMessage) []member {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	list := make([]member, 0, len(object))
	for name, value := range object {
		list = append(list, member{name, value})
	}
	slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return list
}

func (w *schemaWalk) inner(node map[string]json.RawMessage, where string, depth int) {
	for _, word := range []string{"properties", "$defs", "definitions", "patternProperties"} {
		raw, found := node[word]
		if found && (len(raw) == 0 || raw[0] != '{') {
			w.fail(where+"."+word, "expected an object of schemas")
		}
		for _, m := range members(raw) {
			w.node(m.value, where+"."+word+"."+m.name, depth+1)
		}
	}
	for _, word := range []string{"items", "additionalProperties", "not"} {
		if raw, found := node[word]; found && raw[0] != '[' {
			w.node(raw, where+"."+word, depth+1)
		}
	}
	for _, word := range []string{"anyOf", "oneOf", "allOf", "prefixItems"} {
		raw, found := node[word]
		var list []json.RawMessage
		if found && (json.Unmarshal(raw, &list) != nil || list == nil) {
			w.fail(where+"."+word, "expected a list of schemas")
		}
		for i, one := range list {
			w.node(one, at(where+"."+word, i), depth+1)
		}
	}
}
