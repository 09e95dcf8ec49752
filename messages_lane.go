package keeprouter

import (
	"bytes"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// messagesLane folds deltas that repeat the last decoded one but for their text.
type messagesLane struct {
	block   *openBlock // that the last event's delta was added to, nil without one
	same    messagesSame
	text    *string // where its text goes
	misses  misses
	answers bool // whether that is text of the answer
}

// messagesSame is what deltas that are alike say beside their text.
type messagesSame struct {
	kind, delta string
	index       int
}

// learn makes the lane look out for events like the one that was folded last.
func (f *messagesFold) learn(ev *events.Event, literal json.RawMessage) {
	e, l := &f.event, &f.lane
	l.text = l.block.textIn(e)
	isText := jsonx.Kind(literal) == '"' && !bytes.HasSuffix(literal, []byte(`type"`)) // which reads like a member's name
	if f.slow || slowPathOnly || l.text == nil || e.Citation != nil || !isText || l.misses.tooMany() {
		ev.Forget()
		return
	}
	ev.Learn(literal)
	_, l.answers = l.block.block.(*TextBlock)
	l.same = messagesSame{kind: e.Type, delta: e.DeltaType, index: e.Index}
}

// textIn returns the field of an event in which its delta to the block is, nil if such
// deltas do more than to add to the block's text.
func (o *openBlock) textIn(e *MessagesEvent) *string {
	if o == nil {
		return nil
	}
	if _, ok := o.block.(*RawBlock); ok {
		return nil
	}
	switch e.DeltaType {
	case "text_delta":
		return &e.Text
	case "thinking_delta":
		return &e.Thinking
	case "input_json_delta":
		return &e.PartialJSON
	}
	return nil
}

// repeat folds an event that is like the learned one.
func (f *messagesFold) repeat(data []byte, slot *lane.Slot) *MessagesEvent {
	l, e := &f.lane, &f.event
	if !l.isIntact(e) {
		*e = MessagesEvent{Type: l.same.kind, Index: l.same.index, DeltaType: l.same.delta}
	}
	e.Raw = data
	l.misses, f.added, f.built = 0, "", nil
	text := l.block.text.AppendScanned(slot.Literal, slot.Form)
	*l.text = text
	if l.answers {
		f.added = text
	}
	return e
}

// isIntact reports whether the event is as it was handed out, apart from its text and
// what is set anew: readers may do with it as they like. To look is cheaper than to
// write.
func (l *messagesLane) isIntact(e *MessagesEvent) bool {
	return e.Type == l.same.kind && e.Index == l.same.index && e.DeltaType == l.same.delta &&
		(e.Text == "" || l.text == &e.Text) && (e.Thinking == "" || l.text == &e.Thinking) &&
		(e.PartialJSON == "" || l.text == &e.PartialJSON) && e.Signature == "" && e.Block == nil &&
		e.Citation == nil && e.StopReason == "" && e.StopSequence == "" && e.StopDetails == nil &&
		e.Container == nil && e.WireUsage == nil && e.Message == nil
}
