package peer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sashabaranov/go-openai"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

func goOpenAI() Peer {
	return Peer{
		Name: "go-openai", Format: feed.Chat,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			config := openai.DefaultConfig(key)
			config.BaseURL, config.HTTPClient = s.URL+"/v1", s.HTTP
			plain := goOpenAIRequest(c)
			streamed := plain
			streamed.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
			return &goOpenAISession{openai.NewClientWithConfig(config), plain, streamed}, nil
		},
		Decode: func(data []byte) (any, error) {
			resp := new(openai.ChatCompletionResponse)
			return resp, json.Unmarshal(data, resp)
		},
		Answer: func(value any) feed.Answer { return goOpenAIAnswer(value.(*openai.ChatCompletionResponse)) },
	}
}

type goOpenAISession struct {
	client          *openai.Client
	plain, streamed openai.ChatCompletionRequest
}

// Stream accumulates by hand, since the client has nothing for it.
func (s *goOpenAISession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	stream, err := s.client.CreateChatCompletionStream(ctx, s.streamed)
	if err != nil {
		return feed.Answer{}, err
	}
	defer stream.Close()
	var whole gathered
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return whole.answer(), nil
		}
		if err != nil {
			return feed.Answer{}, err
		}
		if chunk.Usage != nil {
			whole.Input, whole.Output = int64(chunk.Usage.PromptTokens), int64(chunk.Usage.CompletionTokens)
		}
		for i := range chunk.Choices {
			choice := &chunk.Choices[i]
			if choice.FinishReason != "" {
				whole.Finish = string(choice.FinishReason)
			}
			if choice.Delta.Content != "" {
				each(choice.Delta.Content)
				whole.text.WriteString(choice.Delta.Content)
			}
			for j := range choice.Delta.ToolCalls {
				c := &choice.Delta.ToolCalls[j]
				each(c.Function.Arguments)
				whole.call(*c.Index, c.ID, c.Function.Name, c.Function.Arguments)
			}
		}
	}
}

func (s *goOpenAISession) Call(ctx context.Context) (any, error) {
	resp, err := s.client.CreateChatCompletion(ctx, s.plain)
	return &resp, err
}

func (s *goOpenAISession) Encode() ([]byte, error) { return json.Marshal(s.plain) }

// gathered is an answer that is put together by hand.
type gathered struct {
	feed.Answer
	text      strings.Builder
	arguments []*strings.Builder
}

func (g *gathered) call(index int, id, name, arguments string) {
	if index >= len(g.Calls) {
		g.Calls = append(g.Calls, feed.Call{ID: id, Name: name})
		g.arguments = append(g.arguments, new(strings.Builder))
	}
	g.arguments[index].WriteString(arguments)
}

func (g *gathered) answer() feed.Answer {
	g.Text = g.text.String()
	for i, a := range g.arguments {
		g.Calls[i].Arguments = a.String()
	}
	return g.Answer
}

func goOpenAIAnswer(resp *openai.ChatCompletionResponse) feed.Answer {
	a := feed.Answer{Input: int64(resp.Usage.PromptTokens), Output: int64(resp.Usage.CompletionTokens)}
	if len(resp.Choices) == 0 {
		return a
	}
	choice := &resp.Choices[0]
	a.Text, a.Finish = choice.Message.Content, string(choice.FinishReason)
	for _, c := range choice.Message.ToolCalls {
		a.Calls = append(a.Calls, feed.Call{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	return a
}

func goOpenAIRequest(c *feed.Conversation) openai.ChatCompletionRequest {
	//lint:ignore SA1019 the others send max_tokens as well
	req := openai.ChatCompletionRequest{Model: feed.Model, MaxTokens: 1024, Temperature: 0.5}
	for _, t := range c.Turns {
		m := openai.ChatCompletionMessage{Role: t.Role, Content: t.Text}
		if t.Result != "" {
			m.Role, m.ToolCallID = openai.ChatMessageRoleTool, t.Result
		}
		if t.Call != nil {
			m.ToolCalls = []openai.ToolCall{{
				ID: t.Call.ID, Type: openai.ToolTypeFunction,
				Function: openai.FunctionCall{Name: t.Call.Name, Arguments: t.Call.Arguments},
			}}
		}
		req.Messages = append(req.Messages, m)
	}
	for _, t := range c.Tools {
		req.Tools = append(req.Tools, openai.Tool{
			Type:     openai.ToolTypeFunction,
			Function: &openai.FunctionDefinition{Name: t.Name, Description: t.Description, Parameters: t.Schema},
		})
	}
	return req
}
