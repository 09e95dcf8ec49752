package keeprouter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// Cost is what a call cost, exactly. It prints as its total, such as "$0.000295", or
// as "unknown" with the reason when Err is set. The zero Cost, which no model is named
// in, is unknown too.
type Cost struct {
	Total Money      // the sum of the lines; 0 when Err is set
	Lines []CostLine // one for each quantity with a price of its own; none of 0 tokens
	Model string     // id of the model whose price applied, or the name that wasn't priced
	Err   error      // why the cost is unknown; nil when it is known

	// Reported is what the gateway says that it charged, nil when it doesn't say. It
	// is kept beside Total, also when Err is set, and never takes its place. See
	// [Cost.Discrepancy].
	Reported *Money
}

// Discrepancy returns by how much the gateway's own amount exceeds Total, negative if
// it falls short. It is false when either is unknown, or when they differ by no more
// than a millionth of a dollar: gateways compute in floats and round, to six decimals
// as a rule, so that less says nothing. What remains is worth a look: a price that has
// changed, a discount or a surcharge, tokens that one side doesn't count.
func (c Cost) Discrepancy() (Money, bool) {
	if c.Reported == nil || c.reason() != nil {
		return 0, false
	}
	difference, err := c.Reported.Sub(c.Total)
	if err != nil || max(difference, -difference) <= Micro {
		return 0, false
	}
	return difference, true
}

// sameAmount reports whether both are unknown, or both the same.
func sameAmount(a, b *Money) bool { return a == b || a != nil && b != nil && *a == *b }

// CostLine is one priced quantity of a [Cost]. Each token is in one line.
type CostLine struct {
	// Kind is "input", "cached_input", "cache_write", "cache_write_1h",
	// "input_audio", "output", "reasoning" or "output_audio". The lines "input" and
	// "output" hold what is not in a line of its own.
	Kind   string `json:"kind"`
	Tokens int64  `json:"tokens"`
	Rate   Money  `json:"usd_per_1m_tokens"` // price in USD per 1M tokens
	Amount Money  `json:"amount"`            // Tokens at that price
	// Inherited is true when parts without a price of their own, such as cached
	// tokens, are in this line.
	Inherited bool `json:"inherited,omitzero"`
}

// errNotComputed is the reason of a Cost that nothing has filled in.
var errNotComputed = errors.New("keeprouter: not computed")

// reason is why the cost is unknown, nil if it is known.
func (c Cost) reason() error {
	if c.Err == nil && c.Model == "" {
		return errNotComputed
	}
	return c.Err
}

// String returns the total, or why it is unknown, and then also what the gateway says
// that it charged.
func (c Cost) String() string {
	if err := c.reason(); err != nil {
		why := strings.TrimPrefix(err.Error(), "keeprouter: ")
		if c.Reported != nil {
			why += "; the gateway reported " + c.Reported.String()
		}
		return "unknown (" + why + ")"
	}
	return c.Total.String()
}

// costJSON has either a total or an error, so that a reader can't take an unknown
// cost for $0.
type costJSON struct {
	Model string     `json:"model,omitzero"`
	Total *Money     `json:"total,omitzero"`
	Lines []CostLine `json:"lines,omitempty"`
	Error string     `json:"error,omitzero"`

	Reported *Money `json:"reported,omitzero"`
}

// MarshalJSON writes amounts as decimal strings in US dollars. An unknown cost has
// an "error" in place of its "total".
func (c Cost) MarshalJSON() ([]byte, error) {
	if err := c.reason(); err != nil {
		return jsonx.Encode(costJSON{Model: c.Model, Error: err.Error(), Reported: c.Reported})
	}
	return jsonx.Encode(costJSON{Model: c.Model, Total: &c.Total, Lines: c.Lines, Reported: c.Reported})
}

// UnmarshalJSON reads what MarshalJSON writes. Of an error only the text comes back.
func (c *Cost) UnmarshalJSON(data []byte) error {
	var j costJSON
	if _, err := jsonx.Unmarshal(data, &j); err != nil {
		return err
	}
	switch {
	case j.Error != "":
		*c = Cost{Model: j.Model, Err: errors.New(j.Error), Reported: j.Reported}
	case j.Total != nil:
		*c = Cost{Model: j.Model, Total: *j.Total, Lines: j.Lines, Reported: j.Reported}
	default:
		return errors.New(`keeprouter: a cost has neither "total" nor "error"; read it from the JSON of a Cost`)
	}
	return nil
}

// Kinds of priced quantities, in the words of prices.json.
const (
	kindInput        = "input"
	kindCachedInput  = "cached_input"
	kindCacheWrite   = "cache_write"
	kindCacheWrite1h = "cache_write_1h"
	kindInputAudio   = "input_audio"
	kindOutput       = "output"
	kindReasoning    = "reasoning"
	kindOutputAudio  = "output_audio"
)

