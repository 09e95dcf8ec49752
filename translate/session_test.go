package translate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

func TestAnswersHaveTheClientsNames(t *testing.T) {
	req := read[keeprouter.ChatRequest](t, `{"model":"fast","max_tokens":9,"messages":[{"role":"user","content":"q"}],
		"tools":[{"type":"function","function":{"name":"mcp.server/get"}},{"type":"custom","custom":{"name":"sql"}}]}`)
	translated, session, _, err := Translator{Models: map[string]string{"fast": keeprouter.Gemma4_31B}}.ToMessages(req)
	require.NoError(t, err)
	require.Equal(t, keeprouter.Gemma4_31B, translated.Model)
	require.JSONEq(t, customSchema, string(translated.Tools[1].InputSchema))

	resp, _, err := session.ChatResponse(&keeprouter.MessagesResponse{
		ID: "msg_1", Model: keeprouter.Gemma4_31B, StopReason: keeprouter.StopToolUse,
		Content: keeprouter.Blocks{
			&keeprouter.ToolUseBlock{ID: "a", Name: translated.Tools[0].Name, Input: []byte(`{"x":1}`)},
			&keeprouter.ToolUseBlock{ID: "b", Name: "sql", Input: []byte(`{"input":"select 1"}`)},
		},
	})
	require.NoError(t, err)
	require.Equal(t, "fast", resp.Model)
	want := []keeprouter.ChatToolCall{
		{ID: "a", Type: "function", Name: "mcp.server/get", Arguments: `{"x":1}`},
		{ID: "b", Type: "custom", Name: "sql", Arguments: "select 1"},
	}
	if diff := cmp.Diff(want, resp.ToolCalls()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	req.Messages = append(req.Messages, resp.Message(), keeprouter.ToolResult("a", "1"), keeprouter.ToolResult("b", "2"))
	again, _, _, err := Translator{}.ToMessages(req)
	require.NoError(t, err)
	require.Equal(t, `{"input":"select 1"}`, string(again.Messages[1].Content[1].(*keeprouter.ToolUseBlock).Input))
}

func TestNamesThatBecomeTheSameAreRefused(t *testing.T) {
	taken := toolAlias("a.b", maxMessagesName)
	req := read[keeprouter.ChatRequest](t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],
		"tools":[{"type":"function","function":{"name":"a.b"}},{"type":"function","function":{"name":"`+taken+`"}}]}`)
	_, _, err := ToMessages(req)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	require.ErrorContains(t, err, "tools[1]")
}

func TestOmittedThinkingKeepsItsProof(t *testing.T) {
	req := read[keeprouter.MessagesRequest](t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"thinking":{"type":"adaptive","display":"omitted"}}`)
	_, session, _, err := Translator{}.ToChat(req)
	require.NoError(t, err)
	resp, diagnostics, err := session.MessagesResponse(read[keeprouter.ChatResponse](t, `{"id":"a","choices":[{"finish_reason":"stop","message":{"content":"t",
		"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1"},{"type":"reasoning.text","text":"unsigned"}]}}]}`))
	require.NoError(t, err)
	want := keeprouter.Blocks{&keeprouter.ThinkingBlock{Signature: "s"}, &keeprouter.TextBlock{Text: "t"}}
	if diff := cmp.Diff(want, resp.Content); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	require.Len(t, diagnostics, 1)
}

func TestStreamIsRemembered(t *testing.T) {
	_, session, _, err := Translator{}.ToChat(&keeprouter.MessagesRequest{
		Model: "m", MaxTokens: 9, Stream: true, Messages: []keeprouter.Message{keeprouter.UserMessage("q")},
	})
	require.NoError(t, err)
	require.True(t, session.Stream())
}

