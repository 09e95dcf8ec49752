package interop

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// noCode is how this client reads null.
const noCode = 0

func sashabaranovClient(t *testing.T, w way, key string, replies ...keeproutertest.Reply) *openai.Client {
	config := openai.DefaultConfig(key)
	config.BaseURL = gateway(t, w, translate.Chat, replies...) + "/v1"
	return openai.NewClientWithConfig(config)
}

func sashabaranovRequest() openai.ChatCompletionRequest {
	return openai.ChatCompletionRequest{
		Model: model,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: "Be brief."},
			{Role: openai.ChatMessageRoleUser, MultiContent: []openai.ChatMessagePart{
				{Type: openai.ChatMessagePartTypeText, Text: "Weather here?"},
				{Type: openai.ChatMessagePartTypeImageURL, ImageURL: &openai.ChatMessageImageURL{URL: "data:image/png;base64," + pixel}},
			}},
		},
	}
}

func sashabaranovTools() []openai.Tool {
	tool := func(name string) openai.Tool {
		return openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: name, Parameters: map[string]any{"type": "object", "properties": map[string]any{}},
		}}
	}
	return []openai.Tool{tool("get_weather"), tool("get_time")}
}

func TestSashabaranovCreate(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, keeproutertest.Reply{
			Thinking: "Clouds?", Text: "Sunny.",
			Usage: &keeproutertest.Usage{Input: 1000, CachedInput: 200, Output: 500, Reasoning: 100},
		})
		resp, err := client.CreateChatCompletion(t.Context(), sashabaranovRequest())
		require.NoError(t, err)
		usage := []int{
			resp.Usage.PromptTokens, resp.Usage.CompletionTokens, resp.Usage.TotalTokens,
			resp.Usage.PromptTokensDetails.CachedTokens, resp.Usage.CompletionTokensDetails.ReasoningTokens,
		}
		if diff := cmp.Diff([]int{1000, 500, 1500, 200, 100}, usage); diff != "" {
			t.Errorf("usage (-want +got):\n%s", diff)
		}
		choice := resp.Choices[0]
		got := []string{choice.Message.ReasoningContent, choice.Message.Content, string(choice.FinishReason), resp.Model}
		if diff := cmp.Diff([]string{"Clouds?", "Sunny.", "stop", model}, got); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

// sashabaranovAnswer is what the deltas of a stream make. The client has no
// accumulator of its own.
type sashabaranovAnswer struct {
	Thinking, Text string
	Calls          []string // id, name and arguments
	Finish         string
	Total          int
}

func sashabaranovStream(t *testing.T, client *openai.Client, request openai.ChatCompletionRequest) (sashabaranovAnswer, error) {
	t.Helper()
	request.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	stream, err := client.CreateChatCompletionStream(t.Context(), request)
	require.NoError(t, err)
	defer func() { require.NoError(t, stream.Close()) }()
	var a sashabaranovAnswer
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		a.add(&chunk)
	}
}

func (a *sashabaranovAnswer) add(chunk *openai.ChatCompletionStreamResponse) {
	if chunk.Usage != nil {
		a.Total = chunk.Usage.TotalTokens
	}
	for _, choice := range chunk.Choices {
		a.Thinking += choice.Delta.ReasoningContent
		a.Text += choice.Delta.Content
		a.Finish += string(choice.FinishReason)
		for _, c := range choice.Delta.ToolCalls {
			if c.ID != "" {
				a.Calls = append(a.Calls, c.ID+" "+c.Function.Name+" ")
			}
			a.Calls[*c.Index] += c.Function.Arguments
		}
	}
}

func TestSashabaranovStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, keeproutertest.Reply{
			Thinking: "Any clouds?", Text: "Sunny, with “some” cloud.", Usage: &keeproutertest.Usage{Input: 10, Output: 7},
		})
		got, err := sashabaranovStream(t, client, sashabaranovRequest())
		require.NoError(t, err)
		want := sashabaranovAnswer{Thinking: "Any clouds?", Text: "Sunny, with “some” cloud.", Finish: "stop", Total: 17}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func TestSashabaranovToolRoundTrip(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, weatherCall(), weatherCall(), keeproutertest.Reply{Text: "Sunny at noon."})
		request := sashabaranovRequest()
		request.Tools = sashabaranovTools()

		resp, err := client.CreateChatCompletion(t.Context(), request)
		require.NoError(t, err)
		want := []string{`call_a get_weather {"city":"Zürich","days":2}`, "call_b get_time {}"}
		var calls []string
		for _, c := range resp.Choices[0].Message.ToolCalls {
			calls = append(calls, c.ID+" "+c.Function.Name+" "+c.Function.Arguments)
		}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}

		streamed, err := sashabaranovStream(t, client, request)
		require.NoError(t, err)
		if diff := cmp.Diff(want, streamed.Calls); diff != "" || streamed.Finish != "tool_calls" {
			t.Errorf("streamed calls end with %q (-want +got):\n%s", streamed.Finish, diff)
		}

		request.Messages = append(request.Messages, resp.Choices[0].Message,
			openai.ChatCompletionMessage{Role: openai.ChatMessageRoleTool, ToolCallID: "call_a", Content: "22 °C"},
			openai.ChatCompletionMessage{Role: openai.ChatMessageRoleTool, ToolCallID: "call_b", Content: "12:00"})
		resp, err = client.CreateChatCompletion(t.Context(), request)
		require.NoError(t, err)
		if got := resp.Choices[0].Message.Content; got != "Sunny at noon." {
			t.Errorf("answer = %q", got)
		}
	})
}

