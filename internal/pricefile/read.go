package pricefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/strictjson"
)

// Read reads a table strictly: what it doesn't understand could be a price. Prices
// are decimal strings, so that no float can get in. Every error is an [*strictjson.Error].
func Read(data []byte) (*File, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, syntaxError(data, err)
	}
	file, err := readFile(data)
	if err != nil {
		if _, ok := errors.AsType[*strictjson.Error](err); !ok {
			err = strictjson.Problemf("%s", err)
		}
		return nil, err
	}
	return file, nil
}

func syntaxError(data []byte, err error) error {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return strictjson.Problemf("%s", err)
	}
	read := data[:min(syntax.Offset, int64(len(data)))]
	return strictjson.In(fmt.Sprintf("line %d", 1+bytes.Count(read, []byte("\n"))), strictjson.Problemf("%s", syntax))
}

func readFile(data []byte) (*File, error) {
	object, err := strictjson.Read(data, "schema", "source", "currency", "per_tokens", "generated_at", "models")
	if err != nil {
		return nil, err
	}
	for _, want := range []struct{ key, literal string }{
		{"schema", "1"},
		{"currency", `"USD"`},
		{"per_tokens", "1000000"},
	} {
		if have := string(object[want.key]); have != want.literal {
			return nil, strictjson.In(want.key, strictjson.Problemf("want %s, have %.40s", want.literal, strictjson.OrNothing(have)))
		}
	}
	f := &File{}
	if f.Source, err = object.Text("source"); err != nil {
		return nil, err
	}
	if f.Generated, err = object.Moment("generated_at"); err != nil {
		return nil, err
	}
	models, err := object.List("models")
	if err != nil {
		return nil, err
	}
	taken := names{}
	for i, data := range models {
		model, err := readModel(data, taken)
		if err != nil {
			return nil, strictjson.In(modelPlace(i, model.ID), err)
		}
		f.Models = append(f.Models, model)
	}
	return f, nil
}

func modelPlace(i int, id string) string {
	if id == "" {
		return fmt.Sprintf("models[%d]", i)
	}
	return fmt.Sprintf("models[%d] (%s)", i, strictjson.Shortened(id))
}

// readModel returns the id with an error when it is readable: it tells more than an
// index.
func readModel(data []byte, taken names) (Model, error) {
	object, err := strictjson.Read(data, "id", "aliases", "prices")
	var m Model
	if err != nil {
		m.ID, _ = object.Text("id")
		return m, err
	}
	if m.ID, err = object.Text("id"); err != nil {
		return m, err
	}
	if m.Aliases, err = object.Texts("aliases"); err != nil {
		return m, err
	}
	if err := taken.add(m); err != nil {
		return m, err
	}
	m.Rows, err = readRows(object)
	return m, err
}

// names are the ids by each of their names in lower case.
type names map[string]string

func (n names) add(m Model) error {
	if err := n.register(m.ID, m.ID); err != nil {
		return strictjson.In("id", err)
	}
	for i, alias := range m.Aliases {
		if err := n.register(alias, m.ID); err != nil {
			return strictjson.In(fmt.Sprintf("aliases[%d]", i), err)
		}
	}
	return nil
}

func (n names) register(name, id string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return strictjson.Problemf("%.80q is not a name in printable ASCII without spaces", name)
	}
	if other, taken := n[Lower(name)]; taken {
		return strictjson.Problemf("%.80q is already a name of %.80s, if upper and lower case count the same", name, other)
	}
	n[Lower(name)] = id
	return nil
}

