package keeprouter

import (
	"cmp"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// ChatUsage is a server's count of the tokens, in its own terms. What they mean on
// both formats is [ChatResponse.Usage].
type ChatUsage struct {
	// PromptTokens is the whole input, cached tokens included.
	PromptTokens int64 `json:"prompt_tokens"`

	// CompletionTokens is the output. At most servers it includes reasoning.
	CompletionTokens int64 `json:"completion_tokens"`

	// TotalTokens is the sum of all.
	TotalTokens int64 `json:"total_tokens"`

	// PromptTokensDetails are parts of PromptTokens.
	PromptTokensDetails *ChatPromptTokens `json:"prompt_tokens_details,omitzero"`

	// CompletionTokensDetails are parts of CompletionTokens.
	CompletionTokensDetails *ChatCompletionTokens `json:"completion_tokens_details,omitzero"`

	// PromptCacheHitTokens and PromptCacheMissTokens split PromptTokens, at
	// DeepSeek.
	PromptCacheHitTokens  int64 `json:"prompt_cache_hit_tokens,omitzero"`
	PromptCacheMissTokens int64 `json:"prompt_cache_miss_tokens,omitzero"`

	// CacheReadInputTokens and CacheCreationInputTokens are LiteLLM's names for
	// cached and cache-written tokens.
	CacheReadInputTokens     int64 `json:"cache_read_input_tokens,omitzero"`
	CacheCreationInputTokens int64 `json:"cache_creation_input_tokens,omitzero"`

	// CacheCreation splits CacheCreationInputTokens by lifetime, at gateways that
	// pass on the Messages format's count.
	CacheCreation *MessagesCacheCreation `json:"cache_creation,omitzero"`

	// CachedTokens is where Moonshot counts cached tokens instead of in the details.
	CachedTokens int64 `json:"cached_tokens,omitzero"`

	// ReasoningTokens is where some servers count reasoning instead of in the
	// details.
	ReasoningTokens int64 `json:"reasoning_tokens,omitzero"`

	// Cost is what the server says it charged, in USD: a number, a text or an
	// object, as it came.
	Cost json.RawMessage `json:"cost,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatPromptTokens are parts of the input.
type ChatPromptTokens struct {
	CachedTokens     int64 `json:"cached_tokens,omitzero"`      // read from the cache
	CacheWriteTokens int64 `json:"cache_write_tokens,omitzero"` // written to the cache
	AudioTokens      int64 `json:"audio_tokens,omitzero"`       // sound
	ImageTokens      int64 `json:"image_tokens,omitzero"`       // pictures
	TextTokens       int64 `json:"text_tokens,omitzero"`        // text

	// CacheCreationTokens and CacheCreationTokenDetails are LiteLLM's names for
	// tokens written to the cache, and for their split by lifetime.
	CacheCreationTokens       int64                  `json:"cache_creation_tokens,omitzero"`
	CacheCreationTokenDetails *MessagesCacheCreation `json:"cache_creation_token_details,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatCompletionTokens are parts of the output.
type ChatCompletionTokens struct {
	ReasoningTokens          int64 `json:"reasoning_tokens,omitzero"`           // thought, not said
	AudioTokens              int64 `json:"audio_tokens,omitzero"`               // sound
	TextTokens               int64 `json:"text_tokens,omitzero"`                // text
	AcceptedPredictionTokens int64 `json:"accepted_prediction_tokens,omitzero"` // of the prediction, used
	RejectedPredictionTokens int64 `json:"rejected_prediction_tokens,omitzero"` // of the prediction, not used but billed

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// usage says what the count means: totals with parts in them. It is the one place
// that knows how servers of this format differ. Where several fields have the same
// count, the first that isn't zero is taken. No prompt has zero tokens, so an input
// of zero was not counted. Numbers that contradict each other stay as they are, for
// Usage.Validate to find.
func (u *ChatUsage) usage() Usage {
	if u.isEmpty() {
		return Usage{Unknown: true}
	}
	var in ChatPromptTokens
	if u.PromptTokensDetails != nil {
		in = *u.PromptTokensDetails
	}
	var out ChatCompletionTokens
	if u.CompletionTokensDetails != nil {
		out = *u.CompletionTokensDetails
	}
	written := cmp.Or(in.CacheWriteTokens, in.CacheCreationTokens, u.CacheCreationInputTokens)
	usage := Usage{
		CachedInput: cmp.Or(in.CachedTokens, u.PromptCacheHitTokens, u.CacheReadInputTokens, u.CachedTokens),
		InputAudio:  in.AudioTokens,
		Reasoning:   cmp.Or(out.ReasoningTokens, u.ReasoningTokens),
		OutputAudio: out.AudioTokens,
	}
	usage.CacheWrite, usage.CacheWrite1h = cacheWrites(written, cmp.Or(in.CacheCreationTokenDetails, u.CacheCreation))
	usage.Input, usage.Output = u.totals(sumOf(usage.CachedInput, usage.CacheWrite, usage.CacheWrite1h), usage.Reasoning)
	if usage.Input == 0 {
		return Usage{Unknown: true}
	}
	return usage
}

// counted is the usage, unknown also if the answer has something in it and its count
// is of no output: some proxies count nothing in streams.
func (r *ChatResponse) counted() Usage {
	usage := r.WireUsage.usage()
	if usage.Output != 0 {
		return usage
	}
	for i := range r.Choices {
		m := &r.Choices[i].Message
		if m.Content.Text() != "" || m.Reasoning != "" || m.Refusal != "" || len(m.ToolCalls) > 0 || m.FunctionCall != nil || m.Audio != nil {
			return Usage{Unknown: true}
		}
	}
	return usage
}

// usageElsewhere returns the count of a stream that is not where the format has it:
// inside x_groq, at Groq; in a sole choice, at Moonshot.
func (r *ChatResponse) usageElsewhere() *ChatUsage {
	found := memberOf(r.Extra["x_groq"], "usage")
	if found == nil && len(r.Choices) == 1 {
		found = r.Choices[0].Extra["usage"]
	}
	usage := &ChatUsage{}
	if jsonx.Kind(found) != '{' || usage.UnmarshalJSON(found) != nil {
		return nil
	}
	return usage
}

// isEmpty reports whether nothing was counted. Some proxies send zeros in place of
// a count; an answer of no tokens at all doesn't exist.
func (u *ChatUsage) isEmpty() bool {
	return u == nil || u.PromptTokens == 0 && u.CompletionTokens == 0 && u.TotalTokens == 0
}

// totals makes the prompt count include what was cached or written to a cache, and
// the completion count the reasoning, as at most servers they do already. A total
// that exceeds both together tells what they leave out:
//
//   - as much as the reasoning: it is on top, as at xAI;
//   - as much as the cached part: the prompt is without it, as at a few gateways;
//   - both of these together;
//   - anything else: tokens that one count lacks. If a count is zero it is that one;
//     otherwise the output, since Gemini counts its thoughts in the total alone.
//
// A cached part that exceeds the prompt can't be in it, whatever the total says;
// reasoning that exceeds the completion is on top only if there is no total, because
// some gateways estimate it. A total that falls short of the two counts is not
// believed: they are what is charged.
func (u *ChatUsage) totals(cached, reasoning int64) (input, output int64) {
	input, output = cmp.Or(u.PromptTokens, sumOf(u.PromptCacheHitTokens, u.PromptCacheMissTokens)), u.CompletionTokens
	if u.TotalTokens < 0 {
		return u.TotalTokens, output // not priced, but one count that is nonsense spoils the others
	}
	left := int64(0)
	if both := sumOf(input, output); both >= 0 {
		left = max(u.TotalTokens-both, 0)
	}
	switch {
	case left == 0:
	case reasoning > 0 && left == sumOf(cached, reasoning):
		input, output = sumOf(input, cached), sumOf(output, reasoning)
	case input == 0 && output == 0:
		return 0, 0 // a total alone can't be split
	case left == reasoning, output == 0 && cached <= input:
		output = sumOf(output, left)
	case left == cached, input == 0:
		input = sumOf(input, left)
	default:
		output = sumOf(output, left)
	}
	if cached > input {
		input = sumOf(input, cached)
	}
	if u.TotalTokens == 0 && reasoning > output {
		output = sumOf(output, reasoning)
	}
	return input, output
}
