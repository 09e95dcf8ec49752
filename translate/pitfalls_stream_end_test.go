package translate

import "strings"

// endPitfalls are those of ends, errors, counts and bytes of a Chat stream.
var endPitfalls = []streamPitfall{
	{
		id: "P-80", name: "no chunk of usage",
		chat: done(d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-80b", name: "a reason, and no end",
		chat: frames(d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-81", name: "usage after the reason",
		chat: done(d(`{"content":"t"}`), fin("stop"), `{"id":"1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}`),
		want: []string{"start", "text", "> t", "end end_turn 5"},
	},
	{
		id: "P-82b", name: "the connection stays open behind the end", open: true,
		chat: done(d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-90", name: "an empty reason, and a last frame without its blank line",
		chat: frames(d(`{"content":"a"}`, `,"finish_reason":""`), d(`{"content":"b"}`)) + "data: " + fin("stop"),
		want: []string{"start", "text", "> ab", "end end_turn 0"},
	},
	{
		id: "P-96b", name: "an error in the middle, then the end",
		chat: done(d(`{"content":"half"}`), `{"choices":[],"error":{"message":"broken","code":502}}`),
		want: []string{"start", "text", "> half", "error api_error"},
	},
	{
		id: "P-97c", name: "the stream is cut",
		chat: frames(d(`{"content":"half"}`)),
		want: []string{"start", "text", "> half", "error api_error"},
	},
	{
		id: "P-102", name: "an error as the reason",
		chat: done(d(`{"content":"half"}`), fin("error")),
		want: []string{"start", "text", "> half", "error api_error"},
	},
	{
		id: "P-104", name: "an event of the name error",
		chat: frames(d(`{"content":"half"}`)) + "event: error\ndata: {\"error\":{\"message\":\"Failed to call a function.\",\"type\":\"invalid_request_error\",\"code\":\"tool_use_failed\",\"failed_generation\":\"<f>\",\"status_code\":400}}\n\n",
		want: []string{"start", "text", "> half", "error invalid_request_error"},
	},
	{
		id: "P-105", name: "an error after the reason",
		chat: done(d(`{"content":"half"}`), fin("length"), `{"id":"1","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}],"error":{"message":"Internal Server Error","code":500}}`),
		want: []string{"start", "text", "> half", "error api_error"},
	},
	{
		id: "P-106", name: "an error that is null",
		chat: done(`{"id":"1","error":null,"choices":[{"index":0,"delta":{"content":"t"},"finish_reason":null}]}`, fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-107", name: "a failure after the reasoning",
		chat: done(d(`{"reasoning":"hm"}`), `{"error":{"message":"overloaded","type":"overloaded_error","code":529}}`),
		want: []string{"start", "thinking", "> hm", "error overloaded_error"},
	},
	{
		id: "P-109b", name: "the limit has cut a call",
		chat: done(d(`{"content":"t"}`), call(`"index":0,"id":"a","function":{"name":"f","arguments":""}`), fin("length")),
		want: []string{"start", "text", "> t", "end max_tokens 0"}, reports: []string{"choices[0].message.tool_calls"},
	},
	{
		id: "P-111a", name: "an error of JSON with the status 200", kind: "application/json",
		chat: `{"error":{"message":"no","type":"server_error","code":500}}`,
		want: []string{"status 500 api_error"},
	},
	{
		id: "P-111b", name: "HTML with the status 200", kind: "text/html",
		chat: `<html><body>Bad gateway</body></html>`,
		want: []string{"status 502 api_error"},
	},
	{
		id: "P-111c", name: "an empty answer of JSON", kind: "application/json",
		want: []string{"status 502 api_error"},
	},
	{
		id: "P-111d", name: "an empty stream",
		want: []string{"error api_error"},
	},
	{
		id: "P-111e", name: "an error of JSON in place of a stream",
		chat: `{"error":{"message":"no","type":"server_error","code":500}}`,
		want: []string{"error api_error"},
	},
	{
		id: "P-112", name: "the stream ends before its first word",
		chat: frames(d(`{"role":"assistant"}`)),
		want: []string{"start", "error api_error"},
	},
	{
		id: "P-117", name: "characters cut between reads", bytes: true,
		chat: done(d(`{"content":"größer 😀"}`), d(`{"content":" – 漢字"}`), fin("stop")),
		want: []string{"start", "text", "> größer 😀 – 漢字", "end end_turn 0"},
	},
	{
		id: "P-119", name: "the first event has an estimate of the prompt",
		chat: done(d(`{"content":"t"}`), fin("stop"), `{"id":"1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}`),
		want: []string{"start", "text", "> t", "end end_turn 5"},
	},
	{
		id: "P-122", name: "comments in the silence are pings",
		chat: ": OPENROUTER PROCESSING\n\n" + frames(d(`{"content":"a"}`)) + ":\n\n" + done(d(`{"content":"b"}`), fin("stop")),
		want: []string{"ping", "start", "text", "> a", "ping", "> b", "end end_turn 0"},
	},
	{
		id: "P-128", name: "no [DONE] for a client of Messages",
		chat: done(d(`{"content":"t"}`), fin("stop")), without: []string{"[DONE]"},
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-137a", name: "lines end with CRLF",
		chat: strings.ReplaceAll(done(d(`{"content":"t"}`), fin("stop")), "\n", "\r\n"),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-137b", name: "lines end with CR", bytes: true,
		chat: strings.ReplaceAll(": x\n\n"+done(d(`{"content":"t"}`), fin("stop")), "\n", "\r"),
		want: []string{"ping", "start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-137c", name: "a byte order mark, no space, and data in two lines",
		chat: "\uFEFFdata:" + strings.Replace(d(`{"content":"t"}`), `"delta":`, "\"delta\":\ndata:", 1) + "\n\n" + done(fin("stop")),
		want: []string{"start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-138", name: "ten thousand comments first",
		chat: strings.Repeat(": wait\n\n", 10_000) + done(d(`{"content":"t"}`), fin("stop")),
		want: []string{"ping", "start", "text", "> t", "end end_turn 0"},
	},
	{
		id: "P-139a", name: "a long line",
		chat: done(d(`{"content":"`+strings.Repeat("x", 8<<20)+`"}`), fin("stop")),
		want: []string{"start", "text", "> 8388608 bytes", "end end_turn 0"},
	},
	{
		id: "P-139b", name: "a line that is too long", max: 1 << 20,
		chat: done(d(`{"content":"`+strings.Repeat("x", 2<<20)+`"}`), fin("stop")),
		want: []string{"error api_error"},
	},
	{
		id: "P-140", name: "running totals",
		chat: done(strings.Replace(d(`{"content":"a"}`), `"model"`, `"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4},"model"`, 1),
			strings.Replace(d(`{"content":"b"}`), `"model"`, `"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},"model"`, 1), fin("stop")),
		want: []string{"start", "text", "> ab", "end end_turn 2"},
	},
	{
		id: "P-141", name: "null after the usage",
		chat: done(d(`{"content":"t"}`), fin("stop"), `{"id":"1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}`, `{"id":"1","choices":[],"usage":null}`),
		want: []string{"start", "text", "> t", "end end_turn 5"},
	},
	{
		id: "P-148", name: "an object chat.completion.done",
		chat: done(d(`{"content":"t"}`), fin("stop"), `{"id":"1","object":"chat.completion.done","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}`),
		want: []string{"start", "text", "> t", "end end_turn 5"},
	},
	{
		id: "P-149", name: "created as a float and as a text",
		chat: done(`{"id":"1","created":1.7e9,"choices":[{"index":0,"delta":{"content":"a"}}]}`, `{"id":"1","created":"1700000000","choices":[{"index":0,"delta":{"content":"b"}}]}`, fin("stop")),
		want: []string{"start", "text", "> ab", "end end_turn 0"},
	},
	{
		id: "P-150b", name: "arguments as an object",
		chat: done(call(`"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}`), fin("tool_calls")),
		want: []string{"start", "tool_use f", `> {"x":1}`, "end tool_use 0"},
	},
	{
		id: "P-159", name: "an empty thought of Gemma's",
		chat: done(d(`{"content":"<|channel>thought\n<channel|>"}`), d(`{"content":"t"}`), fin("stop")),
		want: []string{"start", "text", "> <|channel>thought\n<channel|>t", "end end_turn 0"},
	},
	{
		id: "P-160b", name: "two choices",
		chat: done(`{"id":"1","choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"x"}}]}`, `{"id":"1","choices":[{"index":1,"delta":{"content":"y"}}]}`, d(`{"content":"b"}`), fin("stop")),
		want: []string{"start", "text", "> ab", "end end_turn 0"}, reports: []string{"choices[1]"},
	},
}
