package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRepair(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		changes        []string
	}{
		{"valid", ` {"a": 1.0, "a":"\u0041"} `, ` {"a": 1.0, "a":"\u0041"} `, nil},
		{"single quotes", `{'a': 'it\'s "so"'}`, `{"a":"it's \"so\""}`, []string{RepairQuotes, RepairEscape}},
		{"apostrophe", `{'a': 'it's', 'b': 1}`, `{"a":"it's","b":1}`, []string{RepairQuotes}},
		{"commas", `{"a":[1,2,,],}`, `{"a":[1,2]}`, []string{RepairComma}},
		{"leading comma", `[,1]`, `[1]`, []string{RepairComma}},
		{"names", `{a: 1, b_2: {$c-d: 2}}`, `{"a":1,"b_2":{"$c-d":2}}`, []string{RepairName}},
		{"Python", `{"a": True, "b": [False, None]}`, `{"a":true,"b":[false,null]}`, []string{RepairLiteral}},
		{"fence", "```json\n{\"a\": 1}\n```", `{"a":1}`, []string{RepairFence}},
		{"fence in one line", "```{\"a\": 1}```", `{"a":1}`, []string{RepairFence}},
		{"line breaks", "{\"a\":\"x\n\ty\x01\"}", `{"a":"x\n\ty\u0001"}`, []string{RepairLineBreak}},
		{"escapes", `{"a":"C:\dir\u12"}`, `{"a":"C:\\dir\\u12"}`, []string{RepairEscape}},
		{"bracket missing within", `{"a":[1,{"b":2],"c":3}`, `{"a":[1,{"b":2}],"c":3}`, []string{RepairUnclosed}},
		{"brackets too many", `{"a":1}]}`, `{"a":1}`, []string{RepairSuperfluous}},
		{"cut after a value", `{"a":{"b":[1,"x"`, `{"a":{"b":[1,"x"]}}`, []string{RepairCut}},
		{"cut in a string", `{"a":"it`, `{"a":"it"}`, []string{RepairCut}},
		{"cut in an escape", `{"a":"it\u00`, `{"a":"it"}`, []string{RepairCut}},
		{"cut behind a backslash", `{"a":"it\`, `{"a":"it"}`, []string{RepairCut}},
		{"cut in a name", `{"a":1,"b`, `{"a":1}`, []string{RepairCut}},
		{"cut in a bare name", `{a:1,b`, `{"a":1}`, []string{RepairName, RepairCut}},
		{"cut behind a colon", `{"a":{"b":`, `{"a":{}}`, []string{RepairCut}},
		{"cut behind a comma", `[1,`, `[1]`, []string{RepairCut}},
		{"cut in a literal", `{"a":fal`, `{"a":false}`, []string{RepairCut}},
		{"cut in a number", `{"a":[1.`, `{"a":[1]}`, []string{RepairCut}},
		{"cut in a sign", `{"a":[-`, `{"a":[]}`, []string{RepairCut}},
		{"cut at once", `{`, `{}`, []string{RepairCut}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fixed, changes, ok := Repair([]byte(tt.in))
			if !ok {
				t.Fatal("not ok")
			}
			if diff := cmp.Diff(tt.want, string(fixed)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.changes, changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBeyondRepair(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"nothing", ""},
		{"prose", "I can't do that."},
		{"prose behind", `{"a":1} is it`},
		{"no colon", `{"a" 1}`},
		{"no comma", `[1 2]`},
		{"words", `{"a": yes}`},
		{"not a number", `{"a": NaN}`},
		{"no number", `{"a": 1.2.3}`},
		{"no UTF-8", "{'a': '\xff'}"},
		{"deep", strings.Repeat("[", 300)},
		{"large", "[" + strings.Repeat("1,", maxRepairBytes) + "]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if fixed, _, ok := Repair([]byte(tt.in)); ok {
				t.Errorf("got %.100s", fixed)
			}
		})
	}
}
