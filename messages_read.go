package keeprouter

import "github.com/keeprouter/keeprouter-go/internal/jsonx"

// As with ChatResponse: one pass for what is usual, reflection for the rest.

// readMessagesResponse reads an answer, if it can, and tells whether its content is a
// list. Its short strings may be together, as those of readChatResponse.
func readMessagesResponse(data []byte, together bool) (response *MessagesResponse, listed, ok bool) {
	m, usage, blocks := messagesResponseParts(together)
	var content byte
	r := jsonx.NewReader(data)
	r.Own, r.Together = jsonx.Methods, together
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			m.ID = r.String()
		case "type":
			m.Type = r.String()
		case "role":
			m.Role = r.String()
		case "model":
			m.Model = r.String()
		case "content":
			if content == 0 {
				content = r.Kind()
			}
			m.Content = readBlocks(&r, blocks[:0])
		case "stop_reason":
			m.StopReason = StopReason(r.String())
		case "stop_sequence":
			m.StopSequence = r.String()
		case "stop_details":
			readPointer(&r, &m.StopDetails)
		case "container":
			readPointer(&r, &m.Container)
		case "usage":
			m.WireUsage = readMessagesUsage(&r, usage)
		default:
			r.Keep(&m.Extra)
		}
	}
	m.Usage = m.counted()
	return m, content == '[', r.Done()
}

// messagesResponseParts returns an answer and what nearly every one holds. They are in
// one piece of memory if they stay together; a stream keeps the usage alone.
func messagesResponseParts(together bool) (*MessagesResponse, *MessagesUsage, Blocks) {
	if !together {
		return &MessagesResponse{}, &MessagesUsage{}, Blocks{}
	}
	var parts struct {
		response MessagesResponse
		usage    MessagesUsage
		blocks   [3]Block // a thought, a text, a call
	}
	return &parts.response, &parts.usage, parts.blocks[:0]
}

// readPointer reads a value of a type that reads itself, or null.
func readPointer[T any](r *jsonx.Reader, place **T) {
	*place = nil
	if !r.Null() {
		*place = new(T)
		r.Decode(*place)
	}
}

// readBlocks reads content. It appends that of a list to an empty one.
func readBlocks(r *jsonx.Reader, blocks Blocks) Blocks {
	switch r.Kind() {
	case 'n':
		r.Null()
		return nil
	case '"':
		return Blocks{&TextBlock{Text: r.String()}}
	case '[':
	default:
		var blocks Blocks
		r.Decode(&blocks)
		return blocks
	}
	for r.Array(); r.Element(); {
		if !r.Null() {
			blocks = append(blocks, readBlock(r))
		}
	}
	return blocks
}

func readBlock(r *jsonx.Reader) Block {
	mark := r.Mark()
	if b := readKnownBlock(r); b != nil && !r.Failed {
		return b
	}
	r.Back(mark)
	data := r.View()
	if r.Failed {
		return nil
	}
	return decodeBlock(data)
}

// readOneBlock reads a block that stands alone.
func readOneBlock(data []byte) Block {
	r := jsonx.NewReader(data)
	r.Own, r.Together = jsonx.Methods, true
	if b := readKnownBlock(&r); b != nil && r.Done() {
		return b
	}
	return decodeBlock(data)
}

// readKnownBlock reads a block whose type comes first, and which is of a kind that
// answers consist of; else it returns nil, having read a part.
func readKnownBlock(r *jsonx.Reader) Block {
	if r.Object(); !r.Member() || r.Name != "type" {
		return nil
	}
	switch r.String() {
	case "text":
		return readTextBlock(r)
	case "thinking":
		return readThinkingBlock(r)
	case "tool_use":
		return readToolUseBlock(r)
	}
	return nil
}

func readTextBlock(r *jsonx.Reader) Block {
	b := &TextBlock{}
	for r.Member() {
		switch {
		case r.Name == "text":
			b.Text = r.String()
		case r.Name == "citations" && r.Null():
		default:
			return nil
		}
	}
	return b
}

func readThinkingBlock(r *jsonx.Reader) Block {
	b := &ThinkingBlock{}
	for r.Member() {
		switch r.Name {
		case "thinking":
			b.Thinking = r.String()
		case "signature":
			b.Signature = r.String()
		default:
			return nil
		}
	}
	return b
}

func readToolUseBlock(r *jsonx.Reader) Block {
	b := &ToolUseBlock{}
	for r.Member() {
		switch r.Name {
		case "id":
			b.ID = r.String()
		case "name":
			b.Name = r.String()
		case "input":
			b.Input = r.Raw()
		case "caller":
			b.Caller = r.Raw()
		default:
			return nil
		}
	}
	return b
}

func readMessagesUsage(r *jsonx.Reader, u *MessagesUsage) *MessagesUsage {
	if r.Null() {
		return nil
	}
	*u = MessagesUsage{}
	u.readMembers(r, false)
	return u
}

// readMembers reads the members of a count over those that it has. Null is zero, unless
// it is to say nothing.
func (u *MessagesUsage) readMembers(r *jsonx.Reader, pastNull bool) {
	for r.Object(); r.Member(); {
		if pastNull && r.Kind() == 'n' {
			r.Null()
			continue
		}
		switch r.Name {
		case "input_tokens":
			u.InputTokens = r.Int()
		case "cache_creation_input_tokens":
			u.CacheCreationInputTokens = r.Int()
		case "cache_read_input_tokens":
			u.CacheReadInputTokens = r.Int()
		case "cache_creation":
			u.CacheCreation = readCacheCreation(r)
		case "output_tokens":
			u.OutputTokens = r.Int()
		case "output_tokens_details":
			readPointer(r, &u.OutputTokensDetails)
		case "server_tool_use":
			readPointer(r, &u.ServerToolUse)
		case "service_tier":
			u.ServiceTier = r.String()
		case "inference_geo":
			u.InferenceGeo = r.String()
		case "speed":
			u.Speed = r.String()
		case "cost":
			u.Cost = r.Raw()
		default:
			r.Keep(&u.Extra)
		}
	}
}

func readCacheCreation(r *jsonx.Reader) *MessagesCacheCreation {
	if r.Null() {
		return nil
	}
	c := &MessagesCacheCreation{}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "ephemeral_5m_input_tokens":
			c.Ephemeral5m = r.Int()
		case "ephemeral_1h_input_tokens":
			c.Ephemeral1h = r.Int()
		default:
			r.Keep(&c.Extra)
		}
	}
	return c
}
