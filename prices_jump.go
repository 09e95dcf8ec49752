package keeprouter

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

func stamp(t *PriceTable) string { return t.Generated().Format(time.RFC3339) }

// lost tells which name of this table is no longer that of the same model in next.
func (t *PriceTable) lost(next *PriceTable) string {
	for _, name := range slices.Sorted(maps.Keys(t.names)) {
		id := t.names[name].id
		if m, ok := next.names[name]; !ok || m.id != id {
			return fmt.Sprintf("it loses %q, a name of %s", name, id)
		}
	}
	return ""
}

// jump tells which price now in force would move by more than the factor, now or on a
// day that next has a row for.
func (t *PriceTable) jump(next *PriceTable, factor int64) string {
	now := next.moment()
	for _, m := range t.models {
		old, err := m.row(now)
		if err != nil {
			continue // it has no price to move away from
		}
		after := next.names[pricefile.Lower(m.id)]
		if _, err := after.row(now); err != nil {
			return fmt.Sprintf("it ends the price in force of %s", m.id)
		}
		for i := range after.rows {
			row := &after.rows[i]
			if !row.to.IsZero() && !row.to.After(now) {
				continue
			}
			if problem := old.jump(row, factor); problem != "" {
				return fmt.Sprintf("%s from %s on: %s", m.id, row.from.Format(time.DateOnly), problem)
			}
		}
	}
	return ""
}

// jump compares what a call is charged at every size at which either row changes.
func (r *priceRow) jump(next *priceRow, factor int64) string {
	sizes := []int64{0}
	for _, tier := range append(slices.Clone(r.tiers), next.tiers...) {
		sizes = append(sizes, tier.least)
	}
	for _, size := range sizes {
		before, after := r.ratesFor(size), next.ratesFor(size)
		for _, kind := range pricefile.Kinds() {
			old, rate := charged(before, kind), charged(after, kind)
			if beyond(old, rate, factor) || beyond(rate, old, factor) {
				const text = "the price of %s moves from %s to %s, beyond the factor of %d"
				return fmt.Sprintf(text, kind, old, rate, factor)
			}
		}
	}
	return ""
}

// charged is the price of a kind, its total's if it has none of its own.
func charged(rates map[string]Money, kind string) Money {
	if rate, ok := rates[kind]; ok {
		return rate
	}
	switch kind {
	case kindOutput, kindReasoning, kindOutputAudio:
		return rates[kindOutput]
	}
	return rates[kindInput]
}

// beyond reports whether high exceeds low times the factor, without a product that
// could overflow.
func beyond(low, high Money, factor int64) bool {
	switch {
	case high <= low:
		return false
	case low == 0:
		return true
	}
	return int64((high-1)/low) >= factor
}
