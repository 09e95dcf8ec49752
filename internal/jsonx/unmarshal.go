package jsonx

import (
	"bytes"
	"encoding"
	"encoding/base64"
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
// decoding decides alone, also about null; interfaces and arrays need one. What fits nowhere is an
// [*Error] with its path; malformed JSON is one before anything is stored.
func Unmarshal(data []byte, dst any) (extra map[string]json.RawMessage, err error) {
	return Own(Methods).Unmarshal(data, dst)
}

// Own decodes a value of a type with a decoding of its own, if what dst points to is
// one. A program links what its Own can call, so one that names types links less than
// [Methods], with which it links the decoding of each type that it has.
type Own func(dst any, data []byte) (ok bool, err error)

// Methods is the Own of types that are a [json.Unmarshaler] or an
// [encoding.TextUnmarshaler].
func Methods(dst any, data []byte) (ok bool, err error) {
	switch v := dst.(type) {
	case json.Unmarshaler:
		return true, v.UnmarshalJSON(data)
	case encoding.TextUnmarshaler:
		return true, decodeText(data, v)
	}
	return false, nil
}

// Unmarshal is [Unmarshal] where own knows the types with a decoding of their own.
func (own Own) Unmarshal(data []byte, dst any) (extra map[string]json.RawMessage, err error) {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, &Error{Reason: "want a pointer to a struct to decode into"}
	}
	if err := Check(data); err != nil {
		return nil, err
	}
	if Kind(data) != '{' {
		return nil, mismatch(data, "an object")
	}
	return own.decodeStruct(data, v.Elem())
}

// Decode reads a value of any kind into what dst points to, as [Unmarshal] does with a
// field of a type that has no decoding of its own.
func Decode(data []byte, dst any) error {
	if err := Check(data); err != nil {
		return err
	}
	return Own(nil).decode(bytes.TrimSpace(data), reflect.ValueOf(dst).Elem())
}

// Check reports malformed JSON and nesting that is too deep as an [*Error].
func Check(data []byte) error {
	switch {
	case Valid(data):
		return nil
	case WellFormed(data):
		return &Error{Reason: "nested too deeply"}
	default:
		return Malformed(data)
	}
}

func (own Own) decodeStruct(data []byte, v reflect.Value) (map[string]json.RawMessage, error) {
	table := layoutOf(v.Type())
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
		if err := own.decode(raw, v.Field(i)); err != nil {
			return nil, within(name, err)
		}
	}
	if table.extra >= 0 && extra != nil {
		v.Field(table.extra).Set(reflect.ValueOf(extra))
	}
	return extra, nil
}

var rawType = reflect.TypeFor[json.RawMessage]()

// decode reads one valid value into v, in place of what v held.
func (own Own) decode(raw []byte, v reflect.Value) error {
	if v.Type() == rawType {
		v.SetBytes(slices.Clone(raw))
		return nil
	}
	v.SetZero()
	if own != nil {
		if ok, err := own(v.Addr().Interface(), raw); ok {
			return err
		}
	}
	if raw[0] == 'n' {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return own.decode(raw, v.Elem())
	case reflect.Struct:
		if raw[0] != '{' {
			return mismatch(raw, "an object")
		}
		_, err := own.decodeStruct(raw, v)
		return err
	case reflect.Slice:
		return own.decodeSlice(raw, v)
	case reflect.Map:
		return own.decodeMap(raw, v)
	default:
		return decodeScalar(raw, v)
	}
}

// decodeText leaves the zero value where there is null.
func decodeText(raw []byte, v encoding.TextUnmarshaler) error {
	switch raw[0] {
	case 'n':
		return nil
	case '"':
		text, err := Unquote(raw)
		if err != nil {
			return err
		}
		return v.UnmarshalText([]byte(text))
	}
	return mismatch(raw, "a string")
}

func (own Own) decodeSlice(raw []byte, v reflect.Value) error {
	if raw[0] == '"' && v.Type().Elem().Kind() == reflect.Uint8 {
		return decodeBytes(raw, v)
	}
	if raw[0] != '[' {
		return mismatch(raw, "an array")
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i, element := range Elements(raw) {
		v.Grow(1)
		v.SetLen(i + 1)
		if err := own.decode(element, v.Index(i)); err != nil {
			return within("["+strconv.Itoa(i)+"]", err)
		}
	}
	return nil
}

func (own Own) decodeMap(raw []byte, v reflect.Value) error {
	if raw[0] != '{' {
		return mismatch(raw, "an object")
	}
	if v.Type().Key().Kind() != reflect.String {
		return unsupported(v)
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, value := range Members(raw) {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := own.decode(value, item); err != nil {
			return within(name, err)
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	}
	return nil
}

// decodeBytes reads base64.
func decodeBytes(raw []byte, v reflect.Value) error {
	text, err := Unquote(raw)
	if err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	v.SetBytes(data)
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
