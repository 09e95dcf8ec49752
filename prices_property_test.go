package keeprouter

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// anyUsage is sound, and of a size that sums don't overflow. It has either audio or a
// cache: together their number can be unclear.
func anyUsage(r *rand.Rand) Usage {
	upTo := func(n int64) int64 { return r.Int64N(n + 1) }
	u := Usage{Input: upTo(1e6), Output: upTo(1e6)}
	if r.IntN(2) == 0 {
		u.InputAudio = upTo(u.Input)
	} else {
		u.CachedInput = upTo(u.Input)
		u.CacheWrite = upTo(u.Input - u.CachedInput)
		u.CacheWrite1h = upTo(u.Input - u.CachedInput - u.CacheWrite)
	}
	u.Reasoning = upTo(u.Output)
	u.OutputAudio = upTo(u.Output - u.Reasoning)
	return u
}

// sameShape is anyUsage with a cache, never with audio, so that sums are clear too.
func sameShape(r *rand.Rand) Usage {
	for {
		if u := anyUsage(r); u.InputAudio == 0 {
			return u
		}
	}
}

func plus(a, b Usage) Usage {
	return Usage{
		Input: a.Input + b.Input, CachedInput: a.CachedInput + b.CachedInput,
		CacheWrite: a.CacheWrite + b.CacheWrite, CacheWrite1h: a.CacheWrite1h + b.CacheWrite1h,
		InputAudio: a.InputAudio + b.InputAudio, Output: a.Output + b.Output,
		Reasoning: a.Reasoning + b.Reasoning, OutputAudio: a.OutputAudio + b.OutputAudio,
	}
}

// anyRates prices input and output, and each part by chance.
func anyRates(r *rand.Rand) map[string]Money {
	rates := map[string]Money{}
	kinds := []string{
		"input", "output", "cached_input", "cache_write", "cache_write_1h",
		"input_audio", "reasoning", "output_audio",
	}
	for i, kind := range kinds {
		if i < 2 || r.IntN(2) == 0 {
			rates[kind] = Money(1+r.Int64N(50e6)) * Micro
		}
	}
	return rates
}

