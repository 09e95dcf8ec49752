package keeprouter

import (
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// add adds a chunk that was decoded elsewhere. Its fields count; what they don't
// model is taken from its Raw.
func (f *chatFold) add(chunk *ChatChunk) error {
	event, err := chunk.event()
	if err != nil {
		return err
	}
	return f.fold(event, &ChatChunk{})
}

// event is the chunk as it would be on the wire.
func (c *ChatChunk) event() (*chatEvent, error) {
	e := &chatEvent{}
	if jsonx.Valid(c.Raw) {
		e.decode(c.Raw)
	}
	w := literalWriter{}
	e.id, e.model, e.created, e.usage = w.text(c.ID), w.text(c.Model), w.value(c.Created), nil
	if c.WireUsage != nil {
		e.usage = w.value(c.WireUsage)
	}
	raw := e.choices
	e.choices = make([]chatEventChoice, len(c.Choices))
	for i := range c.Choices {
		from, to := &c.Choices[i], &e.choices[i]
		if len(raw) == len(c.Choices) {
			*to = raw[i]
		}
		to.index, to.whole, to.logprobs = from.Index, false, from.Logprobs
		to.finish, to.native = w.text(string(from.FinishReason)), w.text(from.NativeFinishReason)
		from.Delta.overwrite(&to.delta, &w)
	}
	return e, w.err
}

// overwrite puts the delta's fields into the one on the wire.
func (d *ChatDelta) overwrite(to *chatEventDelta, w *literalWriter) {
	to.role, to.refusal = w.text(d.Role), w.text(d.Refusal)
	switch text, ok := textOfParts(to.content); {
	case jsonx.Kind(to.content) == '"':
		to.content = w.value(d.Content) // an empty text is content as well
	case !ok || text != d.Content:
		to.content = w.text(d.Content)
	}
	to.details = nil
	if d.ReasoningDetails != nil {
		to.details = w.value(d.ReasoningDetails)
	}
	d.overwriteReasoning(to, w)
	d.overwriteCalls(to, w)
}

// textOfParts joins the texts of content that is a list of parts. It is not ok if
// that has parts which are elsewhere in a delta, or is no list.
func textOfParts(content json.RawMessage) (text string, ok bool) {
	for _, part := range jsonx.Elements(content) {
		ok = true
		switch kind, _ := jsonx.Head(part, "type"); kind {
		case "text", "output_text":
			text += literal(memberOf(part, "text"))
		case "thinking", "refusal", "":
			return "", false
		}
	}
	return text, ok
}

// overwriteReasoning keeps the name that the reasoning has on the wire. Without one
// it is a copy of the details' text, if there are any.
func (d *ChatDelta) overwriteReasoning(to *chatEventDelta, w *literalWriter) {
	plain, named := to.reasoningContent != nil, to.reasoning != nil
	to.reasoningContent, to.reasoning = nil, nil
	switch {
	case !plain && named:
		to.reasoning = w.text(d.Reasoning)
	case plain || d.ReasoningDetails == nil:
		to.reasoningContent = w.text(d.Reasoning)
	}
}

func (d *ChatDelta) overwriteCalls(to *chatEventDelta, w *literalWriter) {
	raw := to.calls
	to.calls = make([]chatEventCall, len(d.ToolCalls))
	for i, call := range d.ToolCalls {
		if len(raw) == len(d.ToolCalls) {
			to.calls[i] = raw[i]
		}
		piece := &to.calls[i]
		piece.index, piece.id, piece.kind = call.Index, w.text(call.ID), w.text(call.Type)
		piece.name, piece.arguments = w.text(call.Name), w.text(call.Arguments)
	}
}

// literalWriter makes literals of values, and keeps the first error.
type literalWriter struct{ err error }

// text is the literal of a text, nil of an empty one.
func (w *literalWriter) text(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return w.value(s)
}

func (w *literalWriter) value(v any) json.RawMessage {
	data, err := jsonx.Encode(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	return data
}
