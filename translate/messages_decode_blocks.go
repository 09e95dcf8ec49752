package translate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// blocks reads the content of a message.
func (d *messagesDecoder) blocks(blocks keeprouter.Blocks, path string) []part {
	var parts []part
	for i, b := range blocks {
		where := at(path, i)
		if _, lone := b.(*keeprouter.TextBlock); lone && len(blocks) == 1 {
			where = path
		}
		if isNilBlock(b) {
			d.refuse(where, "the block is nil: leave it out")
			continue
		}
		parts = append(parts, d.block(b, where)...)
	}
	return parts
}

func (d *messagesDecoder) block(b keeprouter.Block, path string) []part {
	switch b := b.(type) {
	case *keeprouter.TextBlock:
		return d.text(b, path)
	case *keeprouter.ImageBlock:
		return d.image(b, path)
	case *keeprouter.DocumentBlock:
		return d.document(b, path)
	case *keeprouter.SearchResultBlock:
		return d.searchResult(b, path)
	case *keeprouter.ThinkingBlock:
		d.unknown(path, names(b.Extra))
		p := thinkingThought(b, path)
		if p.text == "" && !p.signed() && p.foreign == nil {
			d.note(path, Dropped, "it holds neither thinking nor a signature")
			return nil
		}
		return []part{p}
	case *keeprouter.RedactedThinkingBlock:
		d.unknown(path, names(b.Extra))
		return []part{redactedThought(b, path)}
	case *keeprouter.ToolUseBlock:
		return []part{d.call(b, path)}
	case *keeprouter.ToolResultBlock:
		return d.result(b, path)
	case *keeprouter.ServerToolUseBlock, *keeprouter.ServerToolResultBlock:
		d.change(path, Dropped, "the Chat format has no tools of the server: both the call and its result are left out")
		return nil
	case *keeprouter.ContainerUploadBlock:
		d.lose(path, Dropped, "the Chat format can't run code")
		return nil
	case *keeprouter.RawBlock:
		d.lose(path, Dropped, fmt.Sprintf("the Chat format has no block of type %q", b.Type))
		return nil
	}
	d.lose(path, Dropped, "a block of an unknown kind")
	return nil
}

func (d *messagesDecoder) text(b *keeprouter.TextBlock, path string) []part {
	d.unknown(path, names(b.Extra))
	if len(b.Citations) > 0 {
		d.change(path+".citations", Dropped, "the Chat format takes no citations back")
	}
	if b.Text == "" {
		d.note(path, Dropped, "it is empty")
		return nil
	}
	return []part{&textPart{origin: origin{path: path, cache: blockMark(b.CacheControl, path)}, text: b.Text}}
}

func (d *messagesDecoder) image(b *keeprouter.ImageBlock, path string) []part {
	d.unknown(path, names(b.Extra))
	if len(b.Transformations) > 0 && !jsonx.IsNull(b.Transformations) {
		d.change(path+".transformations", Dropped, "the Chat format has no such setting")
	}
	m := &mediaPart{origin: origin{path: path, cache: blockMark(b.CacheControl, path)}, image: true}
	if !d.source(m, &b.Source, path+".source") {
		return nil
	}
	return []part{m}
}

// source reads data or a URL. It reports whether that can be carried over.
func (d *messagesDecoder) source(m *mediaPart, s *keeprouter.BlockSource, path string) bool {
	d.unknown(path, names(s.Extra))
	switch s.Type {
	case "base64":
		m.mime = strings.ToLower(strings.TrimSpace(s.MediaType))
		var err error
		if m.data, err = standardBase64(s.Data); err != nil {
			d.refuse(path+".data", err.Error())
			return false
		}
		if m.image && !imageTypes[m.mime] || !m.image && m.mime != "application/pdf" {
			d.lose(path+".media_type", Dropped, fmt.Sprintf("%q is not a type that the format knows", s.MediaType))
			return false
		}
		return true
	case "url":
		if s.URL == "" {
			d.refuse(path+".url", "it is empty")
		}
		m.url = s.URL
		return s.URL != ""
	case "file":
		d.lose(path+".file_id", Dropped, "an uploaded file is known to one server only: send its data")
		return false
	}
	d.lose(path+".type", Dropped, fmt.Sprintf("a source of type %q has no counterpart in the Chat format", s.Type))
	return false
}

