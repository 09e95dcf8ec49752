package schema

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

func (c *check) object(v *value, s *subschema, at *path) {
	c.required(v, s.Required, at, s)
	for _, m := range v.members {
		c.member(m, v, s, at)
	}
	if s.MinProperties != nil && len(v.members) < *s.MinProperties {
		c.add(at, fmt.Sprintf("at least %d members", *s.MinProperties), fmt.Sprint(len(v.members)))
	}
	if s.MaxProperties != nil && len(v.members) > *s.MaxProperties {
		c.add(at, fmt.Sprintf("at most %d members", *s.MaxProperties), fmt.Sprint(len(v.members)))
	}
	c.dependencies(v, s, at)
}

func (c *check) required(v *value, names []string, at *path, s *subschema) {
	for _, name := range names {
		if v.get(name) != nil {
			continue
		}
		want := "a value"
		if p := s.Properties[name]; p != nil {
			want = describe(c.target(p))
		}
		c.add(at.member(name), want, "nothing: it is required")
	}
}

func (c *check) target(s *subschema) *subschema {
	for c.refs[s] != nil {
		s = c.refs[s]
	}
	return s
}

func (c *check) member(m member, v *value, s *subschema, at *path) {
	inner := at.member(m.name)
	if s.PropertyNames != nil && !c.fits(&value{kind: kindString, text: m.name}, s.PropertyNames, inner) {
		c.add(inner, "another name: "+describe(s.PropertyNames), "")
	}
	known := false
	if p := s.Properties[m.name]; p != nil {
		known = true
		if c.optionalNull && m.value.kind == kindNull && !slices.Contains(s.Required, m.name) {
			if !c.fits(m.value, p, inner) {
				c.edits.drop(v, m.name)
			}
		} else {
			c.value(m.value, p, inner)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(s.PatternProperties)) {
		if matches, compiled := c.matches(pattern, m.name); compiled && matches {
			known = true
			c.value(m.value, s.PatternProperties[pattern], inner)
		}
	}
	switch {
	case known || s.AdditionalProperties == nil:
	case isNever(s.AdditionalProperties):
		c.unknown(s, inner)
	default:
		c.value(m.value, s.AdditionalProperties, inner)
	}
}

func (c *check) unknown(s *subschema, at *path) {
	names := s.PropertyOrder
	if len(names) == 0 {
		c.add(at, "no members here", "this one")
		return
	}
	const shown = 20
	text := strings.Join(names[:min(shown, len(names))], ", ")
	if len(names) > shown {
		text += ", …"
	}
	c.add(at, "only the members "+text, "this one")
}

func (c *check) dependencies(v *value, s *subschema, at *path) {
	for _, set := range []map[string][]string{s.DependentRequired, s.DependencyStrings} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if v.get(name) != nil {
				c.required(v, set[name], at, s)
			}
		}
	}
	for _, set := range []map[string]*subschema{s.DependentSchemas, s.DependencySchemas} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if v.get(name) != nil {
				c.value(v, set[name], at)
			}
		}
	}
}

func (c *check) array(v *value, s *subschema, at *path) {
	if s.MinItems != nil && len(v.items) < *s.MinItems {
		c.add(at, fmt.Sprintf("at least %d items", *s.MinItems), fmt.Sprint(len(v.items)))
	}
	if s.MaxItems != nil && len(v.items) > *s.MaxItems {
		c.add(at, fmt.Sprintf("at most %d items", *s.MaxItems), fmt.Sprint(len(v.items)))
	}
	first, rest := s.PrefixItems, s.Items
	if s.ItemsArray != nil {
		first, rest = s.ItemsArray, s.AdditionalItems
	}
	for i, item := range v.items {
		if i < len(first) {
			c.value(item, first[i], at.item(i))
		} else {
			c.value(item, rest, at.item(i))
		}
		if c.done() {
			return
		}
	}
	if s.UniqueItems {
		c.unique(v, at)
	}
	if s.Contains != nil {
		c.contains(v, s, at)
	}
}

func (c *check) unique(v *value, at *path) {
	seen := map[string]int{}
	for i, item := range v.items {
		key := string(item.canonical().appendJSON(nil))
		if *c.steps -= len(key) / 256; c.done() {
			return
		}
		if first, ok := seen[key]; ok {
			c.add(at.item(i), fmt.Sprintf("an item that differs from item %d", first), "the same")
			return
		}
		seen[key] = i
	}
}

func (c *check) contains(v *value, s *subschema, at *path) {
	n, least := 0, 1
	for i, item := range v.items {
		if !c.try(item, s.Contains, at.item(i)).failed {
			n++
		}
	}
	if s.MinContains != nil {
		least = *s.MinContains
	}
	if n < least {
		c.add(at, fmt.Sprintf("at least %d items like: %s", least, describe(s.Contains)), fmt.Sprint(n))
	}
	if s.MaxContains != nil && n > *s.MaxContains {
		c.add(at, fmt.Sprintf("at most %d items like: %s", *s.MaxContains, describe(s.Contains)), fmt.Sprint(n))
	}
}

// canonical returns a value that is written the same as every equal one.
func (v *value) canonical() *value {
	out := *v
	switch v.kind {
	case kindNumber:
		out.text = plainNumber(v.text)
	case kindArray:
		out.items = nil
		for _, item := range v.items {
			out.items = append(out.items, item.canonical())
		}
	case kindObject:
		out.members = nil
		names := memberNames(v)
		sort.Strings(names)
		for _, name := range names {
			out.members = append(out.members, member{name, v.get(name).canonical()})
		}
	}
	return &out
}
