package translate

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keeprouter/keeprouter-go"
)

// decodeMessagesResponse reads an answer.
func (s *Session) decodeMessagesResponse(resp *keeprouter.MessagesResponse, l *ledger) *answer {
	d := messagesAnswerDecoder{ledger: l, session: s, answer: &answer{
		id: resp.ID, model: resp.Model, cost: resp.Cost, meta: resp.Meta,
		counts: messagesCounts(resp.WireUsage, resp.Usage, l),
	}}
	for i, b := range resp.Content {
		if !isNilBlock(b) {
			d.block(b, at("content", i), resp.StopReason)
		}
	}
	d.finish(resp)
	if resp.Container != nil {
		l.change("container", Dropped, "the Chat format can't run code")
	}
	for _, name := range sorted(names(resp.Extra)) {
		l.note(join("", name), Dropped, "the Chat format has no such field")
	}
	return d.answer
}

// messagesAnswerDecoder reads the blocks of an answer.
type messagesAnswerDecoder struct {
	*ledger
	session *Session
	answer  *answer
}

func (d *messagesAnswerDecoder) add(p part) { d.answer.parts = append(d.answer.parts, p) }

func (d *messagesAnswerDecoder) block(b keeprouter.Block, path string, reason keeprouter.StopReason) {
	switch b := b.(type) {
	case *keeprouter.TextBlock:
		d.unknown(path, names(b.Extra))
		if b.Text != "" {
			d.add(&textPart{origin: origin{path: path}, text: b.Text, citations: d.citations(b.Citations, path+".citations")})
		}
	case *keeprouter.ThinkingBlock:
		d.unknown(path, names(b.Extra))
		d.add(thinkingThought(b, path))
	case *keeprouter.RedactedThinkingBlock:
		d.unknown(path, names(b.Extra))
		d.add(redactedThought(b, path))
	case *keeprouter.ToolUseBlock:
		d.unknown(path, names(b.Extra))
		d.call(b, path, reason)
	case *keeprouter.ServerToolUseBlock, *keeprouter.ServerToolResultBlock:
		d.change(path, Dropped, "the Chat format has no tools of the server")
	case *keeprouter.RawBlock:
		d.change(path, Dropped, fmt.Sprintf("the Chat format has no part for a block of type %q", b.Type))
	default:
		d.change(path, Dropped, "the Chat format answers in text")
	}
}

// call reads a call. What a limit has cut stays cut, and is marked.
func (d *messagesAnswerDecoder) call(b *keeprouter.ToolUseBlock, path string, reason keeprouter.StopReason) {
	p := &callPart{
		origin: origin{path: path}, id: b.ID, name: d.session.toolName(b.Name), args: compactInput(b.Input),
		cut: b.Truncated,
	}
	if b.PartialInput != "" {
		p.args = b.PartialInput
	} else if p.cut && len(b.Input) == 0 {
		p.args = ""
	}
	limited := reason == keeprouter.StopMaxTokens || reason == keeprouter.StopContextWindow
	switch {
	case isArguments(p.args) || p.cut || limited:
		p.cut = p.cut || !isArguments(p.args)
	default:
		d.refuse(path+".input", fmt.Sprintf("the input for the tool %q is not a JSON object: ask again", b.Name))
	}
	if p.cut {
		d.note(path, Changed, "the limit has cut the answer inside this call: don't run it")
	}
	d.add(p)
}

// citations reads those of web pages.
func (d *messagesAnswerDecoder) citations(list []json.RawMessage, path string) []citation {
	var read []citation
	for i, raw := range list {
		var w webCitation
		if json.Unmarshal(raw, &w) != nil || w.URL == "" {
			d.change(at(path, i), Dropped, "the Chat format has citations of web pages only")
			continue
		}
		read = append(read, citation{url: w.URL, title: w.Title, cited: w.CitedText})
	}
	return read
}

func (d *messagesAnswerDecoder) finish(resp *keeprouter.MessagesResponse) {
	f := &d.answer.finish
	switch resp.StopReason {
	case keeprouter.StopEndTurn:
	case keeprouter.StopSequence:
		f.reason, f.sequence = matched, resp.StopSequence
	case keeprouter.StopMaxTokens:
		f.reason = limited
	case keeprouter.StopContextWindow:
		f.reason = windowFull
	case keeprouter.StopToolUse:
		f.reason = wantsResults
	case keeprouter.StopRefusal:
		f.reason = refused
	case keeprouter.StopPauseTurn:
		d.change("stop_reason", Changed, "the Chat format can't pause: native_finish_reason says so")
		f.reason = paused
	case "":
		d.lose("stop_reason", Assumed, "the answer doesn't say why it ended: it may be cut")
	default:
		d.change("stop_reason", Changed, fmt.Sprintf("the Chat format has no reason %q", resp.StopReason))
		f.native = string(resp.StopReason)
	}
	if details := resp.StopDetails; details != nil {
		f.explanation = details.Explanation
		if details.Category != "" {
			d.change("stop_details.category", Dropped, "the Chat format has no kinds of refusal")
		}
	}
	d.answer.matchCalls("stop_reason", d.ledger)
}

// encodeMessagesResponse writes an answer as Messages has it.
func (s *Session) encodeMessagesResponse(a *answer, l *ledger) *keeprouter.MessagesResponse {
	resp := &keeprouter.MessagesResponse{
		ID: a.answerID(chatIDPrefix, messagesIDPrefix), Type: "message", Role: "assistant", Model: s.answerModel(a.model),
		Content: keeprouter.Blocks{}, StopReason: a.finish.messages(), StopSequence: a.finish.sequence,
		WireUsage: a.counts.messages(), Usage: a.counts.Usage, Cost: a.cost, Meta: a.meta,
	}
	for _, p := range a.parts {
		if thought, ok := p.(*thoughtPart); ok && s.thinking.omitted {
			if p = thought.withoutText(); p == nil {
				l.note(thought.path, Dropped, "the client wants no text of thinking")
				continue
			}
		}
		resp.Content = append(resp.Content, messagesBlock(p))
	}
	if a.finish.reason == refused {
		resp.StopDetails = &keeprouter.MessagesStopDetails{Type: "refusal", Explanation: a.finish.explanation}
	}
	return resp
}

// withoutText leaves of a thought what proves it; nil if there is no proof.
func (p *thoughtPart) withoutText() part {
	if !p.signed() && p.foreign == nil {
		return nil
	}
	bare := *p
	bare.text = ""
	if p.foreign != nil {
		bare.foreign = withText(p.foreign, "")
	}
	return &bare
}

// messages is the reason as Messages has it.
func (f *finish) messages() keeprouter.StopReason {
	return map[finishReason]keeprouter.StopReason{
		ended: keeprouter.StopEndTurn, matched: keeprouter.StopSequence, limited: keeprouter.StopMaxTokens,
		windowFull: keeprouter.StopContextWindow, wantsResults: keeprouter.StopToolUse,
		refused: keeprouter.StopRefusal, paused: keeprouter.StopPauseTurn,
	}[f.reason]
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
