package translate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// The inputs use every field of their format.
const (
	fullChatRequest = `{"model":"m","max_tokens":9,"max_completion_tokens":10,"temperature":0.5,"top_p":0.5,"frequency_penalty":1,
"presence_penalty":1,"logit_bias":{"1":2},"logprobs":true,"top_logprobs":2,"stop":["END"],"seed":7,"verbosity":"low",
"modalities":["audio"],"audio":{"format":"wav","voice":"v"},"prediction":{"type":"content","content":"p"},"web_search_options":{},
"moderation":{"model":"m"},"service_tier":"default","store":true,"metadata":{"a":"b"},"safety_identifier":"s","user":"u",
"prompt_cache_key":"k","prompt_cache_options":{"mode":"implicit"},"prompt_cache_retention":"24h","reasoning_effort":"low",
"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false,"x":1},"top_k":5,"min_p":0.1,
"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},
"functions":[{"name":"h","description":"d","parameters":{"type":"object","properties":{"a":{}}},"x":1}],
"response_format":{"type":"json_schema","x":1,"json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object","properties":{"a":{"type":"string","minLength":1}}}}},
"tools":[{"type":"function","x":1,"cache_control":{"type":"ephemeral","ttl":"1h"},"function":{"name":"f","description":"d","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"string"}}},"x":1}},
{"type":"custom","custom":{"name":"g","description":"d","format":{"type":"grammar","grammar":{}}}},{"type":"web_search"}],
"messages":[{"role":"system","content":"S","name":"n"},{"role":"user","name":"n","x":1,"content":[{"type":"text","text":"q","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"},"x":1},
{"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"low","x":1}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}},
{"type":"file","file":{"file_id":"f"}},{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"video_url","video_url":{"url":"u"}}]},
{"role":"developer","content":"D"},
{"role":"assistant","content":[{"type":"text","text":"t"},{"type":"refusal","refusal":"r"}],"refusal":"no","audio":{"id":"a"},"reasoning_content":"hm","reasoning":"hm","prefix":true,
"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1","index":0}],"annotations":[{"type":"url_citation"}],
"tool_calls":[{"id":"a","type":"function","x":1,"function":{"name":"f","arguments":"{\"x\":1}","x":1}},{"id":"b","type":"custom","custom":{"name":"g","input":"i"}}],"function_call":{"name":"h","arguments":"{\"x\":2}"}},
{"role":"tool","tool_call_id":"a","content":"1","is_error":true},{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"2"}]},{"role":"function","name":"h","content":"3"}]}`

	fullMessagesRequest = `{"model":"m","max_tokens":3000,"temperature":0.5,"top_p":0.5,"top_k":5,"stop_sequences":["END"],"stream":true,"container":"c","service_tier":"auto",
"speed":"fast","inference_geo":"eu","diagnostics":{"previous_message_id":"p"},"context_management":{"edits":[]},"mcp_servers":[{"name":"s"}],"new_field":1,
"metadata":{"user_id":"u","x":1},"cache_control":{"type":"ephemeral"},"thinking":{"type":"enabled","budget_tokens":2000,"display":"omitted","x":1},
"output_config":{"effort":"low","x":1,"format":{"type":"json_schema","schema":{"type":"object"},"x":1}},
"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true,"x":1},
"tools":[{"name":"f","type":"custom","description":"d","input_schema":{"type":"object","properties":{"a":{}}},"strict":true,"cache_control":{"type":"ephemeral"},"eager_input_streaming":true,"defer_loading":true,"input_examples":[{"a":1}],"allowed_callers":["direct"],"x":1},{"type":"web_search_20250305","name":"web_search"}],
"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"},"x":1}],
"messages":[{"role":"user","x":1,"content":[{"type":"text","text":"q","citations":[{"type":"char_location"}]},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA==","x":1},"transformations":{"oversized_image":"x"}},
{"type":"image","source":{"type":"file","file_id":"f"}},{"type":"document","title":"T","context":"c","citations":{"enabled":true},"source":{"type":"base64","media_type":"application/pdf","data":"AA=="}},
{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"z"}]},{"type":"container_upload","file_id":"f"},{"type":"new_block","a":1}]},
{"role":"system","content":"D"},
{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s","x":1},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"t"},
{"type":"tool_use","id":"a","name":"f","input":{"x":1},"caller":{"type":"code"},"toolset_name":"s","x":1},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}]},
{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":[{"type":"text","text":"1"},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},{"type":"tool_reference","tool_name":"g"}],"x":1}]}]}`

	fullChatAnswer = `{"id":"chatcmpl-1","created":1,"model":"m","service_tier":"default","system_fingerprint":"f","x":1,
"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":5},"completion_tokens_details":{"reasoning_tokens":7},"cost":0.1,"x":1},
"choices":[{"index":0,"finish_reason":"tool_calls","native_finish_reason":"STOP","logprobs":{"content":[]},"x":1,"message":{"role":"assistant","content":"größer","refusal":"no","x":1,"reasoning_content":"hm","audio":{"id":"a"},
"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"d","format":"google-gemini-v1"}],
"annotations":[{"type":"url_citation","url_citation":{"start_index":1,"end_index":3,"title":"T","url":"https://example.com"}}],
"tool_calls":[{"id":"a","type":"function","x":1,"function":{"name":"f","arguments":"{\"x\":1}"}}]}},{"index":1,"finish_reason":"stop","message":{"content":"2"}}]}`

	fullMessagesAnswer = `{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"stop_sequence","stop_sequence":"END","stop_details":{"type":"refusal","category":"bio","explanation":"no"},"container":{"id":"c","expires_at":"2026"},"x":1,
"usage":{"input_tokens":10,"cache_creation_input_tokens":9,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5},"output_tokens":20,"output_tokens_details":{"thinking_tokens":3},"server_tool_use":{"web_search_requests":1},"service_tier":"priority","inference_geo":"eu","speed":"fast","cost":1,"x":1},
"content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"t","x":1,"citations":[{"type":"web_search_result_location","url":"https://example.com","title":"T","cited_text":"c"},{"type":"char_location"}]},
{"type":"tool_use","id":"a","name":"f","input":{"x":1},"x":1},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},{"type":"new_block"}]}`
)