// lines splits a usage into quantities that share no token.
func (r *priceRow) lines(u Usage) ([]CostLine, error) {
	rates := r.ratesFor(u.Input)
	parts := [...]count{
		{kindCachedInput, u.CachedInput},
		{kindCacheWrite, u.CacheWrite},
		{kindCacheWrite1h, u.CacheWrite1h},
		{kindInputAudio, 0},
	}
	cache, audio := parts[:3], &parts[3]
	var err error
	if *audio, err = uncachedAudio(rates, u, cache); err != nil {
		return nil, err
	}
	lines, err := split(make([]CostLine, 0, 2), rates, count{kindInput, u.Input}, parts[:]...)
	if err != nil {
		return nil, err
	}
	return split(lines, rates, count{kindOutput, u.Output}, count{kindReasoning, u.Reasoning}, count{kindOutputAudio, u.OutputAudio})
}

// ratesFor charges the whole call by the tier that its input reaches.
func (r *priceRow) ratesFor(input int64) map[string]Money {
	rates := r.rates
	for _, tier := range r.tiers {
		if input >= tier.least {
			rates = tier.rates
		}
	}
	return rates
}

// uncachedAudio is the audio that is in no priced part of the cache: of cached audio
// the cache's price holds. Servers don't tell how much of the audio was cached, so
// the number must follow from the counts.
func uncachedAudio(rates map[string]Money, u Usage, cache []count) (count, error) {
	audio := count{kindInputAudio, u.InputAudio}
	if _, ok := rates[kindInputAudio]; !ok {
		return audio, nil
	}
	rest := u.Input
	for _, part := range cache {
		if _, ok := rates[part.name]; ok {
			rest -= part.tokens
		}
	}
	cached := u.Input - rest
	least, most := max(0, u.InputAudio-cached), min(u.InputAudio, rest)
	if least != most {
		const text = "keeprouter: from %d to %d of the %d audio tokens aren't among the %d in the cache: %w; audio and cache have prices of their own here, so count them apart and price each Usage for itself"
		return audio, fmt.Errorf(text, least, most, u.InputAudio, cached, ErrInconsistentUsage)
	}
	audio.tokens = least
	return audio, nil
}

// split takes the parts that have a price of their own out of their total, and
// appends a line for what is left and one for each of them.
func split(lines []CostLine, rates map[string]Money, total count, parts ...count) ([]CostLine, error) {
	at := len(lines)
	lines = append(lines, CostLine{Kind: total.name, Tokens: total.tokens, Rate: rates[total.name]})
	rest := &lines[at]
	for _, part := range parts {
		if part.tokens == 0 {
			continue
		}
		switch rate, ok := rates[part.name]; {
		case !ok:
			rest.Inherited = true
		case part.tokens > rest.Tokens:
			return nil, inconsistent("the parts of %s that have a price of their own exceed its %d tokens with %s, so some overlap", total.name, total.tokens, part.name)
		default:
			rest.Tokens -= part.tokens
			lines = append(lines, CostLine{Kind: part.name, Tokens: part.tokens, Rate: rate})
			rest = &lines[at] // append may have moved it
		}
	}
	if rest.Tokens == 0 {
		lines = slices.Delete(lines, at, at+1)
	}
	return lines, nil
}

// perTokens is the number of tokens that a price is for.
const perTokens = 1_000_000

// priced fills in the amounts. The division is exact: the table holds no price with
// more than six decimals.
func priced(model string, lines []CostLine) (Cost, error) {
	cost := Cost{Model: model, Lines: lines}
	for i := range lines {
		line := &lines[i]
		var err error
		if line.Amount, err = (line.Rate / perTokens).Mul(line.Tokens); err != nil {
			return Cost{}, err
		}
		if cost.Total, err = cost.Total.Add(line.Amount); err != nil {
			return Cost{}, err
		}
	}
	return cost, nil
}

// plus adds what another call cost. The sum is unknown if either is.
func (c Cost) plus(d Cost) Cost {
	for _, part := range []Cost{c, d} {
		if err := part.reason(); err != nil {
			return Cost{Model: part.Model, Err: err}
		}
	}
	total, err := c.Total.Add(d.Total)
	if err != nil {
		return Cost{Model: c.Model, Err: err}
	}
	sum := Cost{Total: total, Model: c.Model, Lines: slices.Clone(c.Lines)}
	if !strings.Contains(c.Model, d.Model) {
		sum.Model += " + " + d.Model
	}
	for _, line := range d.Lines {
		sum.addLine(line)
	}
	return sum
}

// addLine joins a line to the one of its kind and rate. The amounts are within the
// total, which didn't overflow.
func (c *Cost) addLine(line CostLine) {
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Kind == line.Kind && l.Rate == line.Rate {
			l.Tokens += line.Tokens
			l.Amount += line.Amount
			l.Inherited = l.Inherited || line.Inherited
			return
		}
	}
	c.Lines = append(c.Lines, line)
}
