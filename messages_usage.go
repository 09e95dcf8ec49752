package keeprouter

import (
	"cmp"
	"encoding/json"
	"maps"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MessagesUsage is a server's count of the tokens, in its own terms. What they mean
// on both formats is [MessagesResponse.Usage].
type MessagesUsage struct {
	// InputTokens is the input that was neither read from nor written to a cache.
	InputTokens int64 `json:"input_tokens"`

	// CacheCreationInputTokens is the input written to a cache, beside InputTokens.
	CacheCreationInputTokens int64 `json:"cache_creation_input_tokens,omitzero"`

	// CacheReadInputTokens is the input read from a cache, beside InputTokens.
	CacheReadInputTokens int64 `json:"cache_read_input_tokens,omitzero"`

	// CacheCreation splits CacheCreationInputTokens by lifetime.
	CacheCreation *MessagesCacheCreation `json:"cache_creation,omitzero"`

	// OutputTokens is the whole output, thinking included.
	OutputTokens int64 `json:"output_tokens"`

	// OutputTokensDetails are parts of OutputTokens.
	OutputTokensDetails *MessagesOutputTokens `json:"output_tokens_details,omitzero"`

	// ServerToolUse counts what the server's own tools did.
	ServerToolUse *MessagesServerToolUse `json:"server_tool_use,omitzero"`

	// ServiceTier is "standard", "priority" or "batch".
	ServiceTier string `json:"service_tier,omitzero"`

	// InferenceGeo is the region in which the model ran.
	InferenceGeo string `json:"inference_geo,omitzero"`

	// Speed is "standard" or "fast".
	Speed string `json:"speed,omitzero"`

	// Cost is what the server says it charged, in USD: a number, a text or an
	// object, as it came.
	Cost json.RawMessage `json:"cost,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesCacheCreation splits the input written to a cache by its lifetime.
type MessagesCacheCreation struct {
	Ephemeral5m int64 `json:"ephemeral_5m_input_tokens"` // for five minutes
	Ephemeral1h int64 `json:"ephemeral_1h_input_tokens"` // for an hour

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesOutputTokens are parts of the output.
type MessagesOutputTokens struct {
	ThinkingTokens int64 `json:"thinking_tokens"` // thought, not said

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesServerToolUse counts what the server's own tools did.
type MessagesServerToolUse struct {
	WebSearchRequests int64 `json:"web_search_requests"` // searches
	WebFetchRequests  int64 `json:"web_fetch_requests"`  // pages fetched

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// usage says what the count means: totals with parts in them. It is the one place
// that knows that this format's input counts lie beside each other. No prompt has
// zero tokens, so an input of zero was not counted. Servers that include the cached
// part in input_tokens all the same can't be told from those that don't, and the
// format's word is taken.
func (u *MessagesUsage) usage() Usage {
	if u == nil {
		return Usage{Unknown: true}
	}
	usage := Usage{CachedInput: u.CacheReadInputTokens, Output: u.OutputTokens}
	usage.CacheWrite, usage.CacheWrite1h = cacheWrites(u.CacheCreationInputTokens, u.CacheCreation)
	usage.Input = sumOf(u.InputTokens, usage.CachedInput, usage.CacheWrite, usage.CacheWrite1h)
	if u.OutputTokensDetails != nil {
		usage.Reasoning = u.OutputTokensDetails.ThinkingTokens
	}
	if usage.Input == 0 && min(usage.CachedInput, usage.CacheWrite, usage.CacheWrite1h) == 0 {
		return Usage{Unknown: true}
	}
	return usage
}

// counted is the usage, unknown also if the answer has something in it and its count
// is of no output.
func (r *MessagesResponse) counted() Usage {
	usage := r.WireUsage.usage()
	if usage.Output != 0 {
		return usage
	}
	for _, b := range r.Content {
		if !isBlank(b) {
			return Usage{Unknown: true}
		}
	}
	return usage
}

// isBlank reports whether a block has begun at most, so that no token is in it.
func isBlank(b Block) bool {
	switch b := b.(type) {
	case *TextBlock:
		return b == nil || b.Text == ""
	case *ThinkingBlock:
		return b == nil || b.Thinking == "" && b.Signature == ""
	}
	return false
}

// noInput reports whether the count tells nothing of the input.
func (u *MessagesUsage) noInput() bool {
	return u == nil || u.InputTokens == 0 && u.CacheCreationInputTokens == 0 && u.CacheReadInputTokens == 0
}

// merge adds what a later, cumulative count tells. Where it says nothing of the
// input, or has no output yet, the earlier count stands.
func (u *MessagesUsage) merge(later *MessagesUsage) *MessagesUsage {
	if u == nil || later == nil {
		return cmp.Or(later, u)
	}
	merged := *later
	if later.noInput() {
		merged.InputTokens, merged.CacheReadInputTokens = u.InputTokens, u.CacheReadInputTokens
		merged.CacheCreationInputTokens = u.CacheCreationInputTokens
	}
	merged.OutputTokens = cmp.Or(later.OutputTokens, u.OutputTokens)
	if merged.CacheCreation == nil && merged.CacheCreationInputTokens == u.CacheCreationInputTokens {
		merged.CacheCreation = u.CacheCreation // else it splits another number
	}
	merged.OutputTokensDetails = cmp.Or(later.OutputTokensDetails, u.OutputTokensDetails)
	merged.ServerToolUse = cmp.Or(later.ServerToolUse, u.ServerToolUse)
	merged.ServiceTier = cmp.Or(later.ServiceTier, u.ServiceTier)
	merged.InferenceGeo = cmp.Or(later.InferenceGeo, u.InferenceGeo)
	merged.Speed = cmp.Or(later.Speed, u.Speed)
	if later.Cost == nil {
		merged.Cost = u.Cost
	}
	merged.Extra = mergeExtra(u.Extra, later.Extra)
	return &merged
}

// update reads a later count over this one: what it leaves out, or has as null,
// stands. Nil is no count.
func (u *MessagesUsage) update(data json.RawMessage) (*MessagesUsage, error) {
	if jsonx.Kind(data) != '{' {
		return nil, nil //nolint:nilnil // no count is a value here
	}
	var before MessagesUsage
	if u != nil {
		before = *u
	}
	after, err := before.overlaid(data)
	if err != nil {
		return nil, err
	}
	if after.noInput() {
		after.InputTokens, after.CacheReadInputTokens = before.InputTokens, before.CacheReadInputTokens
		after.CacheCreationInputTokens = before.CacheCreationInputTokens
	}
	if !tellsOf(data, "cache_creation") && after.CacheCreationInputTokens != before.CacheCreationInputTokens {
		after.CacheCreation = nil
	}
	after.Extra = mergeExtra(before.Extra, after.Extra)
	return after, nil
}

// overlaid returns a copy of the count with what data says, which is all of its Extra.
func (u *MessagesUsage) overlaid(data json.RawMessage) (*MessagesUsage, error) {
	if after, ok := u.readOver(data); ok {
		return after, nil
	}
	return u.decodedOver(data)
}

// readOver is overlaid in one pass, if it can.
func (u *MessagesUsage) readOver(data json.RawMessage) (*MessagesUsage, bool) {
	after := *u
	after.Extra = nil
	r := jsonx.NewReader(data)
	r.Own = jsonx.Methods
	after.readMembers(&r, true)
	return &after, r.Done()
}

// decodedOver is overlaid by reflection.
func (u *MessagesUsage) decodedOver(data json.RawMessage) (*MessagesUsage, error) {
	after := *u
	said := map[string]json.RawMessage{}
	for name, value := range jsonx.Members(data) {
		if !jsonx.IsNull(value) {
			said[name] = value
		}
	}
	data, err := jsonx.Encode(said)
	if err != nil {
		return nil, err
	}
	return &after, after.UnmarshalJSON(data)
}

// mergeExtra returns the members of both; the later ones count.
func mergeExtra(before, later map[string]json.RawMessage) map[string]json.RawMessage {
	if len(later) == 0 {
		return before
	}
	merged := maps.Clone(later)
	for name, value := range before {
		if _, there := merged[name]; !there {
			merged[name] = value
		}
	}
	return merged
}
