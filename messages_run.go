package keeprouter

import (
	"context"
	"encoding/json"
	"slices"
)

// MessagesRun is a run of Messages.
type MessagesRun = Run[MessagesRequest, MessagesResponse]

// Run lets the model call tools until it has its answer. The request's own Tools may
// hold those that the server runs itself; the run declares those of the [Toolset]
// beside them. A ToolChoice that demands a call holds for the first step only. The
// request isn't changed.
//
//	run := client.Messages.Run(ctx, req, keeprouter.Toolset{Tools: []keeprouter.Tool{weather}})
//	for text, err := range run.Text() { … }
//	resp, err := run.Result()
func (s *MessagesService) Run(ctx context.Context, req *MessagesRequest, tools Toolset) *MessagesRun {
	r := &MessagesRun{client: s.client, format: messagesRun{s}, ctx: ctx, tools: tools}
	r.tools.Tools, r.tools.middleware = slices.Clone(tools.Tools), s.client.options.ToolMiddleware
	r.info.Operation = "messages.run"
	if req != nil {
		r.info.Model, r.info.Request = req.Model, req
		r.request = new(*req)
		r.request.Messages = slices.Clone(req.Messages)
	}
	return r
}

type messagesRun struct{ service *MessagesService }

func (messagesRun) declare(req *MessagesRequest, tools *Toolset) error {
	for _, t := range req.Tools {
		if t.Type == "" || t.Type == "custom" {
			return invalidRequest("tools", "the run declares the tools of its Toolset: leave the request's own out")
		}
	}
	declared, err := tools.Messages()
	if len(declared) > 0 {
		req.Tools = slices.Concat(req.Tools, declared)
	}
	return err
}

func (f messagesRun) ask(ctx context.Context, req *MessagesRequest, whole bool, show func(RunEvent) bool) (*MessagesResponse, error) {
	if whole {
		resp, err := f.service.Create(ctx, req)
		if resp != nil && !f.showBlocks(resp.Content, show) {
			return resp, &Error{Kind: ErrUnfinished}
		}
		return resp, err
	}
	stream := f.service.Stream(ctx, req)
	for e, err := range stream.All() {
		if err != nil {
			break // Result tells it
		}
		if !f.showEvent(e, show) {
			break
		}
	}
	return stream.Result()
}

func (f messagesRun) showEvent(e *MessagesEvent, show func(RunEvent) bool) bool {
	switch {
	case e.Message != nil && len(e.Message.Content) > 0:
		return f.showBlocks(e.Message.Content, show)
	case e.Block != nil:
		return f.showBlocks(Blocks{e.Block}, show)
	}
	return showText(e.Thinking, e.Text, show)
}

// showBlocks shows blocks that have come whole or begin.
func (messagesRun) showBlocks(blocks Blocks, show func(RunEvent) bool) bool {
	for _, b := range blocks {
		shown := true
		switch b := b.(type) {
		case *TextBlock:
			shown = showText("", b.Text, show)
		case *ThinkingBlock:
			shown = showText(b.Thinking, "", show)
		case *ToolUseBlock:
			shown = show(RunEvent{Type: RunCallStarted, Call: &ToolCall{ID: b.ID, Name: b.Name}})
		}
		if !shown {
			return false
		}
	}
	return true
}

func (messagesRun) calls(r *MessagesResponse) []*ToolCall {
	var calls []*ToolCall
	for _, use := range r.ToolUses() {
		switch {
		case use.Truncated:
			calls = append(calls, nil)
		case use.PartialInput != "":
			calls = append(calls, &ToolCall{ID: use.ID, Name: use.Name, Arguments: json.RawMessage(use.PartialInput)})
		default:
			calls = append(calls, &ToolCall{ID: use.ID, Name: use.Name, Arguments: use.Input, whole: true})
		}
	}
	return calls
}

func (messagesRun) goesOn(r *MessagesResponse) bool { return r.StopReason == StopPauseTurn }

func (messagesRun) add(req *MessagesRequest, r *MessagesResponse, calls []*ToolCall) {
	m := r.Message()
	if len(m.Content) == 0 {
		return
	}
	results := make([]*ToolResultBlock, 0, len(calls))
	for i, b := range m.Content {
		use, ok := b.(*ToolUseBlock)
		if !ok || len(results) == len(calls) {
			continue
		}
		call := calls[len(results)]
		if use.PartialInput != "" {
			mended := *use
			mended.Input, mended.PartialInput = call.sentArguments(use.PartialInput), ""
			m.Content[i] = &mended
		}
		result := use.Result(call.Result)
		result.IsError = call.Failed
		results = append(results, result)
	}
	req.Messages = append(req.Messages, m)
	if len(results) == 0 {
		return
	}
	req.Messages = append(req.Messages, ToolResultMessage(results...))
	if c := req.ToolChoice; c != nil && (c.Type == "any" || c.Type == "tool") {
		req.ToolChoice = nil // it was met; to demand a call each time would never end
	}
}

func (messagesRun) spent(r *MessagesResponse) (Usage, Cost) { return r.Usage, r.Cost }
func (messagesRun) asRequest(req *MessagesRequest) Request  { return req }
