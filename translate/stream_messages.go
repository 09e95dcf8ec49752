package translate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// messagesWriter writes the events of a Messages stream. Blocks must follow each other
// there, while the parts of a Chat stream may come mixed: only the first unfinished one
// is written as it comes, and those behind it wait.
type messagesWriter struct {
	*streamLedger
	session *Session
	yield   func(*keeprouter.MessagesEvent, error) bool
	left    bool // the loop over the events was left

	input  int64
	event  keeprouter.MessagesEvent
	begun  bool
	choice int // of the answer
	id     string
	queue  []*streamPart // the unfinished parts, the first being written
	last   *streamPart   // that began last
	calls  streamCalls
	ids    map[string]bool
	blocks int    // begun
	space  string // white space that may become a text

	content  echo
	reasoned echo

	finish keeprouter.ChatChoice // the reason to end
	usage  *keeprouter.ChatUsage
	refuse string // the refusal's text
}

// streamPart is a block that comes in pieces.
type streamPart struct {
	kind    partKind
	thought thoughtPart
	id      string
	name    string
	custom  bool
	sealed  bool // whether it came whole

	opened  bool
	index   int             // of the block, once it is opened
	pending strings.Builder // not yet written
	wrote   bool            // any of its text
	whole   objectScanner   // of a call's arguments

	wireIndex int             // of a call, as the server counts
	arguments strings.Builder // their beginning
}

// noChoice is before the first choice has come.
const noChoice = -1 << 30

type partKind int

const (
	thinkingPart partKind = iota
	plainPart
	toolPart
)

func newMessagesWriter(s *Session, o StreamOptions, yield func(*keeprouter.MessagesEvent, error) bool) *messagesWriter {
	return &messagesWriter{
		streamLedger: newStreamLedger(s, o), session: s, yield: yield, input: o.InputTokens,
		ids: map[string]bool{}, choice: noChoice,
	}
}

func (w *messagesWriter) emit(e keeprouter.MessagesEvent) bool {
	if !w.left {
		w.event = e
		w.left = !w.yield(&w.event, nil)
	}
	return !w.left
}

// chunk writes what a chunk adds, in the order in which an answer has it.
func (w *messagesWriter) chunk(c *keeprouter.ChatChunk) error {
	defer w.flush()
	if !w.begun && (len(c.Choices) > 0 || c.Model != "") {
		w.start(c)
	}
	if usage := usageIn(c); usage != nil {
		w.usage = usage
	}
	for i := range c.Choices {
		choice := &c.Choices[i]
		if w.choice == noChoice { // some servers begin with 1
			w.choice = choice.Index
		}
		if choice.Index != w.choice {
			w.change(at("choices", choice.Index), Dropped, "the Messages format has one answer")
			continue
		}
		if isWhole(c.Raw) {
			w.unrepeat(&choice.Delta)
		}
		w.reasoning(&choice.Delta)
		w.content.add(choice.Delta.Content)
		w.text(choice.Delta.Content)
		if choice.Delta.Refusal != "" {
			w.change(chosen+".message.refusal", Changed, "the Messages format has a refusal as text and as the reason to end")
			w.refuse += choice.Delta.Refusal
			w.text(choice.Delta.Refusal)
		}
		if err := w.toolCalls(append(functionCallIn(c.Raw), choice.Delta.ToolCalls...)); err != nil {
			return err
		}
		if choice.FinishReason != "" {
			w.finish.FinishReason, w.finish.NativeFinishReason = choice.FinishReason, choice.NativeFinishReason
			w.finish.Extra = stopMembers(c.Raw)
		}
	}
	return w.err()
}

// unrepeat takes out of a whole message the text that has come in pieces before.
func (w *messagesWriter) unrepeat(d *keeprouter.ChatDelta) {
	if w.content.repeats(d.Content) {
		d.Content = ""
	}
	if w.reasoned.repeats(d.Reasoning) {
		d.Reasoning, d.ReasoningDetails = "", nil
	}
	if w.refuse != "" && d.Refusal == w.refuse {
		d.Refusal = ""
	}
}

