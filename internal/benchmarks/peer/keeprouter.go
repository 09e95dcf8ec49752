package peer

import (
	"context"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

func keeprouterClient(s Server) (*keeprouter.Client, error) {
	return keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey(key), BaseURL: s.URL, HTTPClient: s.HTTP})
}

func keeprouterChat() Peer {
	return Peer{
		Name: Keeprouter, Format: feed.Chat,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			client, err := keeprouterClient(s)
			return &keeprouterChatSession{client, keeprouterChatRequest(c)}, err
		},
		Decode: func(data []byte) (any, error) {
			resp := new(keeprouter.ChatResponse)
			return resp, resp.UnmarshalJSON(data)
		},
		Answer: keeprouterChatAnswer,
	}
}

type keeprouterChatSession struct {
	client *keeprouter.Client
	req    *keeprouter.ChatRequest
}

func (s *keeprouterChatSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	stream := s.client.Chat.Stream(ctx, s.req)
	for chunk, err := range stream.All() {
		if err != nil {
			return feed.Answer{}, err
		}
		for i := range chunk.Choices {
			delta := &chunk.Choices[i].Delta
			if delta.Content != "" {
				each(delta.Content)
			}
			for j := range delta.ToolCalls {
				each(delta.ToolCalls[j].Arguments)
			}
		}
	}
	resp, err := stream.Result()
	return keeprouterChatAnswer(resp), err
}

func (s *keeprouterChatSession) Call(ctx context.Context) (any, error) {
	return s.client.Chat.Create(ctx, s.req)
}

func (s *keeprouterChatSession) Encode() ([]byte, error) { return s.req.MarshalJSON() }

func keeprouterChatAnswer(value any) feed.Answer {
	resp := value.(*keeprouter.ChatResponse)
	a := feed.Answer{
		Text: resp.Text(), Finish: string(resp.FinishReason()),
		Input: resp.WireUsage.PromptTokens, Output: resp.WireUsage.CompletionTokens,
	}
	for _, c := range resp.ToolCalls() {
		a.Calls = append(a.Calls, feed.Call{ID: c.ID, Name: c.Name, Arguments: c.Arguments})
	}
	return a
}

func keeprouterChatRequest(c *feed.Conversation) *keeprouter.ChatRequest {
	req := &keeprouter.ChatRequest{Model: feed.Model, MaxTokens: new(1024), Temperature: new(0.5)}
	for _, t := range c.Turns {
		switch {
		case t.Result != "":
			req.Messages = append(req.Messages, keeprouter.ToolResult(t.Result, t.Text))
		case t.Role == "user":
			req.Messages = append(req.Messages, keeprouter.User(t.Text))
		default:
			m := keeprouter.Assistant(t.Text)
			if t.Call != nil {
				m.ToolCalls = []keeprouter.ChatToolCall{{ID: t.Call.ID, Name: t.Call.Name, Arguments: t.Call.Arguments}}
			}
			req.Messages = append(req.Messages, m)
		}
	}
	for _, t := range c.Tools {
		req.Tools = append(req.Tools, keeprouter.ChatTool{Name: t.Name, Description: t.Description, Parameters: t.Schema})
	}
	return req
}

func keeprouterMessages() Peer {
	return Peer{
		Name: Keeprouter, Format: feed.Messages,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			client, err := keeprouterClient(s)
			return &keeprouterMessagesSession{client, keeprouterMessagesRequest(c)}, err
		},
		Decode: func(data []byte) (any, error) {
			resp := new(keeprouter.MessagesResponse)
			return resp, resp.UnmarshalJSON(data)
		},
		Answer: keeprouterMessagesAnswer,
	}
}

type keeprouterMessagesSession struct {
	client *keeprouter.Client
	req    *keeprouter.MessagesRequest
}

func (s *keeprouterMessagesSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	stream := s.client.Messages.Stream(ctx, s.req)
	for event, err := range stream.All() {
		if err != nil {
			return feed.Answer{}, err
		}
		switch event.DeltaType {
		case "text_delta":
			each(event.Text)
		case "input_json_delta":
			each(event.PartialJSON)
		}
	}
	resp, err := stream.Result()
	return keeprouterMessagesAnswer(resp), err
}

func (s *keeprouterMessagesSession) Call(ctx context.Context) (any, error) {
	return s.client.Messages.Create(ctx, s.req)
}

func (s *keeprouterMessagesSession) Encode() ([]byte, error) { return s.req.MarshalJSON() }

func keeprouterMessagesAnswer(value any) feed.Answer {
	resp := value.(*keeprouter.MessagesResponse)
	a := feed.Answer{
		Text: resp.Text(), Finish: string(resp.StopReason),
		Input: resp.WireUsage.InputTokens, Output: resp.WireUsage.OutputTokens,
	}
	for _, u := range resp.ToolUses() {
		a.Calls = append(a.Calls, feed.Call{ID: u.ID, Name: u.Name, Arguments: string(u.Input)})
	}
	return a
}

func keeprouterMessagesRequest(c *feed.Conversation) *keeprouter.MessagesRequest {
	req := &keeprouter.MessagesRequest{Model: feed.Model, MaxTokens: 1024, Temperature: new(0.5)}
	for _, t := range c.Turns {
		switch {
		case t.Result != "":
			req.Messages = append(req.Messages, keeprouter.ToolResultMessage(
				&keeprouter.ToolResultBlock{ToolUseID: t.Result, Content: keeprouter.TextBlocks(t.Text)}))
		case t.Role == "user":
			req.Messages = append(req.Messages, keeprouter.UserMessage(t.Text))
		case t.Call != nil:
			req.Messages = append(req.Messages, keeprouter.AssistantMessage(t.Text,
				&keeprouter.ToolUseBlock{ID: t.Call.ID, Name: t.Call.Name, Input: json.RawMessage(t.Call.Arguments)}))
		default:
			req.Messages = append(req.Messages, keeprouter.AssistantMessage(t.Text))
		}
	}
	for _, t := range c.Tools {
		req.Tools = append(req.Tools, keeprouter.MessagesTool{Name: t.Name, Description: t.Description, InputSchema: t.Schema})
	}
	return req
}
