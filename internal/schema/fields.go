package schema

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// field is a member of an object as encoding/json sees it.
type field struct {
	reflect.StructField
	name     string
	goPath   string
	tagged   bool
	optional bool
	quoted   bool // the string option of a json tag
	index    []int
}

// fieldsOf lists the members of a struct in their order, embedded structs included,
// by encoding/json's rules for which of several of one name counts.
func fieldsOf(t reflect.Type) []field {
	var all []field
	collect(t, field{}, map[reflect.Type]bool{t: true}, &all)
	byName := map[string][]field{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	var list []field
	for _, same := range byName {
		if f, ok := dominant(same); ok {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return list
}

// collect appends the fields of t, which is embedded as outer says.
func collect(t reflect.Type, outer field, within map[reflect.Type]bool, all *[]field) {
	for i := range t.NumField() {
		sf := t.Field(i)
		elem, pointer := pointed(sf.Type)
		if !sf.IsExported() && (!sf.Anonymous || elem.Kind() != reflect.Struct) {
			continue
		}
		tag := sf.Tag.Get("json")
		if tag == "-" {
			continue
		}
		f := fieldOf(sf, tag, outer)
		if sf.Anonymous && !f.tagged && elem.Kind() == reflect.Struct {
			f.optional = outer.optional || pointer
			if !within[elem] {
				within[elem] = true
				collect(elem, f, within, all)
				delete(within, elem)
			}
			continue
		}
		if sf.IsExported() {
			*all = append(*all, f)
		}
	}
}

func fieldOf(sf reflect.StructField, tag string, outer field) field {
	name, options, _ := strings.Cut(tag, ",")
	list := strings.Split(options, ",")
	f := field{
		StructField: sf,
		name:        name,
		goPath:      sf.Name,
		tagged:      validName(name),
		optional:    outer.optional || slices.Contains(list, "omitempty") || slices.Contains(list, "omitzero"),
		quoted:      slices.Contains(list, "string") && isScalar(sf.Type),
		index:       append(slices.Clone(outer.index), sf.Index...),
	}
	if !f.tagged {
		f.name = sf.Name
	}
	if outer.goPath != "" {
		f.goPath = outer.goPath + "." + sf.Name
	}
	return f
}

// validName reports whether encoding/json takes a tag's name.
func validName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !isLetterOrDigit(r)
	})
}

// dominant picks the field that counts of those with one name: the least nested,
// then the tagged; of two equals, none.
func dominant(same []field) (field, bool) {
	slices.SortStableFunc(same, func(a, b field) int {
		if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
			return c
		}
		if a.tagged {
			return -1
		}
		return 1
	})
	if len(same) > 1 && len(same[0].index) == len(same[1].index) && same[0].tagged == same[1].tagged {
		return field{}, false
	}
	return same[0], true
}
