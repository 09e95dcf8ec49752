package keeprouter

import (
	"encoding/base64"
	"encoding/json"
	"mime"
)

// ImageBlock is an image for the model to look at.
type ImageBlock struct {
	// Source is where the image is: see [URLSource] and [DataSource].
	Source BlockSource `json:"source"`

	// Transformations say what to do with an oversized image, as JSON.
	Transformations json.RawMessage `json:"transformations,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// DocumentBlock is a document for the model to read: a PDF, a text, or blocks.
type DocumentBlock struct {
	// Source is where the document is: see [URLSource] and [DataSource].
	Source BlockSource `json:"source"`

	// Title of the document, at most 500 characters.
	Title string `json:"title,omitzero"`

	// Context tells the model about the document; it isn't cited.
	Context string `json:"context,omitzero"`

	// Citations turns citations of this document on.
	Citations *CitationsConfig `json:"citations,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// SearchResultBlock is a search result that the model can cite.
type SearchResultBlock struct {
	// Source is where the result is from, such as a URL.
	Source string `json:"source"`

	// Title of the result.
	Title string `json:"title"`

	// Content is the result's text, in text blocks.
	Content Blocks `json:"content"`

	// Citations turns citations of this result on.
	Citations *CitationsConfig `json:"citations,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// CitationsConfig says whether a document or a search result may be cited.
type CitationsConfig struct {
	// Enabled turns citations on.
	Enabled bool `json:"enabled"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ContainerUploadBlock puts a file into the container of code execution.
type ContainerUploadBlock struct {
	// FileID names an uploaded file.
	FileID string `json:"file_id"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// BlockSource is where an image or a document is. Type says which of the other
// fields apply.
type BlockSource struct {
	// Type is "base64" (MediaType and Data), "url" (URL), "file" (FileID), "text"
	// (MediaType text/plain and Data) or "content" (Content).
	Type string `json:"type"`

	// MediaType is that of Data, such as "image/png" or "application/pdf".
	MediaType string `json:"media_type,omitzero"`

	// Data is base64, or the text itself when Type is "text".
	Data string `json:"data,omitzero"`

	// URL is where the server fetches it.
	URL string `json:"url,omitzero"`

	// FileID names an uploaded file.
	FileID string `json:"file_id,omitzero"`

	// Content holds the text and image blocks of a document.
	Content Blocks `json:"content,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// URLSource is an image or a document that the server fetches.
func URLSource(url string) BlockSource { return BlockSource{Type: "url", URL: url} }

// DataSource is an image or a document that goes with the request. Of the media
// type text/plain it is sent as text, of any other as base64.
func DataSource(mediaType string, data []byte) BlockSource {
	if kind, _, err := mime.ParseMediaType(mediaType); err == nil && kind == "text/plain" {
		return BlockSource{Type: "text", MediaType: kind, Data: string(data)}
	}
	return BlockSource{Type: "base64", MediaType: mediaType, Data: base64.StdEncoding.EncodeToString(data)}
}

func (*ImageBlock) blockType() string           { return "image" }
func (*DocumentBlock) blockType() string        { return "document" }
func (*SearchResultBlock) blockType() string    { return "search_result" }
func (*ContainerUploadBlock) blockType() string { return "container_upload" }
