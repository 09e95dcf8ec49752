package keeprouter_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func inBubble(t *testing.T, f func(*testing.T)) { synctest.Test(t, f) }

// answerFaults are answers that aren't what was asked for.
func answerFaults(t *testing.T) []fault {
	const (
		completion = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello."}}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}`
		message    = `{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[{"type":"text","text":"Hello."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1000,"output_tokens":500}}`
		overloaded = `{"error":{"type":"overloaded_error","message":"m"}}`
		invalid    = `{"type":"error","error":{"type":"invalid_request_error","message":"m"}}`
		html       = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>"
		jsonType   = "application/json"
	)
	all := func(rs ...keeproutertest.Reply) []keeproutertest.Reply { return rs }
	thrice := func(r keeproutertest.Reply) []keeproutertest.Reply { return all(r, r, r) }
	withStatus := func(status int, contentType, body string) keeproutertest.Reply {
		return keeproutertest.Reply{Status: status, ContentType: contentType, Body: body}
	}
	outside := func(t *testing.T, e *keeprouter.Error) {
		if e.InStream || e.Message != "m" {
			t.Errorf("error = %+v, want one outside the stream with the server's message", e)
		}
	}
	shows := func(status int, message, body string) func(*testing.T, *keeprouter.Error) {
		return func(t *testing.T, e *keeprouter.Error) {
			if e.Status != status || !strings.Contains(e.Message, message) || !strings.Contains(string(e.Body), body) {
				t.Errorf("error = %+v with body %q, want status %d, message %q, body %q", e, e.Body, status, message, body)
			}
		}
	}
	return []fault{
		{name: "a JSON error in place of a stream, retryable", both: thrice(raw(jsonType, overloaded)), kind: keeprouter.ErrOverloaded, attempts: 3, after: anyTime, check: outside},
		{name: "a JSON error in place of a stream, final", both: all(raw(jsonType, invalid)), kind: keeprouter.ErrInvalidRequest, check: outside},
		{name: "a JSON error under the stream's media type", both: all(raw(sse, invalid)), kind: keeprouter.ErrInvalidRequest, check: outside},
		{name: "a whole answer in place of a stream", chat: all(raw(jsonType, completion)), messages: all(raw(jsonType, message)), text: "Hello."},
		{name: "HTML in place of a stream", both: all(raw("text/html", html)), kind: keeprouter.ErrNotAStream, check: shows(200, "text/html", "nginx")},
		{name: "HTML under the stream's media type", both: all(raw(sse, html)), kind: keeprouter.ErrNotAStream, check: shows(200, "", "nginx")},
		{name: "an empty body in place of a stream", both: all(withStatus(200, jsonType, "\n")), kind: keeprouter.ErrNotAStream, check: shows(200, "empty body", "")},
		{name: "an empty stream", both: thrice(withStatus(204, sse, "")), kind: keeprouter.ErrTruncated, attempts: 3, after: anyTime},
		{name: "{} in place of a stream", both: all(raw(jsonType, "{}")), kind: keeprouter.ErrNotAStream, check: shows(200, "", "{}")},

		{name: "a whole answer", create: true, chat: all(raw(jsonType, completion)), messages: all(raw(jsonType, message)), text: "Hello."},
		{name: "a whole answer after blank lines", create: true, chat: all(raw(jsonType, "\n\n\n"+completion)), messages: all(raw(jsonType, "\n\n"+message)), text: "Hello."},
		{name: "a stream in place of a whole answer", create: true, chat: all(raw(sse, chatEvents...)), messages: all(raw(sse, messagesEvents...)), text: "Hello."},
		{name: "{}", create: true, both: all(raw(jsonType, "{}")), kind: keeprouter.ErrBadResponse, check: shows(200, "", "{}")},
		{name: "null", create: true, both: all(raw(jsonType, "null")), kind: keeprouter.ErrBadResponse},
		{name: "HTML", create: true, both: all(raw("text/html", html)), kind: keeprouter.ErrBadResponse, check: shows(200, "text/html", "nginx")},
		{name: "an empty body", create: true, both: all(keeproutertest.Reply{Status: 204}), kind: keeprouter.ErrBadResponse},
		{name: "cut JSON", create: true, chat: all(raw(jsonType, completion[:100])), messages: all(raw(jsonType, message[:100])), kind: keeprouter.ErrBadResponse},
		{name: "a 200 with an error", create: true, both: all(raw(jsonType, invalid)), kind: keeprouter.ErrInvalidRequest, check: outside},
		{name: "a 200 with a retryable error", create: true, both: thrice(raw(jsonType, overloaded)), kind: keeprouter.ErrOverloaded, attempts: 3, after: anyTime},

		{
			name: "a finish reason that tells of a failure", create: true, kind: keeprouter.ErrServer, text: "Hel", attempts: 3, after: anyTime, only: "chat",
			chat: thrice(raw(jsonType, strings.Replace(strings.Replace(completion, `"stop"`, `"error"`, 1), "Hello.", "Hel", 1))),
		},

		{name: "HTML 502", both: thrice(withStatus(502, "text/html", html)), kind: keeprouter.ErrServer, attempts: 3, after: anyTime, check: shows(502, "Bad gateway", "nginx")},
		{name: "400 with a text", both: all(withStatus(400, jsonType, `{"error":"text"}`)), kind: keeprouter.ErrInvalidRequest, check: shows(400, "text", "")},
		{name: "422 with a detail", both: all(withStatus(422, jsonType, `{"detail":"bad field"}`)), kind: keeprouter.ErrInvalidRequest, check: shows(422, "bad field", "")},
		{
			name: "500 without a body", attempts: 3, after: anyTime, kind: keeprouter.ErrServer, check: shows(500, "Internal Server Error", ""),
			both: thrice(keeproutertest.Reply{Status: 500, Body: " ", ContentType: "text/plain"}),
		},
		{name: "401", both: all(keeproutertest.Reply{Status: 401}), kind: keeprouter.ErrAuthentication, check: shows(401, "", "")},
		{name: "403", both: all(keeproutertest.Reply{Status: 403}), kind: keeprouter.ErrPermission, check: shows(403, "", "")},
		{name: "404", both: all(keeproutertest.Reply{Status: 404}), kind: keeprouter.ErrNotFound, check: shows(404, "", "")},
		{name: "413", both: all(keeproutertest.Reply{Status: 413}), kind: keeprouter.ErrRequestTooLarge, check: shows(413, "", "")},
		{
			name: "context too long", kind: keeprouter.ErrContextTooLong,
			both: all(keeproutertest.Reply{Status: 400, ErrorMessage: "prompt is too long: 300000 tokens > 262144 maximum", ErrorCode: "context_length_exceeded"}),
		},
		{
			name: "insufficient quota", kind: keeprouter.ErrInsufficientCredit,
			both: all(keeproutertest.Reply{Status: 429, ErrorType: "insufficient_quota", ErrorCode: "insufficient_quota"}),
		},
		{name: "402", both: all(keeproutertest.Reply{Status: 402}), kind: keeprouter.ErrInsufficientCredit},
		{name: "429 retry-after: 2", both: all(retryAfter(429, "2"), keeproutertest.Reply{Text: "Hello."}), text: "Hello.", attempts: 2, after: 2 * time.Second},
		{
			name: "429 retry-after: 3600", both: all(retryAfter(429, "3600")), kind: keeprouter.ErrRateLimited,
			check: func(t *testing.T, e *keeprouter.Error) {
				if e.RetryAfter != time.Hour || !strings.Contains(e.Error(), "retry after 1h0m0s") {
					t.Errorf("error = %v, RetryAfter %v, want an hour", e, e.RetryAfter)
				}
			},
		},
		{name: "retry-after: -5", both: all(retryAfter(429, "-5"), keeproutertest.Reply{Text: "Hello."}), text: "Hello.", attempts: 2, after: anyTime},
		{name: "retry-after: abc", both: all(retryAfter(503, "abc"), keeproutertest.Reply{Text: "Hello."}), text: "Hello.", attempts: 2, after: anyTime},
		{
			name: "retry-after in the past", both: all(retryAfter(429, "Fri, 31 Dec 1999 00:00:00 GMT"), keeproutertest.Reply{Text: "Hello."}),
			text: "Hello.", attempts: 2, after: anyTime,
		},
	}
}