func (w *messagesWriter) start(c *keeprouter.ChatChunk) {
	a := answer{id: c.ID, model: c.Model}
	w.begun, w.id = true, c.ID
	w.emit(keeprouter.MessagesEvent{Type: "message_start", Message: &keeprouter.MessagesResponse{
		ID: a.answerID(chatIDPrefix, messagesIDPrefix), Type: "message", Role: "assistant",
		Model: w.session.answerModel(c.Model), Content: keeprouter.Blocks{},
		WireUsage: &keeprouter.MessagesUsage{InputTokens: w.input},
	}})
}

// text adds to the text. White space alone waits for something visible.
func (w *messagesWriter) text(piece string) {
	switch {
	case piece == "":
	case w.last != nil && w.last.kind == plainPart:
		w.write(w.last, piece)
	case strings.TrimSpace(piece) == "":
		w.space += piece
	default:
		piece, w.space = w.space+piece, ""
		w.write(w.begin(plainPart), piece)
	}
}

func (w *messagesWriter) toolCalls(deltas []keeprouter.ChatToolCallDelta) error {
	for i, d := range deltas {
		p, again := w.calls.find(&d, i, len(deltas))
		switch {
		case again:
			continue
		case p == nil:
			p = w.begin(toolPart)
			w.calls = append(w.calls, p)
			p.wireIndex = d.Index
		}
		closed := p.opened && !w.waits(p)
		if (closed || !p.custom && p.whole.ended()) && strings.TrimSpace(d.Arguments) != "" {
			w.ledger.refuse(at(chosen+".message.tool_calls", d.Index), "more arguments came for a call that had ended")
			return w.err()
		}
		if closed {
			continue
		}
		p.custom = p.custom || d.Type == "custom"
		if p.id == "" {
			p.id = d.ID
		}
		if !p.opened && d.Name != p.name { // some servers send the name in pieces
			p.name += d.Name
		}
		if d.Arguments != "" {
			p.remember(d.Arguments)
			w.write(p, d.Arguments)
		}
	}
	return nil
}

// waits reports whether a part is unfinished.
func (w *messagesWriter) waits(p *streamPart) bool { return slices.Contains(w.queue, p) }

// part is the last one if it is of this kind, else a new one.
func (w *messagesWriter) part(kind partKind) *streamPart {
	if w.last != nil && w.last.kind == kind && !w.last.sealed && w.waits(w.last) {
		return w.last
	}
	return w.begin(kind)
}

// begin makes a part, which may end those before it.
func (w *messagesWriter) begin(kind partKind) *streamPart {
	p := &streamPart{kind: kind}
	w.last = p
	w.queue = append(w.queue, p)
	w.advance()
	return p
}

// write adds to a part, and hands it out if it is the first.
func (w *messagesWriter) write(p *streamPart, piece string) {
	p.whole.scan(piece)
	p.pending.WriteString(piece)
	if len(w.queue) > 0 && w.queue[0] == p {
		w.hand(p)
	}
	w.advance()
}

// advance ends the first part as long as it can't grow any more.
func (w *messagesWriter) advance() {
	for len(w.queue) > 1 && w.queue[0].ends() {
		w.stop(w.queue[0])
		w.queue = w.queue[1:]
		if w.queue[0].pending.Len() > 0 {
			w.hand(w.queue[0])
		}
	}
}

// ends reports whether a part with another behind it is finished.
func (p *streamPart) ends() bool {
	return p.kind != toolPart || !p.custom && p.name != "" && p.whole.ended()
}

// hand writes what is pending of the first part.
func (w *messagesWriter) hand(p *streamPart) {
	if p.kind == toolPart && (p.name == "" || p.custom) || p.kind == thinkingPart && p.thought.redacted != "" {
		return // its start isn't known yet, or it comes whole
	}
	if p.pending.Len() == 0 && p.kind != toolPart {
		return
	}
	text := p.pending.String()
	p.pending.Reset()
	if p.kind == thinkingPart && w.session.thinking.omitted {
		return // the block comes if there is a proof to put into it
	}
	w.open(p)
	if text == "" {
		return
	}
	p.wrote = true
	e := keeprouter.MessagesEvent{Type: "content_block_delta", Index: p.index}
	switch p.kind {
	case thinkingPart:
		e.DeltaType, e.Thinking = "thinking_delta", text
	case plainPart:
		e.DeltaType, e.Text = "text_delta", text
	case toolPart:
		e.DeltaType, e.PartialJSON = "input_json_delta", text
	}
	w.emit(e)
}

