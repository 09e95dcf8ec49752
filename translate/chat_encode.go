package translate

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// chatEncoder writes an arranged conversation as a Chat request.
type chatEncoder struct {
	*ledger
	target Target
	req    *keeprouter.ChatRequest
}

func encodeChatRequest(conv *conversation, t Translator, l *ledger) *keeprouter.ChatRequest {
	e := chatEncoder{l, t.Target, &keeprouter.ChatRequest{Model: conv.model, Header: conv.header}}
	if system := e.parts(conv.system); len(system) > 0 {
		e.add(keeprouter.ChatMessage{Role: "system", Content: system})
	}
	for i := range conv.turns {
		e.turn(&conv.turns[i])
	}
	if last := conv.turns; len(last) > 0 && last[len(last)-1].role == assistant {
		e.prefill()
	}
	for i := range conv.tools {
		e.req.Tools = append(e.req.Tools, e.tool(&conv.tools[i]))
	}
	e.choice(conv.choice)
	e.limits(&conv.settings)
	e.thinking(conv.settings.thinking)
	e.format(conv.settings.format)
	e.account(&conv.settings)
	return e.req
}

func (e *chatEncoder) add(m keeprouter.ChatMessage) { e.req.Messages = append(e.req.Messages, m) }

func (e *chatEncoder) extra(name string, value any) {
	if e.req.Extra == nil {
		e.req.Extra = map[string]any{}
	}
	e.req.Extra[name] = value
}

func (e *chatEncoder) turn(t *turn) {
	switch t.role {
	case assistant:
		e.assistant(t)
	case instructor:
		e.add(keeprouter.ChatMessage{Role: "system", Content: e.parts(t.parts)})
	case user:
		e.user(t)
	}
}

// assistant writes an answer: the format has its text before its calls.
func (e *chatEncoder) assistant(t *turn) {
	m := keeprouter.ChatMessage{Role: "assistant"}
	var content []part
	for _, p := range t.parts {
		switch p := p.(type) {
		case *textPart:
			if len(m.ToolCalls) > 0 {
				e.note(p.path, Changed, "the Chat format has an answer's text before its calls")
			}
			content = append(content, p)
		case *thoughtPart:
			if len(m.ToolCalls) > 0 {
				e.note(p.path, Changed, "the Chat format has an answer's thinking before its calls")
			}
		case *callPart:
			m.ToolCalls = append(m.ToolCalls, e.call(p))
		}
	}
	m.Content = e.parts(content)
	e.target.writeThoughts(&m, t.thoughts(), e.ledger)
	if m.Content == nil && e.target.EmptyContent {
		m.Content = keeprouter.ChatParts{&keeprouter.TextPart{}}
	}
	e.add(m)
}

func (e *chatEncoder) call(p *callPart) keeprouter.ChatToolCall {
	call := keeprouter.ChatToolCall{ID: p.id, Type: "function", Name: p.name, Arguments: p.args}
	call.Extra = e.sideMark(p.cache)
	return call
}

// user writes the results of tools, what belongs to them, and what the user says.
func (e *chatEncoder) user(t *turn) {
	var attachments, said []part
	for _, p := range t.parts {
		if r, ok := p.(*resultPart); ok {
			attachments = append(attachments, e.result(r)...)
		} else {
			said = append(said, p)
		}
	}
	if content := e.parts(append(attachments, said...)); len(content) > 0 {
		e.add(keeprouter.ChatMessage{Role: "user", Content: content})
	}
}

// result writes a tool's result, and returns what must follow in a user message.
func (e *chatEncoder) result(r *resultPart) (attachments []part) {
	var content []part
	for _, p := range r.parts {
		if _, text := p.(*textPart); text || e.isToolImage(p) {
			content = append(content, p)
			continue
		}
		e.change(p.from().path, Changed, "the server takes text as a tool's result: this follows in a user message")
		attachments = append(attachments, p)
	}
	if len(attachments) > 0 {
		text := fmt.Sprintf("Attachments of tool call %s:", r.id)
		attachments = append([]part{&textPart{origin: origin{path: r.path}, text: text}}, attachments...)
		if len(content) == 0 {
			text := "(The result is attached to the next user message.)"
			content = []part{&textPart{origin: origin{path: r.path}, text: text}}
		}
	}
	m := keeprouter.ChatMessage{Role: "tool", ToolCallID: r.id, Content: e.resultParts(r, content)}
	m.Extra = e.sideMark(r.cache)
	if r.failed {
		if m.Extra == nil {
			m.Extra = map[string]json.RawMessage{}
		}
		m.Extra["is_error"] = json.RawMessage("true")
	}
	e.add(m)
	return attachments
}

