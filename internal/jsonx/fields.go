package jsonx

import (
	"reflect"
	"strings"
	"sync"
)

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
		if name := memberName(field); name != "" {
			f.byName[name] = i
		}
	}
	stored, _ := fieldTables.LoadOrStore(t, f)
	return stored.(*fields)
}

// memberName returns the name of a field's member, or nothing if it has none.
func memberName(field reflect.StructField) string {
	tag := field.Tag.Get("json")
	if tag == "-" || !field.IsExported() {
		return ""
	}
	if name, _, _ := strings.Cut(tag, ","); name != "" {
		return name
	}
	return field.Name
}
