package jsonx

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzMalformed(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a" 1}`, `{"a":1 "b"}`, `{'a':1}`, `{a`, `[1,]`, `[1 2]`, `]`, `}`,
		`tru`, `trux`, `nul `, `fals}`, `-`, `-x`, `01`, `1.`, `1.e`, `1e`, `1e+x`, `+1`, `.5`, `{} {}`, "1 \n\n x", `"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u"`,
		"\"a\x01\"", "\"\xff", `["\n","` + "\n", strings.Repeat("[", 600) + "x", strings.Repeat("[", 10_001), strings.Repeat("[", 10_000) + "1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v json.RawMessage
		want, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &v))
		require.Equal(t, !ok, WellFormed(data))
		if !ok {
			return
		}
		if have := Malformed(data); have.Offset != int(want.Offset) || have.Reason != want.Error() {
			t.Errorf("%q: %s at %d, want %s at %d", data, have.Reason, have.Offset, want, want.Offset)
		}
	})
}
