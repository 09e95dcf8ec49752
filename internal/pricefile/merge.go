package pricefile

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/strictjson"
)

// Merge returns the table with the models of newer in place of those with the same
// id, and its other models after them. History can't be rewritten: a model that both
// have keeps its rows, except that newer may end the last one and add more. Neither
// table changes.
func Merge(f, newer *File) (*File, error) {
	merged := &File{Source: f.Source, Generated: f.Generated, Models: slices.Clone(f.Models)}
	if merged.Source == "" {
		merged.Source = newer.Source
	}
	if newer.Generated.After(merged.Generated) {
		merged.Generated = newer.Generated
	}
	for _, m := range newer.Models {
		i := slices.IndexFunc(merged.Models, func(old Model) bool { return old.ID == m.ID })
		if i < 0 {
			merged.Models = append(merged.Models, m)
			continue
		}
		if err := merged.Models[i].continues(m); err != nil {
			return nil, strictjson.In(modelPlace(i, m.ID), err)
		}
		merged.Models[i] = m
	}
	taken := names{}
	for i, m := range merged.Models {
		if err := taken.add(m); err != nil {
			return nil, strictjson.In(modelPlace(i, m.ID), err)
		}
	}
	return merged, nil
}

// continues reports how newer rewrites what this model's rows say.
func (m *Model) continues(newer Model) error {
	for i, row := range m.Rows {
		place := fmt.Sprintf("prices[%d]", i)
		if i >= len(newer.Rows) {
			return strictjson.In(place, strictjson.Problemf("the row of %s is missing from the newer table; rows are only added", row.From.Format(time.DateOnly)))
		}
		if err := row.continues(newer.Rows[i]); err != nil {
			return strictjson.In(place, err)
		}
	}
	return nil
}

// continues lets an open row end only after the day on which its prices were seen.
func (r *Row) continues(newer Row) error {
	switch {
	case !r.From.Equal(newer.From):
		return strictjson.In("from", strictjson.Problemf("the newer table changes %s to %s; rows are only added", r.From.Format(time.DateOnly), newer.From.Format(time.DateOnly)))
	case !r.SamePrices(newer):
		return strictjson.Problemf("the newer table changes the prices of %s; end the row and add another", r.From.Format(time.DateOnly))
	case !r.To.IsZero() && !r.To.Equal(newer.To):
		return strictjson.In("to", strictjson.Problemf("the newer table changes the end of a row that ended on %s", r.To.Format(time.DateOnly)))
	case r.To.IsZero() && !newer.To.IsZero() && !newer.To.After(r.Checked):
		return strictjson.In("to", strictjson.Problemf("the newer table ends the row on %s, but its prices were still seen on %s", newer.To.Format(time.DateOnly), r.Checked.Format(time.DateOnly)))
	}
	return nil
}

// SamePrices reports whether two rows charge the same, whatever their dates.
func (r *Row) SamePrices(other Row) bool {
	return r.Free == other.Free && maps.Equal(r.Rates, other.Rates) &&
		slices.EqualFunc(r.Tiers, other.Tiers, func(a, b Tier) bool {
			return a.Above == b.Above && a.Inclusive == b.Inclusive && maps.Equal(a.Rates, b.Rates)
		})
}
