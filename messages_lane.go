package keeprouter

import (
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// messagesLane folds deltas that repeat the last decoded one but for their text.
type messagesLane struct {
	block *openBlock    // that the last event's delta was added to, nil without one
	event MessagesEvent // what a repetition hands out, without its text
	text  *string       // where its text goes
}

// learn makes the lane look out for events like the one that was folded last.
func (f *messagesFold) learn(ev events.Event, literal json.RawMessage) {
	e, l := &f.event, &f.lane
	l.text = l.block.textIn(e)
	if f.slow || slowPathOnly || l.text == nil || e.Citation != nil || jsonx.Kind(literal) != '"' {
		ev.Forget()
		return
	}
	ev.Learn(literal)
	l.event = MessagesEvent{Type: e.Type, Index: e.Index, DeltaType: e.DeltaType}
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
func (f *messagesFold) repeat(ev events.Event, slots *lane.Slots) (*MessagesEvent, error) {
	l := &f.lane
	f.event = l.event
	f.event.Raw = ev.Data
	f.added, f.built = "", nil
	text, err := addSlot(&l.block.text, &slots[0])
	*l.text = text
	if _, ok := l.block.block.(*TextBlock); ok {
		f.added = text
	}
	return &f.event, err
}