// quiet are members whose absence means the same, or that say what another says.
var quiet = map[string][]string{
	"chat request": {
		"max_tokens",                       // the other name counts
		"messages.3.tool_calls.0.type",     // function is the default
		"messages.6.name",                  // the call has it
		"tools.0.type",                     // function is the default
		"tools.0.cache_control.type",       // there is one kind
		"tool_choice.type",                 // a name says it
		"stream_options.include_usage",     // the session knows
		"response_format.type",             // a schema says it
		"response_format.json_schema.name", // reported either way
		"messages.3.reasoning_details.0.format", "messages.3.reasoning_details.0.index",
		"messages.1.content.0.prompt_cache_breakpoint.mode", "user",
	},
	"messages request": {
		"tools.0.type",       // custom is the default
		"cache_control.type", // there is one kind
		"tools.0.cache_control.type", "system.0.cache_control.type",
		"thinking.display",                       // the session knows
		"messages.0.content.4.source.media_type", // text/plain is the only one
	},
	"chat answer": {
		"usage.prompt_tokens", "usage.completion_tokens", // each follows from the total and the other
		"usage.total_tokens", // the sum
		"choices.0.index", "choices.1.index", "choices.0.message.role", "choices.0.message.reasoning_content",
		"choices.0.message.tool_calls.0.type", "choices.0.message.reasoning_details.0.format", "choices.0.message.reasoning_details.0.index",
	},
	"messages answer": {
		"type", "role", "stop_details.type",
		"usage.cache_creation_input_tokens", "usage.cache_creation.ephemeral_5m_input_tokens", // each follows from the others
		"content.2.citations.0.cited_text", // the citation's place says it
		"content.2.citations.0.type",
	},
}

// Whatever is taken out of an input shows in the result or in the diagnostics: so
// nothing of it was ignored.
func TestNoFieldIsIgnored(t *testing.T) {
	tr := Translator{Policy: Lenient, Now: answering(Lenient).translator.Now}
	for _, c := range []struct {
		name, input string
		translate   func(t *testing.T, data string) (string, []Diagnostic)
	}{
		{"chat request", fullChatRequest, func(t *testing.T, data string) (string, []Diagnostic) {
			return outcomeOf(tr.ToMessages(read[keeprouter.ChatRequest](t, data)))
		}},
		{"messages request", fullMessagesRequest, func(t *testing.T, data string) (string, []Diagnostic) {
			return outcomeOf(tr.ToChat(read[keeprouter.MessagesRequest](t, data)))
		}},
		{"chat answer", fullChatAnswer, func(t *testing.T, data string) (string, []Diagnostic) {
			result, diagnostics, err := answering(Lenient).MessagesResponse(read[keeprouter.ChatResponse](t, data))
			return outcomeOf(result, nil, diagnostics, err)
		}},
		{"messages answer", fullMessagesAnswer, func(t *testing.T, data string) (string, []Diagnostic) {
			result, diagnostics, err := answering(Lenient).ChatResponse(read[keeprouter.MessagesResponse](t, data))
			return outcomeOf(result, nil, diagnostics, err)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var whole any
			require.NoError(t, json.Unmarshal([]byte(c.input), &whole))
			input, err := json.Marshal(whole) // the order of names becomes that of the others
			require.NoError(t, err)
			base, diagnostics := c.translate(t, string(input))
			require.NotContains(t, base, "keeprouter: translate", "refused")
			for path, without := range withoutEach(whole, "") {
				if isDropped(path, diagnostics) {
					continue
				}
				data, err := json.Marshal(without)
				require.NoError(t, err)
				changed, _ := c.translate(t, string(data))
				if ignored := changed == base; ignored != slices.Contains(quiet[c.name], path) {
					t.Errorf("%s: ignored is %t", path, ignored)
				}
			}
		})
	}
}

func outcomeOf[R any](result R, _ *Session, diagnostics []Diagnostic, err error) (string, []Diagnostic) {
	if err != nil {
		return err.Error(), diagnostics
	}
	return fmt.Sprint(jsonOf(result), diagnostics, err), diagnostics
}

// isDropped reports whether a diagnostic tells that a place, or what it is in, is
// left out.
func isDropped(path string, diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool {
		said := strings.NewReplacer("[", ".", "]", "").Replace(d.Path)
		return d.What == Dropped && (path == said || strings.HasPrefix(path, said+"."))
	})
}

// withoutEach yields a value once for each member in it, without that member.
func withoutEach(value any, path string) func(func(string, any) bool) {
	return func(yield func(string, any) bool) {
		switch value := value.(type) {
		case map[string]any:
			for name, inner := range value {
				where := strings.TrimPrefix(path+"."+name, ".")
				rest := map[string]any{}
				for other, v := range value {
					if other != name {
						rest[other] = v
					}
				}
				if !yield(where, rest) {
					return
				}
				for deeper, changed := range withoutEach(inner, where) {
					rest[name] = changed
					if !yield(deeper, rest) {
						return
					}
				}
			}
		case []any:
			for i, inner := range value {
				for deeper, changed := range withoutEach(inner, strings.TrimPrefix(fmt.Sprintf("%s.%d", path, i), ".")) {
					list := slices.Clone(value)
					list[i] = changed
					if !yield(deeper, list) {
						return
					}
				}
			}
		}
	}
}
