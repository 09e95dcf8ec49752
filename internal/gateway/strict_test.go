package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// of puts fields before those of a request.
func of(fields, request string) string { return `{` + fields + `,` + request[1:] }

func function(name, rest string) string {
	return `{"type":"function","function":{"name":"` + name + `"` + rest + `}}`
}

func messagesTools(tools ...string) string { return `"tools":[` + strings.Join(tools, ",") + `]` }

const (
	schemaObject = `{"type":"object"}`
	needsField   = "missing_required_parameter"
	badParameter = "invalid_function_parameters"
)

func TestChatIsStrict(t *testing.T) {
	parameters := func(schema string) string { return messagesTools(function("f", `,"parameters":`+schema)) }
	strict := func(schema string) string {
		return messagesTools(function("f", `,"strict":true,"parameters":`+schema))
	}
	format := func(inner string) string {
		return `"response_format":{"type":"json_schema","json_schema":` + inner + `}`
	}
	const tool = `"tools":[{"type":"function","function":{"name":"f"}}]`
	const hasCall = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	history := func(messages ...string) string {
		return chatHead + chatUser + `,` + strings.Join(messages, ",") + `]}`
	}
	for _, tt := range []struct{ name, body, param, code, message string }{
		{"a bad tool name", of(messagesTools(function("get weather", "")), chatAsk), "tools.0.function.name", "", "does not match"},
		{"a long tool name", of(messagesTools(function(strings.Repeat("x", 65), "")), chatAsk), "tools.0.function.name", "", "{1,64}"},
		{"no type of tool", of(`"tools":[{"function":{"name":"f"}}]`, chatAsk), "tools.0.type", needsField, "required"},
		{"another type of tool", of(`"tools":[{"type":"web_search"}]`, chatAsk), "tools.0.type", "", `"web_search"`},
		{"a custom tool without its name", of(`"tools":[{"type":"custom","custom":{}}]`, chatAsk), "tools.0.custom.name", needsField, "required"},
		{"a Messages tool", of(`"tools":[{"name":"f","input_schema":{}}]`, chatAsk), "tools.0.type", needsField, "required"},

		{"a schema that is a string", of(parameters(`"object"`), chatAsk), "tools.0.function.parameters", badParameter, "expected a JSON Schema"},
		{"a schema of another type", of(parameters(`{"type":"string"}`), chatAsk), "tools.0.function.parameters", badParameter, `got "string"`},
		{"a schema without type", of(parameters(`{"properties":{}}`), chatAsk), "tools.0.function.parameters", badParameter, "got none"},
		{"a choice at the top", of(parameters(`{"type":"object","anyOf":[]}`), chatAsk), "tools.0.function.parameters", badParameter, "at the top"},
		{"required is null", of(parameters(`{"type":"object","required":null}`), chatAsk), "tools.0.function.parameters", badParameter, "$.required: expected a list of names"},
		{"properties is a list", of(parameters(`{"type":"object","properties":[]}`), chatAsk), "tools.0.function.parameters", badParameter, "$.properties"},
		{"an unknown type inside", of(parameters(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"text"}}}}`), chatAsk), "tools.0.function.parameters", badParameter, `$.properties.a.items.type: "text"`},
		{"a property that is no schema", of(parameters(`{"type":"object","properties":{"a":"string"}}`), chatAsk), "tools.0.function.parameters", badParameter, "$.properties.a: expected a schema"},
		{"a deep schema", of(parameters(`{"type":"object","items":`+strings.Repeat(`{"items":`, 200)+`{}`+strings.Repeat(`}`, 201)), chatAsk), "tools.0.function.parameters", badParameter, "too deep"},
		{"strict without additionalProperties", of(strict(`{"type":"object","properties":{}}`), chatAsk), "tools.0.function.parameters", badParameter, "'additionalProperties'"},
		{"strict with an optional property", of(strict(`{"type":"object","additionalProperties":false,"properties":{"a":{},"b":{}},"required":["a"]}`), chatAsk), "tools.0.function.parameters", badParameter, "b is missing"},
		{"strict inside", of(strict(`{"type":"object","additionalProperties":false,"properties":{"a":{"type":"object"}},"required":["a"]}`), chatAsk), "tools.0.function.parameters", badParameter, "$.properties.a: 'additionalProperties'"},

		{"a choice without tools", of(`"tool_choice":"required"`, chatAsk), "tool_choice", "", "only allowed when 'tools'"},
		{"parallel calls without tools", of(`"parallel_tool_calls":true`, chatAsk), "parallel_tool_calls", "", "only allowed when 'tools'"},
		{"an unknown choice", of(tool+`,"tool_choice":"any"`, chatAsk), "tool_choice", "", `"any"`},
		{"the choice of another tool", of(tool+`,"tool_choice":{"type":"function","function":{"name":"g"}}`, chatAsk), "tool_choice.function.name", "", `"g" not found`},
		{"a choice of no tool", of(tool+`,"tool_choice":{"type":"function"}`, chatAsk), "tool_choice.function.name", needsField, "required"},
		{"a choice of Messages", of(tool+`,"tool_choice":{"type":"tool","name":"f"}`, chatAsk), "tool_choice.type", "", `"tool"`},

		{"an unknown format", of(`"response_format":{"type":"yaml"}`, chatAsk), "response_format.type", "", `"yaml"`},
		{"a format without name", of(format(`{"schema":{"type":"object"}}`), chatAsk), "response_format.json_schema.name", needsField, "required"},
		{"a format with a bad name", of(format(`{"name":"a b"}`), chatAsk), "response_format.json_schema.name", "", "does not match"},
		{"a format that is no object", of(format(`{"name":"a","schema":{"type":"array"}}`), chatAsk), "response_format.json_schema.schema", "", `got "array"`},
		{"a strict format", of(format(`{"name":"a","strict":true,"schema":{"type":"object"}}`), chatAsk), "response_format.json_schema.schema", "", "'additionalProperties'"},

		{"no output", of(`"max_tokens":0`, chatAsk), "max_tokens", "", "at least 1"},
		{"top_p", of(`"top_p":1.5`, chatAsk), "top_p", "", "between 0 and 1"},
		{"frequency_penalty", of(`"frequency_penalty":-2.5`, chatAsk), "frequency_penalty", "", "between -2 and 2"},
		{"presence_penalty", of(`"presence_penalty":3`, chatAsk), "presence_penalty", "", "between -2 and 2"},
		{"top_logprobs", of(`"logprobs":true,"top_logprobs":21`, chatAsk), "top_logprobs", "", "between 0 and 20"},
		{"top_logprobs alone", of(`"top_logprobs":2`, chatAsk), "top_logprobs", "", "'logprobs' is true"},
		{"five stops", of(`"stop":["a","b","c","d","e"]`, chatAsk), "stop", "", "at most 4"},
		{"a stop that is a number", of(`"stop":7`, chatAsk), "stop", "", "a string or a list"},
		{"stream options without a stream", of(`"stream_options":{"include_usage":true}`, chatAsk), "stream_options", "", "when 'stream' is enabled"},

		{"an image as a string", chatHead + user(`{"type":"image_url","image_url":"https://example.com/a.png"}`) + `]}`, "messages.0.content.0.image_url", "", "an object with a url"},
		{"an image without url", chatHead + user(`{"type":"image_url","image_url":{}}`) + `]}`, "messages.0.content.0.image_url.url", needsField, "required"},
		{"an image at a path", chatHead + user(`{"type":"image_url","image_url":{"url":"/tmp/a.png"}}`) + `]}`, "messages.0.content.0.image_url.url", "", "begins with"},
		{"an image in a result", history(hasCall, `{"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}`), "messages.2.content.0.type", "", "role 'tool'"},
		{"an image in an instruction", chatHead + `{"role":"system","content":[{"type":"image_url"}]}]}`, "messages.0.content.0.type", "", "role 'system'"},
		{"an image of the assistant", history(`{"role":"assistant","content":[{"type":"image_url"}]}`), "messages.1.content.0.type", "", "role 'assistant'"},
		{"a call without type", history(strings.Replace(hasCall, `"type":"function",`, ``, 1)), "messages.1.tool_calls.0.type", needsField, "required"},
		{"a call of another type", history(strings.Replace(hasCall, `"type":"function"`, `"type":"tool"`, 1)), "messages.1.tool_calls.0.type", "", `"tool"`},
		{"a call without name", history(strings.Replace(hasCall, `"name":"f",`, ``, 1)), "messages.1.tool_calls.0.function.name", needsField, "required"},
		{"a call with a bad name", history(strings.Replace(hasCall, `"f"`, `"a.b"`, 1)), "messages.1.tool_calls.0.function.name", "", "does not match"},
		{"arguments that are an object", history(strings.Replace(hasCall, `"{}"`, `{}`, 1)), "messages.tool_calls.function.arguments", "", "expected a string, got object"},
		{"a call of the user's", chatHead + strings.Replace(hasCall, `"role":"assistant"`, `"role":"user","content":"x"`, 1) + `]}`, "messages.0.tool_calls", "", "only assistant messages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefusal(t, refusal{400, "invalid_request_error", tt.param, tt.code, tt.message}, post(t, always(gateway.Reply{}), chatPath, tt.body))
		})
	}
}

