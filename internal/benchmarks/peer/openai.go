package peer

import (
	"context"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

func openAI() Peer {
	return Peer{
		Name: "openai-go", Format: feed.Chat,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			client := openai.NewClient(option.WithBaseURL(s.URL+"/v1/"), option.WithAPIKey(key), option.WithHTTPClient(s.HTTP))
			plain := openAIRequest(c)
			streamed := plain
			streamed.StreamOptions.IncludeUsage = openai.Bool(true)
			return &openAISession{client, plain, streamed}, nil
		},
		Decode: func(data []byte) (any, error) {
			resp := new(openai.ChatCompletion)
			return resp, resp.UnmarshalJSON(data)
		},
		Answer: func(value any) feed.Answer { return openAIAnswer(value.(*openai.ChatCompletion)) },
	}
}

type openAISession struct {
	client          openai.Client
	plain, streamed openai.ChatCompletionNewParams
}

func (s *openAISession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	stream := s.client.Chat.Completions.NewStreaming(ctx, s.streamed)
	var whole openai.ChatCompletionAccumulator
	for stream.Next() {
		chunk := stream.Current()
		if whole.ID != "" {
			chunk.ID = whole.ID // the accumulator refuses chunks whose ids differ
		}
		if !whole.AddChunk(chunk) {
			return feed.Answer{}, fmt.Errorf("the accumulator refuses a chunk: %s", chunk.RawJSON())
		}
		for i := range chunk.Choices {
			delta := &chunk.Choices[i].Delta
			if delta.Content != "" {
				each(delta.Content)
			}
			for j := range delta.ToolCalls {
				each(delta.ToolCalls[j].Function.Arguments)
			}
		}
	}
	if err := stream.Err(); err != nil {
		return feed.Answer{}, err
	}
	return openAIAnswer(&whole.ChatCompletion), stream.Close()
}

func (s *openAISession) Call(ctx context.Context) (any, error) {
	return s.client.Chat.Completions.New(ctx, s.plain)
}

func (s *openAISession) Encode() ([]byte, error) { return s.plain.MarshalJSON() }

func openAIAnswer(resp *openai.ChatCompletion) feed.Answer {
	a := feed.Answer{Input: resp.Usage.PromptTokens, Output: resp.Usage.CompletionTokens}
	if len(resp.Choices) == 0 {
		return a
	}
	choice := &resp.Choices[0]
	a.Text, a.Finish = choice.Message.Content, choice.FinishReason
	for _, c := range choice.Message.ToolCalls {
		a.Calls = append(a.Calls, feed.Call{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	return a
}

func openAIRequest(c *feed.Conversation) openai.ChatCompletionNewParams {
	params := openai.ChatCompletionNewParams{Model: feed.Model, MaxTokens: openai.Int(1024), Temperature: openai.Float(0.5)}
	for _, t := range c.Turns {
		switch {
		case t.Result != "":
			params.Messages = append(params.Messages, openai.ToolMessage(t.Text, t.Result))
		case t.Role == "user":
			params.Messages = append(params.Messages, openai.UserMessage(t.Text))
		default:
			m := openai.AssistantMessage(t.Text)
			if t.Call != nil {
				m.OfAssistant.ToolCalls = []openai.ChatCompletionMessageToolCallUnionParam{{
					OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
						ID:       t.Call.ID,
						Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: t.Call.Name, Arguments: t.Call.Arguments},
					},
				}}
			}
			params.Messages = append(params.Messages, m)
		}
	}
	for _, t := range c.Tools {
		params.Tools = append(params.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: t.Name, Description: openai.String(t.Description),
			Parameters: shared.FunctionParameters{"type": "object", "properties": t.Properties, "required": t.Required},
		}))
	}
	return params
}
