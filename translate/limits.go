package translate

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answerHeader is an answer's header for the client, without what told of the body that
// was translated.
func (rt *RoundTripper) answerHeader(resp *http.Response, contentType string) http.Header {
	kept := resp.Header.Clone()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Transfer-Encoding", "Etag", "Digest", "Content-Digest"} {
		kept.Del(name)
	}
	if id := cmp.Or(kept.Get("Request-Id"), kept.Get("X-Request-Id")); id != "" {
		kept.Set("Request-Id", id)
		kept.Set("X-Request-Id", id)
	}
	renameLimits(kept, rt.client(), rt.Translator.now())
	kept.Set("Content-Type", contentType)
	return kept
}

// renameLimits gives limits the names of the client's format. A name that is there
// already stays.
func renameLimits(h http.Header, client Format, now time.Time) {
	for _, what := range []string{"Requests", "Tokens"} {
		for _, property := range []string{"Limit", "Remaining", "Reset"} {
			from, to := "X-Ratelimit-"+property+"-"+what, "Anthropic-Ratelimit-"+what+"-"+property
			if client == Chat {
				from, to = to, from
			}
			value := h.Get(from)
			h.Del(from)
			if property == "Reset" && value != "" {
				value = resetFor(value, client, now)
			}
			if value != "" && h.Get(to) == "" {
				h.Set(to, value)
			}
		}
	}
}

// resetFor writes when a limit is full again: as a duration for Chat, as a time for
// Messages. It is empty if that can't be read.
func resetFor(value string, client Format, now time.Time) string {
	left, ok := timeLeft(strings.TrimSpace(value), now)
	switch {
	case !ok:
		return ""
	case client == Chat:
		return max(0, left).Round(time.Millisecond).String()
	}
	// A moment too early would make a client wait in vain.
	return now.Add(left).Add(time.Second - 1).Truncate(time.Second).UTC().Format(time.RFC3339)
}

// timeLeft reads a duration such as 6m0s, seconds, seconds or milliseconds since 1970,
// or RFC 3339.
func timeLeft(value string, now time.Time) (time.Duration, bool) {
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at.Sub(now), true
	}
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return d, true
	}
	const year = 365 * 24 * 60 * 60
	switch n, err := strconv.ParseFloat(value, 64); {
	case err != nil || !(n >= 0) || n > 1e14:
		return 0, false
	case n < year:
		return time.Duration(n * float64(time.Second)), true
	case n < 1e11:
		return time.Unix(int64(n), 0).Sub(now), true
	default:
		return time.UnixMilli(int64(n)).Sub(now), true
	}
}
