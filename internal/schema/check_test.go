package schema

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

type trip struct {
	Stops  []stop            `json:"stops"`
	Budget int64             `json:"budget,omitempty"`
	Notes  map[string]string `json:"notes,omitempty"`
	Start  time.Time         `json:"start,omitzero"`
	Ticket []byte            `json:"ticket,omitempty"`
	Guide  *string           `json:"guide"`
}

type stop struct {
	City   string  `json:"city"`
	Nights uint8   `json:"nights,omitempty"`
	Rating float64 `json:"rating,omitempty"`
}

func schemaOf[T any](t *testing.T, o Options) *Schema {
	t.Helper()
	s, err := For(reflect.TypeFor[T](), o)
	require.NoError(t, err)
	return s
}

func TestViolationsTellWhatToMend(t *testing.T) {
	s := schemaOf[trip](t, Options{})
	for _, tt := range []struct {
		name, data string
		want       []string
	}{
		{"wrong type deep inside", `{"guide":null,"stops":[{"city":"a"},{"city":"b"},{"city":5}]}`, []string{"stops[2].city: want a string, got a number"}},
		{"missing", `{"stops":[{}]}`, []string{"guide: want a string or null, got nothing: it is required", "stops[0].city: want a string, got nothing: it is required"}},
		{"made up", `{"guide":null,"stops":[{"city":"a","town":"b"}]}`, []string{"stops[0].town: want only the members city, nights, rating, got this one"}},
		{"bounds", `{"guide":null,"stops":[{"city":"a","nights":256}]}`, []string{"stops[0].nights: want a number of at most 255, got another number"}},
		{"no whole number", `{"guide":null,"stops":[{"city":"a","nights":1.5}]}`, []string{"stops[0].nights: want an integer, got a number with decimals"}},
		{"odd names", `{"guide":null,"stops":[],"notes":{"a b":1,"":2}}`, []string{`notes["a b"]: want a string, got a number`, `notes[""]: want a string, got a number`}},
		{"date", `{"guide":null,"stops":[],"start":"tomorrow"}`, []string{"start: want a date and time such as 2006-01-02T15:04:05Z, got another string"}},
		{"bytes", `{"guide":null,"stops":[],"ticket":"?"}`, []string{"ticket: want a string in base64, got another string"}},
		{"the whole", `[]`, []string{"want an object, got an array"}},
		{"null in a list", `{"guide":null,"stops":[null]}`, []string{"stops[0]: want an object, got null"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := s.Validate([]byte(tt.data))
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), errorText(err)); diff != "" {
				t.Error(diff)
			}
			first, ok := errors.AsType[*ViolationError](err)
			if !ok || first.Error() != tt.want[0] {
				t.Errorf("the first violation is %v", first)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestViolationsAreFew(t *testing.T) {
	s := schemaOf[[]int](t, Options{})
	err := s.Validate([]byte("[" + strings.Repeat(`"x",`, 1000) + "1]"))
	e, ok := errors.AsType[*InvalidError](err)
	if !ok || len(e.Violations) != maxViolations {
		t.Errorf("got %v", err)
	}
}

func TestSyntaxErrors(t *testing.T) {
	s := schemaOf[trip](t, Options{})
	for _, tt := range []struct {
		name, data string
		want       SyntaxError
	}{
		{"cut", `{"stops":[{"ci`, SyntaxError{Offset: 14, Cut: true, Reason: "unexpected end of JSON input"}},
		{"nothing", ``, SyntaxError{Cut: true, Reason: "unexpected end of JSON input"}},
		{"malformed", `{"stops":'a'}`, SyntaxError{Offset: 10, Reason: `invalid character '\'' looking for beginning of value`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := errors.AsType[*SyntaxError](s.Validate([]byte(tt.data)))
			require.True(t, ok)
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
	deep := strings.Repeat("[", 600) + strings.Repeat("]", 600)
	if _, ok := errors.AsType[*SyntaxError](s.Validate([]byte(deep))); !ok {
		t.Error("deep nesting is let pass")
	}
}

func TestParsedSchemas(t *testing.T) {
	for _, tt := range []struct {
		name, schema, fit, not, want string
	}{
		{"union of one type each", `{"anyOf":[{"type":"string"},{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}]}`, `"x"`, `{"a":"b"}`, "a: want an integer, got a string"},
		{"union by a constant", `{"oneOf":[{"type":"object","properties":{"kind":{"const":"cat"},"lives":{"type":"integer"}},"required":["kind","lives"]},{"type":"object","properties":{"kind":{"const":"dog"}},"required":["kind"]}]}`, `{"kind":"dog"}`, `{"kind":"cat"}`, "lives: want an integer, got nothing: it is required"},
		{"union of like", `{"oneOf":[{"title":"small","maximum":5},{"title":"large","minimum":3}]}`, `1`, `4`, "want exactly one of: small; large, got what fits 2 of them"},
		{"reference by pointer", `{"properties":{"a/b":{"type":"string"},"c":{"$ref":"#/properties/a~1b"}}}`, `{"c":"x"}`, `{"c":1}`, "c: want a string, got a number"},
		{"recursion from the root", `{"type":"object","properties":{"kids":{"items":{"$ref":"#"}}},"additionalProperties":false}`, `{"kids":[{"kids":[]}]}`, `{"kids":[{"x":1}]}`, "kids[0].x: want only the members kids, got this one"},
		{"conditions", `{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, `{"a":1,"b":2}`, `{"a":1}`, "b: want a value, got nothing: it is required"},
		{"exact integers", `{"maximum":9007199254740992}`, `9007199254740992`, `9007199254740993`, "want a number of at most 9.007199254740992e15, got another number"},
		{"decimal multiples", `{"multipleOf":0.1}`, `0.3`, `0.35`, "want a multiple of 0.1, got another number"},
		{"enormous exponents", `{"type":"integer","maximum":10}`, `-1e999999999`, `1e999999999`, "want a number of at most 10, got another number"},
		{"alike whatever the order", `{"uniqueItems":true}`, `[{"a":1},{"a":2}]`, `[{"a":1,"b":2},{"b":2.0,"a":1}]`, "[1]: want an item that differs from item 0, got the same"},
		{"draft 7 tuples", `{"items":[{"type":"string"}],"additionalItems":false}`, `["a"]`, `["a",1]`, "[1]: want nothing here, got a number"},
		{"OpenAPI's nullable", `{"type":"string","nullable":true}`, `null`, `1`, "want a string, got a number"},
		{"at least one alike", `{"contains":{"type":"integer"},"maxContains":1}`, `["a",1]`, `["a"]`, "want at least 1 items like: an integer, got 0"},
		{"no more alike", `{"contains":{"type":"integer"},"maxContains":1,"minContains":0}`, `[]`, `[1,2]`, "want at most 1 items like: an integer, got 2"},
		{"equal whatever the order", `{"const":{"a":[1,true,null,"x"],"b":{}}}`, `{"b":{},"a":[1.0,true,null,"x"]}`, `{"b":{},"a":[1,true,null]}`, `want {"a":[1,true,null,"x"],"b":{}}, got another object`},
		{"large constants", `{"enum":[9007199254740993,"a"]}`, `9007199254740993`, `9007199254740992`, "want one of 9007199254740993, \"a\", got another number"},
		{"dependencies", `{"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"maxProperties":1}}}`, `{"a":1,"b":2}`, `{"a":1,"c":3}`, "b: want a value, got nothing: it is required\nwant at most 1 members, got 2"},
		{"dependencies of draft 7", `{"dependencies":{"a":["b"],"c":{"minProperties":2}}}`, `{"c":1,"d":2}`, `{"c":1}`, "want at least 2 members, got 1"},
		{"patterns of names", `{"patternProperties":{"^n":{"type":"number"}},"additionalProperties":false}`, `{"n1":1}`, `{"n1":"a"}`, "n1: want a number, got a string"},
		{"all of several", `{"allOf":[{"required":["a"]},{"not":{"required":["b"]}}]}`, `{"a":1}`, `{"b":1}`, "a: want a value, got nothing: it is required\nwant something else than an object with b"},
		{"names", `{"propertyNames":{"maxLength":2}}`, `{"ab":1}`, `{"abc":1}`, "abc: want another name: a value"},
		{"a pattern beyond RE2 isn't checked", `{"pattern":"^(?!a)","minLength":2}`, `"ab"`, `"b"`, "want a string of at least 2 characters, got 1"},
		{"null isn't absent", `{"properties":{"a":{"type":"string"}}}`, `{}`, `{"a":null}`, "a: want a string, got null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse(json.RawMessage(tt.schema))
			require.NoError(t, err)
			require.NoError(t, s.Validate([]byte(tt.fit)))
			if diff := cmp.Diff(tt.want, errorText(s.Validate([]byte(tt.not)))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.schema, string(s.JSON())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"no JSON", `{"type":`, "at #: the JSON ends too early, after 8 bytes"},
		{"no object", `true`, "at #: a schema is a JSON object"},
		{"unknown type", `{"properties":{"a":{"type":"text"}}}`, `at #/properties/a: "text" is no type of JSON`},
		{"null", `{"type":"object","required":null}`, "at #/required: it is null; leave it out"},
		{"null within", `{"properties":{"a":null}}`, "at #/properties/a: it is null; a schema is a JSON object"},
		{"elsewhere", `{"$ref":"https://example.com/a.json"}`, `at #: $ref "https://example.com/a.json" points outside; write the schema into $defs and refer to it as #/$defs/name`},
		{"nowhere", `{"items":{"$ref":"#/$defs/a"}}`, `at #/items: there is nothing at $ref "#/$defs/a"`},
		{"round in circles", `{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"}]}},"items":{"$ref":"#/$defs/a"}}`, "at #/items: it refers to itself without going down into the value, so checking would never end"},
		{"malformed pattern", `{"pattern":"("}`, "at #: error parsing regexp: missing closing ): `(`"},
		{"multiple of nothing", `{"multipleOf":0}`, "at #: multipleOf has to be more than 0"},
		{"deep", strings.Repeat(`{"not":`, 200) + "true" + strings.Repeat("}", 200), "at #: not valid JSON, at byte 449: it's nested too deeply"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(json.RawMessage(tt.schema))
			_, ok := errors.AsType[*ParseError](err)
			require.True(t, ok, "%v", err)
			if diff := cmp.Diff("keeprouter: not a usable JSON Schema: "+tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckingEnds(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"$defs":{"a":{"anyOf":[{"type":"array","items":{"$ref":"#/$defs/a"}},{"type":"array","items":{"$ref":"#/$defs/a"}}]}},"$ref":"#/$defs/a"}`))
	require.NoError(t, err)
	deep := strings.Repeat("[", 100) + "1" + strings.Repeat("]", 100)
	require.ErrorIs(t, s.Validate([]byte(deep)), errTooComplex)
}

func TestComparingEnds(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"$defs":{"a":{"uniqueItems":true,"items":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"}`))
	require.NoError(t, err)
	deep := strings.Repeat("[", 490) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat("]", 490)
	require.ErrorIs(t, s.Validate([]byte(deep)), errTooComplex)
}

func TestUnionsOfUnionsAreFast(t *testing.T) {
	s := schemaOf[node](t, Options{Strict: StrictChat})
	s, err := Parse(s.JSON())
	require.NoError(t, err)
	deep := strings.Repeat(`{"name":"a","children":[`, 100) + "1" + strings.Repeat("]}", 100)
	require.NotErrorIs(t, s.Validate([]byte(deep)), errTooComplex)
}
