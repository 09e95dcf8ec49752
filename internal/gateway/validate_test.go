package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// refusal is an error in the shape of either format.
type refusal struct {
	Status  int
	Type    string
	Param   string // chat only
	Code    string // chat only
	Message string // a part of it
}

func refusalOf(t *testing.T, a answered) refusal {
	t.Helper()
	var body struct {
		Type  string `json:"type"`
		Error struct {
			Type    string  `json:"type"`
			Message string  `json:"message"`
			Param   *string `json:"param"`
			Code    *string `json:"code"`
		} `json:"error"`
		RequestID string `json:"request_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &body), a.body)
	got := refusal{Status: a.status, Type: body.Error.Type, Message: body.Error.Message}
	if body.Error.Param != nil {
		got.Param = *body.Error.Param
	}
	if body.Error.Code != nil {
		got.Code = *body.Error.Code
	}
	isMessages := strings.Contains(a.body, `"request_id"`)
	if isMessages && (body.Type != "error" || body.RequestID != a.header.Get("Request-Id")) {
		t.Errorf("the error doesn't repeat its request id: %s", a.body)
	}
	if !isMessages && !(strings.Contains(a.body, `"param":`) && strings.Contains(a.body, `"code":`)) {
		t.Errorf("the error lacks a key: %s", a.body)
	}
	return got
}

// checkRefusal wants got to be as want says, which quotes a part of the message.
func checkRefusal(t *testing.T, want refusal, a answered) {
	t.Helper()
	got := refusalOf(t, a)
	if !strings.Contains(got.Message, want.Message) {
		t.Errorf("message = %q, want %q in it", got.Message, want.Message)
	}
	got.Message = want.Message
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s\n%s", diff, a.body)
	}
}

const (
	chatHead     = `{"model":"gemma-4-31B-it","messages":[`
	messagesHead = `{"model":"gemma-4-31B-it","max_tokens":9,"messages":[`

	chatUser       = `{"role":"user","content":"Hi"}`
	chatCalls      = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}`
	resultA        = `{"role":"tool","tool_call_id":"a","content":"1"}`
	resultB        = `{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"2"}]}`
	messagesCalls  = `{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"g","input":{}}]}`
	resultBlockA   = `{"type":"tool_result","tool_use_id":"a","content":"1"}`
	resultBlockB   = `{"type":"tool_result","tool_use_id":"b"}`
	resultBlockAsk = `{"type":"text","text":"And?"}`
)

func user(blocks ...string) string {
	return `{"role":"user","content":[` + strings.Join(blocks, ",") + `]}`
}

func TestRefusals(t *testing.T) {
	bad := func(param, code, message string) refusal {
		return refusal{400, "invalid_request_error", param, code, message}
	}
	badMessages := func(message string) refusal {
		return refusal{Status: 400, Type: "invalid_request_error", Message: message}
	}
	const needs = "missing_required_parameter"
	for _, tt := range []struct {
		name, path, body string
		want             refusal
	}{
		{"chat: bad JSON", chatPath, `{"model":`, bad("", "", "not valid JSON")},
		{"chat: two values", chatPath, chatAsk + "{}", bad("", "", "not valid JSON")},
		{"chat: bad UTF-8", chatPath, "{\"model\":\"\xff\"}", bad("", "", "UTF-8")},
		{"chat: no object", chatPath, `[]`, bad("", "", "expected an object")},
		{"chat: null", chatPath, `null`, bad("", "", "JSON object")},
		{"chat: empty body", chatPath, ``, bad("", "", "not valid JSON")},
		{"chat: a field's type", chatPath, `{"stream":"yes"}`, bad("stream", "", "expected a boolean, got string")},
		{"chat: messages of another type", chatPath, `{"messages":"Hi"}`, bad("messages", "", "expected an array, got string")},
		{"chat: a message of another type", chatPath, `{"messages":["Hi"]}`, bad("messages", "", "expected an object, got string")},
		{"chat: max_tokens of another type", chatPath, `{"max_tokens":"9"}`, bad("max_tokens", "", "expected an integer, got string")},
		{"chat: temperature of another type", chatPath, `{"temperature":"0"}`, bad("temperature", "", "expected a number, got string")},
		{"chat: model of another type", chatPath, `{"model":7}`, bad("model", "", "expected a string, got number")},
		{"chat: no model", chatPath, `{"messages":[` + chatUser + `]}`, bad("model", needs, "a model")},
		{"chat: unknown model", chatPath, `{"model":"gemma-9000","messages":[` + chatUser + `]}`, refusal{404, "invalid_request_error", "model", "model_not_found", `"gemma-9000"`}},
		{"chat: no messages", chatPath, `{"model":"gemma-4-31B-it"}`, bad("messages", needs, "at least one")},
		{"chat: empty messages", chatPath, chatHead + `]}`, bad("messages", needs, "at least one")},
		{"chat: unknown role", chatPath, chatHead + `{"role":"robot","content":"Hi"}]}`, bad("messages.0.role", "", `"robot"`)},
		{"chat: no content", chatPath, chatHead + `{"role":"user"}]}`, bad("messages.0.content", needs, "required")},
		{"chat: empty assistant", chatPath, chatHead + chatUser + `,{"role":"assistant"},` + chatUser + `]}`, bad("messages.1.content", needs, "tool calls")},
		{"chat: content of another type", chatPath, chatHead + `{"role":"user","content":7}]}`, bad("messages.0.content", "", "a string or a list")},
		{"chat: part without type", chatPath, chatHead + `{"role":"user","content":[{"text":"Hi"}]}]}`, bad("messages.0.content.0.type", needs, "required")},
		{"chat: result without its call", chatPath, chatHead + chatUser + `,` + resultA + `]}`, bad("messages.1", "", "must be a response to a preceding message")},
		{"chat: result twice", chatPath, chatHead + chatUser + `,` + chatCalls + `,` + resultA + `,` + resultA + `]}`, bad("messages.3", "", "must be a response")},
		{"chat: call without its result", chatPath, chatHead + chatUser + `,` + chatCalls + `,` + resultA + `,` + chatUser + `]}`, bad("messages.3", "", "b has none")},
		{"chat: call at the end", chatPath, chatHead + chatUser + `,` + chatCalls + `]}`, bad("messages", "", "a, b has none")},
		{"chat: call without id", chatPath, chatHead + chatUser + `,` + strings.Replace(chatCalls, `"id":"b",`, ``, 1) + `]}`, bad("messages.1.tool_calls.1.id", needs, "required")},
		{"chat: same id", chatPath, chatHead + chatUser + `,` + strings.Replace(chatCalls, `"id":"b"`, `"id":"a"`, 1) + `,` + resultA + `,` + resultA + `]}`, bad("messages.1.tool_calls.1.id", "", "unique")},
		{"chat: result without id", chatPath, chatHead + chatUser + `,` + chatCalls + `,{"role":"tool","content":"1"}]}`, bad("messages.2.tool_call_id", needs, "required")},
		{"chat: temperature", chatPath, `{"temperature":2.1,` + chatAsk[1:], bad("temperature", "", "between 0 and 2")},
		{"chat: max_tokens", chatPath, `{"max_tokens":-1,` + chatAsk[1:], bad("max_tokens", "", "at least 1")},
		{"chat: max_completion_tokens", chatPath, `{"max_completion_tokens":-1,` + chatAsk[1:], bad("max_completion_tokens", "", "at least 1")},
		{"chat: several choices", chatPath, `{"n":2,` + chatAsk[1:], bad("n", "unsupported_value", "one choice")},
		{"chat: audio", chatPath, `{"modalities":["audio"],` + chatAsk[1:], bad("modalities", "unsupported_value", "audio")},
		{"chat: tool without function", chatPath, `{"tools":[{"type":"function"}],` + chatAsk[1:], bad("tools.0.function", needs, "required")},
		{"chat: tool without name", chatPath, `{"tools":[{"type":"function","function":{}}],` + chatAsk[1:], bad("tools.0.function.name", needs, "required")},

		{"messages: bad JSON", messagesPath, `{"model":`, badMessages("not valid JSON")},
		{"messages: no model", messagesPath, `{"max_tokens":9}`, badMessages("model: you must")},
		{"messages: unknown model", messagesPath, `{"model":"claude-9","max_tokens":9}`, refusal{Status: 404, Type: "not_found_error", Message: `"claude-9"`}},
		{"messages: no max_tokens", messagesPath, chatAsk, badMessages("max_tokens: field required")},
		{"messages: negative max_tokens", messagesPath, `{"model":"gemma-4-31B-it","max_tokens":-1,"messages":[` + chatUser + `]}`, badMessages("max_tokens: must not")},
		{"messages: no messages", messagesPath, messagesHead + `]}`, badMessages("messages: at least one")},
		{"messages: unknown role", messagesPath, messagesHead + `{"role":"tool","content":"Hi"}]}`, badMessages("messages.0.role: unknown role")},
		{"messages: no content", messagesPath, messagesHead + `{"role":"user"}]}`, badMessages("messages.0: all messages must have non-empty content")},
		{"messages: blank text", messagesPath, messagesHead + user(`{"type":"text","text":" "}`) + `,` + chatUser + `]}`, badMessages("messages.0.content.0: text content blocks")},
		{"messages: blank text at the end", messagesPath, messagesHead + user(`{"type":"text","text":" "}`) + `]}`, badMessages("messages.0.content.0: text content blocks")},
		{"messages: empty text at the end", messagesPath, messagesHead + `{"role":"user","content":""}]}`, badMessages("messages.0.content.0: text content blocks")},
		{"messages: prefill that ends in a space", messagesPath, messagesHead + chatUser + `,{"role":"assistant","content":"The "}]}`, badMessages("messages.1: final assistant content")},
		{"messages: system of another type", messagesPath, `{"system":7,` + messagesAsk[1:], badMessages("system: expected a string or a list")},
		{"messages: temperature", messagesPath, `{"temperature":1.5,` + messagesAsk[1:], badMessages("temperature: must be between 0 and 1")},
		{"messages: result without its call", messagesPath, messagesHead + user(resultBlockA) + `]}`, badMessages("messages.0.content.0: unexpected `tool_use_id`")},
		{"messages: result too late", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockA, resultBlockB) + `,{"role":"assistant","content":"x"},` + user(resultBlockA) + `]}`, badMessages("messages.3.content.0: unexpected")},
		{"messages: one result is missing", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockA) + `]}`, badMessages("messages.1: `tool_use` ids were found without")},
		{"messages: no result", messagesPath, messagesHead + messagesCalls + `]}`, badMessages("messages: `tool_use` ids were found without")},
		{"messages: text before the results", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockAsk, resultBlockA, resultBlockB) + `]}`, badMessages("messages.1.content.0: `tool_use` ids were found without")},
		{"messages: text between the results", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockA, resultBlockAsk, resultBlockB) + `]}`, badMessages("messages.1.content.1: `tool_use` ids were found without")},
		{"messages: text in a message before the results", messagesPath, messagesHead + messagesCalls + `,` + chatUser + `,` + user(resultBlockA, resultBlockB) + `]}`, badMessages("messages.1.content.0: `tool_use` ids were found without")},
		{"messages: call without id", messagesPath, messagesHead + strings.Replace(messagesCalls, `"id":"b",`, ``, 1) + `]}`, badMessages("messages.0.content.1.id: field required")},
		{"messages: same id", messagesPath, messagesHead + strings.ReplaceAll(messagesCalls, `"b"`, `"a"`) + `]}`, badMessages("messages.0.content.1.id: `tool_use` ids must be unique")},
		{"messages: input is no object", messagesPath, messagesHead + strings.ReplaceAll(messagesCalls, `{}`, `"{}"`) + `]}`, badMessages("messages.0.content.0.input: expected an object")},
		{"count: no messages", countPath, `{"model":"gemma-4-31B-it"}`, badMessages("messages: at least one")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefusal(t, tt.want, post(t, always(gateway.Reply{}), tt.path, tt.body))
		})
	}
}

