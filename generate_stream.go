package keeprouter

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// Generation is a value of T as it is written: made by [Generator.ChatStream] or
// [Generator.MessagesStream]. Like a [Stream] it is lazy, read once, and has nothing
// to close.
type Generation[T, R any] struct {
	// write hands out the pieces of the text until its end, and returns the answer.
	write func(emit func(piece string) bool) (*R, output, error)
	g     Generator[T]
	s     *schema.Schema
	err   error // why nothing can be asked

	state    streamState
	value    T
	response *R
	over     error
}

// ChatStream is [Generator.Chat] as a stream. Retry has no effect: what was handed out
// can't be taken back.
func (g Generator[T]) ChatStream(ctx context.Context, client *Client, req *ChatRequest) *Generation[T, ChatResponse] {
	gen := &Generation[T, ChatResponse]{g: g}
	var ask *ChatRequest
	if ask, gen.s, gen.err = g.chatRequest(req); gen.err != nil {
		return gen
	}
	stream := client.Chat.Stream(ctx, ask)
	gen.write = func(emit func(string) bool) (*ChatResponse, output, error) {
		for chunk, err := range stream.All() {
			if err != nil || !emit(chunk.written(g.ForcedTool)) {
				break // Result tells the error
			}
		}
		resp, err := stream.Result()
		if resp == nil {
			return nil, output{}, err
		}
		return resp, chatOutput(resp), err
	}
	return gen
}

// MessagesStream is [Generator.Messages] as a stream. Retry has no effect.
func (g Generator[T]) MessagesStream(ctx context.Context, client *Client, req *MessagesRequest) *Generation[T, MessagesResponse] {
	gen := &Generation[T, MessagesResponse]{g: g}
	var ask *MessagesRequest
	if ask, gen.s, gen.err = g.messagesRequest(req); gen.err != nil {
		return gen
	}
	stream := client.Messages.Stream(ctx, ask)
	gen.write = func(emit func(string) bool) (*MessagesResponse, output, error) {
		for e, err := range stream.All() {
			if err != nil || !emit(e.written(g.ForcedTool)) {
				break // Result tells the error
			}
		}
		resp, err := stream.Result()
		if resp == nil {
			return nil, output{}, err
		}
		return resp, messagesOutput(resp), err
	}
	return gen
}

// written is what a chunk adds to the value.
func (c *ChatChunk) written(asCall bool) string {
	if !asCall {
		return c.Text()
	}
	text := ""
	for i := range c.Choices {
		for _, call := range c.Choices[i].Delta.ToolCalls {
			if call.Index == 0 {
				text += call.Arguments
			}
		}
	}
	return text
}

// written is what an event adds to the value.
func (e *MessagesEvent) written(asCall bool) string {
	if asCall {
		return e.PartialJSON
	}
	return e.Text
}

// All returns ever more of the value: strings grow, lists get longer, fields are set.
// The last value is the whole one, checked against the schema. What can't be decoded
// yet is left out, and so is a value that is no different in length by at least a
// sixteenth, so that the work stays in proportion to the answer. An error is the last
// pair, with what there is of the value.
func (gen *Generation[T, R]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		switch {
		case gen.err != nil:
			yield(zero, gen.err)
			return
		case gen.state != streamFresh || gen.write == nil:
			yield(zero, &Error{Kind: ErrConsumed})
			return
		}
		gen.state, gen.over = streamRunning, &Error{Kind: ErrUnfinished}
		defer func() { gen.state = streamOver }() // a panic in the loop's body passes here as well
		left := false
		gen.over = gen.run(func(value T) bool {
			left = !yield(value, nil)
			return !left
		})
		if !left {
			yield(gen.value, gen.over)
		}
	}
}

// Result returns the whole value and the response, reading the stream first if nobody
// has. With an error, the value is what there is of it.
func (gen *Generation[T, R]) Result() (T, *R, error) {
	if gen.state == streamFresh && gen.err == nil {
		for range gen.All() { //nolint:revive // reading is the point; the error is kept
		}
	}
	if gen.err != nil {
		return gen.value, nil, gen.err
	}
	return gen.value, gen.response, gen.over
}

func (gen *Generation[T, R]) run(emit func(T) bool) error {
	var text []byte
	decoded, left := 0, false
	response, out, err := gen.write(func(piece string) bool {
		text = append(text, piece...)
		if len(text)-decoded <= decoded/16 {
			return true
		}
		decoded = len(text)
		if gen.part(text) {
			left = !emit(gen.value)
		}
		return !left
	})
	gen.response = response
	switch {
	case left:
		return &Error{Kind: ErrUnfinished}
	case err != nil:
		return err
	}
	return gen.g.read(out, gen.s, &gen.value)
}

// part decodes what there is of the value.
func (gen *Generation[T, R]) part(text []byte) bool {
	data, _, ok := schema.Repair(text)
	if !ok {
		return false
	}
	if gen.s.Wrapped() {
		var wrapper struct {
			Value json.RawMessage `json:"value"`
		}
		if json.Unmarshal(data, &wrapper) != nil || wrapper.Value == nil {
			return false
		}
		data = wrapper.Value
	}
	var value T
	if json.Unmarshal(data, &value) != nil {
		return false
	}
	gen.value = value
	return true
}
