package interop

import (
	"context"
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestAnthropicStructured(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{Text: `{"city":"Zürich"}`})
		params := anthropicRequest()
		params.OutputConfig = anthropic.OutputConfigParam{
			Effort: anthropic.OutputConfigEffortLow,
			Format: anthropic.JSONOutputFormatParam{Schema: map[string]any{
				"type": "object", "additionalProperties": false, "required": []string{"city"},
				"properties": map[string]any{"city": map[string]any{"type": "string"}},
			}},
		}
		resp, err := client.Messages.New(t.Context(), params)
		require.NoError(t, err)
		if diff := cmp.Diff([]string{`text {"city":"Zürich"}`, "stop end_turn"}, anthropicAnswer(resp)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

// TestAnthropicThinkingRoundTrip sends thinking back, as a conversation with tools must.
func TestAnthropicThinkingRoundTrip(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(
			t, w,
			keeproutertest.Reply{Thinking: "Clouds?", ToolCalls: []keeproutertest.ToolCall{{ID: "call_a", Name: "get_weather"}}},
			keeproutertest.Reply{Text: "A pixel of sun."},
		)
		params := anthropicRequest()
		params.MaxTokens = 2000
		params.Thinking = anthropic.ThinkingConfigParamOfEnabled(1024)
		params.Tools = anthropicTools()
		resp := anthropicStream(t, client, params)
		if diff := cmp.Diff([]string{"thinking Clouds?", "call_a get_weather {}", "stop tool_use"}, anthropicAnswer(resp)); diff != "" {
			t.Errorf("call (-want +got):\n%s", diff)
		}
		params.Messages = append(params.Messages, resp.ToParam(), anthropic.NewUserMessage(
			anthropic.ContentBlockParamUnion{OfToolResult: &anthropic.ToolResultBlockParam{
				ToolUseID: "call_a",
				Content: []anthropic.ToolResultBlockParamContentUnion{
					{OfText: &anthropic.TextBlockParam{Text: "See:"}},
					{OfImage: &anthropic.ImageBlockParam{Source: anthropic.ImageBlockParamSourceUnion{
						OfBase64: &anthropic.Base64ImageSourceParam{Data: pixel, MediaType: "image/png"},
					}}},
				},
			}},
			anthropic.NewImageBlockBase64("image/png", pixel),
		))
		resp, err := client.Messages.New(t.Context(), params)
		require.NoError(t, err)
		if diff := cmp.Diff([]string{"text A pixel of sun.", "stop end_turn"}, anthropicAnswer(resp)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func TestAnthropicCountsTools(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w)
		count := func(tools ...anthropic.MessageCountTokensToolUnionParam) int64 {
			resp, err := client.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
				Model: model, Messages: anthropicRequest().Messages, Tools: tools,
			})
			require.NoError(t, err)
			return resp.InputTokens
		}
		tool := anthropic.MessageCountTokensToolUnionParam{OfTool: &anthropic.ToolParam{
			Name: "get_weather", Description: anthropic.String("The forecast of a city."),
			InputSchema: anthropic.ToolInputSchemaParam{Properties: map[string]any{"city": map[string]any{"type": "string"}}},
		}}
		if plain, with := count(), count(tool); with <= plain {
			t.Errorf("%d tokens, with a tool %d", plain, with)
		}
	})
}

func TestAnthropicErrorInStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{
			Text: "Sunny at noon.", Status: 529, Fault: keeproutertest.Fault{ErrorAfterEvents: new(pick(w, 5, 3))},
		})
		stream := client.Messages.NewStreaming(t.Context(), anthropicRequest())
		text := ""
		for stream.Next() {
			text += stream.Current().Delta.Text
		}
		require.NoError(t, stream.Close())
		var e *anthropic.Error
		require.ErrorAs(t, stream.Err(), &e)
		if text != "Sunny at" || e.Type() != anthropic.ErrorTypeOverloadedError || e.StatusCode != http.StatusOK {
			t.Errorf("after %q came %d %s", text, e.StatusCode, e.Type())
		}
	})
}

func TestAnthropicAbort(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := anthropicClient(t, w, keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{StallAfterEvents: new(4)}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := client.Messages.NewStreaming(ctx, anthropicRequest())
		require.True(t, stream.Next())
		cancel()
		for stream.Next() {
		}
		require.ErrorIs(t, stream.Err(), context.Canceled)
		require.NoError(t, stream.Close())
	})
}
