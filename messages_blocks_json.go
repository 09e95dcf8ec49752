package keeprouter

import "github.com/keeprouter/keeprouter-go/internal/jsonx"

// MarshalJSON writes the wire's form, Extra included.
func (b TextBlock) MarshalJSON() ([]byte, error) {
	type plain TextBlock
	return withType((*TextBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *TextBlock) UnmarshalJSON(data []byte) (err error) {
	type plain TextBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ImageBlock) MarshalJSON() ([]byte, error) {
	type plain ImageBlock
	return withType((*ImageBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ImageBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ImageBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b DocumentBlock) MarshalJSON() ([]byte, error) {
	type plain DocumentBlock
	return withType((*DocumentBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *DocumentBlock) UnmarshalJSON(data []byte) (err error) {
	type plain DocumentBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ThinkingBlock) MarshalJSON() ([]byte, error) {
	type plain ThinkingBlock
	return withType((*ThinkingBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ThinkingBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ThinkingBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b RedactedThinkingBlock) MarshalJSON() ([]byte, error) {
	type plain RedactedThinkingBlock
	return withType((*RedactedThinkingBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *RedactedThinkingBlock) UnmarshalJSON(data []byte) (err error) {
	type plain RedactedThinkingBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ToolUseBlock) MarshalJSON() ([]byte, error) {
	type plain ToolUseBlock
	b.Input = orEmptyObject(b.Input)
	return withType((*ToolUseBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ToolUseBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ToolUseBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ToolResultBlock) MarshalJSON() ([]byte, error) {
	type plain ToolResultBlock
	return withType((*ToolResultBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ToolResultBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ToolResultBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ServerToolUseBlock) MarshalJSON() ([]byte, error) {
	type plain ServerToolUseBlock
	b.Input = orEmptyObject(b.Input)
	return withType((*ServerToolUseBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ServerToolUseBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ServerToolUseBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ContainerUploadBlock) MarshalJSON() ([]byte, error) {
	type plain ContainerUploadBlock
	return withType((*ContainerUploadBlock)(nil).blockType(), plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ContainerUploadBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ContainerUploadBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b ServerToolResultBlock) MarshalJSON() ([]byte, error) {
	type plain ServerToolResultBlock
	return jsonx.Marshal(plain(b), b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *ServerToolResultBlock) UnmarshalJSON(data []byte) (err error) {
	type plain ServerToolResultBlock
	b.Extra, err = jsonx.Unmarshal(data, (*plain)(b))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (b SearchResultBlock) MarshalJSON() ([]byte, error) {
	return withType("search_result", struct {
		Source       string           `json:"source"`
		Title        string           `json:"title"`
		Content      blockList        `json:"content"`
		Citations    *CitationsConfig `json:"citations,omitzero"`
		CacheControl *CacheControl    `json:"cache_control,omitzero"`
	}{b.Source, b.Title, blockList(b.Content), b.Citations, b.CacheControl}, b.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (b *SearchResultBlock) UnmarshalJSON(data []byte) (err error) {
	type plain SearchResultBlock
	b.Extra, err = withoutType(jsonx.Unmarshal(data, (*plain)(b)))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (s BlockSource) MarshalJSON() ([]byte, error) {
	type plain BlockSource
	return jsonx.Marshal(plain(s), s.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (s *BlockSource) UnmarshalJSON(data []byte) (err error) {
	type plain BlockSource
	s.Extra, err = jsonx.Unmarshal(data, (*plain)(s))
	return err
}
