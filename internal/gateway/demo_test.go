package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

const (
	weatherSchema = `{"type":"object","additionalProperties":false,"properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]},"more":{"type":"string"}},"required":["city","days","unit"]}`
	chatTool      = `"tools":[{"type":"function","function":{"name":"get_time"}},{"type":"function","function":{"name":"get_weather","parameters":` + weatherSchema + `}}],`
	messagesTool  = `"tools":[{"name":"get_time","input_schema":{"type":"object"}},{"name":"get_weather","input_schema":` + weatherSchema + `}],`
)

func TestDemo(t *testing.T) {
	const hello = "Hello! This is KeepRouter's local gateway: no model was asked. You wrote: "
	const tools = "This is KeepRouter's local gateway: no model was asked. The tools answered: "
	weather := said{Calls: []string{`call_1_0 get_weather {"city":"example","days":1,"unit":"C"}`}, Finish: "tool_calls"}
	for _, tt := range []struct {
		name, path, body string
		want             said
	}{
		{"chat", chatPath, chatAsk, said{Text: hello + "“Hello”", Finish: "stop"}},
		{"messages", messagesPath, messagesAsk, said{Text: hello + "“Hello”", Finish: "stop"}},
		{"parts", chatPath, chatHead + user(`{"type":"text","text":"Two"}`, `{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}`, `{"type":"text","text":"  texts\n"}`) + `]}`, said{Text: hello + "“Two texts”", Finish: "stop"}},
		{"long question", chatPath, chatHead + `{"role":"user","content":"` + strings.Repeat("ä", 9999) + `"}]}`, said{Text: hello + "“" + strings.Repeat("ä", 200) + "…”", Finish: "stop"}},
		{"limit", messagesPath, messagesHead + chatUser + `]}`, said{Text: "Hello! This is KeepRouter's local", Finish: "length"}},
		{"limit of one", messagesPath, strings.Replace(messagesHead, "9,", "1,", 1) + chatUser + `]}`, said{Finish: "length"}},
		{"results, chat", chatPath, chatHead + chatUser + `,` + chatCalls + `,` + resultA + `,` + resultB + `]}`, said{Text: tools + "“1; 2”", Finish: "stop"}},
		{"results, messages", messagesPath, strings.Replace(messagesHead, "9,", "99,", 1) + messagesCalls + `,` + user(resultBlockA, resultBlockB) + `]}`, said{Text: tools + "“1;”", Finish: "stop"}},
		{"any tool, chat", chatPath, `{"tool_choice":"required",` + chatTool + chatAsk[1:], said{Calls: []string{"call_1_0 get_time {}"}, Finish: "tool_calls"}},
		{"a tool, chat", chatPath, `{"tool_choice":{"type":"function","function":{"name":"get_weather"}},` + chatTool + chatAsk[1:], weather},
		{"any tool, messages", messagesPath, `{"tool_choice":{"type":"any"},` + messagesTool + messagesAsk[1:], said{Calls: []string{"call_1_0 get_time {}"}, Finish: "tool_calls"}},
		{"a tool, messages", messagesPath, `{"tool_choice":{"type":"tool","name":"get_weather"},` + messagesTool + messagesAsk[1:], weather},
		{"free choice", chatPath, `{"tool_choice":"auto",` + chatTool + chatAsk[1:], said{Text: hello + "“Hello”", Finish: "stop"}},
		{"schema, chat", chatPath, `{"response_format":{"type":"json_schema","json_schema":{"name":"w","schema":` + weatherSchema + `}},` + chatAsk[1:], said{Text: `{"city":"example","days":1,"unit":"C"}`, Finish: "stop"}},
		{"JSON, chat", chatPath, `{"response_format":{"type":"json_object"},` + chatAsk[1:], said{Text: `{}`, Finish: "stop"}},
		{"schema, messages", messagesPath, `{"output_config":{"format":{"type":"json_schema","schema":` + weatherSchema + `}},` + messagesAsk[1:], said{Text: `{"city":"example","days":1,"unit":"C"}`, Finish: "stop"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, gateway.New(gateway.Config{Key: key}), tt.path, streamed(tt.body))
			read := readChat
			if tt.path == messagesPath {
				read = readMessages
			}
			got, err := read(a.body, true)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDemoOfSchemas(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"all types", `{"type":"object","required":["s","n","b","a","z","o","l"],"properties":{"s":{"type":"string"},"n":{"type":"number"},"b":{"type":"boolean"},"a":{"type":"array"},"z":{"type":"null"},"o":{"type":"object"},"l":{"type":["string","null"]}}}`, `{"s":"example","n":1,"b":true,"a":[],"z":null,"o":{},"l":"example"}`},
		{"definitions", `{"type":"object","$defs":{"D":{"const":"x"}},"required":["d","e"],"properties":{"d":{"$ref":"#/$defs/D"},"e":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}`, `{"d":"x","e":1}`},
		{"property without schema", `{"type":"object","required":["x"]}`, `{"x":null}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, demoOf(t, tt.schema)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
	bushy := `{"type":"object","$ref":"#/$defs/T","$defs":{"T":{"type":"object","required":["a","b","c"],"properties":{"a":{"$ref":"#/$defs/T"},"b":{"$ref":"#/$defs/T"},"c":{"$ref":"#/$defs/T"}}}}}`
	if got := demoOf(t, bushy); !json.Valid([]byte(got)) || len(got) > 100_000 {
		t.Errorf("a schema that contains itself gives %d bytes, valid: %t", len(got), json.Valid([]byte(got)))
	}
}

func demoOf(t *testing.T, schema string) string {
	t.Helper()
	body := `{"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":` + schema + `}},` + chatAsk[1:]
	a := post(t, gateway.New(gateway.Config{Key: key}), chatPath, body)
	var got struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &got), a.body)
	return got.Choices[0].Message.Content
}
