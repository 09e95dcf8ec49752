package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MarshalJSON writes a lone plain text as a string, everything else as a list, and
// nil as null.
func (ps ChatParts) MarshalJSON() ([]byte, error) {
	if ps == nil {
		return []byte("null"), nil
	}
	if len(ps) == 1 {
		if t, ok := ps[0].(*TextPart); ok && t != nil && t.CacheBreakpoint == nil && len(t.Extra) == 0 {
			return jsonx.Encode(t.Text)
		}
	}
	list := make([]json.RawMessage, len(ps))
	for i, p := range ps {
		if p == nil || p.isNil() {
			return nil, fmt.Errorf("part %d is nil", i)
		}
		data, err := jsonx.Encode(p)
		if err != nil {
			return nil, err
		}
		list[i] = data
	}
	return jsonx.Encode(list)
}

// UnmarshalJSON reads a string, a list of parts, or null.
func (ps *ChatParts) UnmarshalJSON(data []byte) error {
	*ps = nil
	switch jsonx.Kind(data) {
	case 'n':
		return nil
	case '[':
		*ps = ChatParts{}
		for _, element := range jsonx.Elements(data) {
			*ps = append(*ps, readPart(element))
		}
		return nil
	case '"', '{':
		*ps = ChatParts{readPart(data)}
		return nil
	}
	return errors.New("content is neither a text nor a list of parts")
}

// readPart decodes a part. One that isn't what its type promises is kept as it is.
func readPart(data []byte) ChatPart {
	if jsonx.Kind(data) == '"' {
		if text, err := jsonx.Unquote(bytes.TrimSpace(data)); err == nil {
			return &TextPart{Text: text}
		}
	}
	kind, _ := jsonx.Head(data, "type")
	part := newPart(kind)
	if part == nil {
		return &RawPart{Type: kind, JSON: bytes.Clone(data)}
	}
	if _, err := readOwn(part, data); err != nil {
		return &RawPart{Type: kind, JSON: bytes.Clone(data)}
	}
	return part
}

func newPart(kind string) ChatPart {
	switch kind {
	case "text":
		return &TextPart{}
	case "image_url":
		return &ImagePart{}
	case "input_audio":
		return &AudioPart{}
	case "file":
		return &FilePart{}
	case "refusal":
		return &RefusalPart{}
	}
	return nil
}

type textPartWire struct {
	Type            string               `json:"type"`
	Text            string               `json:"text"`
	CacheBreakpoint *ChatCacheBreakpoint `json:"prompt_cache_breakpoint,omitzero"`
}

// MarshalJSON writes the part as the format has it.
func (p TextPart) MarshalJSON() ([]byte, error) {
	return jsonx.Marshal(textPartWire{"text", p.Text, p.CacheBreakpoint}, p.Extra)
}

// UnmarshalJSON reads the part as the format has it.
func (p *TextPart) UnmarshalJSON(data []byte) error {
	var w textPartWire
	extra, err := unmarshalObject(data, &w)
	*p = TextPart{Text: w.Text, CacheBreakpoint: w.CacheBreakpoint, Extra: extra}
	return err
}

type refusalPartWire struct {
	Type            string               `json:"type"`
	Refusal         string               `json:"refusal"`
	CacheBreakpoint *ChatCacheBreakpoint `json:"prompt_cache_breakpoint,omitzero"`
}

// MarshalJSON writes the part as the format has it.
func (p RefusalPart) MarshalJSON() ([]byte, error) {
	return jsonx.Marshal(refusalPartWire{"refusal", p.Refusal, p.CacheBreakpoint}, p.Extra)
}

// UnmarshalJSON reads the part as the format has it.
func (p *RefusalPart) UnmarshalJSON(data []byte) error {
	var w refusalPartWire
	extra, err := unmarshalObject(data, &w)
	*p = RefusalPart{Refusal: w.Refusal, CacheBreakpoint: w.CacheBreakpoint, Extra: extra}
	return err
}

type (
	imagePartWire struct {
		Type            string               `json:"type"`
		ImageURL        json.RawMessage      `json:"image_url"`
		CacheBreakpoint *ChatCacheBreakpoint `json:"prompt_cache_breakpoint,omitzero"`
	}
	imageWire struct {
		URL    string `json:"url"`
		Detail string `json:"detail,omitzero"`
	}
)

