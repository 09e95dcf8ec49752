package interop

import (
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

func anthropicClient(t *testing.T, w way, replies ...keeproutertest.Reply) anthropic.Client {
	return anthropic.NewClient(
		option.WithBaseURL(gateway(t, w, translate.Messages, replies...)),
		option.WithAPIKey(keeproutertest.Key),
		option.WithMaxRetries(0),
	)
}

func anthropicRequest() anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model:     model,
		MaxTokens: 200,
		System:    []anthropic.TextBlockParam{{Text: "Be brief.", CacheControl: anthropic.NewCacheControlEphemeralParam()}},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Weather?"))},
	}
}

func anthropicTools() []anthropic.ToolUnionParam {
	schema := anthropic.ToolInputSchemaParam{Properties: map[string]any{}}
	return []anthropic.ToolUnionParam{
		anthropic.ToolUnionParamOfTool(schema, "get_weather"),
		anthropic.ToolUnionParamOfTool(schema, "get_time"),
	}
}

func TestAnthropicCreate(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{
			Thinking: "Clouds?", Text: "Sunny.",
			Usage: &keeproutertest.Usage{Input: 1000, CachedInput: 200, CacheWrite: 50, Output: 500},
		})
		resp, err := client.Messages.New(t.Context(), anthropicRequest())
		require.NoError(t, err)
		usage := []int64{resp.Usage.InputTokens, resp.Usage.CacheReadInputTokens, resp.Usage.CacheCreationInputTokens, resp.Usage.OutputTokens}
		if diff := cmp.Diff([]int64{750, 200, 50, 500}, usage); diff != "" {
			t.Errorf("usage (-want +got):\n%s", diff)
		}
		want := []string{"thinking Clouds?", "text Sunny.", "stop end_turn"}
		if diff := cmp.Diff(want, anthropicAnswer(resp)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func TestAnthropicStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{
			Thinking: "Clouds?", Text: "Sunny, with “some” cloud.", Usage: &keeproutertest.Usage{Input: 10, Output: 7},
		})
		resp := anthropicStream(t, client, anthropicRequest())
		want := []string{"thinking Clouds?", "text Sunny, with “some” cloud.", "stop end_turn"}
		if diff := cmp.Diff(want, anthropicAnswer(resp)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
		if resp.Usage.InputTokens != 10 || resp.Usage.OutputTokens != 7 {
			t.Errorf("usage = %d in, %d out, want 10 and 7", resp.Usage.InputTokens, resp.Usage.OutputTokens)
		}
	})
}

