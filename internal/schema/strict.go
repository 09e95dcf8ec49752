package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// StrictError tells what a strict schema can't express.
type StrictError struct {
	Path   string // of the property, such as stops[].extra; empty for the whole
	Reason string
}

// Error says where and what to do.
func (e *StrictError) Error() string {
	where := e.Path
	if where == "" {
		where = "the schema"
	}
	return "keeprouter: no strict schema: " + where + ": " + e.Reason
}

// Strict returns the schema as a strict mode takes it, to send; it checks the same
// values as before. What that mode can't express is a [*StrictError].
func (s *Schema) Strict(mode Strictness) (*Schema, error) {
	if mode == NotStrict {
		return s, nil
	}
	t := &strictly{schema: s, mode: mode}
	if s.root.Type != "object" || s.root.AnyOf != nil || s.root.OneOf != nil {
		return nil, &StrictError{Reason: "the root has to be an object, not a union; wrap the value in a struct"}
	}
	if mode == StrictMessages {
		if at := s.recursion(); at != "" {
			return nil, &StrictError{Path: at, Reason: "messages take no recursive schemas in strict mode"}
		}
	}
	root, err := t.schemaAt(s.root, nil)
	if err != nil {
		return nil, err
	}
	if err := t.definitions(root, s.root); err != nil {
		return nil, err
	}
	if err := t.size.check(mode); err != nil {
		return nil, err
	}
	raw, err := render(root)
	if err != nil {
		return nil, &StrictError{Reason: err.Error()}
	}
	out := *s
	out.raw, out.optionalNull = raw, true
	return &out, nil
}

// recursion returns the reference that leads back to where it stands, if one does.
func (s *Schema) recursion() string {
	open := map[*subschema]bool{}
	done := map[*subschema]bool{}
	var visit func(node *subschema) string
	visit = func(node *subschema) string {
		if open[node] {
			return "$defs"
		}
		if done[node] {
			return ""
		}
		open[node] = true
		defer func() { delete(open, node); done[node] = true }()
		if ref := s.refs[node]; ref != nil && visit(ref) != "" {
			return node.Ref
		}
		for _, child := range children(node) {
			if at := visit(child); at != "" {
				return at
			}
		}
		return ""
	}
	return visit(s.root)
}

// strictly turns a schema into a strict one.
type strictly struct {
	schema *Schema
	mode   Strictness
	depth  int
	size   strictSize
}

func (t *strictly) definitions(out, root *subschema) error {
	for _, set := range []map[string]*subschema{root.Defs, root.Definitions} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			def, err := t.schemaAt(set[name], (*path)(nil).member("$defs").member(name))
			if err != nil {
				return err
			}
			if out.Defs == nil {
				out.Defs = map[string]*subschema{}
			}
			out.Defs[name] = def
			t.size.text += len(name)
		}
	}
	return nil
}

func (t *strictly) schemaAt(s *subschema, at *path) (*subschema, error) {
	if reason := inexpressible(s); reason != "" {
		return nil, &StrictError{Path: at.String(), Reason: reason}
	}
	if s.Ref != "" {
		return t.reference(s), nil
	}
	out := &subschema{
		Title: s.Title, Description: s.Description, Type: s.Type, Types: s.Types,
		Enum: s.Enum, Const: s.Const, Pattern: s.Pattern,
	}
	t.size.count(s)
	t.keywords(out, s)
	if err := t.nested(out, s, at); err != nil {
		return nil, err
	}
	return out, nil
}

// inexpressible says what keeps a schema from being strict.
func inexpressible(s *subschema) string {
	if isNever(s) {
		return "false is no strict schema"
	}
	if isAnything(s) {
		return "it has no type: any, json.RawMessage and types that marshal themselves can't be strict; use a concrete type or give it a JSONSchema method"
	}
	for _, k := range []struct {
		name string
		used bool
	}{
		{"allOf", s.AllOf != nil},
		{"not", s.Not != nil},
		{"if", s.If != nil},
		{"dependentRequired", s.DependentRequired != nil || s.DependencyStrings != nil},
		{"dependentSchemas", s.DependentSchemas != nil || s.DependencySchemas != nil},
		{"patternProperties", s.PatternProperties != nil},
		{"propertyNames", s.PropertyNames != nil},
		{"prefixItems", s.PrefixItems != nil || s.ItemsArray != nil},
		{"contains", s.Contains != nil},
		{"$dynamicRef", s.DynamicRef != ""},
		{"$anchor", s.Anchor != ""},
	} {
		if k.used {
			return "strict schemas have no " + k.name
		}
	}
	if strings.HasPrefix(s.Ref, "#") && s.Ref != "#" && !strings.HasPrefix(s.Ref, "#/$defs/") && !strings.HasPrefix(s.Ref, "#/definitions/") {
		return fmt.Sprintf("$ref %q has to lead into $defs", s.Ref)
	}
	if extra := s.AdditionalProperties; extra != nil && !isNever(extra) {
		return "a map or an open object can't be strict, since all names have to be known; use a list of structs with a name and a value"
	}
	return ""
}