// transportFaults are what the way to the gateway does.
func transportFaults() []fault {
	one := func(r keeproutertest.Reply) []keeproutertest.Reply { return []keeproutertest.Reply{r} }
	return []fault{
		{
			name: "connection closed before an answer", text: "Hello.", attempts: 2, after: anyTime,
			both: []keeproutertest.Reply{{Fault: keeproutertest.Fault{DropConnection: true}}, {Text: "Hello."}},
		},
		{
			name: "connection always closed", kind: keeprouter.ErrConnection, change: noRetry,
			both: one(keeproutertest.Reply{Fault: keeproutertest.Fault{DropConnection: true}}),
		},
		{
			name: "redirect to another host, 307", kind: keeprouter.ErrRedirect,
			both: one(keeproutertest.Reply{Fault: keeproutertest.Fault{RedirectTo: "https://thief.example.com/v1"}}),
		},
		{
			name: "redirect to another host, 308", kind: keeprouter.ErrRedirect,
			both: one(keeproutertest.Reply{Status: 308, Header: http.Header{"Location": {"https://thief.example.com/v1"}}}),
		},
		{
			name: "no answer", kind: keeprouter.ErrTimeout, change: noRetry, after: 5 * time.Minute,
			both: one(keeproutertest.Reply{Delay: time.Hour}),
		},
		{
			name: "silence behind the header", kind: keeprouter.ErrIdle, change: noRetry, after: 2 * time.Minute,
			both: one(keeproutertest.Reply{FirstByteDelay: time.Hour}),
		},
		{
			name: "a comment, then silence", text: "Hello.", attempts: 2, after: anyTime,
			both: []keeproutertest.Reply{
				{Status: 200, ContentType: sse, Body: ": processing\n\n" + chatEvents[0], Fault: keeproutertest.Fault{StallAfterEvents: new(0), Comments: 1}},
				{Text: "Hello."},
			},
		},
		{
			name: "a slow but healthy stream", text: "One two three four five six.", after: anyTime,
			both: one(keeproutertest.Reply{Text: "One two three four five six.", Pause: 100 * time.Second}),
		},
		{
			name: "the whole call takes too long", kind: keeprouter.ErrTimeout, text: "One", after: 30 * time.Second,
			chat:     one(keeproutertest.Reply{Text: "One two three", Pause: 20 * time.Second}),
			messages: one(keeproutertest.Reply{Text: "One two three", Pause: 8 * time.Second}),
			change:   func(o *keeprouter.Options) { o.Timeouts.Total = 30 * time.Second },
		},
	}
}
