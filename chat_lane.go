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
	choice  *chatChoiceFold
	call    *toolCallFold   // that a piece of arguments belongs to, nil without one
	chunk   ChatChunk       // what a repetition hands out, without its texts and choices
	out     ChatChunkChoice // its only choice
	learned bool            // whether there was a chunk to learn
	trims   bool            // whether white space is around the data
	varies  bool            // whether id or created differed from one chunk to the next
	calls   []ChatToolCallDelta
}

// learn makes the lane look out for chunks like the one that was folded last.
func (f *chatFold) learn(ev events.Event) {
	e, l := &f.event, &f.lane
	if f.slow || slowPathOnly || !f.teaches() {
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
	l.varies = l.varies || l.learned && (l.chunk.ID != f.chunk.ID || l.chunk.Created != f.chunk.Created)
	if l.varies {
		values[slotID], values[slotCreated] = stringOrNil(e.id), digitsOrNil(e.created)
	}
	ev.Learn(values[:]...)
	l.trims = len(f.chunk.Raw) < len(ev.Data)
	l.learned = true
	l.chunk = ChatChunk{ID: f.chunk.ID, Created: f.chunk.Created, Model: f.chunk.Model}
	l.out = ChatChunkChoice{Index: l.choice.index, Delta: ChatDelta{Role: f.chunk.Choices[0].Delta.Role}}
}

// teaches reports whether the last event changes nothing when it is folded again,
// apart from the texts that it adds.
func (f *chatFold) teaches() bool {
	e := &f.event
	if len(e.choices) != 1 || jsonx.Kind(e.usage) == '{' {
		return false
	}
	c := &e.choices[0]
	return !c.whole && literal(c.finish) == "" && jsonx.Kind(c.logprobs) != '{' && c.delta.teaches()
}

func (d *chatEventDelta) teaches() bool {
	for _, m := range d.extra {
		if jsonx.Kind(m.value) == '[' {
			return false
		}
	}
	for _, text := range []jsonText{jsonText(d.content), jsonText(d.reasoningContent), jsonText(d.reasoning)} {
		if !text.isAbsent() && jsonx.Kind(text) != '"' {
			return false
		}
	}
	says := [...]jsonText{jsonText(d.details), jsonText(d.refusal), jsonText(d.functionCall), jsonText(d.audio), jsonText(d.annotations)}
	for _, value := range says {
		if !value.isEmpty() {
			return false
		}
	}
	return len(d.calls) == 0 || len(d.calls) == 1 && d.calls[0].teaches()
}

// teaches reports whether a piece only adds to the arguments of the call at its index.
func (c *chatEventCall) teaches() bool {
	return c.index != noIndex && literal(c.name) == "" && jsonx.Kind(c.arguments) == '"'
}

// jsonText is the text of a value.
type jsonText []byte

func (t jsonText) isAbsent() bool { return len(t) == 0 || jsonx.IsNull(t) }

// isEmpty reports whether nothing is added by the value, whatever it is a list of.
func (t jsonText) isEmpty() bool {
	return t.isAbsent() || string(t) == `""` || string(t) == "[]"
}

func stringOrNil(value []byte) []byte {
	if jsonx.Kind(value) == '"' {
		return value
	}
	return nil
}

func digitsOrNil(value []byte) []byte {
	if jsonx.Kind(value) == '0' && len(bytes.Trim(value, "0123456789")) == 0 {
		return value
	}
	return nil
}

// repeat folds a chunk that is like the learned one.
func (f *chatFold) repeat(ev events.Event, slots *lane.Slots) (*ChatChunk, error) {
	l := &f.lane
	f.latest = nil
	chunk := &f.chunk
	choices := append(chunk.Choices[:0], l.out)
	*chunk = l.chunk
	chunk.Choices, chunk.Raw = choices, ev.Data
	if l.trims {
		chunk.Raw = bytes.TrimSpace(ev.Data)
	}
	if l.varies {
		f.repeatHead(chunk, slots)
	}
	delta := &choices[0].Delta
	var err error
	if slots[slotReasoning].Literal != nil || slots[slotReasoningContent].Literal != nil {
		d := chatEventDelta{reasoning: slots[slotReasoning].Literal, reasoningContent: slots[slotReasoningContent].Literal}
		if delta.Reasoning, err = l.choice.foldReasoning(&d, false, delta); err != nil {
			return nil, err
		}
	}
	if slot := &slots[slotContent]; slot.Literal != nil {
		if delta.Content, err = addSlot(&l.choice.content, slot); err != nil {
			return nil, err
		}
	}
	if l.call != nil {
		if delta.ToolCalls, err = l.repeatCall(&slots[slotArguments]); err != nil {
			return nil, err
		}
	}
	return chunk, nil
}

func (f *chatFold) repeatHead(chunk *ChatChunk, slots *lane.Slots) {
	if id := slots[slotID].Literal; id != nil {
		chunk.ID = firstText(&f.head.ID, id)
	}
	if created := slots[slotCreated].Literal; created != nil {
		chunk.Created = int64(number(created, 0))
		if f.head.Created == 0 {
			f.head.Created = chunk.Created
		}
	}
}

// repeatCall adds a piece of arguments.
func (l *chatLane) repeatCall(slot *lane.Slot) ([]ChatToolCallDelta, error) {
	text, err := "", error(nil)
	if l.call.mayRepeat(slot.Literal) {
		text, err = l.call.addPiece(slot.Literal)
	} else {
		text, err = addSlot(&l.call.arguments, slot)
	}
	if len(l.calls) == cap(l.calls) {
		l.calls = make([]ChatToolCallDelta, 0, min(max(4, 2*cap(l.calls)), 64))
	}
	n := len(l.calls)
	l.calls = append(l.calls, ChatToolCallDelta{Index: l.call.index, Arguments: text})
	return l.calls[n : n+1 : n+1], err
}
