package translate

import "strings"

const (
	textBegins = `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`
	textComes  = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"t"}}`
	textEnds   = `{"type":"content_block_stop","index":0}`
	stopDelta  = `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}`
	startEvent = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}`
)

// eventPitfalls are those of Messages streams.
var eventPitfalls = []streamPitfall{
	{
		id: "P-82", name: "the server keeps the connection after message_stop", open: true,
		messages: named(textBegins, textComes, textEnds),
		want:     []string{"text t", "end stop", "usage 8"},
	},
	{
		id: "P-86", name: "pieces and ends of blocks that never began",
		messages: named(`{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{}"}}`, `{"type":"content_block_stop","index":7}`, textBegins, textComes, textEnds),
		want:     []string{"text t", "end stop", "usage 8"}, reports: []string{"content[4]"},
	},
	{
		id: "P-92", name: "a text ends after a call has begun",
		messages: named(textBegins, textComes, `{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}`, textEnds,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}`, `{"type":"content_block_stop","index":1}`),
		want: []string{"text t", "call f", `>0 {"x":1}`, "end tool_calls", "usage 8"},
	},
	{
		id: "P-96c", name: "an error in the middle",
		messages: eventLines(startEvent, textBegins, textComes, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`),
		want:     []string{"text t", "error server_error"}, without: []string{"[DONE]"},
	},
	{
		id: "P-112b", name: "the events end without message_stop",
		messages: eventLines(startEvent, textBegins, textComes),
		want:     []string{"text t", "error server_error"}, without: []string{"[DONE]"},
	},
	{
		id: "P-117b", name: "characters cut between reads", bytes: true,
		messages: named(textBegins, strings.Replace(textComes, `"t"`, `"größer 😀"`, 1), textEnds),
		want:     []string{"text größer 😀", "end stop", "usage 8"},
	},
	{
		id: "P-151", name: "the whole answer in message_start, and no message_delta",
		messages: eventLines(`{"type":"message_start","message":{"id":"msg_1","role":"assistant","model":"m","content":[{"type":"text","text":"t"},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":5}}}`, `{"type":"message_stop"}`),
		want:     []string{"text t", "call f", `>0 {"x":1}`, "end tool_calls", "usage 8"},
	},
	{
		id: "P-152", name: "two message_starts",
		messages: named(startEvent, textBegins, textComes, textEnds),
		want:     []string{"text t", "end stop", "usage 8"}, reports: []string{"message_start"},
	},
	{
		id: "P-153", name: "the whole input where the block begins",
		messages: named(`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"x":1}}}`, textEnds),
		want:     []string{"call f", `>0 {"x":1}`, "end tool_calls", "usage 8"},
	},
	{
		id: "P-154", name: "frames without names",
		messages: frames(startEvent, textBegins, textComes, textEnds, stopDelta, `{"type":"message_stop"}`),
		want:     []string{"text t", "end stop", "usage 8"},
	},
	{
		id: "P-155", name: "[DONE] behind the events",
		messages: named(textBegins, textComes, textEnds) + "data: [DONE]\n\n",
		want:     []string{"text t", "end stop", "usage 8"},
	},
	{
		id: "P-155b", name: "[DONE] before message_stop",
		messages: eventLines(startEvent, textBegins, textComes, textEnds, stopDelta) + "data: [DONE]\n\n" + eventLines(`{"type":"message_stop"}`),
		want:     []string{"text t", "end stop", "usage 8"},
	},
	{
		id: "P-156", name: "events, blocks and pieces that nobody knows",
		messages: named(`{"type":"novel","x":1}`, `{"type":"content_block_start","index":1,"content_block":{"type":"novel_block"}}`, `{"type":"content_block_delta","index":1,"delta":{"type":"novel_delta","x":1}}`, `{"type":"content_block_stop","index":1}`,
			textBegins, `{"type":"content_block_delta","index":0,"delta":{"type":"novel_delta"}}`, textComes, textEnds),
		want: []string{"text t", "end stop", "usage 8"}, reports: []string{"content[1]"},
	},
	{
		id: "P-157", name: "JSON padded with spaces",
		messages: strings.ReplaceAll(named(textBegins, textComes, textEnds), "}\n\n", "}       \n\n"),
		want:     []string{"text t", "end stop", "usage 8"},
	},
}
