package keeprouter

// sizeHint is that of [ChatRequest].
func (r *MessagesRequest) sizeHint() int {
	const request, message, tool = 192, 64, 128
	text := r.System.textSize()
	for i := range r.Messages {
		text += message + r.Messages[i].Content.textSize()
	}
	for i := range r.Tools {
		t := &r.Tools[i]
		text += tool + len(t.Name) + len(t.Description) + len(t.InputSchema)
	}
	return request + text + text/16
}

func (bs Blocks) textSize() int {
	const block = 64
	size := 0
	for _, b := range bs {
		if !isNilBlock(b) {
			size += block + blockSize(b)
		}
	}
	return size
}

func blockSize(block Block) int {
	switch b := block.(type) {
	case *TextBlock:
		return len(b.Text)
	case *ThinkingBlock:
		return len(b.Thinking) + len(b.Signature)
	case *RedactedThinkingBlock:
		return len(b.Data)
	case *ToolUseBlock:
		return len(b.ID) + len(b.Name) + len(b.Input)
	case *ToolResultBlock:
		return len(b.ToolUseID) + b.Content.textSize()
	case *ImageBlock:
		return len(b.Source.Data) + len(b.Source.URL)
	case *DocumentBlock:
		return len(b.Source.Data) + len(b.Source.URL)
	case *RawBlock:
		return len(b.JSON)
	}
	return 0
}
