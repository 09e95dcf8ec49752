package translate

import "strings"

// tablePitfalls are the rows of the formats' comparison that no pitfall above covers.
var tablePitfalls = []pitfall{
	{
		id: "3.2 functions", name: "the form before tools",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}},{"role":"function","name":"f","content":"1"}],"functions":[{"name":"f","description":"d"}],"function_call":{"name":"f"}`,
		want: map[string]string{
			"tools": `[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}}}]`, "tool_choice": `{"type":"tool","name":"f"}`,
			"messages.1.content.0": `{"type":"tool_use","id":"call_function_1","name":"f","input":{"x":1}}`,
			"messages.2.content.0": `{"type":"tool_result","tool_use_id":"call_function_1","content":"1"}`,
		},
		reports: []string{"messages[1].function_call"},
	},
	{
		id: "3.2 allowed_tools", name: "a choice among some of the tools",
		chat:    `[{"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}}`,
		want:    map[string]string{"tools.#": "1", "tools.0.name": `"g"`, "tool_choice": `{"type":"any"}`},
		reports: []string{"tool_choice.allowed_tools"},
	},
	{
		id: "3.2 custom tools", name: "a free text tool with a grammar",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"sql","input":"select 1"}}]},{"role":"tool","tool_call_id":"a","content":"1"}],"tools":[{"type":"custom","custom":{"name":"sql","format":{"type":"grammar","grammar":{"syntax":"regex","definition":".*"}}}}]`,
		want: map[string]string{
			"tools.0.input_schema":       customSchema,
			"messages.1.content.0.input": `{"input":"select 1"}`,
		},
		reports: []string{"tools[0]", "tools[0].custom.format"},
	},
	{
		id: "3.2 json_object", name: "any JSON object",
		chat:    `[{"role":"system","content":"S"},{"role":"user","content":"q"}],"response_format":{"type":"json_object"}`,
		want:    map[string]string{"system.1.text": `"Answer with one JSON object and nothing else."`, "output_config": absent},
		reports: []string{"response_format"},
	},
	{
		id: "3.2 budget", name: "thinking by a number of tokens", translator: Translator{Target: Target{ThinkingBudget: true}},
		chat:    `[{"role":"user","content":"q"}],"max_completion_tokens":2000,"reasoning_effort":"high"`,
		want:    map[string]string{"thinking": `{"type":"enabled","budget_tokens":1999}`, "max_tokens": "2000"},
		reports: []string{"reasoning_effort", "max_tokens"},
	},
	{
		id: "3.2 budget too small", name: "no room for thinking", translator: Translator{Target: Target{ThinkingBudget: true}},
		chat:    `[{"role":"user","content":"q"}],"reasoning_effort":"low"`,
		want:    map[string]string{"thinking": absent},
		reports: []string{"reasoning_effort"},
	},
	{
		id: "3.2 files", name: "files of both kinds",
		chat: `[{"role":"user","content":[{"type":"file","file":{"filename":"a.txt","file_data":"DATA:text/plain;charset=utf-8;base64,aGk"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AA=="}}]}]`,
		want: map[string]string{
			"messages.0.content.0": `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"},"title":"a.txt"}`,
			"messages.0.content.1": `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="}}`,
		},
	},
	{
		id: "3.2 file_id", name: "a file that another server holds",
		chat:    `[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}},{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"image_url","image_url":{"url":"ftp://x"}}]}]`,
		refused: []string{"messages[0].content[0].file.file_id", "messages[0].content[1]", "messages[0].content[2].image_url.url"},
	},
	{
		id: "3.2 tier", name: "tiers",
		chat: `[{"role":"user","content":"q"}],"service_tier":"fast"`,
		want: map[string]string{"speed": `"fast"`, "service_tier": absent}, reports: []string{"service_tier"},
	},
	{
		id: "3.2 later text", name: "a result after what the user says",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"user","content":"and"},{"role":"tool","tool_call_id":"b","content":"2"}]`,
		want:    map[string]string{"messages.2.content.1.tool_use_id": `"b"`, "messages.2.content.2.text": `"and"`},
		reports: []string{"messages[4]"},
	},
	{
		id: "3.2 prefill", name: "white space at the end of an answer to continue",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"It is \n"}]`,
		want:    map[string]string{"messages.1.content": `"It is"`},
		reports: []string{"messages[1].content"},
	},
	{
		id: "3.2 prefill refused", name: "a model that doesn't continue", translator: Translator{Target: Target{Prefill: PrefillRefused}},
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"It is"}]`,
		refused: []string{"messages[1]"},
	},
	{
		id: "3.2 neighbours", name: "neighbours of one role",
		chat: `[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"},{"role":"assistant","content":"d"},{"role":"user","content":"e"}]`,
		want: map[string]string{"messages.#": "3", "messages.0.content": `[{"type":"text","text":"a"},{"type":"text","text":"b"}]`, "messages.1.content.#": "2"},
	},
	{
		id: "3.2 misplaced", name: "calls of the user",
		chat:    `[{"role":"user","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":""}]`,
		refused: []string{"messages[0].tool_calls", "messages[1]"},
	},
	{
		id: "3.2 nothing left", name: "a turn of nothing but results of no call", translator: Translator{Policy: Lenient},
		chat:    `[{"role":"tool","tool_call_id":"a","content":"1"},{"role":"assistant","content":"t"},{"role":"user","content":"q"}]`,
		want:    map[string]string{"messages.0.content": `"(empty)"`},
		reports: []string{"messages[0]"},
	},
	{
		id: "3.3 documents", name: "documents that Chat has no files for",
		messages: `[{"role":"user","content":[{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"content","content":[{"type":"text","text":"y"},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}},{"type":"search_result","source":"https://example.com","title":"R","content":[{"type":"text","text":"z"}]}]}]`,
		want: map[string]string{
			"messages.0.content.0.text": `"T\n\nx"`, "messages.0.content.1.text": `"y"`, "messages.0.content.2.type": `"image_url"`,
			"messages.0.content.3.text": `"R\nhttps://example.com\n\nz"`,
		},
		reports: []string{"messages[0].content[0]", "messages[0].content[1]", "messages[0].content[2]"},
	},
	{
		id: "3.3 document by URL", name: "a document by URL",
		messages: `[{"role":"user","content":[{"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}}]}]`,
		refused:  []string{"messages[0].content[0].source"},
	},
	{
		id: "3.3 server tools", name: "calls of the server's tools in the history",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.1": `{"role":"assistant","content":"t"}`},
		reports:  []string{"messages[1].content[0]", "messages[1].content[1]"},
	},
	{
		id: "3.3 text after a call", name: "text after a call",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"1"},{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"text","text":"2"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		want:     map[string]string{"messages.1.content": `[{"type":"text","text":"1"},{"type":"text","text":"2"}]`},
		reports:  []string{"messages[1].content[2]"},
	},
	{
		id: "3.3 orphan", name: "a result without a call",
		messages: `[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]`,
		refused:  []string{"messages[0].content[0]"},
	},
	{
		id: "3.3 cache breakpoints", name: "cache marks, in OpenAI's words", translator: Translator{Target: Target{CacheMarks: MarksBreakpoint}},
		messages: `[{"role":"user","content":[{"type":"text","text":"q","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]`,
		want:     map[string]string{"messages.0.content.0.prompt_cache_breakpoint": `{"mode":"explicit","ttl":"12h"}`},
	},
	{
		id: "3.3 cache control", name: "cache marks, in OpenRouter's words", translator: Translator{Target: Target{CacheMarks: MarksControl}},
		messages: `[{"role":"user","content":[{"type":"text","text":"q","cache_control":{"type":"ephemeral"}}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral","ttl":"1h"}}],"cache_control":{"type":"ephemeral"}`,
		want: map[string]string{
			"messages.0.content.0.cache_control": `{"type":"ephemeral"}`, "tools.0.cache_control": `{"type":"ephemeral","ttl":"1h"}`,
			"cache_control": `{"type":"ephemeral"}`,
		},
	},
	{
		id: "3.3 stops", name: "more stop sequences than OpenAI takes, for a server without a limit", translator: Translator{Target: Target{MaxStops: -1}},
		messages: `[{"role":"user","content":"q"}],"stop_sequences":["a","b","c","d","e"]`,
		want:     map[string]string{"stop.#": "5"},
	},
	{
		id: "3.3 budget", name: "a thinking budget",
		messages: `[{"role":"user","content":"q"}],"max_tokens":20000,"thinking":{"type":"enabled","budget_tokens":8192}`,
		want:     map[string]string{"reasoning_effort": `"high"`, "max_tokens": "20000"},
		reports:  []string{"thinking.budget_tokens"},
	},
	{
		id: "3.3 limit", name: "the limit, for OpenAI's reasoning models", translator: Translator{Target: Target{MaxCompletionTokens: true, NoTopK: true}},
		messages: `[{"role":"user","content":"q"}],"top_k":5`,
		want:     map[string]string{"max_completion_tokens": "100", "max_tokens": absent, "top_k": absent},
		reports:  []string{"top_k"},
	},
	{
		id: "3.3 long ids", name: "a call's id that OpenAI refuses",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"` + strings.Repeat("i", 41) + `","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"` + strings.Repeat("i", 41) + `","content":"1"}]}]`,
		want: map[string]string{
			"messages.1.tool_calls.0.id": `"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_` + digest(strings.Repeat("i", 41)) + `"`,
			"messages.2.tool_call_id":    `"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_` + digest(strings.Repeat("i", 41)) + `"`,
		},
	},
	{
		id: "3.10 user first", name: "an answer at the beginning", translator: Translator{Policy: Lenient, Target: Target{UserFirst: true}},
		messages: `[{"role":"assistant","content":"Hi"},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.0": `{"role":"user","content":"(continue)"}`, "messages.#": "3"},
		reports:  []string{"messages[0]"},
	},
	{
		id: "3.10 user first refused", name: "an answer at the beginning, by default", translator: Translator{Target: Target{UserFirst: true}},
		messages: `[{"role":"assistant","content":"Hi"},{"role":"user","content":"q"}]`,
		refused:  []string{"messages[0]"},
	},
}
