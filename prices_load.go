package keeprouter

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
	"github.com/keeprouter/keeprouter-go/internal/strictjson"
)

// maxPricesBytes is of a table that a program reads from a place of its own choice.
const maxPricesBytes = 16 << 20

// PriceTableError tells what is wrong with a price table, and where. It matches
// [ErrPriceTable] and its cause.
type PriceTableError struct {
	Table   string // the file or address that it came from; empty for a reader
	Where   string // the place in it, such as "models[0] (gemma-4-31B-it): prices[1]: input"; empty for the whole
	Problem string // what is wrong there
	Err     error  // the cause, when there is one
}

// Error says what is wrong, where in which table.
func (e *PriceTableError) Error() string {
	text := "keeprouter: " + string(ErrPriceTable)
	for _, part := range []string{e.Table, e.Where, e.Problem} {
		if part != "" {
			text += ": " + part
		}
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns [ErrPriceTable] and the cause, for [errors.Is] and [errors.As].
func (e *PriceTableError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrPriceTable}
	}
	return []error{ErrPriceTable, e.Err}
}

// LoadPrices reads a price table from a file, in the form that
// [PriceTable.MarshalJSON] writes. See [ReadPrices].
func LoadPrices(path string) (*PriceTable, error) {
	f, err := os.Open(path)
	if err != nil {
		if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
			err = wrapped.Err
		}
		return nil, &PriceTableError{Table: path, Problem: "it can't be opened", Err: err}
	}
	defer f.Close()
	return readPrices(f, path, maxPricesBytes)
}

// ReadPrices reads a price table, in the form that [PriceTable.MarshalJSON] writes and
// of at most 16 MiB. It is strict: an unknown field, a price that isn't a decimal string
// of at most six decimals, a price of 0 in a row that isn't marked free, rows that
// overlap or leave a gap, and a name that is there twice are errors, each a
// [*PriceTableError] that tells the place.
func ReadPrices(r io.Reader) (*PriceTable, error) {
	return readPrices(r, "", maxPricesBytes)
}

func readPrices(r io.Reader, table string, most int64) (*PriceTable, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, &PriceTableError{Table: table, Problem: "it can't be read", Err: err}
	}
	if int64(len(data)) > most {
		return nil, &PriceTableError{Table: table, Problem: fmt.Sprintf("it is larger than %d bytes", most)}
	}
	return parsePrices(data, table)
}

func parsePrices(data []byte, table string) (*PriceTable, error) {
	file, err := pricefile.Read(data)
	if err != nil {
		return nil, tableError(table, err)
	}
	return newPriceTable(file, pricefile.Encode), nil
}

// tableError gives an error of the file's form its public face.
func tableError(table string, err error) error {
	if e, ok := errors.AsType[*strictjson.Error](err); ok {
		return &PriceTableError{Table: table, Where: e.Where, Problem: e.Problem}
	}
	return &PriceTableError{Table: table, Err: err}
}

// newPriceTable makes a table that encode writes. It is told which, because a program
// that reads no table of its own should not link how one is written and checked.
func newPriceTable(file *pricefile.File, encode func(*pricefile.File) ([]byte, error)) *PriceTable {
	t := &PriceTable{file: file, encode: encode, names: map[string]*modelPrices{}}
	for _, model := range file.Models {
		m := &modelPrices{id: model.ID}
		for _, row := range model.Rows {
			m.rows = append(m.rows, newPriceRow(row))
		}
		t.models = append(t.models, m)
		t.names[pricefile.Lower(m.id)] = m
		for _, alias := range model.Aliases {
			t.names[pricefile.Lower(alias)] = m
		}
	}
	return t
}

func newPriceRow(row pricefile.Row) priceRow {
	r := priceRow{from: row.From, to: row.To, rates: moneyRates(row.Rates)}
	for _, tier := range row.Tiers {
		t := priceTier{least: tier.Above, rates: maps.Clone(r.rates)}
		if !tier.Inclusive {
			t.least++
		}
		maps.Copy(t.rates, moneyRates(tier.Rates))
		r.tiers = append(r.tiers, t)
	}
	return r
}

// moneyRates turns pico-dollars per token into the price of 1M tokens.
func moneyRates(rates pricefile.Rates) map[string]Money {
	money := make(map[string]Money, len(rates))
	for kind, rate := range rates {
		money[kind] = Money(rate) * perTokens
	}
	return money
}

// MarshalJSON writes the whole table in the form that [ReadPrices] reads, whether it is
// frozen or not. The same table is always the same bytes, so that a change of one that
// is stored with [json.MarshalIndent] shows line by line.
func (t *PriceTable) MarshalJSON() ([]byte, error) {
	if t == nil || t.file == nil {
		return nil, &PriceTableError{Problem: "a table without models can't be written; start from DefaultPrices or ReadPrices"}
	}
	data, err := t.encode(t.file)
	if err != nil {
		return nil, tableError("", err)
	}
	return data, nil
}

// Merge returns a table with the models of newer in place of those with the same id
// here, and its other models after them. It is frozen if this one is. Neither table
// changes.
//
// History is only added to: of a model that both tables hold, newer must have the same
// rows, of which the last one may have got an end, after the day on which this table
// checked it, and may have more after them. That, and a name that two models would
// have, are errors that match [ErrPriceTable].
func (t *PriceTable) Merge(newer *PriceTable) (*PriceTable, error) {
	if newer == nil || newer.file == nil {
		return nil, &PriceTableError{Problem: "there is no newer table to merge; check the error of reading it"}
	}
	older := &pricefile.File{}
	if t != nil && t.file != nil {
		older = t.file
	}
	file, err := pricefile.Merge(older, newer.file)
	if err != nil {
		return nil, tableError("", err)
	}
	merged := newPriceTable(file, pricefile.Encode)
	if t != nil {
		merged.at = t.at
	}
	return merged, nil
}
