package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// chatFold makes one response of the events of a stream, or of one object.
type chatFold struct {
	*chatPieces      // nil until the first of them has come
	slow        bool // whether the lane is off, to compare

	wanted int           // choices that the request asked for, 0 if that isn't known
	seen   bool          // whether a chunk has come
	done   bool          // whether the end was marked
	object []byte        // that it came as, nil if it came in pieces
	latest *ChatResponse // what result returned, until more comes
}

// chatPieces is what the events of a stream are put together in.
type chatPieces struct {
	head    chatHead
	choices []*chatChoiceFold

	event chatEvent // of the event being read; reused
	chunk ChatChunk // handed out; reused
	lane  chatLane
}

// chatHead is what an answer says beside its choices. An idle stream holds it, which a
// whole ChatResponse would make four times as large.
type chatHead struct {
	id, model, tier, fingerprint string
	created                      int64
	usage                        *ChatUsage
	extra                        extras
}

// Bounds on what one answer may hold, far above what any does, so that a server
// can't make the search among them slow.
const (
	maxChoices   = 1024
	maxToolCalls = 4096
)

func newChatFold() *chatFold { return &chatFold{chatPieces: &chatPieces{}} }

func (f *chatFold) prepare() {
	if f.chatPieces == nil {
		f.chatPieces = &chatPieces{}
	}
}

func (f *chatFold) terminated() bool { return f.done }

func (f *chatFold) text(chunk *ChatChunk) string { return chunk.Text() }

// complete reports whether the answer is whole: its end was marked, or each choice
// got a finish reason, which is all that some servers send.
func (f *chatFold) complete() bool {
	if f.done || f.chatPieces == nil {
		return f.seen
	}
	for _, c := range f.choices {
		if c.reason == "" {
			return false
		}
	}
	return len(f.choices) >= max(1, f.wanted)
}

// read takes one event. The end mark and events that aren't chunks, such as pings,
// hold nothing to hand out.
func (f *chatFold) read(ev *events.Event) (*ChatChunk, error) {
	f.prepare()
	if slots := ev.Slots(); slots != nil {
		return f.repeat(ev.Data, slots)
	}
	chunk, err := f.decode(ev)
	if chunk == nil || err != nil {
		ev.Forget()
		return nil, err
	}
	f.learn(ev)
	return chunk, nil
}

func (f *chatFold) decode(ev *events.Event) (*ChatChunk, error) {
	data := bytes.TrimSpace(ev.Data)
	switch {
	case string(data) == "[DONE]":
		return nil, f.terminate()
	case len(data) == 0 || jsonx.IsNull(data):
		return nil, nil
	case !jsonx.Valid(data):
		return nil, unreadable(ev, data)
	}
	f.event.decode(data)
	if err := f.failed(ev.Name, data); err != nil {
		return nil, err
	}
	if !f.event.isChunk {
		return nil, nil
	}
	f.chunk = ChatChunk{Choices: f.chunk.Choices[:0], Raw: data}
	if err := f.fold(&f.event, &f.chunk); err != nil {
		return nil, err
	}
	return &f.chunk, nil
}

func (f *chatFold) terminate() error {
	if !f.seen {
		return &failure.Failure{
			Kind: failure.BadResponse, Retryable: true,
			Message: "the stream's end was marked before anything of the answer had come",
		}
	}
	f.done = true
	return nil
}

// unreadable judges data that isn't JSON. A last event that was cut is passed over:
// the stream then has no end, which is the better word for it.
func unreadable(ev *events.Event, data []byte) error {
	named := ev.Name != "" && ev.Name != "message"
	switch {
	case ev.Name == "error":
		return failure.FromEvent(data, 0, nil)
	case ev.Unfinished, named && data[0] != '{' && data[0] != '[':
		return nil
	}
	return errors.New("its data is not valid JSON, or nests too deeply")
}

// failed returns the error that an event tells of. Counts that come with it are
// kept: the tokens are used up all the same.
func (f *chatFold) failed(name string, data []byte) error {
	suspect := name == "error" || !f.event.hasChoices || bytes.Contains(data, []byte(`"error"`))
	if !suspect || name != "error" && !failure.IsError(data) {
		return nil
	}
	f.count(f.event.usage, nil)
	return failure.FromEvent(data, 0, nil)
}

// fold adds a decoded event to the result, and says in chunk what it brought.
func (f *chatFold) fold(e *chatEvent, chunk *ChatChunk) error {
	f.seen, f.latest = true, nil
	f.foldHead(e, chunk)
	for i := range e.choices {
		c := &e.choices[i]
		state, err := f.choice(c.index)
		if err != nil {
			return err
		}
		out := ChatChunkChoice{Index: state.index}
		if err := state.fold(c, &out); err != nil {
			return err
		}
		chunk.Choices = append(chunk.Choices, out)
	}
	return nil
}

