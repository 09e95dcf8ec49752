package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

const chatParallelCalls = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":1}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"g","arguments":""}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":0}}}

data: [DONE]

`

const messagesParallelCalls = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: ping
data: {"type":"ping"}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"call_a","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_b","name":"g","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

`

const chatBrokenStream = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

data: {"error":{"message":"upstream stream ended early","type":"server_error","param":null,"code":"upstream_error"}}

`

const messagesBrokenStream = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: ping
data: {"type":"ping"}

event: error
data: {"type":"error","error":{"type":"api_error","message":"upstream stream ended early"},"request_id":"req_1"}

`

const chatWhole = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","service_tier":"default","system_fingerprint":null,` +
	`"choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"<ok>","reasoning_content":"Hm.","refusal":null,"annotations":[]}}],` +
	`"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}`

const messagesWhole = `{"id":"msg_1","type":"message","role":"assistant","model":"m",` +
	`"content":[{"type":"thinking","thinking":"Hm.","signature":"a2VlcHJvdXRlci1sb2NhbC1nYXRld2F5"},{"type":"text","text":"<ok>"}],` +
	`"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"container":null,` +
	`"usage":{"input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":7,"output_tokens_details":{"thinking_tokens":1},` +
	`"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}`

const chatWholeCalls = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","service_tier":"default","system_fingerprint":null,` +
	`"choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant","content":null,"refusal":null,"annotations":[],` +
	`"tool_calls":[{"id":"call_a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"call_b","type":"function","function":{"name":"g","arguments":"{"}}]}}],` +
	`"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":0}}}`

const messagesWholeCalls = `{"id":"msg_1","type":"message","role":"assistant","model":"m",` +
	`"content":[{"type":"tool_use","id":"call_a","name":"f","input":{"x":1}},{"type":"tool_use","id":"call_b","name":"g","input":"{"}],` +
	`"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,` +
	`"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":7,` +
	`"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}`

func TestTranscripts(t *testing.T) {
	calls := gateway.Reply{
		Model: "m", Usage: &gateway.Usage{Input: 9, Output: 7},
		ToolCalls: []gateway.ToolCall{{ID: "call_a", Name: "f", Arguments: `{"x":1}`}, {ID: "call_b", Name: "g"}},
	}
	broken := func(events int) gateway.Reply {
		return gateway.Reply{
			Model: "m", Deltas: []string{"Hel", "lo"}, Usage: &gateway.Usage{Input: 9, Output: 7},
			Fault: gateway.Fault{ErrorAfterEvents: &events},
		}
	}
	whole := gateway.Reply{
		Model: "m", Text: "<ok>", Thinking: "Hm.",
		Usage: &gateway.Usage{Input: 9, CachedInput: 4, CacheWrite: 2, Output: 7, Reasoning: 1},
	}
	cutCalls := calls
	cutCalls.ToolCalls = []gateway.ToolCall{calls.ToolCalls[0], {ID: "call_b", Name: "g", Arguments: "{"}}
	for _, tt := range []struct {
		name       string
		reply      gateway.Reply
		path, body string
		want       string
	}{
		{"chat, parallel calls", calls, chatPath, streamed(chatAsk), chatParallelCalls},
		{"messages, parallel calls", calls, messagesPath, streamed(messagesAsk), messagesParallelCalls},
		{"chat, failure after text", broken(2), chatPath, streamed(chatAsk), chatBrokenStream},
		{"messages, failure after the start", broken(2), messagesPath, streamed(messagesAsk), messagesBrokenStream},
		{"chat, whole", whole, chatPath, chatAsk, chatWhole},
		{"messages, whole", whole, messagesPath, messagesAsk, messagesWhole},
		{"chat, whole calls, one broken", cutCalls, chatPath, chatAsk, chatWholeCalls},
		{"messages, whole calls, one broken", cutCalls, messagesPath, messagesAsk, messagesWholeCalls},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := gateway.New(gateway.Config{
				Key: key, Created: time.Unix(1, 0),
				Reply: func(gateway.Request) gateway.Reply { return tt.reply },
			})
			if diff := cmp.Diff(tt.want, post(t, g, tt.path, tt.body).body); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
		})
	}
}
