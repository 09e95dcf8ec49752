package jsonx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestHeadAndKind(t *testing.T) {
	if got, ok := Head([]byte(`{"TYPE":"evil","type" : "te\u0078t"}`), "type"); got != "text" || !ok {
		t.Errorf("Head = %q, %v", got, ok)
	}
	for _, data := range []string{`{"type":1}`, `{"type":"a","type":null}`, `{"TYPE":"a"}`, `{"in":{"type":"a"}}`, `["type"]`, `{"type"`, ``} {
		if got, ok := Head([]byte(data), "type"); ok {
			t.Errorf("Head(%s) = %q, want none", data, got)
		}
	}
	if got, ok := Head([]byte(`{"type":"a","type":"b"}`), "type"); got != "b" || !ok {
		t.Errorf("Head of a repeated name = %q, %v, want the last as Unmarshal has it", got, ok)
	}
	for data, want := range map[string]byte{` {}`: '{', "[]": '[', `"a"`: '"', "null": 'n', "true": 't', "-1": '0', "7": '0', "": 0} {
		if got := Kind([]byte(data)); got != want {
			t.Errorf("Kind(%s) = %c, want %c", data, got, want)
		}
	}
}

func TestIsNull(t *testing.T) {
	for data, want := range map[string]bool{"null": true, " null\n": true, "": false, `"null"`: false, "nul": false, "0": false} {
		if got := IsNull([]byte(data)); got != want {
			t.Errorf("IsNull(%q) = %v, want %v", data, got, want)
		}
	}
}

func TestCompactKeepsOrderAndNumbers(t *testing.T) {
	for data, want := range map[string]string{" { \"b\" : 1.0 ,\n\"a\": [ 1e2, \"x y<\" ] } ": `{"b":1.0,"a":[1e2,"x y<"]}`, "{ ": "{ "} {
		if got := Compact([]byte(data)); string(got) != want {
			t.Errorf("Compact(%q) = %q, want %q", data, got, want)
		}
	}
}

func TestEncodeKeepsHTML(t *testing.T) {
	got, err := Encode(map[string]string{"a": "<b>&\n"})
	require.NoError(t, err)
	if want := `{"a":"<b>&\n"}`; string(got) != want {
		t.Errorf("Encode = %s, want %s", got, want)
	}
}

type member struct{ Name, Value string }

func membersOf(data []byte) (list []member) {
	for name, value := range Members(data) {
		list = append(list, member{name, string(value)})
	}
	return list
}

func elementsOf(data []byte) (list []string) {
	for _, value := range Elements(data) {
		list = append(list, string(value))
	}
	return list
}

func TestMembersInTheirOrder(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       []member
	}{
		{"none", ` { } `, nil},
		{"order and repetition", `{"b":1,"a":2,"b":3}`, []member{{"b", "1"}, {"a", "2"}, {"b", "3"}}},
		{"white space", "{ \"a\" : [ 1 ] ,\n\"b\":\ttrue }", []member{{"a", "[ 1 ]"}, {"b", "true"}}},
		{"escaped names", `{"\u0061\"":1,"\\":2}`, []member{{`a"`, "1"}, {`\`, "2"}}},
		{"strings that look like structure", `{"a":"}],\"{","b":{"c":"}\\"},"d":["]"]}`, []member{{"a", `"}],\"{"`}, {"b", `{"c":"}\\"}`}, {"d", `["]"]`}}},
		{"not an object", `[1]`, nil},
		{"an end too early", `{"a":1,"b"`, []member{{"a", "1"}}},
		{"no value", `{"a":}`, nil},
		{"an open string", `{"a":"b\"`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, membersOf([]byte(tt.data))); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
		})
	}
}

func TestElementsInTheirOrder(t *testing.T) {
	for data, want := range map[string][]string{
		`[]`: nil, ` [ ] `: nil, `[1, "a,]" ,{"b":[2]},null]`: {"1", `"a,]"`, `{"b":[2]}`, "null"},
		`{}`: nil, `[1`: {"1"}, `[1,`: {"1"}, `[,1]`: nil, `["a`: nil, ``: nil,
	} {
		if diff := cmp.Diff(want, elementsOf([]byte(data))); diff != "" {
			t.Errorf("Elements(%s) (-want +got):\n%s", data, diff)
		}
	}
}

func TestIterationStopsWhenTheLoopDoes(t *testing.T) {
	seen := ""
	for name := range Members([]byte(`{"a":1,"b":2}`)) {
		seen += name
		break
	}
	for _, value := range Elements([]byte(`[3,4]`)) {
		seen += string(value)
		break
	}
	if seen != "a3" {
		t.Errorf("saw %q, want only the first of each", seen)
	}
}

// A view can't be appended to over what follows it.
func TestViewsEndWhereTheValueDoes(t *testing.T) {
	data := []byte(`{"a":1,"b":2}`)
	for _, value := range Members(data) {
		_ = append(value, '!', '!', '!')
	}
	for _, value := range Elements(data[5:6]) {
		_ = append(value, '!')
	}
	if string(data) != `{"a":1,"b":2}` {
		t.Errorf("the input became %s", data)
	}
}

func TestViewsAllocateNothing(t *testing.T) {
	data := []byte(" [1, \"" + strings.Repeat("x", 1000) + "\", {\"a\": [null]}] ")
	total := 0
	allocs := testing.AllocsPerRun(100, func() {
		for _, value := range Elements(data) {
			total += int(Kind(value))
			if IsNull(value) {
				t.Fatal("no element is null")
			}
		}
	})
	if allocs != 0 || total == 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}
