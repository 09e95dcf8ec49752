package keeprouter

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// MessagesService calls the Anthropic-compatible Messages endpoint. It is
// [Client.Messages].
type MessagesService struct{ client *Client }

// Create asks for a whole answer. For long answers prefer [MessagesService.Stream],
// whose Result is the same and which no proxy on the way times out. A request that
// the format refuses is an [ErrInvalidRequest] that names the field, and isn't sent.
//
//	resp, err := client.Messages.Create(ctx, req)
//	…
//	fmt.Println(resp.Text(), resp.Cost)
func (s *MessagesService) Create(ctx context.Context, req *MessagesRequest) (*MessagesResponse, error) {
	return s.source(ctx, req, "messages.create", false).create()
}

// Stream asks for an answer as it is written. The request is encoded at once and
// sent when the stream is first used; an error of either is in the stream.
//
//	for text, err := range client.Messages.Stream(ctx, req).Text() { … }
func (s *MessagesService) Stream(ctx context.Context, req *MessagesRequest) *MessagesStream {
	return &MessagesStream{source: s.source(ctx, req, "messages.stream", true)}
}

// CountTokens asks how many tokens the request's prompt has. MaxTokens, the
// sampling fields and Stream are ignored.
func (s *MessagesService) CountTokens(ctx context.Context, req *MessagesRequest) (*MessagesTokenCount, error) {
	call := Call{}
	s.describe(&call, req, "messages.count_tokens")
	w, err := s.countWire(ctx, req)
	if err != nil {
		return nil, callError(err, &call)
	}
	count := &MessagesTokenCount{}
	if err := s.client.callJSON(ctx, &call, w, count, "input_tokens"); err != nil {
		return nil, err
	}
	count.Meta = call.Meta
	return count, nil
}

func (s *MessagesService) source(ctx context.Context, req *MessagesRequest, operation string, stream bool) *callSource[MessagesEvent, MessagesResponse] {
	source := &callSource[MessagesEvent, MessagesResponse]{
		client: s.client, ctx: ctx,
		newFold: func(int) fold[MessagesEvent, MessagesResponse] { return &messagesFold{} },
		settle:  settleMessages,
		written: (*MessagesResponse).written,
	}
	source.wire, source.err = s.wire(ctx, req, stream)
	s.describe(&source.call, req, operation)
	source.call.Streaming = stream
	if source.err == nil && s.client.plans() {
		source.wire.plan = s.client.plan(&source.call, req, source.said)
	}
	return source
}

// settleMessages gives a response what the call knows beside it.
func settleMessages(client *Client, r *MessagesResponse, call *Call) {
	client.priced(call, r.Model, r.Usage, r.reported(call.Meta, call.Streaming))
	r.Meta, r.Cost = call.Meta, call.Cost
}

// describe fills in what is known of a call before it.
func (s *MessagesService) describe(call *Call, req *MessagesRequest, operation string) {
	call.Operation = operation
	if req == nil {
		return
	}
	call.Model, call.Request = req.Model, req
	if len(req.Header) == 0 && len(req.Betas) == 0 {
		return
	}
	call.Header = http.Header{}
	for name, values := range req.Header {
		name = http.CanonicalHeaderKey(name)
		call.Header[name] = append(call.Header[name], values...)
	}
	if len(req.Betas) > 0 {
		betas := slices.Concat(s.client.options.Header.Values("Anthropic-Beta"), call.Header.Values("Anthropic-Beta"), req.Betas)
		call.Header.Set("Anthropic-Beta", strings.Join(betas, ","))
	}
}

func (s *MessagesService) wire(ctx context.Context, req *MessagesRequest, stream bool) (wire, error) {
	w := wire{Request: transport.Request{Method: http.MethodPost, Path: "/v1/messages", MessagesWire: true}, paid: true}
	if err := present(ctx, req); err != nil {
		return w, err
	}
	if err := req.validate(s.version(req)); err != nil {
		return w, err
	}
	sent := *req
	sent.Stream = stream
	body, err := sent.encode()
	w.Body = body
	return w, err
}

func (s *MessagesService) countWire(ctx context.Context, req *MessagesRequest) (wire, error) {
	w := wire{Request: transport.Request{Method: http.MethodPost, Path: "/v1/messages/count_tokens", MessagesWire: true}}
	if err := present(ctx, req); err != nil {
		return w, err
	}
	if err := req.validateCount(s.version(req)); err != nil {
		return w, err
	}
	body, err := req.encodeCount()
	w.Body = body
	return w, err
}

// version is the anthropic-version that the call will carry.
func (s *MessagesService) version(req *MessagesRequest) string {
	for _, h := range []http.Header{req.Header, s.client.options.Header} {
		if v := h.Get("Anthropic-Version"); v != "" {
			return v
		}
	}
	return s.client.options.AnthropicVersion
}

// present refuses a call without context or request.
func present(ctx context.Context, req *MessagesRequest) error {
	if ctx == nil {
		return noContext()
	}
	if req == nil {
		return invalidRequest("req", "the request is nil")
	}
	return nil
}
