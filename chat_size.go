package keeprouter

// sizeHint estimates how many bytes the request is on the wire, so that its buffer
// needn't grow. Escapes are taken for one character in sixteen, as in prose with line
// breaks.
func (r *ChatRequest) sizeHint() int {
	const request, message, tool = 192, 64, 128
	text := 0
	for i := range r.Messages {
		text += message + r.Messages[i].textSize()
	}
	for i := range r.Tools {
		t := &r.Tools[i]
		text += tool + len(t.Name) + len(t.Description) + len(t.Parameters) + len(t.Format)
	}
	return request + text + text/16
}

func (m *ChatMessage) textSize() int {
	const call, part = 96, 64
	size := len(m.Reasoning) + len(m.Refusal) + len(m.ToolCallID)
	for _, p := range m.Content {
		size += part + partSize(p)
	}
	for i := range m.ToolCalls {
		c := &m.ToolCalls[i]
		size += call + len(c.ID) + len(c.Name) + len(c.Arguments) + len(c.Arguments)/8 // quotes in quotes
	}
	for _, d := range m.ReasoningDetails {
		size += len(d) + 1
	}
	return size
}

func partSize(part ChatPart) int {
	if part == nil || part.isNil() {
		return 0
	}
	switch p := part.(type) {
	case *TextPart:
		return len(p.Text)
	case *ImagePart:
		return len(p.URL)
	case *AudioPart:
		return len(p.Data)
	case *FilePart:
		return len(p.Data)
	case *RawPart:
		return len(p.JSON)
	}
	return 0
}
