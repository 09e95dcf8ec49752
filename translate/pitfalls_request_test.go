package translate

// requestPitfalls are those of Messages requests.
var requestPitfalls = []pitfall{
	{
		id: "P-01", name: "three results in one message",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}},{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"tool_result","tool_use_id":"b","content":"2"},{"type":"tool_result","tool_use_id":"c","content":"3"}]}]`,
		want: map[string]string{
			"messages.#": "5", "messages.2": `{"role":"tool","content":"1","tool_call_id":"a"}`,
			"messages.3.tool_call_id": `"b"`, "messages.4": `{"role":"tool","content":"3","tool_call_id":"c"}`,
		},
	},
	{
		id: "P-02", name: "text before a result",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"text","text":"also"},{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.2.role": `"tool"`, "messages.3": `{"role":"user","content":"also"}`},
		reports:  []string{"messages[2].content[1]"},
	},
	{
		id: "P-03a", name: "results of parallel calls in separate messages",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"2"}]}]`,
		want:     map[string]string{"messages.#": "4", "messages.2.tool_call_id": `"a"`, "messages.3.tool_call_id": `"b"`},
	},
	{
		id: "P-03b", name: "tool messages become one user message",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"b","content":"2"},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		want: map[string]string{"messages.#": "3", "messages.2.content.#": "2", "messages.2.content.0.tool_use_id": `"a"`, "messages.2.content.1.tool_use_id": `"b"`},
	},
	{
		id: "P-04", name: "an image in the first of two results",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"tool_result","tool_use_id":"b","content":"2"}]}]`,
		want: map[string]string{
			"messages.2": `{"role":"tool","content":"see","tool_call_id":"a"}`, "messages.3.role": `"tool"`,
			"messages.4.role": `"user"`, "messages.4.content.0.text": `"Attachments of tool call a:"`,
			"messages.4.content.1.image_url.url": `"data:image/png;base64,AAAA"`,
		},
		reports: []string{"messages[2].content[0].content[1]"},
	},
	{
		id: "P-05", name: "a result of nothing but an image",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}]`,
		want: map[string]string{
			"messages.2.content":        `"(The result is attached to the next user message.)"`,
			"messages.3.content.1.type": `"image_url"`,
		},
	},
	{
		id: "P-06", name: "a server that takes images in results", translator: Translator{Target: Target{ToolImages: true}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}]`,
		want:     map[string]string{"messages.#": "3", "messages.2.content.0.image_url.url": `"data:image/png;base64,AAAA"`},
	},
	{
		id: "P-07", name: "a result of a kind that isn't known",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_reference","tool_name":"g"}]}]}]`,
		want:     map[string]string{"messages.2.tool_call_id": `"a"`, "messages.2.content": `"{\"type\":\"tool_reference\",\"tool_name\":\"g\"}"`},
		reports:  []string{"messages[2].content[0].content[0]"},
	},
	{
		id: "P-08a", name: "a failed call",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"no such city","is_error":true}]}]`,
		want:     map[string]string{"messages.2.content": `"Error: no such city"`, "messages.2.is_error": "true"},
		reports:  []string{"messages[2].content[0].is_error"},
	},
	{
		id: "P-08b", name: "a failed call comes back as one by its mark, never by its text",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"Error: 1","is_error":true},{"role":"tool","tool_call_id":"b","content":"Error: 2"}]`,
		want: map[string]string{"messages.2.content.0.is_error": "true", "messages.2.content.1.is_error": absent},
	},
	{
		id: "P-09", name: "a result of several texts",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]}]}]`,
		want:     map[string]string{"messages.2.content": `[{"type":"text","text":"1"},{"type":"text","text":"2"}]`},
	},
	{
		id: "P-09b", name: "a server that takes a string", translator: Translator{Target: Target{TextOnlyResults: true}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]}]}]`,
		want:     map[string]string{"messages.2.content": `"1\n2"`},
	},
	{
		id: "P-10", name: "text beside a call",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"Let me see."},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.content": `"Let me see."`, "messages.1.tool_calls.0.function.arguments": `"{\"x\":1}"`},
	},
	{
		id: "P-11", name: "nothing but a call",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.content": "null", "messages.1.tool_calls.0.function.arguments": `"{}"`},
	},
	{
		id: "P-12", name: "an empty text beside a call",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":""},{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.content": "null"},
		reports:  []string{"messages[1].content[0]"},
	},
	{
		id: "P-13a", name: "an answer that only thinks",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"}]},{"role":"user","content":"go on"}]`,
		want:     map[string]string{"messages.#": "1", "messages.0.content.#": "2"},
		reports:  []string{"messages[1]"},
	},
	{
		id: "P-13b", name: "an answer of nothing",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[]},{"role":"user","content":"go on"}]`,
		want:     map[string]string{"messages.#": "1", "messages.0.role": `"user"`},
		reports:  []string{"messages[1]"},
	},
	{
		id: "P-14", name: "a server that prints null", translator: Translator{Target: Target{EmptyContent: true}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.content": `""`},
	},
	{
		id: "P-15a", name: "thinking is no part of the content",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"t"}]},{"role":"user","content":"go on"}]`,
		want: map[string]string{
			"messages.1.content": `"t"`, "messages.1.reasoning_content": `"hm"`,
			"messages.1.reasoning_details": `[{"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1","index":0}]`,
		},
	},
	{
		id: "P-15b", name: "a server that refuses reasoning", translator: Translator{Target: Target{Reasoning: ReasoningNone}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"t"}]},{"role":"user","content":"go on"}]`,
		want:     map[string]string{"messages.1": `{"role":"assistant","content":"t"}`},
		reports:  []string{"messages[1].content[0]"},
	},
	{
		id: "P-16", name: "a server that wants its reasoning back, under its own name", translator: Translator{Target: Target{Reasoning: ReasoningText, ReasoningField: "reasoning"}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"keeprouter-unsigned-v1"},{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.reasoning": `"hm"`, "messages.1.reasoning_details": absent},
	},
	{
		id: "P-17", name: "thinking between calls keeps its order",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"1","signature":"s1"},{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"thinking","thinking":"2","signature":"s2"},{"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"tool_result","tool_use_id":"b","content":"1"}]}]`,
		want: map[string]string{
			"messages.1.reasoning_details.0.signature": `"s1"`, "messages.1.reasoning_details.0.index": "0",
			"messages.1.reasoning_details.1.signature": `"s2"`, "messages.1.reasoning_details.1.index": "1",
		},
		reports: []string{"messages[1].content[2]"},
	},
	{
		id: "P-18", name: "one call at a time",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}`,
		want:     map[string]string{"parallel_tool_calls": "false", "tool_choice": `"auto"`},
	},
	{
		id: "P-19", name: "any tool",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"any"}`,
		want:     map[string]string{"tool_choice": `"required"`, "parallel_tool_calls": absent},
	},
	{
		id: "P-20", name: "a choice without tools",
		messages: `[{"role":"user","content":"q"}],"tools":[],"tool_choice":{"type":"auto"}`,
		want:     map[string]string{"tools": absent, "tool_choice": absent},
		reports:  []string{"tool_choice"},
	},
	{
		id: "P-21", name: "stop sequences and top_p",
		messages: `[{"role":"user","content":"q"}],"stop_sequences":["END","FIN"],"top_p":0.5`,
		want:     map[string]string{"stop": `["END","FIN"]`, "top_p": "0.5"},
	},
	{
		id: "P-22", name: "output_config",
		messages: `[{"role":"user","content":"q"}],"output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":{"type":"object","title":"answer"}}}`,
		want: map[string]string{
			"reasoning_effort": `"xhigh"`, "output_config": absent, "response_format.json_schema.name": `"answer"`,
			"response_format.json_schema.strict": "true", "response_format.json_schema.schema": `{"type":"object","title":"answer"}`,
		},
	},
	{
		id: "P-23", name: "fields of betas aren't forwarded",
		messages: `[{"role":"user","content":"q"}],"context_management":{"edits":[]},"new_beta":1`,
		want:     map[string]string{"context_management": absent, "new_beta": absent},
		reports:  []string{"context_management", "new_beta"},
	},
	{
		id: "P-24", name: "an e-mail address as a user's id",
		messages: `[{"role":"user","content":"q"}],"metadata":{"user_id":"ada@example.com"}`,
		want:     map[string]string{"safety_identifier": `"b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"`},
		reports:  []string{"metadata.user_id"},
	},
	{
		id: "P-25", name: "the type of a tool",
		messages: `[{"role":"user","content":"q"}],"tools":[{"type":"custom","name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{}}}]`,
		want:     map[string]string{"tools.0.type": `"function"`, "tools.1.type": `"function"`, "tools.0.function.parameters": `{"type":"object","properties":{}}`},
	},
	{
		id: "P-26", name: "strict leaves the schema as it is",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","strict":true,"input_schema":{"type":"object","properties":{"a":{"type":"string"}},"required":[]}}]`,
		want:     map[string]string{"tools.0.function.strict": "true", "tools.0.function.parameters": `{"type":"object","properties":{"a":{"type":"string"}},"required":[]}`},
	},
	{
		id: "P-27", name: "all keywords of a schema survive",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"$schema":"s","type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}],"x-y":1}},"additionalProperties":false,"$defs":{}}}]`,
		want:     map[string]string{"tools.0.function.parameters": `{"$schema":"s","type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}],"x-y":1}},"additionalProperties":false,"$defs":{}}`},
	},
	{
		id: "P-28", name: "a schema without properties",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object"}}]`,
		want:     map[string]string{"tools.0.function.parameters": `{"type":"object","properties":{}}`},
	},
	{
		id: "P-29", name: "null as a keyword's value",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{},"required":null}}]`,
		want:     map[string]string{"tools.0.function.parameters": `{"type":"object","properties":{}}`},
		reports:  []string{"tools[0].input_schema.required"},
	},
	{
		id: "P-30", name: "alternatives at the top of a schema",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object","anyOf":[{"required":["a"]}]}}]`,
		refused:  []string{"tools[0].input_schema.anyOf"},
	},
	{
		id: "P-31a", name: "a tool of the server",
		messages: `[{"role":"user","content":"q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]`,
		refused:  []string{"tools[0]"},
	},
	{
		id: "P-31b", name: "a tool of the server, leniently", translator: Translator{Policy: Lenient},
		messages: `[{"role":"user","content":"q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"auto"}`,
		want:     map[string]string{"tools": absent, "tool_choice": absent},
		reports:  []string{"tools[0]"},
	},
	{
		id: "P-31c", name: "a tool of the server that must be called", translator: Translator{Policy: Lenient},
		messages: `[{"role":"user","content":"q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"tool","name":"web_search"}`,
		refused:  []string{"tool_choice"},
	},
	{
		id: "P-32", name: "examples of a tool's input",
		messages: `[{"role":"user","content":"q"}],"tools":[{"name":"f","description":"Does f.","input_schema":{"type":"object","properties":{}},"input_examples":[{"a":1}]}]`,
		want:     map[string]string{"tools.0.function.description": `"Does f.\n\nExamples of its input:\n{\"a\":1}"`},
		reports:  []string{"tools[0].input_examples"},
	},
	{
		id: "P-33a", name: "no thinking, by effort",
		messages: `[{"role":"user","content":"q"}],"thinking":{"type":"disabled"}`,
		want:     map[string]string{"reasoning_effort": `"none"`, "thinking": absent},
	},
	{
		id: "P-33b", name: "no thinking, by template", translator: Translator{Target: Target{ThinkingOff: OffByTemplate}},
		messages: `[{"role":"user","content":"q"}],"thinking":{"type":"disabled"}`,
		want:     map[string]string{"reasoning_effort": absent, "chat_template_kwargs": `{"enable_thinking":false}`},
	},
	{
		id: "P-33c", name: "no thinking, by saying nothing", translator: Translator{Target: Target{ThinkingOff: OffByOmission}},
		messages: `[{"role":"user","content":"q"}],"thinking":{"type":"disabled"}`,
		want:     map[string]string{"reasoning_effort": absent},
	},
	{
		id: "P-34a", name: "thinking isn't mentioned: it is off",
		messages: `[{"role":"user","content":"q"}]`,
		want:     map[string]string{"reasoning_effort": `"none"`},
		reports:  []string{"thinking"},
	},
	{
		id: "P-34b", name: "thinking isn't mentioned: the server decides", translator: Translator{Target: Target{ThinkingByDefault: true}},
		messages: `[{"role":"user","content":"q"}]`,
		want:     map[string]string{"reasoning_effort": absent},
	},
	{
		id: "P-35", name: "an image by URL",
		messages: `[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]`,
		want:     map[string]string{"messages.0.content.0.image_url.url": `"https://example.com/a.png"`},
	},
	{
		id: "P-36", name: "nothing of a history is lost without a report", translator: Translator{Target: Target{Reasoning: ReasoningText}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]}]`,
		want:     map[string]string{"messages.1.reasoning_content": `"hm"`},
		reports:  []string{"messages[1].content[0]", "messages[2].content[0].content[0]"},
	},
	{
		id: "P-37a", name: "calls in the history, and no tools",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"tools": absent, "messages.1.tool_calls.#": "1"},
	},
	{
		id: "P-37b", name: "calls in the history, and a server that demands tools", translator: Translator{Target: Target{StubTools: true}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"tools.#": "1", "tools.0.function.name": `"f"`, "tool_choice": `"none"`},
		reports:  []string{"tools"},
	},
	{
		id: "P-38a", name: "an answer to continue",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":"It is"}]`,
		refused:  []string{"messages[1]"},
	},
	{
		id: "P-38b", name: "an answer to continue, at vLLM", translator: Translator{Target: Target{Prefill: PrefillContinue}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":"It is"}]`,
		want:     map[string]string{"continue_final_message": "true", "add_generation_prompt": "false", "messages.1.content": `"It is"`},
	},
	{
		id: "P-38c", name: "an answer to continue, at DeepSeek", translator: Translator{Target: Target{Prefill: PrefillPrefix}},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":"It is"}]`,
		want:     map[string]string{"messages.1.prefix": "true"},
	},
	{
		id: "P-39", name: "results stay results",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.2.role": `"tool"`, "messages.#": "3"},
	},
	{
		id: "P-40", name: "sampling survives",
		messages: `[{"role":"user","content":"q"}],"temperature":0,"top_p":0.1,"top_k":5`,
		want:     map[string]string{"temperature": "0", "top_p": "0.1", "top_k": "5"},
	},
}
