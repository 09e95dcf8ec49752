package translate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// ErrorAnswer is an error as one of the formats answers with it.
type ErrorAnswer struct {
	// Status is the HTTP status.
	Status int

	// Header holds the content type, the wait before another attempt, and the
	// request's id.
	Header http.Header

	// Body is the format's JSON. Inside a stream it is the data of the event.
	Body []byte
}

// ChatError writes an error as Chat Completions has it: a [*keeprouter.Error], a
// [*RefusalError], or any other.
func ChatError(err error) ErrorAnswer { return Translator{}.ChatError(err) }

// MessagesError writes an error as Messages has it: a [*keeprouter.Error], a
// [*RefusalError], or any other.
func MessagesError(err error) ErrorAnswer { return Translator{}.MessagesError(err) }

// ReadError reads the error answer of a server, in any of the shapes that are in
// use.
func ReadError(status int, header http.Header, body []byte) *keeprouter.Error {
	f := failure.FromResponse(status, header, body, time.Now())
	return &keeprouter.Error{
		Kind: keeprouter.ErrorKind(f.Kind), Status: f.Status, Type: f.Type, Code: f.Code, Param: f.Param,
		Message: f.Message, RequestID: f.RequestID, RetryAfter: f.RetryAfter, Retryable: f.Retryable,
		Body: f.Body, Err: f.Cause,
	}
}

// fault is an error between the formats.
type fault struct {
	kind       keeprouter.ErrorKind
	status     int // of the server, or 0
	code       string
	param      string
	message    string
	requestID  string
	retryAfter time.Duration
	final      bool   // another attempt makes no sense
	detail     string // of Messages: the code of the error's details
}

// upstreamAuth is the code of a key that the client doesn't have.
const upstreamAuth = "upstream_auth"

func (t Translator) fault(err error) fault {
	if refusal, ok := errors.AsType[*RefusalError](err); ok {
		return refusal.fault()
	}
	e, ok := errors.AsType[*keeprouter.Error](err)
	if !ok {
		return plainFault(err)
	}
	f := fault{
		kind: e.Kind, status: e.Status, code: e.Code, param: e.Param, requestID: e.RequestID,
		retryAfter: e.RetryAfter, final: !e.Retryable,
		message: clean(cmp.Or(e.Message, string(e.Kind))),
	}
	if e.Kind == keeprouter.ErrAuthentication && t.OwnKey {
		f.kind, f.status, f.code = keeprouter.ErrServer, http.StatusBadGateway, upstreamAuth
		f.message, f.final = "the server behind this one refused this one's key: tell its operator", true
	}
	return f
}

func (e *RefusalError) fault() fault {
	f := fault{kind: e.Kind, final: true, message: strings.TrimPrefix(e.Error(), "keeprouter: ")}
	if e.Kind == keeprouter.ErrInvalidRequest {
		f.code = "unsupported_parameter"
		if len(e.Losses) > 0 {
			f.param = e.Losses[0].Path
		}
		if slices.ContainsFunc(e.Losses, func(l Loss) bool { return l.Path == threadField }) {
			f.detail = threadUnsupported
		}
	}
	return f
}

// plainFault keeps the words of errors that aren't of this library to itself: they
// may quote addresses.
func plainFault(err error) fault {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fault{kind: keeprouter.ErrTimeout, message: "the answer took too long"}
	case errors.Is(err, context.Canceled):
		return fault{kind: keeprouter.ErrCanceled, message: "the request was canceled", final: true}
	}
	return fault{kind: keeprouter.ErrServer, status: http.StatusInternalServerError, message: "the request failed"}
}

var (
	secret  = regexp.MustCompile(`(?i)\b(?:bearer\s+|(?:sk|rk|pk|kr|key)[-_])[a-z0-9_*.-]{6,}`)
	address = regexp.MustCompile(`(?i)\bhttps?://\S+`)
)

// clean takes keys and addresses out of a server's words.
func clean(message string) string {
	return address.ReplaceAllString(secret.ReplaceAllString(message, "[redacted]"), "[redacted]")
}

// shape is how a format shows a kind of error.
type shape struct {
	status int
	typ    string
	code   string // of Chat
}

const (
	invalidType = "invalid_request_error"
	serverType  = "server_error"
	apiType     = "api_error"
)

// statusCanceled is what proxies note for a client that has gone.
const statusCanceled = 499

