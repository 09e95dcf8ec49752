package keeprouter

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// ChatPart is a part of a message's content: one of [*TextPart], [*ImagePart],
// [*AudioPart], [*FilePart], [*RefusalPart] and, for every other kind, [*RawPart].
// Tell them apart with a type switch.
type ChatPart interface {
	chatPartType() string
	isNil() bool
}

// ChatParts is the content of a message. It reads both forms of the wire, a string
// and a list, and writes a lone plain text as a string.
type ChatParts []ChatPart

// Text joins the texts of the text parts.
func (ps ChatParts) Text() string {
	if len(ps) == 1 {
		if t, ok := ps[0].(*TextPart); ok && t != nil {
			return t.Text
		}
	}
	var b strings.Builder
	for _, p := range ps {
		if t, ok := p.(*TextPart); ok && t != nil {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// TextPart is text.
type TextPart struct {
	// Text is the text.
	Text string

	// CacheBreakpoint caches the prompt up to here.
	CacheBreakpoint *ChatCacheBreakpoint

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage
}

// ImagePart is a picture. Make one with [ImageURL] or [ImageData].
type ImagePart struct {
	// URL is an https: or a data: URL.
	URL string

	// Detail is auto, low, high or original.
	Detail string

	// CacheBreakpoint caches the prompt up to here.
	CacheBreakpoint *ChatCacheBreakpoint

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// AudioPart is sound. Make one with [AudioData].
type AudioPart struct {
	// Data is the sound in base64.
	Data string

	// Format is wav or mp3.
	Format string

	// CacheBreakpoint caches the prompt up to here.
	CacheBreakpoint *ChatCacheBreakpoint

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// FilePart is a document. Make one with [FileData], or set the ID of one that was
// uploaded before.
type FilePart struct {
	// Data is a data: URL.
	Data string

	// ID is an uploaded file's, in place of Data.
	ID string

	// Filename is shown to the model.
	Filename string

	// CacheBreakpoint caches the prompt up to here.
	CacheBreakpoint *ChatCacheBreakpoint

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// RefusalPart is an assistant's refusal.
type RefusalPart struct {
	// Refusal is why, in the model's words.
	Refusal string

	// CacheBreakpoint caches the prompt up to here.
	CacheBreakpoint *ChatCacheBreakpoint

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage
}

// RawPart is a part of a kind that isn't modelled here, such as a server's own. It
// is sent as it is.
type RawPart struct {
	// Type is the part's type, for reading; what is sent is JSON.
	Type string

	// JSON is the whole part, its type included.
	JSON json.RawMessage
}

// ChatCacheBreakpoint marks where a cached prompt ends. A request may have four.
type ChatCacheBreakpoint struct {
	// Mode is explicit.
	Mode string `json:"mode"`

	// TTL is 30m or 12h.
	TTL string `json:"ttl,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ImageURL is the picture at a URL. The server fetches it, not this library.
func ImageURL(url string) *ImagePart { return &ImagePart{URL: url} }

// ImageData is a picture given by its bytes, of a media type such as image/png.
func ImageData(mediaType string, data []byte) *ImagePart {
	return &ImagePart{URL: dataURL(mediaType, data)}
}

// AudioData is sound given by its bytes, in the format wav or mp3.
func AudioData(format string, data []byte) *AudioPart {
	return &AudioPart{Data: base64.StdEncoding.EncodeToString(data), Format: format}
}

// FileData is a document given by its bytes, of a media type such as
// application/pdf.
func FileData(filename, mediaType string, data []byte) *FilePart {
	return &FilePart{Data: dataURL(mediaType, data), Filename: filename}
}

func dataURL(mediaType string, data []byte) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(data)
}

func (*TextPart) chatPartType() string    { return "text" }
func (*ImagePart) chatPartType() string   { return "image_url" }
func (*AudioPart) chatPartType() string   { return "input_audio" }
func (*FilePart) chatPartType() string    { return "file" }
func (*RefusalPart) chatPartType() string { return "refusal" }
func (p *RawPart) chatPartType() string   { return p.Type }

func (p *TextPart) isNil() bool    { return p == nil }
func (p *ImagePart) isNil() bool   { return p == nil }
func (p *AudioPart) isNil() bool   { return p == nil }
func (p *FilePart) isNil() bool    { return p == nil }
func (p *RefusalPart) isNil() bool { return p == nil }
func (p *RawPart) isNil() bool     { return p == nil }
