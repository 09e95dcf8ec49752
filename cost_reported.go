package keeprouter

import (
	"encoding/json"
	"math/big"
	"net/http"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// costTolerance is what a gateway's own figure may be off by: gateways round.
const costTolerance = Micro

// Discrepancy returns what the gateway says it charged beyond the Total, less than 0
// if it charged less. It is false when the two agree to a millionth of a dollar, to
// which gateways round, or when one of them is unknown.
func (c Cost) Discrepancy() (Money, bool) {
	if c.Reported == nil || c.reason() != nil {
		return 0, false
	}
	difference, err := c.Reported.Sub(c.Total)
	if err != nil || -costTolerance <= difference && difference <= costTolerance {
		return 0, false
	}
	return difference, true
}

// reportedCost finds what a gateway says it charged: in the usage as "cost", a number,
// a text or an object with a total, or in xAI's ticks of 1e-10 dollars; or in
// LiteLLM's header. It is nil where nothing is said that can be read.
func reportedCost(cost json.RawMessage, extra map[string]json.RawMessage, header http.Header) *Money {
	for _, said := range []struct {
		value    string
		decimals int // of the unit
	}{
		{scalarText(cost), 0},
		{scalarText(memberOf(cost, "total_cost")), 0},
		{scalarText(extra["cost_in_usd_ticks"]), 10},
		{header.Get("X-Litellm-Response-Cost"), 0},
	} {
		if amount, ok := reportedAmount(said.value, said.decimals); ok {
			return &amount
		}
	}
	return nil
}

// scalarText is the text of a number or a string.
func scalarText(value json.RawMessage) string {
	if jsonx.Kind(value) != '"' {
		return string(value)
	}
	text, err := jsonx.Unquote(value)
	if err != nil {
		return ""
	}
	return text
}

// reportedAmount reads a decimal number, possibly with an exponent, exactly, but for
// what is less than a pico-dollar: that is rounded half to even.
func reportedAmount(text string, decimals int) (Money, bool) {
	mantissa, power, scientific := strings.Cut(strings.ToLower(text), "e")
	exponent, err := strconv.Atoi(power)
	if scientific && err != nil || exponent < -99 || exponent > 99 {
		return 0, false // no exponent may make a number of millions of digits
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !isDigits(whole) || point && !isDigits(fraction) || len(mantissa) > 60 {
		return 0, false
	}
	value, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return 0, false
	}
	shift := moneyDecimals - decimals - len(fraction) + exponent
	power10 := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		value.Mul(value, power10)
	} else {
		value = roundedQuotient(value, power10)
	}
	return Money(value.Int64()), value.IsInt64()
}

// roundedQuotient divides.
func roundedQuotient(value, by *big.Int) *big.Int {
	whole, rest := new(big.Int).QuoRem(value, by, new(big.Int))
	if twice := rest.Lsh(rest, 1).Cmp(by); twice > 0 || twice == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	return whole
}
