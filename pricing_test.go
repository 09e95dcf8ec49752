package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// tableOf has one model, "m", with these prices since 2026.
func tableOf(rates map[string]Money) *PriceTable {
	m := &modelPrices{id: "m", rows: []priceRow{{from: day("2026-01-01"), rates: rates}}}
	table := &PriceTable{models: []*modelPrices{m}, names: map[string]*modelPrices{"m": m}}
	return table.At(day("2026-07-05"))
}

func TestCostOfTheGateway(t *testing.T) {
	t.Parallel()
	prices := DefaultPrices().At(day("2026-07-05"))
	for _, tt := range []struct {
		model string
		usage Usage
		want  string
	}{
		{Gemma4_31B, Usage{Input: 1000, Output: 500}, "$0.000295"},
		{Gemini35Flash, Usage{Input: 1000, Output: 500}, "$0.006"},
		{Gemma4_31B, Usage{Input: 1_000_000}, "$0.12"},
		{Gemma4_31B, Usage{Output: 1_000_000}, "$0.35"},
		{Gemma4_31B, Usage{Input: 1}, "$0.00000012"},
		{Gemma4_31B, Usage{}, "$0.00"},
		{Gemma4_31B, Usage{Input: 1000, CachedInput: 900, Output: 500, Reasoning: 400}, "$0.000295"},
	} {
		cost, err := prices.Cost(tt.model, tt.usage)
		require.NoError(t, err)
		if cost.String() != tt.want {
			t.Errorf("%s, %s: %s, want %s", tt.model, tt.usage, cost, tt.want)
		}
	}
}

func TestMillionCallsAddUp(t *testing.T) {
	t.Parallel()
	cost, err := DefaultPrices().At(day("2026-07-05")).Cost(Gemma4_31B, Usage{Input: 1000, Output: 500})
	require.NoError(t, err)
	var spent Money
	for range 1_000_000 {
		if spent, err = spent.Add(cost.Total); err != nil {
			t.Fatal(err)
		}
	}
	if spent != 295*Dollar {
		t.Errorf("spent %s, want $295.00", spent)
	}
}

