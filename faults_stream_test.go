package keeprouter_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// streamFaults are what can be wrong with a stream whose status is 200.
func streamFaults(t *testing.T) []fault {
	one := func(r keeproutertest.Reply) []keeproutertest.Reply { return []keeproutertest.Reply{r} }
	bodies := func(chat, messages []string) fault {
		return fault{chat: one(raw(sse, chat...)), messages: one(raw(sse, messages...))}
	}
	named := func(name string, f fault) fault { f.name = name; return f }
	outcome := func(f fault, kind error, text string) fault { f.kind, f.text = kind, text; return f }
	hello := func(name string, chat, messages []string) fault {
		return named(name, outcome(bodies(chat, messages), nil, "Hello."))
	}
	truncated := func(name, text string, chat, messages []string) fault {
		return named(name, outcome(bodies(chat, messages), keeprouter.ErrTruncated, text))
	}
	unblank := func(events []string) []string {
		last := strings.TrimRight(events[len(events)-1], "\n")
		return swap(events, len(events)-1, last)
	}
	inStream := func(name string, kind error, status int, chat, messages string) fault {
		f := bodies(
			append(append([]string{}, chatEvents[:2]...), chat),
			append(append([]string{}, messagesEvents[:3]...), messages),
		)
		f.name, f.kind, f.text = name, kind, "Hel"
		f.check = func(t *testing.T, e *keeprouter.Error) {
			if !e.InStream || e.Status != status || e.Message == "" {
				t.Errorf("error = %+v, want one in the stream that stands for %d", e, status)
			}
		}
		return f
	}

	faults := []fault{
		hello("regular", chatEvents, messagesEvents),
		truncated("clean end without a terminator", "Hello.", chatEvents[:3], messagesEvents[:5]),
		truncated("clean end behind the first event of text", "Hel", chatEvents[:2], messagesEvents[:3]),
		truncated("clean end in the middle of an event", "Hel",
			append(append([]string{}, chatEvents[:2]...), chatEvents[2][:100]), append(append([]string{}, messagesEvents[:3]...), messagesEvents[3][:60])),
		truncated("last event without its blank line", "Hello.", unblank(chatEvents[:3]), unblank(messagesEvents[:4])),
		hello("terminator without its blank line", unblank(chatEvents), unblank(messagesEvents)),
		hello("CRLF", replaced(chatEvents, "\n", "\r\n"), replaced(messagesEvents, "\n", "\r\n")),
		hello("CR", replaced(chatEvents, "\n", "\r"), replaced(messagesEvents, "\n", "\r")),
		hello("BOM", swap(chatEvents, 0, "\ufeff"+chatEvents[0]), swap(messagesEvents, 0, "\ufeff"+messagesEvents[0])),
		hello("data over several lines",
			replaced(chatEvents, `"choices":`, "\ndata: \"choices\":"), replaced(messagesEvents, `"type":`, "\ndata: \"type\":")),
		hello("data without a space", replaced(chatEvents, "data: ", "data:"), replaced(messagesEvents, "data: ", "data:")),
		hello("ten thousand comments", swap(chatEvents, 1, strings.Repeat(": OK\n\n", 10_000), chatEvents[1]),
			swap(messagesEvents, 2, strings.Repeat(": OK\n\n", 10_000), messagesEvents[2])),
		hello("error: null in each event", replaced(chatEvents, `"created":1`, `"error":null`), replaced(messagesEvents, `"type":`, `"error":null,"type":`)),
		hello("counters as floats", replaced(replaced(chatEvents, ":1000,", ":1000.0,"), `:500,`, `:5e2,`), replaced(replaced(messagesEvents, ":1000,", ":1000.0,"), ":500}", ":500.0}")),
		{
			name: "a finish reason for every choice, but no [DONE]", only: "chat",
			chat: one(raw(sse, chatEvents[:4]...)), text: "Hello.",
		},
		{
			name: "the id changes in mid-stream", only: "chat", text: "Hello.",
			chat: one(raw(sse, swap(chatEvents, 2, strings.ReplaceAll(chatEvents[2], "chatcmpl-1", "chatcmpl-2"))...)),
		},
		{
			name: "frames without event names", only: "messages", text: "Hello.",
			messages: one(keeproutertest.Reply{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{NoEventNames: true}}),
		},
		{
			name: "connection reset", text: "Hel", kind: keeprouter.ErrTruncated,
			chat: one(keeproutertest.Reply{
				Status: 200, ContentType: sse, Body: strings.Join(chatEvents, ""),
				Fault: keeproutertest.Fault{CutAfterBytes: new(len(chatEvents[0]) + len(chatEvents[1]))},
			}),
			messages: one(keeproutertest.Reply{
				Status: 200, ContentType: sse, Body: strings.Join(messagesEvents, ""),
				Fault: keeproutertest.Fault{CutAfterBytes: new(len(strings.Join(messagesEvents[:3], "")))},
			}),
			check: func(t *testing.T, e *keeprouter.Error) {
				if !errors.Is(e, io.ErrUnexpectedEOF) || !e.InStream {
					t.Errorf("cause = %v, in the stream %v; want the connection's, in the stream", e.Err, e.InStream)
				}
			},
		},
		{
			name: "broken JSON in an event", kind: keeprouter.ErrBadResponse, text: "Hel",
			chat:     one(raw(sse, swap(chatEvents, 2, "data: {\"choices\":[{]}\n\n")...)),
			messages: one(raw(sse, swap(messagesEvents, 3, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",}\n\n")...)),
		},
		{
			name: "silence after the first text", text: "Hel", kind: keeprouter.ErrIdle, after: 2 * time.Minute,
			check: func(t *testing.T, e *keeprouter.Error) {
				if !e.InStream {
					t.Errorf("error = %+v, want one in the stream", e)
				}
			},
			chat:     one(keeproutertest.Reply{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{StallAfterEvents: new(2)}}),
			messages: one(keeproutertest.Reply{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{StallAfterEvents: new(4)}}),
		},
		{
			name: "an event over the limit", kind: keeprouter.ErrTooLarge, both: one(keeproutertest.Reply{Fault: keeproutertest.Fault{LongLine: 1 << 20}}),
			change: func(o *keeprouter.Options) { o.Limits.Event = 1 << 16 },
		},
		{
			name: "a stream over the limit", kind: keeprouter.ErrTooLarge, text: "Hel",
			chat: one(raw(sse, chatEvents...)), messages: one(raw(sse, messagesEvents...)),
			change: func(o *keeprouter.Options) { o.Limits.Stream = 400 },
		},
		{
			name: "a line of 40 MiB", kind: keeprouter.ErrTooLarge,
			both: one(keeproutertest.Reply{Fault: keeproutertest.Fault{LongLine: 40 << 20}}),
		},
		{
			name: "an endless line", kind: keeprouter.ErrTooLarge,
			both:   one(keeproutertest.Reply{Fault: keeproutertest.Fault{EndlessLine: true}}),
			change: func(o *keeprouter.Options) { o.Limits.Event = 1 << 20 },
		},
		inStream("error object in the stream", keeprouter.ErrOverloaded, 529,
			`data: {"error":{"type":"overloaded_error","message":"m"}}`+"\n\n",
			"event: error\n"+`data: {"type":"error","error":{"type":"overloaded_error","message":"m"}}`+"\n\n"),
		inStream("error text in the stream", keeprouter.ErrServer, 500, `data: {"error":"it broke"}`+"\n\n", "event: error\ndata: {\"error\":\"it broke\"}\n\n"),
		inStream("error of the other format", keeprouter.ErrRateLimited, 429,
			"event: error\n"+`data: {"type":"error","error":{"type":"rate_limit_error","message":"m"}}`+"\n\n",
			`data: {"error":{"type":"rate_limit_error","message":"m","code":null}}`+"\n\n"),
		inStream("error followed by the terminator", keeprouter.ErrServer, 502,
			`data: {"error":{"code":502,"message":"m"}}`+"\n\n"+chatEvents[5],
			`data: {"type":"error","error":{"type":"api_error","code":502,"message":"m"}}`+"\n\n"+messagesEvents[6]),
	}
	inChunk := inStream("error inside a full chunk", keeprouter.ErrOverloaded, 503,
		`data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":503,"message":"m"}}`+"\n\n", "")
	inChunk.only = "chat"
	return append(append(faults, inChunk), toolFaults()...)
}

