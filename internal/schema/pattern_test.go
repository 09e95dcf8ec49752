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

func TestPatternsAreBounded(t *testing.T) {
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `"a{999}%d":{},`, i)
	}
	for name, schema := range map[string]string{
		"one that repeats repeatedly": `{"pattern":"` + strings.Repeat("a{1000}", 100) + `"}`,
		"nested repetitions":          `{"pattern":"((ab?c){30}){30}` + strings.Repeat("(x{1000})", 60) + `"}`,
		"many names":                  `{"patternProperties":{` + strings.TrimSuffix(many.String(), ",") + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(json.RawMessage(schema))
			_, ok := errors.AsType[*ParseError](err)
			require.True(t, ok, "%v", err)
			require.ErrorContains(t, err, "the patterns have more than 65536 states")
		})
	}
}

// TestMatchingEnds has patterns for which other engines need for ever, and texts of a
// length that a model wouldn't write.
func TestMatchingEnds(t *testing.T) {
	long := strings.Repeat("a", 1<<18)
	for _, tt := range []struct {
		name, pattern, text string
		want                error // nil where the text doesn't match
	}{
		{"plusses within plusses", `^(a+)+$`, long[:1<<16] + "b", nil},
		{"alternatives alike", `^(a|a|aa)*$`, long[:1<<16] + "b", nil},
		{"choices of nothing", `^(a?){500}a{500}$`, long[:400], nil},
		{"choices of nothing, and a long text", `^(a?){500}a{500}$`, long, errTooComplex},
		{"letters of all scripts", `^[\\p{L}]{1,1000}$`, long[:1001], nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, form := range []struct{ schema, value string }{
				{`{"pattern":"%s"}`, `"%s"`},
				{`{"patternProperties":{"%s":{}},"additionalProperties":false}`, `{"%s":1}`},
			} {
				s, err := Parse(json.RawMessage(fmt.Sprintf(form.schema, tt.pattern)))
				require.NoError(t, err)
				err = s.Validate(fmt.Appendf(nil, form.value, tt.text))
				require.Error(t, err)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
					continue
				}
				if diff := cmp.Diff(false, errors.Is(err, errTooComplex)); diff != "" {
					t.Errorf("the check was given up: %v", err)
				}
			}
		})
	}
}
