package failure

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FromResponse reads an HTTP error answer.
func FromResponse(status int, header http.Header, body []byte, now time.Time) *Failure {
	f := newFailure(status, header, body, readBody(body), now)
	if f.Message == "" {
		f.Message = http.StatusText(status)
	}
	return f
}

// FromEvent reads an error object that came with a status of 200. Its type and
// code tell the status that it stands for.
func FromEvent(data []byte, _ int, header http.Header) *Failure {
	s := readBody(data)
	f := newFailure(impliedStatus(s), header, data, s, time.Now())
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

func newFailure(status int, header http.Header, body []byte, s said, now time.Time) *Failure {
	f := &Failure{
		Kind: kindOf(status, s), Status: status, Type: s.typ, Code: s.code, Param: s.param, Message: s.message,
		RequestID: first(RequestID(header), s.requestID),
		Body:      Excerpt(body, maxBody),
	}
	f.RetryAfter, _ = RetryAfter(header, now)
	switch strings.ToLower(header.Get("X-Should-Retry")) {
	case "true":
		f.Retryable = f.Kind != InsufficientCredit
	case "false":
	default:
		f.Retryable = f.Kind != InsufficientCredit && f.Kind != ContextTooLong && f.Kind != ContentFiltered && retryableStatus(status)
	}
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
	switch word := plainWord(s.typ + " " + s.code); {
	case contains(word, "contextlength", "contextwindow", "contextsize"), status < 500 && saysContext(s.message):
		return ContextTooLong
	case contains(word, "insufficientquota", "insufficientcredit", "insufficientfunds", "insufficientbalance", "billing", "payment"):
		return InsufficientCredit
	case contains(word, "contentpolicy", "contentfilter", "moderation"), s.flagged && status < 500:
		return ContentFiltered
	case contains(word, "invalidapikey"), contains(strings.ToLower(s.message), "api key not valid"):
		return Authentication
	case contains(word, "overloaded"):
		return Overloaded
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
		"prompt is too long", "maximum context length", "exceed context limit", "exceeds the context window",
		"context length exceeded", "exceeds the available context size", "exceeds the maximum number of tokens allowed")
}

// plainWord makes rate_limit_error, RateLimitError and RATE-LIMIT-ERROR the same.
func plainWord(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s))
}

// impliedStatus is the status that an error object would have had as an answer. The
// code tells more than the type, which is the same for a wrong key and a wrong field.
func impliedStatus(s said) int {
	if n, err := strconv.Atoi(s.code); err == nil && n >= 400 && n < 600 {
		return n
	}
	for _, word := range []string{plainWord(s.code), plainWord(s.typ)} {
		switch {
		case word == "":
		case contains(word, "overloaded"):
			return 529
		case contains(word, "unavailable"):
			return http.StatusServiceUnavailable
		case contains(word, "ratelimit", "resourceexhausted", "tokensexceeded", "toomanyrequests", "insufficientquota"):
			return http.StatusTooManyRequests
		case contains(word, "authentication", "invalidapikey", "unauthorized", "unauthenticated"):
			return http.StatusUnauthorized
		case contains(word, "billing", "payment", "insufficientcredit"):
			return http.StatusPaymentRequired
		case contains(word, "permission", "forbidden"):
			return http.StatusForbidden
		case contains(word, "notfound"):
			return http.StatusNotFound
		case contains(word, "toolarge"):
			return http.StatusRequestEntityTooLarge
		case contains(word, "timeout", "deadlineexceeded"):
			return http.StatusGatewayTimeout
		case contains(word, "invalid", "contextlength", "contextsize", "contentpolicy", "contentfilter", "badrequest"):
			return http.StatusBadRequest
		}
	}
	return http.StatusInternalServerError
}

// RequestID returns the id that a gateway gave to a request.
func RequestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Litellm-Call-Id", "Cf-Aig-Log-Id", "Apim-Request-Id"} {
		if values := h[name]; len(values) > 0 && values[0] != "" {
			id := values[0]
			if len(id) <= 200 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
				return id
			}
			return clean(id, 200)
		}
	}
	return ""
}

// maxRetryAfter is the longest wait that is believed. What is longer is a mistake,
// such as a moment given as the seconds since 1970.
const maxRetryAfter = 366 * 24 * time.Hour

// RetryAfter returns the wait that a server asks for. A value that makes no sense
// (negative, not a number, a date in the past, years) is none.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := inUnits(h.Get("Retry-After-Ms"), time.Millisecond); ok {
		return d, true
	}
	value := h.Get("Retry-After")
	if d, ok := inUnits(value, time.Second); ok {
		return d, true
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) && at.Sub(now) <= maxRetryAfter {
		return at.Sub(now), true
	}
	return 0, false
}

func inUnits(value string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(n > 0) || n > float64(maxRetryAfter/unit) {
		return 0, false
	}
	d := time.Duration(n * float64(unit))
	return d, d > 0
}
