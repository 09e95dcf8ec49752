package keeprouter

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// foldMessages reads an event stream as a call does, and returns the answer and the
// text that was handed out.
func foldMessages(r io.Reader) (resp *MessagesResponse, text string, err error) {
	f := newMessagesFold()
	var out strings.Builder
	err = readEvents(f, events.Read(r, 1<<20), func(e *MessagesEvent) bool {
		out.WriteString(f.text(e))
		return true
	})
	err = verdict(f, err)
	return f.result(), out.String(), callError(err, &Call{})
}

// messagesWire writes events as a server does, each with its type as name. A line
// that is no object is written as data alone.
func messagesWire(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		var head struct{ Type string }
		if json.Unmarshal([]byte(line), &head) == nil && head.Type != "" {
			b.WriteString("event: " + head.Type + "\n")
		}
		b.WriteString("data: " + line + "\n\n")
	}
	return b.String()
}

const (
	messageStart = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}}`
	textStart    = `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`
	textDelta    = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}`
	blockStop    = `{"type":"content_block_stop","index":0}`
	toolStart    = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}`
	endTurn      = `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}`
	wantsTool    = `{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}`
	messageStop  = `{"type":"message_stop"}`
)

func inputDelta(text string) string {
	quoted, _ := json.Marshal(text)
	return `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":` + string(quoted) + `}}`
}

func stoppedBy(reason string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + reason + `"},"usage":{"output_tokens":5}}`
}

// wholeMessage is the answer that most streams below give.
func wholeMessage(change func(*MessagesResponse)) *MessagesResponse {
	r := &MessagesResponse{
		ID: "msg_1", Type: "message", Role: "assistant", Model: "m",
		Content: Blocks{&TextBlock{Text: "Hi"}}, StopReason: StopEndTurn,
		WireUsage: &MessagesUsage{InputTokens: 10, OutputTokens: 5},
		Usage:     Usage{Input: 10, Output: 5},
	}
	if change != nil {
		change(r)
	}
	return r
}

func oneToolUse(use ToolUseBlock) func(*MessagesResponse) {
	return func(r *MessagesResponse) {
		use.ID, use.Name = "t", "f"
		r.Content, r.StopReason = Blocks{&use}, StopToolUse
	}
}