// reference keeps a description beside the reference, where it isn't allowed, in a
// union of one.
func (t *strictly) reference(s *subschema) *subschema {
	ref := &subschema{Ref: strings.Replace(s.Ref, "#/definitions/", "#/$defs/", 1)}
	if s.Description == "" {
		return ref
	}
	return &subschema{Description: s.Description, AnyOf: []*subschema{ref}}
}

func (t *strictly) nested(out, s *subschema, at *path) (err error) {
	if s.Items != nil {
		if out.Items, err = t.schemaAt(s.Items, at.items()); err != nil {
			return err
		}
	}
	for _, list := range [][]*subschema{s.AnyOf, s.OneOf} {
		for _, alternative := range list {
			inner, err := t.schemaAt(alternative, at)
			if err != nil {
				return err
			}
			out.AnyOf = append(out.AnyOf, inner)
		}
	}
	if s.Properties == nil && !slices.Contains(typesOf(s), "object") {
		return nil
	}
	if t.depth++; t.depth > t.size.depth {
		t.size.depth = t.depth
	}
	defer func() { t.depth-- }()
	return t.properties(out, s, at)
}

func (t *strictly) properties(out, s *subschema, at *path) error {
	out.Properties = map[string]*subschema{}
	out.PropertyOrder = s.PropertyOrder
	out.Required = slices.Clone(s.Required)
	if t.mode == StrictChat {
		out.Required = slices.Clone(s.PropertyOrder)
	}
	if out.Required == nil {
		out.Required = []string{}
	}
	out.AdditionalProperties = never()
	for _, name := range s.PropertyOrder {
		inner, err := t.schemaAt(s.Properties[name], at.member(name))
		if err != nil {
			return err
		}
		if t.mode == StrictChat && !slices.Contains(s.Required, name) {
			inner = nullable(inner)
		}
		out.Properties[name] = inner
		t.size.properties++
		t.size.text += len(name)
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			return &StrictError{Path: at.member(name).String(), Reason: "it is required but not among the properties"}
		}
	}
	return nil
}

// keywords keeps what the mode has and tells the rest in the description.
func (t *strictly) keywords(out, s *subschema) {
	var told []string
	limit := func(kept bool, name, text string, keep func()) {
		switch {
		case text == "":
		case kept:
			keep()
		default:
			told = append(told, name+" "+text)
		}
	}
	chat := t.mode == StrictChat
	limit(slices.Contains(strictFormats, s.Format) || !chat && s.Format == "uri", "format", s.Format, func() { out.Format = s.Format })
	limit(chat, "minimum", floatText(s.Minimum), func() { out.Minimum = s.Minimum })
	limit(chat, "more than", floatText(s.ExclusiveMinimum), func() { out.ExclusiveMinimum = s.ExclusiveMinimum })
	limit(chat, "maximum", floatText(s.Maximum), func() { out.Maximum = s.Maximum })
	limit(chat, "less than", floatText(s.ExclusiveMaximum), func() { out.ExclusiveMaximum = s.ExclusiveMaximum })
	limit(chat, "multiple of", floatText(s.MultipleOf), func() { out.MultipleOf = s.MultipleOf })
	limit(chat || s.MinItems != nil && *s.MinItems <= 1, "least items", intText(s.MinItems), func() { out.MinItems = s.MinItems })
	limit(chat, "most items", intText(s.MaxItems), func() { out.MaxItems = s.MaxItems })
	limit(false, "least length", intText(s.MinLength), nil)
	limit(false, "greatest length", intText(s.MaxLength), nil)
	limit(false, "encoded in", s.ContentEncoding, nil)
	limit(false, "default", string(s.Default), nil)
	if s.UniqueItems {
		told = append(told, "no two items alike")
	}
	if len(told) == 0 {
		return
	}
	text := strings.Join(told, ", ")
	if out.Description != "" {
		text = out.Description + " (" + text + ")"
	}
	out.Description = text
}

var strictFormats = []string{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}

func floatText(f *float64) string {
	if f == nil {
		return ""
	}
	return formatFloat(*f)
}

func intText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
