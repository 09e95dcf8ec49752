package interop

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// openAIFormat asks for an object with a city and an integer.
func openAIFormat(days map[string]any) openai.ChatCompletionNewParamsResponseFormatUnion {
	return openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "forecast", Strict: openai.Bool(true), Schema: map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"city", "days"},
			"properties": map[string]any{"city": map[string]any{"type": "string"}, "days": days},
		}},
	}}
}

func TestOpenAIStructured(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Text: `{"city":"Zürich","days":2}`})
		params := openAIRequest()
		params.ResponseFormat = openAIFormat(map[string]any{"type": "integer"})
		resp, err := client.Chat.Completions.New(t.Context(), params)
		require.NoError(t, err)
		var got struct {
			City string
			Days int
		}
		require.NoError(t, json.Unmarshal([]byte(resp.Choices[0].Message.Content), &got))
		if got.City != "Zürich" || got.Days != 2 {
			t.Errorf("answer = %+v", got)
		}
	})
}

// TestOpenAILimitInTheFormat is a documented refusal: Messages has no such keyword.
func TestOpenAILimitInTheFormat(t *testing.T) {
	params := openAIRequest()
	params.ResponseFormat = openAIFormat(map[string]any{"type": "integer", "minimum": 1})
	client := openAIClient(t, translated)
	_, err := client.Chat.Completions.New(t.Context(), params)
	var e *openai.Error
	require.ErrorAs(t, err, &e)
	want := []any{400, "unsupported_parameter", "response_format.json_schema.schema.properties.days.minimum"}
	if diff := cmp.Diff(want, []any{e.StatusCode, e.Code, e.Param}); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestOpenAIImageAndReasoning(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Thinking: "What is it?", Text: "A pixel."})
		params := openAIRequest()
		params.ReasoningEffort = shared.ReasoningEffortLow
		params.Messages = append(params.Messages, openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart("What is this?"),
			openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + pixel}),
		}))
		resp, err := client.Chat.Completions.New(t.Context(), params)
		require.NoError(t, err)
		message := resp.Choices[0].Message
		var thinking string
		require.NoError(t, json.Unmarshal([]byte(message.JSON.ExtraFields["reasoning_content"].Raw()), &thinking))
		if message.Content != "A pixel." || thinking != "What is it?" {
			t.Errorf("answer = %q, after %q", message.Content, thinking)
		}
	})
}

func TestOpenAIErrorInStream(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{ErrorAfterEvents: new(pick(w, 3, 5))}})
		stream := client.Chat.Completions.NewStreaming(t.Context(), openAIRequest())
		text := ""
		for stream.Next() {
			for _, choice := range stream.Current().Choices {
				text += choice.Delta.Content
			}
		}
		require.NoError(t, stream.Close())
		require.ErrorContains(t, stream.Err(), "upstream stream ended early")
		if text != "Sunny at" {
			t.Errorf("the error came after %q", text)
		}
	})
}

func TestOpenAIAbort(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		client := openAIClient(t, w, keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{StallAfterEvents: new(4)}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := client.Chat.Completions.NewStreaming(ctx, openAIRequest())
		require.True(t, stream.Next())
		cancel()
		for stream.Next() {
		}
		require.ErrorIs(t, stream.Err(), context.Canceled)
		require.NoError(t, stream.Close())
	})
}