func TestMessagesAreStrict(t *testing.T) {
	tool := func(name, rest string) string { return `{"name":"` + name + `"` + rest + `}` }
	schema := func(s string) string { return messagesTools(tool("f", `,"input_schema":`+s)) }
	format := func(s string) string { return `"output_config":{"format":` + s + `}` }
	strictFormat := func(s string) string { return format(`{"type":"json_schema","schema":` + s + `}`) }
	turns := func(messages ...string) string { return messagesHead + strings.Join(messages, ",") + `]}` }
	assistant := func(blocks ...string) string {
		return `{"role":"assistant","content":[` + strings.Join(blocks, ",") + `]}`
	}
	const (
		text     = `{"type":"text","text":"x"}`
		system   = `{"role":"system","content":"9 tokens left"}`
		says     = `{"role":"assistant","content":"x"}`
		thought  = `{"type":"thinking","thinking":"x","signature":"s"}`
		call     = `{"type":"tool_use","id":"a","name":"f","input":{}}`
		okTool   = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
		image    = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}`
		mark     = `,"cache_control":{"type":"ephemeral"}}`
		thinking = `"thinking":{"type":"enabled","budget_tokens":`
	)
	marked := strings.TrimSuffix(text, "}") + mark
	for _, tt := range []struct{ name, body, message string }{
		{"a bad tool name", of(messagesTools(tool("get weather", "")), messagesAsk), "tools.0.name: the name"},
		{"a long tool name", of(messagesTools(tool(strings.Repeat("x", 129), "")), messagesAsk), "{1,128}"},
		{"a tool without name", of(`"tools":[{"input_schema":{}}]`, messagesAsk), "tools.0.name: field required"},
		{"a Chat tool", of(messagesTools(function("f", "")), messagesAsk), "tools.0.type: unknown type"},
		{"two tools of one name", of(messagesTools(tool("f", `,"input_schema":`+schemaObject), tool("f", `,"input_schema":`+schemaObject)), messagesAsk), "tools.1.name: tool names must be unique"},
		{"no schema", of(messagesTools(tool("f", "")), messagesAsk), "tools.0.input_schema: field required"},
		{"an empty schema", of(schema(`{}`), messagesAsk), "tools.0.input_schema: expected a JSON Schema"},
		{"a schema of another type", of(schema(`{"type":["object","null"]}`), messagesAsk), "tools.0.input_schema: expected"},
		{"a choice at the top", of(schema(`{"type":"object","oneOf":[{}]}`), messagesAsk), "at the top"},
		{"required is null", of(schema(`{"type":"object","required":null}`), messagesAsk), "$.required"},
		{"a strict tool", of(messagesTools(tool("f", `,"strict":true,"input_schema":`+schemaObject)), messagesAsk), "'additionalProperties'"},

		{"a choice without tools", of(`"tool_choice":{"type":"any"}`, messagesAsk), "tool_choice: may only be specified"},
		{"a choice of Chat", of(okTool+`,"tool_choice":"required"`, messagesAsk), "tool_choice: expected an object"},
		{"an unknown choice", of(okTool+`,"tool_choice":{"type":"function"}`, messagesAsk), `tool_choice.type: unknown type "function"`},
		{"the choice of another tool", of(okTool+`,"tool_choice":{"type":"tool","name":"g"}`, messagesAsk), `tool_choice.name: tool "g" not found`},
		{"a choice of no tool", of(okTool+`,"tool_choice":{"type":"tool"}`, messagesAsk), "tool_choice.name: field required"},

		{"thinking of no kind", of(`"thinking":{}`, messagesAsk), "thinking.type: field required"},
		{"thinking of another kind", of(`"thinking":{"type":"deep"}`, messagesAsk), `thinking.type: unknown type "deep"`},
		{"thinking without budget", of(`"thinking":{"type":"enabled"}`, messagesAsk), "budget_tokens: field required"},
		{"thinking with a small budget", of(thinking+`1000}`, messagesAsk), "budget_tokens: must be at least 1024"},
		{"thinking over the limit", of(thinking+`1024}`, messagesAsk), "max_tokens: must be greater than thinking.budget_tokens"},
		{"thinking that is a word", of(`"thinking":"on"`, messagesAsk), "thinking: expected an object"},
		{"thinking and a forced tool", of(`"thinking":{"type":"adaptive"},"tool_choice":{"type":"any"},`+okTool, messagesAsk), "thinking: may not be enabled when tool_choice forces"},

		{"an effort of Chat", of(`"output_config":{"effort":"minimal"}`, messagesAsk), `output_config.effort: unknown value "minimal"`},
		{"a format of Chat", of(format(`{"type":"json_object"}`), messagesAsk), "output_config.format.type: unknown type"},
		{"a format without schema", of(format(`{"type":"json_schema"}`), messagesAsk), "output_config.format.schema: field required"},
		{"a format that is open", of(strictFormat(schemaObject), messagesAsk), "'additionalProperties'"},
		{"a format with a limit", of(strictFormat(`{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","minimum":1}}}`), messagesAsk), "$.properties.n: the keyword 'minimum' is not supported"},
		{"a blank stop", of(`"stop_sequences":["END"," "]`, messagesAsk), "stop_sequences.1: each"},
		{"top_p", of(`"top_p":-0.1`, messagesAsk), "top_p: must be between 0 and 1"},

		{"an instruction at the start", turns(system, chatUser), "messages.0: role 'system' must follow"},
		{"an instruction after the assistant", turns(chatUser, says, system, chatUser), "messages.2: role 'system' must follow"},
		{"an instruction before the user", turns(chatUser, system, chatUser), "messages.1: role 'system' must precede"},
		{"an instruction between call and result", turns(chatUser, assistant(call), system, user(`{"type":"tool_result","tool_use_id":"a"}`)), "messages.2: role 'system' must follow"},
		{"a thought at the end", turns(chatUser, assistant(text, thought), chatUser), "messages.1: the final block"},
		{"a thought without signature", turns(chatUser, assistant(`{"type":"thinking","thinking":"x"}`, text), chatUser), "messages.1.content.0.signature: field required"},
		{"a call of the user's", turns(user(call)), "messages.0.content.0: `tool_use` blocks may only be in `assistant`"},
		{"a result of the assistant's", turns(chatUser, assistant(`{"type":"tool_result","tool_use_id":"a"}`), chatUser), "messages.1.content.0: `tool_result` blocks may only be in `user`"},
		{"a call with a bad id", turns(chatUser, assistant(strings.Replace(call, `"a"`, `"a.b"`, 1))), "messages.1.content.0.id: should match"},
		{"a call without name", turns(chatUser, assistant(strings.Replace(call, `"name":"f",`, ``, 1))), "messages.1.content.0.name: field required"},
		{"a call with a long name", turns(chatUser, assistant(strings.Replace(call, `"f"`, `"`+strings.Repeat("x", 201)+`"`, 1))), "messages.1.content.0.name: should have at most 200"},

		{"an image of another type", turns(user(strings.Replace(image, "png", "bmp", 1))), "messages.0.content.0.source.base64.media_type: expected one of"},
		{"an image that isn't base64", turns(user(strings.Replace(image, "AA==", "%%", 1))), "messages.0.content.0.source.base64.data: invalid base64"},
		{"an image of Chat", turns(user(`{"type":"image","source":"data:image/png;base64,AA=="}`)), "messages.0.content.0.source: expected an object"},
		{"an image at an http address", turns(user(`{"type":"image","source":{"type":"url","url":"http://example.com/a.png"}}`)), "source.url.url: expected a URL"},
		{"an image in no file", turns(user(`{"type":"image","source":{"type":"file"}}`)), "source.file.file_id: field required"},
		{"an image from nowhere", turns(user(`{"type":"image","source":{"type":"path"}}`)), `source.type: unknown type "path"`},
		{"an image in a result", turns(chatUser, assistant(call), user(`{"type":"tool_result","tool_use_id":"a","content":[`+strings.Replace(image, "png", "bmp", 1)+`]}`)), "messages.2.content.0.content.0.source.base64.media_type"},

		{"five marks", of(`"system":[`+marked+`,`+marked+`],`+messagesTools(tool("f", `,"input_schema":`+schemaObject+strings.TrimSuffix(mark, "}"))), turns(user(marked, marked))), "messages.0.content.1.cache_control: a maximum of 4"},
		{"a mark of another type", turns(user(strings.Replace(marked, "ephemeral", "forever", 1))), "messages.0.content.0.cache_control.type"},
		{"a mark for a day", turns(user(strings.Replace(marked, `"ephemeral"`, `"ephemeral","ttl":"1d"`, 1))), "messages.0.content.0.cache_control.ttl"},
		{"a marked thought", turns(chatUser, assistant(strings.TrimSuffix(thought, "}")+mark, text), chatUser), "messages.1.content.0.cache_control: thinking blocks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := refusal{Status: 400, Type: "invalid_request_error", Message: tt.message}
			checkRefusal(t, want, post(t, always(gateway.Reply{}), messagesPath, tt.body))
		})
	}
}

