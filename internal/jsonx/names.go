package jsonx

// memberNamed returns the name of a member, given its literal, without an allocation
// for the names that each event of a stream repeats.
func memberNamed(literal []byte) (string, error) {
	if len(literal) < 2 {
		return Unquote(literal)
	}
	switch string(literal[1 : len(literal)-1]) {
	case "id":
		return "id", nil
	case "object":
		return "object", nil
	case "created":
		return "created", nil
	case "model":
		return "model", nil
	case "service_tier":
		return "service_tier", nil
	case "system_fingerprint":
		return "system_fingerprint", nil
	case "choices":
		return "choices", nil
	case "usage":
		return "usage", nil
	case "obfuscation":
		return "obfuscation", nil
	case "index":
		return "index", nil
	case "delta":
		return "delta", nil
	case "logprobs":
		return "logprobs", nil
	case "finish_reason":
		return "finish_reason", nil
	case "native_finish_reason":
		return "native_finish_reason", nil
	case "role":
		return "role", nil
	case "content":
		return "content", nil
	case "reasoning_content":
		return "reasoning_content", nil
	case "reasoning":
		return "reasoning", nil
	case "refusal":
		return "refusal", nil
	case "tool_calls":
		return "tool_calls", nil
	case "type":
		return "type", nil
	case "function":
		return "function", nil
	case "name":
		return "name", nil
	case "arguments":
		return "arguments", nil
	case "input":
		return "input", nil
	case "message":
		return "message", nil
	case "content_block":
		return "content_block", nil
	case "stop_reason":
		return "stop_reason", nil
	case "stop_sequence":
		return "stop_sequence", nil
	case "text":
		return "text", nil
	case "thinking":
		return "thinking", nil
	case "partial_json":
		return "partial_json", nil
	case "prompt_tokens":
		return "prompt_tokens", nil
	case "completion_tokens":
		return "completion_tokens", nil
	case "total_tokens":
		return "total_tokens", nil
	case "prompt_tokens_details":
		return "prompt_tokens_details", nil
	case "completion_tokens_details":
		return "completion_tokens_details", nil
	case "input_tokens":
		return "input_tokens", nil
	case "output_tokens":
		return "output_tokens", nil
	}
	return Unquote(literal)
}
