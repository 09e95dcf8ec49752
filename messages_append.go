package keeprouter

import (
	"cmp"
	"reflect"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// As with ChatRequest: one pass for what is usual, reflection for the rest.

// appendJSON writes the request for the wire, if it can.
func (r *MessagesRequest) appendJSON() (data []byte, ok bool) {
	w := jsonx.Writer{Buf: make([]byte, 0, r.sizeHint())}
	w.Open('{')
	w.String("model", r.Model)
	w.Int("max_tokens", &r.MaxTokens)
	r.writePrompt(&w)
	w.Strings("stop_sequences", r.StopSequences)
	w.Float("temperature", r.Temperature)
	w.Float("top_p", r.TopP)
	w.Int("top_k", r.TopK)
	r.writeTools(&w)
	r.writeRest(&w)
	w.Extra(reflect.TypeFor[MessagesRequest](), r.Extra)
	w.Close('}')
	return w.Buf, !w.Failed
}

func (r *MessagesRequest) writePrompt(w *jsonx.Writer) {
	w.Name("messages")
	if r.Messages == nil {
		w.JSON(nil)
	} else {
		w.Open('[')
		for i := range r.Messages {
			r.Messages[i].write(w)
		}
		w.Close(']')
	}
	if r.System != nil {
		w.Name("system")
		r.System.write(w)
	}
}

func (r *MessagesRequest) writeTools(w *jsonx.Writer) {
	if r.Tools != nil {
		w.Name("tools")
		w.Open('[')
		for i := range r.Tools {
			r.Tools[i].write(w)
		}
		w.Close(']')
	}
	writePointer(w, "tool_choice", r.ToolChoice)
}

func (r *MessagesRequest) writeRest(w *jsonx.Writer) {
	r.Thinking.write(w)
	writePointer(w, "output_config", r.OutputConfig)
	writePointer(w, "output_format", r.OutputFormat)
	writePointer(w, "metadata", r.Metadata)
	r.CacheControl.write(w)
	writePointer(w, "container", r.Container)
	w.Optional("service_tier", r.ServiceTier)
	w.Optional("speed", r.Speed)
	w.Optional("inference_geo", r.InferenceGeo)
	writePointer(w, "diagnostics", r.Diagnostics)
	w.Flag("stream", r.Stream)
}

func (t *MessagesThinking) write(w *jsonx.Writer) {
	switch {
	case t == nil:
	case len(t.Extra) > 0:
		w.Value("thinking", t)
	default:
		w.Name("thinking")
		w.Open('{')
		w.String("type", t.Type)
		if t.BudgetTokens != 0 {
			w.Int("budget_tokens", &t.BudgetTokens)
		}
		w.Optional("display", t.Display)
		w.Close('}')
	}
}

func (c *CacheControl) write(w *jsonx.Writer) {
	switch {
	case c == nil:
	case len(c.Extra) > 0:
		w.Value("cache_control", c)
	default:
		w.Name("cache_control")
		w.Open('{')
		w.String("type", cmp.Or(c.Type, "ephemeral"))
		w.Optional("ttl", c.TTL)
		w.Close('}')
	}
}

func (m *Message) write(w *jsonx.Writer) {
	if len(m.Extra) > 0 {
		w.Value("", m)
		return
	}
	w.Open('{')
	w.String("role", m.Role)
	w.Name("content")
	m.Content.write(w)
	w.Close('}')
}

func (t *MessagesTool) write(w *jsonx.Writer) {
	if len(t.Extra) > 0 {
		w.Value("", t)
		return
	}
	w.Open('{')
	w.Optional("type", t.Type)
	w.Optional("name", t.Name)
	w.Optional("description", t.Description)
	w.Raw("input_schema", t.InputSchema)
	w.Bool("strict", t.Strict)
	t.CacheControl.write(w)
	w.Bool("eager_input_streaming", t.EagerInputStreaming)
	w.Bool("defer_loading", t.DeferLoading)
	w.Raws("input_examples", t.InputExamples)
	w.Strings("allowed_callers", t.AllowedCallers)
	w.Close('}')
}

func (bs Blocks) write(w *jsonx.Writer) {
	if len(bs) == 1 {
		if t, ok := bs[0].(*TextBlock); ok && t.plain() {
			w.Text(t.Text)
			return
		}
	}
	w.Open('[')
	for _, b := range bs {
		if isNilBlock(b) {
			w.Failed = true
			return
		}
		writeBlock(w, b)
	}
	w.Close(']')
}

func writeBlock(w *jsonx.Writer, block Block) {
	switch b := block.(type) {
	case *TextBlock:
		if len(b.Extra) == 0 {
			beginBlock(w, b)
			w.String("text", b.Text)
			w.Raws("citations", b.Citations)
			endBlock(w, b.CacheControl)
			return
		}
	case *ThinkingBlock:
		if len(b.Extra) == 0 {
			beginBlock(w, b)
			w.String("thinking", b.Thinking)
			w.String("signature", b.Signature)
			endBlock(w, nil)
			return
		}
	case *RedactedThinkingBlock:
		if len(b.Extra) == 0 {
			beginBlock(w, b)
			w.String("data", b.Data)
			endBlock(w, nil)
			return
		}
	case *ToolUseBlock:
		if len(b.Extra) == 0 && !b.Truncated && b.PartialInput == "" {
			b.write(w)
			return
		}
	case *ToolResultBlock:
		if len(b.Extra) == 0 {
			b.write(w)
			return
		}
	case *ImageBlock:
		if len(b.Extra) == 0 && len(b.Source.Extra) == 0 {
			beginBlock(w, b)
			b.Source.write(w)
			w.Raw("transformations", b.Transformations)
			endBlock(w, b.CacheControl)
			return
		}
	case *DocumentBlock:
		if len(b.Extra) == 0 && len(b.Source.Extra) == 0 {
			beginBlock(w, b)
			b.Source.write(w)
			w.Optional("title", b.Title)
			w.Optional("context", b.Context)
			writePointer(w, "citations", b.Citations)
			endBlock(w, b.CacheControl)
			return
		}
	case *RawBlock:
		if len(b.JSON) > 0 {
			w.JSON(b.JSON)
			return
		}
	}
	w.Value("", block)
}

func beginBlock(w *jsonx.Writer, b Block) {
	w.Open('{')
	w.String("type", b.blockType())
}

func endBlock(w *jsonx.Writer, mark *CacheControl) {
	mark.write(w)
	w.Close('}')
}

func (b *ToolUseBlock) write(w *jsonx.Writer) {
	beginBlock(w, b)
	w.String("id", b.ID)
	w.String("name", b.Name)
	w.Raw("input", orEmptyObject(b.Input))
	w.Raw("caller", b.Caller)
	w.Optional("toolset_name", b.ToolsetName)
	endBlock(w, b.CacheControl)
}

func (b *ToolResultBlock) write(w *jsonx.Writer) {
	beginBlock(w, b)
	w.String("tool_use_id", b.ToolUseID)
	if b.Content != nil {
		w.Name("content")
		b.Content.write(w)
	}
	w.Flag("is_error", b.IsError)
	endBlock(w, b.CacheControl)
}

func (s *BlockSource) write(w *jsonx.Writer) {
	w.Name("source")
	w.Open('{')
	w.String("type", s.Type)
	w.Optional("media_type", s.MediaType)
	w.Optional("data", s.Data)
	w.Optional("url", s.URL)
	w.Optional("file_id", s.FileID)
	if s.Content != nil {
		w.Name("content")
		s.Content.write(w)
	}
	w.Close('}')
}
