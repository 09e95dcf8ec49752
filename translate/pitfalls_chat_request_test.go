package translate

import "strings"

// chatRequestPitfalls are those of Chat requests, and of system messages in both.
var chatRequestPitfalls = []pitfall{
	{
		id: "P-41a", name: "an instruction in the middle stays there",
		chat: `[{"role":"system","content":"1"},{"role":"developer","content":"2"},{"role":"user","content":"q"},{"role":"system","content":"3"},{"role":"assistant","content":"a"},{"role":"user","content":"q"}]`,
		want: map[string]string{
			"system": `[{"type":"text","text":"1"},{"type":"text","text":"2"}]`, "messages.#": "4",
			"messages.1": `{"role":"system","content":"3"}`,
		},
	},
	{
		id: "P-41b", name: "an instruction before a user message moves behind that turn",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"system","content":"3"},{"role":"user","content":"q"}]`,
		want:    map[string]string{"messages.2.role": `"user"`, "messages.3": `{"role":"system","content":"3"}`},
		reports: []string{"messages[2]"},
	},
	{
		id: "P-41c", name: "an instruction between a call and its result moves behind it",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"system","content":"3"},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		want: map[string]string{"messages.2.content.0.type": `"tool_result"`, "messages.3.role": `"system"`},
	},
	{
		id: "P-42a", name: "empty and blank texts",
		chat:    `[{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":" \n"},{"type":"text","text":"q"}]}]`,
		want:    map[string]string{"messages.0.content": `"q"`},
		reports: []string{"messages[0].content[0]", "messages[0].content[1]"},
	},
	{
		id: "P-42b", name: "a message of nothing between two answers",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":""},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]`,
		want:    map[string]string{"messages.2.content": `"(empty)"`},
		reports: []string{"messages[2].content"},
	},
	{
		id: "P-42c", name: "a message of nothing between two answers, strictly", translator: Translator{Policy: Strict},
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":""},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]`,
		refused: []string{"messages[2].content"},
	},
	{
		id: "P-43", name: "a cache mark on an empty text",
		chat: `[{"role":"user","content":[{"type":"text","text":"q"},{"type":"text","text":"","cache_control":{"type":"ephemeral"}}]}]`,
		want: map[string]string{"messages.0.content": `[{"type":"text","text":"q","cache_control":{"type":"ephemeral"}}]`},
	},
	{
		id: "P-44", name: "five cache marks",
		chat: `[{"role":"user","content":[` + strings.Repeat(`{"type":"text","text":"q","prompt_cache_breakpoint":{"mode":"explicit"}},`, 5) + `{"type":"text","text":"q"}]}]`,
		want: map[string]string{
			"messages.0.content.0.cache_control": absent, "messages.0.content.1.cache_control": `{"type":"ephemeral"}`,
			"messages.0.content.4.cache_control": `{"type":"ephemeral"}`,
		},
		reports: []string{"messages[0].content[0].prompt_cache_breakpoint"},
	},
	{
		id: "P-45", name: "stop as a string",
		chat: `[{"role":"user","content":"q"}],"stop":"END"`,
		want: map[string]string{"stop_sequences": `["END"]`},
	},
	{
		id: "P-46a", name: "a temperature above 1",
		chat:    `[{"role":"user","content":"q"}],"temperature":1.5`,
		want:    map[string]string{"temperature": "1"},
		reports: []string{"temperature"},
	},
	{
		id: "P-46b", name: "a temperature above 1, strictly", translator: Translator{Policy: Strict},
		chat:    `[{"role":"user","content":"q"}],"temperature":1.5`,
		refused: []string{"temperature"},
	},
	{
		id: "P-47", name: "temperature and top_p",
		chat: `[{"role":"user","content":"q"}],"temperature":0.5,"top_p":0.5`,
		want: map[string]string{"temperature": "0.5", "top_p": "0.5"},
	},
	{
		id: "P-48", name: "a forced tool and reasoning",
		chat:    `[{"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","reasoning_effort":"high"`,
		want:    map[string]string{"thinking": absent, "output_config": absent, "tool_choice.type": `"any"`},
		reports: []string{"reasoning_effort"},
	},
	{
		id: "P-49", name: "an image isn't downloaded",
		chat: `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]`,
		want: map[string]string{"messages.0.content.0.source": `{"type":"url","url":"https://example.com/a.png"}`},
	},
	{
		id: "P-50a", name: "a schema with keywords that the format refuses",
		chat:    `[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"output","strict":true,"schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","maxLength":3}}}}}}`,
		refused: []string{"response_format.json_schema.schema.properties.a.items.maxLength"},
	},
	{
		id: "P-50b", name: "such a schema, leniently", translator: Translator{Policy: Lenient},
		chat: `[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"output","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer","minimum":1,"description":"A."}}}}}`,
		want: map[string]string{"output_config.format.schema.properties.a": `{"type":"integer","description":"A.\nminimum: 1"}`},
	},
	{
		id: "P-50c", name: "such a schema, for a server that takes it", translator: Translator{Target: Target{AnySchema: true}},
		chat: `[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"output","strict":true,"schema":{"type":"integer","minimum":1}}}`,
		want: map[string]string{"output_config.format.schema": `{"type":"integer","minimum":1}`},
	},
	{
		id: "P-51", name: "a call in the content and beside it",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1}}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		want: map[string]string{"messages.1.content.#": "1", "messages.1.content.0.id": `"a"`},
	},
	{
		id: "P-52", name: "tools and results in full",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":"t","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true}}]`,
		want: map[string]string{
			"messages.1.content.1": `{"type":"tool_use","id":"a","name":"f","input":{"x":1.50}}`,
			"messages.2.content.0": `{"type":"tool_result","tool_use_id":"a","content":"1"}`,
			"tools.0":              `{"name":"f","description":"d","input_schema":{"type":"object","properties":{}},"strict":true}`,
		},
	},
	{
		id: "P-53", name: "broken arguments",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		refused: []string{"messages[1].tool_calls[0].function.arguments"},
	},
	{
		id: "P-54", name: "no arguments",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"a","content":""}]`,
		want: map[string]string{"messages.1.content.0.input": "{}", "messages.2.content.0.content": absent},
	},
	{
		id: "P-55", name: "arguments that aren't an object, even leniently", translator: Translator{Policy: Lenient},
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1]"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		refused: []string{"messages[1].tool_calls[0].function.arguments"},
	},
	{
		id: "P-56a", name: "a tool's name that the format doesn't take",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"mcp.server/get","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}],"tools":[{"type":"function","function":{"name":"mcp.server/get"}}],"tool_choice":{"type":"function","function":{"name":"mcp.server/get"}}`,
		want: map[string]string{
			"tools.0.name": `"mcp_server_get_6e3cc2d1"`, "tool_choice.name": `"mcp_server_get_6e3cc2d1"`,
			"messages.1.content.0.name": `"mcp_server_get_6e3cc2d1"`,
		},
		reports: []string{"tools[0]"},
	},
	{
		id: "P-56b", name: "a tool's name that is too long for Chat",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"` + strings.Repeat("n", 65) + `","input_schema":{"type":"object","properties":{}}}]`,
		want:     map[string]string{"tools.0.function.name": `"` + strings.Repeat("n", 55) + `_1e3fb6d5"`},
	},
	{
		id: "P-57", name: "a call's id that the format doesn't take",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"functions.read:0","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"functions.read:0","content":"1"}]`,
		want:    map[string]string{"messages.1.content.0.id": `"functions_read_0_c216cab2"`, "messages.2.content.0.tool_use_id": `"functions_read_0_c216cab2"`},
		reports: []string{"messages[1].tool_calls[0]"},
	},
	{
		id: "P-58", name: "an id that is used in every turn",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_0","content":"1"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_0","content":"2"}]`,
		want: map[string]string{
			"messages.1.content.0.id": `"call_0"`, "messages.2.content.0.tool_use_id": `"call_0"`,
			"messages.3.content.0.id": `"call_0_2"`, "messages.4.content.0.tool_use_id": `"call_0_2"`,
		},
	},
	{
		id: "P-59", name: "a system message in the middle, for a template that refuses it",
		messages: `[{"role":"user","content":"q"},{"role":"system","content":"Be terse."},{"role":"assistant","content":"a"},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.#": "3", "messages.0.content.1.text": `"<system-reminder>\nBe terse.\n</system-reminder>"`},
		reports:  []string{"messages[1]"},
	},
	{
		id: "P-60a", name: "the billing header stays unless asked",
		messages: `[{"role":"user","content":"q"}],"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},{"type":"text","text":"S"}]`,
		want:     map[string]string{"messages.0.content.#": "2"},
	},
	{
		id: "P-60b", name: "the billing header left out", translator: Translator{DropBillingHeader: true},
		messages: `[{"role":"user","content":"q"}],"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},{"type":"text","text":"S"}]`,
		want:     map[string]string{"messages.0.content": `"S"`},
		reports:  []string{"system[0]"},
	},
	{
		id: "P-61", name: "a system message in the middle, for a server that takes it", translator: Translator{Target: Target{System: PlaceNative}},
		messages: `[{"role":"user","content":"q"},{"role":"system","content":"Be terse."},{"role":"assistant","content":"a"},{"role":"user","content":"q"}],"system":"S"`,
		want:     map[string]string{"messages.0": `{"role":"system","content":"S"}`, "messages.2": `{"role":"system","content":"Be terse."}`},
	},
	{
		id: "P-61b", name: "a system message in the middle, for a server that wants it in front", translator: Translator{Target: Target{System: PlaceFront}},
		messages: `[{"role":"user","content":"q"},{"role":"system","content":"Be terse."},{"role":"assistant","content":"a"},{"role":"user","content":"q"}],"system":"S"`,
		want:     map[string]string{"messages.0.content.1.text": `"Be terse."`, "messages.#": "4"},
		reports:  []string{"messages[1]"},
	},
	{
		id: "P-62", name: "a system message at the end is no answer",
		messages: `[{"role":"user","content":"q"},{"role":"system","content":"<total_tokens>9 tokens left</total_tokens>"}]`,
		want:     map[string]string{"messages.#": "1", "messages.0.role": `"user"`},
	},
	{
		id: "P-65", name: "an empty user turn after a tool loop, with its thinking", translator: Translator{Target: Target{UnsignedThinking: true}},
		chat: `[{"role":"user","content":"q"},{"role":"assistant","reasoning_content":"hm","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"user","content":""}]`,
		want: map[string]string{
			"messages.#": "3", "messages.2.content.#": "1",
			"messages.1.content.0": `{"type":"thinking","thinking":"hm","signature":"keeprouter-unsigned-v1"}`,
		},
	},
}
