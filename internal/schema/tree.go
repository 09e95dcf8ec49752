package schema

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A schema is read before it is known to be any good, and comes from servers too.
const (
	maxSchemaBytes = 256 << 10
	maxSchemaDepth = 64 // levels of JSON, about half as many of objects
)

// ParseError tells why something isn't a schema that can be used.
type ParseError struct {
	Pointer string // where in the schema, such as #/properties/city
	Reason  string
}

// Error says where and why.
func (e *ParseError) Error() string {
	return fmt.Sprintf("keeprouter: not a usable JSON Schema: at %s: %s", e.Pointer, e.Reason)
}

// compile prepares raw, which it keeps.
func compile(raw json.RawMessage) (*Schema, error) {
	root, err := parseTree(raw)
	if err != nil {
		return nil, err
	}
	s := &Schema{
		raw:      raw,
		root:     root,
		refs:     map[*subschema]*subschema{},
		patterns: map[string]*pattern{},
	}
	if err := s.resolve(); err != nil {
		return nil, err
	}
	if err := s.compilePatterns(); err != nil {
		return nil, err
	}
	if loop := s.endless(); loop != "" {
		return nil, &ParseError{Pointer: loop, Reason: "it refers to itself without going down into the value, so checking would never end"}
	}
	return s, nil
}

// parseTree reads an object as a schema with its properties in their order.
func parseTree(raw json.RawMessage) (*subschema, error) {
	if jsonx.Kind(raw) != '{' {
		return nil, &ParseError{Pointer: "#", Reason: "a schema is a JSON object"}
	}
	if len(raw) > maxSchemaBytes {
		return nil, &ParseError{Pointer: "#", Reason: fmt.Sprintf("it's larger than %d bytes", maxSchemaBytes)}
	}
	v, err := parseValue(raw, maxSchemaDepth)
	if err != nil {
		return nil, &ParseError{Pointer: "#", Reason: err.Error()}
	}
	if name, ok := nullKeyword(v); ok {
		return nil, &ParseError{Pointer: "#/" + name, Reason: "it is null; leave it out"}
	}
	var r keywordReader
	root := r.subschema(v, "#")
	if r.err != nil {
		return nil, r.err
	}
	nodes := 0
	for pointer, node := range everySchema(root) {
		if nodes++; nodes > 4*maxNodes {
			return nil, &ParseError{Pointer: "#", Reason: fmt.Sprintf("it has more than %d parts", 4*maxNodes)}
		}
		if err := checkNode(node); err != "" {
			return nil, &ParseError{Pointer: pointer, Reason: err}
		}
	}
	return root, nil
}

// nullKeyword finds a null at the top, where servers refuse it.
func nullKeyword(v *value) (string, bool) {
	for _, m := range v.members {
		if m.value.kind == kindNull && m.name != "default" && m.name != "const" {
			return m.name, true
		}
	}
	return "", false
}

func memberNames(v *value) (names []string) {
	for _, m := range v.members {
		names = append(names, m.name)
	}
	return names
}

// checkNode finds what is of the right kind and still wrong.
func checkNode(s *subschema) string {
	if s == nil {
		return "it is null; a schema is a JSON object"
	}
	types := s.Types
	if s.Type != "" {
		types = []string{s.Type}
	}
	for _, t := range types {
		if !slices.Contains([]string{"null", "boolean", "object", "array", "number", "integer", "string"}, t) {
			return fmt.Sprintf("%q is no type of JSON", t)
		}
	}
	if s.MultipleOf != nil && *s.MultipleOf <= 0 {
		return "multipleOf has to be more than 0"
	}
	return ""
}

