package jsonx

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// Encode is json.Marshal without HTML escaping: of the same value the same bytes. But
// encoding/json makes a program that has no other use for it a fifth of a megabyte
// larger.
//
//go:noinline
func Encode(v any) ([]byte, error) {
	var w Writer
	w.Value("", v)
	return w.Done()
}

// Value writes a member of any kind. Without a name it is an element, or a value behind
// its Name.
func (w *Writer) Value(name string, value any) {
	if name != "" {
		w.Name(name)
	}
	w.value(reflect.ValueOf(value))
}

func (w *Writer) fail(err error) {
	if !w.Failed {
		w.Failed, w.err = true, err
	}
}

var (
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	numberType        = reflect.TypeFor[json.Number]()
)

func (w *Writer) value(v reflect.Value) {
	if w.Failed {
		return
	}
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || isNil(v) {
		w.JSON(nil)
		return
	}
	if m, ok := implementing(v, marshalerType); ok {
		data, err := m.Interface().(json.Marshaler).MarshalJSON()
		if err != nil {
			w.fail(&json.MarshalerError{Type: m.Type(), Err: err})
		}
		w.raw(data, m.Type())
		return
	}
	if m, ok := implementing(v, textMarshalerType); ok {
		text, err := m.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			w.fail(fmt.Errorf("json: error calling MarshalText for type %s: %w", m.Type(), err))
		}
		w.Text(string(text))
		return
	}
	// encoding/json reads nothing that is nested more deeply.
	if w.depth++; w.depth > stdDepth {
		w.fail(&json.UnsupportedValueError{Value: v, Str: "encountered a cycle via " + v.Type().String()})
	}
	w.kind(v)
	w.depth--
}

// implementing returns what has the methods of an interface: the value, or a pointer to
// it where there is one to be had.
func implementing(v reflect.Value, interfaceType reflect.Type) (reflect.Value, bool) {
	if v.CanAddr() && v.Kind() != reflect.Pointer {
		if p := v.Addr(); p.Type().Implements(interfaceType) {
			return p, true
		}
	}
	return v, v.Type().Implements(interfaceType)
}

func (w *Writer) kind(v reflect.Value) {
	switch kind := v.Kind(); {
	case kind == reflect.Pointer:
		w.value(v.Elem())
	case kind == reflect.Struct:
		w.object(v)
	case kind == reflect.Map:
		w.members(v)
	case kind == reflect.Slice && v.IsNil():
		w.JSON(nil)
	case kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && isPlainType(v.Type().Elem()):
		w.Text(base64.StdEncoding.EncodeToString(v.Bytes()))
	case kind == reflect.Slice || kind == reflect.Array:
		w.Open('[')
		for i := range v.Len() {
			w.value(v.Index(i))
		}
		w.Close(']')
	case kind == reflect.String && v.Type() != numberType:
		w.Text(v.String())
	default:
		w.scalar(v)
	}
}

// isPlainType reports whether values of a type don't write themselves.
func isPlainType(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return !p.Implements(marshalerType) && !p.Implements(textMarshalerType)
}

func (w *Writer) members(v reflect.Value) {
	if key := v.Type().Key(); key.Kind() != reflect.String && !isInteger(key.Kind()) && !key.Implements(textMarshalerType) {
		w.fail(&json.UnsupportedTypeError{Type: v.Type()})
		return
	}
	if v.IsNil() {
		w.JSON(nil)
		return
	}
	members := make(map[string]reflect.Value, v.Len())
	for i := v.MapRange(); i.Next(); {
		name, err := keyName(i.Key())
		if err != nil {
			w.fail(fmt.Errorf("json: encoding error for type %q: %q", v.Type().String(), err.Error()))
			return
		}
		members[name] = i.Value()
	}
	w.Open('{')
	for _, name := range slices.Sorted(maps.Keys(members)) {
		w.key(name)
		w.value(members[name])
	}
	w.Close('}')
}

// keyName is the name of the member that a map's key stands for.
func keyName(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	if m, ok := key.Interface().(encoding.TextMarshaler); ok {
		if isNil(key) {
			return "", nil
		}
		text, err := m.MarshalText()
		return string(text), err
	}
	var w Writer
	w.scalar(key)
	return string(w.Buf), nil
}

func isInteger(kind reflect.Kind) bool { return kind >= reflect.Int && kind <= reflect.Uintptr }

func (w *Writer) scalar(v reflect.Value) {
	w.Buf = separated(w.Buf)
	switch {
	case v.Kind() == reflect.Bool:
		w.Buf = strconv.AppendBool(w.Buf, v.Bool())
	case v.CanInt():
		w.Buf = strconv.AppendInt(w.Buf, v.Int(), 10)
	case v.CanUint():
		w.Buf = strconv.AppendUint(w.Buf, v.Uint(), 10)
	case v.CanFloat() && (math.IsInf(v.Float(), 0) || math.IsNaN(v.Float())):
		w.fail(&json.UnsupportedValueError{Value: v, Str: strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())})
	case v.CanFloat():
		w.Buf = appendFloat(w.Buf, v.Float(), v.Type().Bits())
	case v.Kind() == reflect.String: // a json.Number
		number := v.String()
		if number == "" {
			number = "0"
		}
		if s := (scanner{text: number}); !s.number() || s.pos < len(number) {
			w.fail(fmt.Errorf("json: invalid number literal %q", number))
		}
		w.Buf = append(w.Buf, number...)
	default:
		w.fail(&json.UnsupportedTypeError{Type: v.Type()})
	}
}

// appendFloat writes very large and very small numbers with an exponent, which has no
// leading zero.
func appendFloat(dst []byte, f float64, bits int) []byte {
	abs, low, high := math.Abs(f), 1e-6, 1e21
	if bits == 32 {
		low, high = float64(float32(low)), float64(float32(high))
	}
	if abs == 0 || abs >= low && abs < high {
		return strconv.AppendFloat(dst, f, 'f', -1, bits)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, bits)
	if n := len(dst); n >= 4 && string(dst[n-4:n-1]) == "e-0" {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}