func TestMessagesFold(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire string
		want func(*MessagesResponse) // nil is the plain answer "Hi"
	}{
		{"as specified", messagesWire(messageStart, `{"type":"ping"}`, textStart, textDelta, blockStop, endTurn, messageStop), nil},
		{
			"data-only frames", "data: " + strings.Join([]string{messageStart, textStart, textDelta, blockStop, endTurn, messageStop}, "\n\ndata: ") + "\n\n", nil,
		},
		{
			"the event's name where the type is missing",
			strings.ReplaceAll(messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop), `{"type":"message_stop"}`, `{}`), nil,
		},
		{
			"the type counts, not the event's name",
			strings.ReplaceAll(messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop), "event: content_block_delta", "event: message"), nil,
		},
		{
			"JSON padded with spaces",
			strings.ReplaceAll(messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop), "}\n\n", "}      \n\n"), nil,
		},
		{"pings and comments anywhere", ": hello\n\nevent: ping\ndata: {}\n\nevent: ping\ndata: pong\n\n" + messagesWire(`{"type":"ping"}`, messageStart, textStart, `{"type":"ping"}`, textDelta) + ": x\n\n" + messagesWire(blockStop, endTurn, `{"type":"ping"}`, messageStop), nil},
		{"message_start twice", messagesWire(messageStart, messageStart, textStart, textDelta, blockStop, endTurn, messageStop), nil},
		{
			"message_start spliced in",
			messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H"}}`,
				`{"type":"message_start","message":{"id":"msg_2","model":"m2","content":[]}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"i"}}`, blockStop, endTurn, messageStop),
			func(r *MessagesResponse) { r.ID, r.Model = "msg_2", "m2" },
		},
		{
			"a second message_start with its blocks from 0 again",
			messagesWire(messageStart, textStart, textDelta, blockStop, messageStart, textStart, textDelta, blockStop, endTurn, messageStop),
			func(r *MessagesResponse) { r.Content = Blocks{&TextBlock{Text: "Hi"}, &TextBlock{Text: "Hi"}} },
		},
		{
			"full content in message_start, no message_delta",
			messagesWire(`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}}`, messageStop), nil,
		},
		{
			"full content again at the end",
			messagesWire(messageStart, textStart, textDelta, blockStop, `{"type":"message_start","message":{"content":[{"type":"text","text":"Hi"}]}}`, endTurn, messageStop), nil,
		},
		{
			"no message_start", messagesWire(textStart, textDelta, blockStop, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.ID, r.Model, r.WireUsage = "", "", &MessagesUsage{OutputTokens: 5}
				r.Usage = Usage{Unknown: true}
			},
		},
		{"[DONE] at the end", messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop, "[DONE]"), nil},
		{"[DONE] in place of message_stop", messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, "[DONE]"), nil},
		{"the last event lacks its blank line", strings.TrimSuffix(messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop), "\n\n"), nil},
		{
			"stop_reason null", messagesWire(messageStart, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":5}}`, messageStop),
			func(r *MessagesResponse) { r.StopReason = "" },
		},
		{
			"several message_deltas", messagesWire(messageStart, textStart, textDelta, blockStop,
				`{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":3}}`, endTurn,
				`{"type":"message_delta","delta":{},"usage":null}`, messageStop), nil,
		},
		{
			"unknown stop reason", messagesWire(messageStart, textStart, textDelta, stoppedBy("novel"), messageStop),
			func(r *MessagesResponse) { r.StopReason = "novel" },
		},
		{
			"refusal with details", messagesWire(messageStart, `{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":null,"explanation":"no"},"container":{"id":"c","expires_at":"x"}},"usage":{"output_tokens":5},"context_management":{"applied_edits":[]}}`, messageStop),
			func(r *MessagesResponse) {
				r.Content, r.StopReason = Blocks{}, StopRefusal
				r.StopDetails, r.Container = &MessagesStopDetails{Type: "refusal", Explanation: "no"}, &MessagesContainer{ID: "c", ExpiresAt: "x"}
				r.Extra = map[string]json.RawMessage{"context_management": json.RawMessage(`{"applied_edits":[]}`)}
			},
		},
		{
			"no message_delta", messagesWire(messageStart, textStart, textDelta, blockStop, messageStop),
			func(r *MessagesResponse) {
				r.StopReason, r.WireUsage = "", &MessagesUsage{InputTokens: 10, OutputTokens: 1}
				r.Usage = Usage{Unknown: true}
			},
		},

		{
			"usage only at the start", messagesWire(strings.Replace(messageStart, `"output_tokens":1`, `"output_tokens":5`, 1), textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`, messageStop), nil,
		},
		{
			"usage only at the end", messagesWire(`{"type":"message_start","message":{"id":"msg_1","model":"m","content":[]}}`, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":10,"output_tokens":5}}`, messageStop), nil,
		},
		{
			"usage twice is not added", messagesWire(messageStart, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":10,"output_tokens":5}}`, messageStop), nil,
		},
		{
			"usage at the end corrects the start", messagesWire(strings.Replace(messageStart, `"input_tokens":10`, `"input_tokens":400`, 1), textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":0,"cache_read_input_tokens":390,"output_tokens":5}}`, messageStop),
			func(r *MessagesResponse) {
				r.WireUsage = &MessagesUsage{CacheReadInputTokens: 390, OutputTokens: 5}
				r.Usage = Usage{Input: 390, CachedInput: 390, Output: 5}
			},
		},
		{
			"usage at the end in parts", messagesWire(messageStart, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":null,"cache_read_input_tokens":90,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}}`, messageStop),
			func(r *MessagesResponse) {
				r.WireUsage = &MessagesUsage{InputTokens: 10, CacheReadInputTokens: 90, OutputTokens: 5, OutputTokensDetails: &MessagesOutputTokens{ThinkingTokens: 2}}
				r.Usage = Usage{Input: 100, CachedInput: 90, Output: 5, Reasoning: 2}
			},
		},
		{
			"zeros at the end", messagesWire(messageStart, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":0,"output_tokens":5.0}}`, messageStop), nil,
		},
		{
			"no usage at all", messagesWire(`{"type":"message_start","message":{"id":"msg_1","model":"m"}}`, textStart, textDelta, blockStop, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`, messageStop),
			func(r *MessagesResponse) { r.WireUsage, r.Usage = nil, Usage{Unknown: true} },
		},

		{
			"text in block start", messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"H"}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"i"}}`, blockStop, endTurn, messageStop), nil,
		},
		{
			"delta without a type", messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"text":"Hi"}}`, blockStop, endTurn, messageStop), nil,
		},
		{
			"null text", messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":null}}`, textDelta, blockStop, endTurn, messageStop), nil,
		},
		{
			"no index", messagesWire(messageStart, `{"type":"content_block_start","content_block":{"type":"text","text":""}}`, `{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}`, endTurn, messageStop), nil,
		},
		{
			"index -1", messagesWire(messageStart, strings.Replace(textStart, `"index":0`, `"index":-1`, 1), strings.Replace(textDelta, `"index":0`, `"index":-1`, 1), endTurn, messageStop), nil,
		},
		{
			"index gaps, as text and float", messagesWire(messageStart, textStart, textDelta, strings.Replace(textStart, `"index":0`, `"index":7`, 1), strings.Replace(textDelta, `"index":0`, `"index":"7"`, 1), strings.Replace(textDelta, `"index":0`, `"index":7.0`, 1), endTurn, messageStop),
			func(r *MessagesResponse) { r.Content = Blocks{&TextBlock{Text: "Hi"}, &TextBlock{Text: "HiHi"}} },
		},
		{"delta for an unopened block", messagesWire(messageStart, textDelta, endTurn, messageStop), nil},
		{"stop for an unopened block", messagesWire(messageStart, strings.Replace(blockStop, "0", "3", 1), textStart, textDelta, endTurn, messageStop), nil},
		{
			"thinking inside a text block", messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`, textDelta, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&TextBlock{Text: "Hi"}, &ThinkingBlock{Thinking: "hm"}}
			},
		},
		{
			"text inside a tool's block", messagesWire(messageStart, toolStart, inputDelta(`{"a":`), textDelta, inputDelta(`1}`), blockStop, wantsTool, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&ToolUseBlock{ID: "t", Name: "f", Input: json.RawMessage(`{"a":1}`)}, &TextBlock{Text: "Hi"}}
				r.StopReason = StopToolUse
			},
		},
		{
			"text block closed after a tool's began", messagesWire(messageStart, textStart, textDelta,
				strings.Replace(toolStart, `"index":0`, `"index":1`, 1), strings.Replace(inputDelta(`{}`), `"index":0`, `"index":1`, 1),
				strings.Replace(textDelta, "Hi", "!", 1), blockStop, strings.Replace(blockStop, "0", "1", 1), wantsTool, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&TextBlock{Text: "Hi!"}, &ToolUseBlock{ID: "t", Name: "f", Input: json.RawMessage(`{}`)}}
				r.StopReason = StopToolUse
			},
		},
		{
			"delta after its block's stop", messagesWire(messageStart, textStart, blockStop, textDelta, endTurn, messageStop), nil,
		},
		{
			"thinking with a signature",
			messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h"}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m"}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQ/+=="}}`, blockStop,
				`{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"ZZ"}}`, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&ThinkingBlock{Thinking: "hm", Signature: "EqQ/+=="}, &RedactedThinkingBlock{Data: "ZZ"}}
			},
		},
		{
			"the signature repeated",
			messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"hm","signature":"sig"}}`,
				`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}`, blockStop, endTurn, messageStop),
			func(r *MessagesResponse) { r.Content = Blocks{&ThinkingBlock{Thinking: "hm", Signature: "sig"}} },
		},
		{
			"citations", messagesWire(messageStart, textStart, textDelta, `{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"x","n":1.0}}}`, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&TextBlock{Text: "Hi", Citations: []json.RawMessage{json.RawMessage(`{"cited_text":"x","n":1.0}`)}}}
			},
		},
		{
			"half a character in each delta",
			messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d"}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ude42"}}`, endTurn, messageStop),
			func(r *MessagesResponse) { r.Content = TextBlocks("🙂") },
		},

		{"input in pieces", messagesWire(messageStart, toolStart, inputDelta(``), inputDelta(`{"z": 1.0,`), inputDelta(`"a":9007199254740993}`), blockStop, wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{"z": 1.0,"a":9007199254740993}`)})},
		{"no input at all", messagesWire(messageStart, toolStart, blockStop, wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{}`)})},
		{"input in pieces that are empty", messagesWire(messageStart, toolStart, inputDelta(``), inputDelta(` `), blockStop, wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{}`)})},
		{"input whole in block start", messagesWire(messageStart, strings.Replace(toolStart, `{}`, `{"a":1}`, 1), blockStop, wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{"a":1}`)})},
		{"input in block start and in pieces", messagesWire(messageStart, strings.Replace(toolStart, `{}`, `{"a":1}`, 1), inputDelta(`{"a":1}`), wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{"a":1}`)})},
		{"input as a string of JSON", messagesWire(messageStart, strings.Replace(toolStart, `{}`, `"{\"a\":1}"`, 1), wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{"a":1}`)})},
		{"input null in block start", messagesWire(messageStart, strings.Replace(toolStart, `{}`, `null`, 1), wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{}`)})},
		{"input piece as an object", messagesWire(messageStart, toolStart, `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":{"a":1}}}`, wantsTool, messageStop), oneToolUse(ToolUseBlock{Input: json.RawMessage(`{"a":1}`)})},
		{
			"input cut by max_tokens", messagesWire(messageStart, toolStart, inputDelta(`{"a":"b`), blockStop, stoppedBy("max_tokens"), messageStop),
			func(r *MessagesResponse) {
				r.Content, r.StopReason = Blocks{&ToolUseBlock{ID: "t", Name: "f", PartialInput: `{"a":"b`, Truncated: true}}, StopMaxTokens
			},
		},
		{
			"input cut by the context window", messagesWire(messageStart, toolStart, inputDelta(`{"a":`), stoppedBy("model_context_window_exceeded"), messageStop),
			func(r *MessagesResponse) {
				r.Content, r.StopReason = Blocks{&ToolUseBlock{ID: "t", Name: "f", PartialInput: `{"a":`, Truncated: true}}, StopContextWindow
			},
		},
		{
			"input cut before it began", messagesWire(messageStart, toolStart, blockStop, stoppedBy("max_tokens"), messageStop),
			func(r *MessagesResponse) {
				r.Content, r.StopReason = Blocks{&ToolUseBlock{ID: "t", Name: "f", Input: json.RawMessage(`{}`), Truncated: true}}, StopMaxTokens
			},
		},
		{
			"whole input before max_tokens", messagesWire(messageStart, toolStart, inputDelta(`{"a":1}`), stoppedBy("max_tokens"), messageStop),
			func(r *MessagesResponse) {
				r.Content, r.StopReason = Blocks{&ToolUseBlock{ID: "t", Name: "f", Input: json.RawMessage(`{"a":1}`)}}, StopMaxTokens
			},
		},
		{
			"server tool",
			messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}`, inputDelta(`{"query":"q"}`), blockStop,
				`{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u"}]}}`, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{
					&ServerToolUseBlock{ID: "s", Name: "web_search", Input: json.RawMessage(`{"query":"q"}`)},
					&ServerToolResultBlock{Type: "web_search_tool_result", ToolUseID: "s", Content: json.RawMessage(`[{"type":"web_search_result","url":"u"}]`)},
				}
			},
		},
		{
			"unknown events, blocks and deltas",
			messagesWire(messageStart, `{"type":"novel_event","x":1}`, textStart, textDelta, `{"type":"content_block_delta","index":0,"delta":{"type":"novel_delta","x":1}}`, blockStop,
				`{"type":"content_block_start","index":1,"content_block":{"type":"compaction","content":null,"b":2,"a":1}}`,
				`{"type":"content_block_delta","index":1,"delta":{"type":"compaction_delta","content":"one "}}`,
				`{"type":"content_block_delta","index":1,"delta":{"type":"compaction_delta","content":"two","n":3}}`, endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&TextBlock{Text: "Hi"}, &RawBlock{Type: "compaction", JSON: json.RawMessage(`{"type":"compaction","content":"one two","b":2,"a":1,"n":3}`)}}
			},
		},
		{
			"a call of an unknown kind",
			messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"mcp_tool_use","id":"m","name":"f","input":{}}}`, inputDelta(`{"a":`), inputDelta(`1}`), endTurn, messageStop),
			func(r *MessagesResponse) {
				r.Content = Blocks{&RawBlock{Type: "mcp_tool_use", JSON: json.RawMessage(`{"type":"mcp_tool_use","id":"m","name":"f","input":{"a":1}}`)}}
			},
		},
		{"error is null", messagesWire(messageStart, textStart, strings.Replace(textDelta, `"index"`, `"error":null,"index"`, 1), endTurn, messageStop), nil},
		{
			"text that speaks of an error",
			messagesWire(messageStart, textStart, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{\"error\": \"x\"}"}}`, endTurn, messageStop),
			func(r *MessagesResponse) { r.Content = TextBlocks(`{"error": "x"}`) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, text, err := foldMessages(strings.NewReader(tt.wire))
			require.NoError(t, err)
			if diff := cmp.Diff(wholeMessage(tt.want), got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got.Text(), text); diff != "" {
				t.Errorf("text handed out (-result +handed out):\n%s", diff)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("the answer doesn't marshal: %v", err)
			}
		})
	}
}