func TestAnthropicToolRoundTrip(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, weatherCall(), weatherCall(), keeproutertest.Reply{Text: "Sunny at noon."})
		params := anthropicRequest()
		params.Tools = anthropicTools()
		want := []string{
			"text Let me look.",
			`call_a get_weather {"city":"Zürich","days":2}`,
			"call_b get_time {}",
			"stop tool_use",
		}
		resp, err := client.Messages.New(t.Context(), params)
		require.NoError(t, err)
		if diff := cmp.Diff(want, anthropicAnswer(resp)); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		resp = anthropicStream(t, client, params)
		if diff := cmp.Diff(want, anthropicAnswer(resp)); diff != "" {
			t.Errorf("streamed calls (-want +got):\n%s", diff)
		}

		params.Messages = append(params.Messages, resp.ToParam(), anthropic.NewUserMessage(
			anthropic.NewToolResultBlock("call_a", "22 °C", false),
			anthropic.NewToolResultBlock("call_b", "no clock", true),
		))
		resp, err = client.Messages.New(t.Context(), params)
		require.NoError(t, err)
		if diff := cmp.Diff([]string{"text Sunny at noon.", "stop end_turn"}, anthropicAnswer(resp)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func anthropicStream(t *testing.T, client anthropic.Client, params anthropic.MessageNewParams) *anthropic.Message {
	t.Helper()
	stream := client.Messages.NewStreaming(t.Context(), params)
	var whole anthropic.Message
	for stream.Next() {
		require.NoError(t, whole.Accumulate(stream.Current()))
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	return &whole
}

func anthropicAnswer(m *anthropic.Message) []string {
	var parts []string
	for _, block := range m.Content {
		switch b := block.AsAny().(type) {
		case anthropic.TextBlock:
			parts = append(parts, "text "+b.Text)
		case anthropic.ThinkingBlock:
			parts = append(parts, "thinking "+b.Thinking)
		case anthropic.ToolUseBlock:
			parts = append(parts, b.ID+" "+b.Name+" "+string(b.Input))
		}
	}
	return append(parts, "stop "+string(m.StopReason))
}

func TestAnthropicErrors(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		for _, tt := range []struct {
			name   string
			reply  keeproutertest.Reply
			change func(*anthropic.MessageNewParams)
			status int
			typ    anthropic.ErrorType
		}{
			{"rate limit", keeproutertest.Reply{Status: 429}, nil, 429, "rate_limit_error"},
			{"overloaded", keeproutertest.Reply{Status: 529}, nil, 529, "overloaded_error"},
			{"unknown model", keeproutertest.Reply{}, func(p *anthropic.MessageNewParams) { p.Model = "gemma-9000" }, 404, "not_found_error"},
			{
				"a result without its call",
				keeproutertest.Reply{},
				func(p *anthropic.MessageNewParams) {
					p.Messages = append(p.Messages, anthropic.NewUserMessage(anthropic.NewToolResultBlock("call_x", "22 °C", false)))
				}, 400, "invalid_request_error",
			},
		} {
			t.Run(tt.name, func(t *testing.T) {
				client := anthropicClient(t, w, tt.reply)
				params := anthropicRequest()
				if tt.change != nil {
					tt.change(&params)
				}
				_, err := client.Messages.New(t.Context(), params)
				var e *anthropic.Error
				require.ErrorAs(t, err, &e)
				answered := w == direct || tt.change == nil || tt.status != 400 // by the gateway
				if e.StatusCode != tt.status || e.Type() != tt.typ || answered && e.RequestID == "" {
					t.Errorf("error = %d %q %q, want %d %q and a request id", e.StatusCode, e.Type(), e.RequestID, tt.status, tt.typ)
				}
			})
		}
	})
}

func TestAnthropicAuthentication(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{Text: "Hi."})
		_, err := client.Messages.New(t.Context(), anthropicRequest(), option.WithAPIKey("kr-wrong"))
		var e *anthropic.Error
		require.ErrorAs(t, err, &e)
		if e.StatusCode != 401 || e.Type() != "authentication_error" {
			t.Errorf("error = %d %q, want 401 authentication_error", e.StatusCode, e.Type())
		}

		bearer := anthropic.NewClient(option.WithBaseURL(gateway(t, w, translate.Messages, keeproutertest.Reply{Text: "Hi."})), option.WithAuthToken(keeproutertest.Key))
		_, err = bearer.Messages.New(t.Context(), anthropicRequest())
		require.NoError(t, err)
	})
}

func TestAnthropicCountTokens(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w)
		count := func(text string) int64 {
			resp, err := client.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
				Model:    model,
				Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))},
			})
			require.NoError(t, err)
			return resp.InputTokens
		}
		if short, long := count("Hi"), count("Hi, and a good deal more than that."); short <= 0 || long <= short {
			t.Errorf("a short text has %d tokens, a longer one %d", short, long)
		}
	})
}

func TestAnthropicModels(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w)
		page, err := client.Models.List(t.Context(), anthropic.ModelListParams{})
		require.NoError(t, err)
		var ids []string
		for _, m := range page.Data {
			ids = append(ids, m.ID)
		}
		if diff := cmp.Diff([]string{"gemma-4-31B-it", "gemini-3.5-flash"}, ids); diff != "" {
			t.Errorf("models (-want +got):\n%s", diff)
		}
	})
}
