package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// tableJSON is a table of these models.
func tableJSON(generated string, models ...string) string {
	const head = `{"schema":1,"source":"keeprouter","currency":"USD","per_tokens":1000000,"generated_at":%q,"models":[%s]}`
	return fmt.Sprintf(head, generated+"T00:00:00Z", strings.Join(models, ","))
}

func modelJSON(id string, rows ...string) string {
	return fmt.Sprintf(`{"id":%q,"prices":[%s]}`, id, strings.Join(rows, ","))
}

// rowJSON is a row that was last checked on its first day; an empty to is open.
func rowJSON(from, to, input, output string) string {
	end := "null"
	if to != "" {
		end = fmt.Sprintf("%q", to)
	}
	const row = `{"from":%q,"to":%s,"input":%q,"output":%q,"source":"https://keeprouter.com/models/m.md","checked":%[1]q}`
	return fmt.Sprintf(row, from, end, input, output)
}

func mustRead(t testing.TB, text string) *PriceTable {
	t.Helper()
	table, err := ReadPrices(strings.NewReader(text))
	require.NoError(t, err)
	return table
}

func TestTableSaysWhatItHolds(t *testing.T) {
	t.Parallel()
	table := DefaultPrices()
	if diff := cmp.Diff([]string{Gemma4_31B, Gemini35Flash}, table.Models()); diff != "" {
		t.Error(diff)
	}
	if !table.Generated().Equal(day("2026-07-05")) || !table.At(time.Time{}).Generated().Equal(day("2026-07-05")) {
		t.Errorf("generated at %s", table.Generated())
	}
	for _, empty := range []*PriceTable{nil, {}} {
		if len(empty.Models()) > 0 || !empty.Generated().IsZero() {
			t.Error("an empty table holds something")
		}
		_, err := empty.MarshalJSON()
		require.ErrorIs(t, err, ErrPriceTable)
	}
}

func TestTableIsWrittenAsItsFile(t *testing.T) {
	t.Parallel()
	data, err := json.MarshalIndent(DefaultPrices(), "", "  ")
	require.NoError(t, err)
	if diff := cmp.Diff(string(pricesJSON), string(data)+"\n"); diff != "" {
		t.Error(diff)
	}
}

func TestLoadPrices(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "prices.json")
	_, err := LoadPrices(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, err, ErrPriceTable)

	require.NoError(t, os.WriteFile(path, pricesJSON, 0o600))
	table, err := LoadPrices(path)
	require.NoError(t, err)
	if diff := cmp.Diff(DefaultPrices().Models(), table.Models()); diff != "" {
		t.Error(diff)
	}

	require.NoError(t, os.WriteFile(path, priceFile(t, "price-number"), 0o600))
	_, err = LoadPrices(path)
	got, ok := errors.AsType[*PriceTableError](err)
	require.True(t, ok)
	want := &PriceTableError{
		Table: path, Where: "models[0] (gemma-4-31B-it): prices[0]: input", Problem: "want a string, have 0.12",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantText := "keeprouter: price table: " + path + ": models[0] (gemma-4-31B-it): prices[0]: input: want a string, have 0.12"
	if diff := cmp.Diff(wantText, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestReadPricesIsBounded(t *testing.T) {
	t.Parallel()
	_, err := ReadPrices(bytes.NewReader(make([]byte, 16<<20+1)))
	require.ErrorIs(t, err, ErrPriceTable)
	require.ErrorContains(t, err, "larger than 16777216 bytes")
	size := int64(len(pricesJSON))
	_, err = readPrices(bytes.NewReader(pricesJSON), "", size)
	require.NoError(t, err)
	_, err = readPrices(bytes.NewReader(pricesJSON), "", size-1)
	require.ErrorIs(t, err, ErrPriceTable)

	broken := errors.New("broken")
	_, err = ReadPrices(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, ErrPriceTable)
}

func TestMerge(t *testing.T) {
	t.Parallel()
	old := mustRead(t, tableJSON("2026-07-05",
		modelJSON("a", rowJSON("2026-01-01", "2026-07-05", "1", "2"), rowJSON("2026-07-05", "", "3", "4")),
		modelJSON("b", rowJSON("2026-07-05", "", "5", "6"))))
	newer := mustRead(t, tableJSON("2026-09-01",
		modelJSON("c", rowJSON("2026-09-01", "", "7", "8")),
		modelJSON("a",
			rowJSON("2026-01-01", "2026-07-05", "1", "2"), rowJSON("2026-07-05", "2026-08-01", "3", "4"), rowJSON("2026-08-01", "", "9", "9"))))
	merged, err := old.Merge(newer)
	require.NoError(t, err)

	if diff := cmp.Diff([]string{"a", "b", "c"}, merged.Models()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, old.Models()); diff != "" {
		t.Errorf("the older table changed: %s", diff)
	}
	if !merged.Generated().Equal(day("2026-09-01")) {
		t.Errorf("generated at %s", merged.Generated())
	}
	for _, tt := range []struct {
		table *PriceTable
		model string
		at    string
		want  string
	}{
		{merged, "a", "2026-02-01", "$1.00"},
		{merged, "a", "2026-07-31", "$3.00"},
		{merged, "a", "2026-08-01", "$9.00"},
		{merged, "b", "2026-08-01", "$5.00"},
		{merged, "c", "2026-09-01", "$7.00"},
		{old, "a", "2026-08-01", "$3.00"},
	} {
		cost, err := tt.table.At(day(tt.at)).Cost(tt.model, Usage{Input: 1_000_000})
		require.NoError(t, err)
		if cost.String() != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.model, tt.at, cost, tt.want)
		}
	}

	backwards, err := newer.Merge(mustRead(t, tableJSON("2026-07-05", modelJSON("b", rowJSON("2026-07-05", "", "5", "6")))))
	require.NoError(t, err)
	if !backwards.Generated().Equal(day("2026-09-01")) {
		t.Errorf("merging an older table turned the date back to %s", backwards.Generated())
	}
}

