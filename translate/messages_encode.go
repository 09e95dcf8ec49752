package translate

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keeprouter/keeprouter-go"
)

// messagesEncoder writes an arranged conversation as a Messages request.
type messagesEncoder struct {
	*ledger
	t   Translator
	req *keeprouter.MessagesRequest
}

func encodeMessagesRequest(conv *conversation, t Translator, l *ledger) *keeprouter.MessagesRequest {
	conv.lastMarks(l)
	e := messagesEncoder{l, t, &keeprouter.MessagesRequest{
		Model: conv.model, Header: conv.header, CacheControl: conv.settings.cache.control(),
	}}
	e.req.System = e.blocks(conv.system)
	for _, t := range conv.turns {
		if content := e.blocks(t.parts); len(content) > 0 {
			e.req.Messages = append(e.req.Messages, keeprouter.Message{Role: messagesRole(t.role), Content: content})
		}
	}
	for i := range conv.tools {
		e.req.Tools = append(e.req.Tools, messagesTool(&conv.tools[i]))
	}
	e.req.ToolChoice = messagesChoice(conv.choice)
	e.limits(&conv.settings)
	e.thinking(conv)
	e.format(conv.settings.format)
	e.account(&conv.settings)
	return e.req
}

func messagesRole(r role) string {
	switch r {
	case assistant:
		return "assistant"
	case instructor:
		return "system"
	}
	return "user"
}

func (e *messagesEncoder) blocks(parts []part) keeprouter.Blocks {
	var blocks keeprouter.Blocks
	for _, p := range parts {
		if thought, ok := p.(*thoughtPart); ok && !thought.signed() && !e.t.Target.UnsignedThinking {
			e.change(thought.path, Dropped, "the server refuses thinking that it didn't sign")
			continue
		}
		blocks = append(blocks, messagesBlock(p))
	}
	return blocks
}

// messagesBlock writes a part.
func messagesBlock(p part) keeprouter.Block {
	cache := p.from().cache.control()
	switch p := p.(type) {
	case *mediaPart:
		return mediaBlock(p, cache)
	case *thoughtPart:
		return p.block()
	case *callPart:
		return &keeprouter.ToolUseBlock{ID: p.id, Name: p.name, Input: p.input(), CacheControl: cache}
	case *resultPart:
		var content keeprouter.Blocks
		for _, inner := range p.parts {
			content = append(content, messagesBlock(inner))
		}
		return &keeprouter.ToolResultBlock{ToolUseID: p.id, Content: content, IsError: p.failed, CacheControl: cache}
	case *refusalPart:
		return &keeprouter.TextBlock{Text: p.text}
	case *textPart:
		return &keeprouter.TextBlock{Text: p.text, Citations: messagesCitations(p.citations), CacheControl: cache}
	}
	return nil
}

func mediaBlock(p *mediaPart, cache *keeprouter.CacheControl) keeprouter.Block {
	source := keeprouter.BlockSource{Type: "base64", MediaType: p.mime, Data: p.data}
	switch {
	case p.url != "":
		source = keeprouter.URLSource(p.url)
	case p.text != "":
		source = keeprouter.BlockSource{Type: "text", MediaType: "text/plain", Data: p.text}
	}
	if p.image {
		return &keeprouter.ImageBlock{Source: source, CacheControl: cache}
	}
	title := p.name
	if title == unnamedDocument {
		title = ""
	}
	return &keeprouter.DocumentBlock{Source: source, Title: title, CacheControl: cache}
}

// unnamedDocument is the file name of a document without a title.
const unnamedDocument = "document.pdf"

func messagesTool(t *tool) keeprouter.MessagesTool {
	written := keeprouter.MessagesTool{
		Name: t.name, Description: t.description, InputSchema: t.schema, CacheControl: t.cache.control(),
	}
	if t.strict {
		written.Strict = new(true)
	}
	return written
}

func messagesChoice(c *choice) *keeprouter.MessagesToolChoice {
	if c == nil {
		return nil
	}
	written := &keeprouter.MessagesToolChoice{
		Type: map[choiceMode]string{callFreely: "auto", callNone: "none", callAny: "any", callOne: "tool"}[c.mode],
		Name: c.name,
	}
	if c.single {
		written.DisableParallelToolUse = new(true)
	}
	return written
}

