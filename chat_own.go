package keeprouter

// readOwn decodes those types of answers, and those in them, that read themselves. They
// are named here so that a program which only asks doesn't link how requests are read.
func readOwn(dst any, data []byte) (ok bool, err error) {
	switch v := dst.(type) {
	case *ChatResponse:
		return true, v.UnmarshalJSON(data)
	case *ChatChoice:
		return true, v.UnmarshalJSON(data)
	case *ChatLogprobs:
		return true, v.UnmarshalJSON(data)
	case *ChatMessage:
		return true, v.UnmarshalJSON(data)
	case *ChatAudio:
		return true, v.UnmarshalJSON(data)
	case *ChatFunctionCall:
		return true, v.UnmarshalJSON(data)
	case *ChatToolCall:
		return true, v.UnmarshalJSON(data)
	case *ChatUsage:
		return true, v.UnmarshalJSON(data)
	case *ChatPromptTokens:
		return true, v.UnmarshalJSON(data)
	case *ChatCompletionTokens:
		return true, v.UnmarshalJSON(data)
	case *MessagesCacheCreation:
		return true, v.UnmarshalJSON(data)
	}
	return readOwnPart(dst, data)
}

func readOwnPart(dst any, data []byte) (ok bool, err error) {
	switch v := dst.(type) {
	case *ChatParts:
		return true, v.UnmarshalJSON(data)
	case *TextPart:
		return true, v.UnmarshalJSON(data)
	case *ImagePart:
		return true, v.UnmarshalJSON(data)
	case *AudioPart:
		return true, v.UnmarshalJSON(data)
	case *FilePart:
		return true, v.UnmarshalJSON(data)
	case *RefusalPart:
		return true, v.UnmarshalJSON(data)
	case *ChatCacheBreakpoint:
		return true, v.UnmarshalJSON(data)
	}
	return false, nil
}
