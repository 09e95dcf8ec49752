package keeprouter

import (
	"encoding/json"
	"math/big"
	"net/http"
	"regexp"
	"strconv"

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
		decimals int64 // of the unit
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

// reportedForm bounds the digits, so that no exponent can make a number of millions of
// them.
var reportedForm = regexp.MustCompile(`^\d{1,20}(\.\d{1,40})?([eE][+-]?\d{1,2})?$`)

// reportedAmount reads a decimal number exactly, but for what is less than a
// pico-dollar: that is rounded half to even.
func reportedAmount(text string, decimals int64) (Money, bool) {
	if !reportedForm.MatchString(text) {
		return 0, false
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(moneyDecimals-decimals), nil)
	value.Mul(value, new(big.Rat).SetInt(scale))
	whole, rest := new(big.Int).QuoRem(value.Num(), value.Denom(), new(big.Int))
	if twice := rest.Lsh(rest, 1).Cmp(value.Denom()); twice > 0 || twice == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	amount, err := strconv.ParseInt(whole.String(), 10, 64)
	return Money(amount), err == nil
}
