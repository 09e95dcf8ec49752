package schema

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// maxNodes bounds the schema of one type: types that use each other many times
// over, without recursion, are written out each time.
const maxNodes = 5000

// TypeError tells which part of a Go type has no schema.
type TypeError struct {
	Path   string // the Go field, such as Trip.Stops[].Notify
	Reason string
}

// Error names the field and says why.
func (e *TypeError) Error() string {
	return fmt.Sprintf("keeprouter: no JSON Schema of %s: %s", e.Path, e.Reason)
}

// builder makes the schema of one type. Only recursive types become definitions:
// models read what is written in place more easily, and not every server follows
// references.
type builder struct {
	open      map[reflect.Type]bool
	recursive map[reflect.Type]bool
	defs      map[reflect.Type]*subschema
	names     map[reflect.Type]string
	nodes     int
}

func build(t reflect.Type) (*subschema, error) {
	if t == nil {
		return &subschema{}, nil
	}
	b := &builder{
		open:      map[reflect.Type]bool{},
		recursive: map[reflect.Type]bool{},
		defs:      map[reflect.Type]*subschema{},
		names:     map[reflect.Type]string{},
	}
	t, _ = pointed(t)
	at := t.Name()
	if at == "" {
		at = t.Kind().String()
	}
	root, err := b.typed(t, at)
	if err != nil {
		return nil, err
	}
	// The root stands in place even if it's recursive, since the formats want to
	// see its type.
	if def := b.defs[t]; def != nil {
		inPlace := *def
		root = &inPlace
	}
	for def, s := range b.defs {
		if root.Defs == nil {
			root.Defs = map[string]*subschema{}
		}
		root.Defs[b.names[def]] = s
	}
	return root, nil
}

// pointed follows pointers, and a type that points to itself only so far.
func pointed(t reflect.Type) (_ reflect.Type, pointer bool) {
	for range 10 {
		if t.Kind() != reflect.Pointer {
			break
		}
		t, pointer = t.Elem(), true
	}
	return t, pointer
}

// field is the schema of a field's type. A pointer may be null, unless the field may
// be left out to say the same.
func (b *builder) field(f field, at string) (*subschema, error) {
	t, pointer := pointed(f.Type)
	s, err := b.typed(t, at)
	if f.quoted {
		s = quotedSchema(t)
	}
	if err != nil || !pointer || f.optional {
		return s, err
	}
	return nullable(s), nil
}

func (b *builder) typed(t reflect.Type, at string) (*subschema, error) {
	if b.nodes++; b.nodes > maxNodes {
		return nil, &TypeError{Path: at, Reason: fmt.Sprintf("the type has more than %d parts", maxNodes)}
	}
	if s, err := ownSchema(t, at); s != nil || err != nil {
		return s, err
	}
	if t.Name() == "" {
		return b.kind(t, at)
	}
	if b.open[t] || b.defs[t] != nil {
		b.recursive[t] = true
		return &subschema{Ref: "#/$defs/" + b.name(t)}, nil
	}
	b.open[t] = true
	s, err := b.kind(t, at)
	delete(b.open, t)
	if err != nil || !b.recursive[t] {
		return s, err
	}
	b.defs[t] = s
	return &subschema{Ref: "#/$defs/" + b.name(t)}, nil
}

func (b *builder) kind(t reflect.Type, at string) (*subschema, error) {
	switch t.Kind() {
	case reflect.Bool:
		return &subschema{Type: "boolean"}, nil
	case reflect.String:
		return &subschema{Type: "string"}, nil
	case reflect.Float32, reflect.Float64:
		return &subschema{Type: "number"}, nil
	case reflect.Slice, reflect.Array:
		return b.list(t, at)
	case reflect.Map:
		return b.mapping(t, at)
	case reflect.Struct:
		return b.object(t, at)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("nothing can be decoded into the interface %s; use a concrete type", t)}
		}
		return &subschema{}, nil
	}
	if low, high, ok := bounds(t.Kind()); ok {
		return &subschema{Type: "integer", Minimum: low, Maximum: high}, nil
	}
	return nil, &TypeError{Path: at, Reason: fmt.Sprintf("%s is a %s, which JSON doesn't have; leave the field out with json:\"-\"", t, t.Kind())}
}

// bounds of an integer. A float64 can't hold those of 64 bits.
func bounds(k reflect.Kind) (low, high *float64, ok bool) {
	switch k {
	case reflect.Int, reflect.Int64:
		return nil, nil, true
	case reflect.Int8:
		return new(float64(math.MinInt8)), new(float64(math.MaxInt8)), true
	case reflect.Int16:
		return new(float64(math.MinInt16)), new(float64(math.MaxInt16)), true
	case reflect.Int32:
		return new(float64(math.MinInt32)), new(float64(math.MaxInt32)), true
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return new(0.0), nil, true
	case reflect.Uint8:
		return new(0.0), new(float64(math.MaxUint8)), true
	case reflect.Uint16:
		return new(0.0), new(float64(math.MaxUint16)), true
	case reflect.Uint32:
		return new(0.0), new(float64(math.MaxUint32)), true
	}
	return nil, nil, false
}

