package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// parsePrices reads the form of prices.json strictly: what it doesn't understand
// could be a price. Prices are decimal strings, so that no float can get in.
func parsePrices(data []byte) (*PriceTable, error) {
	t, err := readTable(data)
	if err != nil {
		return nil, fmt.Errorf("keeprouter: price table: %w", err)
	}
	return t, nil
}

func readTable(data []byte) (*PriceTable, error) {
	file, err := readObject(data, "schema", "source", "currency", "per_tokens", "models")
	if err != nil {
		return nil, err
	}
	for _, want := range []struct{ key, literal string }{
		{"schema", "1"},
		{"currency", `"USD"`},
		{"per_tokens", "1000000"},
	} {
		if have := string(file[want.key]); have != want.literal {
			return nil, fmt.Errorf("%s: want %s, have %.40s", want.key, want.literal, orNothing(have))
		}
	}
	if _, err := file.text("source"); err != nil {
		return nil, err
	}
	models, err := file.list("models")
	if err != nil {
		return nil, err
	}
	t := &PriceTable{names: map[string]*modelPrices{}}
	for i, model := range models {
		if err := t.add(model); err != nil {
			return nil, fmt.Errorf("models[%d]%w", i, err)
		}
	}
	return t, nil
}

// add reads a model. Its errors continue "models[0]".
func (t *PriceTable) add(data []byte) error {
	object, err := readObject(data, "id", "aliases", "prices")
	if err != nil {
		// The id may still be readable, and tells more than an index.
		id, _ := object.text("id")
		return inModel(id, err)
	}
	id, err := object.text("id")
	if err != nil {
		return inModel("", err)
	}
	m := &modelPrices{id: id}
	if err := t.register(m, "id", id); err != nil {
		return inModel(id, err)
	}
	aliases, err := object.texts("aliases")
	if err != nil {
		return inModel(id, err)
	}
	for i, alias := range aliases {
		if err := t.register(m, fmt.Sprintf("aliases[%d]", i), alias); err != nil {
			return inModel(id, err)
		}
	}
	if m.rows, err = readRows(object); err != nil {
		return inModel(id, err)
	}
	t.models = append(t.models, m)
	return nil
}

func inModel(id string, err error) error {
	if id == "" {
		return fmt.Errorf(": %w", err)
	}
	return fmt.Errorf(" (%.80s): %w", id, err)
}

func (t *PriceTable) register(m *modelPrices, field, name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%s: %.80q is not a name in printable ASCII without spaces", field, name)
	}
	if other, taken := t.names[lower(name)]; taken {
		return fmt.Errorf("%s: %.80q is already a name of %s, if upper and lower case count the same", field, name, other.id)
	}
	t.names[lower(name)] = m
	return nil
}

