package peer

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/tmaxmax/go-sse"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

// The plain structs hold what the work needs and no more.
type (
	chatRequest struct {
		Model       string        `json:"model"`
		MaxTokens   int           `json:"max_tokens"`
		Temperature float64       `json:"temperature"`
		Stream      bool          `json:"stream,omitempty"`
		Messages    []chatMessage `json:"messages"`
		Tools       []chatTool    `json:"tools,omitempty"`
	}
	chatMessage struct {
		Role       string     `json:"role"`
		Content    string     `json:"content"`
		ToolCalls  []chatCall `json:"tool_calls,omitempty"`
		ToolCallID string     `json:"tool_call_id,omitempty"`
	}
	chatCall struct {
		Index    int    `json:"index,omitempty"`
		ID       string `json:"id,omitempty"`
		Type     string `json:"type,omitempty"`
		Function struct {
			Name      string `json:"name,omitempty"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	}
	chatTool struct {
		Type     string       `json:"type"`
		Function chatFunction `json:"function"`
	}
	chatFunction struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	}
	chatAnswer struct {
		ID                string `json:"id"`
		Created           int64  `json:"created"`
		Model             string `json:"model"`
		ServiceTier       string `json:"service_tier"`
		SystemFingerprint string `json:"system_fingerprint"`
		Choices           []struct {
			Index        int         `json:"index"`
			Message      chatMessage `json:"message"`
			Delta        chatMessage `json:"delta"`
			FinishReason string      `json:"finish_reason"`
		} `json:"choices"`
		Usage *struct {
			PromptTokens     int64 `json:"prompt_tokens"`
			CompletionTokens int64 `json:"completion_tokens"`
		} `json:"usage"`
	}
)

// plainChat is what a program without a client library would do.
func plainChat() Peer {
	return Peer{
		Name: PlainDecoder, Format: feed.Chat,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			return &plainChatSession{s, plainChatRequest(c)}, nil
		},
		Decode: func(data []byte) (any, error) {
			resp := new(chatAnswer)
			return resp, json.Unmarshal(data, resp)
		},
		Answer: func(value any) feed.Answer {
			resp := value.(*chatAnswer)
			choice := resp.Choices[0]
			a := feed.Answer{
				Text: choice.Message.Content, Finish: choice.FinishReason,
				Input: resp.Usage.PromptTokens, Output: resp.Usage.CompletionTokens,
			}
			for _, c := range choice.Message.ToolCalls {
				a.Calls = append(a.Calls, feed.Call{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
			}
			return a
		},
	}
}

type plainChatSession struct {
	server Server
	req    chatRequest
}

func (s *plainChatSession) post(ctx context.Context, stream bool) (*http.Response, error) {
	req := s.req
	req.Stream = stream
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	return post(ctx, s.server, feed.Chat, body)
}

func (s *plainChatSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	resp, err := s.post(ctx, true)
	if err != nil {
		return feed.Answer{}, err
	}
	defer resp.Body.Close()
	var whole gathered
	for event, err := range sse.Read(resp.Body, nil) {
		if err != nil {
			return feed.Answer{}, err
		}
		if event.Data == "" || event.Data == "[DONE]" {
			continue
		}
		var chunk chatAnswer
		if err := json.Unmarshal([]byte(event.Data), &chunk); err != nil {
			return feed.Answer{}, err
		}
		if chunk.Usage != nil {
			whole.Input, whole.Output = chunk.Usage.PromptTokens, chunk.Usage.CompletionTokens
		}
		for i := range chunk.Choices {
			choice := &chunk.Choices[i]
			if choice.FinishReason != "" {
				whole.Finish = choice.FinishReason
			}
			if choice.Delta.Content != "" {
				each(choice.Delta.Content)
				whole.text.WriteString(choice.Delta.Content)
			}
			for j := range choice.Delta.ToolCalls {
				c := &choice.Delta.ToolCalls[j]
				each(c.Function.Arguments)
				whole.call(c.Index, c.ID, c.Function.Name, c.Function.Arguments)
			}
		}
	}
	return whole.answer(), nil
}

func (s *plainChatSession) Call(ctx context.Context) (any, error) {
	resp, err := s.post(ctx, false)
	if err != nil {
		return nil, err
	}
	return readWhole[chatAnswer](resp)
}

func (s *plainChatSession) Encode() ([]byte, error) { return json.Marshal(s.req) }

func plainChatRequest(c *feed.Conversation) chatRequest {
	req := chatRequest{Model: feed.Model, MaxTokens: 1024, Temperature: 0.5}
	for _, t := range c.Turns {
		m := chatMessage{Role: t.Role, Content: t.Text}
		if t.Result != "" {
			m.Role, m.ToolCallID = "tool", t.Result
		}
		if t.Call != nil {
			call := chatCall{ID: t.Call.ID, Type: "function"}
			call.Function.Name, call.Function.Arguments = t.Call.Name, t.Call.Arguments
			m.ToolCalls = []chatCall{call}
		}
		req.Messages = append(req.Messages, m)
	}
	for _, t := range c.Tools {
		req.Tools = append(req.Tools, chatTool{Type: "function", Function: chatFunction{t.Name, t.Description, t.Schema}})
	}
	return req
}
