package keeprouter

import (
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// MoneySum is a total beyond the range of [Money], such as that of a service's
// lifetime: 128 bits of pico-dollars, exactly. The zero MoneySum is $0.
type MoneySum struct {
	high int64
	low  uint64
}

// Add adds an amount.
func (s *MoneySum) Add(m Money) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, uint64(m), 0)
	s.high += int64(m)>>63 + int64(carry)
}

// AddSum adds another total.
func (s *MoneySum) AddSum(t MoneySum) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, t.low, 0)
	s.high += t.high + int64(carry)
}

// Money returns the total as an amount, or [ErrOverflow] if it is out of range.
func (s MoneySum) Money() (Money, error) {
	if s.high != int64(s.low)>>63 {
		return 0, overflow("a total of " + s.String())
	}
	return Money(s.low), nil
}

// String returns the exact total, in the form of [Money.String].
func (s MoneySum) String() string {
	total := new(big.Int).Lsh(big.NewInt(s.high), 64)
	total.Add(total, new(big.Int).SetUint64(s.low))
	sign := ""
	if total.Sign() < 0 {
		sign = "-"
	}
	dollars, pico := new(big.Int).QuoRem(total.Abs(total), big.NewInt(int64(Dollar)), new(big.Int))
	return sign + "$" + dollars.String() + strings.TrimPrefix(Money(pico.Int64()).String(), "$0")
}

// MarshalJSON writes the exact total in US dollars as a decimal string.
func (s MoneySum) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strings.Replace(s.String(), "$", "", 1)), nil
}
