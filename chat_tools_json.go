package keeprouter

import (
	"cmp"
	"encoding/json"
	"maps"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// The two kinds of tools, which are also the names of their nested objects.
const (
	functionType = "function"
	customType   = "custom"
)

// typedWire is an object whose type names the object in it.
type typedWire struct {
	ID       string          `json:"id,omitzero"`
	Type     string          `json:"type"`
	Function json.RawMessage `json:"function,omitzero"`
	Custom   json.RawMessage `json:"custom,omitzero"`
}

func (w *typedWire) isCustom() bool { return w.Type == customType && w.Function == nil }

// nest encodes the nested object. A type that has none, because the library doesn't
// know it, is left alone.
func (w *typedWire) nest(inner any, extra extras) ([]byte, error) {
	name, place := functionType, &w.Function
	if w.Type == customType {
		name, place = customType, &w.Custom
	}
	data, err := writeNested(inner, name, extra)
	if err != nil {
		return nil, err
	}
	*place = data
	return jsonx.Marshal(w, without(extra, name))
}

type (
	toolFunctionWire struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitzero"`
		Parameters  json.RawMessage `json:"parameters,omitzero"`
		Strict      *bool           `json:"strict,omitzero"`
	}
	toolCustomWire struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitzero"`
		Format      json.RawMessage `json:"format,omitzero"`
	}
)

// MarshalJSON writes the tool as the format has it.
func (t ChatTool) MarshalJSON() ([]byte, error) {
	w := typedWire{Type: cmp.Or(t.Type, functionType)}
	switch {
	case w.Type == customType:
		return w.nest(toolCustomWire{t.Name, t.Description, t.Format}, t.Extra)
	case w.Type != functionType && t.Name == "" && t.Extra[functionType] == nil:
		return jsonx.Marshal(w, t.Extra)
	}
	return w.nest(toolFunctionWire{t.Name, t.Description, t.Parameters, t.Strict}, t.Extra)
}

// UnmarshalJSON reads the tool as the format has it.
func (t *ChatTool) UnmarshalJSON(data []byte) error {
	var w typedWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	*t = ChatTool{Type: cmp.Or(w.Type, functionType)}
	if w.isCustom() {
		var inner toolCustomWire
		err = readNested(w.Custom, customType, &inner, &extra)
		t.Name, t.Description, t.Format = inner.Name, inner.Description, inner.Format
	} else {
		var inner toolFunctionWire
		err = readNested(w.Function, functionType, &inner, &extra)
		t.Name, t.Description, t.Parameters, t.Strict = inner.Name, inner.Description, inner.Parameters, inner.Strict
	}
	t.Extra = extra
	return err
}

type (
	functionWire struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	customWire struct {
		Name  string `json:"name"`
		Input string `json:"input"`
	}
)

// truncatedField is written beside the format's own fields, so that a cut call stays
// one when a conversation is saved.
const truncatedField = "truncated"

// MarshalJSON writes the call as the format has it, and "truncated" if it is.
func (c ChatToolCall) MarshalJSON() ([]byte, error) {
	if c.Truncated {
		c.Extra = maps.Clone(c.Extra)
		if c.Extra == nil {
			c.Extra = map[string]json.RawMessage{}
		}
		c.Extra[truncatedField] = json.RawMessage("true")
	}
	w := typedWire{ID: c.ID, Type: cmp.Or(c.Type, functionType)}
	switch {
	case w.Type == customType:
		return w.nest(customWire{c.Name, c.Arguments}, c.Extra)
	case w.Type != functionType && c.Name == "" && c.Arguments == "" && c.Extra[functionType] == nil:
		return jsonx.Marshal(w, c.Extra)
	}
	arguments, err := jsonx.Encode(c.Arguments)
	if err != nil {
		return nil, err
	}
	return w.nest(functionWire{c.Name, arguments}, c.Extra)
}

