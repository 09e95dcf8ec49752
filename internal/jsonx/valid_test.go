package jsonx

import (
	"encoding/json"
	"strings"
	"testing"
)

func nestedLists(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// FuzzWellFormed holds the check equal to encoding/json's.
func FuzzWellFormed(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, `[]`, ` [ ] `, `{"a":1}`, `{"a":1,}`, `{"a" : [ 1 , -0.5e+3 , "x" ] , "b":{}}`, `{,}`, `[,]`, `[1,]`, `[1 2]`, `{"a"}`, `{"a":}`, `{1:2}`, `{"a":1 "b":2}`,
		`true`, `false`, `null`, `nul`, `truex`, `0`, `-0`, `00`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `1E5`, `1e5.`, `+1`, `--1`, `1 `, `1x`,
		`"a"`, `"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u00e9\n\/"`, "\"\x01\"", "\"\x1f12345678\"", "\"\xff\xc3\"", "\"12345678\x7f\"", `"1234567\"8"`, "\u00a0{}", "{}\f",
		nestedLists(999), nestedLists(1001), `[` + nestedLists(9_999) + `]`, nestedLists(10_001), strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want := json.Valid(data)
		if got := WellFormed(data); got != want {
			t.Errorf("WellFormed(%q) = %t, json.Valid says %t", data, got, want)
		}
		if got := Valid(data); got != (want && depth(data) <= maxDepth) {
			t.Errorf("Valid(%q) = %t, it is %d deep and json.Valid says %t", data, got, depth(data), want)
		}
	})
}