// toolFaults are what servers do to tool calls.
func toolFaults() []fault {
	chunk := func(delta, finish string) string {
		return `data: {"id":"c","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + "}]}\n\n"
	}
	calls := func(name string, want []string, parts ...string) fault {
		parts = append(parts, chunk("{}", `"tool_calls"`), "data: [DONE]\n\n")
		return fault{name: name, only: "chat", chat: []keeproutertest.Reply{raw(sse, parts...)}, calls: want}
	}
	block := func(stop string, parts ...string) []keeproutertest.Reply {
		events := []string{
			messagesEvents[0],
			"event: content_block_start\n" + `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}` + "\n\n",
		}
		for _, p := range parts {
			events = append(events, "event: content_block_delta\n"+`data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":`+p+"}}\n\n")
		}
		return []keeproutertest.Reply{raw(sse, append(events, messagesEvents[4],
			"event: message_delta\n"+`data: {"type":"message_delta","delta":{"stop_reason":"`+stop+`"},"usage":{"output_tokens":5}}`+"\n\n", messagesEvents[6])...)}
	}
	two := []string{`a f {"x":1}`, `b g {"y":2}`}
	return []fault{
		calls("tool calls without an index", two,
			chunk(`{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}`, "null"),
			chunk(`{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{\"y\":2}"}}]}`, "null")),
		calls("tool calls that all have index 0", two,
			chunk(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{\"y\""}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"function":{"arguments":":2}"}}]}`, "null")),
		calls("tool arguments as an object", []string{`a f {"x":1}`},
			chunk(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]}`, "null")),
		{
			name: "a tool call that max_tokens cut", calls: []string{`a f {"x": (truncated)`},
			chat: []keeproutertest.Reply{raw(sse,
				chunk(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}`, "null"),
				chunk("{}", `"length"`), "data: [DONE]\n\n")},
			messages: block("max_tokens", `"{\"x\":"`),
		},
		{
			name: "tool arguments that are no JSON", kind: keeprouter.ErrToolArguments,
			chat: []keeproutertest.Reply{raw(sse,
				chunk(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{x: 1}"}}]}`, "null"),
				chunk("{}", `"tool_calls"`), "data: [DONE]\n\n")},
			messages: block("tool_use", `"{x: 1}"`),
			calls:    []string{"a f {x: 1}"},
		},
	}
}

