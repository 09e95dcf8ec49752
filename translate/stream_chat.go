package translate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// chatWriter writes the chunks of a Chat stream.
type chatWriter struct {
	*streamLedger
	session *Session
	yield   func(*keeprouter.ChatChunk, error) bool
	left    bool // the loop over the chunks was left

	chunk   keeprouter.ChatChunk
	choice  [1]keeprouter.ChatChunkChoice
	begun   bool
	blocks  map[int]*chatBlock
	ids     map[string]bool
	tools   int // calls so far
	thought int // thinking blocks so far

	stop  keeprouter.MessagesResponse
	usage *keeprouter.MessagesUsage
}

// chatBlock is a block that is open.
type chatBlock struct {
	kind    partKind
	index   int             // of the call or the thought
	input   json.RawMessage // that came with the start
	wrote   bool
	dropped bool
	custom  bool
	text    []byte // the input of a call whose form depends on all of it
	signed  []byte // a signature comes in pieces too
}

func newChatWriter(s *Session, o StreamOptions, yield func(*keeprouter.ChatChunk, error) bool) *chatWriter {
	return &chatWriter{
		streamLedger: newStreamLedger(s, o), session: s, yield: yield,
		blocks: map[int]*chatBlock{}, ids: map[string]bool{},
	}
}

// delta writes a chunk of one choice.
func (w *chatWriter) delta(d keeprouter.ChatDelta) {
	w.write(keeprouter.ChatChunkChoice{Delta: d}, "")
}

// write writes a chunk of one choice. Which stop sequence has matched stands where vLLM
// has it in a stream, beside the reason to end, and chunks don't model it.
func (w *chatWriter) write(c keeprouter.ChatChunkChoice, stopSequence string) {
	if w.left {
		return
	}
	w.choice[0] = c
	w.chunk.Choices, w.chunk.WireUsage, w.chunk.Raw = w.choice[:], nil, nil
	if stopSequence != "" {
		w.chunk.Raw = withStopSequence(&w.chunk, stopSequence)
	}
	w.left = !w.yield(&w.chunk, nil)
}

func (w *chatWriter) event(e *keeprouter.MessagesEvent) error {
	defer w.flush()
	switch e.Type {
	case "message_start":
		w.start(e.Message)
	case "content_block_start":
		w.open(e.Index, e.Block)
	case "content_block_delta":
		w.extend(e)
	case "content_block_stop":
		w.close(e.Index)
	case "message_delta":
		w.finish(e)

	}
	return w.err()
}

func (w *chatWriter) start(m *keeprouter.MessagesResponse) {
	if w.begun {
		w.note("message_start", Dropped, "the answer had begun already")
		return
	}
	w.begun = true
	if m == nil {
		m = &keeprouter.MessagesResponse{}
	}
	a := answer{id: m.ID, model: m.Model}
	w.chunk = keeprouter.ChatChunk{ID: a.answerID(messagesIDPrefix, chatIDPrefix), Created: w.session.now(), Model: w.session.answerModel(m.Model)}
	w.usage = m.WireUsage
	w.stop.StopReason, w.stop.StopSequence = m.StopReason, m.StopSequence
	w.delta(keeprouter.ChatDelta{Role: "assistant"})
	for i, b := range m.Content { // the whole answer at once, as some proxies do
		w.open(i, b)
		w.close(i)
	}
}

func (w *chatWriter) open(index int, b keeprouter.Block) {
	if isNilBlock(b) {
		return
	}
	path := at("content", index)
	open := &chatBlock{}
	w.blocks[index] = open
	switch b := b.(type) {
	case *keeprouter.TextBlock:
		open.kind = plainPart
		w.text(b.Text)
		if len(b.Citations) > 0 {
			w.change(path+".citations", Dropped, "a stream of the Chat format has no citations")
		}
	case *keeprouter.ThinkingBlock:
		open.kind, open.index = thinkingPart, w.thought
		w.thought++
		w.thinking(open, b.Thinking)
		open.signed = append(open.signed, b.Signature...)
	case *keeprouter.RedactedThinkingBlock:
		open.dropped = true // all of it has come
		t := redactedThought(b, path)
		w.delta(keeprouter.ChatDelta{ReasoningDetails: w.details(t, w.thought)})
		w.thought++
	case *keeprouter.ToolUseBlock:
		w.call(open, b)
	default:
		open.dropped = true
		w.change(path, Dropped, fmt.Sprintf("the Chat format has no part for a block of type %q", blockType(b)))
	}
}

