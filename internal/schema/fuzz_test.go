package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

func FuzzValidate(f *testing.F) {
	for i, g := range goldens {
		for _, data := range slices.Concat(g.fit, g.not) {
			f.Add(uint8(i), []byte(data))
		}
	}
	f.Add(uint8(0), []byte(`{"city":"a","city":1,"days":1e999999999}`))
	var schemas []*Schema
	for _, g := range goldens {
		s, err := For(reflect.TypeOf(g.of), Options{Object: true})
		if err != nil {
			f.Fatal(err)
		}
		schemas = append(schemas, s)
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		n := int(which) % len(schemas)
		into := reflect.New(reflect.TypeOf(goldens[n].of))
		valid := schemas[n].Validate(data)
		decoded := schemas[n].Decode(data, into.Interface())
		if valid != nil && (decoded == nil || decoded.Error() != valid.Error()) {
			t.Errorf("decoded with %v what doesn't fit: %v", decoded, valid)
		}
		if valid == nil && !json.Valid(data) {
			t.Error("what isn't JSON fits")
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, g := range goldens {
		s, err := For(reflect.TypeOf(g.of), Options{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(s.JSON()), []byte(g.fit[0]))
	}
	f.Add([]byte(`{"anyOf":[{"$ref":"#/not"},{"const":[1e400]}],"not":{"uniqueItems":true},"dependencies":{"a":["b"]}}`), []byte(`[{},{}]`))
	f.Add([]byte(`{"pattern":"^(a+)+$","patternProperties":{"(x?){20}x{20}":{"pattern":"[[:alpha:]]{1,9}"}}}`), []byte(`{"xxxxxxxxxxxxxxxxxxxx":"aaaaaaaaaa1"}`))
	f.Fuzz(func(t *testing.T, schema, data []byte) {
		s, err := Parse(schema)
		if err != nil {
			return
		}
		if !bytes.Equal(schema, s.JSON()) {
			t.Error("the schema was changed")
		}
		plain := s.Validate(data)
		for _, mode := range []Strictness{StrictChat, StrictMessages} {
			strict, err := s.Strict(mode)
			if err != nil {
				continue
			}
			if _, err := Parse(strict.JSON()); err != nil {
				t.Errorf("the strict schema is none: %v", err)
			}
			if plain == nil && strict.Validate(data) != nil {
				t.Error("fits only the schema that isn't strict")
			}
		}
	})
}

func FuzzRepair(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,{"b":"c"}]}`, `{'a': 'it's', b: True,}`, "```json\n{\"a\": [1.", `{"a":"\u12`, `[[}{,]:"`, "{\"a\":\"\n\\q",
		`{"a":[1,{"b":2],"c":nul`, `[-`, `"`, `'`, `{"a":1}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		fixed, changes, ok := Repair(data)
		switch {
		case !bytes.Equal(before, data):
			t.Error("the input was changed")
		case json.Valid(data) && (!ok || len(changes) > 0 || !bytes.Equal(fixed, data)):
			t.Errorf("valid JSON was changed to %q", fixed)
		case ok && !json.Valid(fixed):
			t.Errorf("%q isn't valid", fixed)
		case ok && !json.Valid(data) && len(changes) == 0:
			t.Errorf("%q was changed silently", data)
		}
	})
}
