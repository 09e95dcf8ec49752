package keeprouter

import (
	"cmp"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A whole answer is read in one pass. A value that is unusual, such as a tool call
// with a signature, is left to its UnmarshalJSON; an answer that is not as the format
// has it, to encoding/json and the code around it, which understands more of those.
// What is read is the same either way.

// maxShared bounds an answer whose strings are views of it. One string that is kept of
// a larger one would hold too much.
const maxShared = 2 << 10

// mayShare reports whether the strings of an answer may be views of its data. They are
// then free, and the data lives as long as they.
func mayShare(data []byte) bool { return cap(data) <= maxShared }

// readChatResponse reads an answer, if it can. Where its strings are shared with the
// data, that must not change afterwards.
func readChatResponse(data []byte, shared bool) (response *ChatResponse, ok bool) {
	var w chatResponseWire
	var extra extras
	r := jsonx.NewReader(data)
	r.Views = shared
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			w.ID = r.String()
		case "object":
			w.Object = r.String()
		case "created":
			w.Created = r.Int()
		case "model":
			w.Model = r.String()
		case "choices":
			w.Choices = readChoices(&r)
		case "service_tier":
			w.ServiceTier = r.String()
		case "system_fingerprint":
			w.SystemFingerprint = r.String()
		case "usage":
			w.WireUsage = readChatUsage(&r)
		default:
			r.Keep(&extra)
		}
	}
	if !r.Done() {
		return nil, false
	}
	return w.response(extra), true
}

func readChoices(r *jsonx.Reader) []ChatChoice {
	if r.Null() {
		return nil
	}
	choices := []ChatChoice{}
	for r.Array(); r.Element(); {
		choices = append(choices, readChoice(r))
	}
	return choices
}

func readChoice(r *jsonx.Reader) ChatChoice {
	var w chatChoiceWire
	var extra extras
	var reason ChatFinishReason
	for r.Object(); r.Member(); {
		switch r.Name {
		case "index":
			w.Index = r.Count()
		case "message":
			w.Message = readChatMessage(r)
		case "finish_reason":
			w.FinishReason = nil
			if !r.Null() {
				reason = ChatFinishReason(r.String())
				w.FinishReason = &reason
			}
		case "native_finish_reason":
			w.NativeFinishReason = r.String()
		case "logprobs":
			readPointer(r, &w.Logprobs)
		default:
			r.Keep(&extra)
		}
	}
	return w.choice(extra)
}

func readChatMessage(r *jsonx.Reader) ChatMessage {
	var w chatMessageWire
	var extra extras
	for r.Object(); r.Member(); {
		switch r.Name {
		case "role":
			w.Role = r.String()
		case "content":
			w.Content = readParts(r)
		case "name":
			w.Name = r.String()
		case "refusal":
			w.Refusal = r.String()
		case reasoningContentField:
			w.ReasoningContent = r.View()
		case reasoningField:
			w.Reasoning = r.View()
		case "reasoning_details":
			w.ReasoningDetails = r.Raw()
		case "tool_calls":
			w.ToolCalls = readToolCalls(r)
		case "tool_call_id":
			w.ToolCallID = r.String()
		case "annotations":
			w.Annotations = readRaws(r)
		case "audio":
			readPointer(r, &w.Audio)
		case "function_call":
			readPointer(r, &w.FunctionCall)
		default:
			r.Keep(&extra)
		}
	}
	return w.message(extra)
}

func readRaws(r *jsonx.Reader) []json.RawMessage {
	if r.Null() {
		return nil
	}
	list := []json.RawMessage{}
	for r.Array(); r.Element(); {
		list = append(list, r.Raw())
	}
	return list
}

func readParts(r *jsonx.Reader) ChatParts {
	switch r.Kind() {
	case 'n':
		r.Null()
		return nil
	case '"':
		return ChatParts{&TextPart{Text: r.String()}}
	}
	var parts ChatParts
	r.Decode(&parts)
	return parts
}

