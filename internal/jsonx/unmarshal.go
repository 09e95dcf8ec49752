package jsonx

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
)

// Unmarshal decodes a JSON object into the struct that dst points to. Names match
// exactly; of a repeated name the last value counts. Members that no field takes
// are returned, nil if there are none. A nested struct drops its own unless it has
// a field for them, tagged json:"-" jsonx:"extra", of the type of extra.
//
// Null leaves the zero value. Integers are also read from 5.0, 1.7e9 and "5",
// floats from "0.5", strings from numbers and booleans. A type with its own
// decoding decides alone, also about null. What fits nowhere is an
// [*Error] with its path; malformed JSON is one before anything is stored.
func Unmarshal(data []byte, dst any) (extra map[string]json.RawMessage, err error) {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, &Error{Reason: "want a pointer to a struct to decode into"}
	}
	if err := check(data); err != nil {
		return nil, err
	}
	if Kind(data) != '{' {
		return nil, mismatch(data, "an object")
	}
	return decodeStruct(data, v.Elem())
}

// check reports malformed JSON and nesting that is too deep.
func check(data []byte) error {
	switch {
	case Valid(data):
		return nil
	case WellFormed(data):
		return &Error{Reason: "nested too deeply"}
	default:
		var v json.RawMessage
		e := &Error{Reason: "not valid JSON"}
		if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &v)); ok {
			e.Offset, e.Reason = int(syntax.Offset), syntax.Error()
		}
		return e
	}
}

func decodeStruct(data []byte, v reflect.Value) (map[string]json.RawMessage, error) {
	table := fieldsOf(v.Type())
	var extra map[string]json.RawMessage
	for name, raw := range Members(data) {
		i, ok := table.byName[name]
		if !ok {
			if extra == nil {
				extra = map[string]json.RawMessage{}
			}
			extra[name] = slices.Clone(raw)
			continue
		}
		if err := decode(raw, v.Field(i)); err != nil {
			return nil, within(name, err)
		}
	}
	if table.extra >= 0 && extra != nil {
		v.Field(table.extra).Set(reflect.ValueOf(extra))
	}
	return extra, nil
}

var (
	rawType         = reflect.TypeFor[json.RawMessage]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decode reads one valid value into v, in place of what v held.
func decode(raw []byte, v reflect.Value) error {
	if v.Type() == rawType {
		v.SetBytes(slices.Clone(raw))
		return nil
	}
	v.SetZero()
	if p := v.Addr().Type(); p.Implements(unmarshalerType) || p.Implements(textType) {
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	if raw[0] == 'n' {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(raw, v.Elem())
	case reflect.Struct:
		if raw[0] != '{' {
			return mismatch(raw, "an object")
		}
		_, err := decodeStruct(raw, v)
		return err
	case reflect.Slice:
		return decodeSlice(raw, v)
	case reflect.Map:
		return decodeMap(raw, v)
	default:
		return decodeScalar(raw, v)
	}
}

func decodeSlice(raw []byte, v reflect.Value) error {
	if raw[0] == '"' && v.Type().Elem().Kind() == reflect.Uint8 {
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	if raw[0] != '[' {
		return mismatch(raw, "an array")
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i, element := range Elements(raw) {
		v.Grow(1)
		v.SetLen(i + 1)
		if err := decode(element, v.Index(i)); err != nil {
			return within("["+strconv.Itoa(i)+"]", err)
		}
	}
	return nil
}

func decodeMap(raw []byte, v reflect.Value) error {
	if raw[0] != '{' {
		return mismatch(raw, "an object")
	}
	if v.Type().Key().Kind() != reflect.String {
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, value := range Members(raw) {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := decode(value, item); err != nil {
			return within(name, err)
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	}
	return nil
}

// within puts a member's name or an element's index in front of an error's path.
func within(step string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e != err {
		return &Error{Path: step, Err: err}
	}
	path := step
	switch {
	case e.Path == "":
	case e.Path[0] == '[':
		path += e.Path
	default:
		path += "." + e.Path
	}
	return &Error{Path: path, Offset: e.Offset, Reason: e.Reason, Err: e.Err}
}
