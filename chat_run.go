package keeprouter

import (
	"context"
	"encoding/json"
	"slices"
)

// ChatRun is a run of Chat Completions.
type ChatRun = Run[ChatRequest, ChatResponse]

// Run lets the model call tools until it has its answer. The request's own Tools must
// be empty: the run declares those of the [Toolset]. A ToolChoice that demands a call
// holds for the first step only. The request isn't changed.
//
//	run := client.Chat.Run(ctx, req, keeprouter.Toolset{Tools: []keeprouter.Tool{weather}})
//	for text, err := range run.Text() { … }
//	resp, err := run.Result()
func (s *ChatService) Run(ctx context.Context, req *ChatRequest, tools Toolset) *ChatRun {
	r := &ChatRun{client: s.client, format: chatRun{s}, ctx: ctx, tools: tools}
	r.tools.Tools, r.tools.middleware = slices.Clone(tools.Tools), s.client.options.ToolMiddleware
	r.info.Operation = "chat.run"
	if req != nil {
		r.info.Model, r.info.Request = req.Model, req
		r.request = new(*req)
		r.request.Messages = slices.Clone(req.Messages)
	}
	return r
}

type chatRun struct{ service *ChatService }

func (chatRun) declare(req *ChatRequest, tools *Toolset) error {
	if len(req.Tools) > 0 || len(req.Functions) > 0 {
		return invalidRequest("tools", "the run declares the tools of its Toolset: leave the request's own out")
	}
	if req.N != nil && *req.N > 1 {
		return invalidRequest("n", "a run follows one answer")
	}
	declared, err := tools.Chat()
	if len(declared) > 0 {
		req.Tools = declared
	}
	return err
}

func (f chatRun) ask(ctx context.Context, req *ChatRequest, whole bool, show func(RunEvent) bool) (*ChatResponse, error) {
	if whole {
		resp, err := f.service.Create(ctx, req)
		if !f.showWhole(resp, show) {
			return resp, &Error{Kind: ErrUnfinished}
		}
		return resp, err
	}
	stream, started := f.service.Stream(ctx, req), map[int]bool{}
	for chunk, err := range stream.All() {
		if err != nil {
			break // Result tells it
		}
		if !f.showChunk(chunk, started, show) {
			break
		}
	}
	return stream.Result()
}

func (chatRun) showWhole(resp *ChatResponse, show func(RunEvent) bool) bool {
	if resp == nil {
		return true
	}
	m := resp.Message()
	if !showText(m.Reasoning, m.Content.Text(), show) {
		return false
	}
	for _, call := range m.ToolCalls {
		if !show(RunEvent{Type: RunCallStarted, Call: &ToolCall{ID: call.ID, Name: call.Name}}) {
			return false
		}
	}
	return true
}

func (chatRun) showChunk(chunk *ChatChunk, started map[int]bool, show func(RunEvent) bool) bool {
	for i := range chunk.Choices {
		c := &chunk.Choices[i]
		if c.Index != 0 {
			continue
		}
		if !showText(c.Delta.Reasoning, c.Delta.Content, show) {
			return false
		}
		for _, call := range c.Delta.ToolCalls {
			if call.Name == "" || started[call.Index] {
				continue
			}
			started[call.Index] = true
			if !show(RunEvent{Type: RunCallStarted, Call: &ToolCall{ID: call.ID, Name: call.Name}}) {
				return false
			}
		}
	}
	return true
}

func showText(thinking, text string, show func(RunEvent) bool) bool {
	if thinking != "" && !show(RunEvent{Type: RunThinking, Text: thinking}) {
		return false
	}
	return text == "" || show(RunEvent{Type: RunText, Text: text})
}

func (chatRun) calls(r *ChatResponse) []*ToolCall {
	var calls []*ToolCall
	for _, c := range r.ToolCalls() {
		if c.Truncated {
			calls = append(calls, nil)
			continue
		}
		calls = append(calls, &ToolCall{
			ID: c.ID, Name: c.Name, Arguments: json.RawMessage(c.Arguments),
			whole: c.Arguments == "" || c.Type == customType || isObject(c.Arguments),
		})
	}
	return calls
}

func (chatRun) goesOn(*ChatResponse) bool { return false }

func (chatRun) add(req *ChatRequest, r *ChatResponse, calls []*ToolCall) {
	m := r.Message()
	m.ToolCalls = slices.Clone(m.ToolCalls)
	for i, call := range calls {
		m.ToolCalls[i].Arguments = string(call.sentArguments(m.ToolCalls[i].Arguments))
	}
	req.Messages = append(req.Messages, m)
	for _, call := range calls {
		req.Messages = append(req.Messages, ToolResult(call.ID, call.Result))
	}
	if c := req.ToolChoice; c != nil && len(calls) > 0 && (c.Mode == "required" || c.Name != "") {
		req.ToolChoice = nil // it was met; to demand a call each time would never end
	}
}

func (chatRun) spent(r *ChatResponse) (Usage, Cost) { return r.Usage, r.Cost }
func (chatRun) asRequest(req *ChatRequest) Request  { return req }
