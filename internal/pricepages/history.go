package pricepages

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// Aliases are other names of models by id.
type Aliases map[string][]string

// offer is what a page says of one model.
type offer struct {
	id     string
	link   string // the name of the page by which it was found
	rates  pricefile.Rates
	own    bool // whether the page is the model's own, and so tells all of its prices
	date   time.Time
	source string
	file   string
	line   int
}

func (o *offer) wrong(format string, args ...any) error {
	return &Error{File: o.file, Line: o.line, Problem: fmt.Sprintf(format, args...)}
}

// Generate adds to a table what the pages say, and returns it as a file. A nil table
// is an empty one. A model that is new gets a row from the date of its page on; a
// price that changed ends the row in force and adds one; a price that still holds is
// marked as checked. No row is ever rewritten. Pages that contradict each other or
// the table are an error.
//
// A model in a list of related ones is the one whose page is linked if that page is
// given too, else the name of the page is its id.
func Generate(table *pricefile.File, pages []*Page, aliases Aliases) ([]byte, error) {
	if len(pages) == 0 {
		return nil, errors.New("there are no pages to read")
	}
	next := &pricefile.File{Source: "keeprouter"}
	if table != nil {
		*next = *table
		next.Models = slices.Clone(table.Models)
	}
	offers, err := collect(pages)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if err := o.addTo(next); err != nil {
			return nil, err
		}
		if o.date.After(next.Generated) {
			next.Generated = o.date
		}
	}
	if err := aliases.addTo(next); err != nil {
		return nil, err
	}
	return pricefile.Encode(next)
}

// collect returns one offer a model, in the order of the pages.
func collect(pages []*Page) ([]*offer, error) {
	ids := map[string]string{} // by name of page
	for _, p := range pages {
		if _, twice := ids[p.Name]; twice {
			return nil, &Error{File: p.file, Line: 1, Problem: "the page was given twice"}
		}
		ids[p.Name] = p.ID
	}
	var offers []*offer
	for _, p := range pages {
		for _, o := range p.offers(ids) {
			i := slices.IndexFunc(offers, func(other *offer) bool { return other.id == o.id })
			if i < 0 {
				offers = append(offers, o)
				continue
			}
			better, err := offers[i].with(o)
			if err != nil {
				return nil, err
			}
			offers[i] = better
		}
	}
	return offers, nil
}

func (p *Page) offers(ids map[string]string) []*offer {
	source := Site + p.Name + ".md"
	offers := []*offer{{id: p.ID, link: p.Name, rates: p.Rates, own: true, date: p.Date, source: source, file: p.file, line: p.Line}}
	for _, other := range p.Related {
		id, ok := ids[other.Name]
		if !ok {
			id = other.Name
		}
		offers = append(offers, &offer{id: id, link: other.Name, rates: other.Rates, date: p.Date, source: source, file: p.file, line: other.Line})
	}
	return offers
}

// with returns the offer that tells more of two that agree.
func (o *offer) with(other *offer) (*offer, error) {
	if o.own && other.own {
		return nil, other.wrong("%s has a page of its own already, %s", o.id, o.file)
	}
	for _, kind := range []string{pricefile.Input, pricefile.Output} {
		if o.rates[kind] != other.rates[kind] {
			const text = "the price of %s of %s is $%s here, and $%s in %s:%d"
			return nil, other.wrong(text, kind, o.id, pricefile.FormatRate(other.rates[kind]), pricefile.FormatRate(o.rates[kind]), o.file, o.line)
		}
	}
	if other.own || !o.own && other.date.After(o.date) {
		return other, nil
	}
	return o, nil
}

func (o *offer) addTo(table *pricefile.File) error {
	row := pricefile.Row{From: o.date, Rates: o.rates, Source: o.source, Checked: o.date}
	i := slices.IndexFunc(table.Models, func(m pricefile.Model) bool { return m.ID == o.id })
	if i < 0 {
		if !o.own && o.id == o.link && tells(table, Site+o.link+".md") {
			return o.wrong("give the page %s.md too: the table knows it, but no model of that name, so only the page tells the id", o.link)
		}
		table.Models = append(table.Models, pricefile.Model{ID: o.id, Rows: []pricefile.Row{row}})
		return nil
	}
	m := &table.Models[i]
	m.Rows = slices.Clone(m.Rows)
	last := &m.Rows[len(m.Rows)-1]
	if !last.To.IsZero() {
		if !last.To.Equal(o.date) {
			return o.wrong("the prices of %s end on %s in the table; enter by hand what holds since then", o.id, last.To.Format(time.DateOnly))
		}
		m.Rows = append(m.Rows, row)
		return nil
	}
	if o.confirms(last) {
		o.check(last)
		return nil
	}
	if !o.tellsAll(last) {
		return o.wrong("the table has prices of %s that this page doesn't tell; enter the change by hand", o.id)
	}
	if !o.date.After(last.Checked) {
		const text = "the prices of %s differ from the table's, which were seen on %s; the page must be newer than that"
		return o.wrong(text, o.id, last.Checked.Format(time.DateOnly))
	}
	last.To = o.date
	m.Rows = append(m.Rows, row)
	return nil
}

// tells reports whether a price of the table comes from the page.
func tells(table *pricefile.File, source string) bool {
	for _, m := range table.Models {
		if slices.ContainsFunc(m.Rows, func(r pricefile.Row) bool { return r.Source == source }) {
			return true
		}
	}
	return false
}

// confirms reports whether the row says the same, as far as the page tells.
func (o *offer) confirms(row *pricefile.Row) bool {
	for kind, rate := range o.rates {
		if have, ok := row.Rates[kind]; !ok || have != rate {
			return false
		}
	}
	return !o.own || o.tellsAll(row) && len(row.Rates) == len(o.rates)
}

// tellsAll reports whether the page could tell every price of the row: otherwise a
// price that it lacks isn't known to be gone.
func (o *offer) tellsAll(row *pricefile.Row) bool {
	if len(row.Tiers) > 0 || row.Free {
		return false
	}
	for kind := range row.Rates {
		switch kind {
		case pricefile.Input, pricefile.Output:
		case pricefile.CachedInput, pricefile.CacheWrite:
			if !o.own {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// check notes the day on which a row was seen, if the page tells all of it.
func (o *offer) check(row *pricefile.Row) {
	if !o.tellsAll(row) || !o.date.After(row.Checked) {
		return
	}
	row.Checked = o.date
	if o.own {
		row.Source = o.source
	}
}

func (a Aliases) addTo(table *pricefile.File) error {
	for _, id := range slices.Sorted(maps.Keys(a)) {
		i := slices.IndexFunc(table.Models, func(m pricefile.Model) bool { return m.ID == id })
		if i < 0 {
			return fmt.Errorf("aliases: no page tells of %q", id)
		}
		m := &table.Models[i]
		m.Aliases = slices.Clone(m.Aliases)
		for _, alias := range a[id] {
			if !slices.Contains(m.Aliases, alias) {
				m.Aliases = append(m.Aliases, alias)
			}
		}
	}
	return nil
}