// blockType is for diagnostics.
func blockType(b keeprouter.Block) string {
	data, err := json.Marshal(b)
	if err != nil {
		return ""
	}
	kind, _ := jsonx.Head(data, "type")
	return kind
}

func (w *chatWriter) text(piece string) {
	if piece != "" {
		if w.tools > 0 {
			w.note("content", Changed, "the Chat format has an answer's text before its calls")
		}
		w.delta(keeprouter.ChatDelta{Content: piece})
	}
}

// thinking writes a piece of a thought, also as reasoning_details: a signature may
// follow, and proves nothing without its text.
func (w *chatWriter) thinking(b *chatBlock, piece string) {
	if piece == "" {
		return
	}
	b.wrote = true
	w.delta(keeprouter.ChatDelta{
		Reasoning:        piece,
		ReasoningDetails: encoded(detail{Type: "reasoning.text", Text: piece, Index: number(b.index)}),
	})
}

func number(n int) json.RawMessage { return fmt.Appendf(nil, "%d", n) }

func encoded(d detail) []json.RawMessage {
	data, err := jsonx.Encode(d)
	if err != nil {
		return nil
	}
	return []json.RawMessage{data}
}

// details are those of a thought that came whole.
func (w *chatWriter) details(t *thoughtPart, index int) []json.RawMessage {
	if t.foreign != nil {
		return []json.RawMessage{t.foreign}
	}
	return encoded(detail{Type: "reasoning.encrypted", Data: t.redacted, Format: claudeFormat, Index: number(index)})
}

func (w *chatWriter) call(open *chatBlock, b *keeprouter.ToolUseBlock) {
	name := w.session.toolName(b.Name)
	id := callAlias(b.ID, maxChatID)
	if b.ID == "" || w.ids[id] {
		w.note("content", Changed, "a call had no id of its own that the format takes")
		id = "call_" + digest(fmt.Sprintf("%q %d %q", w.chunk.ID, w.tools, name))
	}
	w.ids[id] = true
	open.kind, open.index, open.custom = toolPart, w.tools, w.session.custom[name]
	open.input = b.Input
	w.tools++
	kind := "function"
	if open.custom {
		kind = "custom"
	}
	w.delta(keeprouter.ChatDelta{ToolCalls: []keeprouter.ChatToolCallDelta{{Index: open.index, ID: id, Type: kind, Name: name}}})
}

func (w *chatWriter) extend(e *keeprouter.MessagesEvent) {
	open := w.blocks[e.Index]
	if open == nil {
		open = w.unopened(e)
	}
	if open.dropped {
		return
	}
	switch {
	case e.Text != "" && open.kind == plainPart:
		w.text(e.Text)
	case e.Thinking != "" && open.kind == thinkingPart:
		w.thinking(open, e.Thinking)
	case e.Signature != "" && open.kind == thinkingPart:
		open.signed = append(open.signed, e.Signature...)
	case e.PartialJSON != "" && open.kind == toolPart:
		w.arguments(open, e.PartialJSON)
	case len(e.Citation) > 0:
		w.change(at("content", e.Index)+".citations", Dropped, "a stream of the Chat format has no citations")
	}
}

// unopened makes a block of a delta that came without one.
func (w *chatWriter) unopened(e *keeprouter.MessagesEvent) *chatBlock {
	w.note(at("content", e.Index), Assumed, "the block was not begun")
	switch {
	case e.Text != "":
		w.open(e.Index, &keeprouter.TextBlock{})
	case e.Thinking != "" || e.Signature != "":
		w.open(e.Index, &keeprouter.ThinkingBlock{})
	default:
		w.change(at("content", e.Index), Dropped, "a piece of a block that was not begun")
		w.blocks[e.Index] = &chatBlock{dropped: true}
	}
	return w.blocks[e.Index]
}

func (w *chatWriter) arguments(open *chatBlock, piece string) {
	open.wrote = true
	if open.custom {
		open.text = append(open.text, piece...)
		return
	}
	w.delta(keeprouter.ChatDelta{ToolCalls: []keeprouter.ChatToolCallDelta{{Index: open.index, Arguments: piece}}})
}

