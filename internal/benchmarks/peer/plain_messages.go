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
	messagesRequest struct {
		Model       string            `json:"model"`
		MaxTokens   int               `json:"max_tokens"`
		Temperature float64           `json:"temperature"`
		Stream      bool              `json:"stream,omitempty"`
		Messages    []messagesMessage `json:"messages"`
		Tools       []messagesTool    `json:"tools,omitempty"`
	}
	messagesMessage struct {
		Role    string          `json:"role"`
		Content []messagesBlock `json:"content"`
	}
	messagesBlock struct {
		Type      string          `json:"type"`
		Text      string          `json:"text,omitempty"`
		ID        string          `json:"id,omitempty"`
		Name      string          `json:"name,omitempty"`
		Input     json.RawMessage `json:"input,omitempty"`
		ToolUseID string          `json:"tool_use_id,omitempty"`
		Content   []messagesBlock `json:"content,omitempty"`
	}
	messagesTool struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		InputSchema json.RawMessage `json:"input_schema"`
	}
	messagesUsage struct {
		Input  int64 `json:"input_tokens"`
		Output int64 `json:"output_tokens"`
	}
	messagesAnswer struct {
		ID         string          `json:"id"`
		Model      string          `json:"model"`
		Content    []messagesBlock `json:"content"`
		StopReason string          `json:"stop_reason"`
		Usage      messagesUsage   `json:"usage"`
	}
	messagesPiece struct {
		Type         string          `json:"type"`
		Index        int             `json:"index"`
		Message      *messagesAnswer `json:"message"`
		ContentBlock *messagesBlock  `json:"content_block"`
		Delta        struct {
			Type        string `json:"type"`
			Text        string `json:"text"`
			PartialJSON string `json:"partial_json"`
			StopReason  string `json:"stop_reason"`
		} `json:"delta"`
		Usage *messagesUsage `json:"usage"`
	}
)

// plainMessages is what a program without a client library would do.
func plainMessages() Peer {
	return Peer{
		Name: PlainDecoder, Format: feed.Messages,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			return &plainMessagesSession{s, plainMessagesRequest(c)}, nil
		},
		Decode: func(data []byte) (any, error) {
			resp := new(messagesAnswer)
			return resp, json.Unmarshal(data, resp)
		},
		Answer: func(value any) feed.Answer {
			resp := value.(*messagesAnswer)
			a := feed.Answer{Finish: resp.StopReason, Input: resp.Usage.Input, Output: resp.Usage.Output}
			for _, b := range resp.Content {
				if b.Type == "tool_use" {
					a.Calls = append(a.Calls, feed.Call{ID: b.ID, Name: b.Name, Arguments: string(b.Input)})
				}
				a.Text += b.Text
			}
			return a
		},
	}
}

type plainMessagesSession struct {
	server Server
	req    messagesRequest
}

func (s *plainMessagesSession) post(ctx context.Context, stream bool) (*http.Response, error) {
	req := s.req
	req.Stream = stream
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	return post(ctx, s.server, feed.Messages, body)
}

func (s *plainMessagesSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	resp, err := s.post(ctx, true)
	if err != nil {
		return feed.Answer{}, err
	}
	defer resp.Body.Close()
	var whole gathered
	calls := map[int]int{} // by the index of the block
	for event, err := range sse.Read(resp.Body, nil) {
		if err != nil {
			return feed.Answer{}, err
		}
		var piece messagesPiece
		if err := json.Unmarshal([]byte(event.Data), &piece); err != nil {
			return feed.Answer{}, err
		}
		switch piece.Type {
		case "message_start":
			whole.Input = piece.Message.Usage.Input
		case "content_block_start":
			if b := piece.ContentBlock; b.Type == "tool_use" {
				calls[piece.Index] = len(whole.Calls)
				whole.call(len(whole.Calls), b.ID, b.Name, "")
			}
		case "content_block_delta":
			if piece.Delta.Type == "text_delta" {
				each(piece.Delta.Text)
				whole.text.WriteString(piece.Delta.Text)
			} else {
				each(piece.Delta.PartialJSON)
				whole.call(calls[piece.Index], "", "", piece.Delta.PartialJSON)
			}
		case "message_delta":
			whole.Finish, whole.Output = piece.Delta.StopReason, piece.Usage.Output
		}
	}
	return whole.answer(), nil
}

func (s *plainMessagesSession) Call(ctx context.Context) (any, error) {
	resp, err := s.post(ctx, false)
	if err != nil {
		return nil, err
	}
	return readWhole[messagesAnswer](resp)
}

func (s *plainMessagesSession) Encode() ([]byte, error) { return json.Marshal(s.req) }

func plainMessagesRequest(c *feed.Conversation) messagesRequest {
	req := messagesRequest{Model: feed.Model, MaxTokens: 1024, Temperature: 0.5}
	for _, t := range c.Turns {
		text := messagesBlock{Type: "text", Text: t.Text}
		blocks := []messagesBlock{text}
		if t.Result != "" {
			blocks = []messagesBlock{{Type: "tool_result", ToolUseID: t.Result, Content: blocks}}
		}
		if t.Call != nil {
			blocks = append(blocks, messagesBlock{Type: "tool_use", ID: t.Call.ID, Name: t.Call.Name, Input: json.RawMessage(t.Call.Arguments)})
		}
		req.Messages = append(req.Messages, messagesMessage{t.Role, blocks})
	}
	for _, t := range c.Tools {
		req.Tools = append(req.Tools, messagesTool{t.Name, t.Description, t.Schema})
	}
	return req
}
