package keeprouter

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// sameJSON compares two texts of JSON by meaning, numbers as they are written: one may
// be beyond any float.
func sameJSON(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(jsonValue(t, want), jsonValue(t, got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func jsonValue(t *testing.T, text string) (v any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v), text)
	return v
}

func TestChatRequestKeepsItsWire(t *testing.T) {
	const around = `{"model":"gemma-4-31B-it","messages":[{"role":"user","content":"Hi"}]`
	for name, wire := range map[string]string{
		"smallest":            around + `}`,
		"zero values":         around + `,"temperature":0,"top_p":0,"seed":0,"logprobs":false,"max_tokens":1}`,
		"numbers":             around + `,"frequency_penalty":-0.5,"presence_penalty":0.5,"n":2,"logit_bias":{"15":-100},"top_logprobs":3,"logprobs":true,"max_completion_tokens":9}`,
		"stop list":           around + `,"stop":["a","b"]}`,
		"function tool":       around + `,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","z":1,"a":2},"strict":true}}]}`,
		"tool with extras":    around + `,"tools":[{"type":"function","cache_control":{"type":"ephemeral"},"function":{"name":"f","odd":1}}]}`,
		"custom tool":         around + `,"tools":[{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}]}`,
		"unknown tool":        around + `,"tools":[{"type":"web_search","size":3}]}`,
		"no tools":            around + `,"tools":[]}`,
		"choice mode":         around + `,"tool_choice":"required"}`,
		"choice function":     around + `,"tool_choice":{"type":"function","function":{"name":"f","odd":1}}}`,
		"choice custom":       around + `,"tool_choice":{"type":"custom","custom":{"name":"c"}}}`,
		"choice allowed":      around + `,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}}`,
		"choice unknown":      around + `,"tool_choice":{"type":"odd","x":1}}`,
		"parallel":            around + `,"parallel_tool_calls":false}`,
		"format text":         around + `,"response_format":{"type":"text"}}`,
		"format object":       around + `,"response_format":{"type":"json_object"}}`,
		"format schema":       around + `,"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object"},"strict":false,"odd":1}}}`,
		"words":               around + `,"reasoning_effort":"none","verbosity":"low","service_tier":"flex","safety_identifier":"s","prompt_cache_key":"k","user":"u","prompt_cache_retention":"24h"}`,
		"audio":               around + `,"modalities":["text","audio"],"audio":{"format":"wav","voice":"v"}}`,
		"audio voice id":      around + `,"audio":{"format":"wav","voice":{"id":"v","odd":1}}}`,
		"prediction text":     around + `,"prediction":{"type":"content","content":"x"}}`,
		"prediction parts":    around + `,"prediction":{"type":"content","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}],"odd":1}}`,
		"web search":          around + `,"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Rome","country":"IT","odd":2},"odd":1}}}`,
		"web search defaults": around + `,"web_search_options":{}}`,
		"moderation":          around + `,"moderation":{"model":"m","policy":{"input":{"mode":"score"},"output":{"mode":"block"}}}}`,
		"caching":             around + `,"prompt_cache_options":{"mode":"explicit","ttl":"30m","odd":1}}`,
		"streaming":           around + `,"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false,"odd":1}}`,
		"storing":             around + `,"store":true,"metadata":{"a":"b"}}`,
		"deprecated":          around + `,"functions":[{"name":"f"}],"function_call":{"name":"f"}}`,
		"unknown fields":      around + `,"top_k":40,"chat_template_kwargs":{"enable_thinking":true},"big":12345678901234567890}`,
	} {
		t.Run(name, func(t *testing.T) {
			var req ChatRequest
			require.NoError(t, json.Unmarshal([]byte(wire), &req))
			got, err := json.Marshal(&req)
			require.NoError(t, err)
			sameJSON(t, wire, string(got))
			if strings.Contains(wire, "big") && !strings.Contains(string(got), "12345678901234567890") {
				t.Errorf("a large number lost digits: %s", got)
			}
		})
	}
}

func TestChatRequestReadsOtherForms(t *testing.T) {
	var req ChatRequest
	require.NoError(t, json.Unmarshal([]byte(`{"model":"m","messages":null,"stop":"end","temperature":null,"max_tokens":5.0}`), &req))
	want := ChatRequest{Model: "m", Stop: ChatStop{"end"}, MaxTokens: new(5)}
	if diff := cmp.Diff(want, req); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestChatMessageKeepsItsWire(t *testing.T) {
	for name, wire := range map[string]string{
		"text":              `{"role":"user","content":"Hi"}`,
		"empty text":        `{"role":"user","content":""}`,
		"markup":            `{"role":"user","content":"<a & b>"}`,
		"no parts":          `{"role":"user","content":[]}`,
		"image":             `{"role":"user","content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"low"}}]}`,
		"audio and file":    `{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAA=","format":"wav"}},{"type":"file","file":{"file_data":"data:a/b;base64,AA==","filename":"a.b"}},{"type":"file","file":{"file_id":"f1"}}]}`,
		"cached text":       `{"role":"system","content":[{"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]}`,
		"text with extra":   `{"role":"system","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}`,
		"extras at depth":   `{"role":"user","content":[{"type":"image_url","odd":1,"image_url":{"url":"u","odd":2}}]}`,
		"unknown part":      `{"role":"user","content":[{"type":"video_url","video_url":{"url":"v"}},{"text":"untyped"}]}`,
		"part not as typed": `{"role":"user","content":[{"type":"text","text":{"a":1}}]}`,
		"refusal part":      `{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}`,
		"refusal":           `{"role":"assistant","content":null,"refusal":"no"}`,
		"tool calls":        `{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},{"id":"b","type":"custom","custom":{"name":"c","input":"SELECT"}}]}`,
		"unknown tool call": `{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"mcp","server":"s"},{"id":"b","type":"builtin_function","function":{"name":"$web","arguments":"{}"}}]}`,
		"signed tool call":  `{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"f","arguments":"{}","signature":"t"}}]}`,
		"tool result":       `{"role":"tool","tool_call_id":"a","content":"42"}`,
		"reasoning_content": `{"role":"assistant","content":"x","reasoning_content":"hm"}`,
		"reasoning":         `{"role":"assistant","content":"x","reasoning":"hm"}`,
		"reasoning, empty":  `{"role":"assistant","content":"x","reasoning_content":""}`,
		"reasoning twice":   `{"role":"assistant","content":"x","reasoning":"hm","reasoning_content":"hm"}`,
		"reasoning object":  `{"role":"assistant","content":"x","reasoning":{"a":1}}`,
		"reasoning details": `{"role":"assistant","content":"x","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s","index":0}]}`,
		"details only":      `{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.summary","summary":"hm"},{"type":"reasoning.encrypted","data":"d"}]}`,
		"thinking parts":    `{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"x"}]}`,
		"audio":             `{"role":"assistant","content":null,"audio":{"id":"a1"}}`,
		"annotations":       `{"role":"assistant","content":"x","annotations":[{"type":"url_citation","url_citation":{"url":"u"}}]}`,
		"function":          `{"role":"function","name":"f","content":"1"}`,
		"function call":     `{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}}`,
		"name and unknowns": `{"role":"user","name":"Ann","content":"x","odd":{"b":1,"a":[null]}}`,
		"images":            `{"role":"assistant","content":"x","images":[{"type":"image_url"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var m ChatMessage
			require.NoError(t, json.Unmarshal([]byte(wire), &m))
			got, err := json.Marshal(m)
			require.NoError(t, err)
			sameJSON(t, wire, string(got))
		})
	}
}

func TestChatMessageReadsOtherForms(t *testing.T) {
	for name, tc := range map[string]struct {
		wire string
		want ChatMessage
	}{
		"one part without a list": {
			`{"role":"user","content":{"type":"text","text":"x"}}`, User("x"),
		},
		"a list of one text": {
			`{"role":"user","content":[{"type":"text","text":"x"}]}`, User("x"),
		},
		"a text in a list": {
			`{"role":"user","content":["x"]}`, User("x"),
		},
		"a plain URL": {
			`{"role":"user","content":[{"type":"image_url","image_url":"https://example.com/a"}]}`, User("", ImageURL("https://example.com/a")),
		},
		"arguments as an object": {
			`{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"b": 1, "a": 2}}}]}`,
			ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{ID: "a", Type: "function", Name: "f", Arguments: `{"b":1,"a":2}`}}},
		},
		"nulls": {
			`{"role":"assistant","content":null,"tool_calls":null,"audio":null,"refusal":null,"annotations":null,"function_call":null,"reasoning":null,"reasoning_details":null}`,
			ChatMessage{Role: "assistant"},
		},
		"reasoning in details": {
			`{"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}`,
			ChatMessage{
				Role: "assistant", Content: ChatParts{&TextPart{Text: "x"}}, Reasoning: "hm",
				ReasoningDetails: []json.RawMessage{json.RawMessage(`{"type":"reasoning.text","text":"hm"}`)},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got ChatMessage
			require.NoError(t, json.Unmarshal([]byte(tc.wire), &got))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChatResponseKeepsItsWire(t *testing.T) {
	const wire = `{"id":"c","object":"chat.completion","created":1790000000,"model":"m","service_tier":"default","system_fingerprint":"fp",
		"choices":[{"index":0,"finish_reason":"stop","logprobs":{"content":[{"token":"a","logprob":-0.31725305,"bytes":[97],"top_logprobs":[]}],"odd":1},
			"message":{"role":"assistant","content":"x","annotations":[]},"content_filter_results":{"a":1}},
			{"index":1,"finish_reason":null,"message":{"role":"assistant","content":null}}],
		"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":2,"odd":1},
			"completion_tokens_details":{"reasoning_tokens":1},"cost":0.0000123,"queue_time":0.1},
		"provider":"Host"}`
	var r ChatResponse
	require.NoError(t, json.Unmarshal([]byte(wire), &r))
	got, err := json.Marshal(r)
	require.NoError(t, err)
	sameJSON(t, wire, string(got))
	if diff := cmp.Diff(Usage{Input: 9, CachedInput: 2, Output: 4, Reasoning: 1}, r.Usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	if string(r.WireUsage.Cost) != "0.0000123" {
		t.Errorf("cost %s, want the digits as they came", r.WireUsage.Cost)
	}
}

func TestChatResponseAccessors(t *testing.T) {
	var none *ChatResponse
	if none.Text() != "" || none.ToolCalls() != nil || none.FinishReason() != "" || (&ChatResponse{}).Message().Role != "assistant" {
		t.Error("a response without choices says something")
	}
	r := &ChatResponse{Choices: []ChatChoice{{
		FinishReason: FinishStop,
		Message: ChatMessage{
			Reasoning: "hm", ReasoningField: "reasoning", Audio: &ChatAudio{ID: "a", Data: "AA=="},
			Extra: map[string]json.RawMessage{"x": json.RawMessage("1")},
		},
	}}}
	want := ChatMessage{
		Role: "assistant", Reasoning: "hm", ReasoningField: "reasoning", Audio: &ChatAudio{ID: "a"},
		Extra: map[string]json.RawMessage{"x": json.RawMessage("1")},
	}
	if diff := cmp.Diff(want, r.Message()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if r.Choices[0].Message.Audio.Data == "" {
		t.Error("Message changed the response")
	}
}

func TestChatRequestExtra(t *testing.T) {
	for name, tc := range map[string]struct {
		extra map[string]any
		param string
	}{
		"not modelled":   {map[string]any{"top_k": 40, "nothing": nil}, ""},
		"a field's name": {map[string]any{"temperature": 1}, "Extra[temperature]"},
		"stream":         {map[string]any{"stream": true}, "Extra[stream]"},
		"not JSON":       {map[string]any{"f": func() {}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			req := ChatRequest{Model: "m", Messages: []ChatMessage{User("x")}, Extra: tc.extra}
			w, err := req.encode(false)
			if name == "not modelled" {
				require.NoError(t, err)
				sameJSON(t, `{"model":"m","messages":[{"role":"user","content":"x"}],"top_k":40,"nothing":null}`, string(w.Body))
				return
			}
			require.ErrorIs(t, err, ErrInvalidRequest)
			e, _ := errors.AsType[*Error](err)
			if diff := cmp.Diff(tc.param, e.Param); diff != "" {
				t.Errorf("param (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChatConversationsSurviveJSON(t *testing.T) {
	for seed := range uint64(500) {
		g := chatGenerator{rand.New(rand.NewPCG(seed, 7))}
		want := g.conversation()
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var got []ChatMessage
		require.NoError(t, json.Unmarshal(data, &got))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s\n%s", seed, diff, data)
		}
	}
}

// chatGenerator makes conversations of every shape.
type chatGenerator struct{ *rand.Rand }

func (g chatGenerator) conversation() []ChatMessage {
	messages := make([]ChatMessage, 1+g.IntN(6))
	for i := range messages {
		messages[i] = g.message()
	}
	return messages
}

func (g chatGenerator) message() ChatMessage {
	m := ChatMessage{Role: g.pick("system", "developer", "user", "assistant", "tool", "function"), Extra: g.extra()}
	if g.IntN(4) > 0 {
		m.Content = g.parts()
	}
	if m.Role != "assistant" {
		m.Name, m.ToolCallID = g.maybe(), g.maybe()
		return m
	}
	m.Refusal = g.maybe()
	if m.ReasoningField = g.pick("", "reasoning", "reasoning_content"); m.ReasoningField != "" {
		m.Reasoning = g.text()
	}
	for range g.IntN(3) {
		m.ReasoningDetails = append(m.ReasoningDetails, g.json())
	}
	for range g.IntN(3) {
		m.ToolCalls = append(m.ToolCalls, ChatToolCall{
			ID: g.text(), Type: g.pick("function", "custom"), Name: g.text(), Arguments: g.text(), Extra: g.extra(),
		})
	}
	if g.IntN(4) == 0 {
		m.Audio = &ChatAudio{ID: g.text(), Transcript: g.maybe(), Extra: g.extra()}
		m.Annotations = []json.RawMessage{g.json()}
	}
	return m
}

func (g chatGenerator) parts() ChatParts {
	parts := ChatParts{}
	for range g.IntN(4) {
		switch g.IntN(6) {
		case 0:
			parts = append(parts, &ImagePart{URL: g.text(), Detail: g.maybe(), Extra: g.extra()})
		case 1:
			parts = append(parts, &AudioPart{Data: g.text(), Format: g.text(), Extra: g.extra()})
		case 2:
			parts = append(parts, &FilePart{Data: g.maybe(), ID: g.maybe(), Filename: g.maybe(), Extra: g.extra()})
		case 3:
			parts = append(parts, &RefusalPart{Refusal: g.text(), Extra: g.extra()})
		case 4:
			parts = append(parts, &RawPart{Type: "video_url", JSON: json.RawMessage(`{"type":"video_url","n":[1,2]}`)})
		default:
			part := &TextPart{Text: g.text(), Extra: g.extra()}
			if g.IntN(3) == 0 {
				part.CacheBreakpoint = &ChatCacheBreakpoint{Mode: "explicit", TTL: g.maybe()}
			}
			parts = append(parts, part)
		}
	}
	return parts
}

func (g chatGenerator) pick(texts ...string) string { return texts[g.IntN(len(texts))] }

func (g chatGenerator) text() string {
	return g.pick("", "a", "<b> & \"c\"", "two\nlines", "Größe 数字 😀", "\u2028\x01", `{"x":1}`, "null")
}

func (g chatGenerator) maybe() string {
	if g.IntN(2) == 0 {
		return ""
	}
	return "x" + g.text()
}

func (g chatGenerator) json() json.RawMessage {
	return json.RawMessage(g.pick(`{"type":"t","data":"d"}`, `{"n":12345678901234567890}`, `{"a":[null,true,{"b":"\u003c"}]}`))
}

func (g chatGenerator) extra() map[string]json.RawMessage {
	if g.IntN(3) > 0 {
		return nil
	}
	return map[string]json.RawMessage{g.pick("zeta", "alpha", "odd name"): g.json(), "n": json.RawMessage(g.pick("1", "null", `"s"`))}
}
