package keeprouter

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// messagesFold makes one answer of the events of the Messages format. Servers do not
// keep to the format's grammar: starts repeat, blocks interleave, deltas come for
// blocks that nobody opened. Whatever text comes is kept.
type messagesFold struct {
	*messagesPieces      // nil until the first of them has come
	slow            bool // whether the lane is off, to compare

	begun   bool
	counted bool              // whether the output's count is final, not the first event's placeholder
	grown   bool              // whether content came in deltas
	stopped bool              // message_stop
	done    bool              // the other format's [DONE], which some servers add
	sole    *MessagesResponse // an answer that came whole
	object  []byte            // that it came as
	added   string            // text that the last item added
	built   *MessagesResponse // the result, until something is added
}

// messagesPieces is what the events of a stream are put together in.
type messagesPieces struct {
	head   messagesHead
	blocks []*openBlock // in the order in which they began
	open   map[int][]*openBlock
	last   int // index of the block that began last

	event MessagesEvent // the item; one is reused
	lane  messagesLane
}

// messagesHead is what an answer says beside its content. An idle stream holds it, which
// a whole MessagesResponse would make three times as large.
type messagesHead struct {
	id, kind, role, model, sequence string
	reason                          StopReason
	details                         *MessagesStopDetails
	container                       *MessagesContainer
	usage                           *MessagesUsage
	extra                           extras
}

func newMessagesFold() *messagesFold {
	f := &messagesFold{}
	f.prepare()
	return f
}

func (f *messagesFold) prepare() {
	if f.messagesPieces == nil {
		f.messagesPieces = &messagesPieces{open: map[int][]*openBlock{}, last: -1}
	}
}

func (f *messagesFold) read(ev *events.Event) (*MessagesEvent, error) {
	f.prepare()
	if slots := ev.Slots(); slots != nil {
		return f.repeat(ev.Data, &slots[0]), nil
	}
	f.lane.block = nil
	item, more, err := f.readOther(ev)
	if item == nil || err != nil {
		ev.Forget()
		return item, err
	}
	f.learn(ev, more.literal)
	return item, nil
}

// readOther decodes one event and adds it to the answer.
func (f *messagesFold) readOther(ev *events.Event) (*MessagesEvent, unmodelled, error) {
	f.added = ""
	data := bytes.TrimSpace(ev.Data)
	switch {
	case string(data) == "[DONE]":
		f.done = true
		return nil, unmodelled{}, nil
	case ev.Unfinished && !jsonx.Valid(data):
		return nil, unmodelled{}, nil
	case foreignEvent(ev.Name) && !jsonx.Valid(data):
		return nil, unmodelled{}, nil
	}
	if err := messagesEventError(ev); err != nil {
		return nil, unmodelled{}, err
	}
	more, err := f.decode(ev)
	if err != nil {
		return nil, unmodelled{}, err
	}
	if f.event.Type == "ping" {
		return nil, unmodelled{}, nil
	}
	return &f.event, more, f.apply(&f.event, more)
}

func (f *messagesFold) add(e *MessagesEvent) error {
	more := unmodelled{}
	if e.Type == "content_block_delta" {
		for name, value := range jsonx.Members(e.Raw) {
			if name == "delta" {
				more.delta = value
			}
		}
	}
	item := *e // a recording may be read by others at the same time
	return f.apply(&item, more)
}

// apply adds an event to the answer.
func (f *messagesFold) apply(e *MessagesEvent, more unmodelled) error {
	f.added, f.built = "", nil
	switch e.Type {
	case "message_start":
		f.start(e.Message)
	case "content_block_start":
		f.begin(e.Index, e.Block)
	case "content_block_delta":
		return f.extend(e, more)
	case "content_block_stop":
		for _, b := range f.open[e.Index] {
			b.closed = true
		}
	case "message_delta":
		f.finish(e, more.extra)
	case "message_stop":
		f.stopped = true
	}
	return nil
}

// start takes the head of the answer. Of a second one, what it tells counts, except
// content after content.
func (f *messagesFold) start(m *MessagesResponse) {
	f.begun = true
	if m == nil {
		return
	}
	h := &f.head
	h.id, h.kind = cmp.Or(m.ID, h.id), cmp.Or(m.Type, h.kind)
	h.role, h.model = cmp.Or(m.Role, h.role), cmp.Or(m.Model, h.model)
	h.reason, h.sequence = cmp.Or(m.StopReason, h.reason), cmp.Or(m.StopSequence, h.sequence)
	h.details, h.container = cmp.Or(m.StopDetails, h.details), cmp.Or(m.Container, h.container)
	h.usage = h.usage.merge(m.WireUsage)
	h.extra = mergeExtra(h.extra, m.Extra)
	if len(f.blocks) > 0 || len(m.Content) == 0 {
		return
	}
	for i, b := range m.Content {
		if !isNilBlock(b) {
			f.begin(i, b)
			f.blocks[len(f.blocks)-1].closed = true
		}
	}
	f.added, f.counted = m.Content.Text(), true
}

// begin opens a block. An index that is used again is another block.
func (f *messagesFold) begin(index int, b Block) {
	f.begun, f.last = true, index
	if isNilBlock(b) {
		delete(f.open, index) // its deltas will tell what it is
		return
	}
	f.open[index] = f.push(b)
	if t, ok := b.(*TextBlock); ok {
		f.added = t.Text
	}
}

// push adds a block behind the others, and returns it as a list.
func (f *messagesFold) push(b Block) []*openBlock {
	if f.blocks == nil {
		f.blocks = make([]*openBlock, 0, 4)
	}
	f.blocks = append(f.blocks, newOpenBlock(b))
	n := len(f.blocks)
	return f.blocks[n-1 : n : n]
}

