package keeprouter

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// Money is an amount of US dollars in pico-dollars (1e-12 USD). A price in USD per
// 1M tokens with up to six decimals is a whole number of pico-dollars per token, so
// every cost is exact. The range is about ±9.2 million dollars. Build amounts from
// the constants, as with [time.Duration]:
//
//	limit := 5 * keeprouter.Dollar
//
// Add, Sub and Mul report an overflow; the arithmetic operators wrap around
// silently, so keep them for amounts that you wrote yourself.
type Money int64

// Units of money.
const (
	Micro  Money = 1e6  // a millionth of a dollar
	Cent   Money = 1e10 // a hundredth of a dollar
	Dollar Money = 1e12 // one US dollar
)

const (
	moneyDecimals = 12 // decimals that Money holds
	shownDecimals = 2  // decimals that String shows at least
)

// Add returns m + n, or [ErrOverflow].
func (m Money) Add(n Money) (Money, error) {
	sum := m + n
	if n > 0 && sum < m || n < 0 && sum > m {
		return 0, overflow(m.String() + " plus " + n.String())
	}
	return sum, nil
}

// Sub returns m - n, or [ErrOverflow].
func (m Money) Sub(n Money) (Money, error) {
	difference := m - n
	if n > 0 && difference > m || n < 0 && difference < m {
		return 0, overflow(m.String() + " minus " + n.String())
	}
	return difference, nil
}

// Mul returns m times n, such as a number of calls, or [ErrOverflow].
func (m Money) Mul(n int64) (Money, error) {
	high, low := bits.Mul64(magnitude(int64(m)), magnitude(n))
	product, ok := signed(low, (m < 0) != (n < 0))
	if high != 0 || !ok {
		return 0, overflow(m.String() + " times " + strconv.FormatInt(n, 10))
	}
	return Money(product), nil
}

func overflow(what string) error {
	return fmt.Errorf("keeprouter: %s: %w of about 9.2 million dollars; split it into smaller amounts", what, ErrOverflow)
}

// magnitude is unsigned because the least int64 has no positive twin.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(n uint64, negative bool) (int64, bool) {
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// String returns the exact amount with at least two decimals, such as "$0.000295",
// "$5.00" or "-$0.01".
func (m Money) String() string {
	text := m.Format(moneyDecimals)
	shortest := strings.IndexByte(text, '.') + 1 + shownDecimals
	for len(text) > shortest && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return text
}

// Format returns the amount with a fixed number of decimals, from 0 to 12, rounded
// half to even: 0.000295 dollars with 4 is "$0.0003". A negative amount that rounds
// to zero has no sign.
func (m Money) Format(digits int) string {
	digits = min(max(digits, 0), moneyDecimals)
	step := uint64(1)
	for range moneyDecimals - digits {
		step *= 10
	}
	n, rest := magnitude(int64(m))/step, magnitude(int64(m))%step
	if twice := 2 * rest; twice > step || twice == step && n%2 == 1 {
		n++
	}
	text := fmt.Sprintf("%0*d", digits+1, n)
	if digits > 0 {
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	if m < 0 && n != 0 {
		return "-$" + text
	}
	return "$" + text
}

// ParseMoney reads a decimal number of US dollars, such as "0.000295", "$5", "+1.50"
// or "-$0.01". Nothing is rounded: an exponent or more than twelve decimals is an
// error, and an amount out of range is [ErrOverflow].
func ParseMoney(s string) (Money, error) {
	rest, negative := strings.CutPrefix(s, "-")
	if !negative {
		rest = strings.TrimPrefix(rest, "+")
	}
	whole, fraction, point := strings.Cut(strings.TrimPrefix(rest, "$"), ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return 0, fmt.Errorf(`keeprouter: %.40q is no amount of money; write a decimal number of dollars such as "0.000295"`, s)
	}
	if len(fraction) > moneyDecimals {
		return 0, fmt.Errorf("keeprouter: %.40q has %d decimals; round it to %d, the most that Money holds", s, len(fraction), moneyDecimals)
	}
	n, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", moneyDecimals-len(fraction)), 10, 64)
	amount, ok := signed(n, negative)
	if err != nil || !ok {
		return 0, overflow(fmt.Sprintf("%.40q", s))
	}
	return Money(amount), nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// MarshalJSON writes the exact amount in US dollars as a decimal string, such as
// "0.000295", because many JSON readers would turn a number into a float.
func (m Money) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strings.Replace(m.String(), "$", "", 1)), nil
}

// UnmarshalJSON reads what [ParseMoney] reads, from a string or from a number
// literal, never through a float. Null is an error, because an amount that is
// missing is not $0; use *Money where it may be.
func (m *Money) UnmarshalJSON(data []byte) error {
	text := string(data)
	if strings.HasPrefix(text, `"`) {
		if err := jsonx.Decode(data, &text); err != nil {
			return fmt.Errorf("keeprouter: an amount of money: %w", err)
		}
	}
	amount, err := ParseMoney(text)
	if err != nil {
		return err
	}
	*m = amount
	return nil
}
