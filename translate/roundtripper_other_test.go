package translate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/translate"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	asChat     = `{"model":"gemma-4-31B-it","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}`
	chatOK     = `{"id":"1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}],"usage":{"prompt_tokens":1000000,"completion_tokens":1000000,"total_tokens":2000000}}`
	messagesOK = `{"id":"1","type":"message","role":"assistant","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1000000,"output_tokens":1000000}}`
)

// served is a server of one format behind a Handler.
type served struct {
	format  translate.Format
	header  http.Header
	status  int
	body    string
	sse     bool
	prices  keeprouter.PriceSource
	reached []string
}

// ask makes a request at the handler.
func (s *served) ask(t *testing.T, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.reached = append(s.reached, r.Method+" "+r.URL.String())
		for name, values := range s.header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		kind := "application/json"
		if s.sse {
			kind = "text/event-stream"
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(max(s.status, http.StatusOK))
		_, _ = io.WriteString(w, s.body)
	}))
	defer upstream.Close()
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	proxy := httptest.NewServer(translate.Handler(address, &translate.RoundTripper{
		Server: s.format, Prices: s.prices, Translator: translate.Translator{Now: func() time.Time { return noon }},
	}))
	defer proxy.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, proxy.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := proxy.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(data)
}

func TestHeadersOfAnswersAreThoseOfTheClientsFormat(t *testing.T) {
	chatHeader := http.Header{
		"x-request-id":                   {"req-1"},
		"x-ratelimit-limit-requests":     {"100"},
		"x-ratelimit-remaining-requests": {"99"},
		"x-ratelimit-reset-requests":     {"6ms"},
		"x-ratelimit-limit-tokens":       {"5000"},
		"x-ratelimit-remaining-tokens":   {"4000"},
		"x-ratelimit-reset-tokens":       {"6m0s"},
	}
	messagesHeader := http.Header{
		"request-id":                             {"req-1"},
		"anthropic-ratelimit-requests-limit":     {"100"},
		"anthropic-ratelimit-requests-remaining": {"99"},
		"anthropic-ratelimit-requests-reset":     {"2026-11-23T12:00:01Z"},
		"anthropic-ratelimit-tokens-limit":       {"5000"},
		"anthropic-ratelimit-tokens-remaining":   {"4000"},
		"anthropic-ratelimit-tokens-reset":       {"2026-11-23T12:06:00Z"},
	}
	asMessages, asChatHas := messagesHeader.Clone(), chatHeader.Clone()
	asMessages["x-request-id"], asChatHas["request-id"] = []string{"req-1"}, []string{"req-1"}
	asChatHas["x-ratelimit-reset-requests"] = []string{"1s"}
	for name, tc := range map[string]struct {
		srv       served
		path      string
		want, not http.Header
	}{
		"an answer of Chat":             {served{format: translate.Chat, header: chatHeader, body: chatOK}, "/v1/messages", asMessages, chatHeader},
		"an answer of Messages":         {served{format: translate.Messages, header: messagesHeader, body: messagesOK}, "/v1/chat/completions", asChatHas, messagesHeader},
		"an error of Chat":              {served{format: translate.Chat, header: chatHeader, status: 429, body: `{"error":{"message":"slow"}}`}, "/v1/messages", asMessages, chatHeader},
		"an error of Messages":          {served{format: translate.Messages, header: messagesHeader, status: 429, body: `{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`}, "/v1/chat/completions", asChatHas, messagesHeader},
		"an answer in the own format":   {served{format: translate.Chat, header: chatHeader, body: chatOK}, "/v1/chat/completions", chatHeader, messagesHeader},
		"resets that nobody can read":   {served{format: translate.Chat, header: http.Header{"x-ratelimit-reset-tokens": {"soon"}}, body: chatOK}, "/v1/messages", nil, http.Header{"anthropic-ratelimit-tokens-reset": nil}},
		"a reset in seconds since 1970": {served{format: translate.Chat, header: http.Header{"x-ratelimit-reset-tokens": {"1795435205"}}, body: chatOK}, "/v1/messages", http.Header{"anthropic-ratelimit-tokens-reset": {"2026-11-23T12:00:05Z"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			resp, _ := tc.srv.ask(t, http.MethodPost, tc.path, asChat)
			for name, values := range tc.want {
				require.Equal(t, values, resp.Header.Values(name), name)
			}
			for name := range tc.not {
				if tc.want[name] == nil {
					require.Empty(t, resp.Header.Values(name), name)
				}
			}
		})
	}
}

func TestPingsPass(t *testing.T) {
	const streaming = `{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hello"}]}`
	srv := served{format: translate.Chat, sse: true, body: ": one\n\n: two\r\n\r\ndata: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n: three\n\n" +
		"data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"}
	_, body := srv.ask(t, http.MethodPost, "/v1/messages", streaming)
	require.Equal(t, 3, strings.Count(body, "event: ping\ndata: {\"type\": \"ping\"}\n\n"), body)
	require.Less(t, strings.Index(body, "event: ping"), strings.Index(body, "event: message_start"))
	require.Contains(t, body, `"text":"a"`)

	srv = served{format: translate.Messages, sse: true, body: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"content\":[]}}\n\n" +
		"event: ping\ndata: {\"type\":\"ping\"}\n\n: alive\n\ndata: {\"type\":\"ping\"}\n\n" +
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"}
	_, body = srv.ask(t, http.MethodPost, "/v1/chat/completions", streaming)
	require.Equal(t, 2, strings.Count(body, ": ping\n\n"), "all but the one that every stream of Messages begins with:\n%s", body)
	require.True(t, strings.HasSuffix(body, "data: [DONE]\n\n"))
}

func TestModelsHaveTheShapeOfTheClientsFormat(t *testing.T) {
	const (
		chatList     = `{"object":"list","data":[{"id":"a/b","object":"model","created":1700000000,"owned_by":"vllm","max_model_len":4096},{"id":"c","object":"model"}]}`
		messagesList = `{"data":[{"type":"model","id":"a","display_name":"A","created_at":"2026-01-01T00:00:00Z","max_tokens":5}],"has_more":false,"first_id":"a","last_id":"a"}`
	)
	version := []string{"Anthropic-Version", "2023-06-01", "X-Api-Key", "kr-test-1"}
	bearer := []string{"Authorization", "Bearer kr-test-1"}
	for name, tc := range map[string]struct {
		srv     served
		path    string
		header  []string
		want    string
		reached string
	}{
		"Chat to Messages": {
			served{format: translate.Chat, body: chatList},
			"/v1/models?limit=1", version,
			`{"data":[{"created_at":"2023-11-14T22:13:20Z","display_name":"a/b","id":"a/b","max_model_len":4096,"owned_by":"vllm","type":"model"},` +
				`{"created_at":"1970-01-01T00:00:00Z","display_name":"c","id":"c","type":"model"}],"first_id":"a/b","has_more":false,"last_id":"c"}`, "GET /v1/models",
		},
		"one of Chat": {
			served{format: translate.Chat, body: `{"id":"a/b","object":"model","created":1700000000,"owned_by":"vllm"}`},
			"/v1/models/a/b", version,
			`{"created_at":"2023-11-14T22:13:20Z","display_name":"a/b","id":"a/b","owned_by":"vllm","type":"model"}`, "GET /v1/models/a/b",
		},
		"none of Chat": {
			served{format: translate.Chat, body: `{"object":"list","data":[]}`},
			"/v1/models", version,
			`{"data":[],"first_id":null,"has_more":false,"last_id":null}`, "GET /v1/models",
		},
		"Messages to Chat": {
			served{format: translate.Messages, body: messagesList},
			"/v1/models", bearer,
			`{"data":[{"created":1767225600,"display_name":"A","id":"a","max_tokens":5,"object":"model","owned_by":"system"}],"object":"list"}`, "GET /v1/models?limit=1000",
		},
		"Chat to Chat":         {served{format: translate.Chat, body: chatList}, "/v1/models?x=1", bearer, chatList, "GET /v1/models?x=1"},
		"Messages to Messages": {served{format: translate.Messages, body: messagesList}, "/v1/models?limit=1", version, messagesList, "GET /v1/models?limit=1"},
		"unknown at Chat": {
			served{format: translate.Chat, status: 404, body: `{"error":{"message":"no such model","type":"invalid_request_error","code":"model_not_found"}}`},
			"/v1/models/z", version,
			`{"type":"error","error":{"type":"not_found_error","message":"no such model"},"request_id":null}`, "GET /v1/models/z",
		},
		"unknown at Messages": {
			served{format: translate.Messages, status: 404, body: `{"type":"error","error":{"type":"not_found_error","message":"no such model"}}`},
			"/v1/models/z", bearer,
			`{"error":{"message":"no such model","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, "GET /v1/models/z?limit=1000",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, body := tc.srv.ask(t, http.MethodGet, tc.path, "", tc.header...)
			if diff := cmp.Diff(tc.want, body); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			require.Equal(t, []string{tc.reached}, tc.srv.reached)
		})
	}
}

func TestTheCostIsToldInAHeader(t *testing.T) {
	prices := keeprouter.DefaultPrices().At(noon)
	for name, tc := range map[string]struct {
		srv  served
		path string
		want string
	}{
		"Chat":            {served{format: translate.Chat, body: chatOK, prices: prices}, "/v1/messages", "0.47"},
		"Messages":        {served{format: translate.Messages, body: messagesOK, prices: prices}, "/v1/chat/completions", "0.47"},
		"no prices":       {served{format: translate.Chat, body: chatOK}, "/v1/messages", ""},
		"no usage":        {served{format: translate.Chat, body: strings.Split(chatOK, `,"usage"`)[0] + "}", prices: prices}, "/v1/messages", ""},
		"no such price":   {served{format: translate.Chat, body: chatOK, prices: &keeprouter.PriceTable{}}, "/v1/messages", ""},
		"the same format": {served{format: translate.Chat, body: chatOK, prices: prices}, "/v1/chat/completions", ""},
	} {
		t.Run(name, func(t *testing.T) {
			resp, _ := tc.srv.ask(t, http.MethodPost, tc.path, asChat)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.Equal(t, tc.want, resp.Header.Get(translate.CostHeader))
		})
	}
}

func TestPathsAndMethodsOfTheOtherFormat(t *testing.T) {
	for name, tc := range map[string]struct {
		format       translate.Format
		method, path string
		header       []string
		upstream     int
		status       int
		body         string // part of it
		reached      string
	}{
		"batches":                   {translate.Chat, http.MethodPost, "/v1/messages/batches", nil, 200, 404, `{"type":"error","error":{"type":"not_found_error"`, ""},
		"stored completions":        {translate.Messages, http.MethodGet, "/v1/chat/completions/1", nil, 200, 404, `{"error":{"message":"unknown path: GET /v1/chat/completions/1","type":"invalid_request_error","param":null,"code":"unknown_url"}}`, ""},
		"GET messages":              {translate.Chat, http.MethodGet, "/v1/messages", nil, 200, 405, `"type":"error"`, ""},
		"HEAD messages":             {translate.Chat, http.MethodHead, "/v1/messages", nil, 200, 405, ``, ""},
		"OPTIONS messages":          {translate.Chat, http.MethodOptions, "/v1/messages", nil, 200, 200, `up`, "OPTIONS /v1/chat/completions"},
		"OPTIONS completions":       {translate.Messages, http.MethodOptions, "/v1/chat/completions", nil, 200, 200, `up`, "OPTIONS /v1/messages"},
		"HEAD of the root":          {translate.Chat, http.MethodHead, "/", nil, 200, 200, ``, "HEAD /"},
		"HEAD of models":            {translate.Chat, http.MethodHead, "/v1/models", []string{"Anthropic-Version", "1"}, 200, 200, ``, "HEAD /v1/models"},
		"unknown, of Messages":      {translate.Chat, http.MethodGet, "/v1/other", []string{"Anthropic-Version", "1"}, 404, 404, `{"type":"error","error":{"type":"not_found_error"`, "GET /v1/other"},
		"unknown, of Chat":          {translate.Messages, http.MethodGet, "/v1/other", []string{"Authorization", "Bearer kr-test-1"}, 404, 404, `{"error":{"message":`, "GET /v1/other"},
		"unknown, of nobody":        {translate.Messages, http.MethodGet, "/v1/other", nil, 404, 404, `up`, "GET /v1/other"},
		"known only to the server":  {translate.Chat, http.MethodGet, "/v1/other", []string{"Anthropic-Version", "1"}, 200, 200, `up`, "GET /v1/other"},
		"a request without a body":  {translate.Chat, http.MethodPost, "/v1/messages", nil, 200, 400, `"type":"invalid_request_error"`, ""},
		"a count without a request": {translate.Chat, http.MethodPost, "/v1/messages/count_tokens", nil, 200, 400, `"type":"invalid_request_error"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := served{format: tc.format, status: tc.upstream, body: "up"}
			resp, body := srv.ask(t, tc.method, tc.path, "", tc.header...)
			require.Equal(t, tc.status, resp.StatusCode, body)
			require.Contains(t, body, tc.body)
			require.Equal(t, tc.reached, strings.Join(srv.reached, " "))
			if tc.status == http.StatusMethodNotAllowed {
				require.NotEmpty(t, resp.Header.Get("Allow"))
			}
		})
	}
}

func TestTheHandlerCountsTokens(t *testing.T) {
	srv := served{format: translate.Chat}
	resp, body := srv.ask(t, http.MethodPost, "/v1/messages/count_tokens?beta=true", `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hello there."},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]}`)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	require.Regexp(t, `^\{"input_tokens":[1-9][0-9]+\}$`, body)
	require.Empty(t, srv.reached)
}
