package interop

import (
	"encoding/json"
	"slices"
	"strings"
)

// relaxed lets members be absent that the document requires although they may be null
// or have an object as their default. It wants all of them, those of its newest
// features too, while servers that don't have a feature leave its members out, and
// clients read both alike.
func relaxed(schema any) ([]byte, error) {
	data, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	defs, _ := tree["$defs"].(map[string]any)
	absences{defs}.allow(tree)
	return json.Marshal(tree)
}

// absences knows the schemas that others refer to, by their names.
type absences struct{ defs map[string]any }

func (a absences) allow(tree any) {
	switch node := tree.(type) {
	case []any:
		for _, item := range node {
			a.allow(item)
		}
	case map[string]any:
		properties, _ := node["properties"].(map[string]any)
		if required, ok := node["required"].([]any); ok {
			node["required"] = slices.DeleteFunc(required, func(name any) bool {
				text, _ := name.(string)
				return a.mayBeAbsent(properties[text])
			})
		}
		for _, inner := range node {
			a.allow(inner)
		}
	}
}

func (a absences) mayBeAbsent(property any) bool {
	node, _ := property.(map[string]any)
	_, defaulted := node["default"].(map[string]any)
	return defaulted || a.nullable(node)
}

func (a absences) nullable(property any) bool {
	node, _ := property.(map[string]any)
	if ref, ok := node["$ref"].(string); ok {
		return a.nullable(a.defs[strings.TrimPrefix(ref, componentPrefix)])
	}
	alternatives, _ := node["anyOf"].([]any)
	return node["type"] == "null" || slices.ContainsFunc(alternatives, a.nullable)
}