func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		name, version string
		refused       string
	}{
		{"the first", "2023-06-01", ""},
		{"the newest", "2026-10-21", ""},
		{"one to come", "2031-01-31", ""},
		{"none", "", "anthropic-version: header is required"},
		{"no date", "v1", `anthropic-version: "v1" is not a valid version`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := always(gateway.Reply{})
			for path, body := range map[string]string{messagesPath: messagesAsk, messagesPath + "?beta=true": messagesAsk, countPath + "?beta=true": chatAsk} {
				a := ask(t, g, http.MethodPost, path, body, "Anthropic-Version", tt.version)
				if tt.refused != "" {
					checkRefusal(t, refusal{Status: 400, Type: "invalid_request_error", Message: tt.refused}, a)
				} else if a.status != http.StatusOK {
					t.Errorf("%s: %d %s", path, a.status, a.body)
				}
			}
			if a := ask(t, g, http.MethodPost, chatPath, chatAsk, "Anthropic-Version", tt.version); a.status != http.StatusOK {
				t.Errorf("chat needs no version: %d %s", a.status, a.body)
			}
		})
	}
}

// TestNotTooStrict holds what resembles the refused requests, and is right.
func TestNotTooStrict(t *testing.T) {
	const thinking = `"thinking":{"type":"enabled","budget_tokens":2000}`
	const okTool = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
	chatTool := messagesTools(function("f", ""))
	blocks := func(n int) string {
		return strings.Repeat(`{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},`, n) + `{"type":"text","text":"x"}`
	}
	for _, tt := range []struct{ name, path, body string }{
		{"a function without arguments", chatPath, of(messagesTools(function("f", `,"parameters":{}`), function("g", `,"parameters":null`)), chatAsk)},
		{"a schema with definitions", chatPath, of(messagesTools(function("f", `,"parameters":{"type":"object","$defs":{"d":{"type":["string","null"],"enum":["a",null]}},"properties":{"minimum":{"$ref":"#/$defs/d"},"any":true,"no":false},"additionalProperties":{"type":"string"}}`)), chatAsk)},
		{"a strict function", chatPath, of(messagesTools(function("f", `,"strict":true,"parameters":{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}`)), chatAsk)},
		{"choices", chatPath, of(chatTool+`,"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}}`, chatAsk)},
		{"allowed tools", chatPath, of(chatTool+`,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}`, chatAsk)},
		{"no choice, no tools", chatPath, of(`"tool_choice":"none","tools":[]`, chatAsk)},
		{"four stops", chatPath, of(`"stop":["a","b","c","d"]`, chatAsk)},
		{"one stop", chatPath, of(`"stop":"a"`, chatAsk)},
		{"settings at their ends", chatPath, of(`"temperature":2,"top_p":0,"frequency_penalty":-2,"presence_penalty":2,"logprobs":true,"top_logprobs":20,"max_completion_tokens":1`, chatAsk)},
		{"null is unset", chatPath, of(`"temperature":null,"stop":null,"tools":null,"tool_choice":null,"stream_options":null,"response_format":null,"max_tokens":null`, chatAsk)},
		{"a vendor's part", chatPath, chatHead + user(`{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}`, `{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}`, `{"type":"file","file":{"file_id":"f"}}`) + `]}`},
		{"a call of a custom tool", chatPath, chatHead + chatUser + `,{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"custom","custom":{"name":"sh","input":"ls"}}]},` + resultA + `]}`},

		{"an interleaved budget", messagesPath, of(thinking, messagesAsk)},
		{"an instruction behind results", messagesPath, messagesHead + chatUser + `,` + messagesCalls + `,` + user(resultBlockA, resultBlockB) + `,{"role":"system","content":"x"},{"role":"assistant","content":"y"},` + chatUser + `]}`},
		{"two instructions at the end", messagesPath, messagesHead + chatUser + `,{"role":"system","content":"x"},{"role":"system","content":[{"type":"text","text":"y"}]}]}`},
		{"four marks", messagesPath, of(`"cache_control":{"type":"ephemeral"},"system":[`+blocks(2)+`]`, messagesHead+user(blocks(2))+`]}`)},
		{"a tool of the older type", messagesPath, of(`"tools":[{"type":"custom","name":"f","input_schema":{"type":"object"}}]`, messagesAsk)},
		{"a chosen server tool", messagesPath, of(`"tools":[{"type":"web_search_20260318","name":"web_search"}],"tool_choice":{"type":"tool","name":"web_search"}`, messagesAsk)},
		{"no choice, no tools, Messages", messagesPath, of(`"tool_choice":{"type":"none"}`, messagesAsk)},
		{"an open tool", messagesPath, of(messagesTools(`{"name":"f","input_schema":{"type":"object","properties":{"n":{"minimum":1}},"additionalProperties":true}}`), messagesAsk)},
		{"a strict format", messagesPath, of(`"output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false,"properties":{"maximum":{"type":"integer"}}}}}`, messagesAsk)},
		{"a thought before a call", messagesPath, of(okTool, messagesHead+chatUser+`,{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"redacted_thinking","data":"x"},{"type":"tool_use","id":"a","name":"f","input":{}}]},`+user(resultBlockA)+`]}`)},
		{"a search result's source", messagesPath, messagesHead + user(`{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]}`) + `]}`},
		{"a result that refers to a tool", messagesPath, messagesHead + messagesCalls + `,` + user(`{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_reference","tool_name":"f"}]}`, resultBlockB) + `]}`},
		{"a count with thinking", countPath, of(thinking+`,`+okTool+`,"tool_choice":{"type":"auto"},"system":[{"type":"text","text":"x"}],"output_config":{"effort":"low"}`, chatAsk)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, always(gateway.Reply{}), http.MethodPost, tt.path, tt.body, "Anthropic-Beta", "a-beta,interleaved-thinking-2025-05-14")
			if a.status != http.StatusOK {
				t.Errorf("answer = %d %s", a.status, a.body)
			}
		})
	}
}
