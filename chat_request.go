package keeprouter

import (
	"encoding/json"
	"net/http"
)

// ChatRequest asks for the next message of a conversation. Model and Messages are
// required; everything else is absent from the wire until it is set. It marshals to
// the format's JSON and unmarshals from it, unknown fields included.
//
// A request can be reused and changed after the call has been made, but must not be
// changed while [ChatService.Create] or [ChatService.Stream] encodes it.
type ChatRequest struct {
	// Model is the model's id, such as [Gemma4_31B].
	Model string `json:"model"`

	// Messages is the conversation so far, oldest first.
	Messages []ChatMessage `json:"messages"`

	// MaxTokens bounds the answer. Most servers know this field; OpenAI's reasoning
	// models know only MaxCompletionTokens.
	MaxTokens *int `json:"max_tokens,omitzero"`

	// MaxCompletionTokens bounds the answer, its reasoning included.
	MaxCompletionTokens *int `json:"max_completion_tokens,omitzero"`

	// Temperature is from 0, nearly deterministic, to 2.
	Temperature *float64 `json:"temperature,omitzero"`

	// TopP samples from the likeliest tokens that together have this probability,
	// from 0 to 1.
	TopP *float64 `json:"top_p,omitzero"`

	// FrequencyPenalty, from -2 to 2, makes tokens less likely the more often they
	// have occurred.
	FrequencyPenalty *float64 `json:"frequency_penalty,omitzero"`

	// PresencePenalty, from -2 to 2, makes tokens less likely once they have
	// occurred.
	PresencePenalty *float64 `json:"presence_penalty,omitzero"`

	// LogitBias makes tokens likelier or less likely, by token id, from -100 to 100.
	LogitBias map[string]float64 `json:"logit_bias,omitzero"`

	// Logprobs asks for the log probabilities of the answer's tokens.
	Logprobs *bool `json:"logprobs,omitzero"`

	// TopLogprobs, from 0 to 20, asks for those of the likeliest alternatives too.
	// It needs Logprobs.
	TopLogprobs *int `json:"top_logprobs,omitzero"`

	// N is how many answers to give, from 1 to 128. All of them are paid for.
	N *int `json:"n,omitzero"`

	// Stop ends the answer before any of these texts; OpenAI takes up to four.
	Stop ChatStop `json:"stop,omitzero"`

	// Tools are what the model may call.
	Tools []ChatTool `json:"tools,omitzero"`

	// ToolChoice says whether it may, must, or must not call one. Default: may.
	ToolChoice *ChatToolChoice `json:"tool_choice,omitzero"`

	// ParallelToolCalls permits several calls in one answer. Default: true.
	ParallelToolCalls *bool `json:"parallel_tool_calls,omitzero"`

	// ResponseFormat asks for JSON, possibly of a schema.
	ResponseFormat *ChatResponseFormat `json:"response_format,omitzero"`

	// ReasoningEffort is none, minimal, low, medium, high, xhigh or max. Which of
	// them there are, and the default, depends on the model.
	ReasoningEffort string `json:"reasoning_effort,omitzero"`

	// Verbosity is low, medium or high.
	Verbosity string `json:"verbosity,omitzero"`

	// Modalities are the kinds of output wanted: text, audio.
	Modalities []string `json:"modalities,omitzero"`

	// Audio says how spoken output should sound. It needs the audio modality.
	Audio *ChatAudioOptions `json:"audio,omitzero"`

	// Prediction is text that large parts of the answer will repeat, which makes
	// the answer faster.
	Prediction *ChatPrediction `json:"prediction,omitzero"`

	// WebSearchOptions lets the model search the web, where the server can.
	WebSearchOptions *ChatWebSearch `json:"web_search_options,omitzero"`

	// Moderation has a moderation model judge prompt and answer.
	Moderation *ChatModeration `json:"moderation,omitzero"`

	// ServiceTier is auto, default, flex, scale, priority or fast.
	ServiceTier string `json:"service_tier,omitzero"`

	// Store keeps the answer at the server, for its owner to look at.
	Store *bool `json:"store,omitzero"`

	// Metadata is kept with a stored answer: at most 16 pairs.
	Metadata map[string]string `json:"metadata,omitzero"`

	// SafetyIdentifier tells the caller's users apart for abuse detection, without
	// naming them: at most 64 characters.
	SafetyIdentifier string `json:"safety_identifier,omitzero"`

	// PromptCacheKey groups requests that share a prefix, so that they meet the
	// same cache.
	PromptCacheKey string `json:"prompt_cache_key,omitzero"`

	// PromptCacheOptions says what is cached, and for how long.
	PromptCacheOptions *ChatPromptCache `json:"prompt_cache_options,omitzero"`

	// StreamOptions are for Stream, which asks for usage unless IncludeUsage is
	// false; Create leaves them out.
	StreamOptions *ChatStreamOptions `json:"stream_options,omitzero"`

	// Stream is set by [ChatService.Stream] and cleared by [ChatService.Create],
	// whatever it holds. It matters only where a request is read from JSON.
	Stream bool `json:"stream,omitzero"`

	// Seed asks for the same answer to the same request, without a promise.
	//
	// OpenAI is giving it up (its API reference, 2026-11); other servers still honour it.
	Seed *int `json:"seed,omitzero"`

	// User tells the caller's users apart.
	//
	// Deprecated: use SafetyIdentifier or PromptCacheKey.
	User string `json:"user,omitzero"`

	// PromptCacheRetention is in_memory or 24h.
	//
	// Deprecated: use PromptCacheOptions.
	PromptCacheRetention string `json:"prompt_cache_retention,omitzero"`

	// Functions is the list that came before Tools, as JSON.
	//
	// Deprecated: use Tools.
	Functions json.RawMessage `json:"functions,omitzero"`

	// FunctionCall is what came before ToolChoice, as JSON: "none", "auto" or
	// {"name": …}.
	//
	// Deprecated: use ToolChoice.
	FunctionCall json.RawMessage `json:"function_call,omitzero"`

	// Extra is sent beside the fields above, for whatever they don't model, such as
	// top_k. A name that any field above has is an
	// [ErrInvalidRequest]: set the field.
	Extra map[string]any `json:"-"`

	// Header is sent with this request only.
	Header http.Header `json:"-"`
}

