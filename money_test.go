package keeprouter

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestMoneyString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount Money
		want   string
	}{
		{0, "$0.00"},
		{295 * Micro, "$0.000295"},
		{6000 * Micro, "$0.006"},
		{5 * Dollar, "$5.00"},
		{10 * Cent, "$0.10"},
		{-Cent, "-$0.01"},
		{1, "$0.000000000001"},
		{-1, "-$0.000000000001"},
		{1234567 * Dollar, "$1234567.00"},
		{math.MaxInt64, "$9223372.036854775807"},
		{math.MinInt64, "-$9223372.036854775808"},
	} {
		if got := tt.amount.String(); got != tt.want {
			t.Errorf("Money(%d) = %q, want %q", int64(tt.amount), got, tt.want)
		}
	}
}

func TestMoneyFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount string
		digits int
		want   string
	}{
		{"0.000295", 6, "$0.000295"},
		{"0.000295", 4, "$0.0003"},
		{"0.000295", 8, "$0.00029500"},
		{"0.000295", 0, "$0"},
		{"0.5", 0, "$0"},
		{"1.5", 0, "$2"},
		{"2.5", 0, "$2"},
		{"2.500000000001", 0, "$3"},
		{"0.125", 2, "$0.12"},
		{"0.135", 2, "$0.14"},
		{"-0.125", 2, "-$0.12"},
		{"-0.135", 2, "-$0.14"},
		{"-0.001", 2, "$0.00"},
		{"0.999", 2, "$1.00"},
		{"1", 99, "$1.000000000000"},
		{"1.6", -1, "$2"},
		{"9223372.036854775807", 2, "$9223372.04"},
		{"-9223372.036854775808", 11, "-$9223372.03685477581"},
	} {
		amount, err := ParseMoney(tt.amount)
		require.NoError(t, err)
		if got := amount.Format(tt.digits); got != tt.want {
			t.Errorf("%s with %d digits = %q, want %q", tt.amount, tt.digits, got, tt.want)
		}
	}
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want Money
	}{
		{"0", 0},
		{"-0", 0},
		{"$5", 5 * Dollar},
		{"+$1.50", 150 * Cent},
		{"-$0.01", -Cent},
		{"0.000295", 295 * Micro},
		{"0.000000000001", 1},
		{"0.100000000000", 10 * Cent},
		{"0000000000000000000000000007", 7 * Dollar},
		{"9223372.036854775807", math.MaxInt64},
		{"-9223372.036854775808", math.MinInt64},
	} {
		got, err := ParseMoney(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("ParseMoney(%q) = %d, %v; want %d", tt.text, int64(got), err, int64(tt.want))
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "-", "$", "+", ".", ".5", "5.", "1e3", "1E-6", "0x10", "1_000", "1,000", " 1", "1 ", "1\n",
		"--1", "+-1", "-+1", "$-1", "$$1", "1$", "1.2.3", "NaN", "Inf", "null", "€5", "１",
		"0.0000000000001", "0.1000000000000",
	} {
		if got, err := ParseMoney(text); err == nil {
			t.Errorf("ParseMoney(%q) = %s, want an error", text, got)
		} else {
			require.ErrorContains(t, err, "keeprouter: ")
			require.NotErrorIs(t, err, ErrOverflow)
		}
	}
	for _, text := range []string{"9223372.036854775808", "-9223372.036854775809", "99999999999999999999999"} {
		_, err := ParseMoney(text)
		require.ErrorIs(t, err, ErrOverflow, text)
	}
}

