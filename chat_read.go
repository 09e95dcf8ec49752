package keeprouter

import (
	"cmp"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A whole answer is read in one pass. A value that is unusual, such as a tool call
// with a signature, is left to its UnmarshalJSON; an answer that is not as the format
// has it, to reflection and the code around it, which understand more of those.
// What is read is the same either way.

// readChatResponse reads an answer, if it can. Its short strings may be together in one
// piece of memory, which lives as long as each of them.
func readChatResponse(data []byte, together bool) (response *ChatResponse, ok bool) {
	parts := &chatResponseParts{}
	response = &parts.response
	r := jsonx.NewReader(data)
	r.Own, r.Together = readOwn, together
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			response.ID = r.String()
		case "object":
			if r.String() == "error" {
				r.Failed = true // which an answer is not
			}
		case "created":
			response.Created = r.Int()
		case "model":
			response.Model = r.String()
		case "choices":
			response.Choices = readChoices(&r, parts.choice[:0])
		case "service_tier":
			response.ServiceTier = r.String()
		case "system_fingerprint":
			response.SystemFingerprint = r.String()
		case "usage":
			response.WireUsage = readChatUsage(&r, &parts.usage)
		default:
			r.Keep(&response.Extra)
		}
	}
	if !r.Done() {
		return nil, false
	}
	response.Usage = response.counted()
	return response, true
}

// chatResponseParts are an answer and what nearly every one holds, in one piece of
// memory.
type chatResponseParts struct {
	response ChatResponse
	choice   [1]ChatChoice
	usage    chatUsageParts
}

// readChoices appends choices to an empty list.
func readChoices(r *jsonx.Reader, choices []ChatChoice) []ChatChoice {
	if r.Null() {
		return nil
	}
	for r.Array(); r.Element(); {
		choices = append(choices, ChatChoice{})
		readChoice(r, &choices[len(choices)-1])
	}
	return choices
}

func readChoice(r *jsonx.Reader, c *ChatChoice) {
	reason, finished := "", false
	for r.Object(); r.Member(); {
		switch r.Name {
		case "index":
			c.Index = r.Count()
		case "message":
			readChatMessage(r, &c.Message)
		case "finish_reason":
			finished = !r.Null()
			if finished {
				reason = r.String()
			}
		case "native_finish_reason":
			c.NativeFinishReason = r.String()
		case "logprobs":
			readPointer(r, &c.Logprobs)
		default:
			r.Keep(&c.Extra)
		}
	}
	if finished {
		c.FinishReason, c.NativeFinishReason = finishReason(reason, c.NativeFinishReason)
	}
	c.matchReason()
}

func readChatMessage(r *jsonx.Reader, m *ChatMessage) {
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
	w.message(m, extra)
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

// soleText is a text that is all of a content, in one piece of memory.
type soleText struct {
	part TextPart
	list [1]ChatPart
}

func readParts(r *jsonx.Reader) ChatParts {
	switch r.Kind() {
	case 'n':
		r.Null()
		return nil
	case '"':
		text := &soleText{}
		text.part.Text = r.String()
		text.list[0] = &text.part
		return text.list[:]
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
		if len(calls) == 0 {
			calls = make([]ChatToolCall, 0, 2)
		}
		calls = append(calls, ChatToolCall{})
		call, mark := &calls[len(calls)-1], r.Mark()
		if !readToolCall(r, call) {
			r.Back(mark)
			*call = ChatToolCall{}
			r.Decode(call)
		}
	}
	return calls
}

// readToolCall reads a function's call without extras.
func readToolCall(r *jsonx.Reader, call *ChatToolCall) (ok bool) {
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			call.ID = r.String()
		case "type":
			call.Type = r.String()
		case functionType:
			if call.Name, call.Arguments, ok = readFunction(r); !ok {
				return false
			}
		default:
			return false
		}
	}
	call.Type = cmp.Or(call.Type, functionType)
	return ok && !r.Failed && call.Type != customType
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
	if u := readChatUsage(&r, &chatUsageParts{}); r.Done() {
		return u, nil
	}
	u := &ChatUsage{}
	return u, u.UnmarshalJSON(data)
}

// chatUsageParts are a count and its details, which most servers send, in one piece of
// memory.
type chatUsageParts struct {
	usage      ChatUsage
	prompt     ChatPromptTokens
	completion ChatCompletionTokens
}

func readChatUsage(r *jsonx.Reader, parts *chatUsageParts) *ChatUsage {
	if r.Null() {
		return nil
	}
	*parts = chatUsageParts{}
	u := &parts.usage
	for r.Object(); r.Member(); {
		switch r.Name {
		case "prompt_tokens":
			u.PromptTokens = r.Int()
		case "completion_tokens":
			u.CompletionTokens = r.Int()
		case "total_tokens":
			u.TotalTokens = r.Int()
		case "prompt_tokens_details":
			u.PromptTokensDetails = readPromptTokens(r, &parts.prompt)
		case "completion_tokens_details":
			u.CompletionTokensDetails = readCompletionTokens(r, &parts.completion)
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

func readPromptTokens(r *jsonx.Reader, t *ChatPromptTokens) *ChatPromptTokens {
	if r.Null() {
		return nil
	}
	*t = ChatPromptTokens{}
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

func readCompletionTokens(r *jsonx.Reader, t *ChatCompletionTokens) *ChatCompletionTokens {
	if r.Null() {
		return nil
	}
	*t = ChatCompletionTokens{}
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
