package keeprouter

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestMessagesRequestOnTheWire(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	hello := []Message{UserMessage("Hello")}
	for _, tt := range []struct {
		name string
		req  MessagesRequest
		want string
	}{
		{
			"least",
			MessagesRequest{Model: "m", MaxTokens: 1, Messages: hello},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}`,
		},
		{
			"zeros are sent, nil is absent",
			MessagesRequest{Model: "m", MaxTokens: 1, Messages: hello, Temperature: new(0.0), TopP: new(0.0), TopK: new(0), StopSequences: []string{}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hello"}],"stop_sequences":[],"temperature":0,"top_p":0,"top_k":0}`,
		},
		{
			"system as text",
			MessagesRequest{Model: "m", MaxTokens: 1, Messages: hello, System: TextBlocks("Be <brief>.")},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hello"}],"system":"Be <brief>."}`,
		},
		{
			"system as blocks",
			MessagesRequest{Model: "m", MaxTokens: 1, Messages: hello, System: Blocks{&TextBlock{Text: "a", CacheControl: &CacheControl{TTL: "1h"}}, &TextBlock{Text: "b"}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hello"}],"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b"}]}`,
		},
		{
			"every field",
			MessagesRequest{
				Model: "m", MaxTokens: 2048, Messages: hello,
				Tools:      []MessagesTool{{Name: "f", Description: "d", InputSchema: raw(`{"type":"object"}`), Strict: new(false)}, {Type: "web_search_20260318", Name: "web_search", Extra: map[string]json.RawMessage{"max_uses": raw("3")}}},
				ToolChoice: &MessagesToolChoice{Type: "tool", Name: "f", DisableParallelToolUse: new(true)},
				Thinking:   &MessagesThinking{Type: "enabled", BudgetTokens: 1024, Display: "omitted"},
				OutputConfig: &MessagesOutputConfig{
					Effort: "high", Format: &MessagesOutputFormat{Type: "json_schema", Schema: raw(`{"type":"object"}`)},
				},
				Metadata: &MessagesMetadata{UserID: "u"}, CacheControl: &CacheControl{}, Container: &MessagesContainer{ID: "c"},
				ServiceTier: "auto", Speed: "fast", InferenceGeo: "eu", Diagnostics: &MessagesDiagnostics{PreviousMessageID: "msg_1"},
				Stream: true, Betas: []string{"b"}, Extra: map[string]any{"context_management": map[string]any{"edits": []any{}}},
			},
			`{"model":"m","max_tokens":2048,"messages":[{"role":"user","content":"Hello"}],` +
				`"tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":false},{"type":"web_search_20260318","name":"web_search","max_uses":3}],` +
				`"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024,"display":"omitted"},` +
				`"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},"metadata":{"user_id":"u"},"cache_control":{"type":"ephemeral"},` +
				`"container":"c","service_tier":"auto","speed":"fast","inference_geo":"eu","diagnostics":{"previous_message_id":"msg_1"},"stream":true,"context_management":{"edits":[]}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.req.encode()
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("on the wire (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBlocksOnTheWire(t *testing.T) {
	for _, tt := range []struct{ name, wire string }{
		{"text", `[{"type":"text","text":"a"},{"type":"text","text":"b"}]`},
		{"text with citations", `[{"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"x","start_char_index":0}]}]`},
		{"text with a foreign member", `[{"type":"text","text":"a","x_score":1.50}]`},
		{"image by URL", `[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]`},
		{"image as data", `[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="},"transformations":{"oversized_image":"downscale"}}]`},
		{"document", `[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"file","file_id":"f"}}]},"title":"t","context":"c","citations":{"enabled":true},"cache_control":{"type":"ephemeral"}}]`},
		{"search result with one text", `[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"a"}],"citations":{"enabled":false}}]`},
		{"thinking", `[{"type":"thinking","thinking":"","signature":"EqQB+/=="},{"type":"redacted_thinking","data":"ZZZ"}]`},
		{"tool use keeps order and numbers", `[{"type":"tool_use","id":"t","name":"f","input":{"z":1.0,"a":9007199254740993},"caller":{"type":"direct"}}]`},
		{"tool result as text", `[{"type":"tool_result","tool_use_id":"t","content":"ok"}]`},
		{"tool result with an image", `[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"u"}},{"type":"tool_reference","tool_name":"f"}],"is_error":true}]`},
		{"tool result without content", `[{"type":"tool_result","tool_use_id":"t"}]`},
		{"server tool", `[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}]`},
		{"upload", `[{"type":"container_upload","file_id":"f"}]`},
		{"unknown kind", `[{"type":"mcp_tool_use","id":"1","server_name":"s","input":{"b":1,"a":2}},{"kind":"other"}]`},
		{"known kind of another form", `[{"type":"text","text":{"parts":[]}}]`},
		{"one plain text", `"Hello"`},
		{"nothing", `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var blocks Blocks
			require.NoError(t, json.Unmarshal([]byte(tt.wire), &blocks))
			got, err := json.Marshal(blocks)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.wire, string(got)); diff != "" {
				t.Errorf("round trip (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBlocksAreReadIn(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		want       Blocks
	}{
		{"one text in a list", `[{"type":"text","text":"a"}]`, TextBlocks("a")},
		{"null", `null`, nil},
		{"null in a list", `[null,{"type":"text","text":"a"}]`, TextBlocks("a")},
		{"a string in a list", `["a"]`, TextBlocks("a")},
		{"one block without a list", `{"type":"text","text":"a"}`, TextBlocks("a")},
		{"null members", `[{"type":"text","text":"a","citations":null,"cache_control":null}]`, TextBlocks("a")},
		{"type not first", `[{"text":"a","type":"text"}]`, TextBlocks("a")},
		{"type in another case", `[{"TYPE":"text","text":"a"}]`, Blocks{&RawBlock{JSON: json.RawMessage(`{"TYPE":"text","text":"a"}`)}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Blocks
			require.NoError(t, json.Unmarshal([]byte(tt.wire), &got))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("blocks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeepBlocksStayRaw(t *testing.T) {
	const deep = 200
	wire := `"x"`
	for range deep {
		wire = `[{"type":"tool_result","tool_use_id":"t","content":` + wire + `}]`
	}
	var got Blocks
	require.NoError(t, json.Unmarshal([]byte(wire), &got))
	if _, ok := got[0].(*RawBlock); !ok {
		t.Errorf("the block is a %T, want a RawBlock", got[0])
	}
}

func TestMessagesRequestRefusesToEncode(t *testing.T) {
	for _, tt := range []struct {
		name  string
		req   MessagesRequest
		param string
	}{
		{"a clash", MessagesRequest{Extra: map[string]any{"max_tokens": 5}}, "Extra[max_tokens]"},
		{"a clash in a block", MessagesRequest{System: Blocks{&TextBlock{Extra: map[string]json.RawMessage{"type": json.RawMessage("1")}}}}, "Extra[type]"},
		{"a broken raw block", MessagesRequest{System: Blocks{&RawBlock{JSON: json.RawMessage(`{"a":`)}}}, ""},
		{"a raw block without JSON", MessagesRequest{System: Blocks{&RawBlock{}}}, ""},
		{"a nil block", MessagesRequest{System: Blocks{(*TextBlock)(nil)}}, ""},
		{"not a number", MessagesRequest{Extra: map[string]any{"x": math.NaN()}}, ""},
		{"broken extra", MessagesRequest{Thinking: &MessagesThinking{Extra: map[string]json.RawMessage{"x": json.RawMessage("{")}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.req.encode()
			require.ErrorIs(t, err, ErrInvalidRequest)
			if e := err.(*Error); e.Param != tt.param {
				t.Errorf("Param = %q, want %q", e.Param, tt.param)
			}
		})
	}
}

func TestMessagesResponseRoundTrip(t *testing.T) {
	const wire = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],` +
		`"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"bio","explanation":"no","x":1},` +
		`"container":{"id":"c","expires_at":"2026-11-23T00:00:00Z"},` +
		`"usage":{"input_tokens":1,"cache_creation_input_tokens":30,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20,"ephemeral_24h_input_tokens":0},` +
		`"output_tokens":7,"output_tokens_details":{"thinking_tokens":3},"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0},"service_tier":"standard","cost":0.0012,"x":[1]},"provider":"p"}`
	var r MessagesResponse
	require.NoError(t, json.Unmarshal([]byte(wire), &r))
	want := Usage{Input: 36, CachedInput: 5, CacheWrite: 10, CacheWrite1h: 20, Output: 7, Reasoning: 3}
	if diff := cmp.Diff(want, r.Usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	got, err := json.Marshal(r)
	require.NoError(t, err)
	if diff := cmp.Diff(wire, string(got)); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestMessagesUsageInTotals(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		want       Usage
	}{
		{"absent", ``, Usage{Unknown: true}},
		{"null", `null`, Usage{Unknown: true}},
		{"plain", `{"input_tokens":10,"output_tokens":5}`, Usage{Input: 10, Output: 5}},
		{"all from the cache", `{"input_tokens":0,"cache_read_input_tokens":100,"output_tokens":5}`, Usage{Input: 100, CachedInput: 100, Output: 5}},
		{"nulls", `{"input_tokens":10,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":5,"output_tokens_details":null}`, Usage{Input: 10, Output: 5}},
		{"floats", `{"input_tokens":10.0,"output_tokens":5e0}`, Usage{Input: 10, Output: 5}},
		{"cache writes by lifetime only", `{"input_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":3},"output_tokens":5}`, Usage{Input: 6, CacheWrite: 2, CacheWrite1h: 3, Output: 5}},
		{"input not counted", `{"output_tokens":5}`, Usage{Unknown: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"content":[]}`
			if tt.wire != "" {
				body = `{"content":[],"usage":` + tt.wire + `}`
			}
			var r MessagesResponse
			require.NoError(t, json.Unmarshal([]byte(body), &r))
			if diff := cmp.Diff(tt.want, r.Usage); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResponseAsTurn(t *testing.T) {
	thinking := &ThinkingBlock{Thinking: "", Signature: "sig"}
	use := &ToolUseBlock{ID: "t", Name: "f"}
	r := MessagesResponse{Content: Blocks{thinking, &TextBlock{}, &TextBlock{Text: "a"}, use, &TextBlock{Text: "b"}}}
	want := Message{Role: "assistant", Content: Blocks{thinking, &TextBlock{Text: "a"}, use, &TextBlock{Text: "b"}}}
	if diff := cmp.Diff(want, r.Message()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("ab", r.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*ToolUseBlock{use}, r.ToolUses()); diff != "" {
		t.Errorf("tool uses (-want +got):\n%s", diff)
	}
	answer := ToolResultMessage(use.Result("12 °C"))
	want = Message{Role: "user", Content: Blocks{&ToolResultBlock{ToolUseID: "t", Content: TextBlocks("12 °C")}}}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Errorf("tool results (-want +got):\n%s", diff)
	}
}

// TestConversationsSurviveJSON marshals random requests and reads them back.
func TestConversationsSurviveJSON(t *testing.T) {
	for seed := range uint64(300) {
		g := messagesGenerator{rand.New(rand.NewPCG(seed, 1))}
		want := g.request()
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var got MessagesRequest
		require.NoError(t, json.Unmarshal(data, &got))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: a round trip changes it (-want +got):\n%s\n%s", seed, diff, data)
		}
	}
}

// messagesGenerator makes random requests.
type messagesGenerator struct{ *rand.Rand }

func (g messagesGenerator) text() string {
	pieces := []string{"a", "Grüße", "🙂", "\"", "\\", "\n", "<b>", "\u2028", "{}", " "}
	s := fmt.Sprint(g.IntN(100))
	for range g.IntN(4) {
		s += pieces[g.IntN(len(pieces))]
	}
	return s
}

func (g messagesGenerator) raw() json.RawMessage {
	values := []string{`{"b":1,"a":[2.0,1e3]}`, `"x"`, `9007199254740993`, `[]`, `{}`, `true`}
	return json.RawMessage(values[g.IntN(len(values))])
}

func (g messagesGenerator) object() json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"z":%d.50,"a":{"type":"x"}}`, g.IntN(9)))
}

func (g messagesGenerator) extra() map[string]json.RawMessage {
	if g.IntN(3) > 0 {
		return nil
	}
	return map[string]json.RawMessage{"x_one": g.raw(), "x_two": g.raw()}
}

func (g messagesGenerator) mark() *CacheControl {
	if g.IntN(3) > 0 {
		return nil
	}
	return &CacheControl{Type: "ephemeral", TTL: []string{"", "1h"}[g.IntN(2)], Extra: g.extra()}
}

func (g messagesGenerator) blocks(n int, depth int) Blocks {
	bs := Blocks{}
	for range n {
		bs = append(bs, g.block(depth))
	}
	return bs
}

func (g messagesGenerator) source(depth int) BlockSource {
	switch g.IntN(4) {
	case 0:
		return URLSource(g.text())
	case 1:
		return DataSource("image/png", []byte(g.text()))
	case 2:
		return BlockSource{Type: "content", Content: g.blocks(1+g.IntN(2), depth-1), Extra: g.extra()}
	}
	return DataSource("text/plain", []byte(g.text()))
}

func (g messagesGenerator) block(depth int) Block {
	kinds := 13
	if depth <= 0 {
		kinds = 9
	}
	switch g.IntN(kinds) {
	case 0:
		return &ThinkingBlock{Thinking: g.text(), Signature: g.text(), Extra: g.extra()}
	case 1:
		return &RedactedThinkingBlock{Data: g.text(), Extra: g.extra()}
	case 2:
		return &ToolUseBlock{ID: g.text(), Name: g.text(), Input: g.object(), CacheControl: g.mark(), Extra: g.extra()}
	case 3:
		return &ServerToolUseBlock{ID: g.text(), Name: "web_search", Input: g.object(), Caller: g.object(), Extra: g.extra()}
	case 4:
		return &ServerToolResultBlock{Type: "web_search_tool_result", ToolUseID: g.text(), Content: g.raw(), Extra: g.extra()}
	case 5:
		return &ContainerUploadBlock{FileID: g.text(), CacheControl: g.mark(), Extra: g.extra()}
	case 6:
		return &RawBlock{Type: "novel", JSON: json.RawMessage(`{"type":"novel","v":` + string(g.raw()) + `}`)}
	case 7, 8:
		return &TextBlock{Text: g.text(), CacheControl: g.mark(), Extra: g.extra()}
	case 9:
		return &ImageBlock{Source: g.source(depth), CacheControl: g.mark(), Extra: g.extra()}
	case 10:
		return &DocumentBlock{Source: g.source(depth), Title: g.text(), Citations: &CitationsConfig{Enabled: true}, Extra: g.extra()}
	case 11:
		return &SearchResultBlock{Source: g.text(), Title: g.text(), Content: TextBlocks(g.text()), Extra: g.extra()}
	}
	return &ToolResultBlock{ToolUseID: g.text(), Content: g.blocks(g.IntN(3), depth-1), IsError: g.IntN(2) == 0, Extra: g.extra()}
}

func (g messagesGenerator) request() MessagesRequest {
	r := MessagesRequest{Model: g.text(), MaxTokens: g.IntN(1000), Messages: []Message{}, System: g.blocks(g.IntN(3), 0)}
	for range g.IntN(6) {
		r.Messages = append(r.Messages, Message{Role: []string{"user", "assistant", "system"}[g.IntN(3)], Content: g.blocks(g.IntN(4), 2), Extra: g.extra()})
	}
	for range g.IntN(3) {
		r.Tools = append(r.Tools, MessagesTool{Name: g.text(), InputSchema: g.object(), CacheControl: g.mark(), Extra: g.extra()})
	}
	if g.IntN(2) == 0 {
		r.Temperature, r.TopK, r.Thinking = new(0.0), new(40), &MessagesThinking{Type: "adaptive", Extra: g.extra()}
		r.Container = &MessagesContainer{ID: g.text(), Skills: []MessagesSkill{{Type: "custom", SkillID: g.text(), Extra: g.extra()}}}
		r.Extra = map[string]any{"x_three": g.raw()}
	}
	return r
}