func readRows(model object) ([]priceRow, error) {
	list, err := model.list("prices")
	if err != nil {
		return nil, err
	}
	rows := make([]priceRow, 0, len(list))
	for i, data := range list {
		row, err := readRow(data)
		if err != nil {
			return nil, fmt.Errorf("prices[%d]: %w", i, err)
		}
		if i > 0 {
			if err := rows[i-1].joins(row); err != nil {
				return nil, fmt.Errorf("prices[%d]: from: %w", i, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// joins refuses a gap too: a day without a price is more likely a slip of the pen
// than a day on which the model wasn't sold.
func (r *priceRow) joins(next priceRow) error {
	from := next.from.Format(time.DateOnly)
	switch {
	case r.to.IsZero() || next.from.Before(r.to):
		return fmt.Errorf("%s overlaps the row before; rows go by date, and each but the last ends", from)
	case next.from.After(r.to):
		return fmt.Errorf("%s leaves a gap after the row before, which ends on %s", from, r.to.Format(time.DateOnly))
	}
	return nil
}

func rateKinds() []string {
	return []string{
		kindInput, kindOutput,
		kindCachedInput, kindCacheWrite, kindCacheWrite1h, kindInputAudio, kindReasoning, kindOutputAudio,
	}
}

func readRow(data []byte) (priceRow, error) {
	row := priceRow{rates: map[string]Money{}}
	object, err := readObject(data, append(rateKinds(), "from", "to", "source", "checked")...)
	if err != nil {
		return row, err
	}
	if row.from, err = object.date("from"); err != nil {
		return row, err
	}
	if object.has("to") {
		if row.to, err = object.date("to"); err != nil {
			return row, err
		}
		if !row.from.Before(row.to) {
			return row, errors.New("to: it must be after from; it is the first day on which the prices no longer hold")
		}
	}
	if _, err = object.date("checked"); err != nil {
		return row, err
	}
	if source, err := object.text("source"); err != nil {
		return row, err
	} else if !strings.HasPrefix(source, "https://") {
		return row, errors.New("source: want an https address")
	}
	return row, row.readRates(object)
}

func (r *priceRow) readRates(row object) error {
	for _, kind := range rateKinds() {
		total := kind == kindInput || kind == kindOutput
		if !total && !row.has(kind) {
			continue
		}
		text, err := row.text(kind)
		if err != nil {
			return err
		}
		rate, err := parseRate(text)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if total && rate == 0 {
			return fmt.Errorf("%s: a price of 0 is more likely a gap than a gift", kind)
		}
		r.rates[kind] = rate
	}
	return nil
}

// parseRate reads a price per 1M tokens whose millionth part is exact.
func parseRate(text string) (Money, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return 0, fmt.Errorf(`%.40q is not a decimal number such as "0.12"`, text)
	}
	if len(fraction) > 6 {
		return 0, fmt.Errorf("%.40q has more than 6 decimals", text)
	}
	return ParseMoney(text)
}

// object is a JSON object with exactly the members that it may have: encoding/json
// alone would take "Input" for "input", and the last of two.
type object map[string]json.RawMessage

// readObject returns the object together with an error about one of its keys.
func readObject(data []byte, known ...string) (object, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("want an object, have %.40s", data)
	}
	o := object{}
	var wrong error
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return o, err
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return o, fmt.Errorf("%s: %w", key, err)
		}
		if _, twice := o[key]; twice && wrong == nil {
			wrong = fmt.Errorf("%s: the key is there twice", key)
		}
		if !slices.Contains(known, key) && wrong == nil {
			wrong = fmt.Errorf("%.80s: unknown key; known are %s", key, strings.Join(known, ", "))
		}
		o[key] = value
	}
	return o, wrong
}

// has counts null as absent.
func (o object) has(key string) bool {
	return len(o[key]) > 0 && string(o[key]) != "null"
}

func (o object) text(key string) (string, error) {
	if !o.has(key) {
		return "", fmt.Errorf("%s: it is missing", key)
	}
	var text string
	if json.Unmarshal(o[key], &text) != nil {
		return "", fmt.Errorf("%s: want a string, have %.40s", key, o[key])
	}
	if text == "" {
		return "", fmt.Errorf("%s: it is empty", key)
	}
	return text, nil
}

// texts returns none when the key is absent.
func (o object) texts(key string) ([]string, error) {
	var texts []string
	if o.has(key) && json.Unmarshal(o[key], &texts) != nil {
		return nil, fmt.Errorf("%s: want a list of strings, have %.40s", key, o[key])
	}
	return texts, nil
}

func (o object) list(key string) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if o.has(key) && json.Unmarshal(o[key], &list) != nil {
		return nil, fmt.Errorf("%s: want a list, have %.40s", key, o[key])
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it is missing or empty", key)
	}
	return list, nil
}

// date refuses years without large language models, so that no row can have the
// zero time, which stands for no end.
func (o object) date(key string) (time.Time, error) {
	text, err := o.text(key)
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 2000 {
		return time.Time{}, fmt.Errorf("%s: %.40q is not a date in the form 2026-07-05", key, text)
	}
	return day, nil
}

func orNothing(literal string) string {
	if literal == "" {
		return "nothing"
	}
	return literal
}
