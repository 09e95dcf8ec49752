package gateway

import (
	"bytes"
	"encoding/json"
	"strings"
)

// schemaNode is what the gateway understands of a JSON Schema.
type schemaNode struct {
	Type       json.RawMessage            `json:"type"`
	Enum       []json.RawMessage          `json:"enum"`
	Const      json.RawMessage            `json:"const"`
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
	Ref        string                     `json:"$ref"`
	Defs       map[string]json.RawMessage `json:"$defs"`
}

// A schema that contains itself ends at maxSchemaDepth, and one that branches as it
// does so at maxSchemaNodes.
const (
	maxSchemaDepth = 20
	maxSchemaNodes = 1000
)

// minimal is the smallest value of a schema's form.
func minimal(schema json.RawMessage) json.RawMessage {
	var root schemaNode
	if json.Unmarshal(schema, &root) != nil {
		return json.RawMessage("{}")
	}
	m := minimizer{defs: root.Defs, left: maxSchemaNodes}
	return m.value(schema, maxSchemaDepth)
}

type minimizer struct {
	defs map[string]json.RawMessage
	left int
}

func (m *minimizer) value(schema json.RawMessage, depth int) json.RawMessage {
	m.left--
	var s schemaNode
	if depth == 0 || m.left < 0 || json.Unmarshal(schema, &s) != nil {
		return json.RawMessage("null")
	}
	switch {
	case s.Ref != "":
		return m.value(m.defs[strings.TrimPrefix(s.Ref, "#/$defs/")], depth-1)
	case len(s.Const) > 0:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AnyOf) > 0:
		return m.value(s.AnyOf[0], depth-1)
	}
	switch firstType(s.Type) {
	case "string":
		return json.RawMessage(`"example"`)
	case "integer", "number":
		return json.RawMessage("1")
	case "boolean":
		return json.RawMessage("true")
	case "array":
		return json.RawMessage("[]")
	case "null":
		return json.RawMessage("null")
	}
	return m.object(&s, depth)
}

func (m *minimizer) object(s *schemaNode, depth int) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range s.Required {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(name))
		b.WriteByte(':')
		b.Write(m.value(s.Properties[name], depth-1))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// firstType reads a type that may be a list.
func firstType(raw json.RawMessage) string {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		return name
	}
	var names []string
	if json.Unmarshal(raw, &names) == nil && len(names) > 0 {
		return names[0]
	}
	return "object"
}
