package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

func TestErrors(t *testing.T) {
	refusal := &RefusalError{Kind: keeprouter.ErrInvalidRequest, Losses: []Loss{{"n", "one"}, {"logprobs", "none"}}}
	for _, c := range []struct {
		name               string
		err                error
		chatStatus         int
		chat               string // type and code
		messagesStatus     int
		messages           string
		message            string
		messagesSayAnother string
	}{
		{
			name: "invalid request", err: &keeprouter.Error{Kind: keeprouter.ErrInvalidRequest, Status: 400, Code: "invalid_value", Message: "bad"},
			chatStatus: 400, chat: "invalid_request_error invalid_value", messagesStatus: 400, messages: "invalid_request_error", message: "bad",
		},
		{
			name: "conflict", err: &keeprouter.Error{Kind: keeprouter.ErrInvalidRequest, Status: 409, Message: "busy"},
			chatStatus: 409, chat: "invalid_request_error ", messagesStatus: 409, messages: "invalid_request_error", message: "busy",
		},
		{
			name: "P-99 P-100 context overflow", err: &keeprouter.Error{Kind: keeprouter.ErrContextTooLong, Status: 400, Message: "This model's maximum context length is 4,096 tokens. However, you requested 5000 tokens."},
			chatStatus: 400, chat: "invalid_request_error context_length_exceeded", messagesStatus: 400, messages: "invalid_request_error",
			message:            "This model's maximum context length is 4,096 tokens. However, you requested 5000 tokens.",
			messagesSayAnother: "prompt is too long: 5000 tokens > 4096 maximum",
		},
		{
			name: "P-100 context overflow without numbers", err: &keeprouter.Error{Kind: keeprouter.ErrContextTooLong, Message: "too much"},
			chatStatus: 400, chat: "invalid_request_error context_length_exceeded", messagesStatus: 400, messages: "invalid_request_error",
			message: "too much", messagesSayAnother: "prompt is too long: too much",
		},
		{
			name: "auth", err: &keeprouter.Error{Kind: keeprouter.ErrAuthentication, Status: 401, Message: "Incorrect API key provided: sk-abc***xyz."},
			chatStatus: 401, chat: "authentication_error invalid_api_key", messagesStatus: 401, messages: "authentication_error", message: "Incorrect API key provided: [redacted]",
		},
		{
			name: "credit", err: &keeprouter.Error{Kind: keeprouter.ErrInsufficientCredit, Status: 429, Message: "empty"},
			chatStatus: 429, chat: "insufficient_quota insufficient_quota", messagesStatus: 429, messages: "billing_error", message: "empty",
		},
		{
			name: "permission", err: &keeprouter.Error{Kind: keeprouter.ErrPermission, Status: 403, Message: "no"},
			chatStatus: 403, chat: "permission_error ", messagesStatus: 403, messages: "permission_error", message: "no",
		},
		{
			name: "unknown model", err: &keeprouter.Error{Kind: keeprouter.ErrNotFound, Status: 404, Message: "no m"},
			chatStatus: 404, chat: "invalid_request_error model_not_found", messagesStatus: 404, messages: "not_found_error", message: "no m",
		},
		{
			name: "too large", err: &keeprouter.Error{Kind: keeprouter.ErrRequestTooLarge, Status: 413, Message: "big"},
			chatStatus: 413, chat: "invalid_request_error ", messagesStatus: 413, messages: "request_too_large", message: "big",
		},
		{
			name: "rate limit", err: &keeprouter.Error{Kind: keeprouter.ErrRateLimited, Status: 429, Retryable: true, Message: "slow"},
			chatStatus: 429, chat: "rate_limit_error rate_limit_exceeded", messagesStatus: 429, messages: "rate_limit_error", message: "slow",
		},
		{
			name: "timeout", err: &keeprouter.Error{Kind: keeprouter.ErrTimeout, Status: 408, Message: "late"},
			chatStatus: 408, chat: "timeout_error ", messagesStatus: 408, messages: "timeout_error", message: "late",
		},
		{
			name: "P-101 server", err: &keeprouter.Error{Kind: keeprouter.ErrServer, Status: 500, Message: "oops"},
			chatStatus: 500, chat: "server_error ", messagesStatus: 500, messages: "api_error", message: "oops",
		},
		{
			name: "overloaded", err: &keeprouter.Error{Kind: keeprouter.ErrOverloaded, Status: 529, Message: "full"},
			chatStatus: 503, chat: "server_error overloaded", messagesStatus: 529, messages: "overloaded_error", message: "full",
		},
		{
			name: "moderation", err: &keeprouter.Error{Kind: keeprouter.ErrContentFiltered, Status: 400, Message: "no"},
			chatStatus: 400, chat: "invalid_request_error content_policy_violation", messagesStatus: 400, messages: "invalid_request_error", message: "no",
		},
		{
			name: "P-98 broken stream", err: &keeprouter.Error{Kind: keeprouter.ErrTruncated, Message: "the stream ended early"},
			chatStatus: 502, chat: "server_error ", messagesStatus: 502, messages: "api_error", message: "the stream ended early",
		},
		{
			name: "cannot translate", err: refusal,
			chatStatus: 400, chat: "invalid_request_error unsupported_parameter", messagesStatus: 400, messages: "invalid_request_error",
			message: "translate: n: one; logprobs: none",
		},
		{
			name: "cannot translate the answer", err: &RefusalError{Kind: keeprouter.ErrBadResponse, Losses: []Loss{{"choices", "none"}}},
			chatStatus: 502, chat: "server_error ", messagesStatus: 502, messages: "api_error", message: "translate: choices: none",
		},
		{
			name: "deadline", err: fmt.Errorf("wrapped: %w", context.DeadlineExceeded),
			chatStatus: 504, chat: "timeout_error ", messagesStatus: 504, messages: "timeout_error", message: "the answer took too long",
		},
		{
			name: "another error", err: errors.New("dial tcp 10.0.0.1: refused"),
			chatStatus: 500, chat: "server_error ", messagesStatus: 500, messages: "api_error", message: "the request failed",
		},
		{
			name: "an address in the words", err: &keeprouter.Error{Kind: keeprouter.ErrServer, Status: 502, Message: "no route to http://10.0.0.1/x now"},
			chatStatus: 502, chat: "server_error ", messagesStatus: 502, messages: "api_error", message: "no route to [redacted] now",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			chat := ChatError(c.err)
			body := chat.Body
			require.Equal(t, c.chatStatus, chat.Status)
			require.Equal(t, c.chat, unquoted(pick(body, "error.type"))+" "+unquoted(pick(body, "error.code")))
			require.Equal(t, c.message, unquoted(pick(body, "error.message")))
			require.NotEmpty(t, pick(body, "error.param"), "P-113: the key is there, null if need be")

			messages := MessagesError(c.err)
			require.Equal(t, c.messagesStatus, messages.Status)
			require.Equal(t, "error", unquoted(pick(messages.Body, "type")), "P-103, P-110")
			require.Equal(t, c.messages, unquoted(pick(messages.Body, "error.type")))
			if c.messagesSayAnother == "" {
				c.messagesSayAnother = c.message
			}
			require.Equal(t, c.messagesSayAnother, unquoted(pick(messages.Body, "error.message")))
			require.NotEmpty(t, pick(messages.Body, "request_id"), "P-110")
		})
	}
}