func TestCostLines(t *testing.T) {
	t.Parallel()
	const in, out = Dollar, 4 * Dollar
	for _, tt := range []struct {
		name  string
		rates map[string]Money
		usage Usage
		want  []CostLine
	}{
		{
			"parts without a price stay in their total", nil,
			Usage{Input: 1000, CachedInput: 200, CacheWrite: 100, Output: 500, Reasoning: 100},
			[]CostLine{
				{"input", 1000, in, 1000 * Micro, true},
				{"output", 500, out, 2000 * Micro, true},
			},
		},
		{
			"parts with a price leave their total",
			map[string]Money{"cached_input": 10 * Cent, "reasoning": 2 * Dollar},
			Usage{Input: 1000, CachedInput: 200, Output: 500, Reasoning: 100},
			[]CostLine{
				{"input", 800, in, 800 * Micro, false},
				{"cached_input", 200, 10 * Cent, 20 * Micro, false},
				{"output", 400, out, 1600 * Micro, false},
				{"reasoning", 100, 2 * Dollar, 200 * Micro, false},
			},
		},
		{
			"one with, one without",
			map[string]Money{"cache_write": 125 * Cent},
			Usage{Input: 1000, CacheWrite: 300, CacheWrite1h: 100},
			[]CostLine{
				{"input", 700, in, 700 * Micro, true},
				{"cache_write", 300, 125 * Cent, 375 * Micro, false},
			},
		},
		{
			"the whole input is cached",
			map[string]Money{"cached_input": 10 * Cent},
			Usage{Input: 1000, CachedInput: 1000},
			[]CostLine{{"cached_input", 1000, 10 * Cent, 100 * Micro, false}},
		},
		{
			"a part that the table gives away",
			map[string]Money{"cached_input": 0},
			Usage{Input: 1000, CachedInput: 400},
			[]CostLine{{"input", 600, in, 600 * Micro, false}, {"cached_input", 400, 0, 0, false}},
		},
		{
			"every part",
			map[string]Money{
				"cached_input": Cent, "cache_write": 2 * Cent, "cache_write_1h": 3 * Cent, "input_audio": 4 * Cent,
				"reasoning": 5 * Cent, "output_audio": 6 * Cent,
			},
			Usage{Input: 1000, CachedInput: 100, CacheWrite: 200, CacheWrite1h: 300, Output: 100, Reasoning: 10, OutputAudio: 20},
			[]CostLine{
				{"input", 400, in, 400 * Micro, false},
				{"cached_input", 100, Cent, 1 * Micro, false},
				{"cache_write", 200, 2 * Cent, 4 * Micro, false},
				{"cache_write_1h", 300, 3 * Cent, 9 * Micro, false},
				{"output", 70, out, 280 * Micro, false},
				{"reasoning", 10, 5 * Cent, Micro / 2, false},
				{"output_audio", 20, 6 * Cent, 12 * Micro / 10, false},
			},
		},
		{"audio and cache overlap, neither has a price", nil, Usage{Input: 10, CachedInput: 9, InputAudio: 8}, []CostLine{{"input", 10, in, 10 * Micro, true}}},
		{
			"audio without a cache",
			map[string]Money{"cached_input": Cent, "input_audio": 4 * Cent},
			Usage{Input: 1000, InputAudio: 50},
			[]CostLine{{"input", 950, in, 950 * Micro, false}, {"input_audio", 50, 4 * Cent, 2 * Micro, false}},
		},
		{
			"all is audio, a part of it cached",
			map[string]Money{"cached_input": Cent, "input_audio": 4 * Cent},
			Usage{Input: 150, CachedInput: 100, InputAudio: 150},
			[]CostLine{{"cached_input", 100, Cent, Micro, false}, {"input_audio", 50, 4 * Cent, 2 * Micro, false}},
		},
		{
			"all is cached, a part of it audio",
			map[string]Money{"cached_input": Cent, "input_audio": 4 * Cent},
			Usage{Input: 100, CachedInput: 100, InputAudio: 50},
			[]CostLine{{"cached_input", 100, Cent, Micro, false}},
		},
		{
			"audio overlaps a cache without a price",
			map[string]Money{"input_audio": 4 * Cent},
			Usage{Input: 1000, CachedInput: 990, InputAudio: 50},
			[]CostLine{{"input", 950, in, 950 * Micro, true}, {"input_audio", 50, 4 * Cent, 2 * Micro, false}},
		},
		{"nothing", nil, Usage{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rates := map[string]Money{"input": in, "output": out}
			for kind, rate := range tt.rates {
				rates[kind] = rate
			}
			cost, err := tableOf(rates).Cost("m", tt.usage)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, cost.Lines, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			var sum Money
			for _, line := range tt.want {
				sum += line.Amount
			}
			if cost.Total != sum || cost.Model != "m" || cost.Err != nil {
				t.Errorf("cost of %q is %s, %v; want %s of m", cost.Model, cost.Total, cost.Err, sum)
			}
		})
	}
}

