package translate

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// decodeChatResponse reads the first choice of an answer.
func (s *Session) decodeChatResponse(resp *keeprouter.ChatResponse, l *ledger) *answer {
	a := &answer{
		id: resp.ID, created: resp.Created, model: resp.Model, cost: resp.Cost, meta: resp.Meta,
		counts: chatCounts(resp.WireUsage, resp.Usage, l),
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"created", resp.Created != 0},
		{"service_tier", resp.ServiceTier != ""},
		{"system_fingerprint", resp.SystemFingerprint != ""},
	} {
		if f.set {
			l.note(f.name, Dropped, "the Messages format has no such field")
		}
	}
	for _, name := range sorted(names(resp.Extra)) {
		l.note(join("", name), Dropped, "the Messages format has no such field")
	}
	if len(resp.Choices) == 0 {
		l.refuse("choices", "the answer has no choices")
		return a
	}
	for i := range resp.Choices[1:] {
		l.change(at("choices", i+1), Dropped, "the Messages format has one answer")
	}
	d := chatAnswerDecoder{ledger: l, session: s, answer: a}
	d.choice(&resp.Choices[0], resp.Extra)
	return a
}

// chatAnswerDecoder reads one choice.
type chatAnswerDecoder struct {
	*ledger
	session *Session
	answer  *answer
}

const chosen = "choices[0]"

func (d *chatAnswerDecoder) choice(c *keeprouter.ChatChoice, beside map[string]json.RawMessage) {
	m, path := &c.Message, chosen+".message"
	for _, p := range chatThoughts(m, path) {
		if d.session.wantsThinking() {
			d.add(p)
		} else {
			d.note(p.from().path, Dropped, "the client didn't ask for thinking")
		}
	}
	d.content(m, path)
	d.calls(c, path)
	d.rest(c, path)
	d.finish(c, beside)
}

func (d *chatAnswerDecoder) add(p part) { d.answer.parts = append(d.answer.parts, p) }

// wantsThinking reports whether the client asked for thinking, or may have.
func (s *Session) wantsThinking() bool {
	return !s.known || s.translator.KeepReasoning || s.thinking.mode == thinkingOn
}

// content reads the text. Without a visible character it is no text: the format
// would refuse it when it comes back.
func (d *chatAnswerDecoder) content(m *keeprouter.ChatMessage, path string) {
	var last *textPart
	visible := strings.TrimSpace(m.Content.Text()) != ""
	for i, p := range m.Content {
		where := at(path+".content", i)
		switch p := p.(type) {
		case *keeprouter.TextPart:
			switch {
			case p == nil || p.Text == "":
			case !visible:
				d.note(where, Dropped, "it is white space only")
			default:
				last = &textPart{origin: origin{path: where}, text: p.Text}
				d.add(last)
			}
		case *keeprouter.RefusalPart:
			d.refusal(p.Refusal, where)
		case *keeprouter.RawPart:
			if p != nil && p.Type != "thinking" {
				d.change(where, Dropped, fmt.Sprintf("the Messages format has no block for a part of type %q", p.Type))
			}
		default:
			d.change(where, Dropped, "the Messages format answers in text")
		}
	}
	if last != nil {
		last.citations = chatCitations(m.Annotations, last.text)
	}
	if len(last.citationsOf()) < len(m.Annotations) {
		d.change(path+".annotations", Dropped, "the Messages format has citations of web pages only")
	}
	if m.Refusal != "" {
		d.refusal(m.Refusal, path+".refusal")
	}
}

func (p *textPart) citationsOf() []citation {
	if p == nil {
		return nil
	}
	return p.citations
}

func (d *chatAnswerDecoder) refusal(text, path string) {
	d.change(path, Changed, "the Messages format has a refusal as text and as the reason to end")
	d.add(&refusalPart{origin: origin{path: path}, text: text})
	d.answer.finish.explanation = text
}