// ChatStop is a list of stop sequences. It reads both forms of the wire, a string
// and a list.
type ChatStop []string

// ChatStreamOptions are settings of a streamed answer.
type ChatStreamOptions struct {
	// IncludeUsage asks for token counts at the end. Nil asks for them; without
	// them the answer's usage and cost are unknown.
	IncludeUsage *bool `json:"include_usage,omitzero"`

	// IncludeObfuscation pads each chunk to hide the length of its text from
	// eavesdroppers. Default at OpenAI: true.
	IncludeObfuscation *bool `json:"include_obfuscation,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ChatResponseFormat asks for an answer of a form.
type ChatResponseFormat struct {
	// Type is text, json_object (the prompt must then ask for JSON) or json_schema.
	// Empty means json_schema if there is a Schema, else text.
	Type string

	// Name names the schema: letters, digits, _ and -, at most 64.
	Name string

	// Description tells the model what the answer is for.
	Description string

	// Schema is the JSON Schema that the answer follows.
	Schema json.RawMessage

	// Strict makes the server enforce the schema. The schema must then forbid
	// additional properties and require all of its own.
	Strict *bool

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// ChatAudioOptions says how spoken output should sound.
type ChatAudioOptions struct {
	// Format is wav, aac, mp3, flac, opus or pcm16.
	Format string

	// Voice is the name of a voice.
	Voice string

	// VoiceID is the id of a voice of the caller's own, in place of Voice.
	VoiceID string

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage
}

// ChatPrediction is text that large parts of the answer will repeat.
type ChatPrediction struct {
	// Content is the text: text parts only.
	Content ChatParts

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage
}

// ChatWebSearch says how the model searches the web.
type ChatWebSearch struct {
	// SearchContextSize is low, medium or high.
	SearchContextSize string

	// City, Country (two letters), Region and Timezone (an IANA name) say where the
	// user is, roughly.
	City, Country, Region, Timezone string

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// ChatModeration says which model judges prompt and answer.
type ChatModeration struct {
	// Model is the moderation model.
	Model string

	// Input and Output are score or block, or empty to leave it out.
	Input, Output string

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// ChatPromptCache says how the prompt is cached.
type ChatPromptCache struct {
	// Mode is implicit, or explicit: at the parts' CacheBreakpoint.
	Mode string `json:"mode,omitzero"`

	// TTL is how long, such as 30m.
	TTL string `json:"ttl,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}
