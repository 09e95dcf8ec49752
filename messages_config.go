package keeprouter

import "encoding/json"

// MessagesThinking configures the thinking of a model.
type MessagesThinking struct {
	// Type is "enabled", "adaptive", "between_tools" or "disabled".
	Type string `json:"type"`

	// BudgetTokens bounds the thinking when Type is "enabled": at least 1024, and
	// less than MaxTokens.
	BudgetTokens int `json:"budget_tokens,omitzero"`

	// Display is "summarized" or "omitted"; an omitted thinking comes as a signature
	// without text.
	Display string `json:"display,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesOutputConfig sets the effort and the form of an answer.
type MessagesOutputConfig struct {
	// Effort is "low", "medium", "high", "xhigh" or "max".
	Effort string `json:"effort,omitzero"`

	// Format makes the answer JSON of a schema.
	Format *MessagesOutputFormat `json:"format,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesOutputFormat is the form that an answer must have.
type MessagesOutputFormat struct {
	// Type is "json_schema".
	Type string `json:"type"`

	// Schema is the JSON Schema of the answer.
	Schema json.RawMessage `json:"schema,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesMetadata tells on whose behalf a request is made.
type MessagesMetadata struct {
	// UserID is an opaque id of the end user; no name, email address or phone number.
	UserID string `json:"user_id,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// CacheControl marks the end of a stretch of the prompt to cache. The zero value
// is an ephemeral mark with the server's default lifetime; a request may hold four.
type CacheControl struct {
	// Type is "ephemeral", which also stands for the empty string.
	Type string `json:"type"`

	// TTL is "5m" or "1h"; the default is five minutes.
	TTL string `json:"ttl,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesContainer is where code execution runs: in a request the one to use
// again, in a response the one that was used.
type MessagesContainer struct {
	// ID names the container; empty asks for a new one.
	ID string `json:"id,omitzero"`

	// Skills are loaded into the container.
	Skills []MessagesSkill `json:"skills,omitzero"`

	// ExpiresAt, in a response, is when the container ends, as an RFC 3339 time.
	ExpiresAt string `json:"expires_at,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesSkill is a skill that a [MessagesContainer] loads.
type MessagesSkill struct {
	// Type is "anthropic" or "custom".
	Type string `json:"type,omitzero"`

	// SkillID names the skill.
	SkillID string `json:"skill_id,omitzero"`

	// Version of the skill; empty is the latest.
	Version string `json:"version,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesDiagnostics asks why a prompt wasn't found in the cache.
type MessagesDiagnostics struct {
	// PreviousMessageID is the id of the response whose prompt should have been
	// found.
	PreviousMessageID string `json:"previous_message_id,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesTokenCount is how many tokens a prompt has.
type MessagesTokenCount struct {
	// InputTokens counts system prompt, tools and messages.
	InputTokens int64 `json:"input_tokens"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`

	// Meta is what came beside the count.
	Meta Meta `json:"-"`
}