// calls reads the calls. One that the end of the answer has cut must not be run, so
// it is left out.
func (d *chatAnswerDecoder) calls(c *keeprouter.ChatChoice, path string) {
	cut := c.FinishReason == keeprouter.FinishLength
	for i := range c.Message.ToolCalls {
		call := &c.Message.ToolCalls[i]
		where := at(path+".tool_calls", i)
		custom := call.Type == "custom"
		whole := custom || isArguments(call.Arguments)
		lastEmpty := cut && call.Arguments == "" && i == len(c.Message.ToolCalls)-1
		switch {
		case call.Truncated || cut && !whole || lastEmpty:
			d.change(where, Dropped, "the limit has cut the answer inside this call")
			continue
		case !whole:
			d.refuse(where+".function.arguments", fmt.Sprintf("the arguments for the tool %q are not a JSON object: ask again", call.Name))
			continue
		case call.Name == "":
			d.refuse(where+".function.name", "the call names no tool")
			continue
		}
		for _, name := range sorted(names(call.Extra)) {
			if name != "index" {
				d.change(join(where, name), Dropped, "the Messages format has no such field")
			}
		}
		d.add(&callPart{
			origin: origin{path: where}, id: call.ID, custom: custom,
			name: d.session.toolName(call.Name), args: call.Arguments,
		})
	}
	d.functionCall(&c.Message, path+".function_call", cut)
	d.answer.nameCalls("toolu_", 0, d.ledger)
}

// rest reports what the other format has no place for.
func (d *chatAnswerDecoder) rest(c *keeprouter.ChatChoice, path string) {
	if c.Message.Audio != nil {
		d.change(path+".audio", Dropped, "the Messages format has no audio")
	}
	if c.Logprobs != nil {
		d.note(chosen+".logprobs", Dropped, "the Messages format has no log probabilities")
	}
	switch native := c.NativeFinishReason; native {
	case "", string(keeprouter.StopPauseTurn), string(keeprouter.StopContextWindow):
	default:
		d.note(chosen+".native_finish_reason", Dropped, "the Messages format has one word for the reason")
	}
	for _, name := range sorted(names(c.Message.Extra)) {
		if name != "reasoning" && name != "reasoning_content" {
			d.change(join(path, name), Dropped, "the Messages format has no such field")
		}
	}
	for _, name := range sorted(names(c.Extra)) {
		if name != "stop_sequence" && name != "stop_reason" {
			d.note(join(chosen, name), Dropped, "the Messages format has no such field")
		}
	}
}

// finish reads why the answer ended.
func (d *chatAnswerDecoder) finish(c *keeprouter.ChatChoice, beside map[string]json.RawMessage) {
	f, path := &d.answer.finish, chosen+".finish_reason"
	switch c.FinishReason {
	case keeprouter.FinishStop:
		f.reason = ended
		if f.sequence = d.sequence(c, beside); f.sequence != "" {
			f.reason = matched
		}
		if c.NativeFinishReason == string(keeprouter.StopPauseTurn) {
			f.reason = paused
		}
	case keeprouter.FinishLength:
		f.reason = limited
		if c.NativeFinishReason == string(keeprouter.StopContextWindow) {
			f.reason = windowFull
		}
	case keeprouter.FinishToolCalls, "function_call":
		f.reason = wantsResults
	case keeprouter.FinishContentFilter:
		f.reason = refused
	case "error", "network_error", "abort", "insufficient_system_resource":
		d.refuse(path, fmt.Sprintf("the server gave up: %q", c.FinishReason))
	case "":
		d.lose(path, Assumed, "the answer doesn't say why it ended: it may be cut")
	default:
		d.change(path, Changed, fmt.Sprintf("the Messages format has no reason %q", c.FinishReason))
	}
	if f.explanation != "" && f.reason == ended {
		f.reason = refused
	}
	d.answer.matchCalls(path, d.ledger)
}

// sequence returns the stop sequence that matched, where a server tells. vLLM and
// llama.cpp have names of their own for it.
func (d *chatAnswerDecoder) sequence(c *keeprouter.ChatChoice, beside map[string]json.RawMessage) string {
	for _, value := range []json.RawMessage{c.Extra["stop_sequence"], c.Extra["stop_reason"], beside["stopping_word"]} {
		if jsonx.Kind(value) != '"' {
			continue
		}
		if text, err := jsonx.Unquote(value); err == nil && text != "" && d.session.stopsAt(text) {
			return text
		}
	}
	return ""
}

func (s *Session) stopsAt(text string) bool {
	if !s.known {
		return true
	}
	for _, stop := range s.stops {
		if stop == text {
			return true
		}
	}
	return false
}