// MarshalJSON writes the part as the format has it.
func (p ImagePart) MarshalJSON() ([]byte, error) {
	inner, err := writeNested(imageWire{p.URL, p.Detail}, "image_url", p.Extra)
	if err != nil {
		return nil, err
	}
	return jsonx.Marshal(imagePartWire{"image_url", inner, p.CacheBreakpoint}, without(p.Extra, "image_url"))
}

// UnmarshalJSON reads the part as the format has it, or with a plain URL in it.
func (p *ImagePart) UnmarshalJSON(data []byte) error {
	var w imagePartWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var inner imageWire
	if jsonx.Kind(w.ImageURL) == '"' {
		err = jsonx.Decode(w.ImageURL, &inner.URL)
	} else {
		err = readNested(w.ImageURL, "image_url", &inner, &extra)
	}
	*p = ImagePart{URL: inner.URL, Detail: inner.Detail, CacheBreakpoint: w.CacheBreakpoint, Extra: extra}
	return err
}

type (
	audioPartWire struct {
		Type            string               `json:"type"`
		InputAudio      json.RawMessage      `json:"input_audio"`
		CacheBreakpoint *ChatCacheBreakpoint `json:"prompt_cache_breakpoint,omitzero"`
	}
	audioWire struct {
		Data   string `json:"data"`
		Format string `json:"format"`
	}
)

// MarshalJSON writes the part as the format has it.
func (p AudioPart) MarshalJSON() ([]byte, error) {
	inner, err := writeNested(audioWire{p.Data, p.Format}, "input_audio", p.Extra)
	if err != nil {
		return nil, err
	}
	return jsonx.Marshal(audioPartWire{"input_audio", inner, p.CacheBreakpoint}, without(p.Extra, "input_audio"))
}

// UnmarshalJSON reads the part as the format has it.
func (p *AudioPart) UnmarshalJSON(data []byte) error {
	var w audioPartWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var inner audioWire
	err = readNested(w.InputAudio, "input_audio", &inner, &extra)
	*p = AudioPart{Data: inner.Data, Format: inner.Format, CacheBreakpoint: w.CacheBreakpoint, Extra: extra}
	return err
}

type (
	filePartWire struct {
		Type            string               `json:"type"`
		File            json.RawMessage      `json:"file"`
		CacheBreakpoint *ChatCacheBreakpoint `json:"prompt_cache_breakpoint,omitzero"`
	}
	fileWire struct {
		Data     string `json:"file_data,omitzero"`
		ID       string `json:"file_id,omitzero"`
		Filename string `json:"filename,omitzero"`
	}
)

// MarshalJSON writes the part as the format has it.
func (p FilePart) MarshalJSON() ([]byte, error) {
	inner, err := writeNested(fileWire{p.Data, p.ID, p.Filename}, "file", p.Extra)
	if err != nil {
		return nil, err
	}
	return jsonx.Marshal(filePartWire{"file", inner, p.CacheBreakpoint}, without(p.Extra, "file"))
}

// UnmarshalJSON reads the part as the format has it.
func (p *FilePart) UnmarshalJSON(data []byte) error {
	var w filePartWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var inner fileWire
	err = readNested(w.File, "file", &inner, &extra)
	*p = FilePart{Data: inner.Data, ID: inner.ID, Filename: inner.Filename, CacheBreakpoint: w.CacheBreakpoint, Extra: extra}
	return err
}

// MarshalJSON writes the part as it is.
func (p RawPart) MarshalJSON() ([]byte, error) {
	if len(p.JSON) == 0 {
		return nil, errors.New("a RawPart has no JSON")
	}
	return p.JSON, nil
}

// UnmarshalJSON reads the part as it is.
func (p *RawPart) UnmarshalJSON(data []byte) error {
	kind, _ := jsonx.Head(data, "type")
	*p = RawPart{Type: kind, JSON: bytes.Clone(data)}
	return nil
}

// MarshalJSON writes the mark and the fields of Extra.
func (c ChatCacheBreakpoint) MarshalJSON() ([]byte, error) {
	type plain ChatCacheBreakpoint
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the mark and keeps unknown fields in Extra.
func (c *ChatCacheBreakpoint) UnmarshalJSON(data []byte) (err error) {
	type plain ChatCacheBreakpoint
	*c = ChatCacheBreakpoint{}
	c.Extra, err = unmarshalObject(data, (*plain)(c))
	return err
}
