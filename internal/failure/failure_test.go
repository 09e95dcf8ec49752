package failure

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFromResponse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   Failure
	}{
		{
			"chat", 400, `{"error":{"message":"m","type":"invalid_request_error","param":"temperature","code":"invalid_value"}}`,
			Failure{Kind: InvalidRequest, Type: "invalid_request_error", Code: "invalid_value", Param: "temperature", Message: "m"},
		},
		{
			"messages", 529, `{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"req_1"}`,
			Failure{Kind: Overloaded, Type: "overloaded_error", Message: "m", RequestID: "req_1", Retryable: true},
		},
		{"error is a text", 400, `{"error":"text"}`, Failure{Kind: InvalidRequest, Message: "text"}},
		{"message alone", 401, `{"message":"no key"}`, Failure{Kind: Authentication, Message: "no key"}},
		{"detail", 422, `{"detail":"bad field"}`, Failure{Kind: InvalidRequest, Message: "bad field"}},
		{
			"detail list", 422, `{"detail":[{"loc":["body","model"],"msg":"field required","type":"missing"},{"loc":["body",0],"msg":"too short"}]}`,
			Failure{Kind: InvalidRequest, Message: "body.model: field required; body.0: too short"},
		},
		{"flat object", 404, `{"object":"error","message":"no such model","type":"NotFoundError","code":404}`, Failure{Kind: NotFound, Type: "NotFoundError", Code: "404", Message: "no such model"}},
		{"numeric code", 429, `{"error":{"message":"slow down","code":429}}`, Failure{Kind: RateLimited, Code: "429", Message: "slow down", Retryable: true}},
		{"array around", 400, `[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]`, Failure{Kind: InvalidRequest, Type: "INVALID_ARGUMENT", Code: "400", Message: "m"}},
		{"status word before the code", 429, `{"error":{"status":"RESOURCE_EXHAUSTED","code":429,"message":"m"}}`, Failure{Kind: RateLimited, Type: "RESOURCE_EXHAUSTED", Code: "429", Message: "m", Retryable: true}},
		{"wrong key as a wrong argument", 400, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}`, Failure{Kind: Authentication, Type: "INVALID_ARGUMENT", Code: "400", Message: "API key not valid."}},
		{"error is a code", 401, `{"error":"invalid_client","error_description":"no such client"}`, Failure{Kind: Authentication, Code: "invalid_client", Message: "no such client"}},
		{"error is the status text", 404, `{"status":404,"error":"Not Found","message":"no such path"}`, Failure{Kind: NotFound, Code: "404", Message: "no such path"}},
		{"None for null", 429, `{"error":{"message":"m","type":"None","param":"None","code":"429"}}`, Failure{Kind: RateLimited, Code: "429", Message: "m", Retryable: true}},
		{"overloaded by type", 500, `{"error":{"type":"overloaded_error","message":"m"}}`, Failure{Kind: Overloaded, Type: "overloaded_error", Message: "m", Retryable: true}},
		{"Azure's filter", 400, `{"error":{"code":"content_filter","message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, Failure{Kind: ContentFiltered, Code: "content_filter", Message: "m"}},
		{
			"moderation with reasons", 403, `{"error":{"code":403,"message":"m","metadata":{"reasons":["violence"],"flagged_input":"x"}}}`,
			Failure{Kind: ContentFiltered, Code: "403", Message: "m"},
		},
		{"no reasons", 403, `{"error":{"code":403,"message":"m","metadata":{"reasons":[]}}}`, Failure{Kind: Permission, Code: "403", Message: "m"}},
		{
			"a provider's own error body", 400, `{"error":{"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long\",\"type\":\"t\"}}"},"message":"Provider returned error","code":400}}`,
			Failure{Kind: ContextTooLong, Type: "t", Code: "400", Message: "prompt is too long"},
		},
		{"errors list", 403, `{"success":false,"errors":[{"code":10000,"message":"m"}]}`, Failure{Kind: Permission, Code: "10000", Message: "m"}},
		{
			"metadata of a provider", 502, `{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"upstream is down","provider_name":"p"}}}`,
			Failure{Kind: Server, Code: "502", Message: "upstream is down", Retryable: true},
		},
		{"HTML with a title", 502, "<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>", Failure{Kind: Server, Message: "502 Bad Gateway", Retryable: true}},
		{"HTML without a title", 503, "<h1>Sorry</h1><script>x()</script><p>back &amp; soon</p>", Failure{Kind: Overloaded, Message: "Sorry back & soon", Retryable: true}},
		{"plain text", 500, "out\x00of order\r\n", Failure{Kind: Server, Message: "out of order", Retryable: true}},
		{"empty", 500, "", Failure{Kind: Server, Message: "Internal Server Error", Retryable: true}},
		{"empty object", 500, "{}", Failure{Kind: Server, Message: "Internal Server Error", Retryable: true}},
		{"cut JSON", 500, `{"error":{"mess`, Failure{Kind: Server, Message: `{"error":{"mess`, Retryable: true}},
		{"context by code", 400, `{"error":{"message":"m","code":"context_length_exceeded"}}`, Failure{Kind: ContextTooLong, Code: "context_length_exceeded", Message: "m"}},
		{"context by text", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}`, Failure{Kind: ContextTooLong, Type: "invalid_request_error", Message: "prompt is too long: 9 tokens > 8 maximum"}},
		{"content policy", 400, `{"error":{"message":"m","code":"content_policy_violation"}}`, Failure{Kind: ContentFiltered, Code: "content_policy_violation", Message: "m"}},
		{"quota", 429, `{"error":{"message":"m","type":"insufficient_quota"}}`, Failure{Kind: InsufficientCredit, Type: "insufficient_quota", Message: "m"}},
		{"payment", 402, `{"error":{"message":"m"}}`, Failure{Kind: InsufficientCredit, Message: "m"}},
		{"too large", 413, ``, Failure{Kind: RequestTooLarge, Message: "Request Entity Too Large"}},
		{"408", 408, ``, Failure{Kind: Timeout, Message: "Request Timeout", Retryable: true}},
		{"504", 504, ``, Failure{Kind: Timeout, Message: "Gateway Timeout", Retryable: true}},
		{"409", 409, ``, Failure{Kind: InvalidRequest, Message: "Conflict", Retryable: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Status = tt.status
			if tt.body != "" {
				tt.want.Body = []byte(tt.body)
			}
			got := FromResponse(tt.status, http.Header{}, []byte(tt.body), time.Now())
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromEvent(t *testing.T) {
	for _, tt := range []struct {
		body      string
		status    int
		kind      Kind
		retryable bool
	}{
		{`{"type":"error","error":{"type":"overloaded_error","message":"m"}}`, 529, Overloaded, true},
		{`{"type":"error","error":{"type":"rate_limit_error","message":"m"}}`, 429, RateLimited, true},
		{`{"type":"error","error":{"type":"api_error","message":"m"}}`, 500, Server, true},
		{`{"type":"error","error":{"type":"invalid_request_error","message":"m"}}`, 400, InvalidRequest, false},
		{`{"type":"error","error":{"type":"authentication_error","message":"m"}}`, 401, Authentication, false},
		{`{"type":"error","error":{"type":"timeout_error","message":"m"}}`, 504, Timeout, true},
		{`{"error":{"code":502,"message":"m"}}`, 502, Server, true},
		{`{"error":{"code":"429","message":"m"}}`, 429, RateLimited, true},
		{`{"error":"something broke"}`, 500, Server, true},
		{`{"error":{"type":"invalid_request_error","code":"invalid_api_key","message":"m"}}`, 401, Authentication, false},
		{`{"error":{"type":"invalid_request_error","code":"model_not_found","message":"m"}}`, 404, NotFound, false},
		{`{"error":{"type":"tokens","code":"rate_limit_exceeded","message":"m"}}`, 429, RateLimited, true},
		{`{"error":{"type":"server_error","message":"m"}}`, 500, Server, true},
		{`{"object":"error","type":"RateLimitError","message":"m"}`, 429, RateLimited, true},
		{`{"object":"error","type":"BadRequestError","message":"maximum context length is 8"}`, 400, ContextTooLong, false},
		{`{"error":{"message":"m","code":"insufficient_quota"}}`, 429, InsufficientCredit, false},
		{`{"message":"m","code":"model_not_found"}`, 404, NotFound, false},
		{`{"id":"x","choices":[{"finish_reason":"error"}],"error":{"code":503,"message":"m"}}`, 503, Overloaded, true},
	} {
		f := FromEvent([]byte(tt.body), 200, http.Header{})
		if f.Status != tt.status || f.Kind != tt.kind || f.Retryable != tt.retryable || f.Message == "" {
			t.Errorf("%s: %d %q retryable %v, message %q", tt.body, f.Status, f.Kind, f.Retryable, f.Message)
		}
	}
}

func TestIsError(t *testing.T) {
	for body, want := range map[string]bool{
		`{"error":{"message":"m"}}`:                         true,
		`{"error":"m"}`:                                     true,
		`{"error":[{"message":"m"}]}`:                       true,
		`{"type":"error"}`:                                  true,
		`{"object":"error","message":"m"}`:                  true,
		`{"message":"m","code":400}`:                        true,
		`{"detail":"m"}`:                                    true,
		`{"detail":[{"loc":["a"],"msg":"m","type":"x"}]}`:   true,
		`{"errors":[{"code":1}],"message":null}`:            true,
		`{"success":true,"errors":[],"result":{}}`:          false,
		`[{"error":{"message":"m"}}]`:                       true,
		`{"choices":[],"error":{"message":"m"}}`:            true,
		`{"error":null,"choices":[]}`:                       false,
		`{"error":false,"choices":[]}`:                      false,
		`{"ERROR":{"message":"m"}}`:                         false,
		`{"choices":[{"delta":{"content":"\"error\""}}]}`:   false,
		`{"type":"message","content":[]}`:                   false,
		`{"type":"message_start","message":{"id":"msg_1"}}`: false,
		`{"type":"ping"}`:                                   false,
		`{}`:                                                false,
		`[]`:                                                false,
		`null`:                                              false,
	} {
		if got := IsError([]byte(body)); got != want {
			t.Errorf("IsError(%s) = %v, want %v", body, got, want)
		}
	}
}

func TestHeaderOfAnErrorInA200(t *testing.T) {
	body := []byte(`{"error":{"type":"rate_limit_error","message":"m"}}`)
	f := FromEvent(body, 200, http.Header{"Retry-After": {"3"}, "X-Should-Retry": {"false"}, "Request-Id": {"req_1"}})
	if f.RetryAfter != 3*time.Second || f.Retryable || f.RequestID != "req_1" {
		t.Errorf("RetryAfter %v, retryable %v, request id %q", f.RetryAfter, f.Retryable, f.RequestID)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, seconds, millis string
		want                  time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "2", "", 2 * time.Second},
		{"fraction", " 0.25 ", "", 250 * time.Millisecond},
		{"milliseconds win", "60", "20", 20 * time.Millisecond},
		{"milliseconds that make no sense don't", "60", "-1", time.Minute},
		{"date", "Mon, 23 Nov 2026 12:01:30 GMT", "", 90 * time.Second},
		{"date in the past", "Mon, 23 Nov 2026 11:59:59 GMT", "", 0},
		{"date in another age", "Tue, 23 Nov 2100 12:00:00 GMT", "", 0},
		{"negative", "-5", "", 0},
		{"zero", "0", "", 0},
		{"word", "abc", "", 0},
		{"NaN", "NaN", "", 0},
		{"infinite", "Inf", "", 0},
		{"seconds since 1970", "1795435205", "", 0},
		{"past any integer", "1e300", "1e300", 0},
	} {
		h := http.Header{}
		h.Set("Retry-After", tt.seconds)
		h.Set("Retry-After-Ms", tt.millis)
		if got, ok := RetryAfter(h, now); got != tt.want || ok != (tt.want > 0) {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, ok, tt.want)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	for _, text := range []string{"é", "x", "x ", " \n"} {
		f := FromResponse(500, http.Header{}, []byte(strings.Repeat(text, 1<<20)), time.Now())
		if len(f.Body) > 4<<10 || len(f.Message) > 1<<10+len("…") || !utf8.ValidString(f.Message) || f.Message == "" {
			t.Errorf("kept %d bytes of the body and %d of the message, valid %v", len(f.Body), len(f.Message), utf8.ValidString(f.Message))
		}
	}
}

// TestNothingEndsInHalfAKey moves a key over every place where something is cut: a
// part of it would not be found by a redaction of the whole.
func TestNothingEndsInHalfAKey(t *testing.T) {
	const key = "kr-test-0123456789abcdef"
	for _, shape := range []string{"%s", `{"error":{"message":"%s"}}`, "<p>%s</p>"} {
		for _, place := range []int{maxMessage, 4 * maxMessage, maxBody, maxHTML} {
			for at := place - 60; at < place+10; at++ {
				text := fmt.Sprintf(shape, strings.Repeat("ab ", at/3)+"    "[:at%3]+key+" and the rest")
				f := FromResponse(400, http.Header{}, []byte(text), time.Time{})
				for _, kept := range []string{f.Message, string(f.Body)} {
					if rest := strings.ReplaceAll(kept, key, ""); strings.Contains(rest, key[:4]) {
						t.Fatalf("%q with the key at %d: kept %q", shape, at, rest[max(0, len(rest)-40):])
					}
				}
			}
		}
	}
}

func TestRequestID(t *testing.T) {
	h := http.Header{}
	for _, name := range []string{"apim-request-id", "cf-aig-log-id", "x-litellm-call-id", "request-id", "x-request-id"} {
		h.Set(name, "of "+name) // from the last in rank to the first
		if got := FromResponse(500, h, []byte(`{"request_id":"body"}`), time.Now()).RequestID; got != "of "+name {
			t.Errorf("request id = %q, want that of %s", got, name)
		}
	}
}

func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{`{"error":{"message":"m"}}`, `[{"error":1}]`, `<title>x`, `{"detail":[{"loc":[1]}]}`, "\x00", `"text"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := FromResponse(500, http.Header{}, body, time.Now())
		if got.Message == "" || len(got.Message) > maxMessage+len("…") || strings.ContainsAny(got.Message, "\r\n\x00") {
			t.Errorf("message = %q", got.Message)
		}
		IsError(body)
	})
}

// FuzzRetryAfter holds that a wait is one that can be waited, whatever a server says.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"2", "0.25", "-5", "1e300", "NaN", "1e-30", "0x1p-2", "Mon, 23 Nov 2026 12:01:30 GMT", "31622400", ""} {
		f.Add(seed, seed)
		f.Add("60", seed)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, seconds, millis string) {
		d, ok := RetryAfter(http.Header{"Retry-After": {seconds}, "Retry-After-Ms": {millis}}, now)
		if ok != (d > 0) || d < 0 || d > maxRetryAfter {
			t.Errorf("%q, %q: %v, %v", seconds, millis, d, ok)
		}
		if alone, known := RetryAfter(http.Header{"Retry-After": {seconds}}, now); known && !ok {
			t.Errorf("%q hides the wait of %v", millis, alone)
		}
	})
}
