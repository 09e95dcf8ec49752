package failure

import (
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
		{"array around", 400, `[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]`, Failure{Kind: InvalidRequest, Code: "400", Message: "m"}},
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

func TestWhatIsKeptIsBounded(t *testing.T) {
	f := FromResponse(500, http.Header{}, []byte(strings.Repeat("é", 1<<20)), time.Now())
	if len(f.Body) > 4<<10 || len(f.Message) > 1<<10+len("…") || !utf8.ValidString(f.Message) {
		t.Errorf("kept %d bytes of the body and %d of the message, valid %v", len(f.Body), len(f.Message), utf8.ValidString(f.Message))
	}
}

func TestRequestID(t *testing.T) {
	h := http.Header{}
	h.Set("apim-request-id", "last")
	h.Set("request-id", "second")
	if got := FromResponse(500, h, []byte(`{"request_id":"body"}`), time.Now()).RequestID; got != "second" {
		t.Errorf("request id = %q, want the header's", got)
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