// chatCitations reads citations of web pages.
func chatCitations(annotations []json.RawMessage, text string) []citation {
	var read []citation
	for _, raw := range annotations {
		var w chatAnnotation
		if json.Unmarshal(raw, &w) != nil || w.Type != "url_citation" || w.Citation.URL == "" {
			continue
		}
		c := citation{url: w.Citation.URL, title: w.Citation.Title, start: w.Citation.Start, end: w.Citation.End}
		if runes := []rune(text); c.start >= 0 && c.start < c.end && c.end <= len(runes) {
			c.cited = string(runes[c.start:c.end])
		}
		read = append(read, c)
	}
	return read
}

// chatAnnotation is a citation as Chat has it.
type chatAnnotation struct {
	Type     string `json:"type"`
	Citation struct {
		Start int    `json:"start_index"`
		End   int    `json:"end_index"`
		Title string `json:"title"`
		URL   string `json:"url"`
	} `json:"url_citation"`
}

// encodeChatResponse writes an answer as Chat has it.
func (s *Session) encodeChatResponse(a *answer, l *ledger) *keeprouter.ChatResponse {
	a.nameCalls("call_", maxChatID, l)
	resp := &keeprouter.ChatResponse{
		ID: a.answerID(messagesIDPrefix, chatIDPrefix), Created: s.now(), Model: s.answerModel(a.model),
		WireUsage: a.counts.chat(), Usage: a.counts.Usage, Cost: a.cost, Meta: a.meta,
	}
	choice := keeprouter.ChatChoice{Message: s.chatMessage(a, l)}
	choice.FinishReason, choice.NativeFinishReason = a.finish.chat()
	if a.finish.sequence != "" {
		sequence, _ := jsonx.Encode(a.finish.sequence)
		choice.Extra = map[string]json.RawMessage{"stop_sequence": sequence}
	}
	resp.Choices = []keeprouter.ChatChoice{choice}
	return resp
}

func (s *Session) now() int64 { return s.translator.now().Unix() }

func (s *Session) chatMessage(a *answer, l *ledger) keeprouter.ChatMessage {
	m := keeprouter.ChatMessage{Role: "assistant", Refusal: a.finish.explanation}
	var text strings.Builder
	length := 0 // of the text, in characters
	for _, p := range a.parts {
		switch p := p.(type) {
		case *textPart:
			if len(m.ToolCalls) > 0 {
				l.note(p.path, Changed, "the Chat format has an answer's text before its calls")
			}
			m.Annotations = append(m.Annotations, annotations(p, length)...)
			length += utf8.RuneCountInString(p.text)
			text.WriteString(p.text)
		case *callPart:
			m.ToolCalls = append(m.ToolCalls, s.chatCall(p, l))
		}
	}
	if text.Len() > 0 {
		m.Content = keeprouter.ChatParts{&keeprouter.TextPart{Text: text.String()}}
	}
	Target{}.writeThoughts(&m, partsOf[*thoughtPart](a.parts), l)
	return m
}

func (s *Session) chatCall(p *callPart, l *ledger) keeprouter.ChatToolCall {
	call := keeprouter.ChatToolCall{ID: p.id, Type: "function", Name: p.name, Arguments: p.args, Truncated: p.cut}
	if !s.custom[p.name] {
		return call
	}
	call.Type = "custom"
	if text, ok := customText(p.args); ok {
		call.Arguments = text
	} else if !p.cut {
		l.change(p.path+".input", Changed, "the model didn't write the one string that the tool takes: its input is JSON")
	}
	return call
}

// annotations writes the citations of a text that begins at an offset of the answer.
func annotations(p *textPart, offset int) []json.RawMessage {
	var written []json.RawMessage
	for _, c := range p.citations {
		w := chatAnnotation{Type: "url_citation"}
		w.Citation.URL, w.Citation.Title = c.url, c.title
		w.Citation.Start, w.Citation.End = offset, offset+utf8.RuneCountInString(p.text)
		if data, err := jsonx.Encode(w); err == nil {
			written = append(written, data)
		}
	}
	return written
}

// chat is the reason as Chat has it, and the other format's word where that says
// more.
func (f *finish) chat() (keeprouter.ChatFinishReason, string) {
	switch f.reason {
	case limited:
		return keeprouter.FinishLength, f.native
	case windowFull:
		return keeprouter.FinishLength, string(keeprouter.StopContextWindow)
	case wantsResults:
		return keeprouter.FinishToolCalls, f.native
	case refused:
		return keeprouter.FinishContentFilter, f.native
	case paused:
		return keeprouter.FinishStop, string(keeprouter.StopPauseTurn)
	}
	return keeprouter.FinishStop, f.native
}