// children are the schemas directly in s, with their JSON pointers relative to it.
func children(s *subschema) iter.Seq2[string, *subschema] {
	return func(yield func(string, *subschema) bool) {
		for _, one := range []struct {
			name  string
			child *subschema
		}{
			{"items", s.Items},
			{"additionalItems", s.AdditionalItems},
			{"contains", s.Contains},
			{"unevaluatedItems", s.UnevaluatedItems},
			{"additionalProperties", s.AdditionalProperties},
			{"propertyNames", s.PropertyNames},
			{"unevaluatedProperties", s.UnevaluatedProperties},
			{"not", s.Not},
			{"if", s.If},
			{"then", s.Then},
			{"else", s.Else},
			{"contentSchema", s.ContentSchema},
		} {
			if one.child != nil && !yield("/"+one.name, one.child) {
				return
			}
		}
		for _, list := range []struct {
			name  string
			items []*subschema
		}{
			{"prefixItems", s.PrefixItems},
			{"items", s.ItemsArray},
			{"allOf", s.AllOf},
			{"anyOf", s.AnyOf},
			{"oneOf", s.OneOf},
		} {
			for i, child := range list.items {
				if !yield("/"+list.name+"/"+strconv.Itoa(i), child) {
					return
				}
			}
		}
		for _, set := range []struct {
			name    string
			members map[string]*subschema
		}{
			{"$defs", s.Defs},
			{"definitions", s.Definitions},
			{"properties", s.Properties},
			{"patternProperties", s.PatternProperties},
			{"dependentSchemas", s.DependentSchemas},
			{"dependencies", s.DependencySchemas},
		} {
			for _, name := range slices.Sorted(maps.Keys(set.members)) {
				if !yield("/"+set.name+"/"+escape(name), set.members[name]) {
					return
				}
			}
		}
	}
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return escaper.Replace(name) }

// everySchema yields root and all schemas in it with their pointers, from # on. A
// schema may be nil, where there is null instead of one.
func everySchema(root *subschema) iter.Seq2[string, *subschema] {
	return func(yield func(string, *subschema) bool) {
		every("#", root, yield)
	}
}

func every(at string, s *subschema, yield func(string, *subschema) bool) bool {
	if !yield(at, s) {
		return false
	}
	if s == nil {
		return true
	}
	for pointer, child := range children(s) {
		if !every(at+pointer, child, yield) {
			return false
		}
	}
	return true
}

// resolve finds the schema of each reference.
func (s *Schema) resolve() error {
	targets := map[string]*subschema{"": s.root}
	for pointer, node := range everySchema(s.root) {
		targets[strings.TrimPrefix(pointer, "#")] = node
		for _, anchor := range []string{node.Anchor, node.DynamicAnchor} {
			if anchor != "" {
				targets[anchor] = node
			}
		}
	}
	for pointer, node := range everySchema(s.root) {
		if node.Ref == "" {
			continue
		}
		fragment, local := strings.CutPrefix(node.Ref, "#")
		if !local {
			return &ParseError{Pointer: pointer, Reason: fmt.Sprintf("$ref %q points outside; write the schema into $defs and refer to it as #/$defs/name", node.Ref)}
		}
		if plain, err := url.PathUnescape(fragment); err == nil {
			fragment = plain
		}
		target := targets[fragment]
		if target == nil {
			return &ParseError{Pointer: pointer, Reason: fmt.Sprintf("there is nothing at $ref %q", node.Ref)}
		}
		s.refs[node] = target
	}
	return nil
}

// endless returns where a schema applies itself to the same value, if one does.
func (s *Schema) endless() string {
	const open, done = 1, 2
	state := map[*subschema]int{}
	var visit func(*subschema) bool
	visit = func(node *subschema) bool {
		if node == nil || state[node] == done {
			return false
		}
		if state[node] == open {
			return true
		}
		state[node] = open
		if slices.ContainsFunc(s.sameValue(node), visit) {
			return true
		}
		state[node] = done
		return false
	}
	for pointer, node := range everySchema(s.root) {
		if visit(node) {
			return pointer
		}
	}
	return ""
}

// sameValue lists the schemas that node applies to the value that it applies to.
func (s *Schema) sameValue(node *subschema) []*subschema {
	list := []*subschema{s.refs[node], node.Not, node.If, node.Then, node.Else}
	list = slices.Concat(list, node.AllOf, node.AnyOf, node.OneOf)
	list = slices.AppendSeq(list, maps.Values(node.DependentSchemas))
	return slices.AppendSeq(list, maps.Values(node.DependencySchemas))
}