func readRows(model strictjson.Object) ([]Row, error) {
	list, err := model.List("prices")
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(list))
	for i, data := range list {
		row, err := readRow(data)
		if err == nil && i > 0 {
			err = rows[i-1].joins(row)
		}
		if err != nil {
			return nil, strictjson.In(fmt.Sprintf("prices[%d]", i), err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// joins refuses a gap too: a day without a price is more likely a slip of the pen
// than a day on which the model wasn't sold.
func (r *Row) joins(next Row) error {
	from := next.From.Format(time.DateOnly)
	switch {
	case r.To.IsZero() || next.From.Before(r.To):
		return strictjson.In("from", strictjson.Problemf("%s overlaps the row before; rows go by date, and each but the last ends", from))
	case next.From.After(r.To):
		return strictjson.In("from", strictjson.Problemf("%s leaves a gap after the row before, which ends on %s", from, r.To.Format(time.DateOnly)))
	}
	return nil
}

func readRow(data []byte) (Row, error) {
	object, err := strictjson.Read(data, append(Kinds(), "from", "to", "tiers", "free", "source", "checked")...)
	if err != nil {
		return Row{}, err
	}
	var r Row
	if err := r.readDates(object); err != nil {
		return r, err
	}
	if r.Source, err = object.Text("source"); err != nil {
		return r, err
	}
	if !strings.HasPrefix(r.Source, "https://") {
		return r, strictjson.In("source", strictjson.Problemf("want an https address"))
	}
	if r.Free, err = object.Flag("free"); err != nil {
		return r, err
	}
	if r.Rates, err = readRates(object, r.Free, Input, Output); err != nil {
		return r, err
	}
	if r.Tiers, err = readTiers(object, r.Free); err != nil {
		return r, err
	}
	if r.Free && !r.hasZero() {
		return r, strictjson.In("free", strictjson.Problemf("none of its prices is 0, so leave it out"))
	}
	return r, nil
}

func (r *Row) readDates(object strictjson.Object) (err error) {
	if r.From, err = object.Date("from"); err != nil {
		return err
	}
	if object.Has("to") {
		if r.To, err = object.Date("to"); err != nil {
			return err
		}
		if !r.From.Before(r.To) {
			return strictjson.In("to", strictjson.Problemf("it must be after from; it is the first day on which the prices no longer hold"))
		}
	}
	r.Checked, err = object.Date("checked")
	return err
}

func (r *Row) hasZero() bool {
	all := []Rates{r.Rates}
	for _, tier := range r.Tiers {
		all = append(all, tier.Rates)
	}
	for _, rates := range all {
		for _, rate := range rates {
			if rate == 0 {
				return true
			}
		}
	}
	return false
}

func readTiers(row strictjson.Object, free bool) ([]Tier, error) {
	list, err := row.OptionalList("tiers")
	if err != nil {
		return nil, err
	}
	var tiers []Tier
	for i, data := range list {
		tier, err := readTier(data, free)
		if err == nil && i > 0 && tier.Above <= tiers[i-1].Above {
			err = strictjson.In("above_input_tokens", strictjson.Problemf("%d is not above the tier before; tiers ascend", tier.Above))
		}
		if err != nil {
			return nil, strictjson.In(fmt.Sprintf("tiers[%d]", i), err)
		}
		tiers = append(tiers, tier)
	}
	return tiers, nil
}

func readTier(data []byte, free bool) (Tier, error) {
	object, err := strictjson.Read(data, append(Kinds(), "above_input_tokens", "inclusive")...)
	if err != nil {
		return Tier{}, err
	}
	var t Tier
	if t.Above, err = object.Tokens("above_input_tokens"); err != nil {
		return t, err
	}
	if t.Inclusive, err = object.Flag("inclusive"); err != nil {
		return t, err
	}
	if t.Rates, err = readRates(object, free); err != nil {
		return t, err
	}
	if len(t.Rates) == 0 {
		return t, strictjson.Problemf("it has no price, so it changes nothing")
	}
	return t, nil
}

func readRates(object strictjson.Object, free bool, required ...string) (Rates, error) {
	rates := Rates{}
	for _, kind := range required {
		if !object.Has(kind) {
			return nil, strictjson.In(kind, strictjson.Problemf("it is missing"))
		}
	}
	for _, kind := range Kinds() {
		if !object.Has(kind) {
			continue
		}
		text, err := object.Text(kind)
		if err != nil {
			return nil, err
		}
		rate, err := ParseRate(text)
		if err != nil {
			return nil, strictjson.In(kind, err)
		}
		if rate == 0 && !free {
			return nil, strictjson.In(kind, strictjson.Problemf(`a price of 0 is more likely a gap than a gift; if it is one, say "free": true in the row`))
		}
		rates[kind] = rate
	}
	return rates, nil
}

const (
	rateDecimals = 6
	perDollar    = 1_000_000                 // millionths
	maxRate      = math.MaxInt64 / perDollar // in pico-dollars per 1M tokens it is an int64 still
)

// ParseRate reads a price in dollars per 1M tokens whose millionth part is exact.
func ParseRate(text string) (int64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return 0, strictjson.Problemf(`%.40q is not a decimal number such as "0.12"`, text)
	}
	if len(fraction) > rateDecimals {
		return 0, strictjson.Problemf("%.40q has more than %d decimals", text, rateDecimals)
	}
	rate, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", rateDecimals-len(fraction)), 10, 64)
	if err != nil || rate > maxRate {
		return 0, strictjson.Problemf("%.40q is out of range: %s is the most", text, FormatRate(maxRate))
	}
	return rate, nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// FormatRate writes a price in dollars with at least two decimals.
func FormatRate(rate int64) string {
	text := fmt.Sprintf("%d.%0*d", rate/perDollar, rateDecimals, rate%perDollar)
	for strings.HasSuffix(text, "0") && len(text)-strings.IndexByte(text, '.') > 3 {
		text = text[:len(text)-1]
	}
	return text
}
