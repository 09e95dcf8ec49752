package schema

import (
	"fmt"
	"math"
	"strconv"
)

// keywordReader reads schemas from JSON. What is null counts as left out, except where
// it is a value.
type keywordReader struct {
	err *ParseError // the first
}

func (r *keywordReader) fail(at, reason string) {
	if r.err == nil {
		r.err = &ParseError{Pointer: at, Reason: reason}
	}
}

// subschema reads an object or a boolean; of null it returns nil.
func (r *keywordReader) subschema(v *value, at string) *subschema {
	s := &subschema{}
	switch v.kind {
	case kindNull:
		return nil
	case kindBoolean:
		if !v.truth {
			return never()
		}
	case kindObject:
		for _, m := range v.members {
			at := at + "/" + escape(m.name)
			if !r.identity(s, m, at) && !r.scalar(s, m, at) && !r.array(s, m, at) && !r.object(s, m, at) && !r.composition(s, m, at) {
				if s.Extra == nil {
					s.Extra = map[string]any{}
				}
				s.Extra[m.name] = m.value.plain()
			}
		}
	default:
		r.fail(at, "it has to be a schema, that is an object or a boolean")
	}
	return s
}

func (r *keywordReader) identity(s *subschema, m member, at string) bool {
	switch m.name {
	case "$id":
		s.ID = r.text(m.value, at)
	case "$schema":
		s.Schema = r.text(m.value, at)
	case "$ref":
		s.Ref = r.text(m.value, at)
	case "$comment":
		s.Comment = r.text(m.value, at)
	case "$anchor":
		s.Anchor = r.text(m.value, at)
	case "$dynamicAnchor":
		s.DynamicAnchor = r.text(m.value, at)
	case "$dynamicRef":
		s.DynamicRef = r.text(m.value, at)
	case "$defs":
		s.Defs = r.set(m.value, at)
	case "definitions":
		s.Definitions = r.set(m.value, at)
	case "title":
		s.Title = r.text(m.value, at)
	case "description":
		s.Description = r.text(m.value, at)
	case "default":
		s.Default = m.value.appendJSON(nil)
	case "deprecated":
		s.Deprecated = r.truth(m.value, at)
	case "readOnly":
		s.ReadOnly = r.truth(m.value, at)
	case "writeOnly":
		s.WriteOnly = r.truth(m.value, at)
	case "examples":
		s.Examples = r.values(m.value, at)
	default:
		return false
	}
	return true
}

func (r *keywordReader) scalar(s *subschema, m member, at string) bool {
	switch m.name {
	case "type":
		if m.value.kind == kindArray {
			s.Types = r.texts(m.value, at)
		} else {
			s.Type = r.text(m.value, at)
		}
	case "enum":
		s.Enum = r.values(m.value, at)
	case "const":
		s.Const = new(m.value.plain())
	case "multipleOf":
		s.MultipleOf = r.number(m.value, at)
	case "minimum":
		s.Minimum = r.number(m.value, at)
	case "maximum":
		s.Maximum = r.number(m.value, at)
	case "exclusiveMinimum":
		s.ExclusiveMinimum = r.number(m.value, at)
	case "exclusiveMaximum":
		s.ExclusiveMaximum = r.number(m.value, at)
	case "minLength":
		s.MinLength = r.count(m.value, at)
	case "maxLength":
		s.MaxLength = r.count(m.value, at)
	case "pattern":
		s.Pattern = r.text(m.value, at)
	case "format":
		s.Format = r.text(m.value, at)
	case "contentEncoding":
		s.ContentEncoding = r.text(m.value, at)
	case "contentMediaType":
		s.ContentMediaType = r.text(m.value, at)
	case "contentSchema":
		s.ContentSchema = r.subschema(m.value, at)
	default:
		return false
	}
	return true
}

func (r *keywordReader) array(s *subschema, m member, at string) bool {
	switch m.name {
	case "items":
		if m.value.kind == kindArray {
			s.ItemsArray = r.list(m.value, at)
		} else {
			s.Items = r.subschema(m.value, at)
		}
	case "prefixItems":
		s.PrefixItems = r.list(m.value, at)
	case "additionalItems":
		s.AdditionalItems = r.subschema(m.value, at)
	case "unevaluatedItems":
		s.UnevaluatedItems = r.subschema(m.value, at)
	case "contains":
		s.Contains = r.subschema(m.value, at)
	case "minContains":
		s.MinContains = r.count(m.value, at)
	case "maxContains":
		s.MaxContains = r.count(m.value, at)
	case "minItems":
		s.MinItems = r.count(m.value, at)
	case "maxItems":
		s.MaxItems = r.count(m.value, at)
	case "uniqueItems":
		s.UniqueItems = r.truth(m.value, at)
	default:
		return false
	}
	return true
}

