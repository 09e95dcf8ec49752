package keeprouter

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func priceFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "prices", name+".json"))
	require.NoError(t, err)
	return data
}

func TestEmbeddedPrices(t *testing.T) {
	t.Parallel()
	table, err := parsePrices(pricesJSON, "")
	require.NoError(t, err)
	from := day("2026-07-05")
	want := []modelPrices{
		{Gemma4_31B, []priceRow{{from: from, rates: map[string]Money{"input": 12 * Cent, "output": 35 * Cent}}}},
		{Gemini35Flash, []priceRow{{from: from, rates: map[string]Money{"input": 150 * Cent, "output": 9 * Dollar}}}},
	}
	var got []modelPrices
	for _, m := range table.models {
		got = append(got, *m)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(modelPrices{}, priceRow{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(table.file, DefaultPrices().file); diff != "" {
		t.Errorf("DefaultPrices is not the embedded table: %s", diff)
	}
	written, err := table.MarshalJSON()
	require.NoError(t, err)
	if string(written) != string(pricesJSON) {
		t.Error("the embedded table is not as it would be written")
	}
}

func TestParsePricesOfEveryKind(t *testing.T) {
	t.Parallel()
	table, err := parsePrices(priceFile(t, "valid-full"), "")
	require.NoError(t, err)
	want := []priceRow{
		{from: day("2026-01-01"), to: day("2026-07-05"), rates: map[string]Money{"input": 24 * Cent, "output": 70 * Cent}},
		{from: day("2026-07-05"), rates: map[string]Money{
			"input": 12 * Cent, "cached_input": 3 * Cent, "cache_write": 15 * Cent, "cache_write_1h": 24 * Cent, "input_audio": 50 * Cent,
			"output": 35 * Cent, "reasoning": 70 * Cent, "output_audio": Dollar + Micro,
		}},
	}
	if diff := cmp.Diff(want, table.models[0].rows, cmp.AllowUnexported(priceRow{})); diff != "" {
		t.Error(diff)
	}
}

func TestParsePricesRefuses(t *testing.T) {
	t.Parallel()
	const model, row = "models[0] (gemma-4-31B-it): ", "models[0] (gemma-4-31B-it): prices[0]: "
	tests := map[string]string{ // file, and what the error says after its prefix
		"price-number":       row + "input: want a string, have 0.12",
		"price-decimals":     row + `output: "0.3500001" has more than 6 decimals`,
		"price-negative":     row + `cached_input: "-0.01" is not a decimal number`,
		"price-dollar":       row + `input: "$0.12" is not a decimal number`,
		"price-exponent":     row + `input: "12e-2" is not a decimal number`,
		"price-zero":         row + "output: a price of 0",
		"price-too-large":    row + "input: ",
		"price-missing":      row + "output: it is missing",
		"price-null":         row + "output: it is missing",
		"price-twice":        row + "input: the key is there twice",
		"row-unknown-key":    row + "batch: unknown key",
		"row-key-case":       row + "Input: unknown key",
		"row-no-object":      row + `want an object, have "0.12"`,
		"date-bad":           row + `from: "2026-02-30" is not a date`,
		"date-short":         row + `from: "2026-7-5" is not a date`,
		"date-time":          row + `checked: "2026-07-05T00:00:00Z" is not a date`,
		"date-zero":          row + `to: "0001-01-01" is not a date`,
		"date-missing":       row + "from: it is missing",
		"checked-missing":    row + "checked: it is missing",
		"to-before-from":     row + "to: it must be after from",
		"source-bad":         row + "source: want an https address",
		"rows-overlap":       model + "prices[1]: from: 2026-08-31 overlaps",
		"rows-open":          model + "prices[1]: from: 2026-09-01 overlaps",
		"rows-order":         model + "prices[1]: from: 2026-07-05 overlaps",
		"rows-gap":           model + "prices[1]: from: 2026-09-02 leaves a gap after the row before, which ends on 2026-09-01",
		"rows-none":          model + "prices: it is missing or empty",
		"price-zero-part":    row + "cached_input: a price of 0",
		"free-for-nothing":   row + "free: none of its prices is 0",
		"free-string":        row + `free: want true or false, have "yes"`,
		"tiers-object":       row + "tiers: want a list, have {}",
		"tier-empty":         row + "tiers[0]: it has no price",
		"tier-order":         row + "tiers[1]: above_input_tokens: 200000 is not above the tier before",
		"tier-float":         row + "tiers[0]: above_input_tokens: want a whole number from 1 to 1000000000000, have 200000.5",
		"tier-zero-tokens":   row + "tiers[0]: above_input_tokens: want a whole number",
		"tier-no-tokens":     row + "tiers[0]: above_input_tokens: it is missing",
		"tier-zero":          row + "tiers[0]: input: a price of 0",
		"tier-unknown-key":   row + "tiers[0]: below: unknown key",
		"tier-inclusive":     row + "tiers[0]: inclusive: want true or false, have 1",
		"model-unknown-key":  model + "tokenizer: unknown key",
		"alias-case":         model + `aliases[0]: "GEMMA-4-31b-IT" is already a name of gemma-4-31B-it`,
		"alias-empty":        model + `aliases[0]: "" is not a name`,
		"aliases-string":     model + "aliases: want a list of strings",
		"id-missing":         "models[0]: id: it is missing",
		"id-number":          "models[0]: id: want a string, have 4",
		"id-space":           `models[0] (gemma 4): id: "gemma 4" is not a name`,
		"id-twice":           `models[1] (gemma-4-31B-it): id: "gemma-4-31B-it" is already a name`,
		"models-none":        "models: it is missing or empty",
		"schema-new":         "schema: want 1, have 2",
		"currency":           `currency: want "USD", have "EUR"`,
		"per-tokens":         "per_tokens: want 1000000, have 1000",
		"source-missing":     "source: it is missing",
		"generated-missing":  "generated_at: it is missing",
		"generated-offset":   `generated_at: "2026-07-05T02:00:00+02:00" is not a time`,
		"generated-fraction": `generated_at: "2026-07-05T00:00:00.5Z" is not a time`,
		"generated-date":     `generated_at: "2026-07-05" is not a time`,
		"table-unknown-key":  "extra: unknown key",
		"trailing":           "line 26: invalid character '{' after top-level value",
		"cut":                "line 14: unexpected end of JSON input",
		"no-object":          "want an object, have []",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, err := parsePrices(priceFile(t, name), "")
			require.ErrorContains(t, err, "keeprouter: price table: "+want)
			require.ErrorIs(t, err, ErrPriceTable)
			if table != nil {
				t.Error("a table was returned with the error")
			}
		})
	}
}

func FuzzParsePrices(f *testing.F) {
	f.Add(pricesJSON)
	for _, name := range []string{"valid-full", "valid-tiers", "valid-free", "rows-overlap", "price-twice", "id-number", "tier-order", "cut"} {
		f.Add(priceFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := parsePrices(data, "")
		if err != nil {
			require.ErrorIs(t, err, ErrPriceTable)
			return
		}
		for i, m := range table.models {
			cost, err := table.At(m.rows[0].from).Cost(m.id, Usage{Input: 1, Output: 1})
			if free := table.file.Models[i].Rows[0].Free; err != nil || cost.Total < 0 || cost.Total == 0 && !free {
				t.Errorf("%s costs %s", m.id, cost)
			}
		}
		stored, err := json.Marshal(table)
		require.NoError(t, err)
		back, err := parsePrices(stored, "")
		require.NoError(t, err)
		if diff := cmp.Diff(table.file, back.file, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

func day(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return day
}
