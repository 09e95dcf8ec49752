package keeprouter

import (
	"cmp"
	"encoding/json"
	"net/http"
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
// that knows how servers of this format differ. Numbers that contradict each other
// stay as they are, for Usage.Validate to find.
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
	cached := cmp.Or(in.CachedTokens, u.PromptCacheHitTokens, u.CacheReadInputTokens, u.CachedTokens)
	written := cmp.Or(in.CacheWriteTokens, u.CacheCreationInputTokens)
	reasoning := cmp.Or(out.ReasoningTokens, u.ReasoningTokens)
	return Usage{
		Input:       u.input(cached, written, reasoning),
		CachedInput: cached,
		CacheWrite:  written,
		Output:      u.output(reasoning),
		Reasoning:   reasoning,
		InputAudio:  in.AudioTokens,
		OutputAudio: out.AudioTokens,
	}
}

// reported is what the gateway says it charged, nil if it doesn't.
func (u *ChatUsage) reported(header http.Header) *Money {
	if u == nil {
		return reportedCost(nil, nil, header)
	}
	return reportedCost(u.Cost, u.Extra, header)
}

// isEmpty reports whether nothing was counted. Some proxies send zeros in place of
// a count; an answer of no tokens at all doesn't exist.
func (u *ChatUsage) isEmpty() bool {
	return u == nil || u.PromptTokens == 0 && u.CompletionTokens == 0 && u.TotalTokens == 0
}

// input adds the cached tokens to a prompt count that leaves them out, as a few
// gateways do. The total gives them away, or a part that exceeds the whole.
func (u *ChatUsage) input(cached, written, reasoning int64) int64 {
	aside := cached + written
	reasoningAside := reasoning > 0 && u.TotalTokens == u.PromptTokens+u.CompletionTokens+reasoning
	switch {
	case aside <= 0 || reasoningAside:
		return u.PromptTokens
	case aside > u.PromptTokens || u.TotalTokens == u.PromptTokens+u.CompletionTokens+aside:
		return u.PromptTokens + aside
	}
	return u.PromptTokens
}

// output adds the reasoning to a completion count that leaves it out, as xAI's
// does.
func (u *ChatUsage) output(reasoning int64) int64 {
	onTop := u.TotalTokens == u.PromptTokens+u.CompletionTokens+reasoning ||
		u.TotalTokens == 0 && reasoning > u.CompletionTokens
	if reasoning > 0 && onTop {
		return u.CompletionTokens + reasoning
	}
	return u.CompletionTokens
}
