package jsonx

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Marshal encodes a struct, or a pointer to one, and appends the extra members as
// they are, sorted by name. An extra member with a field's name is a [*ClashError],
// also when the field is left out. An empty value is null; one that is not JSON is
// an [*Error].
func Marshal(src any, extra map[string]json.RawMessage) ([]byte, error) {
	return marshal(src, slices.Sorted(maps.Keys(extra)), func(name string) ([]byte, error) {
		value := extra[name]
		if len(value) == 0 {
			return []byte("null"), nil
		}
		return value, Check(value)
	})
}

// MarshalAny is [Marshal] for members that are still to be encoded.
func MarshalAny(src any, extra map[string]any) ([]byte, error) {
	return marshal(src, slices.Sorted(maps.Keys(extra)), func(name string) ([]byte, error) { return Encode(extra[name]) })
}

func marshal(src any, names []string, value func(string) ([]byte, error)) ([]byte, error) {
	out, err := Encode(src)
	if err != nil || len(names) == 0 {
		return out, err
	}
	t := reflect.TypeOf(src)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct || Kind(out) != '{' {
		return nil, &Error{Reason: "extra members need a struct that is an object to stand in"}
	}
	table := layoutOf(t)
	out = bytes.TrimSuffix(out, []byte("}"))
	for _, name := range names {
		if _, ok := table.byName[name]; ok {
			return nil, &ClashError{Name: name}
		}
		raw, err := value(name)
		if err != nil {
			return nil, within(name, err)
		}
		if out, err = appendMember(out, name, raw); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// appendMember adds a member to an object that is still open.
func appendMember(out []byte, name string, value []byte) ([]byte, error) {
	key, err := Encode(name)
	if err != nil {
		return nil, err
	}
	if len(out) > 1 {
		out = append(out, ',')
	}
	return append(append(append(out, key...), ':'), value...), nil
}
