package translate

var forStops = &Session{known: true, stops: []string{"END"}, thinking: thinking{mode: thinkingOn}}

// answerPitfalls are those of answers that come as one object. Those of streams
// belong into a table of their own.
var answerPitfalls = []pitfall{
	{
		id: "P-63", name: "an answer without a role",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t"}}]}`,
		want:       map[string]string{"role": `"assistant"`, "type": `"message"`},
	},
	{
		id: "P-64", name: "a call without a type",
		messagesAnswer: `{"id":"a","role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":"tool_use"}`,
		want:           map[string]string{"choices.0.message.tool_calls.0.type": `"function"`, "choices.0.message.role": `"assistant"`},
	},
	{
		id: "P-66", name: "a call leaves no empty text",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}`,
		want:       map[string]string{"content.#": "1", "content.0.type": `"tool_use"`, "stop_reason": `"tool_use"`},
	},
	{
		id: "P-78", name: "white space beside a call",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"\n\n","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}`,
		want:       map[string]string{"content.#": "1"},
		reports:    []string{"choices[0].message.content[0]"},
	},
	{
		id: "P-87", name: "a call without arguments",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}`,
		want:       map[string]string{"content.0.input": "{}"},
	},
	{
		id: "P-88", name: "the reason tool_calls, and no call",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"t"}}]}`,
		want:       map[string]string{"stop_reason": `"end_turn"`},
	},
	{
		id: "P-88b", name: "the reason tool_use, and no call",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"tool_use"}`,
		want:           map[string]string{"choices.0.finish_reason": `"stop"`},
		reports:        []string{"stop_reason"},
	},
	{
		id: "P-89", name: "the reason stop, and a call",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}`,
		want:       map[string]string{"stop_reason": `"tool_use"`},
	},
	{
		id: "P-96", name: "a reason that is an error",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"error","message":{"role":"assistant","content":"half"}}]}`,
		refused:    []string{"choices[0].finish_reason"},
	},
	{
		id: "P-97", name: "an answer without a reason",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":null,"message":{"role":"assistant","content":"half"}}]}`,
		refused:    []string{"choices[0].finish_reason"},
	},
	{
		id: "P-97b", name: "a Messages answer without a reason",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"half"}],"stop_reason":null}`,
		refused:        []string{"stop_reason"},
	},
	{
		id: "P-108a", name: "a call that the limit has cut is left out",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":"t","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":"}}]}}]}`,
		want:       map[string]string{"content.#": "2", "content.1.id": `"a"`, "stop_reason": `"max_tokens"`},
		reports:    []string{"choices[0].message.tool_calls[1]"},
	},
	{
		id: "P-108b", name: "a call that the limit has cut stays cut",
		messagesAnswer: `{"id":"a","content":[{"type":"tool_use","id":"a","name":"f","input":{},"truncated":true,"partial_input":"{\"x\":"}],"stop_reason":"max_tokens"}`,
		want: map[string]string{
			"choices.0.finish_reason":                           `"length"`,
			"choices.0.message.tool_calls.0.function.arguments": `"{\"x\":"`,
		},
		reports: []string{"content[0]"},
	},
	{
		id: "P-109", name: "length inside a call isn't tool_calls",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x"}}]}}]}`,
		want:       map[string]string{"content": "[]", "stop_reason": `"max_tokens"`},
	},
	{
		id: "P-113", name: "all required fields are there",
		chatAnswer: `{"choices":[{"finish_reason":"stop","message":{"content":"t"}}]}`,
		want: map[string]string{
			"type": `"message"`, "role": `"assistant"`, "content.#": "1", "stop_reason": `"end_turn"`,
			"usage": `{"input_tokens":0,"output_tokens":0}`, "id": `"msg_e3b98a4d"`,
		},
	},
	{
		id: "P-114", name: "content_filter",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"content_filter","message":{"role":"assistant","content":"t"}}]}`,
		want:       map[string]string{"stop_reason": `"refusal"`, "stop_details.type": `"refusal"`},
	},
	{
		id: "P-114b", name: "refusal",
		messagesAnswer: `{"id":"a","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"No."}}`,
		want:           map[string]string{"choices.0.finish_reason": `"content_filter"`, "choices.0.message.refusal": `"No."`, "choices.0.message.content": "null"},
	},
	{
		id: "P-115", name: "a reason that nobody knows",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"bored","message":{"role":"assistant","content":"t"}}]}`,
		want:       map[string]string{"stop_reason": `"end_turn"`, "stop_sequence": "null"},
		reports:    []string{"choices[0].finish_reason"},
	},
	{
		id: "P-115b", name: "a Messages reason that nobody knows",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"bored"}`,
		want:           map[string]string{"choices.0.finish_reason": `"stop"`, "choices.0.native_finish_reason": `"bored"`},
		reports:        []string{"stop_reason"},
	},
	{
		id: "P-116", name: "max_tokens",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"max_tokens"}`,
		want:           map[string]string{"choices.0.finish_reason": `"length"`},
	},
	{
		id: "P-118", name: "cached tokens are counted once",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t"}}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":70,"cache_write_tokens":10}}}`,
		want:       map[string]string{"usage": `{"input_tokens":20,"cache_creation_input_tokens":10,"cache_read_input_tokens":70,"output_tokens":20}`},
	},
	{
		id: "P-120", name: "totals add up",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"end_turn","usage":{"input_tokens":20,"cache_creation_input_tokens":10,"cache_read_input_tokens":70,"output_tokens":20}}`,
		want:           map[string]string{"usage": `{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":70,"cache_write_tokens":10}}`},
	},
	{
		id: "P-120b", name: "a server that counts the cache beside the prompt",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t"}}],"usage":{"prompt_tokens":30,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":70}}}`,
		want:       map[string]string{"usage": `{"input_tokens":30,"cache_read_input_tokens":70,"output_tokens":20}`},
	},
	{
		id: "P-120c", name: "a server that counts reasoning beside the answer",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t"}}],"usage":{"prompt_tokens":30,"completion_tokens":20,"total_tokens":57,"completion_tokens_details":{"reasoning_tokens":7}}}`,
		want:       map[string]string{"usage": `{"input_tokens":30,"output_tokens":27,"output_tokens_details":{"thinking_tokens":7}}`},
	},
	{
		id: "P-121", name: "cost and cache lifetimes survive",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"end_turn","usage":{"input_tokens":20,"cache_creation_input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6},"output_tokens":20,"cost":0.5,"cost_details":{"a":1}}}`,
		want: map[string]string{
			"usage.cost": "0.5", "usage.cost_details": `{"a":1}`,
			"usage.cache_creation": `{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6}`,
		},
	},
	{
		id: "P-124", name: "reasoning of the answer",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","reasoning":"hm"}}]}`,
		want:       map[string]string{"content.0": `{"type":"thinking","thinking":"hm","signature":"keeprouter-unsigned-v1"}`},
	},
	{
		id: "P-124b", name: "reasoning that the client didn't ask for", session: &Session{known: true},
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","reasoning":"hm"}}]}`,
		want:       map[string]string{"content.#": "1"},
		reports:    []string{"choices[0].message.reasoning"},
	},
	{
		id: "P-125", name: "thinking comes first",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","reasoning_content":"hm"}}]}`,
		want:       map[string]string{"content.0.type": `"thinking"`, "content.1.type": `"text"`},
	},
	{
		id: "P-126", name: "an answer without choices",
		chatAnswer: `{"id":"a","choices":null}`,
		refused:    []string{"choices"},
	},
	{
		id: "P-127a", name: "citations of an answer",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"größer als","annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":6,"title":"T","url":"https://example.com"}}]}}]}`,
		want:       map[string]string{"content.0.citations.0": `{"type":"web_search_result_location","url":"https://example.com","title":"T","cited_text":"größer","encrypted_index":""}`},
	},
	{
		id: "P-127b", name: "citations of a Messages answer",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"ab"},{"type":"text","text":"cde","citations":[{"type":"web_search_result_location","url":"https://example.com","title":"T","cited_text":"x","encrypted_index":""},{"type":"char_location"}]}],"stop_reason":"end_turn"}`,
		want:           map[string]string{"choices.0.message.annotations": `[{"type":"url_citation","url_citation":{"start_index":2,"end_index":5,"title":"T","url":"https://example.com"}}]`},
		reports:        []string{"content[1].citations[1]"},
	},
	{
		id: "P-143", name: "content as a list of parts",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"t"}]}}]}`,
		want:       map[string]string{"content.0.thinking": `"hm"`, "content.1": `{"type":"text","text":"t"}`, "content.#": "2"},
	},
	{
		id: "P-144", name: "the same reasoning under two names",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","reasoning":"hm","reasoning_content":"hm"}}]}`,
		want:       map[string]string{"content.#": "2"},
	},
	{
		id: "P-145", name: "a signature on its own, and encrypted reasoning",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"anthropic-claude-v1","index":0},{"type":"reasoning.text","signature":"s","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"d","format":"anthropic-claude-v1","index":1}]}}]}`,
		want:       map[string]string{"content.0": `{"type":"thinking","thinking":"hm","signature":"s"}`, "content.1": `{"type":"redacted_thinking","data":"d"}`},
	},
	{
		id: "P-150", name: "arguments as an object",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]}}]}`,
		want:       map[string]string{"content.0.input": `{"x":1}`},
	},
	{
		id: "P-158", name: "Gemma's markers in the text are left alone",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"<|tool_call>call:f{}<tool_call|>"}}]}`,
		want:       map[string]string{"content.0.text": `"<|tool_call>call:f{}<tool_call|>"`, "content.#": "1"},
	},
	{
		id: "P-160", name: "two choices",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"1"}},{"index":1,"finish_reason":"stop","message":{"content":"2"}}]}`,
		want:       map[string]string{"content": `[{"type":"text","text":"1"}]`},
		reports:    []string{"choices[1]"},
	},
	{
		id: "3.4a", name: "a stop sequence, in vLLM's words", session: forStops,
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","stop_reason":"END","message":{"content":"1"}}]}`,
		want:       map[string]string{"stop_reason": `"stop_sequence"`, "stop_sequence": `"END"`},
	},
	{
		id: "3.4b", name: "a stop sequence that the client didn't name", session: forStops,
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","stop_reason":"<eos>","message":{"content":"1"}}]}`,
		want:       map[string]string{"stop_reason": `"end_turn"`},
	},
	{
		id: "3.4c", name: "a paused turn",
		messagesAnswer: `{"id":"a","content":[{"type":"text","text":"t"}],"stop_reason":"pause_turn"}`,
		want:           map[string]string{"choices.0.finish_reason": `"stop"`, "choices.0.native_finish_reason": `"pause_turn"`},
		reports:        []string{"stop_reason"},
	},
	{
		id: "3.6", name: "calls without ids, or with the same",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"tool_calls","message":{"tool_calls":[{"id":"","function":{"name":"f","arguments":"{}"}},{"id":"x","function":{"name":"f","arguments":"{}"}},{"id":"x","function":{"name":"f","arguments":"{}"}}]}}]}`,
		want:       map[string]string{"content.0.id": `"toolu_6d1b1bd5a36a2c346301689c"`, "content.1.id": `"x"`, "content.2.id": `"toolu_47f6067033947c75f02c1ff1"`},
	},
}