// UnmarshalJSON reads the call as the format has it. Arguments that came as an
// object rather than as text become its text.
func (c *ChatToolCall) UnmarshalJSON(data []byte) error {
	var w typedWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	*c = ChatToolCall{ID: w.ID, Type: cmp.Or(w.Type, functionType)}
	if w.isCustom() {
		var inner customWire
		err = readNested(w.Custom, customType, &inner, &extra)
		c.Name, c.Arguments = inner.Name, inner.Input
	} else {
		var inner functionWire
		if err = readNested(w.Function, functionType, &inner, &extra); err == nil {
			c.Arguments, err = argumentsText(inner.Arguments)
		}
		c.Name = inner.Name
	}
	if string(extra[truncatedField]) == "true" {
		c.Truncated = true
		extra = without(extra, truncatedField)
	}
	c.Extra = extra
	return err
}

// argumentsText is the text of arguments that came as a text, as JSON, or not at
// all.
func argumentsText(data json.RawMessage) (string, error) {
	switch jsonx.Kind(data) {
	case 0, 'n':
		return "", nil
	case '"':
		return jsonx.Unquote(data)
	}
	return string(jsonx.Compact(data)), nil
}

const allowedType = "allowed_tools"

type (
	choiceWire struct {
		Type     string          `json:"type"`
		Function json.RawMessage `json:"function,omitzero"`
		Custom   json.RawMessage `json:"custom,omitzero"`
		Allowed  json.RawMessage `json:"allowed_tools,omitzero"`
	}
	nameWire struct {
		Name string `json:"name"`
	}
	allowedWire struct {
		Mode  string     `json:"mode"`
		Tools []ChatTool `json:"tools"`
	}
)

// MarshalJSON writes a mode as a string and everything else as an object.
func (c ChatToolChoice) MarshalJSON() ([]byte, error) {
	switch {
	case c.Allowed != nil:
		return c.marshalAs(allowedType, allowedWire{cmp.Or(c.Mode, "auto"), bareTools(c.Allowed)})
	case c.Name != "" && c.Type == customType:
		return c.marshalAs(customType, nameWire{c.Name})
	case c.Name != "":
		return c.marshalAs(functionType, nameWire{c.Name})
	case c.Mode != "":
		return jsonx.Encode(c.Mode)
	}
	return jsonx.Marshal(choiceWire{Type: c.Type}, c.Extra)
}

func (c *ChatToolChoice) marshalAs(name string, inner any) ([]byte, error) {
	data, err := writeNested(inner, name, c.Extra)
	if err != nil {
		return nil, err
	}
	w := choiceWire{Type: name}
	switch name {
	case allowedType:
		w.Allowed = data
	case customType:
		w.Custom = data
	default:
		w.Function = data
	}
	return jsonx.Marshal(w, without(c.Extra, name))
}

// bareTools leaves of the tools what names them.
func bareTools(tools []ChatTool) []ChatTool {
	bare := make([]ChatTool, len(tools))
	for i, t := range tools {
		bare[i] = ChatTool{Type: t.Type, Name: t.Name, Extra: t.Extra}
	}
	return bare
}

// UnmarshalJSON reads both forms of the wire, a string and an object.
func (c *ChatToolChoice) UnmarshalJSON(data []byte) error {
	*c = ChatToolChoice{}
	if jsonx.Kind(data) == '"' {
		return jsonx.Decode(data, &c.Mode)
	}
	var w choiceWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var named nameWire
	switch w.Type {
	case allowedType:
		var inner allowedWire
		rest, wrong := unmarshalRequest(w.Allowed, &inner)
		err = keepRead(allowedType, rest, wrong, &extra)
		c.Mode, c.Allowed = inner.Mode, inner.Tools
	case customType:
		c.Type = customType
		err = readNested(w.Custom, customType, &named, &extra)
	default:
		c.Type = w.Type
		err = readNested(w.Function, functionType, &named, &extra)
	}
	c.Name, c.Extra = named.Name, extra
	return err
}
