package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RateLimit is one limit and what is left of it.
type RateLimit struct {
	Limit     int64
	Remaining int64
	Reset     time.Time
	Known     bool
}

// RateLimits are those that a header reports.
type RateLimits struct {
	Requests, Tokens, InputTokens, OutputTokens RateLimit
}

func rateLimits(h http.Header, now time.Time) RateLimits {
	return RateLimits{
		Requests:     rateLimit(h, "Requests", now),
		Tokens:       rateLimit(h, "Tokens", now),
		InputTokens:  rateLimit(h, "Input-Tokens", now),
		OutputTokens: rateLimit(h, "Output-Tokens", now),
	}
}

// rateLimit reads what the two formats' headers say about one thing; their names
// differ in the order of the words. Names without a thing mean requests.
func rateLimit(h http.Header, what string, now time.Time) RateLimit {
	read := func(property string) string {
		if v := h.Get("Anthropic-Ratelimit-" + what + "-" + property); v != "" {
			return v
		}
		if v := h.Get("X-Ratelimit-" + property + "-" + what); v != "" || what != "Requests" {
			return v
		}
		return h.Get("X-Ratelimit-" + property)
	}
	limit, hasLimit := count(read("Limit"))
	remaining, hasRemaining := count(read("Remaining"))
	return RateLimit{
		Limit: limit, Remaining: remaining, Reset: resetTime(read("Reset"), now), Known: hasLimit || hasRemaining,
	}
}

func count(value string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return n, err == nil && n >= 0
}

// resetTime reads a moment in the forms that are in use: RFC 3339, a duration such
// as 6m0s, seconds from now, or seconds or milliseconds since 1970.
func resetTime(value string, now time.Time) time.Time {
	value = strings.TrimSpace(value)
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t
	}
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return now.Add(d).Round(0).UTC()
	}
	const year = 365 * 24 * 60 * 60
	switch n, err := strconv.ParseFloat(value, 64); {
	case err != nil || !(n >= 0) || n > 1e14:
		return time.Time{}
	case n < year:
		return now.Add(time.Duration(n * float64(time.Second))).Round(0).UTC()
	case n < 1e11:
		return time.Unix(int64(n), 0).UTC()
	default:
		return time.UnixMilli(int64(n)).UTC()
	}
}
