package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// claudeCodeHeaders are what Claude Code sends with each request.
var claudeCodeHeaders = []string{
	"Authorization", "Bearer " + key,
	"Accept", "application/json",
	"Content-Type", "application/json",
	"User-Agent", "claude-cli/2.1.140 (external, cli)",
	"Anthropic-Version", "2023-06-01",
	"Anthropic-Beta", "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05,effort-2025-11-24",
	"Anthropic-Dangerous-Direct-Browser-Access", "true",
	"X-App", "cli",
	"X-Claude-Code-Session-Id", "11111111-2222-4333-8444-555555555555",
	"X-Client-Request-Id", "66666666-7777-4888-8999-000000000000",
	"X-Stainless-Lang", "js", "X-Stainless-Package-Version", "1.12.0", "X-Stainless-Os", "Linux",
	"X-Stainless-Arch", "x64", "X-Stainless-Runtime", "node", "X-Stainless-Runtime-Version", "v24.3.0",
	"X-Stainless-Retry-Count", "0", "X-Stainless-Timeout", "600",
}

const (
	claudeCodePath  = messagesPath + "?beta=true"
	claudeCodeCount = countPath + "?beta=true"
)

// claudeCodeTools are many: its own ones, those of MCP servers that are loaded on
// demand, and one of the server's.
func claudeCodeTools() string {
	const schema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{` +
		`"command":{"description":"The command.","type":"string"},` +
		`"timeout":{"description":"Milliseconds.","type":"number","maximum":600000,"exclusiveMinimum":0},` +
		`"items":{"type":"array","minItems":1,"items":{"type":"object","properties":{"content":{"type":"string","minLength":1},"status":{"type":"string","enum":["pending","done"]}},"required":["content","status"],"additionalProperties":false}},` +
		`"url":{"type":"string","format":"uri"},"either":{"anyOf":[{"type":"string"},{"type":"boolean"}]},` +
		`"any":{}},"required":["command"],"additionalProperties":false}`
	var tools []string
	for _, name := range []string{"Task", "Bash", "Glob", "Grep", "Read", "Edit", "Write", "NotebookEdit", "WebFetch", "TodoWrite", "Skill", "AskUserQuestion"} {
		tools = append(tools, `{"name":"`+name+`","description":"What it does.","input_schema":`+schema+`,"eager_input_streaming":true}`)
	}
	for i := range 40 {
		tools = append(tools, fmt.Sprintf(`{"name":"mcp__tracker-%d__list_issues","description":"","input_schema":{"type":"object","properties":{}},"defer_loading":true,"input_examples":[{}]}`, i))
	}
	return `"tools":[` + strings.Join(tools, ",") + `,{"type":"web_search_20260318","name":"web_search","max_uses":8}]`
}

// claudeCodePrompt is a conversation in the midst of its work.
func claudeCodePrompt() string {
	return `"model":"gemma-4-31B-it","system":[` +
		`{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.140; cch=00000;"},` +
		`{"type":"text","text":"You are Claude Code.","cache_control":{"type":"ephemeral","ttl":"1h","scope":"global"}},` +
		`{"type":"text","text":"Be concise.","cache_control":{"type":"ephemeral","ttl":"1h"}}],` +
		claudeCodeTools() + `,"messages":[` +
		`{"role":"user","content":[{"type":"text","text":"<system-reminder>\nToday is a day.\n</system-reminder>"},{"type":"text","text":"Fix the test."}]},` +
		`{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"c2ln"},{"type":"text","text":"I look."},` +
		`{"type":"tool_use","id":"toolu_01","name":"Read","input":{"command":"a.go"},"caller":{"type":"direct"}},` +
		`{"type":"tool_use","id":"toolu_02","name":"Bash","input":{"command":"go test"}}]},` +
		`{"role":"user","content":[{"tool_use_id":"toolu_01","type":"tool_result","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},{"type":"tool_reference","tool_name":"mcp__tracker-1__list_issues"}]},` +
		`{"tool_use_id":"toolu_02","type":"tool_result","content":"exit status 1","is_error":true},` +
		`{"type":"text","text":"Go on.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},` +
		`{"role":"system","content":"<total_tokens>180000 tokens left</total_tokens>"}]`
}

func claudeCodeRequest() string {
	return `{` + claudeCodePrompt() + `,"max_tokens":32000,"stream":true,` +
		`"metadata":{"user_id":"{\"device_id\":\"` + strings.Repeat("0", 64) + `\",\"account_uuid\":\"\",\"session_id\":\"11111111-2222-4333-8444-555555555555\"}"},` +
		`"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"},` +
		`"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},` +
		`"diagnostics":{"previous_message_id":null},"speed":"standard"}`
}

// TestClaudeCode is a request of Claude Code in all its parts.
func TestClaudeCode(t *testing.T) {
	g := always(gateway.Reply{
		Thinking: "Which test?", Text: "I see.",
		ToolCalls: []gateway.ToolCall{{ID: "toolu_03", Name: "Bash", Arguments: `{"command":"go test ./..."}`}},
		Usage:     &gateway.Usage{Input: 20_000, CachedInput: 15_000, CacheWrite: 1000, Output: 40},
	})
	a := ask(t, g, http.MethodPost, claudeCodePath, claudeCodeRequest(), claudeCodeHeaders...)
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, "text/event-stream", a.header.Get("Content-Type"))
	got, err := readMessages(a.body, true)
	require.NoError(t, err)
	want := said{Thinking: "Which test?", Text: "I see.", Calls: []string{`toolu_03 Bash {"command":"go test ./..."}`}, Finish: "tool_calls"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s\n%s", diff, a.body)
	}
	for _, usage := range []string{`"input_tokens":4000`, `"cache_creation_input_tokens":1000`, `"cache_read_input_tokens":15000`} {
		if strings.Count(a.body, usage) != 2 {
			t.Errorf("the stream has %s not in both of its places:\n%s", usage, a.body)
		}
	}
	seen := g.Requests()[0]
	if seen.Query != "beta=true" || seen.Model != "gemma-4-31B-it" || !seen.Stream || seen.Header.Get("X-App") != "cli" {
		t.Errorf("the journal has %+v", seen)
	}
}

