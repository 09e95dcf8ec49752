package peer

import (
	"context"
	"encoding/json"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

// anthropicFlat reads the fields of the event's union, the cheapest typed way.
func anthropicFlat() Peer {
	return anthropicPeer("anthropic-sdk-go", func(event *anthropic.MessageStreamEventUnion, each func(string)) {
		if event.Type != "content_block_delta" {
			return
		}
		switch event.Delta.Type {
		case "text_delta":
			each(event.Delta.Text)
		case "input_json_delta":
			each(event.Delta.PartialJSON)
		}
	})
}

// anthropicSwitch tells events apart as the client's README does.
func anthropicSwitch() Peer {
	return anthropicPeer(AnthropicAsAny, func(event *anthropic.MessageStreamEventUnion, each func(string)) {
		if e, ok := event.AsAny().(anthropic.ContentBlockDeltaEvent); ok {
			switch delta := e.Delta.AsAny().(type) {
			case anthropic.TextDelta:
				each(delta.Text)
			case anthropic.InputJSONDelta:
				each(delta.PartialJSON)
			}
		}
	})
}

func anthropicPeer(name string, read func(*anthropic.MessageStreamEventUnion, func(string))) Peer {
	return Peer{
		Name: name, Format: feed.Messages,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			client := anthropic.NewClient(option.WithBaseURL(s.URL), option.WithAPIKey(key), option.WithHTTPClient(s.HTTP))
			return &anthropicSession{client, anthropicRequest(c), read}, nil
		},
		Decode: func(data []byte) (any, error) {
			resp := new(anthropic.Message)
			return resp, resp.UnmarshalJSON(data)
		},
		Answer: func(value any) feed.Answer { return anthropicAnswer(value.(*anthropic.Message)) },
	}
}

type anthropicSession struct {
	client anthropic.Client
	params anthropic.MessageNewParams
	read   func(*anthropic.MessageStreamEventUnion, func(string))
}

func (s *anthropicSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	stream := s.client.Messages.NewStreaming(ctx, s.params)
	var whole anthropic.Message
	for stream.Next() {
		event := stream.Current()
		if err := whole.Accumulate(event); err != nil {
			return feed.Answer{}, err
		}
		s.read(&event, each)
	}
	if err := stream.Err(); err != nil {
		return feed.Answer{}, err
	}
	return anthropicAnswer(&whole), stream.Close()
}

func (s *anthropicSession) Call(ctx context.Context) (any, error) {
	return s.client.Messages.New(ctx, s.params)
}

func (s *anthropicSession) Encode() ([]byte, error) { return s.params.MarshalJSON() }

func anthropicAnswer(m *anthropic.Message) feed.Answer {
	a := feed.Answer{Finish: string(m.StopReason), Input: m.Usage.InputTokens, Output: m.Usage.OutputTokens}
	for i := range m.Content {
		switch b := &m.Content[i]; b.Type {
		case "text":
			a.Text += b.Text
		case "tool_use":
			a.Calls = append(a.Calls, feed.Call{ID: b.ID, Name: b.Name, Arguments: string(b.Input)})
		}
	}
	return a
}

func anthropicRequest(c *feed.Conversation) anthropic.MessageNewParams {
	params := anthropic.MessageNewParams{Model: feed.Model, MaxTokens: 1024, Temperature: anthropic.Float(0.5)}
	for _, t := range c.Turns {
		switch text := anthropic.NewTextBlock(t.Text); {
		case t.Result != "":
			params.Messages = append(params.Messages, anthropic.NewUserMessage(anthropic.NewToolResultBlock(t.Result, t.Text, false)))
		case t.Role == "user":
			params.Messages = append(params.Messages, anthropic.NewUserMessage(text))
		case t.Call != nil:
			params.Messages = append(params.Messages, anthropic.NewAssistantMessage(text,
				anthropic.NewToolUseBlock(t.Call.ID, json.RawMessage(t.Call.Arguments), t.Call.Name)))
		default:
			params.Messages = append(params.Messages, anthropic.NewAssistantMessage(text))
		}
	}
	for _, t := range c.Tools {
		params.Tools = append(params.Tools, anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
			Name: t.Name, Description: anthropic.String(t.Description),
			InputSchema: anthropic.ToolInputSchemaParam{Properties: t.Properties, Required: t.Required},
		}})
	}
	return params
}