// eachRandom runs check with many sources of randomness that are always the same.
func eachRandom(t *testing.T, rounds uint64, check func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	t.Parallel()
	for seed := range rounds {
		check(t, rand.New(rand.NewPCG(seed, 1)))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func totalOf(t *testing.T, table *PriceTable, u Usage) Money {
	t.Helper()
	cost, err := table.Cost("m", u)
	require.NoError(t, err, u)
	return cost.Total
}

func TestCostIsAdditive(t *testing.T) {
	eachRandom(t, 1000, func(t *testing.T, r *rand.Rand) {
		table, a, b := tableOf(anyRates(r)), sameShape(r), sameShape(r)
		apart, err := totalOf(t, table, a).Add(totalOf(t, table, b))
		require.NoError(t, err)
		if together := totalOf(t, table, plus(a, b)); together != apart {
			t.Errorf("%s and %s cost %s, together %s", a, b, apart, together)
		}
	})
}

func TestCostIsMonotone(t *testing.T) {
	eachRandom(t, 1000, func(t *testing.T, r *rand.Rand) {
		table, u := tableOf(anyRates(r)), sameShape(r)
		before := totalOf(t, table, u)
		if before < 0 {
			t.Errorf("%s costs %s", u, before)
		}
		for name, more := range map[string]Usage{
			"plain input": {Input: 1}, "cached input": {Input: 1, CachedInput: 1},
			"cache write": {Input: 1, CacheWrite: 1}, "cache write 1h": {Input: 1, CacheWrite1h: 1},
			"plain output": {Output: 1}, "reasoning": {Output: 1, Reasoning: 1}, "output audio": {Output: 1, OutputAudio: 1},
		} {
			if after := totalOf(t, table, plus(u, more)); after <= before {
				t.Errorf("one token more of %s lowers %s to %s", name, before, after)
			}
		}
	})
}

func TestCostDoesNotDependOnOrder(t *testing.T) {
	eachRandom(t, 1000, func(t *testing.T, r *rand.Rand) {
		table := tableOf(anyRates(r))
		amounts := make([]Money, 20)
		for i := range amounts {
			amounts[i] = totalOf(t, table, anyUsage(r))
		}
		sum := func() (total Money) {
			for _, amount := range amounts {
				var err error
				total, err = total.Add(amount)
				require.NoError(t, err)
			}
			return total
		}
		first := sum()
		r.Shuffle(len(amounts), func(i, j int) { amounts[i], amounts[j] = amounts[j], amounts[i] })
		if second := sum(); second != first {
			t.Errorf("%s in one order, %s in another", first, second)
		}
	})
}

func TestEachTokenIsInOneLine(t *testing.T) {
	eachRandom(t, 1000, func(t *testing.T, r *rand.Rand) {
		u := anyUsage(r)
		cost, err := tableOf(anyRates(r)).Cost("m", u)
		require.NoError(t, err)
		var tokens int64
		var kinds []string
		for _, line := range cost.Lines {
			tokens += line.Tokens
			if slices.Contains(kinds, line.Kind) {
				t.Errorf("two lines of %s", line.Kind)
			}
			kinds = append(kinds, line.Kind)
		}
		if tokens != u.Input+u.Output {
			t.Errorf("%d tokens in lines of %s", tokens, u)
		}
	})
}

func TestBothFormatsCostTheSame(t *testing.T) {
	eachRandom(t, 200, func(t *testing.T, r *rand.Rand) {
		u := anyUsage(r)
		u.Input++ // a prompt has a token at least
		u.InputAudio, u.OutputAudio, u.CacheWrite1h = 0, 0, 0
		chat := fmt.Sprintf(`{"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,`+
			`"prompt_tokens_details":{"cached_tokens":%d,"cache_write_tokens":%d},"completion_tokens_details":{"reasoning_tokens":%d}}}`,
			u.Input, u.Output, u.Input+u.Output, u.CachedInput, u.CacheWrite, u.Reasoning)
		messages := fmt.Sprintf(`{"type":"message","role":"assistant","content":[],"usage":{"input_tokens":%d,"cache_read_input_tokens":%d,`+
			`"cache_creation_input_tokens":%d,"output_tokens":%d,"output_tokens_details":{"thinking_tokens":%d}}}`,
			u.Input-u.CachedInput-u.CacheWrite, u.CachedInput, u.CacheWrite, u.Output, u.Reasoning)
		var c ChatResponse
		var m MessagesResponse
		require.NoError(t, json.Unmarshal([]byte(chat), &c))
		require.NoError(t, json.Unmarshal([]byte(messages), &m))
		table := tableOf(anyRates(r))
		a, err := table.Cost("m", c.Usage)
		require.NoError(t, err)
		b, err := table.Cost("m", m.Usage)
		require.NoError(t, err)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s (-chat +messages): %s", u, diff)
		}
	})
}

func TestTierIsTheRowOfItsRates(t *testing.T) {
	eachRandom(t, 1000, func(t *testing.T, r *rand.Rand) {
		low, high, u := anyRates(r), anyRates(r), anyUsage(r)
		bound := r.Int64N(1e6)
		table := tableOf(low)
		table.models[0].rows[0].tiers = []priceTier{{least: bound, rates: high}}
		want := tableOf(low)
		if u.Input >= bound {
			want = tableOf(high)
		}
		if got, want := totalOf(t, table, u), totalOf(t, want, u); got != want {
			t.Errorf("%s costs %s, want %s", u, got, want)
		}
	})
}

func TestMergedTablePricesAsItsParts(t *testing.T) {
	eachRandom(t, 200, func(t *testing.T, r *rand.Rand) {
		row := func() string {
			return rowJSON("2026-07-05", "", fmt.Sprint(1+r.IntN(99)), fmt.Sprint(1+r.IntN(99)))
		}
		a := mustRead(t, tableJSON("2026-07-05", modelJSON("a", row()), modelJSON("b", row())))
		b := mustRead(t, tableJSON("2026-07-06", modelJSON("c", row())))
		merged, err := a.Merge(b)
		require.NoError(t, err)
		again, err := merged.Merge(b)
		require.NoError(t, err)
		if diff := cmp.Diff(merged.file, again.file); diff != "" {
			t.Errorf("merging twice differs from merging once: %s", diff)
		}
		u, on := anyUsage(r), day("2026-07-05")
		for model, part := range map[string]*PriceTable{"a": a, "b": a, "c": b} {
			want, err := part.At(on).Cost(model, u)
			require.NoError(t, err)
			got, err := merged.At(on).Cost(model, u)
			require.NoError(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// FuzzMerge holds that two tables either merge into one that can be stored, or give an
// error, and that no amount of the past changes.
func FuzzMerge(f *testing.F) {
	f.Add(string(pricesJSON), string(pricesJSON))
	f.Add(string(priceFile(f, "valid-full")), string(pricesJSON))
	f.Add(string(pricesJSON), string(priceFile(f, "valid-tiers")))
	f.Add(string(pricesJSON), string(priceFile(f, "valid-ended")))
	f.Add(string(priceFile(f, "valid-free")), strings.Replace(string(priceFile(f, "valid-free")), `"gemma-4-31B-it"`, `"m"`, 1))
	f.Fuzz(func(t *testing.T, older, newer string) {
		a, err := ReadPrices(strings.NewReader(older))
		if err != nil {
			require.ErrorIs(t, err, ErrPriceTable)
			return
		}
		b, err := ReadPrices(strings.NewReader(newer))
		if err != nil {
			return
		}
		merged, err := a.Merge(b)
		if err != nil {
			require.ErrorIs(t, err, ErrPriceTable)
			return
		}
		stored, err := json.Marshal(merged)
		require.NoError(t, err)
		back := mustRead(t, string(stored))
		if diff := cmp.Diff(merged.file, back.file, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		for _, m := range a.models {
			on := m.rows[0].from
			before, errBefore := a.At(on).Cost(m.id, Usage{Input: 1000, Output: 500})
			after, errAfter := merged.At(on).Cost(m.id, Usage{Input: 1000, Output: 500})
			require.Equal(t, errBefore == nil, errAfter == nil)
			if before.Total != after.Total {
				t.Errorf("%s cost %s on %s, and %s after the merge", m.id, before, on, after)
			}
		}
	})
}
