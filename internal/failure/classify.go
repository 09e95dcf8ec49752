package failure

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FromResponse reads an HTTP error answer.
func FromResponse(status int, header http.Header, body []byte, now time.Time) *Failure {
	s := readBody(body)
	f := newFailure(status, header, body, s)
	if f.Message == "" {
		f.Message = http.StatusText(status)
	}
	f.RetryAfter, _ = RetryAfter(header, now)
	switch strings.ToLower(header.Get("X-Should-Retry")) {
	case "true":
		f.Retryable = f.Kind != InsufficientCredit
	case "false":
		f.Retryable = false
	}
	return f
}

// FromEvent reads an error object that came with a status of 200. Its type and
// code tell the status that it stands for.
func FromEvent(data []byte, _ int, header http.Header) *Failure {
	s := readBody(data)
	f := newFailure(impliedStatus(s), header, data, s)
	if f.Message == "" {
		f.Message = "the server sent an error without a message"
	}
	return f
}

// FromFinish makes a failure of a finish reason that tells of one.
func FromFinish(reason string) *Failure {
	return &Failure{
		Kind: Server, Status: http.StatusBadGateway, Code: reason, Retryable: true, InStream: true,
		Message: "the model stopped because of a failure",
	}
}

func newFailure(status int, header http.Header, body []byte, s said) *Failure {
	f := &Failure{
		Status: status, Type: s.typ, Code: s.code, Param: s.param, Message: s.message,
		RequestID: first(RequestID(header), s.requestID),
		Body:      append([]byte(nil), body[:min(len(body), maxBody)]...),
	}
	f.Kind = kindOf(status, s)
	f.Retryable = f.Kind != InsufficientCredit && f.Kind != ContextTooLong && f.Kind != ContentFiltered && retryableStatus(status)
	return f
}

func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// kindOf classifies by the most telling of code, type and message, then by status.
func kindOf(status int, s said) Kind {
	switch word := strings.ToLower(s.typ + " " + s.code); {
	case contains(word, "context_length", "context_window"), status < 500 && saysContext(s.message):
		return ContextTooLong
	case contains(word, "insufficient_quota", "insufficient_credit", "insufficient_funds", "billing", "payment"):
		return InsufficientCredit
	case contains(word, "content_policy", "content_filter", "moderation"):
		return ContentFiltered
	}
	switch status {
	case http.StatusUnauthorized:
		return Authentication
	case http.StatusPaymentRequired:
		return InsufficientCredit
	case http.StatusForbidden:
		return Permission
	case http.StatusNotFound:
		return NotFound
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return Timeout
	case http.StatusRequestEntityTooLarge:
		return RequestTooLarge
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusServiceUnavailable, 529:
		return Overloaded
	}
	if status >= 500 {
		return Server
	}
	return InvalidRequest
}

func saysContext(message string) bool {
	return contains(strings.ToLower(message),
		"prompt is too long", "maximum context length", "exceed context limit", "exceeds the context window", "context length exceeded")
}

func contains(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// impliedStatus is the status that an error object would have had as an answer.
func impliedStatus(s said) int {
	if n, err := strconv.Atoi(s.code); err == nil && n >= 400 && n < 600 {
		return n
	}
	for _, word := range []string{strings.ToLower(s.typ), strings.ToLower(s.code)} {
		switch {
		case word == "":
		case contains(word, "overloaded"):
			return 529
		case contains(word, "unavailable"):
			return http.StatusServiceUnavailable
		case contains(word, "rate_limit", "resource_exhausted", "tokens_exceeded", "too_many_requests", "insufficient_quota"):
			return http.StatusTooManyRequests
		case contains(word, "authentication", "invalid_api_key", "unauthorized"):
			return http.StatusUnauthorized
		case contains(word, "billing", "payment", "insufficient_credit"):
			return http.StatusPaymentRequired
		case contains(word, "permission", "forbidden"):
			return http.StatusForbidden
		case contains(word, "not_found"):
			return http.StatusNotFound
		case contains(word, "too_large"):
			return http.StatusRequestEntityTooLarge
		case contains(word, "timeout"):
			return http.StatusGatewayTimeout
		case contains(word, "invalid", "context_length", "content_policy", "content_filter", "bad_request"):
			return http.StatusBadRequest
		}
	}
	return http.StatusInternalServerError
}

// RequestID returns the id that a gateway gave to a request.
func RequestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Litellm-Call-Id", "Cf-Aig-Log-Id", "Apim-Request-Id"} {
		if id := h.Get(name); id != "" {
			return clean(id, 200)
		}
	}
	return ""
}

// RetryAfter returns the wait that a server asks for. A value that makes no sense
// (negative, not a number, a date in the past) is none.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := inUnits(h.Get("Retry-After-Ms"), time.Millisecond); ok {
		return d, true
	}
	value := h.Get("Retry-After")
	if d, ok := inUnits(value, time.Second); ok {
		return d, true
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now), true
	}
	return 0, false
}

func inUnits(value string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(n > 0) || n > math.MaxInt64/2/float64(unit) {
		return 0, false
	}
	return time.Duration(n * float64(unit)), true
}
