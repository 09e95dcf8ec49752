package jsonx

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Unmarshal decodes a JSON object into the struct that dst points to. Names match
// exactly; of a repeated name the last value counts. Members that no field takes
// are returned, nil if there are none.
//
// Null leaves the zero value. Integers are also read from 5.0, 1.7e9 and "5",
// floats from "0.5", strings from numbers and booleans. What fits nowhere is an
// [*Error] with its path.
func Unmarshal(data []byte, dst any) (extra map[string]json.RawMessage, err error) {
	if err := check(data); err != nil {
		return nil, err
	}
	v := reflect.ValueOf(dst).Elem()
	if Kind(data) != '{' {
		return nil, &Error{Reason: "want an object"}
	}
	return decodeStruct(data, v, "")
}

// check reports malformed JSON and nesting that is too deep.
func check(data []byte) error {
	if !json.Valid(data) {
		var v json.RawMessage
		e := &Error{Reason: "not valid JSON"}
		if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &v)); ok {
			e.Offset, e.Reason = int(syntax.Offset), syntax.Error()
		}
		return e
	}
	if skipValue(data, skipSpace(data, 0), 0) < 0 {
		return &Error{Reason: "nested too deeply"}
	}
	return nil
}

// fields maps the JSON names of a struct type to its fields' indices.
type fields struct {
	byName map[string]int
	extra  int // the field that takes what no other does, or -1
}

var fieldTables sync.Map // reflect.Type -> *fields; a cache of what never changes

func fieldsOf(t reflect.Type) *fields {
	if f, ok := fieldTables.Load(t); ok {
		return f.(*fields)
	}
	f := &fields{byName: map[string]int{}, extra: -1}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Tag.Get("jsonx") == "extra" {
			f.extra = i
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		f.byName[name] = i
	}
	stored, _ := fieldTables.LoadOrStore(t, f)
	return stored.(*fields)
}

func decodeStruct(data []byte, v reflect.Value, path string) (map[string]json.RawMessage, error) {
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
		if err := decode(raw, v.Field(i), join(path, name)); err != nil {
			return nil, err
		}
	}
	if table.extra >= 0 && extra != nil {
		v.Field(table.extra).Set(reflect.ValueOf(extra))
	}
	return extra, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

var (
	rawType         = reflect.TypeFor[json.RawMessage]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decode reads one valid value into v.
func decode(raw []byte, v reflect.Value, path string) error {
	if v.Type() == rawType {
		v.SetBytes(slices.Clone(raw))
		return nil
	}
	if p := v.Addr().Type(); p.Implements(unmarshalerType) || p.Implements(textType) {
		return wrap(json.Unmarshal(raw, v.Addr().Interface()), path)
	}
	if raw[0] == 'n' {
		v.SetZero()
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if err := decode(raw, fresh.Elem(), path); err != nil {
			return err
		}
		v.Set(fresh)
		return nil
	case reflect.Struct:
		if raw[0] != '{' {
			return mismatch(raw, "an object", path)
		}
		v.SetZero()
		_, err := decodeStruct(raw, v, path)
		return err
	case reflect.Slice:
		return decodeSlice(raw, v, path)
	case reflect.Map:
		return decodeMap(raw, v, path)
	default:
		return decodeScalar(raw, v, path)
	}
}

func decodeSlice(raw []byte, v reflect.Value, path string) error {
	if raw[0] != '[' {
		return mismatch(raw, "an array", path)
	}
	out := reflect.MakeSlice(v.Type(), 0, 0)
	for i, element := range Elements(raw) {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := decode(element, item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
		out = reflect.Append(out, item)
	}
	v.Set(out)
	return nil
}

func decodeMap(raw []byte, v reflect.Value, path string) error {
	if raw[0] != '{' {
		return mismatch(raw, "an object", path)
	}
	if v.Type().Key().Kind() != reflect.String {
		return wrap(json.Unmarshal(raw, v.Addr().Interface()), path)
	}
	out := reflect.MakeMap(v.Type())
	for name, value := range Members(raw) {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := decode(value, item, join(path, name)); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	}
	v.Set(out)
	return nil
}

func decodeScalar(raw []byte, v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.String:
		return decodeString(raw, v, path)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := integer(unquoted(raw))
		if !ok || v.OverflowInt(n) {
			return mismatch(raw, "an integer", path)
		}
		v.SetInt(n)
		return nil
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(unquoted(raw), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return mismatch(raw, "a number", path)
		}
		v.SetFloat(f)
		return nil
	default:
		return wrap(json.Unmarshal(raw, v.Addr().Interface()), path)
	}
}

func decodeString(raw []byte, v reflect.Value, path string) error {
	switch raw[0] {
	case '{', '[':
		return mismatch(raw, "a string", path)
	case '"':
		s, err := Unquote(raw)
		if err != nil {
			return wrap(err, path)
		}
		v.SetString(s)
	default:
		v.SetString(string(raw))
	}
	return nil
}

// unquoted returns a number's text, without the quotes that some servers put
// around it.
func unquoted(raw []byte) string {
	return string(bytes.Trim(raw, `"`))
}

func integer(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func mismatch(raw []byte, want, path string) error {
	kinds := map[byte]string{'{': "an object", '[': "an array", '"': "a string", 't': "true", 'f': "false", '0': "a number"}
	return &Error{Path: path, Reason: "want " + want + ", have " + kinds[Kind(raw)]}
}

func wrap(err error, path string) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok && e == err {
		return &Error{Path: join(path, e.Path), Offset: e.Offset, Reason: e.Reason, Err: e.Err}
	}
	return &Error{Path: path, Err: err}
}

// Marshal encodes a struct and appends the extra members, sorted by name. An extra
// member with a field's name is a [*ClashError].
func Marshal(src any, extra map[string]json.RawMessage) ([]byte, error) {
	return marshal(src, slices.Sorted(maps.Keys(extra)), func(name string) ([]byte, error) { return extra[name], nil })
}

// MarshalAny is Marshal for members that are still to be encoded.
func MarshalAny(src any, extra map[string]any) ([]byte, error) {
	return marshal(src, slices.Sorted(maps.Keys(extra)), func(name string) ([]byte, error) { return Encode(extra[name]) })
}

func marshal(src any, names []string, value func(string) ([]byte, error)) ([]byte, error) {
	out, err := Encode(src)
	if err != nil || len(names) == 0 {
		return out, err
	}
	t := reflect.TypeOf(src)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	table := fieldsOf(t)
	out = bytes.TrimSuffix(out, []byte("}"))
	for _, name := range names {
		if _, ok := table.byName[name]; ok {
			return nil, &ClashError{Name: name}
		}
		raw, err := value(name)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, err := Encode(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), raw...)
	}
	return append(out, '}'), nil
}
