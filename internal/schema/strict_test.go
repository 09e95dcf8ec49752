package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestStrictOfParsedSchemas(t *testing.T) {
	const pet = `{"type":"object","properties":{"b":{"$ref":"#/definitions/p","description":"the pet"},"a":{"oneOf":[{"type":"string","format":"uri"},{"type":"integer","maximum":9}]}},"required":["b"],"definitions":{"p":{"const":"dog"}}}`
	for _, tt := range []struct {
		name string
		mode Strictness
		want string
	}{
		{"chat", StrictChat, `{"type":"object","properties":{"b":{"description":"the pet","anyOf":[{"$ref":"#/$defs/p"}]},"a":{"anyOf":[{"description":"format uri","type":"string"},{"type":"integer","maximum":9},{"type":"null"}]}},"required":["b","a"],"additionalProperties":false,"$defs":{"p":{"const":"dog"}}}`},
		{"messages", StrictMessages, `{"type":"object","properties":{"b":{"description":"the pet","anyOf":[{"$ref":"#/$defs/p"}]},"a":{"anyOf":[{"type":"string","format":"uri"},{"description":"maximum 9","type":"integer"}]}},"required":["b"],"additionalProperties":false,"$defs":{"p":{"const":"dog"}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse(json.RawMessage(pet))
			require.NoError(t, err)
			s, err = s.Strict(tt.mode)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, string(s.JSON())); diff != "" {
				t.Error(diff)
			}
			require.NoError(t, s.Validate([]byte(`{"b":"dog","a":null}`)))
			require.Error(t, s.Validate([]byte(`{"b":"dog","a":10}`)), "what went into the description is still checked")
		})
	}
}

func TestNoStrictSchema(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"union at the root", `{"anyOf":[{"type":"object"}]}`, "the schema: the root has to be an object, not a union; wrap the value in a struct"},
		{"open object", `{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","additionalProperties":true}}}}`, "a[]: a map or an open object can't be strict, since all names have to be known; use a list of structs with a name and a value"},
		{"conditions", `{"type":"object","if":{"required":["a"]}}`, "the schema: strict schemas have no if"},
		{"unknown and required", `{"type":"object","required":["a"]}`, "a: it is required but not among the properties"},
		{"deep", strings.Repeat(`{"type":"object","properties":{"a":`, 11) + `{"type":"string"}` + strings.Repeat("}}", 11), "the schema: it has 11 levels of objects, and 10 is the most"},
		{"many values", fmt.Sprintf(`{"type":"object","properties":{"a":{"enum":[%s1]}}}`, strings.Repeat("1,", 1000)), "the schema: it has 1001 values in enums, and 1000 is the most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse(json.RawMessage(tt.schema))
			require.NoError(t, err)
			_, err = s.Strict(StrictChat)
			_, ok := errors.AsType[*StrictError](err)
			require.True(t, ok, "%v", err)
			if diff := cmp.Diff("keeprouter: no strict schema: "+tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
