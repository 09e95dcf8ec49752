package keeprouter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTierPricesTheWholeCall(t *testing.T) {
	t.Parallel()
	table, err := parsePrices(priceFile(t, "valid-tiers"), "")
	require.NoError(t, err)
	table = table.At(day("2026-07-05"))
	for _, tt := range []struct {
		name  string
		usage Usage
		want  map[string]Money // rates by kind of line
	}{
		{"below", Usage{Input: 1, Output: 1}, map[string]Money{"input": 12 * Cent, "output": 35 * Cent}},
		{"exactly at a bound that is not reached", Usage{Input: 200_000, Output: 1}, map[string]Money{"input": 12 * Cent, "output": 35 * Cent}},
		{"one above", Usage{Input: 200_001, Output: 1}, map[string]Money{"input": 24 * Cent, "output": 70 * Cent}},
		{"cached tokens count for the size, and keep the row's price", Usage{Input: 200_001, CachedInput: 200_000}, map[string]Money{"input": 24 * Cent, "cached_input": 3 * Cent}},
		{"output doesn't count for the size", Usage{Input: 1, Output: 300_000}, map[string]Money{"input": 12 * Cent, "output": 35 * Cent}},
		{"one below an inclusive bound", Usage{Input: 999_999, Output: 1}, map[string]Money{"input": 24 * Cent, "output": 70 * Cent}},
		{"at an inclusive bound, without a price for output", Usage{Input: 1_000_000, Output: 1}, map[string]Money{"input": 48 * Cent, "output": 35 * Cent}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cost, err := table.Cost(Gemma4_31B, tt.usage)
			require.NoError(t, err)
			got := map[string]Money{}
			for _, line := range cost.Lines {
				got[line.Kind] = line.Rate
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFreeModelCostsNothing(t *testing.T) {
	t.Parallel()
	table, err := parsePrices(priceFile(t, "valid-free"), "")
	require.NoError(t, err)
	cost, err := table.At(day("2026-07-05")).Cost(Gemma4_31B, Usage{Input: 1000, Output: 500})
	require.NoError(t, err)
	if cost.Total != 0 || len(cost.Lines) != 2 {
		t.Errorf("%s in %d lines, want $0.00 in 2", cost, len(cost.Lines))
	}
}
