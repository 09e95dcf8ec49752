package keeprouter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// seen is a request as a server got it.
type seen struct {
	Method, Path, Query, Body string
	Version, Beta, Other      string
}

// answering serves one answer after the other, the last one for ever, and notes the
// requests.
func answering(t *testing.T, mediaType string, answers ...string) (*Client, *[]seen) {
	var requests []seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer := answers[min(len(requests), len(answers)-1)]
		requests = append(requests, seen{
			r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body),
			r.Header.Get("Anthropic-Version"), r.Header.Get("Anthropic-Beta"), r.Header.Get("X-Other"),
		})
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Request-Id", "req_1")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	client, err := NewClient(&Options{Key: NewKey("kr-test-1"), BaseURL: server.URL, HTTPClient: server.Client(), Retry: &RetryPolicy{}})
	require.NoError(t, err)
	return client, &requests
}

func askMessages() *MessagesRequest {
	return &MessagesRequest{Model: "m", MaxTokens: 5, Messages: []Message{UserMessage("Hello")}}
}

const wholeBody = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}`

func TestMessagesCreate(t *testing.T) {
	client, requests := answering(t, "application/json", wholeBody)
	req := askMessages()
	req.Stream, req.Betas, req.Header = true, []string{"a", "b"}, http.Header{"x-other": {"1"}, "anthropic-beta": {"c"}}
	resp, err := client.Messages.Create(t.Context(), req)
	require.NoError(t, err)
	if resp.Meta.RequestID != "req_1" || resp.Meta.Status != 200 {
		t.Errorf("meta = %+v", resp.Meta)
	}
	resp.Meta, resp.Cost = Meta{}, Cost{}
	if diff := cmp.Diff(wholeMessage(nil), resp); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	want := []seen{{
		Method: "POST", Path: "/v1/messages", Body: `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hello"}]}`,
		Version: DefaultAnthropicVersion, Beta: "c,a,b", Other: "1",
	}}
	if diff := cmp.Diff(want, *requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestMessagesStream(t *testing.T) {
	client, requests := answering(t, "text/event-stream", messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop))
	req := askMessages()
	stream := client.Messages.Stream(t.Context(), req)
	req.Messages[0] = UserMessage("changed too late")
	var text strings.Builder
	for piece, err := range stream.Text() {
		require.NoError(t, err)
		text.WriteString(piece)
	}
	if text.String() != "Hi" {
		t.Errorf("text = %q, want Hi", text.String())
	}
	resp, err := stream.Result()
	require.NoError(t, err)
	if diff := cmp.Diff(Usage{Input: 10, Output: 5}, resp.Usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	if want := `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hello"}],"stream":true}`; (*requests)[0].Body != want {
		t.Errorf("body = %s, want %s", (*requests)[0].Body, want)
	}
}

func TestMessagesStreamTakesAWholeAnswer(t *testing.T) {
	client, _ := answering(t, "application/json", wholeBody)
	stream := client.Messages.Stream(t.Context(), askMessages())
	var text strings.Builder
	for piece, err := range stream.Text() {
		require.NoError(t, err)
		text.WriteString(piece)
	}
	resp, err := stream.Result()
	require.NoError(t, err)
	if text.String() != "Hi" || resp.Text() != "Hi" {
		t.Errorf("handed out %q, kept %q, want Hi", text.String(), resp.Text())
	}
}

func TestMessagesCountTokens(t *testing.T) {
	client, requests := answering(t, "application/json", `{"input_tokens":12,"context_management":{"original_input_tokens":30}}`)
	count, err := client.Messages.CountTokens(t.Context(), askMessages())
	require.NoError(t, err)
	if count.InputTokens != 12 || count.Meta.RequestID != "req_1" || len(count.Extra) != 1 {
		t.Errorf("count = %+v", count)
	}
	if got := (*requests)[0]; got.Path != "/v1/messages/count_tokens" || strings.Contains(got.Body, "max_tokens") || got.Version != DefaultAnthropicVersion {
		t.Errorf("request = %+v", got)
	}
}

func TestMessagesErrors(t *testing.T) {
	for _, tt := range []struct {
		name, mediaType, answer string
		kind                    ErrorKind
	}{
		{"an error in a 200", "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"busy"}}`, ErrOverloaded},
		{"an empty object", "application/json", `{}`, ErrBadResponse},
		{"a page", "text/html", `<html><title>Welcome</title></html>`, ErrBadResponse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, _ := answering(t, tt.mediaType, tt.answer)
			resp, err := client.Messages.Create(t.Context(), askMessages())
			require.ErrorIs(t, err, tt.kind)
			if resp != nil {
				t.Errorf("the answer is %+v, want none", resp)
			}
			_, err = client.Messages.CountTokens(t.Context(), askMessages())
			require.ErrorIs(t, err, tt.kind)
		})
	}
}

func TestMessagesWithoutRequestOrContext(t *testing.T) {
	client, requests := answering(t, "application/json", wholeBody)
	var none context.Context
	for name, call := range map[string]func() error{
		"create without a request": func() error { _, err := client.Messages.Create(t.Context(), nil); return err },
		"create without a context": func() error { _, err := client.Messages.Create(none, askMessages()); return err },
		"stream without a request": func() error { _, err := client.Messages.Stream(t.Context(), nil).Result(); return err },
		"stream without a context": func() error { _, err := client.Messages.Stream(none, askMessages()).Result(); return err },
		"count without a request":  func() error { _, err := client.Messages.CountTokens(t.Context(), nil); return err },
		"count without a context":  func() error { _, err := client.Messages.CountTokens(none, askMessages()); return err },
		"model without a context":  func() error { _, err := client.Models.Get(none, "m"); return err },
		"an unsendable request":    func() error { _, err := client.Messages.Create(t.Context(), &MessagesRequest{}); return err },
		"models without a context": func() error {
			for _, err := range client.Models.List(none) {
				return err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			require.ErrorIs(t, err, ErrInvalidRequest)
			if e, _ := errors.AsType[*Error](err); e.Operation == "" || e.Param == "" {
				t.Errorf("error = %+v, want one that names operation and field", e)
			}
		})
	}
	if len(*requests) > 0 {
		t.Errorf("%d requests were sent, want none", len(*requests))
	}
}

func TestSamplingUnderTheStrictVersion(t *testing.T) {
	client, requests := answering(t, "application/json", wholeBody)
	strict, err := client.With(func(o *Options) { o.AnthropicVersion = "2026-10-21" })
	require.NoError(t, err)
	req := askMessages()
	req.Temperature = new(1.0)
	_, err = strict.Messages.Create(t.Context(), req)
	require.ErrorIs(t, err, ErrInvalidRequest)
	req.Header = http.Header{"Anthropic-Version": {DefaultAnthropicVersion}}
	_, err = strict.Messages.Create(t.Context(), req)
	require.NoError(t, err)
	if len(*requests) != 1 || (*requests)[0].Version != DefaultAnthropicVersion {
		t.Errorf("requests = %+v, want one of the default version", *requests)
	}
}

func TestModelsList(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pages []string
		ids   string
		asked []string // queries
		kind  error
	}{
		{"the other format", []string{`{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}`}, "a b", []string{""}, nil},
		{"pages", []string{
			`{"data":[{"id":"a"},{"id":"b"}],"has_more":true,"last_id":"b"}`, `{"data":[{"id":"c"}],"has_more":false,"last_id":"c"}`,
		}, "a b c", []string{"", "after_id=b"}, nil},
		{"pages without last_id", []string{`{"data":[{"id":"x/y"}],"has_more":true}`, `{"data":[{"id":"c"}]}`}, "x/y c", []string{"", "after_id=x%2Fy"}, nil},
		{"a page that repeats itself", []string{`{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`}, "a a", []string{"", "after_id=a"}, ErrBadResponse},
		{"an empty page that goes on", []string{`{"data":[],"has_more":true,"last_id":"z"}`, `{"data":[{"id":"c"}]}`}, "c", []string{"", "after_id=z"}, nil},
		{"a page that names no next one", []string{`{"data":[],"has_more":true}`}, "", []string{""}, ErrBadResponse},
		{"null in a page", []string{`{"data":[{"id":"a"},null],"has_more":true}`}, "", []string{""}, ErrBadResponse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, requests := answering(t, "application/json", tt.pages...)
			var ids, asked []string
			var failed error
			for model, err := range client.Models.List(t.Context()) {
				if failed = err; err == nil {
					ids = append(ids, model.ID)
				}
			}
			require.ErrorIs(t, failed, tt.kind)
			for _, r := range *requests {
				asked = append(asked, r.Query)
			}
			if got := strings.Join(ids, " "); got != tt.ids {
				t.Errorf("models = %q, want %q", got, tt.ids)
			}
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestModelsListFails(t *testing.T) {
	client, _ := answering(t, "application/json", `{"models":[]}`)
	for model, err := range client.Models.List(t.Context()) {
		require.ErrorIs(t, err, ErrBadResponse)
		require.Nil(t, model)
	}
}

func TestLeavingModelsSavesThePages(t *testing.T) {
	client, requests := answering(t, "application/json", `{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}`)
	for range client.Models.List(t.Context()) {
		break
	}
	if len(*requests) != 1 {
		t.Errorf("%d requests, want 1", len(*requests))
	}
}

func TestModelsGet(t *testing.T) {
	client, requests := answering(t, "application/json", `{"id":"org/m v1","object":"model","type":"model","display_name":"M","owned_by":"o","created":1e9,"created_at":"2026-02-04T00:00:00Z","max_input_tokens":262144,"max_tokens":32768,"capabilities":{"x":true}}`)
	model, err := client.Models.Get(t.Context(), "org/m v1")
	require.NoError(t, err)
	if got := (*requests)[0].Path; got != "/v1/models/org%2Fm%20v1" {
		t.Errorf("path = %s", got)
	}
	model.Meta = Meta{}
	data, err := json.Marshal(model)
	require.NoError(t, err)
	const want = `{"id":"org/m v1","display_name":"M","owned_by":"o","created_at":"2026-02-04T00:00:00Z","max_input_tokens":262144,"max_tokens":32768,"capabilities":{"x":true},"object":"model","type":"model"}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("model (-want +got):\n%s", diff)
	}
	for _, id := range []string{"", ".", "..", "../chat/completions", "a/../b", "a//b", "/a"} {
		_, err := client.Models.Get(t.Context(), id)
		require.ErrorIs(t, err, ErrInvalidRequest)
	}
	if len(*requests) != 1 {
		t.Errorf("%d requests, want 1", len(*requests))
	}
}

// TestModelIDsStayInTheirPath has ids that would lead elsewhere, were they put into the
// address as they are.
func TestModelIDsStayInTheirPath(t *testing.T) {
	for _, id := range []string{
		"m?x=1", "m#f", "m%2f..%2fchat", "%2e%2e", `..\chat`, "m\r\nX: y", "m HTTP/1.1", "//evil.test/m", "https://evil.test/m", "m;v=1", "@evil.test", ":80", "ä\x00",
	} {
		client, requests := answering(t, "application/json", `{"id":"m"}`)
		_, err := client.Models.Get(t.Context(), id)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidRequest)
			require.Empty(t, *requests)
			continue
		}
		path, ok := strings.CutPrefix((*requests)[0].Path, "/v1/models/")
		got, err := url.PathUnescape(path)
		if !ok || err != nil || got != id || strings.ContainsAny(path, "/?#\\\r\n ") {
			t.Errorf("%q is asked for as %s", id, (*requests)[0].Path)
		}
	}
}

func TestModelCreated(t *testing.T) {
	for created, want := range map[string]string{
		`"created":1700000000`:                                     "2023-11-14T22:13:20Z",
		`"created":1.7e9`:                                          "2023-11-14T22:13:20Z",
		`"created":"1700000000"`:                                   "2023-11-14T22:13:20Z",
		`"created_at":"2026-02-04T01:00:00+01:00"`:                 "2026-02-04T00:00:00Z",
		`"created":1700000000,"created_at":"soon"`:                 "2023-11-14T22:13:20Z",
		`"created":null,"created_at":null`:                         "0001-01-01T00:00:00Z",
		`"created":-1`:                                             "0001-01-01T00:00:00Z",
		`"created":1700000000,"created_at":"2026-02-04T00:00:00Z"`: "2026-02-04T00:00:00Z",
	} {
		var m Model
		require.NoError(t, json.Unmarshal([]byte(`{"id":"m",`+created+`}`), &m))
		if got := m.Created.UTC().Format("2006-01-02T15:04:05Z"); got != want {
			t.Errorf("%s: created %s, want %s", created, got, want)
		}
	}
}