func (e *messagesEncoder) limits(s *settings) {
	e.req.Temperature, e.req.TopP, e.req.TopK = s.temperature, s.topP, s.topK
	e.req.StopSequences, e.req.Stream = s.stops, s.stream
	switch {
	case s.maxTokens != nil:
		e.req.MaxTokens = *s.maxTokens
	case e.t.MaxTokens > 0:
		e.req.MaxTokens = e.t.MaxTokens
		e.note("max_tokens", Assumed, fmt.Sprintf("the Messages format demands a limit: it is %d", e.req.MaxTokens))
	default:
		e.req.MaxTokens = defaultMaxTokens
		e.change("max_tokens", Assumed, fmt.Sprintf("the Messages format demands a limit: it is %d", defaultMaxTokens))
	}
}

// budgets are the tokens that stand for an effort.
var budgets = map[string]int{"low": 1024, "medium": 4096, "high": 8192, "xhigh": 16384, "max": 32768}

// minBudget is the least that the Messages format takes.
const minBudget = 1024

func (e *messagesEncoder) thinking(conv *conversation) {
	wanted := conv.settings.thinking
	switch {
	case wanted.mode == thinkingOff:
		e.req.Thinking = &keeprouter.MessagesThinking{Type: "disabled"}
	case wanted.mode == thinkingUnset:
	case conv.choice.forced():
		e.change(wanted.path, Dropped, "the Messages format can't think where a tool must be called")
	case e.t.Target.ThinkingBudget:
		e.budget(wanted)
	default:
		e.req.Thinking = &keeprouter.MessagesThinking{Type: "adaptive"}
		e.req.OutputConfig = &keeprouter.MessagesOutputConfig{Effort: wanted.effort}
	}
}

// budget asks for thinking by tokens, which are a part of the answer's.
func (e *messagesEncoder) budget(wanted thinking) {
	budget := min(budgets[wanted.effort], e.req.MaxTokens-1)
	if budget < minBudget {
		e.change(wanted.path, Dropped, fmt.Sprintf("max_tokens leaves less than %d tokens for thinking", minBudget))
		return
	}
	if budget < budgets[wanted.effort] {
		e.change(wanted.path, Changed, "max_tokens leaves less for thinking than the effort stands for")
	}
	e.req.Thinking = &keeprouter.MessagesThinking{Type: "enabled", BudgetTokens: budget}
}

func (e *messagesEncoder) format(f *outputFormat) {
	switch {
	case f == nil:
	case f.anyObject:
		text := "Answer with one JSON object and nothing else."
		e.req.System = append(e.req.System, &keeprouter.TextBlock{Text: text})
	default:
		schema := slices.Clone(f.schema)
		if !e.t.Target.AnySchema {
			schema = answerSchema(f.schema, f.path+".schema", e.ledger)
		}
		if e.req.OutputConfig == nil {
			e.req.OutputConfig = &keeprouter.MessagesOutputConfig{}
		}
		e.req.OutputConfig.Format = &keeprouter.MessagesOutputFormat{Type: "json_schema", Schema: schema}
	}
}

func (e *messagesEncoder) account(s *settings) {
	if s.user != "" {
		id, hashed := opaqueUser(s.user, maxMessagesUser)
		if hashed {
			e.note(s.userPath, Changed, "the Messages format takes an opaque id only: it is hashed")
		}
		e.req.Metadata = &keeprouter.MessagesMetadata{UserID: id}
	}
	switch s.tier {
	case "auto":
		e.req.ServiceTier = "auto"
	case "standard":
		e.req.ServiceTier = "standard_only"
	}
	if s.fast {
		e.req.Speed = "fast"
	}
}

// messagesCitations writes citations as results of a web search, the only kind that
// Chat knows.
func messagesCitations(citations []citation) []json.RawMessage {
	var written []json.RawMessage
	for _, c := range citations {
		if data, err := json.Marshal(webCitation{
			Type: "web_search_result_location", URL: c.url, Title: c.title, CitedText: c.cited,
		}); err == nil {
			written = append(written, data)
		}
	}
	return written
}

// webCitation is a citation as Messages has it.
type webCitation struct {
	Type           string `json:"type"`
	URL            string `json:"url"`
	Title          string `json:"title"`
	CitedText      string `json:"cited_text"`
	EncryptedIndex string `json:"encrypted_index"`
}