func TestMergeIntoNothingAndNothing(t *testing.T) {
	t.Parallel()
	merged, err := (&PriceTable{}).Merge(DefaultPrices())
	require.NoError(t, err)
	if diff := cmp.Diff(DefaultPrices().Models(), merged.Models()); diff != "" {
		t.Error(diff)
	}
	for _, nothing := range []*PriceTable{nil, {}} {
		_, err := DefaultPrices().Merge(nothing)
		require.ErrorIs(t, err, ErrPriceTable)
	}
	frozen, err := DefaultPrices().At(day("2026-01-01")).Merge(DefaultPrices())
	require.NoError(t, err)
	_, err = frozen.Cost(Gemma4_31B, Usage{Input: 1})
	require.ErrorIs(t, err, ErrNoPrice)
}

func TestMergeKeepsHistory(t *testing.T) {
	t.Parallel()
	first, second := rowJSON("2026-01-01", "2026-07-05", "1", "2"), rowJSON("2026-07-05", "", "3", "4")
	old := mustRead(t, tableJSON("2026-07-05", modelJSON("m", first, second), modelJSON("other", second)))
	for name, tt := range map[string]struct {
		models []string
		want   string
	}{
		"a price of the past":     {[]string{modelJSON("m", rowJSON("2026-01-01", "2026-07-05", "1.5", "2"), second)}, "models[0] (m): prices[0]: the newer table changes the prices of 2026-01-01"},
		"the price in force":      {[]string{modelJSON("m", first, rowJSON("2026-07-05", "", "3", "5"))}, "models[0] (m): prices[1]: the newer table changes the prices"},
		"a row that is gone":      {[]string{modelJSON("m", second)}, "models[0] (m): prices[0]: from: the newer table changes 2026-01-01 to 2026-07-05"},
		"the last row is gone":    {[]string{modelJSON("m", first)}, "models[0] (m): prices[1]: the row of 2026-07-05 is missing"},
		"an end that moved":       {[]string{modelJSON("m", rowJSON("2026-01-01", "2026-07-06", "1", "2"), rowJSON("2026-07-06", "", "3", "4"))}, "models[0] (m): prices[0]: to: the newer table changes the end"},
		"a name of another model": {[]string{modelJSON("OTHER", second)}, "models[2] (OTHER): id: \"OTHER\" is already a name of other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := old.Merge(mustRead(t, tableJSON("2026-09-01", tt.models...)))
			require.ErrorIs(t, err, ErrPriceTable)
			require.ErrorContains(t, err, "keeprouter: price table: "+tt.want)
		})
	}
}

func TestMergeDoesNotEndAPriceThatWasStillSeen(t *testing.T) {
	t.Parallel()
	seen := strings.Replace(rowJSON("2026-01-01", "", "1", "2"), `"checked":"2026-01-01"`, `"checked":"2026-07-05"`, 1)
	old := mustRead(t, tableJSON("2026-07-05", modelJSON("m", seen)))
	for end, ok := range map[string]bool{"2026-03-01": false, "2026-07-05": false, "2026-07-06": true} {
		_, err := old.Merge(mustRead(t, tableJSON("2026-09-01",
			modelJSON("m", rowJSON("2026-01-01", end, "1", "2"), rowJSON(end, "", "3", "4")))))
		if ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "still seen on 2026-07-05")
	}
}

type noPrices struct{}

func (noPrices) Prices() *PriceTable { return nil }

func TestClientRefusesASourceWithoutATable(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]PriceSource{"nil table": (*PriceTable)(nil), "own source": noPrices{}} {
		_, err := NewClient(&Options{Key: NewKey("kr-test-1"), Prices: source})
		require.ErrorIs(t, err, ErrConfig, name)
		require.ErrorContains(t, err, "Options.Prices", name)
	}
}
