package schema

import (
	"errors"
	"fmt"
	"slices"
)

// maxSteps bounds the work of one check, which alternatives within alternatives can
// make grow without measure.
const maxSteps = 1 << 18

// errTooComplex is returned when a check was given up.
var errTooComplex = errors.New("checking this value against its schema takes too many steps")

// check is one run over a value. A branch of it tries one of several alternatives.
type check struct {
	*Schema
	steps *int
	edits edits

	found  []*ViolationError
	failed bool // something was found
	branch bool // only whether anything is found matters
}

// Validate checks JSON. What doesn't fit is an [*InvalidError] of
// [*ViolationError], what isn't JSON a [*SyntaxError].
//
// Of a schema that [For] made, null fits an optional property, where it stands for
// an absent one, as well as lists and maps, where it stands for nil.
func (s *Schema) Validate(data []byte) error {
	_, _, err := s.validate(data)
	return err
}

func (s *Schema) validate(data []byte) (*value, edits, error) {
	v, repeated, err := readAll(data, maxValueDepth)
	if err != nil {
		return nil, nil, err
	}
	c := &check{Schema: s, steps: new(maxSteps), edits: edits{}}
	c.value(v, s.root, nil)
	switch {
	case *c.steps < 0:
		return nil, nil, errTooComplex
	case len(c.found) > 0:
		return nil, nil, &InvalidError{Violations: c.found}
	}
	if repeated {
		// encoding/json would merge both values, and only the last was checked.
		c.edits.rewrite(v)
	}
	return v, c.edits, nil
}

func (c *check) add(at *path, want, got string) {
	if c.failed = true; !c.done() {
		c.found = append(c.found, &ViolationError{Path: at.String(), Want: want, Got: got})
	}
}

func (c *check) done() bool {
	return c.branch && c.failed || len(c.found) >= maxViolations || *c.steps < 0
}

// try checks on the side.
func (c *check) try(v *value, s *subschema, at *path) *check {
	branch := &check{Schema: c.Schema, steps: c.steps, edits: edits{}, branch: true}
	branch.value(v, s, at)
	return branch
}

// fits reports whether v fits s, and keeps the edits if it does.
func (c *check) fits(v *value, s *subschema, at *path) bool {
	branch := c.try(v, s, at)
	if branch.failed {
		return false
	}
	c.edits.take(branch.edits)
	return true
}

func (c *check) value(v *value, s *subschema, at *path) {
	if *c.steps--; c.done() || s == nil {
		return
	}
	if isNever(s) {
		c.add(at, "nothing here", describeKind(v))
		return
	}
	if ref := c.refs[s]; ref != nil {
		c.value(v, ref, at)
	}
	if !c.typeFits(v, s, at) {
		return
	}
	c.constants(v, s, at)
	switch v.kind {
	case kindNumber:
		c.number(v, s, at)
	case kindString:
		c.string(v, s, at)
	case kindArray:
		c.array(v, s, at)
	case kindObject:
		c.object(v, s, at)
	}
	c.logic(v, s, at)
}

func (c *check) typeFits(v *value, s *subschema, at *path) bool {
	types := typesOf(s)
	if len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return isType(v, t) }) {
		if v.kind == kindNumber && slices.Contains(types, "integer") {
			c.edits.integer(v)
		}
		return true
	}
	if v.kind == kindNull && (s.Extra["nullable"] == true || c.fromGo && nilFits(s)) {
		return false // and nothing else applies
	}
	c.add(at, describe(s), describeKind(v))
	return false
}

func typesOf(s *subschema) []string {
	if s.Type != "" {
		return []string{s.Type}
	}
	return s.Types
}

// nilFits reports whether s is that of a Go type whose nil is written as null.
func nilFits(s *subschema) bool {
	switch s.Type {
	case "array":
		return s.MinItems == nil
	case "object":
		return s.AdditionalProperties != nil && !isNever(s.AdditionalProperties)
	}
	return s.ContentEncoding == "base64"
}

func isType(v *value, t string) bool {
	switch t {
	case "null":
		return v.kind == kindNull
	case "boolean":
		return v.kind == kindBoolean
	case "number":
		return v.kind == kindNumber
	case "integer":
		return v.kind == kindNumber && isInteger(v.text)
	case "string":
		return v.kind == kindString
	case "array":
		return v.kind == kindArray
	}
	return v.kind == kindObject
}

func (c *check) constants(v *value, s *subschema, at *path) {
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, func(e any) bool { return equal(v, e) }) {
		c.add(at, describe(s), "another "+kindName(v))
	}
	if s.Const != nil && !equal(v, *s.Const) {
		c.add(at, describe(s), "another "+kindName(v))
	}
}

func (c *check) logic(v *value, s *subschema, at *path) {
	for _, all := range s.AllOf {
		c.value(v, all, at)
	}
	if s.AnyOf != nil {
		c.anyOf(v, s.AnyOf, at)
	}
	if s.OneOf != nil {
		c.oneOf(v, s.OneOf, at)
	}
	if s.Not != nil && !c.try(v, s.Not, at).failed {
		c.add(at, "something else than "+describe(s.Not), "")
	}
	if s.If != nil {
		if c.fits(v, s.If, at) {
			c.value(v, s.Then, at)
		} else {
			c.value(v, s.Else, at)
		}
	}
}

func (c *check) anyOf(v *value, list []*subschema, at *path) {
	for _, s := range list {
		if c.fits(v, s, at) || *c.steps < 0 {
			return
		}
	}
	c.noneFits(v, list, at)
}

func (c *check) oneOf(v *value, list []*subschema, at *path) {
	var fitting []*check
	for _, s := range list {
		if branch := c.try(v, s, at); !branch.failed {
			fitting = append(fitting, branch)
		}
	}
	switch {
	case *c.steps < 0:
	case len(fitting) == 1:
		c.edits.take(fitting[0].edits)
	case len(fitting) == 0:
		c.noneFits(v, list, at)
	default:
		c.add(at, "exactly one of: "+describeAll(list), fmt.Sprintf("what fits %d of them", len(fitting)))
	}
}

// noneFits reports what is wrong with the alternative that v was likely meant to
// be, if only one is of its type, and else names the alternatives.
func (c *check) noneFits(v *value, list []*subschema, at *path) {
	if c.failed = true; c.branch {
		return
	}
	var alike []*subschema
	for _, s := range list {
		if c.alike(v, s) {
			alike = append(alike, s)
		}
	}
	if len(alike) == 1 {
		c.value(v, alike[0], at)
		return
	}
	c.add(at, "one of: "+describeAll(list), describeKind(v))
}

// alike reports whether v has a type of s, and its constants where s has any.
func (c *check) alike(v *value, s *subschema) bool {
	for ref := c.refs[s]; ref != nil; ref = c.refs[s] {
		s = ref
	}
	types := typesOf(s)
	if len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isType(v, t) }) {
		return false
	}
	for name, p := range s.Properties {
		if p.Const == nil && len(p.Enum) != 1 {
			continue
		}
		if m := v.get(name); m == nil || c.try(m, p, nil).failed {
			return false
		}
	}
	return true
}
