package keeprouter

import (
	"context"
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// ChatService is the Chat Completions format: POST /v1/chat/completions. It is a
// field of [Client].
type ChatService struct{ client *Client }

// Create asks for an answer and waits for the whole of it. An answer with an error,
// such as [ErrToolArguments], comes with that error.
func (s *ChatService) Create(ctx context.Context, req *ChatRequest) (*ChatResponse, error) {
	return s.source(ctx, req, false).create()
}

// Stream asks for an answer as it is written. The request is encoded now and sent
// when the stream is first read. A request that can't be sent is the error of the
// stream.
func (s *ChatService) Stream(ctx context.Context, req *ChatRequest) *ChatStream {
	return &ChatStream{source: s.source(ctx, req, true)}
}

func (s *ChatService) source(ctx context.Context, req *ChatRequest, streaming bool) *callSource[ChatChunk, ChatResponse] {
	source := &callSource[ChatChunk, ChatResponse]{
		client: s.client, ctx: ctx,
		call:    Call{Operation: "chat.create", Streaming: streaming, Request: req},
		newFold: func(wanted int) fold[ChatChunk, ChatResponse] { return &chatFold{wanted: wanted} },
		settle:  settleChat,
		written: (*ChatResponse).written,
	}
	if req != nil && req.N != nil {
		source.wanted = *req.N
	}
	call := &source.call
	if streaming {
		call.Operation = "chat.stream"
	}
	switch {
	case ctx == nil:
		source.err = invalidRequest("ctx", "a context is needed: use context.Background() if there is none")
	case req == nil:
		source.err = invalidRequest("req", "a request is needed: it is nil")
	default:
		call.Model, call.Header = req.Model, req.Header.Clone()
		source.wire, source.err = req.encode(streaming)
		if source.err == nil && s.client.plans() {
			source.wire.plan = s.client.plan(call, req, source.said)
		}
	}
	return source
}

// settleChat gives a response what the call knows beside it.
func settleChat(client *Client, r *ChatResponse, call *Call) {
	client.priced(call, r.Model, r.Usage, r.reported(call.Meta, call.Streaming))
	r.Meta, r.Cost = call.Meta, call.Cost
}

// encode checks the request and puts it on the wire.
func (r *ChatRequest) encode(streaming bool) (wire, error) {
	sent := *r
	sent.Stream = streaming
	sent.StreamOptions = sent.streamOptions(streaming)
	if err := sent.validate(); err != nil {
		return wire{}, err
	}
	body, err := sent.body()
	if err != nil {
		return wire{}, err
	}
	return wire{Request: transport.Request{Method: http.MethodPost, Path: "/v1/chat/completions", Body: body}, paid: true}, nil
}

// streamOptions asks for usage unless told not to, and only of a stream: the format
// refuses stream options elsewhere.
func (r *ChatRequest) streamOptions(streaming bool) *ChatStreamOptions {
	if !streaming {
		return nil
	}
	var options ChatStreamOptions
	if r.StreamOptions != nil {
		options = *r.StreamOptions
	}
	if options.IncludeUsage == nil {
		options.IncludeUsage = new(true)
	}
	return &options
}