func TestAccepted(t *testing.T) {
	unknown := `"frobnicate":{"deep":[1]},"metadata":{"user_id":"u"},"thinking":{"type":"adaptive"},"service_tier":"auto",`
	for _, tt := range []struct{ name, path, body string }{
		{"chat: calls and results in any order", chatPath, chatHead + chatUser + `,` + chatCalls + `,` + resultB + `,` + resultA + `]}`},
		{"chat: unknown fields", chatPath, `{` + unknown + chatAsk[1:]},
		{"chat: media", chatPath, chatHead + `{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"What?"}]}]}`},
		{"chat: refusal", chatPath, chatHead + chatUser + `,{"role":"assistant","content":null,"refusal":"No."},` + chatUser + `]}`},
		{"chat: developer and instructions", chatPath, chatHead + `{"role":"developer","content":"Be brief."},{"role":"system","content":[{"type":"text","text":"x"}]},` + chatUser + `]}`},
		{"chat: custom tool", chatPath, `{"tools":[{"type":"custom","custom":{"name":"sh"}}],` + chatAsk[1:]},
		{"messages: calls and results", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockA, resultBlockB, resultBlockAsk) + `]}`},
		{"messages: results in two messages", messagesPath, messagesHead + messagesCalls + `,` + user(resultBlockA) + `,` + user(resultBlockB) + `]}`},
		{"messages: unknown fields", messagesPath, `{` + unknown + messagesAsk[1:]},
		{"messages: query and betas", messagesPath + "?beta=true", `{"context_management":{"edits":[]},"cache_control":{"type":"ephemeral"},` + messagesAsk[1:]},
		{"messages: system as blocks", messagesPath, `{"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}],` + messagesAsk[1:]},
		{"messages: system message", messagesPath, messagesHead + chatUser + `,{"role":"system","content":"9 tokens left"}]}`},
		{"messages: server tools", messagesPath, `{"tools":[{"type":"web_search_20260318","name":"web_search"},{"type":"mcp_toolset"}],` + messagesAsk[1:]},
		{"messages: unknown block", messagesPath, messagesHead + user(`{"type":"hologram","data":"x"}`, resultBlockAsk) + `]}`},
		{"messages: max_tokens of zero", messagesPath, `{"model":"gemma-4-31B-it","max_tokens":0,"messages":[` + chatUser + `]}`},
		{"messages: empty prefill", messagesPath, messagesHead + chatUser + `,{"role":"assistant","content":[]}]}`},
		{"messages: prefill", messagesPath, messagesHead + chatUser + `,{"role":"assistant","content":"The"}]}`},
		{"count", countPath, chatAsk},
		{"without v1", strings.TrimPrefix(chatPath, "/v1"), chatAsk},
		{"without v1, messages", strings.TrimPrefix(messagesPath, "/v1"), messagesAsk},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, always(gateway.Reply{}), tt.path, tt.body)
			if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("answer = %d %s: %s", a.status, a.header.Get("Content-Type"), a.body)
			}
		})
	}
}

// TestThreads is what the official SDKs' tool runners rely on: they first ask the
// server to keep the conversation.
func TestThreads(t *testing.T) {
	for _, path := range []string{messagesPath + "?beta=true", countPath + "?beta=true"} {
		for name, thread := range map[string]string{
			"create":   `{"type":"create"}`,
			"continue": `{"type":"continue","previous_message_id":"msg_1"}`,
		} {
			t.Run(name+" "+path, func(t *testing.T) {
				a := post(t, always(gateway.Reply{}), path, messagesHead+`],"thread":`+thread+`}`)
				checkRefusal(t, refusal{Status: 400, Type: "invalid_request_error", Message: "thread: "}, a)
				if !strings.Contains(a.body, `"details":{"error_code":"thread_unsupported_request"}`) {
					t.Errorf("the error doesn't say in its details that there are no threads: %s", a.body)
				}
			})
		}
	}
	if a := post(t, always(gateway.Reply{}), messagesPath, `{"thread":null,`+messagesAsk[1:]); a.status != http.StatusOK {
		t.Errorf("no thread: %d %s", a.status, a.body)
	}
}
