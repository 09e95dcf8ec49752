package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// edits are the small differences between what fits a schema and what encoding/json
// takes: members that are null in place of absent, and integers such as 5.0.
type edits map[*value]edit

type edit struct {
	drop []string // members of an object
	text string   // of a number
}

func (e edits) take(other edits) { maps.Copy(e, other) }

func (e edits) drop(object *value, name string) {
	was := e[object]
	was.drop = append(slices.Clone(was.drop), name)
	e[object] = was
}

// rewrite makes Decode read what was checked rather than the text.
func (e edits) rewrite(v *value) { e[v] = edit{drop: e[v].drop, text: e[v].text} }

// integer notes how to write a number that Go's integers can't be decoded from.
func (e edits) integer(v *value) {
	const digits = 20 // more than any integer of Go has
	if !strings.ContainsAny(v.text, ".eE") {
		return
	}
	if plain := plainNumber(v.text); len(plain) <= digits && !strings.Contains(plain, "/") {
		e[v] = edit{text: plain}
	}
}

// apply changes v, in which dropped members may occur several times.
func (e edits) apply(v *value) {
	change := e[v]
	if change.text != "" {
		v.text = change.text
	}
	v.members = slices.DeleteFunc(v.members, func(m member) bool { return slices.Contains(change.drop, m.name) })
	for _, m := range v.members {
		e.apply(m.value)
	}
	for _, item := range v.items {
		e.apply(item)
	}
}

// Decode checks JSON as Validate does, then decodes it into a pointer with
// encoding/json. A null that stands for an absent property is left out, and 5.0 is
// decoded into integers as 5. What fits the schema but not the Go value, such as an
// integer that is too large, is an [*InvalidError] too.
func (s *Schema) Decode(data []byte, into any) error {
	v, changes, err := s.validate(data)
	if err != nil {
		return err
	}
	if s.wrapped {
		v = v.get(wrapper)
		if v == nil {
			return errors.New("keeprouter: the schema of a wrapped value lacks it")
		}
		data = nil
	}
	if len(changes) > 0 || data == nil {
		changes.apply(v)
		data = v.appendJSON(nil)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return decodeError(err)
	}
	return nil
}

// decodeError makes a violation of what encoding/json says where it can.
func decodeError(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &InvalidError{Violations: []*ViolationError{{
			Path: e.Field,
			Want: fmt.Sprintf("a value that fits %s", e.Type),
			Got:  "a " + strings.Fields(e.Value + " value")[0],
		}}}
	}
	if _, ok := errors.AsType[*json.InvalidUnmarshalError](err); ok {
		return fmt.Errorf("keeprouter: decode into a pointer: %w", err)
	}
	return &InvalidError{Violations: []*ViolationError{{Want: "a value that can be read", Got: "one that can't: " + err.Error()}}}
}