func readToolCalls(r *jsonx.Reader) []ChatToolCall {
	if r.Null() {
		return nil
	}
	calls := []ChatToolCall{}
	for r.Array(); r.Element(); {
		mark := r.Mark()
		call, ok := readToolCall(r)
		if !ok {
			r.Back(mark)
			call = ChatToolCall{}
			r.Decode(&call)
		}
		calls = append(calls, call)
	}
	return calls
}

// readToolCall reads a function's call without extras.
func readToolCall(r *jsonx.Reader) (call ChatToolCall, ok bool) {
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			call.ID = r.String()
		case "type":
			call.Type = r.String()
		case functionType:
			if call.Name, call.Arguments, ok = readFunction(r); !ok {
				return call, false
			}
		default:
			return call, false
		}
	}
	call.Type = cmp.Or(call.Type, functionType)
	return call, ok && !r.Failed && call.Type != customType
}

func readFunction(r *jsonx.Reader) (name, arguments string, ok bool) {
	for r.Object(); r.Member(); {
		switch r.Name {
		case "name":
			name = r.String()
		case "arguments":
			arguments = r.String()
		default:
			return "", "", false
		}
	}
	return name, arguments, !r.Failed
}

// chatUsageOf reads a count by itself.
func chatUsageOf(data []byte) (*ChatUsage, error) {
	r := jsonx.NewReader(data)
	if u := readChatUsage(&r); r.Done() {
		return u, nil
	}
	u := &ChatUsage{}
	return u, u.UnmarshalJSON(data)
}

func readChatUsage(r *jsonx.Reader) *ChatUsage {
	if r.Null() {
		return nil
	}
	u := &ChatUsage{}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "prompt_tokens":
			u.PromptTokens = r.Int()
		case "completion_tokens":
			u.CompletionTokens = r.Int()
		case "total_tokens":
			u.TotalTokens = r.Int()
		case "prompt_tokens_details":
			u.PromptTokensDetails = readPromptTokens(r)
		case "completion_tokens_details":
			u.CompletionTokensDetails = readCompletionTokens(r)
		case "prompt_cache_hit_tokens":
			u.PromptCacheHitTokens = r.Int()
		case "prompt_cache_miss_tokens":
			u.PromptCacheMissTokens = r.Int()
		case "cache_read_input_tokens":
			u.CacheReadInputTokens = r.Int()
		case "cache_creation_input_tokens":
			u.CacheCreationInputTokens = r.Int()
		case "cached_tokens":
			u.CachedTokens = r.Int()
		case "cache_creation":
			r.Decode(&u.CacheCreation)
		case "reasoning_tokens":
			u.ReasoningTokens = r.Int()
		case "cost":
			u.Cost = r.Raw()
		default:
			r.Keep(&u.Extra)
		}
	}
	return u
}

func readPromptTokens(r *jsonx.Reader) *ChatPromptTokens {
	if r.Null() {
		return nil
	}
	t := &ChatPromptTokens{}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "cached_tokens":
			t.CachedTokens = r.Int()
		case "cache_write_tokens":
			t.CacheWriteTokens = r.Int()
		case "cache_creation_tokens":
			t.CacheCreationTokens = r.Int()
		case "cache_creation_token_details":
			r.Decode(&t.CacheCreationTokenDetails)
		case "audio_tokens":
			t.AudioTokens = r.Int()
		case "image_tokens":
			t.ImageTokens = r.Int()
		case "text_tokens":
			t.TextTokens = r.Int()
		default:
			r.Keep(&t.Extra)
		}
	}
	return t
}

func readCompletionTokens(r *jsonx.Reader) *ChatCompletionTokens {
	if r.Null() {
		return nil
	}
	t := &ChatCompletionTokens{}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "reasoning_tokens":
			t.ReasoningTokens = r.Int()
		case "audio_tokens":
			t.AudioTokens = r.Int()
		case "text_tokens":
			t.TextTokens = r.Int()
		case "accepted_prediction_tokens":
			t.AcceptedPredictionTokens = r.Int()
		case "rejected_prediction_tokens":
			t.RejectedPredictionTokens = r.Int()
		default:
			r.Keep(&t.Extra)
		}
	}
	return t
}