func (w *chatWriter) close(index int) {
	open := w.blocks[index]
	delete(w.blocks, index)
	if open == nil || open.dropped {
		return
	}
	switch open.kind {
	case thinkingPart:
		w.proof(open)
	case toolPart:
		if !open.wrote {
			w.arguments(open, string(compactInput(open.input)))
		}
		if open.custom {
			w.customCall(open)
		}
	}
}

// proof writes the signature of a thought.
func (w *chatWriter) proof(open *chatBlock) {
	t := thinkingThought(&keeprouter.ThinkingBlock{Signature: string(open.signed)}, "")
	switch {
	case t.foreign != nil:
		w.delta(keeprouter.ChatDelta{ReasoningDetails: []json.RawMessage{t.foreign}})
	case t.signature != "":
		w.delta(keeprouter.ChatDelta{ReasoningDetails: encoded(detail{
			Type: "reasoning.text", Signature: t.signature, Format: claudeFormat, Index: number(open.index),
		})})
	}
}

func (w *chatWriter) customCall(open *chatBlock) {
	text, ok := customText(string(open.text))
	if !ok {
		w.change("content", Changed, "the model didn't write the one string that the tool takes: its input is JSON")
		text = string(open.text)
	}
	w.delta(keeprouter.ChatDelta{ToolCalls: []keeprouter.ChatToolCallDelta{{Index: open.index, Arguments: text}}})
}

func (w *chatWriter) finish(e *keeprouter.MessagesEvent) {
	if e.StopReason != "" {
		w.stop.StopReason, w.stop.StopSequence, w.stop.StopDetails = e.StopReason, e.StopSequence, e.StopDetails
	}
	w.usage = laterUsage(w.usage, e.WireUsage)
}

// laterUsage takes the last word on each count: those of the input may stand in the
// first event only.
func laterUsage(before, later *keeprouter.MessagesUsage) *keeprouter.MessagesUsage {
	if before == nil || later == nil {
		if later == nil {
			return before
		}
		return later
	}
	merged := *later
	merged.InputTokens = cmp.Or(later.InputTokens, before.InputTokens)
	merged.CacheReadInputTokens = cmp.Or(later.CacheReadInputTokens, before.CacheReadInputTokens)
	merged.OutputTokens = cmp.Or(later.OutputTokens, before.OutputTokens)
	if later.CacheCreationInputTokens == 0 {
		merged.CacheCreationInputTokens, merged.CacheCreation = before.CacheCreationInputTokens, before.CacheCreation
	}
	return &merged
}

// end writes why the answer ended, and what it counted.
func (w *chatWriter) end() error {
	defer w.flush()
	if !w.begun {
		w.ledger.refuse("", "there is no answer")
		return w.err()
	}
	for _, index := range slices.Sorted(maps.Keys(w.blocks)) {
		w.close(index)
	}
	a := &answer{}
	if w.tools > 0 {
		a.parts = []part{&callPart{}} // the reason depends on whether there are any
	}
	d := messagesAnswerDecoder{ledger: &w.ledger, session: w.session, answer: a}
	d.finish(&w.stop)
	counted := messagesCounts(w.usage, keeprouter.Usage{}, &w.ledger)
	if err := w.err(); err != nil {
		return err
	}
	reason, native := a.finish.chat()
	w.write(keeprouter.ChatChunkChoice{
		Delta: keeprouter.ChatDelta{Refusal: a.finish.explanation}, FinishReason: reason, NativeFinishReason: native,
	}, a.finish.sequence)
	if usage := counted.chat(); usage != nil && !w.left && (!w.session.known || w.session.includeUsage) {
		w.chunk.Choices, w.chunk.WireUsage, w.chunk.Raw = nil, usage, nil
		w.left = !w.yield(&w.chunk, nil)
	}
	return nil
}

// withStopSequence is a chunk's JSON with one more member in its choice; nil if there is
// no place for it.
func withStopSequence(c *keeprouter.ChatChunk, sequence string) json.RawMessage {
	const choice = `"choices":[{`
	data, err := c.MarshalJSON()
	before, after, ok := bytes.Cut(data, []byte(choice))
	member, badText := jsonx.Encode(sequence)
	if err != nil || !ok || badText != nil {
		return nil
	}
	return slices.Concat(before, []byte(choice+`"stop_sequence":`), member, []byte(","), after)
}
