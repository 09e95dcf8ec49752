package keeprouter

import "net/http"

// MessagesRequest asks for an answer in the Messages format. Model, MaxTokens and
// Messages are required; pointers that are nil and slices that are nil are left out.
//
//	&keeprouter.MessagesRequest{
//		Model:     keeprouter.Gemma4_31B,
//		MaxTokens: 1024,
//		System:    keeprouter.TextBlocks("You are terse."),
//		Messages:  []keeprouter.Message{keeprouter.UserMessage("Why is the sky blue?")},
//	}
type MessagesRequest struct {
	// Model is the id of the model, such as [Gemma4_31B].
	Model string `json:"model"`

	// MaxTokens is the most tokens that the answer may have, thinking included.
	MaxTokens int `json:"max_tokens"`

	// Messages is the conversation so far, the oldest first.
	Messages []Message `json:"messages"`

	// System is the instruction that stands before the conversation. Make it with
	// [TextBlocks], or from text blocks where some carry a CacheControl.
	System Blocks `json:"system,omitzero"`

	// StopSequences end the answer where the model writes one of them.
	StopSequences []string `json:"stop_sequences,omitzero"`

	// Temperature goes from 0 to 1. With the anthropic-version 2026-10-21 it is
	// refused, like TopP and TopK.
	Temperature *float64 `json:"temperature,omitzero"`

	// TopP, from 0 to 1, samples from the most likely tokens with this total
	// probability.
	TopP *float64 `json:"top_p,omitzero"`

	// TopK samples from this many of the most likely tokens.
	TopK *int `json:"top_k,omitzero"`

	// Tools are what the model may call.
	Tools []MessagesTool `json:"tools,omitzero"`

	// ToolChoice says whether and which tools must be called. Nil lets the model
	// decide.
	ToolChoice *MessagesToolChoice `json:"tool_choice,omitzero"`

	// Thinking turns the model's thinking on or off.
	Thinking *MessagesThinking `json:"thinking,omitzero"`

	// OutputConfig sets the effort and the form of the answer.
	OutputConfig *MessagesOutputConfig `json:"output_config,omitzero"`

	// OutputFormat is the beta form of OutputConfig.Format.
	//
	// Deprecated: set OutputConfig.Format.
	OutputFormat *MessagesOutputFormat `json:"output_format,omitzero"`

	// Metadata tells on whose behalf the request is made.
	Metadata *MessagesMetadata `json:"metadata,omitzero"`

	// CacheControl caches the prompt up to its last block that can be cached.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Container is where code execution runs, and with which skills.
	Container *MessagesContainer `json:"container,omitzero"`

	// ServiceTier is "auto" or "standard_only".
	ServiceTier string `json:"service_tier,omitzero"`

	// Speed is "standard" or "fast".
	Speed string `json:"speed,omitzero"`

	// InferenceGeo is the region in which the model must run.
	InferenceGeo string `json:"inference_geo,omitzero"`

	// Diagnostics asks why a prompt wasn't found in the cache.
	Diagnostics *MessagesDiagnostics `json:"diagnostics,omitzero"`

	// Stream tells a server to stream. Create and Stream set it themselves.
	Stream bool `json:"stream,omitzero"`

	// Betas go into the anthropic-beta header.
	Betas []string `json:"-"`

	// Extra is sent beside the fields above, for whatever they don't model. A name
	// that any field above has is an [ErrInvalidRequest]: set the field.
	Extra map[string]any `json:"-"`

	// Header is sent with this request, over that of [Options].
	Header http.Header `json:"-"`
}