func (d *messagesDecoder) document(b *keeprouter.DocumentBlock, path string) []part {
	d.unknown(path, names(b.Extra))
	if b.Context != "" {
		d.change(path+".context", Dropped, "the Chat format has files without a context")
	}
	if b.Citations != nil && b.Citations.Enabled {
		d.change(path+".citations", Dropped, "the Chat format has no citations of files")
	}
	o := origin{path: path, cache: blockMark(b.CacheControl, path)}
	switch b.Source.Type {
	case "text":
		d.change(path, Emulated, "the Chat format has documents of text as text")
		return []part{&textPart{origin: o, text: titled(b.Title, b.Source.Data)}}
	case "content":
		return d.documentContent(b, o)
	case "url":
		d.lose(path+".source", Emulated, "the Chat format takes no documents by URL: send its data")
		return []part{&textPart{origin: o, text: titled(b.Title, b.Source.URL)}}
	}
	m := &mediaPart{origin: o, name: b.Title}
	if !d.source(m, &b.Source, path+".source") {
		return nil
	}
	return []part{m}
}

// documentContent reads a document of blocks as those blocks.
func (d *messagesDecoder) documentContent(b *keeprouter.DocumentBlock, o origin) []part {
	d.change(o.path, Emulated, "the Chat format has documents of blocks as those blocks")
	var parts []part
	if b.Title != "" {
		parts = append(parts, &textPart{origin: origin{path: o.path}, text: b.Title})
	}
	for i, inner := range b.Source.Content {
		where := at(o.path+".source.content", i)
		switch inner := inner.(type) {
		case *keeprouter.TextBlock, *keeprouter.ImageBlock:
			if !isNilBlock(inner) {
				parts = append(parts, d.block(inner, where)...)
			}
		default:
			d.lose(where, Dropped, "a document holds text and images only")
		}
	}
	if len(parts) > 0 && o.cache != nil {
		parts[len(parts)-1].from().cache = o.cache
	}
	return parts
}

func titled(title, text string) string {
	if title == "" {
		return text
	}
	return title + "\n\n" + text
}

func (d *messagesDecoder) searchResult(b *keeprouter.SearchResultBlock, path string) []part {
	d.unknown(path, names(b.Extra))
	d.change(path, Emulated, "the Chat format has search results as text")
	text := titled(strings.TrimSpace(b.Title+"\n"+b.Source), b.Content.Text())
	return []part{&textPart{origin: origin{path: path, cache: blockMark(b.CacheControl, path)}, text: text}}
}

func (d *messagesDecoder) call(b *keeprouter.ToolUseBlock, path string) *callPart {
	d.unknown(path, names(b.Extra))
	if len(b.Caller) > 0 && !jsonx.IsNull(b.Caller) {
		if kind, _ := jsonx.Head(b.Caller, "type"); kind != "direct" {
			d.change(path+".caller", Dropped, "the Chat format has calls of the model only")
		}
	}
	if b.ToolsetName != "" {
		d.change(path+".toolset_name", Dropped, "the Chat format has no toolsets")
	}
	switch {
	case b.ID == "":
		d.refuse(path+".id", "a call needs an id")
	case b.Name == "":
		d.refuse(path+".name", "a call needs its tool's name")
	case b.Truncated || b.PartialInput != "":
		d.refuse(path, "the answer was cut inside this call: leave it out, or ask again with more tokens")
	case !isArguments(string(b.Input)):
		d.refuse(path+".input", fmt.Sprintf("the input of the call %q is not a JSON object", b.ID))
	}
	return &callPart{
		origin: origin{path: path, cache: blockMark(b.CacheControl, path)},
		id:     b.ID, name: b.Name, args: compactInput(b.Input),
	}
}

// compactInput is a call's input as the text that Chat has.
func compactInput(input json.RawMessage) string {
	if len(input) == 0 {
		return "{}"
	}
	return jsonText(input)
}

// jsonText is JSON as a text, which must be UTF-8 where JSON may be careless.
func jsonText(data json.RawMessage) string {
	return strings.ToValidUTF8(string(jsonx.Compact(data)), "\uFFFD")
}