func TestMoneyArithmetic(t *testing.T) {
	t.Parallel()
	const most, least = Money(math.MaxInt64), Money(math.MinInt64)
	add, sub := Money.Add, Money.Sub
	mul := func(m, n Money) (Money, error) { return m.Mul(int64(n)) }
	for _, tt := range []struct {
		name     string
		do       func(m, n Money) (Money, error)
		m, n     Money
		want     Money
		overflow bool
	}{
		{"add", add, 5 * Dollar, -Cent, 499 * Cent, false},
		{"add nothing at the top", add, most, 0, most, false},
		{"add up to the top", add, most - 1, 1, most, false},
		{"add over the top", add, most, 1, 0, true},
		{"add below the bottom", add, least, -1, 0, true},
		{"add opposite ends", add, most, least, -1, false},
		{"subtract", sub, Dollar, Cent, 99 * Cent, false},
		{"subtract over the top", sub, most, -1, 0, true},
		{"subtract below the bottom", sub, least, 1, 0, true},
		{"subtract the bottom from 0", sub, 0, least, 0, true},
		{"subtract the bottom from -1", sub, -1, least, most, false},
		{"multiply", mul, 295 * Micro, 1_000_000, 295 * Dollar, false},
		{"multiply by 0", mul, least, 0, 0, false},
		{"multiply two negatives", mul, -Cent, -3, 3 * Cent, false},
		{"multiply to the bottom", mul, least / 2, 2, least, false},
		{"multiply over the top", mul, most/2 + 1, 2, 0, true},
		{"multiply below the bottom", mul, least/2 - 1, 2, 0, true},
		{"multiply the bottom by -1", mul, least, -1, 0, true},
		{"multiply -1 by the bottom", mul, -1, least, 0, true},
		{"multiply past 64 bits", mul, most, most, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.do(tt.m, tt.n)
			if tt.overflow {
				require.ErrorIs(t, err, ErrOverflow)
			} else {
				require.NoError(t, err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMoneyJSON(t *testing.T) {
	t.Parallel()
	type bill struct {
		Sum   Money
		Maybe *Money
	}
	data, err := json.Marshal(bill{Sum: 295 * Micro})
	require.NoError(t, err)
	if diff := cmp.Diff(`{"Sum":"0.000295","Maybe":null}`, string(data)); diff != "" {
		t.Error(diff)
	}
	var got bill
	require.NoError(t, json.Unmarshal([]byte(`{"Sum":0.1,"Maybe":"-5.00"}`), &got))
	if diff := cmp.Diff(bill{Sum: 10 * Cent, Maybe: new(-5 * Dollar)}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`null`, `1e-6`, `""`, `true`, `{}`, `[]`, `"0.1x"`, `0.0000000000001`, `99999999`} {
		m := 7 * Dollar
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s was read as %s, want an error", text, m)
		}
		if m != 7*Dollar {
			t.Errorf("%s changed the amount to %s in spite of its error", text, m)
		}
	}
}

func FuzzMoney(f *testing.F) {
	for _, n := range []int64{0, 1, -1, 295e6, 5e12, -1e10, math.MaxInt64, math.MinInt64} {
		f.Add(n, 2, "0.000295")
	}
	f.Add(int64(5e9), 2, "-$12.5")
	f.Add(int64(-15e9), 0, "1e3")
	f.Add(int64(0), 12, "+0.000000000001")
	f.Fuzz(func(t *testing.T, n int64, digits int, text string) {
		m := Money(n)
		for _, shown := range []string{m.String(), m.Format(12)} {
			if back, err := ParseMoney(shown); err != nil || back != m {
				t.Errorf("%s came back as %d, %v; want %d", shown, int64(back), err, n)
			}
		}
		data, err := json.Marshal(m)
		require.NoError(t, err)
		var back Money
		if err := json.Unmarshal(data, &back); err != nil || back != m {
			t.Errorf("%s came back as %d, %v; want %d", data, int64(back), err, n)
		}
		digits = min(max(digits, 0), 12)
		if diff := cmp.Diff(halfEven(n, digits), rat(m.Format(digits)).String()); diff != "" {
			t.Errorf("%s with %d digits: %s", m, digits, diff)
		}
		if parsed, err := ParseMoney(text); err == nil {
			if want := rat(text); want.Cmp(big.NewRat(int64(parsed), int64(Dollar))) != 0 {
				t.Errorf("ParseMoney(%q) = %s, want %s", text, parsed, want)
			}
		}
	})
}

// rat reads an amount without the code under test.
func rat(text string) *big.Rat {
	bare := make([]byte, 0, len(text))
	for _, c := range []byte(text) {
		if c != '$' {
			bare = append(bare, c)
		}
	}
	r, _ := new(big.Rat).SetString(string(bare))
	return r
}

// halfEven rounds with math/big: an odd quotient or more than a half goes up.
func halfEven(n int64, digits int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(12-digits)), nil)
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(big.NewInt(n)), scale, new(big.Int))
	half := new(big.Int).Lsh(r, 1).Cmp(scale)
	if half > 0 || half == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if n < 0 {
		q.Neg(q)
	}
	return new(big.Rat).SetFrac(q, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)).String()
}
