package jsonx

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// layout is how a type of structs looks in JSON.
type layout struct {
	fields []field
	byName map[string]int // the index of a field that is no embedded struct's
	extra  int            // of the field that takes what no other does, or -1
}

// field is a member of a struct, or of a struct that is embedded in it.
type field struct {
	name      string
	path      []int // the indices that lead to it
	tagged    bool  // whether the name is from a tag
	omitEmpty bool
	omitZero  bool
	quoted    bool // whether a string holds the value's JSON
}

var layouts sync.Map // reflect.Type -> *layout; a cache of what never changes

func layoutOf(t reflect.Type) *layout {
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := &layout{byName: map[string]int{}, extra: -1}
	l.add(t, nil, nil)
	all := l.fields
	l.fields = nil
	for i := range all {
		f := &all[i]
		if isHidden(f, all) {
			continue
		}
		l.fields = append(l.fields, *f)
		if len(f.path) == 1 {
			l.byName[f.name] = f.path[0]
		}
	}
	stored, _ := layouts.LoadOrStore(t, l)
	return stored.(*layout)
}

// add finds the fields of a struct, and in the place of each embedded struct its fields.
// The path leads to the struct through those around it.
func (l *layout) add(t reflect.Type, path []int, around []reflect.Type) {
	if slices.Contains(around, t) {
		return
	}
	around = append(around, t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("jsonx") == "extra" {
			l.extra = i
			continue
		}
		m, inner, ok := fieldOf(f)
		m.path = append(slices.Clone(path), i)
		switch {
		case !ok:
		case inner != nil:
			l.add(inner, m.path, around)
		default:
			l.fields = append(l.fields, m)
		}
	}
}

// fieldOf tells how a field is encoded, if it is at all, or which struct's fields are in
// its place.
func fieldOf(f reflect.StructField) (m field, inner reflect.Type, ok bool) {
	t := f.Type
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	embedded := f.Anonymous && t.Kind() == reflect.Struct
	tag := f.Tag.Get("json")
	if tag == "-" || !f.IsExported() && !embedded {
		return m, nil, false
	}
	name, options, _ := strings.Cut(tag, ",")
	if strings.ContainsFunc(name, isNoName) {
		name = ""
	}
	if name == "" && embedded {
		return m, t, true
	}
	set := strings.Split(options, ",")
	return field{
		name: cmp.Or(name, f.Name), tagged: name != "",
		omitEmpty: slices.Contains(set, "omitempty"), omitZero: slices.Contains(set, "omitzero"),
		quoted: slices.Contains(set, "string") && isScalar(t.Kind()) && isPlainType(t),
	}, nil, true
}

// isNoName reports whether encoding/json takes no tag with this character for a name.
func isNoName(c rune) bool {
	return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

func isScalar(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Float64 || kind == reflect.String
}

// isHidden reports whether a field is none by Go's rules for embedding: of one name the
// least deep counts, among those the one with a tag, and none if there are several.
func isHidden(f *field, all []field) bool {
	for i := range all {
		if other := &all[i]; other != f && other.name == f.name && other.rank() <= f.rank() {
			return true
		}
	}
	return false
}

func (f *field) rank() int {
	if f.tagged {
		return 2 * len(f.path)
	}
	return 2*len(f.path) + 1
}

// object writes a struct.
func (w *Writer) object(v reflect.Value) {
	w.Open('{')
	fields := layoutOf(v.Type()).fields
	for i := range fields {
		f := &fields[i]
		value, ok := f.in(v)
		if !ok || f.omitEmpty && isEmpty(value) || f.omitZero && isZero(value) {
			continue
		}
		w.key(f.name)
		from := len(w.Buf)
		w.value(value)
		if f.quoted && string(w.Buf[from:]) != "null" {
			w.Buf = appendString(w.Buf[:from], string(w.Buf[from:]))
		}
	}
	w.Close('}')
}

// in returns the field of the struct, if no embedded pointer on the way is nil.
func (f *field) in(v reflect.Value) (reflect.Value, bool) {
	for _, i := range f.path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

func isEmpty(v reflect.Value) bool {
	switch kind := v.Kind(); kind {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	default:
		return (isScalar(kind) || kind == reflect.Interface || kind == reflect.Pointer) && v.IsZero()
	}
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

// isZero asks the type's own IsZero, if it has one.
func isZero(v reflect.Value) bool {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		return v.IsNil() || v.Type().Implements(zeroerType) && (isNil(v.Elem()) || v.Interface().(zeroer).IsZero())
	}
	if !v.CanAddr() && reflect.PointerTo(v.Type()).Implements(zeroerType) {
		p := reflect.New(v.Type()).Elem()
		p.Set(v)
		v = p
	}
	if m, ok := implementing(v, zeroerType); ok {
		return m.Interface().(zeroer).IsZero()
	}
	return v.IsZero()
}

func isNil(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }
