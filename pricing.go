package keeprouter

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// Models that the gateway serves. The prices are those of 2026-07-05, the day that
// [DefaultPrices] was checked against the gateway's pages.
const (
	// Gemma4_31B is Google DeepMind's Gemma 4 31B, instruction tuned: $0.12 per 1M
	// tokens in and $0.35 per 1M tokens out.
	// Source: https://keeprouter.com/models/gemma-4-31b.md
	Gemma4_31B = "gemma-4-31B-it"
	// Gemini35Flash is Google DeepMind's Gemini 3.5 Flash: $1.50 per 1M tokens in
	// and $9 per 1M tokens out.
	// Source: the related models on https://keeprouter.com/models/gemma-4-31b.md
	Gemini35Flash = "gemini-3.5-flash"
)

// Errors of pricing.
const (
	// ErrUnknownModel: the price table doesn't hold the model. The error is an
	// [*UnknownModelError].
	ErrUnknownModel ErrorKind = "unknown model"
	// ErrNoPrice: the table holds the model, but no price for that date.
	ErrNoPrice ErrorKind = "no price at that date"
	// ErrUsageUnknown: the gateway reported no usage, so there is nothing to price.
	ErrUsageUnknown ErrorKind = "usage unknown"
	// ErrInconsistentUsage: a count is negative, parts exceed their total, or parts with
	// prices of their own overlap by a number that the counts don't tell.
	ErrInconsistentUsage ErrorKind = "inconsistent usage"
	// ErrOverflow: an amount exceeds the range of [Money].
	ErrOverflow ErrorKind = "out of the range of Money"
	// ErrPriceTable: a price table can't be read, merged, written or refreshed. The error
	// is a [*PriceTableError].
	ErrPriceTable ErrorKind = "price table"
)

// PriceTable tells what models cost. It never changes and is safe for concurrent
// use. Prices are in USD per 1M tokens and dated: each holds from the beginning of
// one day, in UTC, up to but not including another. What the table doesn't know is
// an error, never $0. The zero table knows no model.
//
// Start from [DefaultPrices], read a table of your own with [LoadPrices], put one over
// the other with [PriceTable.Merge], or keep one fresh with a [PriceRefresher].
type PriceTable struct {
	file   *pricefile.File // what it was read from; nil for the zero table
	encode func(*pricefile.File) ([]byte, error)
	models []*modelPrices          // in the order of the file
	names  map[string]*modelPrices // by id and alias in lower case
	at     *time.Time              // the frozen moment; nil is now
}

// modelPrices is what a table holds of one model.
type modelPrices struct {
	id   string
	rows []priceRow // by date, none overlapping
}

// priceRow is the prices of a span of time. A kind that is not in rates has no
// price of its own.
type priceRow struct {
	from, to time.Time // half open; a zero to is no end
	rates    map[string]Money
	tiers    []priceTier // ascending
}

// priceTier is the prices of a call whose input reaches a size, every kind included
// that the row has.
type priceTier struct {
	least int64 // tokens of input
	rates map[string]Money
}

// PriceSource is where a client finds the price table when a call ends. A [*PriceTable]
// is a source of itself; a [*PriceRefresher] is one that changes. Prices must be safe for
// concurrent use, return at once, and never return nil.
type PriceSource interface {
	Prices() *PriceTable
}

// Prices returns the table itself, so that it is a [PriceSource].
func (t *PriceTable) Prices() *PriceTable { return t }

//go:embed prices.json
var pricesJSON []byte

var defaultPrices = sync.OnceValue(func() *PriceTable {
	// A test holds that this is the table that parsePrices reads, and how it is written.
	return newPriceTable(pricefile.Trust(pricesJSON), func(*pricefile.File) ([]byte, error) { return bytes.Clone(pricesJSON), nil })
})

// DefaultPrices returns the table that comes with this version of the library: the
// prices on the gateway's pages, in force from 2026-07-05 and checked on that day.
func DefaultPrices() *PriceTable { return defaultPrices() }

// At returns the table frozen at a moment: its Cost applies the prices that were in
// force then. Use it to price what was used earlier, and in tests.
func (t *PriceTable) At(moment time.Time) *PriceTable {
	var frozen PriceTable
	if t != nil {
		frozen = *t
	}
	frozen.at = &moment
	return &frozen
}

// Generated returns the time at which the table was put together, in UTC: what the
// gateway changed after it isn't in here. It is the zero time for the zero table.
func (t *PriceTable) Generated() time.Time {
	if t == nil || t.file == nil {
		return time.Time{}
	}
	return t.file.Generated
}

// Models returns the ids of the models in the order of the table.
func (t *PriceTable) Models() []string {
	if t == nil {
		return nil
	}
	ids := make([]string, len(t.models))
	for i, m := range t.models {
		ids[i] = m.id
	}
	return ids
}

// Cost returns what the usage costs on a model, exactly, by the prices now in force
// or those of [PriceTable.At]. The model is found by its id or an alias, in upper or
// lower case; nothing is guessed.
//
// A part of the usage without a price of its own, such as cached tokens, stays in
// its total and is charged at the total's price; [CostLine.Inherited] tells. A token
// that is both audio and cached is charged as cached; how many of the audio tokens that
// are must follow from the counts when both have a price, else the usage is
// inconsistent. Where a model's price depends on the size of the prompt, Usage.Input
// decides for the whole call.
//
// The error matches [ErrUnknownModel], [ErrNoPrice], [ErrUsageUnknown],
// [ErrInconsistentUsage] or [ErrOverflow], and the Cost then holds it too, so it may
// be logged or stored as it is.
func (t *PriceTable) Cost(model string, u Usage) (Cost, error) {
	cost, err := t.cost(model, u)
	if err != nil {
		return Cost{Model: model, Err: err}, err
	}
	return cost, nil
}

func (t *PriceTable) cost(model string, u Usage) (Cost, error) {
	m, err := t.find(model)
	if err != nil {
		return Cost{}, err
	}
	if u.Unknown {
		return Cost{}, fmt.Errorf("keeprouter: the server reported no tokens for %s: %w; fill in a Usage from a count of your own to price it", m.id, ErrUsageUnknown)
	}
	if err := u.Validate(); err != nil {
		return Cost{}, err
	}
	row, err := m.row(t.moment())
	if err != nil {
		return Cost{}, err
	}
	lines, err := row.lines(u)
	if err != nil {
		return Cost{}, err
	}
	return priced(m.id, lines)
}

func (t *PriceTable) moment() time.Time {
	if t.at != nil {
		return *t.at
	}
	return time.Now()
}

func (m *modelPrices) row(at time.Time) (*priceRow, error) {
	for i := range m.rows {
		r := &m.rows[i]
		if !at.Before(r.from) && (r.to.IsZero() || at.Before(r.to)) {
			return r, nil
		}
	}
	const text = "keeprouter: %s on %s: %w; its prices %s, so price by another date with PriceTable.At, or update the library"
	return nil, fmt.Errorf(text, m.id, at.UTC().Format(time.DateOnly), ErrNoPrice, m.span(at))
}

// span tells the end of the rows that at lies beyond.
func (m *modelPrices) span(at time.Time) string {
	if first := m.rows[0].from; at.Before(first) {
		return "begin on " + first.Format(time.DateOnly)
	}
	return "end before " + m.rows[len(m.rows)-1].to.Format(time.DateOnly)
}