func TestCostErrors(t *testing.T) {
	t.Parallel()
	prices := DefaultPrices().At(day("2026-07-05"))
	known := Usage{Input: 1000, Output: 500}
	audio := tableOf(map[string]Money{"input": Dollar, "output": Dollar, "cached_input": Cent, "input_audio": 2 * Dollar})
	ended, err := parsePrices(priceFile(t, "valid-ended"), "")
	require.NoError(t, err)
	ended = ended.At(day("2026-09-01"))
	for _, tt := range []struct {
		name   string
		prices *PriceTable
		model  string
		usage  Usage
		want   error
		text   string
	}{
		{"unknown model", prices, "gpt-9", known, ErrUnknownModel, `no "gpt-9"; see https://`},
		{"no model", prices, "", known, ErrUnknownModel, `no ""`},
		{"zero table", &PriceTable{}, Gemma4_31B, known, ErrUnknownModel, "gemma-4-31B-it"},
		{"nil table", nil, Gemma4_31B, known, ErrUnknownModel, "gemma-4-31B-it"},
		{"frozen nil table", (*PriceTable)(nil).At(day("2026-07-05")), Gemma4_31B, known, ErrUnknownModel, "gemma-4-31B-it"},
		{"before the first row", prices.At(day("2026-07-04")), Gemma4_31B, known, ErrNoPrice, "gemma-4-31B-it on 2026-07-04: no price at that date; its prices begin on 2026-07-05"},
		{"after the last row", ended, Gemma4_31B, known, ErrNoPrice, "gemma-4-31B-it on 2026-09-01: no price at that date; its prices end before 2026-09-01"},
		{"the zero time is a date", prices.At(time.Time{}), Gemma4_31B, known, ErrNoPrice, "0001-01-01"},
		{"unknown usage", prices, Gemma4_31B, Usage{Unknown: true}, ErrUsageUnknown, "reported no tokens for gemma-4-31B-it"},
		{"inconsistent usage", prices, Gemma4_31B, Usage{Input: 1, CachedInput: 2}, ErrInconsistentUsage, "Usage.CachedInput"},
		{"priced parts overlap", audio, "m", Usage{Input: 10, CachedInput: 9, InputAudio: 8}, ErrInconsistentUsage, "from 0 to 1 of the 8 audio tokens"},
		{"few priced parts may overlap", audio, "m", Usage{Input: 100, CachedInput: 9, InputAudio: 8}, ErrInconsistentUsage, "from 0 to 8 of the 8 audio tokens"},
		{"a line overflows", prices, Gemini35Flash, Usage{Output: 1_024_819_115_207}, ErrOverflow, "times"},
		{"the total overflows", prices, Gemini35Flash, Usage{Input: 4e12, Output: 6e11}, ErrOverflow, "plus"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cost, err := tt.prices.Cost(tt.model, tt.usage)
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, tt.text)
			require.True(t, strings.HasPrefix(err.Error(), "keeprouter: "), err)
			if diff := cmp.Diff(Cost{Model: tt.model, Err: err}, cost, cmpopts.EquateErrors()); diff != "" {
				t.Error(diff)
			}
			if got := cost.String(); !strings.HasPrefix(got, "unknown (") {
				t.Errorf("prints as %q, want unknown with the reason", got)
			}
		})
	}
}

func TestPricesHoldFromDayToDay(t *testing.T) {
	t.Parallel()
	prices, err := parsePrices(priceFile(t, "valid-full"), "")
	require.NoError(t, err)
	east := time.FixedZone("UTC+2", 2*60*60)
	for _, tt := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"first moment", day("2026-01-01"), "$0.24"},
		{"last moment of the first row", day("2026-07-05").Add(-1), "$0.24"},
		{"first moment of the second row", day("2026-07-05"), "$0.12"},
		{"long after", day("2030-01-01"), "$0.12"},
		{"the new day has begun in the east only", time.Date(2026, 7, 5, 1, 59, 0, 0, east), "$0.24"},
		{"the new day has begun in UTC", time.Date(2026, 7, 5, 2, 0, 0, 0, east), "$0.12"},
	} {
		cost, err := prices.At(tt.at).Cost(Gemma4_31B, Usage{Input: 1_000_000})
		require.NoError(t, err, tt.name)
		if cost.String() != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, cost, tt.want)
		}
	}
}

func TestCostAppliesThePriceNowInForce(t *testing.T) {
	t.Parallel()
	prices, err := parsePrices(priceFile(t, "valid-full"), "")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) { // its clock begins in 2000
		frozen := prices.At(day("2026-01-01"))
		for _, step := range []struct{ now, want string }{
			{"2026-07-04", "$0.24"},
			{"2026-07-05", "$0.12"},
		} {
			time.Sleep(time.Until(day(step.now)))
			cost, err := prices.Cost(Gemma4_31B, Usage{Input: 1_000_000})
			require.NoError(t, err)
			if cost.String() != step.want {
				t.Errorf("on %s: %s, want %s", step.now, cost, step.want)
			}
			cost, err = frozen.Cost(Gemma4_31B, Usage{Input: 1_000_000})
			require.NoError(t, err)
			if cost.String() != "$0.24" {
				t.Errorf("the frozen table moved to %s", cost)
			}
		}
	})
}

