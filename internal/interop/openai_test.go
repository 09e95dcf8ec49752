package interop

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

func openAIClient(t *testing.T, w way, replies ...keeproutertest.Reply) openai.Client {
	return openai.NewClient(
		option.WithBaseURL(gateway(t, w, translate.Chat, replies...)+"/v1"),
		option.WithAPIKey(keeproutertest.Key),
		option.WithMaxRetries(0),
	)
}

func openAIRequest() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief."), openai.UserMessage("Weather?")},
	}
}

func openAITools() []openai.ChatCompletionToolUnionParam {
	function := func(name string) openai.ChatCompletionToolUnionParam {
		return openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name:       name,
			Parameters: shared.FunctionParameters{"type": "object", "properties": map[string]any{}},
		})
	}
	return []openai.ChatCompletionToolUnionParam{function("get_weather"), function("get_time")}
}

func TestOpenAICreate(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Text: "Sunny.", Usage: &keeproutertest.Usage{Input: 1000, CachedInput: 200, Output: 500, Reasoning: 100}})
		resp, err := client.Chat.Completions.New(t.Context(), openAIRequest())
		require.NoError(t, err)

		usage := []int64{
			resp.Usage.PromptTokens, resp.Usage.CompletionTokens, resp.Usage.TotalTokens,
			resp.Usage.PromptTokensDetails.CachedTokens, resp.Usage.CompletionTokensDetails.ReasoningTokens,
		}
		if diff := cmp.Diff([]int64{1000, 500, 1500, 200, 100}, usage); diff != "" {
			t.Errorf("usage (-want +got):\n%s", diff)
		}
		got := []string{resp.Choices[0].Message.Content, string(resp.Choices[0].FinishReason), resp.Model}
		if diff := cmp.Diff([]string{"Sunny.", "stop", model}, got); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func TestOpenAIStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Text: "Sunny, with “some” cloud.", Usage: &keeproutertest.Usage{Input: 10, Output: 7}})
		params := openAIRequest()
		params.StreamOptions.IncludeUsage = openai.Bool(true)
		stream := client.Chat.Completions.NewStreaming(t.Context(), params)
		var whole openai.ChatCompletionAccumulator
		text := ""
		for stream.Next() {
			chunk := stream.Current()
			require.True(t, whole.AddChunk(chunk), "the accumulator refuses a chunk: %s", chunk.RawJSON())
			if len(chunk.Choices) > 0 {
				text += chunk.Choices[0].Delta.Content
			}
		}
		require.NoError(t, stream.Err())
		require.NoError(t, stream.Close())
		if text != "Sunny, with “some” cloud." || whole.Choices[0].Message.Content != text {
			t.Errorf("deltas make %q, the accumulator %q", text, whole.Choices[0].Message.Content)
		}
		if whole.Usage.TotalTokens != 17 {
			t.Errorf("total tokens = %d, want 17", whole.Usage.TotalTokens)
		}
	})
}

func TestOpenAIToolRoundTrip(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, weatherCall(), weatherCall(), keeproutertest.Reply{Text: "Sunny at noon."})
		params := openAIRequest()
		params.Tools = openAITools()

		resp, err := client.Chat.Completions.New(t.Context(), params)
		require.NoError(t, err)
		want := []string{"call_a get_weather " + `{"city":"Zürich","days":2}`, "call_b get_time {}"}
		if diff := cmp.Diff(want, openAICalls(resp.Choices[0].Message)); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}

		stream := client.Chat.Completions.NewStreaming(t.Context(), params)
		var whole openai.ChatCompletionAccumulator
		for stream.Next() {
			require.True(t, whole.AddChunk(stream.Current()))
		}
		require.NoError(t, stream.Err())
		if diff := cmp.Diff(want, openAICalls(whole.Choices[0].Message)); diff != "" {
			t.Errorf("streamed calls (-want +got):\n%s", diff)
		}
		if got := whole.Choices[0].FinishReason; got != "tool_calls" {
			t.Errorf("finish reason = %q, want tool_calls", got)
		}

		params.Messages = append(params.Messages, resp.Choices[0].Message.ToParam(),
			openai.ToolMessage("22 °C", "call_a"), openai.ToolMessage("12:00", "call_b"))
		resp, err = client.Chat.Completions.New(t.Context(), params)
		require.NoError(t, err)
		if got := resp.Choices[0].Message.Content; got != "Sunny at noon." {
			t.Errorf("answer = %q", got)
		}
	})
}

func openAICalls(m openai.ChatCompletionMessage) []string {
	var calls []string
	for _, c := range m.ToolCalls {
		calls = append(calls, c.ID+" "+c.Function.Name+" "+c.Function.Arguments)
	}
	return calls
}

func TestOpenAIErrors(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		for _, tt := range []struct {
			name   string
			reply  keeproutertest.Reply
			change func(*openai.ChatCompletionNewParams)
			status int
			typ    string
		}{
			{"rate limit", keeproutertest.Reply{Status: 429}, nil, 429, "rate_limit_error"},
			{"overloaded", keeproutertest.Reply{Status: 503}, nil, 503, "server_error"},
			{"unknown model", keeproutertest.Reply{}, func(p *openai.ChatCompletionNewParams) { p.Model = "gemma-9000" }, 404, "invalid_request_error"},
			{
				"a result without its call",
				keeproutertest.Reply{},
				func(p *openai.ChatCompletionNewParams) {
					p.Messages = append(p.Messages, openai.ToolMessage("22 °C", "call_x"))
				}, 400, "invalid_request_error",
			},
		} {
			t.Run(tt.name, func(t *testing.T) {
				client := openAIClient(t, w, tt.reply)
				params := openAIRequest()
				if tt.change != nil {
					tt.change(&params)
				}
				_, err := client.Chat.Completions.New(t.Context(), params)
				var e *openai.Error
				require.ErrorAs(t, err, &e)
				if e.StatusCode != tt.status || e.Type != tt.typ || e.Message == "" {
					t.Errorf("error = %d %q %q, want %d %q and a message", e.StatusCode, e.Type, e.Message, tt.status, tt.typ)
				}
			})
		}
	})
}

func TestOpenAIWrongKey(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{})
		_, err := client.Chat.Completions.New(t.Context(), openAIRequest(), option.WithAPIKey("kr-wrong"))
		var e *openai.Error
		require.ErrorAs(t, err, &e)
		if e.StatusCode != 401 {
			t.Errorf("status = %d, want 401", e.StatusCode)
		}
	})
}

func TestOpenAIModels(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w)
		page, err := client.Models.List(t.Context())
		require.NoError(t, err)
		var ids []string
		for _, m := range page.Data {
			ids = append(ids, m.ID)
		}
		if diff := cmp.Diff([]string{"gemma-4-31B-it", "gemini-3.5-flash"}, ids); diff != "" {
			t.Errorf("models (-want +got):\n%s", diff)
		}
		m, err := client.Models.Get(t.Context(), model)
		require.NoError(t, err)
		if m.ID != model {
			t.Errorf("model = %q", m.ID)
		}
	})
}
