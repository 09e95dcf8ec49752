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

// limitNames are the headers that tell of one thing, by property: limit, remaining,
// reset. Of each property's names the first that has a value counts.
type limitNames [3][]string

// namesOf returns the two formats' names, which differ in the order of the words.
func namesOf(what string) limitNames {
	var names limitNames
	for i, property := range []string{"Limit", "Remaining", "Reset"} {
		names[i] = []string{"Anthropic-Ratelimit-" + what + "-" + property, "X-Ratelimit-" + property + "-" + what}
		if what == "Requests" { // what names without a thing mean
			names[i] = append(names[i], "X-Ratelimit-"+property)
		}
	}
	return names
}

var (
	requestLimits = namesOf("Requests")
	tokenLimits   = namesOf("Tokens")
	inputLimits   = namesOf("Input-Tokens")
	outputLimits  = namesOf("Output-Tokens")
)

func rateLimits(h http.Header, now time.Time) RateLimits {
	return RateLimits{
		Requests:     rateLimit(h, &requestLimits, now),
		Tokens:       rateLimit(h, &tokenLimits, now),
		InputTokens:  rateLimit(h, &inputLimits, now),
		OutputTokens: rateLimit(h, &outputLimits, now),
	}
}

// rateLimit reads what the headers say about one thing.
func rateLimit(h http.Header, names *limitNames, now time.Time) RateLimit {
	limit, hasLimit := count(firstOf(h, names[0]))
	remaining, hasRemaining := count(firstOf(h, names[1]))
	return RateLimit{
		Limit: limit, Remaining: remaining, Reset: resetTime(firstOf(h, names[2]), now), Known: hasLimit || hasRemaining,
	}
}

func firstOf(h http.Header, names []string) string {
	for _, name := range names {
		if v := h[name]; len(v) > 0 && v[0] != "" { // the names are canonical
			return v[0]
		}
	}
	return ""
}

func count(value string) (int64, bool) {
	if value == "" { // as nearly always; the error would cost more than the rest
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return n, err == nil && n >= 0
}

// resetTime reads a moment in the forms that are in use: RFC 3339, a duration such
// as 6m0s, seconds from now, or seconds or milliseconds since 1970.
func resetTime(value string, now time.Time) time.Time {
	value = strings.TrimSpace(value)
	if value == "" {
		return time.Time{}
	}
	if strings.Contains(value, "T") {
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return t
		}
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
