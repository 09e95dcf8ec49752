package translate

import (
	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// reasoning adds to the thinking. A signature belongs to the thinking before it.
func (w *messagesWriter) reasoning(d *keeprouter.ChatDelta) {
	if d.Reasoning == "" && len(d.ReasoningDetails) == 0 {
		return
	}
	w.reasoned.add(d.Reasoning)
	if !w.session.wantsThinking() {
		w.note(chosen+".message.reasoning", Dropped, "the client didn't ask for thinking")
		return
	}
	thoughts := make([]*thoughtPart, 0, len(d.ReasoningDetails))
	said := 0
	for _, raw := range d.ReasoningDetails {
		var item detail
		if _, err := jsonx.Unmarshal(raw, &item); err == nil {
			t := item.thought(raw, chosen+".message.reasoning_details")
			t.index = item.Index
			thoughts = append(thoughts, t)
			said += len(t.text)
		}
	}
	// The details repeat the text, and tell one thought from another.
	detailed := said > 0 && said == len(d.Reasoning)
	if d.Reasoning != "" && !detailed {
		w.write(w.part(thinkingPart), d.Reasoning)
	}
	for _, t := range thoughts {
		w.nextThought(t)
		if detailed && t.text != "" {
			w.write(w.part(thinkingPart), t.text)
		}
		w.proof(t)
	}
}

// nextThought ends the thinking before a piece of another thought.
func (w *messagesWriter) nextThought(t *thoughtPart) {
	if w.last == nil || w.last.kind != thinkingPart || len(t.index) == 0 {
		return
	}
	last := &w.last.thought
	if len(last.index) > 0 && string(last.index) != string(t.index) {
		w.last.sealed = true
		return
	}
	last.index = t.index
}

// proof takes from a piece of reasoning_details what is beside its text.
func (w *messagesWriter) proof(t *thoughtPart) {
	switch {
	case t.redacted != "" || t.foreign != nil && t.text == "" && (w.last == nil || w.last.kind != thinkingPart):
		p := w.begin(thinkingPart)
		p.thought, p.sealed = *t, true
		p.thought.text = ""
	case t.foreign != nil:
		w.part(thinkingPart).thought.foreign = t.foreign
	case t.signature != "":
		w.part(thinkingPart).thought.signature += t.signature
	}
}

// stopThinking writes the proof of a thought.
func (w *messagesWriter) stopThinking(p *streamPart) {
	hidden := w.session.thinking.omitted
	if p.wrote || p.opened {
		p.thought.text = "…" // for its form only: the text has been written
	}
	thought := part(&p.thought)
	if hidden {
		if thought = p.thought.withoutText(); thought == nil {
			return
		}
	}
	switch b := thought.(*thoughtPart).block().(type) {
	case *keeprouter.RedactedThinkingBlock:
		if !p.opened {
			p.opened, p.index = true, w.blocks
			w.blocks++
			w.emit(keeprouter.MessagesEvent{Type: "content_block_start", Index: p.index, Block: b})
		}
	case *keeprouter.ThinkingBlock:
		w.open(p)
		w.emit(keeprouter.MessagesEvent{Type: "content_block_delta", Index: p.index, DeltaType: "signature_delta", Signature: b.Signature})
	}
}
