package translate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// counts are the tokens of an answer, and what the server says about their cost.
type counts struct {
	keeprouter.Usage
	extra map[string]json.RawMessage // cost and the like, under the same names on both formats
}

// chatCounts reads what a Chat server counted. given is for answers that were not
// read from the wire.
func chatCounts(wire *keeprouter.ChatUsage, given keeprouter.Usage, l *ledger) counts {
	if wire == nil {
		return counts{Usage: orUnknown(given)}
	}
	c := counts{extra: costs(wire.Cost, wire.Extra, l)}
	var r keeprouter.ChatResponse
	if data, err := jsonx.Encode(map[string]any{"usage": wire}); err != nil || r.UnmarshalJSON(data) != nil {
		return counts{Usage: keeprouter.Usage{Unknown: true}}
	}
	c.Usage = r.Usage
	if c.InputAudio+c.OutputAudio > 0 {
		l.note("usage", Dropped, "the Messages format doesn't count audio apart")
	}
	if d := wire.CompletionTokensDetails; d != nil && d.AcceptedPredictionTokens+d.RejectedPredictionTokens > 0 {
		l.note("usage.completion_tokens_details", Dropped, "the Messages format doesn't count predictions")
	}
	return c
}

// messagesCounts reads what a Messages server counted.
func messagesCounts(wire *keeprouter.MessagesUsage, given keeprouter.Usage, l *ledger) counts {
	if wire == nil {
		return counts{Usage: orUnknown(given)}
	}
	c := counts{extra: costs(wire.Cost, wire.Extra, l)}
	var r keeprouter.MessagesResponse
	if data, err := jsonx.Encode(map[string]any{"usage": wire}); err != nil || r.UnmarshalJSON(data) != nil {
		return counts{Usage: keeprouter.Usage{Unknown: true}}
	}
	c.Usage = r.Usage
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"server_tool_use", wire.ServerToolUse != nil && *numbersOf(wire.ServerToolUse) != [2]int64{}},
		{"service_tier", wire.ServiceTier != "" && wire.ServiceTier != "standard"},
		{"inference_geo", wire.InferenceGeo != ""},
		{"speed", wire.Speed != "" && wire.Speed != "standard"},
	} {
		if f.set {
			l.note("usage."+f.name, Dropped, "the Chat format doesn't count this")
		}
	}
	return c
}

func numbersOf(u *keeprouter.MessagesServerToolUse) *[2]int64 {
	return &[2]int64{u.WebSearchRequests, u.WebFetchRequests}
}

func orUnknown(given keeprouter.Usage) keeprouter.Usage {
	if given == (keeprouter.Usage{}) {
		given.Unknown = true
	}
	return given
}

// costs keeps what a server says about the cost.
func costs(cost json.RawMessage, extra map[string]json.RawMessage, l *ledger) map[string]json.RawMessage {
	kept := map[string]json.RawMessage{}
	if len(cost) > 0 {
		kept["cost"] = cost
	}
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		switch {
		case strings.HasPrefix(name, "cost"):
			kept[name] = extra[name]
		default:
			l.note(join("usage", name), Dropped, "the other format doesn't count this")
		}
	}
	return kept
}

// withoutCost is what stands beside the cost itself.
func (c *counts) withoutCost() map[string]json.RawMessage {
	rest := maps.Clone(c.extra)
	delete(rest, "cost")
	if len(rest) == 0 {
		return nil
	}
	return rest
}

// messages writes the counts as Messages has them: beside each other. Clients of that
// format read the numbers without looking whether they are there.
func (c *counts) messages() *keeprouter.MessagesUsage {
	written := c.CacheWrite + c.CacheWrite1h
	u := &keeprouter.MessagesUsage{
		InputTokens:              max(0, c.Input-c.CachedInput-written),
		CacheReadInputTokens:     c.CachedInput,
		CacheCreationInputTokens: written,
		OutputTokens:             c.Output,
		Cost:                     c.extra["cost"],
		Extra:                    c.withoutCost(),
	}
	if c.CacheWrite1h > 0 {
		u.CacheCreation = &keeprouter.MessagesCacheCreation{Ephemeral5m: c.CacheWrite, Ephemeral1h: c.CacheWrite1h}
	}
	if c.Reasoning > 0 {
		u.OutputTokensDetails = &keeprouter.MessagesOutputTokens{ThinkingTokens: c.Reasoning}
	}
	return u
}

// chat writes the counts as Chat has them: totals, and parts of them.
func (c *counts) chat() *keeprouter.ChatUsage {
	if c.Unknown {
		return nil
	}
	written := c.CacheWrite + c.CacheWrite1h
	u := &keeprouter.ChatUsage{
		PromptTokens:     c.Input,
		CompletionTokens: c.Output,
		TotalTokens:      c.Input + c.Output,
		Cost:             c.extra["cost"],
		Extra:            c.withoutCost(),
	}
	if c.CachedInput > 0 || written > 0 {
		u.PromptTokensDetails = &keeprouter.ChatPromptTokens{CachedTokens: c.CachedInput, CacheWriteTokens: written}
	}
	if c.Reasoning > 0 {
		u.CompletionTokensDetails = &keeprouter.ChatCompletionTokens{ReasoningTokens: c.Reasoning}
	}
	if c.CacheWrite1h > 0 {
		u.CacheCreation = &keeprouter.MessagesCacheCreation{Ephemeral5m: c.CacheWrite, Ephemeral1h: c.CacheWrite1h}
	}
	return u
}