func (r *keywordReader) object(s *subschema, m member, at string) bool {
	switch m.name {
	case "properties":
		s.Properties = r.set(m.value, at)
		s.PropertyOrder = memberNames(m.value)
	case "patternProperties":
		s.PatternProperties = r.set(m.value, at)
	case "additionalProperties":
		s.AdditionalProperties = r.subschema(m.value, at)
	case "propertyNames":
		s.PropertyNames = r.subschema(m.value, at)
	case "unevaluatedProperties":
		s.UnevaluatedProperties = r.subschema(m.value, at)
	case "minProperties":
		s.MinProperties = r.count(m.value, at)
	case "maxProperties":
		s.MaxProperties = r.count(m.value, at)
	case "required":
		s.Required = r.texts(m.value, at)
	case "dependentRequired":
		s.DependentRequired, _ = r.dependencies(m.value, at, true)
	case "dependentSchemas":
		s.DependentSchemas = r.set(m.value, at)
	case "dependencies":
		s.DependencyStrings, s.DependencySchemas = r.dependencies(m.value, at, false)
	default:
		return false
	}
	return true
}

func (r *keywordReader) composition(s *subschema, m member, at string) bool {
	switch m.name {
	case "allOf":
		s.AllOf = r.list(m.value, at)
	case "anyOf":
		s.AnyOf = r.list(m.value, at)
	case "oneOf":
		s.OneOf = r.list(m.value, at)
	case "not":
		s.Not = r.subschema(m.value, at)
	case "if":
		s.If = r.subschema(m.value, at)
	case "then":
		s.Then = r.subschema(m.value, at)
	case "else":
		s.Else = r.subschema(m.value, at)
	default:
		return false
	}
	return true
}

// is reports whether a value has the kind that its keyword needs, and fails if it has
// another one.
func (r *keywordReader) is(v *value, want kind, at string) bool {
	if v.kind != want && v.kind != kindNull {
		r.fail(at, "it has to be "+[...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[want])
	}
	return v.kind == want
}

func (r *keywordReader) text(v *value, at string) string {
	if !r.is(v, kindString, at) {
		return ""
	}
	return v.text
}

func (r *keywordReader) truth(v *value, at string) bool {
	return r.is(v, kindBoolean, at) && v.truth
}

func (r *keywordReader) number(v *value, at string) *float64 {
	if !r.is(v, kindNumber, at) {
		return nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		r.fail(at, fmt.Sprintf("%s is beyond what a number can be", v.text))
	}
	return &f
}

// count reads an integer, also one that is written as 2.0.
func (r *keywordReader) count(v *value, at string) *int {
	f := r.number(v, at)
	if f == nil {
		return nil
	}
	if *f != math.Trunc(*f) || math.Abs(*f) > math.MaxInt32 {
		r.fail(at, fmt.Sprintf("%s has to be an integer of at most %d", v.text, math.MaxInt32))
		return nil
	}
	return new(int(*f))
}

func (r *keywordReader) values(v *value, at string) []any {
	if !r.is(v, kindArray, at) {
		return nil
	}
	list, _ := v.plain().([]any)
	return list
}

func (r *keywordReader) texts(v *value, at string) []string {
	if !r.is(v, kindArray, at) {
		return nil
	}
	list := make([]string, 0, len(v.items))
	for i, item := range v.items {
		list = append(list, r.text(item, at+"/"+strconv.Itoa(i)))
	}
	return list
}

func (r *keywordReader) list(v *value, at string) []*subschema {
	if !r.is(v, kindArray, at) {
		return nil
	}
	list := make([]*subschema, 0, len(v.items))
	for i, item := range v.items {
		list = append(list, r.subschema(item, at+"/"+strconv.Itoa(i)))
	}
	return list
}

func (r *keywordReader) set(v *value, at string) map[string]*subschema {
	if !r.is(v, kindObject, at) {
		return nil
	}
	set := map[string]*subschema{}
	for _, m := range v.members {
		set[m.name] = r.subschema(m.value, at+"/"+escape(m.name))
	}
	return set
}

// dependencies reads what the presence of a property demands: the names of others, or
// a schema.
func (r *keywordReader) dependencies(v *value, at string, onlyNames bool) (names map[string][]string, schemas map[string]*subschema) {
	if !r.is(v, kindObject, at) {
		return nil, nil
	}
	names, schemas = map[string][]string{}, map[string]*subschema{}
	for _, m := range v.members {
		at := at + "/" + escape(m.name)
		if onlyNames || m.value.kind == kindArray {
			names[m.name] = r.texts(m.value, at)
		} else {
			schemas[m.name] = r.subschema(m.value, at)
		}
	}
	return names, schemas
}
