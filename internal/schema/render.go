package schema

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// rendering writes one object of a schema: never a boolean for an empty
// schema, which not every server takes, and descriptions ahead of long properties.
type rendering struct {
	out []byte
	err error
}

// render writes a schema: what it is first, then what it consists of.
func render(s *subschema) (json.RawMessage, error) {
	if isNever(s) {
		return json.RawMessage("false"), nil
	}
	r := &rendering{out: []byte{'{'}}
	r.identity(s)
	r.scalars(s)
	r.composition(s)
	r.objects(s)
	r.arrays(s)
	r.schemas("$defs", s.Defs, nil)
	r.schemas("definitions", s.Definitions, nil)
	for _, name := range slices.Sorted(maps.Keys(s.Extra)) {
		r.add(name, s.Extra[name])
	}
	return append(r.out, '}'), r.err
}

func isNever(s *subschema) bool {
	return s != nil && s.Not != nil && isAnything(s.Not)
}

func (r *rendering) identity(s *subschema) {
	r.text("$schema", s.Schema)
	r.text("$id", s.ID)
	r.text("$anchor", s.Anchor)
	r.text("title", s.Title)
	r.text("description", s.Description)
	r.text("$ref", s.Ref)
	r.text("$dynamicRef", s.DynamicRef)
	r.text("$dynamicAnchor", s.DynamicAnchor)
	r.text("type", s.Type)
	if s.Types != nil {
		r.add("type", s.Types)
	}
	if s.Enum != nil {
		r.add("enum", s.Enum)
	}
	if s.Const != nil {
		r.add("const", *s.Const)
	}
	if s.Default != nil {
		r.add("default", s.Default)
	}
	if s.Examples != nil {
		r.add("examples", s.Examples)
	}
	r.flag("deprecated", s.Deprecated)
	r.flag("readOnly", s.ReadOnly)
	r.flag("writeOnly", s.WriteOnly)
}

func (r *rendering) scalars(s *subschema) {
	r.text("format", s.Format)
	r.text("pattern", s.Pattern)
	number(r, "minLength", s.MinLength)
	number(r, "maxLength", s.MaxLength)
	r.text("contentEncoding", s.ContentEncoding)
	r.text("contentMediaType", s.ContentMediaType)
	r.schema("contentSchema", s.ContentSchema)
	number(r, "minimum", s.Minimum)
	number(r, "exclusiveMinimum", s.ExclusiveMinimum)
	number(r, "maximum", s.Maximum)
	number(r, "exclusiveMaximum", s.ExclusiveMaximum)
	number(r, "multipleOf", s.MultipleOf)
}

func (r *rendering) composition(s *subschema) {
	r.list("allOf", s.AllOf)
	r.list("anyOf", s.AnyOf)
	r.list("oneOf", s.OneOf)
	r.schema("not", s.Not)
	r.schema("if", s.If)
	r.schema("then", s.Then)
	r.schema("else", s.Else)
}

func (r *rendering) objects(s *subschema) {
	r.schemas("properties", s.Properties, s.PropertyOrder)
	r.schemas("patternProperties", s.PatternProperties, nil)
	if s.Required != nil {
		r.add("required", s.Required)
	}
	r.schema("additionalProperties", s.AdditionalProperties)
	r.schema("unevaluatedProperties", s.UnevaluatedProperties)
	r.schema("propertyNames", s.PropertyNames)
	number(r, "minProperties", s.MinProperties)
	number(r, "maxProperties", s.MaxProperties)
	if s.DependentRequired != nil {
		r.add("dependentRequired", s.DependentRequired)
	}
	r.schemas("dependentSchemas", s.DependentSchemas, nil)
	dependencies := map[string]any{}
	for name, names := range s.DependencyStrings {
		dependencies[name] = names
	}
	for name, child := range s.DependencySchemas {
		dependencies[name] = r.render(child)
	}
	if len(dependencies) > 0 {
		r.add("dependencies", dependencies)
	}
}

func (r *rendering) arrays(s *subschema) {
	r.list("prefixItems", s.PrefixItems)
	r.list("items", s.ItemsArray)
	r.schema("items", s.Items)
	r.schema("additionalItems", s.AdditionalItems)
	r.schema("unevaluatedItems", s.UnevaluatedItems)
	r.schema("contains", s.Contains)
	number(r, "minContains", s.MinContains)
	number(r, "maxContains", s.MaxContains)
	number(r, "minItems", s.MinItems)
	number(r, "maxItems", s.MaxItems)
	r.flag("uniqueItems", s.UniqueItems)
}

func (r *rendering) add(name string, v any) {
	if len(r.out) > 1 {
		r.out = append(r.out, ',')
	}
	encoded, err := jsonx.Encode(v)
	if r.err == nil {
		r.err = err
	}
	r.out = append(append(appendString(r.out, name), ':'), encoded...)
}

func (r *rendering) text(name, s string) {
	if s != "" {
		r.add(name, s)
	}
}

func (r *rendering) flag(name string, set bool) {
	if set {
		r.add(name, true)
	}
}

func number[T any](r *rendering, name string, n *T) {
	if n != nil {
		r.add(name, *n)
	}
}

func (r *rendering) schema(name string, s *subschema) {
	if s != nil {
		r.add(name, r.render(s))
	}
}

func (r *rendering) render(s *subschema) json.RawMessage {
	raw, err := render(s)
	if r.err == nil {
		r.err = err
	}
	return raw
}

func (r *rendering) list(name string, list []*subschema) {
	if list == nil {
		return
	}
	raws := make([]json.RawMessage, 0, len(list))
	for _, s := range list {
		raws = append(raws, r.render(s))
	}
	r.add(name, raws)
}

func (r *rendering) schemas(name string, set map[string]*subschema, order []string) {
	if set == nil {
		return
	}
	if order == nil {
		order = slices.Sorted(maps.Keys(set))
	}
	inner := &rendering{out: []byte{'{'}}
	for _, key := range order {
		if s := set[key]; s != nil {
			inner.add(key, inner.render(s))
		}
	}
	if r.err == nil {
		r.err = inner.err
	}
	r.add(name, json.RawMessage(append(inner.out, '}')))
}