func TestMessagesFoldWhole(t *testing.T) {
	const body = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}`
	f := newMessagesFold()
	require.NoError(t, f.whole([]byte(body)))
	item := f.wholeItem()
	if diff := cmp.Diff(&MessagesEvent{Type: "message_start", Message: wholeMessage(nil), Raw: json.RawMessage(body)}, item); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	require.NoError(t, verdict(f, nil))
	if diff := cmp.Diff(wholeMessage(nil), f.result()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got := f.text(item); got != "Hi" {
		t.Errorf("text = %q, want Hi", got)
	}
	for name, body := range map[string]string{
		"nothing":          `{}`,
		"the other format": `{"id":"x","object":"chat.completion","choices":[]}`,
		"another type":     `{"type":"completion","content":[]}`,
		"null content":     `{"type":"message","content":null}`,
		"a list":           `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := newMessagesFold().whole([]byte(body)); err == nil {
				t.Error("it was taken for an answer")
			}
		})
	}
}

func TestCutCallInAWholeAnswer(t *testing.T) {
	f := newMessagesFold()
	err := f.whole([]byte(`{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"max_tokens"}`))
	require.NoError(t, err)
	if !f.result().ToolUses()[0].Truncated {
		t.Error("the call without input isn't marked as truncated")
	}
}