func (f *chatFold) foldHead(e *chatEvent, chunk *ChatChunk) {
	chunk.ID = firstText(&f.head.id, e.id)
	chunk.Model = firstText(&f.head.model, e.model)
	chunk.Created = int64(number(e.created, 0))
	if f.head.created == 0 {
		f.head.created = chunk.Created
	}
	if tier := literalLike(f.head.tier, e.tier); tier != "" {
		f.head.tier = tier
	}
	if fingerprint := literalLike(f.head.fingerprint, e.fingerprint); fingerprint != "" {
		f.head.fingerprint = fingerprint
	}
	f.count(e.usage, chunk)
	f.head.extra = addMembers(f.head.extra, e.extra)
}

// firstText keeps the first text that isn't empty, and returns the one that came.
func firstText(kept *string, data json.RawMessage) string {
	text := literalLike(*kept, data)
	if *kept == "" {
		*kept = text
	}
	return text
}

// count takes a count of tokens. Some servers send running totals, so the last one
// counts; but one of nothing but zeros is none.
func (f *chatFold) count(data json.RawMessage, chunk *ChatChunk) {
	if jsonx.Kind(data) != '{' {
		return
	}
	usage, err := chatUsageOf(data)
	if err != nil {
		f.head.usage, f.latest = nil, nil // better unknown than a total that has run on
		return
	}
	if chunk != nil {
		chunk.WireUsage = usage
	}
	if f.head.usage.isEmpty() || !usage.isEmpty() {
		f.head.usage, f.latest = usage, nil
	}
}

// choice returns the state of a choice by the index that the server gave it. Its
// own index counts the choices as they appear: some servers begin with 1.
func (f *chatFold) choice(wireIndex int) (*chatChoiceFold, error) {
	for _, c := range f.choices {
		if c.wireIndex == wireIndex {
			return c, nil
		}
	}
	if len(f.choices) == maxChoices {
		return nil, fmt.Errorf("it has more than %d choices", maxChoices)
	}
	c := &chatChoiceFold{wireIndex: wireIndex, index: len(f.choices)}
	f.choices = append(f.choices, c)
	return c, nil
}

// result returns the response as far as it has come. It is made anew only after
// more has come.
func (f *chatFold) result() *ChatResponse {
	if !f.seen || f.latest != nil {
		return f.latest
	}
	h := &f.head
	r := ChatResponse{
		ID: h.id, Created: h.created, Model: h.model, Choices: make([]ChatChoice, len(f.choices)),
		ServiceTier: h.tier, SystemFingerprint: h.fingerprint, WireUsage: h.usage, Extra: maps.Clone(h.extra),
	}
	for i, c := range f.choices {
		r.Choices[i] = c.choice()
	}
	if r.WireUsage == nil {
		r.WireUsage = r.usageElsewhere()
	}
	r.Usage = r.counted()
	r.finish(f.complete())
	f.latest = &r
	return f.latest
}

func (f *chatFold) defect() error {
	r := f.result()
	if r == nil {
		return nil
	}
	found := r.defect()
	if found == nil {
		return nil
	}
	found.InStream = f.object == nil
	return found
}

func (f *chatFold) whole(data []byte) error {
	r, err := readWhole(data)
	if err != nil {
		return err
	}
	r.finish(true)
	f.seen, f.done, f.object, f.latest = true, true, data, r
	return nil
}

func (f *chatFold) wholeItem() *ChatChunk {
	chunk := f.latest.chunk()
	chunk.Raw = f.object
	return &chunk
}

// chunk is a chunk that brings the whole response.
func (r *ChatResponse) chunk() ChatChunk {
	chunk := ChatChunk{ID: r.ID, Created: r.Created, Model: r.Model, WireUsage: r.WireUsage}
	for i := range r.Choices {
		c := &r.Choices[i]
		m := &c.Message
		out := ChatChunkChoice{
			Index: i, FinishReason: c.FinishReason, NativeFinishReason: c.NativeFinishReason,
			Delta: ChatDelta{
				Role: m.Role, Content: m.Content.Text(), Reasoning: m.Reasoning, Refusal: m.Refusal,
				ReasoningDetails: m.ReasoningDetails,
			},
		}
		for j, call := range m.ToolCalls {
			out.Delta.ToolCalls = append(out.Delta.ToolCalls, ChatToolCallDelta{
				Index: j, ID: call.ID, Type: call.Type, Name: call.Name, Arguments: call.Arguments,
			})
		}
		if c.Logprobs != nil {
			out.Logprobs, _ = jsonx.Encode(c.Logprobs)
		}
		chunk.Choices = append(chunk.Choices, out)
	}
	return chunk
}

// addMembers puts members into extra; the last one of a name counts.
func addMembers(extra extras, members []member) extras {
	for _, m := range members {
		if extra == nil {
			extra = extras{}
		}
		extra[m.name] = bytes.Clone(m.value)
	}
	return extra
}