// TestClaudeCodeCounts asks what the same conversation counts: with its tools it is
// more.
func TestClaudeCodeCounts(t *testing.T) {
	count := func(body string) int {
		a := ask(t, always(gateway.Reply{}), http.MethodPost, claudeCodeCount, body, claudeCodeHeaders...)
		require.Equal(t, http.StatusOK, a.status, a.body)
		var got struct {
			Tokens int `json:"input_tokens"`
		}
		require.NoError(t, json.Unmarshal([]byte(a.body), &got))
		return got.Tokens
	}
	whole := count(`{` + claudeCodePrompt() + `,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"betas":["x"]}`)
	bare := count(`{` + strings.Replace(claudeCodePrompt(), claudeCodeTools()+",", "", 1) + `}`)
	if bare < 50 || whole < bare+1000 {
		t.Errorf("%d tokens with tools, %d without", whole, bare)
	}
}

// TestClaudeCodeChecks is what it asks before it begins: whether there is anybody, and
// whether the model answers at all.
func TestClaudeCodeChecks(t *testing.T) {
	g := always(gateway.Reply{Text: "Hi", Usage: &gateway.Usage{Input: 8, Output: 1}})
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		if a := ask(t, g, method, "/", "", "Authorization", ""); a.status != http.StatusOK {
			t.Errorf("%s / = %d", method, a.status)
		}
	}
	a := ask(t, g, http.MethodPost, claudeCodePath, `{"model":"gemma-4-31B-it","max_tokens":1,"messages":[{"role":"user","content":"Hi"}],"metadata":{"user_id":"u"}}`, claudeCodeHeaders...)
	require.Equal(t, http.StatusOK, a.status, a.body)
	for _, usage := range []string{`"input_tokens":8`, `"output_tokens":1`} {
		require.Contains(t, a.body, usage)
	}
}