func TestModelIsFound(t *testing.T) {
	t.Parallel()
	prices := DefaultPrices().At(day("2026-07-05"))
	for _, name := range []string{"gemma-4-31B-it", "gemma-4-31b-it", "GEMMA-4-31B-IT", "google/gemma-4-31b-it", "Google/Gemma-4-31B-it"} {
		cost, err := prices.Cost(name, Usage{Input: 1})
		require.NoError(t, err)
		if cost.Model != Gemma4_31B {
			t.Errorf("%s is priced as %s", name, cost.Model)
		}
	}
}

func TestModelIsNotGuessed(t *testing.T) {
	t.Parallel()
	prices := DefaultPrices().At(day("2026-07-05"))
	for _, tt := range []struct {
		name string
		want []string
	}{
		{"gemma-4-31b", []string{Gemma4_31B}},
		{"gemma-4-13b-it", []string{Gemma4_31B}},
		{"gemma-4-31b-it ", []string{Gemma4_31B}},
		{"google/gemini-3.5-flash", []string{Gemini35Flash}},
		{"gemini-3-flash", []string{Gemini35Flash}},
		{"gemma-4-31b-itxxx", []string{Gemma4_31B}},
		{"gemma-4-31b-itxxxx", nil},
		{"gemma-4-31B-it:free", nil},
		{"gemini-3.5-flash-lite-preview", nil},
		{"gemini-3.5-flaſh", []string{Gemini35Flash}},
		{strings.Repeat("gemma-4-31B-it", 1000), nil},
		{"/", nil},
	} {
		_, err := prices.Cost(tt.name, Usage{Input: 1})
		unknown, ok := errors.AsType[*UnknownModelError](err)
		require.True(t, ok, tt.name)
		want := &UnknownModelError{Model: tt.name, Suggestions: tt.want}
		if diff := cmp.Diff(want, unknown); diff != "" {
			t.Error(diff)
		}
		if len(err.Error()) > 300 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	}
}

func TestSuggestionsBeginWithTheNearest(t *testing.T) {
	t.Parallel()
	table := &PriceTable{}
	for _, id := range []string{"model-123", "model-1", "Model-12"} {
		table.models = append(table.models, &modelPrices{id: id})
	}
	if diff := cmp.Diff([]string{"model-1", "Model-12", "model-123"}, table.suggest("model-1x")); diff != "" {
		t.Error(diff)
	}
}