// open begins a part's block.
func (w *messagesWriter) open(p *streamPart) {
	if p.opened {
		return
	}
	p.opened, p.index = true, w.blocks
	w.blocks++
	var block keeprouter.Block
	switch p.kind {
	case thinkingPart:
		block = &keeprouter.ThinkingBlock{}
	case plainPart:
		block = &keeprouter.TextBlock{}
	case toolPart:
		block = &keeprouter.ToolUseBlock{ID: w.callID(p), Name: w.session.toolName(p.name), Input: json.RawMessage("{}")}
	}
	w.emit(keeprouter.MessagesEvent{Type: "content_block_start", Index: p.index, Block: block})
}

// callID is a call's id, or one that depends on the answer alone.
func (w *messagesWriter) callID(p *streamPart) string {
	id := callAlias(p.id, 0)
	if p.id == "" || w.ids[id] {
		w.note(chosen+".message.tool_calls", Changed, "a call had no id of its own that the format takes")
		id = "toolu_" + digest(fmt.Sprintf("%q %d %q", w.id, len(w.ids), p.name))
	}
	w.ids[id] = true
	return id
}

// stop ends a part's block.
func (w *messagesWriter) stop(p *streamPart) {
	switch p.kind {
	case thinkingPart:
		w.stopThinking(p)
	case toolPart:
		w.stopCall(p)
	}
	if p.opened {
		w.emit(keeprouter.MessagesEvent{Type: "content_block_stop", Index: p.index})
	}
}

// stopCall completes the input: an object, always.
func (w *messagesWriter) stopCall(p *streamPart) {
	if p.custom {
		w.open(p)
		input := string(customInput(p.pending.String()))
		p.pending.Reset()
		w.emit(keeprouter.MessagesEvent{Type: "content_block_delta", Index: p.index, DeltaType: "input_json_delta", PartialJSON: input})
		return
	}
	if p.opened && !p.wrote {
		w.emit(keeprouter.MessagesEvent{Type: "content_block_delta", Index: p.index, DeltaType: "input_json_delta", PartialJSON: "{}"})
	}
}

// end writes what is left, and how the answer ended.
func (w *messagesWriter) end() error {
	defer w.flush()
	if !w.begun {
		w.ledger.refuse("choices", "the answer has no choices")
		return w.err()
	}
	cut := w.finish.FinishReason == keeprouter.FinishLength
	for _, p := range w.queue {
		where := chosen + ".message.tool_calls"
		switch {
		case p.kind != toolPart:
		case p.name == "" && !cut:
			w.ledger.refuse(where, "the call names no tool")
		case cut && !p.opened && !p.custom && !p.whole.ended():
			w.change(where, Dropped, "the limit has cut the answer inside this call")
			continue
		case !cut && !p.custom && !p.whole.ended() && p.whole.begun():
			w.ledger.refuse(where, fmt.Sprintf("the arguments for the tool %q are not a JSON object: ask again", p.name))
		}
		if err := w.err(); err != nil {
			return err
		}
		w.hand(p)
		w.stop(p)
	}
	return w.close()
}

func (w *messagesWriter) close() error {
	a := &answer{finish: finish{explanation: w.refuse}}
	if len(w.calls) > 0 {
		a.parts = []part{&callPart{}} // the reason depends on whether there are any
	}
	if w.finish.FinishReason == "" {
		w.note(chosen+".finish_reason", Assumed, "the stream ended well without telling why")
		w.finish.FinishReason = keeprouter.FinishStop
	}
	d := chatAnswerDecoder{ledger: &w.ledger, session: w.session, answer: a}
	d.finish(&w.finish, nil)
	counted := chatCounts(w.usage, keeprouter.Usage{}, &w.ledger)
	if err := w.err(); err != nil {
		return err
	}
	e := keeprouter.MessagesEvent{
		Type: "message_delta", StopReason: a.finish.messages(), StopSequence: a.finish.sequence, WireUsage: counted.messages(),
	}
	if a.finish.reason == refused {
		e.StopDetails = &keeprouter.MessagesStopDetails{Type: "refusal", Explanation: a.finish.explanation}
	}
	if w.emit(e) {
		w.emit(keeprouter.MessagesEvent{Type: "message_stop"})
	}
	return nil
}