func (d *messagesDecoder) result(b *keeprouter.ToolResultBlock, path string) []part {
	d.unknown(path, names(b.Extra))
	if b.ToolUseID == "" {
		d.refuse(path+".tool_use_id", "it is no call's result: name the call that it answers")
		return nil
	}
	r := &resultPart{
		origin: origin{path: path, cache: blockMark(b.CacheControl, path)},
		id:     b.ToolUseID, failed: b.IsError,
	}
	for i, inner := range b.Content {
		where := at(path+".content", i)
		if _, lone := inner.(*keeprouter.TextBlock); lone && len(b.Content) == 1 {
			where = path + ".content"
		}
		r.parts = append(r.parts, d.resultBlock(inner, where)...)
	}
	return []part{r}
}

// resultBlock reads a block of a tool's result. One of an unknown kind becomes its
// JSON: without it the call would have no result.
func (d *messagesDecoder) resultBlock(b keeprouter.Block, path string) []part {
	switch b := b.(type) {
	case nil:
	case *keeprouter.TextBlock, *keeprouter.ImageBlock, *keeprouter.DocumentBlock, *keeprouter.SearchResultBlock:
		if !isNilBlock(b) {
			return d.block(b, path)
		}
	case *keeprouter.RawBlock:
		d.change(path, Emulated, fmt.Sprintf("the Chat format has no block of type %q: its JSON stands as text", b.Type))
		return []part{&textPart{origin: origin{path: path}, text: jsonText(b.JSON)}}
	default:
		d.refuse(path, "a tool's result can't hold this")
		return nil
	}
	d.refuse(path, "the block is nil: leave it out")
	return nil
}

// clientTools are the kinds of tools that the caller runs and the server describes.
var clientTools = []string{"bash_", "text_editor_", "computer_", "memory_"}

func (d *messagesDecoder) tool(t *keeprouter.MessagesTool, path string) {
	if t.Type != "" && t.Type != "custom" {
		what := "is run by the server"
		if slices.ContainsFunc(clientTools, func(kind string) bool { return strings.HasPrefix(t.Type, kind) }) {
			what = "has no schema: declare it as a tool of your own"
		}
		d.lose(path, Dropped, fmt.Sprintf("the tool %s can't be served by the Chat format: it %s", t.Type, what))
		return
	}
	if t.Name == "" {
		d.refuse(path+".name", "a tool needs a name")
		return
	}
	d.unknown(path, names(t.Extra))
	read := tool{
		path: path, name: t.Name, description: t.Description,
		schema: toolSchema(t.InputSchema, path+".input_schema", d.ledger),
		strict: t.Strict != nil && *t.Strict, cache: blockMark(t.CacheControl, path),
	}
	if len(t.InputExamples) > 0 {
		d.change(path+".input_examples", Changed, "the Chat format has no examples: they stand in the description")
		read.description = withExamples(t.Description, t.InputExamples)
	}
	d.toolRest(t, path)
	d.conv.tools = append(d.conv.tools, read)
}

func (d *messagesDecoder) toolRest(t *keeprouter.MessagesTool, path string) {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"eager_input_streaming", t.EagerInputStreaming != nil},
		{"defer_loading", t.DeferLoading != nil && *t.DeferLoading},
		{"allowed_callers", len(t.AllowedCallers) > 0},
	} {
		if f.set {
			d.note(path+"."+f.name, Dropped, "the Chat format has no such setting")
		}
	}
}

func withExamples(description string, examples []json.RawMessage) string {
	var b strings.Builder
	b.WriteString(description)
	if description != "" {
		b.WriteString("\n\n")
	}
	b.WriteString("Examples of its input:")
	for _, e := range examples {
		b.WriteString("\n" + jsonText(e))
	}
	return b.String()
}

// choice reads which tools must be called.
func (d *messagesDecoder) choice(wanted *keeprouter.MessagesToolChoice, declared int) {
	if wanted == nil {
		return
	}
	d.unknown("tool_choice", names(wanted.Extra))
	c := &choice{path: "tool_choice", single: wanted.DisableParallelToolUse != nil && *wanted.DisableParallelToolUse}
	switch wanted.Type {
	case "auto":
	case "any":
		c.mode = callAny
	case "tool":
		c.mode, c.name = callOne, wanted.Name
	case "none":
		c.mode, c.single = callNone, false
	default:
		d.refuse("tool_choice.type", fmt.Sprintf("there is no choice %q", wanted.Type))
	}
	d.conv.choice = d.conv.settle(c, declared > 0, d.ledger)
}