func TestCostJSON(t *testing.T) {
	t.Parallel()
	known, err := DefaultPrices().At(day("2026-07-05")).Cost(Gemma4_31B, Usage{Input: 1000, CachedInput: 1, Output: 500})
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		cost Cost
		want string
	}{
		{"known", known, `{"model":"gemma-4-31B-it","total":"0.000295","lines":[` +
			`{"kind":"input","tokens":1000,"usd_per_1m_tokens":"0.12","amount":"0.00012","inherited":true},` +
			`{"kind":"output","tokens":500,"usd_per_1m_tokens":"0.35","amount":"0.000175"}]}`},
		{"nothing", Cost{Model: "m"}, `{"model":"m","total":"0.00"}`},
		{"unknown", Cost{Model: "m", Err: errors.New("keeprouter: why")}, `{"model":"m","error":"keeprouter: why"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(tt.cost)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, string(data)); diff != "" {
				t.Error(diff)
			}
			var back Cost
			require.NoError(t, json.Unmarshal(data, &back))
			errText := cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
			if diff := cmp.Diff(tt.cost, back, errText); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, text := range []string{`{}`, `null`, `{"model":"m"}`, `{"total":null}`, `{"total":"x"}`} {
		var c Cost
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s was read as a cost of %s", text, c)
		}
	}
}

func FuzzCost(f *testing.F) {
	f.Add(int64(1000), int64(200), int64(0), int64(0), int64(0), int64(500), int64(100), int64(0), uint8(0), uint32(120_000), uint32(350_000))
	f.Add(int64(1000), int64(200), int64(100), int64(50), int64(30), int64(500), int64(100), int64(20), uint8(63), uint32(1_500_000), uint32(9_000_000))
	f.Add(int64(10), int64(9), int64(0), int64(0), int64(8), int64(0), int64(0), int64(0), uint8(9), uint32(1), uint32(1))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(1), int64(0), int64(0), int64(math.MaxInt64), int64(0), int64(0), uint8(1), uint32(math.MaxUint32), uint32(1))
	f.Add(int64(-1), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(math.MinInt64), uint8(0), uint32(1), uint32(1))
	f.Fuzz(func(t *testing.T, input, cached, write, write1h, inputAudio, output, reasoning, outputAudio int64, own uint8, in, out uint32) {
		u := Usage{
			Input: input, CachedInput: cached, CacheWrite: write, CacheWrite1h: write1h, InputAudio: inputAudio,
			Output: output, Reasoning: reasoning, OutputAudio: outputAudio,
		}
		rates := map[string]Money{"input": Money(in) * Micro, "output": Money(out) * Micro}
		rest := map[string]*big.Int{"input": big.NewInt(input), "output": big.NewInt(output)}
		want := new(big.Int) // pico-dollars
		bare := u            // without the parts that have no price of their own
		cachedRest, unclear := big.NewInt(input), false
		for i, part := range []struct {
			kind, total string
			tokens      int64
			bare        *int64
		}{
			{"cached_input", "input", cached, &bare.CachedInput},
			{"cache_write", "input", write, &bare.CacheWrite},
			{"cache_write_1h", "input", write1h, &bare.CacheWrite1h},
			{"input_audio", "input", inputAudio, &bare.InputAudio},
			{"reasoning", "output", reasoning, &bare.Reasoning},
			{"output_audio", "output", outputAudio, &bare.OutputAudio},
		} {
			if own>>i&1 == 0 {
				*part.bare = 0
				continue
			}
			perToken := int64(in%1000) + int64(i)
			rates[part.kind] = Money(perToken) * Micro
			switch part.kind {
			case "cached_input", "cache_write", "cache_write_1h":
				cachedRest.Sub(cachedRest, big.NewInt(part.tokens))
			case "input_audio": // what isn't cached of it, if that can be told
				most := minBig(big.NewInt(part.tokens), cachedRest)
				least := new(big.Int).Sub(big.NewInt(part.tokens), new(big.Int).Sub(big.NewInt(input), cachedRest))
				if least.Sign() < 0 {
					least.SetInt64(0)
				}
				unclear = least.Cmp(most) != 0
				part.tokens = least.Int64()
			}
			rest[part.total].Sub(rest[part.total], big.NewInt(part.tokens))
			want.Add(want, new(big.Int).Mul(big.NewInt(part.tokens), big.NewInt(perToken)))
		}
		for kind, perToken := range map[string]uint32{"input": in, "output": out} {
			want.Add(want, new(big.Int).Mul(rest[kind], big.NewInt(int64(perToken))))
		}

		prices := tableOf(rates)
		cost, err := prices.Cost("m", u)
		switch {
		case u.Validate() != nil, unclear:
			require.ErrorIs(t, err, ErrInconsistentUsage)
			return
		case !want.IsInt64():
			require.ErrorIs(t, err, ErrOverflow)
			return
		}
		require.NoError(t, err)
		if int64(cost.Total) != want.Int64() {
			t.Errorf("total %s, want %s", cost.Total, Money(want.Int64()))
		}
		tokens, amounts := new(big.Int), Money(0)
		for _, line := range cost.Lines {
			tokens.Add(tokens, big.NewInt(line.Tokens))
			amounts += line.Amount
			if line.Tokens <= 0 || line.Amount < 0 {
				t.Errorf("line %+v", line)
			}
		}
		if amounts != cost.Total {
			t.Errorf("the lines sum to %s, the total is %s", amounts, cost.Total)
		}
		if used := new(big.Int).Add(big.NewInt(input), big.NewInt(output)); tokens.Cmp(used) != 0 {
			t.Errorf("%s tokens are in lines, %s were used", tokens, used)
		}
		without, err := prices.Cost("m", bare)
		require.NoError(t, err)
		if without.Total != cost.Total {
			t.Errorf("parts without a price change the total from %s to %s", without.Total, cost.Total)
		}
	})
}

func minBig(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
