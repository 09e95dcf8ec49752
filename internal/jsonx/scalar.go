package jsonx

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

func decodeScalar(raw []byte, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		return decodeString(raw, v)
	case reflect.Bool:
		if raw[0] != 't' && raw[0] != 'f' {
			return mismatch(raw, "a boolean")
		}
		v.SetBool(raw[0] == 't')
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := integer(number(raw))
		if !ok || v.OverflowInt(n) {
			return mismatch(raw, "an integer")
		}
		v.SetInt(n)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, ok := natural(number(raw))
		if !ok || v.OverflowUint(n) {
			return mismatch(raw, "an integer from 0")
		}
		v.SetUint(n)
		return nil
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(number(raw), v.Type().Bits())
		if err != nil {
			return mismatch(raw, "a number")
		}
		v.SetFloat(f)
		return nil
	default:
		return unsupported(v)
	}
}

func decodeString(raw []byte, v reflect.Value) error {
	switch raw[0] {
	case '{', '[':
		return mismatch(raw, "a string")
	case '"':
		s, err := Unquote(raw)
		if err != nil {
			return err
		}
		v.SetString(s)
	default:
		v.SetString(string(raw))
	}
	return nil
}

// number returns a number's text, without the quotes that some servers put around
// it, or nothing if it isn't decimal: strconv would also take Go's other notations.
func number(raw []byte) string {
	text := string(raw)
	if body, err := inside(raw); err == nil {
		text = string(body)
	}
	if strings.Trim(text, "+-.0123456789Ee") != "" {
		return ""
	}
	return text
}

func integer(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	// A float holds every integer up to 2^53; beyond, it may be a neighbour's.
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func natural(text string) (uint64, bool) {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, true
	}
	n, ok := integer(text)
	return uint64(max(n, 0)), ok && n >= 0
}

// unsupported tells of a kind that no field of the formats has.
func unsupported(v reflect.Value) error {
	return &Error{Reason: "JSON can't be read into a Go value of type " + v.Type().String()}
}

func mismatch(raw []byte, want string) error {
	have := "a number"
	switch Kind(raw) {
	case '{':
		have = "an object"
	case '[':
		have = "an array"
	case '"':
		have = "a string"
	case 't', 'f':
		have = "a boolean"
	case 'n':
		have = "null"
	}
	return &Error{Reason: "want " + want + ", have " + have}
}
