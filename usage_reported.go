package keeprouter

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// reported is what the gateway says that it charged, from the first place that says
// so: usage.cost, xAI's ticks in the usage, the metadata that Vercel's gateway adds
// to the message, LiteLLM's header. At OpenRouter, with a provider key of one's own,
// it is OpenRouter's fee and not what the provider charges.
func (r *ChatResponse) reported(meta Meta, streaming bool) *Money {
	var found *Money
	if r.WireUsage != nil {
		found = firstAmount(reportedIn(r.WireUsage.Cost), reportedTicks(r.WireUsage.Extra))
	}
	for i := range r.Choices {
		if metadata := r.Choices[i].Message.Extra["provider_metadata"]; metadata != nil {
			found = firstAmount(found, reportedIn(memberOf(memberOf(metadata, "gateway"), "cost")))
		}
	}
	return firstAmount(found, reportedByHeader(meta.Header, streaming))
}

// reported is the same of the Messages format, where usage and header may say it.
func (r *MessagesResponse) reported(meta Meta, streaming bool) *Money {
	var found *Money
	if r.WireUsage != nil {
		found = firstAmount(reportedIn(r.WireUsage.Cost), reportedTicks(r.WireUsage.Extra))
	}
	return firstAmount(found, reportedByHeader(meta.Header, streaming))
}

func firstAmount(amounts ...*Money) *Money {
	for _, amount := range amounts {
		if amount != nil {
			return amount
		}
	}
	return nil
}

// reportedIn reads an amount of dollars as gateways write it: a number, a text, or an
// object with the total of several costs.
func reportedIn(data json.RawMessage) *Money {
	data = bytes.TrimSpace(data)
	if jsonx.Kind(data) == '{' {
		data = memberOf(data, "total_cost")
	}
	switch jsonx.Kind(data) {
	case '"':
		text, err := jsonx.Unquote(data)
		if err != nil {
			return nil
		}
		return roundedMoney(strings.TrimPrefix(strings.TrimSpace(text), "$"), moneyDecimals)
	case '0':
		return roundedMoney(string(data), moneyDecimals)
	}
	return nil
}

// tickDecimals: one of xAI's ticks is 1e-10 dollars.
const tickDecimals = 10

func reportedTicks(usage map[string]json.RawMessage) *Money {
	ticks := usage["cost_in_usd_ticks"]
	if ticks == nil {
		return nil
	}
	return roundedMoney(strings.Trim(string(ticks), `" `), moneyDecimals-tickDecimals)
}

// reportedByHeader reads LiteLLM's header. It is sent before a stream's cost is
// known, and then says zero.
func reportedByHeader(h http.Header, streaming bool) *Money {
	values := h["X-Litellm-Response-Cost"]
	if len(values) == 0 {
		return nil
	}
	amount := roundedMoney(strings.TrimSpace(values[0]), moneyDecimals)
	if streaming && amount != nil && *amount == 0 {
		return nil
	}
	return amount
}

// Bounds on a number's text: no charge needs more.
const (
	maxAmountText     = 256
	maxAmountExponent = 1000
)

// roundedMoney reads a decimal number that may have an exponent, moves its point to
// the right, and rounds it half to even to a whole number of pico-dollars: 0.1 moved
// by 12 is a tenth of a dollar. It never goes through a float, whose noise would be
// kept. Nil is no number, or one that is negative or out of range: no charge.
func roundedMoney(text string, move int) *Money {
	if len(text) > maxAmountText {
		return nil
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || max(n, -n) > maxAmountExponent {
			return nil
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return nil
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	keep := len(digits) - len(fraction) + exponent + move // digits before the point
	if digits == "" || keep < 0 {
		return new(Money(0))
	}
	rest := ""
	if keep < len(digits) {
		digits, rest = digits[:keep], digits[keep:]
	} else if keep <= maxAmountText {
		digits += strings.Repeat("0", keep-len(digits))
	}
	n, err := strconv.ParseInt("0"+digits, 10, 64)
	if err != nil || keep > maxAmountText {
		return nil
	}
	if roundsUp(rest, n%2 == 1) {
		if n == math.MaxInt64 {
			return nil
		}
		n++
	}
	return new(Money(n))
}

// roundsUp judges the digits that are cut off.
func roundsUp(rest string, odd bool) bool {
	if rest == "" || rest[0] < '5' {
		return false
	}
	return odd || rest[0] > '5' || strings.Trim(rest[1:], "0") != ""
}