func TestSashabaranovErrors(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		for _, tt := range []struct {
			name   string
			key    string
			reply  keeproutertest.Reply
			change func(*openai.ChatCompletionRequest)
			status int
			typ    string
			code   any
		}{
			{"wrong key", "kr-test-wrong", keeproutertest.Reply{}, nil, 401, pick(w, "invalid_request_error", "authentication_error"), "invalid_api_key"},
			{"rate limit", keeproutertest.Key, keeproutertest.Reply{Status: 429}, nil, 429, "rate_limit_error", "rate_limit_exceeded"},
			{"overloaded", keeproutertest.Key, keeproutertest.Reply{Status: 503}, nil, 503, "server_error", pick[any](w, noCode, "overloaded")},
			{
				"unknown model", keeproutertest.Key,
				keeproutertest.Reply{},
				func(r *openai.ChatCompletionRequest) { r.Model = "gemma-9000" },
				404, "invalid_request_error", "model_not_found",
			},
			{
				"a result without its call", keeproutertest.Key,
				keeproutertest.Reply{},
				func(r *openai.ChatCompletionRequest) {
					r.Messages = append(r.Messages, openai.ChatCompletionMessage{Role: "tool", ToolCallID: "call_x", Content: "22 °C"})
				}, 400, "invalid_request_error", pick[any](w, noCode, "unsupported_parameter"),
			},
		} {
			t.Run(tt.name, func(t *testing.T) {
				request := sashabaranovRequest()
				if tt.change != nil {
					tt.change(&request)
				}
				_, err := sashabaranovClient(t, w, tt.key, tt.reply).CreateChatCompletion(t.Context(), request)
				var e *openai.APIError
				require.ErrorAs(t, err, &e)
				if e.HTTPStatusCode != tt.status || e.Type != tt.typ || e.Code != tt.code || e.Message == "" {
					t.Errorf("error = %d %q %v %q, want %d %q %v and a message", e.HTTPStatusCode, e.Type, e.Code, e.Message, tt.status, tt.typ, tt.code)
				}
			})
		}
	})
}

func TestSashabaranovErrorPage(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, keeproutertest.Reply{Status: 502, ContentType: "text/html", Body: "<h1>Bad Gateway</h1>"})
		_, err := client.CreateChatCompletion(t.Context(), sashabaranovRequest())
		if w == translated { // the page's words, in the format
			var e *openai.APIError
			require.ErrorAs(t, err, &e)
			require.Equal(t, []any{502, "server_error", "Bad Gateway"}, []any{e.HTTPStatusCode, e.Type, e.Message})
			return
		}
		var e *openai.RequestError
		require.ErrorAs(t, err, &e)
		if e.HTTPStatusCode != 502 || string(e.Body) != "<h1>Bad Gateway</h1>" {
			t.Errorf("error = %d with body %q", e.HTTPStatusCode, e.Body)
		}
	})
}

func TestSashabaranovErrorInStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{ErrorAfterEvents: new(pick(w, 3, 5))}})
		got, err := sashabaranovStream(t, client, sashabaranovRequest())
		var e *openai.APIError
		require.ErrorAs(t, err, &e)
		if got.Text != "Sunny at" || e.Code != pick[any](w, "upstream_error", noCode) {
			t.Errorf("after %q came the error %v", got.Text, e.Code)
		}
	})
}

func TestSashabaranovAbort(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key, keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{StallAfterEvents: new(4)}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream, err := client.CreateChatCompletionStream(ctx, sashabaranovRequest())
		require.NoError(t, err)
		for range 2 {
			_, err = stream.Recv()
			require.NoError(t, err)
		}
		cancel()
		for err == nil { // what had come already
			_, err = stream.Recv()
		}
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, stream.Close())
	})
}

func TestSashabaranovModels(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := sashabaranovClient(t, w, keeproutertest.Key)
		list, err := client.ListModels(t.Context())
		require.NoError(t, err)
		var ids []string
		for _, m := range list.Models {
			ids = append(ids, m.ID)
		}
		if diff := cmp.Diff([]string{"gemma-4-31B-it", "gemini-3.5-flash"}, ids); diff != "" {
			t.Errorf("models (-want +got):\n%s", diff)
		}
		m, err := client.GetModel(t.Context(), model)
		require.NoError(t, err)
		if m.ID != model || m.Object != "model" || m.CreatedAt == 0 {
			t.Errorf("model = %q, object %q, created at %d", m.ID, m.Object, m.CreatedAt)
		}
	})
}