func unquoted(data string) string {
	var s string
	if json.Unmarshal([]byte(data), &s) != nil {
		return ""
	}
	return s
}

func TestErrorHeaders(t *testing.T) {
	limited := ChatError(&keeprouter.Error{Kind: keeprouter.ErrRateLimited, Retryable: true, RetryAfter: 1500 * time.Millisecond, RequestID: "req_1"})
	want := http.Header{
		"Content-Type": {"application/json"}, "Retry-After": {"2"}, "Retry-After-Ms": {"1500"},
		"Request-Id": {"req_1"}, "X-Request-Id": {"req_1"},
	}
	if diff := cmp.Diff(want, limited.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	credit := MessagesError(&keeprouter.Error{Kind: keeprouter.ErrInsufficientCredit, Status: 429})
	require.Equal(t, "false", credit.Header.Get("X-Should-Retry"))
}

func TestOwnKeyIsNoFaultOfTheClient(t *testing.T) {
	gateway := Translator{OwnKey: true}
	answer := gateway.ChatError(&keeprouter.Error{Kind: keeprouter.ErrAuthentication, Status: 401, Message: "bad key sk-1234567"})
	require.Equal(t, http.StatusBadGateway, answer.Status)
	require.Equal(t, `"upstream_auth"`, pick(answer.Body, "error.code"))
	require.NotContains(t, string(answer.Body), "sk-1234567")
	require.Equal(t, http.StatusBadGateway, gateway.MessagesError(&keeprouter.Error{Kind: keeprouter.ErrAuthentication}).Status)
}

// The shapes are those of the error bodies that servers send, P-109a and P-110 among
// them.
func TestReadErrorSurvivesBothFormats(t *testing.T) {
	for _, c := range []struct {
		name string
		body string
		code int
	}{
		{"Chat", `{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded","param":null}}`, 429},
		{"Messages", `{"type":"error","error":{"type":"rate_limit_error","message":"slow down"},"request_id":"r"}`, 429},
		{"a text", `{"error":"slow down"}`, 429},
		{"FastAPI", `{"detail":"slow down"}`, 429},
		{"llama.cpp without a type", `{"error":{"code":429,"message":"slow down"}}`, 429},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := ReadError(c.code, nil, []byte(c.body))
			require.ErrorIs(t, first, keeprouter.ErrRateLimited)
			chat := ChatError(first)
			require.ErrorIs(t, ReadError(chat.Status, chat.Header, chat.Body), keeprouter.ErrRateLimited)
			messages := MessagesError(first)
			again := ReadError(messages.Status, messages.Header, messages.Body)
			require.ErrorIs(t, again, keeprouter.ErrRateLimited)
			require.Equal(t, "slow down", again.Message)
		})
	}
}

// Each kind that a server answers with keeps its kind through either format.
func TestErrorKindsSurvive(t *testing.T) {
	for _, kind := range []keeprouter.ErrorKind{
		keeprouter.ErrAuthentication, keeprouter.ErrPermission, keeprouter.ErrNotFound, keeprouter.ErrInvalidRequest,
		keeprouter.ErrRequestTooLarge, keeprouter.ErrContextTooLong, keeprouter.ErrRateLimited,
		keeprouter.ErrInsufficientCredit, keeprouter.ErrOverloaded, keeprouter.ErrServer, keeprouter.ErrTimeout,
	} {
		e := &keeprouter.Error{Kind: kind, Message: "m"}
		for format, answer := range map[string]ErrorAnswer{"chat": ChatError(e), "messages": MessagesError(e)} {
			read := ReadError(answer.Status, answer.Header, answer.Body)
			if read.Kind != kind {
				t.Errorf("%s through %s is %s: %s", kind, format, read.Kind, answer.Body)
			}
		}
	}
}