func (b *builder) list(t reflect.Type, at string) (*subschema, error) {
	if t.Kind() == reflect.Slice && isByte(t.Elem()) {
		return &subschema{Type: "string", ContentEncoding: "base64"}, nil
	}
	items, err := b.element(t, at)
	if err != nil {
		return nil, err
	}
	s := &subschema{Type: "array", Items: items}
	if t.Kind() == reflect.Array {
		s.MinItems, s.MaxItems = new(t.Len()), new(t.Len())
	}
	return s, nil
}

// element is the schema of what's in a list or map. Pointers there save copying
// rather than mean null, and a handler had better not find nil among them.
func (b *builder) element(t reflect.Type, at string) (*subschema, error) {
	elem, _ := pointed(t.Elem())
	return b.typed(elem, at+"[]")
}

func (b *builder) mapping(t reflect.Type, at string) (*subschema, error) {
	if k := t.Key(); k.Kind() != reflect.String && !isText(k) {
		if _, _, integer := bounds(k.Kind()); !integer {
			return nil, &TypeError{Path: at, Reason: fmt.Sprintf("a map with keys of type %s; use strings, integers or an encoding.TextMarshaler", k)}
		}
	}
	values, err := b.element(t, at)
	if err != nil {
		return nil, err
	}
	return &subschema{Type: "object", AdditionalProperties: values}, nil
}

func (b *builder) object(t reflect.Type, at string) (*subschema, error) {
	s := &subschema{
		Type:                 "object",
		Properties:           map[string]*subschema{},
		AdditionalProperties: never(),
	}
	for _, f := range fieldsOf(t) {
		property, err := b.property(f, at+"."+f.goPath)
		if err != nil {
			return nil, err
		}
		s.Properties[f.name] = property
		s.PropertyOrder = append(s.PropertyOrder, f.name)
		if !f.optional {
			s.Required = append(s.Required, f.name)
		}
	}
	return s, nil
}

func (b *builder) property(f field, at string) (*subschema, error) {
	s, err := b.field(f, at)
	if err != nil {
		return nil, err
	}
	if tag, ok := f.Tag.Lookup("enum"); ok {
		if s, err = withEnum(s, tag, at); err != nil {
			return nil, err
		}
	}
	if tag, ok := f.Tag.Lookup("jsonschema"); ok {
		if err := checkDescription(tag, at); err != nil {
			return nil, err
		}
		described := *s
		described.Description = tag
		if elem, _ := pointed(f.Type); elem == reflect.TypeFor[time.Duration]() {
			described.Description += " (" + s.Description + ")"
		}
		s = &described
	}
	return s, nil
}

// checkDescription refuses what the MCP SDK refuses in the same tag.
func checkDescription(tag, at string) error {
	if tag == "" {
		return &TypeError{Path: at, Reason: "its jsonschema tag is empty; write a description or leave the tag out"}
	}
	word, _, found := strings.Cut(tag, "=")
	if found && !strings.ContainsAny(word, " \t\n") {
		return &TypeError{Path: at, Reason: fmt.Sprintf(
			"its jsonschema tag begins with %q; the whole tag is the description: give values in an enum tag, and other keywords in a JSONSchema method of the type", word+"=")}
	}
	return nil
}

// nullable lets null fit as well.
func nullable(s *subschema) *subschema {
	out := *s
	switch {
	case slices.Contains(s.Types, "null") || s.Type == "null" || isAnything(s):
		return s
	case s.Type != "" && s.Const == nil:
		out.Type, out.Types = "", []string{s.Type, "null"}
	case len(s.Types) > 0 && s.Const == nil:
		out.Types = append(slices.Clone(s.Types), "null")
	case len(s.AnyOf) > 0 && bareUnion(s):
		if !slices.ContainsFunc(s.AnyOf, func(o *subschema) bool { return o.Type == "null" }) {
			out.AnyOf = append(slices.Clone(s.AnyOf), &subschema{Type: "null"})
		}
		return &out
	default:
		out.Description = ""
		return &subschema{Description: s.Description, AnyOf: []*subschema{&out, {Type: "null"}}}
	}
	if s.Enum != nil {
		out.Enum = append(slices.Clone(s.Enum), nil)
	}
	return &out
}

// bareUnion reports whether s says no more than anyOf.
func bareUnion(s *subschema) bool {
	return reflect.DeepEqual(*s, subschema{AnyOf: s.AnyOf, Description: s.Description})
}

// isAnything reports whether s, but for its description, lets everything fit.
func isAnything(s *subschema) bool {
	return reflect.DeepEqual(*s, subschema{Title: s.Title, Description: s.Description})
}