func (f *fault) chat() shape {
	switch f.kind {
	case keeprouter.ErrInvalidRequest:
		return shape{f.statusOr(http.StatusBadRequest, 400, 409, 412, 415, 422), invalidType, f.code}
	case keeprouter.ErrContextTooLong:
		return shape{http.StatusBadRequest, invalidType, "context_length_exceeded"}
	case keeprouter.ErrContentFiltered:
		return shape{http.StatusBadRequest, invalidType, "content_policy_violation"}
	case keeprouter.ErrAuthentication:
		return shape{http.StatusUnauthorized, "authentication_error", "invalid_api_key"}
	case keeprouter.ErrInsufficientCredit:
		return shape{f.statusOr(http.StatusPaymentRequired, 402, 429), "insufficient_quota", "insufficient_quota"}
	case keeprouter.ErrPermission:
		return shape{http.StatusForbidden, "permission_error", f.code}
	case keeprouter.ErrNotFound:
		return shape{http.StatusNotFound, invalidType, cmp.Or(f.code, "model_not_found")}
	case keeprouter.ErrRequestTooLarge:
		return shape{http.StatusRequestEntityTooLarge, invalidType, f.code}
	case keeprouter.ErrRateLimited:
		return shape{http.StatusTooManyRequests, "rate_limit_error", cmp.Or(f.code, "rate_limit_exceeded")}
	case keeprouter.ErrTimeout, keeprouter.ErrIdle:
		return shape{f.statusOr(http.StatusGatewayTimeout, 408, 504), "timeout_error", f.code}
	case keeprouter.ErrOverloaded:
		return shape{http.StatusServiceUnavailable, serverType, "overloaded"}
	case keeprouter.ErrCanceled:
		return shape{statusCanceled, invalidType, f.code}
	case keeprouter.ErrServer:
		return shape{f.statusOr(http.StatusBadGateway, 500, 501, 502), serverType, f.code}
	}
	return shape{http.StatusBadGateway, serverType, f.code}
}

func (f *fault) messages() shape {
	s := f.chat()
	switch f.kind {
	case keeprouter.ErrInsufficientCredit:
		s.typ = "billing_error"
	case keeprouter.ErrNotFound:
		s.typ = "not_found_error"
	case keeprouter.ErrRequestTooLarge:
		s.typ = "request_too_large"
	case keeprouter.ErrOverloaded:
		s.status, s.typ = 529, "overloaded_error"
	}
	if s.typ == serverType {
		s.typ = apiType
	}
	return s
}

// statusOr keeps the server's status if it is one of these.
func (f *fault) statusOr(otherwise int, these ...int) int {
	if slices.Contains(these, f.status) {
		return f.status
	}
	return otherwise
}

// ChatError is the function of this name, with the settings.
func (t Translator) ChatError(err error) ErrorAnswer {
	f := t.fault(err)
	s := f.chat()
	type inner struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	body, _ := jsonx.Encode(struct {
		Error inner `json:"error"`
	}{inner{f.message, s.typ, orNull(f.param), orNull(s.code)}})
	return ErrorAnswer{Status: s.status, Header: f.header(s.status), Body: body}
}

// MessagesError is the function of this name, with the settings.
func (t Translator) MessagesError(err error) ErrorAnswer {
	f := t.fault(err)
	s := f.messages()
	if f.kind == keeprouter.ErrContextTooLong {
		f.message = tooLong(f.message)
	}
	type details struct {
		Code string `json:"error_code,omitzero"`
	}
	type inner struct {
		Type    string  `json:"type"`
		Message string  `json:"message"`
		Details details `json:"details,omitzero"`
	}
	body, _ := jsonx.Encode(struct {
		Type      string  `json:"type"`
		Error     inner   `json:"error"`
		RequestID *string `json:"request_id"`
	}{"error", inner{s.typ, f.message, details{f.detail}}, orNull(f.requestID)})
	return ErrorAnswer{Status: s.status, Header: f.header(s.status), Body: body}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// header tells when to try again. Clients retry some statuses unless told not to.
func (f *fault) header(status int) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	if f.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.retryAfter.Seconds()))))
		h.Set("Retry-After-Ms", strconv.FormatInt(f.retryAfter.Milliseconds(), 10))
	}
	retried := status >= 500 || status == http.StatusRequestTimeout || status == http.StatusConflict || status == http.StatusTooManyRequests
	if retried && f.final {
		h.Set("X-Should-Retry", "false")
	}
	if f.requestID != "" {
		h.Set("Request-Id", f.requestID)
		h.Set("X-Request-Id", f.requestID)
	}
	return h
}

var tokens = regexp.MustCompile(`\d[\d,]{2,}`)

// tooLong puts the words before a message by which agents know that they must
// compact the conversation.
func tooLong(message string) string {
	const known = "prompt is too long"
	if strings.HasPrefix(strings.ToLower(message), known) {
		return message
	}
	var numbers []int
	for _, text := range tokens.FindAllString(message, -1) {
		if n, err := strconv.Atoi(strings.ReplaceAll(text, ",", "")); err == nil {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) >= 2 && slices.Min(numbers) < slices.Max(numbers) {
		return fmt.Sprintf("%s: %d tokens > %d maximum", known, slices.Max(numbers), slices.Min(numbers))
	}
	return known + ": " + message
}
