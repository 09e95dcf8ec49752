package translate

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// emptySchema is that of a tool without arguments.
const emptySchema = `{"type":"object","properties":{}}`

// toolSchema completes the schema of a tool's arguments with what one of the formats
// demands. Everything else stays as it is, byte for byte.
func toolSchema(schema json.RawMessage, path string, l *ledger) json.RawMessage {
	if len(schema) == 0 || jsonx.IsNull(schema) {
		return json.RawMessage(emptySchema)
	}
	if jsonx.Kind(schema) != '{' || !jsonx.Valid(schema) {
		l.refuse(path, "want a JSON Schema, an object")
		return json.RawMessage(emptySchema)
	}
	var typed, properties, changed bool
	var members []member
	for name, value := range jsonx.Members(schema) {
		switch {
		case jsonx.IsNull(value) && isKeyword(name):
			l.note(path+"."+name, Dropped, "null is no value of this keyword")
			changed = true
			continue
		case slices.Contains([]string{"anyOf", "oneOf", "allOf"}, name):
			l.lose(path+"."+name, Dropped, "the formats refuse alternatives at the top of a tool's schema: move them into a property")
			changed = true
			continue
		case name == "type":
			typed = true
			if string(value) != `"object"` {
				l.refuse(path+".type", "the arguments of a tool are an object")
			}
		case name == "properties":
			properties = true
		}
		members = append(members, member{name, value})
	}
	if typed && properties && !changed {
		return schema
	}
	if !typed {
		if len(members) > 0 {
			l.note(path+".type", Assumed, "the arguments of a tool are an object")
		}
		members = append([]member{{"type", json.RawMessage(`"object"`)}}, members...)
	}
	if !properties {
		members = append(members, member{"properties", json.RawMessage("{}")})
	}
	return object(members)
}

// isKeyword reports whether null can't be the value of a schema's member: default,
// const and examples may have it.
func isKeyword(name string) bool {
	return slices.Contains([]string{"type", "properties", "required", "additionalProperties", "description", "title", "$defs", "anyOf", "oneOf", "allOf"}, name)
}

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

func object(members []member) json.RawMessage {
	out := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		key, _ := jsonx.Encode(m.name)
		out = append(append(append(out, key...), ':'), m.value...)
	}
	return append(out, '}')
}

// schemaName is the name of an answer's schema, which only the Chat format needs.
func schemaName(schema json.RawMessage) string {
	if title, ok := jsonx.Head(schema, "title"); ok && isToolName(title, maxChatName) {
		return title
	}
	return "output"
}

// unsupported are keywords that a Messages server refuses in the schema of an
// answer.
var unsupported = map[string]bool{
	"minimum": true, "maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true, "multipleOf": true,
	"minLength": true, "maxLength": true, "maxItems": true, "uniqueItems": true,
}

// answerSchema holds the schema of an answer to what a Messages server takes. What it
// doesn't take can be moved into the descriptions, where the model reads it.
func answerSchema(schema json.RawMessage, path string, l *ledger) json.RawMessage {
	s := schemaFilter{l}
	return s.schema(schema, path, 0)
}

type schemaFilter struct{ *ledger }

// maxSchemaDepth is far beyond what a model can follow.
const maxSchemaDepth = 64

func (f schemaFilter) schema(schema json.RawMessage, path string, depth int) json.RawMessage {
	if jsonx.Kind(schema) != '{' {
		return schema
	}
	if depth > maxSchemaDepth {
		f.refuse(path, "the schema is too deep")
		return schema
	}
	var members []member
	moved, description := "", -1
	for name, value := range jsonx.Members(schema) {
		where := join(path, name)
		if unsupported[name] || name == "minItems" && string(value) != "0" && string(value) != "1" {
			f.lose(where, Changed, fmt.Sprintf("the Messages format has no %s in the schema of an answer: say it in the description", name))
			moved += "\n" + name + ": " + string(jsonx.Compact(value))
			continue
		}
		if name == "description" {
			description = len(members)
		}
		members = append(members, member{name, f.inner(name, value, where, depth+1)})
	}
	if moved == "" {
		if slices.EqualFunc(members, slices.Collect(membersOf(schema)), member.same) {
			return schema
		}
		return object(members)
	}
	return object(withMoved(members, description, moved))
}

// inner filters the schemas that a member holds.
func (f schemaFilter) inner(name string, value json.RawMessage, path string, depth int) json.RawMessage {
	switch name {
	case "items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else":
		return f.schema(value, path, depth)
	case "properties", "$defs", "definitions", "patternProperties", "dependentSchemas":
		if jsonx.Kind(value) != '{' {
			return value
		}
		var members []member
		for name, inner := range jsonx.Members(value) {
			members = append(members, member{name, f.schema(inner, join(path, name), depth)})
		}
		return object(members)
	case "anyOf", "oneOf", "allOf", "prefixItems":
		if jsonx.Kind(value) != '[' {
			return value
		}
		list := []byte{'['}
		for i, inner := range jsonx.Elements(value) {
			if i > 0 {
				list = append(list, ',')
			}
			list = append(list, f.schema(inner, at(path, i), depth)...)
		}
		return append(list, ']')
	}
	return value
}

func withMoved(members []member, description int, moved string) []member {
	if description < 0 {
		text, _ := jsonx.Encode(moved[1:])
		return append(members, member{"description", text})
	}
	before, _ := jsonx.Unquote(members[description].value)
	members[description].value, _ = jsonx.Encode(before + moved)
	return members
}

func membersOf(object json.RawMessage) func(func(member) bool) {
	return func(yield func(member) bool) {
		for name, value := range jsonx.Members(object) {
			if !yield(member{name, value}) {
				return
			}
		}
	}
}

func (m member) same(other member) bool {
	return m.name == other.name && string(m.value) == string(other.value)
}
