package translate

// blockPitfalls are those of the order of parts in a Chat stream.
var blockPitfalls = []streamPitfall{
	{
		id: "P-66b", name: "a call leaves no empty text",
		chat: done(d(`{"role":"assistant","content":""}`), call(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}`), call(`"index":0,"function":{"arguments":"{}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", "> {}", "end tool_use 0"},
	},
	{
		id: "P-67", name: "the first chunk of a call has arguments",
		chat: done(call(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":"}`), call(`"index":0,"function":{"arguments":"1}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-68", name: "reasoning comes first",
		chat: done(d(`{"role":"assistant","content":"","reasoning_content":"hm"}`), d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "thinking", "> hm", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-69", name: "nothing but reasoning",
		chat: done(d(`{"reasoning_content":"h"}`), d(`{"reasoning_content":"m"}`), fin("stop")),
		want: []string{"start", "thinking", "> hm", "end end_turn 0"},
	},
	{
		id: "P-70", name: "two calls back to back",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}`), call(`"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\":2}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "tool_use g", `> {"x":2}`, "end tool_use 0"},
	},
	{
		id: "P-71", name: "an index of 0 is an index",
		chat: done(d(`{"content":"t"}`), call(`"index":0,"id":"a","function":{"name":"f","arguments":"{"}`), call(`"index":0,"function":{"arguments":"}"}`), fin("tool_calls")),
		want: []string{"start", "text", "> t", "tool_use f", "> {}", "end tool_use 0"},
	},
	{
		id: "P-71b", name: "calls are numbered apart from the blocks",
		messages: named(`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"t"}}`, `{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}`, `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}`, `{"type":"content_block_stop","index":1}`),
		want: []string{"text t", "call f", ">0 {}", "end tool_calls", "usage 8"},
	},
	{
		id: "P-72", name: "text in the chunk of the role",
		chat: done(d(`{"role":"assistant","content":"t"}`), fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-73", name: "text in the chunk of the reason",
		chat: done(d(`{"content":"a"}`), d(`{"content":"b"}`, `,"finish_reason":"stop"`)),
		want: []string{"start", "text", "> ab", "end end_turn 0"},
	},
	{
		id: "P-74", name: "calls come mixed",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}`), call(`"index":1,"id":"b","function":{"name":"g","arguments":"{\"y\""}`), call(`"index":0,"function":{"arguments":":1}"}`), call(`"index":1,"function":{"arguments":":2}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "tool_use g", `> {"y":2}`, "end tool_use 0"},
	},
	{
		id: "P-75", name: "text after a call",
		chat: done(d(`{"content":"a"}`), call(`"index":0,"id":"a","function":{"name":"f","arguments":"{}"}`), d(`{"content":"b"}`), fin("tool_calls")),
		want: []string{"start", "text", "> a", "tool_use f", "> {}", "text", "> b", "end tool_use 0"},
	},
	{
		id: "P-76", name: "reasoning for the second time",
		chat: done(d(`{"reasoning_content":"a"}`), d(`{"content":"b"}`), d(`{"reasoning_content":"c"}`), d(`{"content":"d"}`), fin("stop")),
		want: []string{"start", "thinking", "> a", "text", "> b", "thinking", "> c", "text", "> d", "end end_turn 0"},
	},
	{
		id: "P-77", name: "a call after reasoning",
		chat: done(d(`{"reasoning":"hm"}`), call(`"index":0,"id":"a","function":{"name":"f","arguments":"{}"}`), fin("tool_calls")),
		want: []string{"start", "thinking", "> hm", "tool_use f", "> {}", "end tool_use 0"},
	},
	{
		id: "P-78b", name: "white space inside a call",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":"{"}`), d(`{"content":"\n\n"}`), call(`"index":0,"function":{"arguments":"}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", "> {}", "end tool_use 0"},
	},
	{
		id: "P-79", name: "reasoning, text and calls",
		chat: done(d(`{"reasoning_content":"hm"}`), d(`{"content":"t"}`), call(`"index":0,"id":"a","function":{"name":"f","arguments":"{}"}`), call(`"index":1,"id":"b","function":{"name":"f","arguments":"{}"}`), fin("tool_calls")),
		want: []string{"start", "thinking", "> hm", "text", "> t", "tool_use f", "> {}", "tool_use f", "> {}", "end tool_use 0"},
	},
	{
		id: "P-83", name: "id and name with every piece",
		chat: done(call(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}`), call(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":":1}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-84", name: "every call has the index 0",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}`), call(`"index":0,"id":"b","function":{"name":"g","arguments":"{\"x\":2}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "tool_use g", `> {"x":2}`, "end tool_use 0"},
	},
	{
		id: "P-85", name: "calls without an index",
		chat: done(call(`"id":"a","function":{"name":"f","arguments":"{\"x\":"}`), call(`"function":{"arguments":"1}"}`), call(`"id":"b","function":{"name":"g","arguments":"{\"x\":2}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "tool_use g", `> {"x":2}`, "end tool_use 0"},
	},
	{
		id: "P-91", name: "text between the pieces of a call",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}`), d(`{"content":"t"}`), call(`"index":0,"function":{"arguments":":1}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "text", "> t", "end tool_use 0"},
	},
	{
		id: "P-93", name: "a call in the last chunk, with the reason stop",
		chat: done(d(`{"reasoning":"hm"}`), d(`{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]}`, `,"finish_reason":"stop"`)),
		want: []string{"start", "thinking", "> hm", "tool_use f", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-94", name: "a whole call in one chunk, without type and arguments",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f"}`), call(`"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\":1}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", "> {}", "tool_use g", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-142", name: "two reasons, and text between them",
		chat: done(d(`{"content":"a"}`, `,"finish_reason":"stop"`), d(`{"content":"b"}`), fin("length")),
		want: []string{"start", "text", "> ab", "end max_tokens 0"},
	},
	{
		id: "P-143b", name: "text as a list of parts",
		chat: done(d(`{"content":[{"type":"text","text":"a"}]}`), d(`{"content":[{"type":"text","text":"b"}]}`), fin("stop")),
		want: []string{"start", "text", "> ab", "end end_turn 0"},
	},
	{
		id: "P-144b", name: "the same reasoning under two names",
		chat: done(d(`{"reasoning":"hm","reasoning_content":"hm"}`), d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "thinking", "> hm", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-145b", name: "text of reasoning_details, then its signature alone",
		chat: done(d(`{"reasoning_details":[{"type":"reasoning.text","text":"hm","index":0}]}`), d(`{"reasoning_details":[{"type":"reasoning.text","signature":"s","format":"anthropic-claude-v1","index":0}]}`), d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "thinking", "> hm", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-146", name: "the first index is 1",
		chat: done(call(`"index":1,"id":"a","function":{"name":"f","arguments":"{\"x\""}`), call(`"index":1,"function":{"arguments":":1}"}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-147", name: "two ids at one index in one chunk",
		chat: done(d(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},{"index":0,"id":"b","function":{"name":"g","arguments":"{\"x\":2}"}}]}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "tool_use g", `> {"x":2}`, "end tool_use 0"},
	},
}
