package gateway

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	requestLimit = 10_000
	tokenLimit   = 4_000_000
)

// setHeader writes what every answer bears.
func (x *exchange) setHeader() {
	h := x.w.Header()
	h.Set("Server", ServerName)
	h.Set("X-Request-Id", x.request.RequestID)
	h.Set("Request-Id", x.request.RequestID)
	requests := strconv.FormatInt(max(requestLimit-x.number, 0), 10)
	if x.messages {
		reset := time.Unix(x.gateway.created, 0).UTC().Add(time.Minute).Format(time.RFC3339)
		setLimit(h, "Anthropic-Ratelimit-Requests-", "Limit", "Remaining", "Reset", strconv.Itoa(requestLimit), requests, reset)
		for _, kind := range []string{"Tokens-", "Input-Tokens-", "Output-Tokens-"} {
			setLimit(h, "Anthropic-Ratelimit-"+kind, "Limit", "Remaining", "Reset", strconv.Itoa(tokenLimit), strconv.Itoa(tokenLimit), reset)
		}
		return
	}
	setLimit(h, "X-Ratelimit-", "Limit-Requests", "Remaining-Requests", "Reset-Requests", strconv.Itoa(requestLimit), requests, "6ms")
	setLimit(h, "X-Ratelimit-", "Limit-Tokens", "Remaining-Tokens", "Reset-Tokens", strconv.Itoa(tokenLimit), strconv.Itoa(tokenLimit), "0s")
}

func setLimit(h http.Header, prefix, limit, remaining, reset string, values ...string) {
	for i, name := range []string{limit, remaining, reset} {
		h.Set(prefix+name, values[i])
	}
}

// setScripted writes what the reply asks for, over anything else. An empty list
// removes a header.
func (r *Reply) setScripted(h http.Header) {
	if r.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(r.RetryAfter.Seconds()))))
		if r.RetryAfter%time.Second != 0 {
			h.Set("Retry-After-Ms", strconv.FormatInt(r.RetryAfter.Milliseconds(), 10))
		}
	}
	for name, values := range r.Header {
		h.Del(name)
		for _, value := range values {
			h.Add(name, value)
		}
	}
}

func (x *exchange) writeJSON(status int, body []byte) {
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	// Who asked may be gone: there is nobody left to tell.
	_, _ = x.w.Write(body)
}