// extend adds a delta to its block. Where no block of this index takes such a delta,
// it begins one that does.
func (f *messagesFold) extend(e *MessagesEvent, more unmodelled) error {
	b := f.blockFor(e.Index, e.DeltaType)
	if b == nil {
		return nil // a delta of an unknown kind has been handed out, that is all
	}
	f.grown, f.lane.block = true, b
	if err := b.extend(e, more); err != nil {
		return err
	}
	if _, ok := b.block.(*TextBlock); ok {
		f.added = e.Text
	}
	return nil
}

func (f *messagesFold) blockFor(index int, deltaType string) *openBlock {
	candidates := f.open[index]
	for i := len(candidates) - 1; i >= 0; i-- {
		if candidates[i].takes(deltaType) {
			return candidates[i]
		}
	}
	fresh := blockOfDelta(deltaType)
	if fresh == nil {
		return nil
	}
	f.begun = true
	f.open[index] = append(candidates, f.push(fresh)...)
	return f.blocks[len(f.blocks)-1]
}

// finish takes what a message_delta tells. There may be several: the last word
// counts.
func (f *messagesFold) finish(e *MessagesEvent, extra map[string]json.RawMessage) {
	h := &f.head
	f.begun = true
	h.reason, h.sequence = cmp.Or(e.StopReason, h.reason), cmp.Or(e.StopSequence, h.sequence)
	h.details, h.container = cmp.Or(e.StopDetails, h.details), cmp.Or(e.Container, h.container)
	h.usage = h.usage.merge(e.WireUsage)
	h.extra = mergeExtra(h.extra, extra)
	f.counted = f.counted || e.WireUsage != nil && e.WireUsage.OutputTokens > 0
}

func (f *messagesFold) whole(data []byte) error {
	r, listed, ok := readMessagesResponse(data, true)
	if (!ok || r.Type == "error" || failure.MayBeError(r.Extra)) && failure.IsError(data) {
		return errErrorObject
	}
	if !ok {
		r = &MessagesResponse{}
		if err := r.unmarshal(data); err != nil {
			return err
		}
		listed = hasContent(data)
	}
	if r.Type != "" && r.Type != "message" {
		return fmt.Errorf("its type is %.40q", r.Type)
	}
	if !listed {
		return errors.New("it has no list of content")
	}
	for _, b := range r.Content {
		use, ok := b.(*ToolUseBlock)
		if !ok || use == nil {
			continue
		}
		use.PartialInput = ""
		if jsonx.Kind(use.Input) != '{' { // an object is well formed, as the answer is
			use.Input, use.PartialInput = unquotedInput(use.Input)
		}
		use.Truncated = use.PartialInput != "" && r.StopReason.cut()
	}
	markCut(r)
	f.sole, f.object = r, data
	return nil
}

func (f *messagesFold) wholeItem() *MessagesEvent {
	f.added = f.sole.Text()
	return &MessagesEvent{Type: "message_start", Message: f.sole, Raw: f.object}
}

func hasContent(data []byte) bool {
	for name, value := range jsonx.Members(data) {
		if name == "content" {
			return jsonx.Kind(value) == '['
		}
	}
	return false
}

func (f *messagesFold) terminated() bool { return f.stopped || f.done || f.sole != nil }

func (f *messagesFold) complete() bool {
	return f.sole != nil || f.begun && (f.stopped || f.done && f.head.reason != "")
}

func (f *messagesFold) text(*MessagesEvent) string { return f.added }

func (f *messagesFold) result() *MessagesResponse {
	switch {
	case f.sole != nil:
		return f.sole
	case !f.begun:
		return nil
	case f.built == nil:
		f.built = f.build()
	}
	return f.built
}

// build makes the answer of what has come so far.
func (f *messagesFold) build() *MessagesResponse {
	h := &f.head
	r := MessagesResponse{
		ID: h.id, Type: cmp.Or(h.kind, "message"), Role: cmp.Or(h.role, "assistant"), Model: h.model,
		Content:    make(Blocks, len(f.blocks)),
		StopReason: h.reason, StopSequence: h.sequence, StopDetails: h.details,
		Container: h.container, WireUsage: h.usage, Extra: h.extra,
	}
	for i, b := range f.blocks {
		r.Content[i] = b.snapshot(r.StopReason.cut() || !f.complete())
		if use, ok := r.Content[i].(*ToolUseBlock); ok && !b.closed && !f.complete() {
			use.Truncated = true
		}
	}
	markCut(&r)
	r.Usage = r.counted()
	if !f.counted && f.grown && r.Usage.Output <= 1 {
		r.Usage = Usage{Unknown: true} // only the placeholder of an answer that hadn't begun
	}
	return &r
}

// markCut marks a last call whose input never came because a limit cut the answer.
func markCut(r *MessagesResponse) {
	if len(r.Content) == 0 || !r.StopReason.cut() {
		return
	}
	use, ok := r.Content[len(r.Content)-1].(*ToolUseBlock)
	if ok && use.PartialInput == "" && string(jsonx.Compact(use.Input)) == "{}" {
		use.Truncated = true
	}
}

func (f *messagesFold) defect() error {
	r := f.result()
	if r.StopReason.cut() {
		return nil
	}
	for i, b := range r.Content {
		use, ok := b.(*ToolUseBlock)
		if ok && use.PartialInput != "" || f.sole == nil && f.blocks[i].serverInputIsBroken() {
			return &failure.Failure{
				Kind: failure.BadToolArguments, InStream: f.sole == nil,
				Param:   fmt.Sprintf("content[%d].input", i),
				Message: "the input of the tool call is not a JSON object; ask the model again",
			}
		}
	}
	return nil
}