// P-135: a conversation that grows has the same beginning, byte for byte.
func TestTranslationsHaveStablePrefixes(t *testing.T) {
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		req := g.chatRequest()
		before, _, err := ToMessages(req)
		require.NoError(t, err)
		req.Messages = append(req.Messages, keeprouter.Assistant("more"), keeprouter.User("and more"))
		after, _, err := ToMessages(req)
		require.NoError(t, err)
		require.Equal(t, wire(t, before.System), wire(t, after.System))
		require.Equal(t, wire(t, before.Messages), wire(t, after.Messages[:len(before.Messages)]), "seed %d", seed)

		messages := g.messagesRequest()
		first, _, err := ToChat(messages)
		require.NoError(t, err)
		messages.Messages = append(messages.Messages, keeprouter.AssistantMessage("more"), keeprouter.UserMessage("and more"))
		second, _, err := ToChat(messages)
		require.NoError(t, err)
		require.Equal(t, wire(t, first.Messages), wire(t, second.Messages[:len(first.Messages)]), "seed %d", seed)
	}
}

func TestNothingIsRefused(t *testing.T) {
	_, _, err := ToMessages(nil)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	_, _, err = ToChat(nil)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	_, _, err = ToMessagesResponse(nil)
	require.ErrorIs(t, err, keeprouter.ErrBadResponse)
	_, _, err = ToChatResponse(nil)
	require.ErrorIs(t, err, keeprouter.ErrBadResponse)
	_, _, err = ToMessages(&keeprouter.ChatRequest{Model: "m", Messages: []keeprouter.ChatMessage{keeprouter.System("S")}})
	require.ErrorContains(t, err, "there is no message of the user")
}

func TestSummaryIsFitForAHeader(t *testing.T) {
	summary := Summary([]Diagnostic{
		{Path: "temperature", What: Changed},
		{Path: "seed", What: Dropped},
		{Path: "seed", What: Dropped},
		{Path: "store", What: Dropped, Minor: true},
		{Path: "\"a\r\nb\"", What: Dropped},
	})
	require.Equal(t, "changed=temperature,dropped=seed,dropped=_a__b_", summary)
	require.False(t, strings.ContainsAny(summary, "\r\n"))
}

// The same calls answered late, twice, or not at all.
func TestPairsOfCallsAndResults(t *testing.T) {
	const calls = `{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]}`
	for _, c := range []struct {
		name     string
		rest     string
		refused  []string // by Default
		messages string   // what Lenient makes of it, from the results on
	}{
		{
			"a result is missing", `,{"role":"tool","tool_call_id":"b","content":"2"},{"role":"user","content":"q"}`,
			[]string{"messages[1].tool_calls[0]"},
			`[{"type":"tool_result","tool_use_id":"a","content":"no result","is_error":true},{"type":"tool_result","tool_use_id":"b","content":"2"},{"type":"text","text":"q"}]`,
		},
		{
			"all are missing at the end", ``,
			[]string{"messages[1].tool_calls[0]", "messages[1].tool_calls[1]"},
			`[{"type":"tool_result","tool_use_id":"a","content":"no result","is_error":true},{"type":"tool_result","tool_use_id":"b","content":"no result","is_error":true}]`,
		},
		{
			"a result of no call", `,{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"},{"role":"tool","tool_call_id":"c","content":"3"}`,
			[]string{"messages[4]"},
			`[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"tool_result","tool_use_id":"b","content":"2"}]`,
		},
		{
			"two results of one call", `,{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"},{"role":"tool","tool_call_id":"a","content":"3"}`,
			nil,
			`[{"type":"tool_result","tool_use_id":"a","content":"3"},{"type":"tool_result","tool_use_id":"b","content":"2"}]`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := read[keeprouter.ChatRequest](t, `{"model":"m","max_tokens":9,"messages":[`+calls+c.rest+`]}`)
			_, diagnostics, err := ToMessages(req)
			require.Equal(t, c.refused, observed(t, diagnostics, err).refused)
			translated, _, _, err := Translator{Policy: Lenient}.ToMessages(req)
			require.NoError(t, err)
			require.JSONEq(t, c.messages, wire(t, translated.Messages[2].Content))
		})
	}
}
