package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

func TestRoutes(t *testing.T) {
	const version = "2023-06-01"
	notFound := func(typ string) *refusal { return &refusal{Status: 404, Type: typ, Message: "there is no /"} }
	notAllowed := &refusal{Status: 405, Type: "invalid_request_error", Message: "is not allowed"}
	for _, tt := range []struct {
		name, method, path string
		headers            []string
		status             int
		refused            *refusal
	}{
		{"root", "GET", "/", nil, 200, nil},
		{"root's head", "HEAD", "/", nil, 200, nil},
		{"root with v1", "GET", "/v1", nil, 200, nil},
		{"head of the models", "HEAD", "/v1/models", nil, 200, nil},
		{"head of a model", "HEAD", "/v1/models/gemma-4-31B-it", nil, 200, nil},
		{"head of chat", "HEAD", chatPath, nil, 405, notAllowed},
		{"head of messages", "HEAD", messagesPath, nil, 405, notAllowed},
		{"options", "OPTIONS", chatPath, nil, 204, nil},
		{"options of messages", "OPTIONS", messagesPath + "?beta=true", nil, 204, nil},
		{"options of the count", "OPTIONS", countPath, []string{"Authorization", ""}, 204, nil},
		{"options of the models", "OPTIONS", "/v1/models", nil, 204, nil},
		{"options of the root", "OPTIONS", "/", nil, 204, nil},
		{"options of nothing", "OPTIONS", "/v1/embeddings", nil, 404, notFound("invalid_request_error")},
		{"unknown path", "GET", "/v1/embeddings", nil, 404, notFound("invalid_request_error")},
		{"unknown path, by version", "GET", "/v1/embeddings", []string{"Anthropic-Version", version}, 404, notFound("not_found_error")},
		{"batches", "POST", "/v1/messages/batches", nil, 404, notFound("not_found_error")},
		{"stored completions", "GET", "/v1/chat/completions/chatcmpl-1", nil, 404, notFound("invalid_request_error")},
		{"method, chat", "GET", chatPath, nil, 405, notAllowed},
		{"method, messages", "DELETE", messagesPath, nil, 405, notAllowed},
		{"method, models", "POST", "/v1/models", nil, 405, notAllowed},
		{"a piece of a method", "T", chatPath, nil, 405, notAllowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, always(gateway.Reply{}), tt.method, tt.path, "", tt.headers...)
			if a.status != tt.status {
				t.Fatalf("status = %d, want %d", a.status, tt.status)
			}
			if tt.refused != nil {
				checkRefusal(t, *tt.refused, a)
			}
			if (tt.status == 405 || tt.status == 204) && a.header.Get("Allow") == "" {
				t.Error("Allow is missing")
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	for _, tt := range []struct {
		name, bearer, apiKey string
		status               int
	}{
		{"bearer", "Bearer " + key, "", 200},
		{"bearer in lower case", "bearer " + key, "", 200},
		{"x-api-key", "", key, 200},
		{"one of two", "Bearer wrong", key, 200},
		{"the other of two", "Bearer " + key, "wrong", 200},
		{"none", "", "", 401},
		{"wrong", "Bearer wrong", "wrong", 401},
		{"a beginning", "Bearer " + key[:5], "", 401},
		{"another scheme", "Basic " + key, "", 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := always(gateway.Reply{})
			headers := []string{"Authorization", tt.bearer, "X-Api-Key", tt.apiKey}
			chat := ask(t, g, "POST", chatPath, chatAsk, headers...)
			messages := ask(t, g, "POST", messagesPath, messagesAsk, headers...)
			if chat.status != tt.status || messages.status != tt.status {
				t.Fatalf("statuses = %d and %d, want %d", chat.status, messages.status, tt.status)
			}
			if tt.status == 401 {
				checkRefusal(t, refusal{401, "invalid_request_error", "", "invalid_api_key", "key"}, chat)
				checkRefusal(t, refusal{Status: 401, Type: "authentication_error", Message: "key"}, messages)
			}
		})
	}
	if a := ask(t, gateway.New(gateway.Config{}), "POST", chatPath, chatAsk, "Authorization", ""); a.status != 200 {
		t.Errorf("a gateway without a key answers %d", a.status)
	}
}

func TestHeaders(t *testing.T) {
	g := always(gateway.Reply{})
	for _, tt := range []struct {
		name, path, body string
		want             map[string]string
	}{
		{"chat", chatPath, chatAsk, map[string]string{
			"Server": "keeprouter-local-gateway", "X-Request-Id": "req_1", "Request-Id": "req_1",
			"X-Ratelimit-Limit-Requests": "10000", "X-Ratelimit-Remaining-Requests": "9999", "X-Ratelimit-Reset-Requests": "6ms",
			"X-Ratelimit-Limit-Tokens": "4000000", "X-Ratelimit-Reset-Tokens": "0s",
		}},
		{"messages, refused", messagesPath, "{}", map[string]string{
			"Server": "keeprouter-local-gateway", "X-Request-Id": "req_2", "Request-Id": "req_2",
			"Anthropic-Ratelimit-Requests-Remaining": "9998", "Anthropic-Ratelimit-Tokens-Limit": "4000000",
			"Anthropic-Ratelimit-Input-Tokens-Remaining": "4000000", "Anthropic-Ratelimit-Output-Tokens-Reset": "2026-11-01T00:01:00Z",
		}},
	} {
		a := post(t, g, tt.path, tt.body)
		got := map[string]string{}
		for name := range tt.want {
			got[name] = a.header.Get(name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestModels(t *testing.T) {
	const gemma = `{"id":"gemma-4-31B-it","object":"model","type":"model","display_name":"Gemma 4 31B","created":1793491200,"created_at":"2026-11-01T00:00:00Z","owned_by":"keeprouter","lifecycle":"active"}`
	const gemini = `{"id":"gemini-3.5-flash","object":"model","type":"model","display_name":"Gemini 3.5 Flash","created":1793491200,"created_at":"2026-11-01T00:00:00Z","owned_by":"keeprouter","lifecycle":"active"}`
	g := always(gateway.Reply{})
	for path, want := range map[string]string{
		"/v1/models":                `{"object":"list","data":[` + gemma + `,` + gemini + `],"has_more":false,"first_id":"gemma-4-31B-it","last_id":"gemini-3.5-flash"}`,
		"/models?limit=20":          `{"object":"list","data":[` + gemma + `,` + gemini + `],"has_more":false,"first_id":"gemma-4-31B-it","last_id":"gemini-3.5-flash"}`,
		"/v1/models/gemma-4-31B-it": gemma,
	} {
		if diff := cmp.Diff(want, ask(t, g, "GET", path, "").body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	checkRefusal(t, refusal{404, "invalid_request_error", "model", "model_not_found", `"a/b"`}, ask(t, g, "GET", "/v1/models/a%2Fb", ""))
	checkRefusal(t, refusal{Status: 404, Type: "not_found_error", Message: `"a/b"`}, ask(t, g, "GET", "/v1/models/a/b", "", "Anthropic-Version", "2023-06-01"))
	if a := ask(t, g, "GET", "/v1/models", "", "Authorization", ""); a.status != 401 {
		t.Errorf("status without a key = %d", a.status)
	}
}

func TestCountTokens(t *testing.T) {
	count := func(body string) int {
		var got struct {
			Tokens int `json:"input_tokens"`
		}
		a := post(t, always(gateway.Reply{}), countPath, body)
		require.NoError(t, json.Unmarshal([]byte(a.body), &got), a.body)
		return got.Tokens
	}
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"text", chatHead + `{"role":"user","content":"12345678"}]}`, 3},
		{"rounded up", chatHead + `{"role":"user","content":"123456789"}]}`, 4},
		{"blocks", chatHead + user(`{"type":"text","text":"12345678"}`) + `]}`, 3},
		{"system", `{"system":"1234",` + chatHead[1:] + `{"role":"user","content":"12345678"}]}`, 4},
		{"image", chatHead + user(`{"type":"image","source":{"type":"base64","media_type":"image/png","data":"`+strings.Repeat("A", 4000)+`"}}`) + `]}`, 257},
		{"tool", `{"tools":[{"name":"f","input_schema":{"type":"object"}}],` + chatHead[1:] + chatUser + `]}`, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := count(tt.body); got != tt.want {
				t.Errorf("tokens = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	g := gateway.New(gateway.Config{Key: key, MaxBody: 1000})
	large := chatHead + `{"role":"user","content":"` + strings.Repeat("x", 1000) + `"}]}`
	pack := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(s))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.String()
	}
	gzipped := []string{"Content-Encoding", "gzip"}
	for _, tt := range []struct {
		name, path, body string
		headers          []string
		want             refusal
	}{
		{"large, chat", chatPath, large, nil, refusal{Status: 413, Type: "invalid_request_error", Message: "too large"}},
		{"large, messages", messagesPath, large, nil, refusal{Status: 413, Type: "request_too_large", Message: "too large"}},
		{"large once decoded", chatPath, pack(large), gzipped, refusal{Status: 413, Type: "invalid_request_error", Message: "too large"}},
		{"not gzip", chatPath, chatAsk, gzipped, refusal{Status: 400, Type: "invalid_request_error", Message: "not gzip"}},
		{"another encoding", messagesPath, messagesAsk, []string{"Content-Encoding", "br"}, refusal{Status: 415, Type: "invalid_request_error", Message: "br is not supported"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefusal(t, tt.want, ask(t, g, http.MethodPost, tt.path, tt.body, tt.headers...))
		})
	}
	if a := ask(t, g, "POST", chatPath, pack(chatAsk), gzipped...); a.status != 200 {
		t.Errorf("a gzipped request is answered %d: %s", a.status, a.body)
	}
}

func TestJournal(t *testing.T) {
	g := always(gateway.Reply{})
	ask(t, g, "POST", chatPath+"?x=1", streamed(chatAsk), "X-Api-Key", key, "X-Trace", "abc")
	ask(t, g, "POST", messagesPath, "{", "Authorization", key+" x")
	ask(t, g, "GET", "/v1/models", "")
	got := g.Requests()
	want := []gateway.Request{
		{
			Method: "POST", Path: chatPath, Query: "x=1", Body: []byte(streamed(chatAsk)), Model: "gemma-4-31B-it", Stream: true, RequestID: "req_1",
			Header: http.Header{"Authorization": {"Bearer REDACTED"}, "X-Api-Key": {"REDACTED"}, "X-Trace": {"abc"}},
		},
		{Method: "POST", Path: messagesPath, Body: []byte("{"), RequestID: "req_2", Header: http.Header{"Anthropic-Version": {"2023-06-01"}, "Authorization": {"REDACTED"}}},
		{Method: "GET", Path: "/v1/models", Body: []byte{}, RequestID: "req_3", Header: http.Header{"Authorization": {"Bearer REDACTED"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	got[0].Body[0], got[0].Header["X-Trace"] = 'X', nil
	if diff := cmp.Diff(want, g.Requests()); diff != "" {
		t.Errorf("the journal isn't safe to change (-want +got):\n%s", diff)
	}
}

func TestSameRequestsSameAnswers(t *testing.T) {
	run := func() string {
		g := gateway.New(gateway.Config{Key: key})
		var all strings.Builder
		for _, r := range [][2]string{{chatPath, chatAsk}, {messagesPath, messagesAsk}, {chatPath, streamed(chatAsk)}, {messagesPath, streamed(messagesAsk)}} {
			a := post(t, g, r[0], r[1])
			all.WriteString(a.body + a.header.Get("X-Request-Id"))
		}
		return all.String()
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}
