package gemma

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// declaration writes a tool. Of its schema the template takes the properties, what is
// required, and types.
func (w *writer) declaration(t prompt.Tool) {
	w.write("declaration:" + t.Name + "{description:")
	w.quoted(t.Description)
	schema, ok := object(t.Schema)
	switch {
	case !ok && len(t.Schema) > 0:
		w.write(",parameters:" + string(t.Schema))
	case len(schema) > 0:
		w.write(",parameters:{")
		if properties, _ := schema["properties"].(map[string]any); len(properties) > 0 {
			w.write("properties:{")
			w.properties(properties, nil)
			w.write("},")
		}
		if truthy(schema["required"]) {
			w.required(schema["required"])
			w.write(",")
		}
		if truthy(schema["type"]) {
			w.write("type:")
			w.quoted(upper(schema["type"]))
			w.write("}")
		}
	}
	w.write("}")
}

// standardKeys are the members of a schema that aren't properties, where a schema
// stands in for its properties.
var standardKeys = []string{"description", "type", "properties", "required", "nullable"}

func (w *writer) properties(properties map[string]any, without []string) {
	first := true
	for _, key := range sortedKeys(properties) {
		if slices.Contains(without, key) {
			continue
		}
		if !first {
			w.write(",")
		}
		first = false
		schema, _ := properties[key].(map[string]any)
		w.write(key + ":{")
		w.property(schema)
		w.write("}")
	}
}

func (w *writer) property(schema map[string]any) {
	separator := ""
	member := func(name string) {
		w.write(separator + name + ":")
		separator = ","
	}
	kind := upper(schema["type"])
	if truthy(schema["description"]) {
		member("description")
		w.quoted(plain(schema["description"]))
	}
	if kind == "STRING" && truthy(schema["enum"]) {
		member("enum")
		w.value(schema["enum"], true)
	}
	if items, _ := schema["items"].(map[string]any); kind == "ARRAY" && len(items) > 0 {
		member("items")
		w.items(items)
	}
	if truthy(schema["nullable"]) {
		member("nullable")
		w.write("true")
	}
	if kind == "OBJECT" {
		member("properties")
		w.write("{")
		if properties, ok := schema["properties"].(map[string]any); ok {
			w.properties(properties, nil)
		} else {
			w.properties(schema, standardKeys)
		}
		w.write("}")
		if truthy(schema["required"]) {
			w.write(",")
			w.required(schema["required"])
		}
	}
	member("type")
	w.quoted(kind)
}

func (w *writer) items(items map[string]any) {
	w.write("{")
	first := true
	for _, key := range sortedKeys(items) {
		value := items[key]
		if value == nil {
			continue
		}
		if !first {
			w.write(",")
		}
		first = false
		switch key {
		case "properties":
			w.write("properties:{")
			if properties, ok := value.(map[string]any); ok {
				w.properties(properties, nil)
			}
			w.write("}")
		case "required":
			w.required(value)
		case "type":
			w.write("type:")
			w.value(upperAll(value), true)
		default:
			w.write(key + ":")
			w.value(value, true)
		}
	}
	w.write("}")
}

func (w *writer) required(names any) {
	w.write("required:[")
	list, _ := names.([]any)
	for i, name := range list {
		if i > 0 {
			w.write(",")
		}
		w.quoted(plain(name))
	}
	w.write("]")
}

// members writes the members of an object, by name.
func (w *writer) members(object map[string]any) {
	for i, key := range sortedKeys(object) {
		if i > 0 {
			w.write(",")
		}
		w.write(key + ":")
		w.value(object[key], false)
	}
}

// value writes a JSON value in the template's notation, the keys in it quoted or not.
func (w *writer) value(value any, quoteKeys bool) {
	switch value := value.(type) {
	case string:
		w.quoted(value)
	case map[string]any:
		w.write("{")
		if quoteKeys {
			w.quotedMembers(value)
		} else {
			w.members(value)
		}
		w.write("}")
	case []any:
		w.write("[")
		for i, item := range value {
			if i > 0 {
				w.write(",")
			}
			w.value(item, quoteKeys)
		}
		w.write("]")
	default:
		w.write(plain(value))
	}
}

func (w *writer) quotedMembers(object map[string]any) {
	for i, key := range sortedKeys(object) {
		if i > 0 {
			w.write(",")
		}
		w.quoted(key)
		w.write(":")
		w.value(object[key], true)
	}
}

// sortedKeys gives the keys in the template's order, which doesn't regard case.
func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if order := strings.Compare(strings.ToLower(a), strings.ToLower(b)); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	return keys
}

// truthy is whether the template takes a value for true.
func truthy(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		return value != ""
	case []any:
		return len(value) > 0
	case map[string]any:
		return len(value) > 0
	case json.Number:
		f, err := value.Float64()
		return err != nil || f != 0
	}
	return true
}

// upper gives a schema's type in capitals. A list is written as the template's
// language prints it.
func upper(kind any) string {
	switch kind := kind.(type) {
	case string:
		return strings.ToUpper(kind)
	case []any:
		names := make([]string, len(kind))
		for i, name := range kind {
			names[i] = "'" + upper(name) + "'"
		}
		return "[" + strings.Join(names, ", ") + "]"
	}
	return ""
}

func upperAll(kind any) any {
	list, ok := kind.([]any)
	if !ok {
		return upper(kind)
	}
	names := make([]any, len(list))
	for i, name := range list {
		names[i] = upper(name)
	}
	return names
}

// plain gives a value without quotes.
func plain(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return number(value.String())
	}
	text, _ := json.Marshal(value) // it came from JSON
	return string(text)
}

// number gives a number as the template's language prints it: whole ones as they are
// spelt, others in the shortest form.
func number(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.ContainsAny(text, ".eE") {
		return text
	}
	short := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(short, "e")
	if n, _ := strconv.Atoi(exponent); n < -4 || n >= 16 {
		return short
	}
	short = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(short, ".") {
		short += ".0"
	}
	return short
}
