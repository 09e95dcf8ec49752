package keeprouter

import (
	"bytes"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// The values in which a chunk may differ from the one before it and still be folded
// without being decoded.
const (
	slotID = iota
	slotCreated
	slotPadding
	slotContent
	slotReasoningContent
	slotReasoning
	slotArguments
)

// chatLane folds chunks that repeat the last decoded one but for the values of slots.
// All else that such a chunk says has been folded already, and would change nothing if
// it were folded again; learn refuses a chunk of which that isn't so.
type chatLane struct {
	choice  *chatChoiceFold // that the chunk is of
	call    *toolCallFold   // that its piece of arguments belongs to, nil without one
	same    chatSame        // what a repetition hands out beside its texts
	learned bool            // whether there was a chunk to learn
	trims   bool            // whether white space is around the data
	varies  bool            // whether id or created differed from one chunk to the next
	misses  misses
}

// chatSame is what chunks that are alike say, of one choice.
type chatSame struct {
	id, model, role string
	created         int64
	index           int
}

// chunk is a chunk that says it. Its choices are put in place of others.
func (s *chatSame) chunk(choices []ChatChunkChoice) ChatChunk {
	choice := ChatChunkChoice{Index: s.index, Delta: ChatDelta{Role: s.role}}
	return ChatChunk{ID: s.id, Created: s.created, Model: s.model, Choices: append(choices[:0], choice)}
}

// learn makes the lane look out for chunks like the one that was folded last.
func (f *chatFold) learn(ev *events.Event) {
	e, l := &f.event, &f.lane
	if f.slow || slowPathOnly || !f.teaches() || l.misses.tooMany() {
		ev.Forget()
		return
	}
	c := &e.choices[0]
	l.choice = f.choices[f.chunk.Choices[0].Index]
	l.call = nil
	values := [...][]byte{
		slotPadding: stringOrNil(e.padding), slotContent: stringOrNil(c.delta.content),
		slotReasoningContent: stringOrNil(c.delta.reasoningContent), slotReasoning: stringOrNil(c.delta.reasoning),
		slotArguments: nil,
	}
	if len(c.delta.calls) == 1 {
		l.call = l.choice.calls[f.chunk.Choices[0].Delta.ToolCalls[0].Index]
		values[slotArguments] = c.delta.calls[0].arguments
	}
	l.varies = l.varies || l.learned && (l.same.id != f.chunk.ID || l.same.created != f.chunk.Created)
	if l.varies {
		values[slotID], values[slotCreated] = stringOrNil(e.id), digitsOrNil(e.created)
	}
	ev.Learn(values[:]...)
	l.trims = len(f.chunk.Raw) < len(ev.Data)
	l.learned = true
	l.same = chatSame{
		id: f.chunk.ID, model: f.chunk.Model, created: f.chunk.Created,
		index: l.choice.index, role: f.chunk.Choices[0].Delta.Role,
	}
}

// teaches reports whether the last event changes nothing when it is folded again,
// apart from the texts that it adds.
func (f *chatFold) teaches() bool {
	e := &f.event
	if len(e.choices) != 1 || jsonx.Kind(e.usage) == '{' {
		return false
	}
	c := &e.choices[0]
	return !c.whole && isNoText(c.finish) && jsonx.Kind(c.logprobs) != '{' && c.delta.teaches()
}

func (d *chatEventDelta) teaches() bool {
	for _, m := range d.extra {
		if jsonx.Kind(m.value) == '[' {
			return false // lists grow
		}
	}
	for _, text := range [...][]byte{d.content, d.reasoningContent, d.reasoning} {
		if jsonx.Kind(text) != '"' && !isAbsent(text) {
			return false
		}
	}
	for _, value := range [...][]byte{d.details, d.refusal, d.functionCall, d.audio, d.annotations} {
		if !isAbsent(value) && string(value) != `""` && string(value) != "[]" {
			return false
		}
	}
	return len(d.calls) == 0 || len(d.calls) == 1 && d.calls[0].teaches()
}

// teaches reports whether a piece only adds to the arguments of the call at its index.
func (c *chatEventCall) teaches() bool {
	return c.index != noIndex && isNoText(c.name) && jsonx.Kind(c.arguments) == '"'
}

// isNoText reports whether a value is none, or an empty text.
func isNoText(value []byte) bool { return jsonx.Kind(value) != '"' || len(value) == len(`""`) }

func isAbsent(value []byte) bool { return len(value) == 0 || jsonx.IsNull(value) }

func stringOrNil(value []byte) []byte {
	if jsonx.Kind(value) == '"' {
		return value
	}
	return nil
}

func digitsOrNil(value []byte) []byte {
	if len(bytes.Trim(value, "0123456789")) == 0 {
		return value
	}
	return nil
}

// repeat folds a chunk that is like the learned one.
func (f *chatFold) repeat(data []byte, slots *lane.Slots) (*ChatChunk, error) {
	l, chunk := &f.lane, &f.chunk
	l.misses, f.latest = 0, nil
	if !l.isIntact(chunk) {
		*chunk = l.same.chunk(chunk.Choices)
	}
	chunk.Raw = data
	if l.trims {
		chunk.Raw = bytes.TrimSpace(data)
	}
	if l.varies {
		f.repeatHead(chunk, slots)
	}
	delta := &chunk.Choices[0].Delta
	var err error
	if delta.Reasoning, err = l.repeatReasoning(slots); err != nil {
		return nil, err
	}
	delta.Content = ""
	if slot := &slots[slotContent]; slot.Literal != nil {
		delta.Content = l.choice.content.AppendScanned(slot.Literal, slot.Form)
	}
	delta.ToolCalls, err = l.repeatCall(&slots[slotArguments])
	return chunk, err
}

// isIntact reports whether the chunk is as it was handed out, apart from the values of
// slots: readers may do with it as they like. To look is cheaper than to write.
func (l *chatLane) isIntact(chunk *ChatChunk) bool {
	if chunk.ID != l.same.id || chunk.Model != l.same.model || chunk.Created != l.same.created ||
		chunk.WireUsage != nil || len(chunk.Choices) != 1 {
		return false
	}
	c := &chunk.Choices[0]
	d := &c.Delta
	return c.Index == l.same.index && c.FinishReason == "" && c.NativeFinishReason == "" && c.Logprobs == nil &&
		d.Role == l.same.role && d.Refusal == "" && d.ReasoningDetails == nil
}

func (f *chatFold) repeatHead(chunk *ChatChunk, slots *lane.Slots) {
	if id := slots[slotID].Literal; id != nil {
		chunk.ID = firstText(&f.head.id, id)
		f.lane.same.id = chunk.ID
	}
	if created := slots[slotCreated].Literal; created != nil {
		chunk.Created = int64(number(created, 0))
		f.lane.same.created = chunk.Created
		if f.head.created == 0 {
			f.head.created = chunk.Created
		}
	}
}

// repeatReasoning adds a piece of reasoning, which may have two places.
func (l *chatLane) repeatReasoning(slots *lane.Slots) (string, error) {
	plain, named := &slots[slotReasoningContent], &slots[slotReasoning]
	switch {
	case plain.Literal == nil && named.Literal == nil:
		return "", nil
	case plain.Literal == nil:
		l.choice.nameReasoning(reasoningField, named.Literal)
		return l.choice.reasoning.AppendScanned(named.Literal, named.Form), nil
	case named.Literal == nil:
		l.choice.nameReasoning(reasoningContentField, plain.Literal)
		return l.choice.reasoning.AppendScanned(plain.Literal, plain.Form), nil
	}
	both := &chatEventDelta{reasoningContent: plain.Literal, reasoning: named.Literal}
	return l.choice.foldReasoning(both, false, nil)
}

// repeatCall adds a piece of arguments.
func (l *chatLane) repeatCall(slot *lane.Slot) ([]ChatToolCallDelta, error) {
	if slot.Literal == nil {
		return nil, nil
	}
	text, err := "", error(nil)
	if l.call.mayRepeat(slot.Literal) {
		text, err = l.call.addPiece(slot.Literal)
	} else {
		text = l.call.arguments.AppendScanned(slot.Literal, slot.Form)
	}
	pieces := l.choice.callDeltas.take(1)
	pieces[0].Index, pieces[0].Arguments = l.call.index, text
	return pieces, err
}