// TestErrorAsFirstEventIsRetried also shows that nothing is repeated later on.
func TestErrorAsFirstEventIsRetried(t *testing.T) {
	overloaded := keeproutertest.Reply{ErrorType: "overloaded_error", Status: 529, Fault: keeproutertest.Fault{ErrorAfterEvents: new(0)}}
	for _, format := range []wireFormat{chat, messages} {
		for _, f := range []fault{
			{name: "then it works", both: []keeproutertest.Reply{overloaded, {Text: "Hello."}}, text: "Hello.", attempts: 2, after: anyTime},
			{name: "three times", both: []keeproutertest.Reply{overloaded, overloaded, overloaded}, kind: keeprouter.ErrOverloaded, attempts: 3, after: anyTime},
		} {
			t.Run(f.name+"/"+format.name, func(t *testing.T) { inBubble(t, func(t *testing.T) { f.run(t, format) }) })
		}
	}
}

// TestCancelInTheLoop ends a stream through its context.
func TestCancelInTheLoop(t *testing.T) {
	for _, format := range []wireFormat{chat, messages} {
		t.Run(format.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				srv := keeproutertest.NewServer(t, keeproutertest.Reply{Deltas: []string{"Hel", "lo."}, Fault: keeproutertest.Fault{StallAfterEvents: new(4)}})
				client := clientOf(t, srv, nil)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				got, err := format.stream(ctx, client)
				if !errors.Is(err, keeprouter.ErrCanceled) || !errors.Is(err, context.Canceled) {
					t.Errorf("error = %v, want a cancel", err)
				}
				if !strings.HasPrefix(got.kept, "Hel") {
					t.Errorf("kept %q", got.kept)
				}
			})
		})
	}
}