func (e *chatEncoder) isToolImage(p part) bool {
	m, ok := p.(*mediaPart)
	return ok && m.image && e.target.ToolImages
}

// failedPrefix begins the result of a tool that failed: the format has no flag for it.
const failedPrefix = "Error: "

func (e *chatEncoder) resultParts(r *resultPart, content []part) keeprouter.ChatParts {
	if r.failed {
		e.change(r.path+".is_error", Emulated, "the Chat format has no mark for failed calls: the text says so")
		content = withFailure(content)
	}
	if e.target.TextOnlyResults && len(content) > 1 {
		e.note(r.path+".content", Changed, "the server takes a string as a tool's result: the texts are joined")
		return keeprouter.ChatParts{&keeprouter.TextPart{Text: joinWith(content, "\n")}}
	}
	if len(content) == 0 {
		return keeprouter.ChatParts{&keeprouter.TextPart{}}
	}
	return e.parts(content)
}

func withFailure(content []part) []part {
	if len(content) > 0 {
		if text, ok := content[0].(*textPart); ok {
			if strings.HasPrefix(text.text, failedPrefix) {
				return content
			}
			told := *text
			told.text = failedPrefix + text.text
			return append([]part{&told}, content[1:]...)
		}
	}
	return append([]part{&textPart{text: failedPrefix + "the tool failed"}}, content...)
}

func (e *chatEncoder) parts(parts []part) keeprouter.ChatParts {
	var written keeprouter.ChatParts
	for _, p := range parts {
		switch p := p.(type) {
		case *textPart:
			written = append(written, &keeprouter.TextPart{Text: p.text, CacheBreakpoint: e.breakpoint(p.cache), Extra: e.control(p.cache)})
		case *mediaPart:
			written = append(written, e.media(p))
		}
	}
	return written
}

func (e *chatEncoder) media(p *mediaPart) keeprouter.ChatPart {
	breakpoint, control := e.breakpoint(p.cache), e.control(p.cache)
	switch {
	case p.image && p.url != "":
		return &keeprouter.ImagePart{URL: p.url, CacheBreakpoint: breakpoint, Extra: control}
	case p.image:
		return &keeprouter.ImagePart{URL: dataURL(p.mime, p.data), CacheBreakpoint: breakpoint, Extra: control}
	}
	name := p.name
	if name == "" {
		name = unnamedDocument
	}
	return &keeprouter.FilePart{Data: dataURL(p.mime, p.data), Filename: name, CacheBreakpoint: breakpoint, Extra: control}
}

// breakpoint writes a cache mark as OpenAI has it.
func (e *chatEncoder) breakpoint(m *cacheMark) *keeprouter.ChatCacheBreakpoint {
	if m == nil {
		return nil
	}
	switch e.target.CacheMarks {
	case MarksDropped:
		e.note(m.path, Dropped, "the server caches by itself")
	case MarksBreakpoint:
		if m.hour {
			return &keeprouter.ChatCacheBreakpoint{Mode: "explicit", TTL: "12h"}
		}
		return &keeprouter.ChatCacheBreakpoint{Mode: "explicit"}
	}
	return nil
}

// control writes a cache mark as OpenRouter has it.
func (e *chatEncoder) control(m *cacheMark) map[string]json.RawMessage {
	if m == nil || e.target.CacheMarks != MarksControl {
		return nil
	}
	if m.hour {
		return map[string]json.RawMessage{"cache_control": json.RawMessage(`{"type":"ephemeral","ttl":"1h"}`)}
	}
	return map[string]json.RawMessage{"cache_control": json.RawMessage(`{"type":"ephemeral"}`)}
}

// sideMark writes the mark of what is no part of a content.
func (e *chatEncoder) sideMark(m *cacheMark) map[string]json.RawMessage {
	if m != nil && e.target.CacheMarks != MarksControl {
		e.note(m.path, Dropped, "the server takes no cache marks here")
	}
	return e.control(m)
}

// prefill asks the server to go on with the last message.
func (e *chatEncoder) prefill() {
	last := &e.req.Messages[len(e.req.Messages)-1]
	switch e.target.Prefill {
	case PrefillContinue:
		e.extra("continue_final_message", true)
		e.extra("add_generation_prompt", false)
	case PrefillPrefix:
		last.Extra = map[string]json.RawMessage{"prefix": json.RawMessage("true")}
	}
}
