package keeprouter

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// ErrorKind says in a word what went wrong. The kinds are constants for
// [errors.Is]; the details are in the [Error] around them.
type ErrorKind string

// Error returns the kind's text.
func (k ErrorKind) Error() string { return string(k) }

// Errors that the gateway answers with.
const (
	// ErrAuthentication: the key is missing, wrong or revoked (401).
	ErrAuthentication ErrorKind = "authentication refused"
	// ErrPermission: the key may not do this (403).
	ErrPermission ErrorKind = "permission denied"
	// ErrNotFound: no such model or endpoint (404).
	ErrNotFound ErrorKind = "not found"
	// ErrInvalidRequest: the request is refused, by the gateway (400, 422, …) or
	// locally before it is sent (Status 0); Param names the field.
	ErrInvalidRequest ErrorKind = "invalid request"
	// ErrRequestTooLarge: the request body is too large (413).
	ErrRequestTooLarge ErrorKind = "request too large"
	// ErrContextTooLong: prompt and answer don't fit the model's context window.
	ErrContextTooLong ErrorKind = "context too long"
	// ErrContentFiltered: a content policy refused the request.
	ErrContentFiltered ErrorKind = "content filtered"
	// ErrRateLimited: too many requests or tokens (429); RetryAfter tells the wait.
	ErrRateLimited ErrorKind = "rate limited"
	// ErrInsufficientCredit: the account has no credit or quota left (402, or 429
	// with insufficient_quota). Never retried.
	ErrInsufficientCredit ErrorKind = "insufficient credit"
	// ErrOverloaded: the gateway or the model is overloaded (503, 529).
	ErrOverloaded ErrorKind = "overloaded"
	// ErrServer: another failure on the gateway's side (5xx).
	ErrServer ErrorKind = "server error"
)

// Failures between this client and the gateway.
const (
	// ErrConnection: the connection could not be made, or broke before an answer.
	ErrConnection ErrorKind = "connection failed"
	// ErrTimeout: a [Timeouts] limit or the context's deadline passed; a deadline
	// also matches [context.DeadlineExceeded].
	ErrTimeout ErrorKind = "timeout"
	// ErrIdle: an open answer fell silent for longer than Timeouts.Idle.
	ErrIdle ErrorKind = "idle timeout"
	// ErrCanceled: the caller's context was canceled; matches [context.Canceled].
	ErrCanceled ErrorKind = "canceled"
	// ErrRedirect: the answer was a redirect that is not followed, because key and
	// prompt would go to another host.
	ErrRedirect ErrorKind = "redirect refused"
)

// Failures found in an answer of status 200.
const (
	// ErrTruncated: the stream ended before its end was marked. The result holds
	// what had arrived.
	ErrTruncated ErrorKind = "truncated"
	// ErrTooLarge: the answer, or one event of it, exceeds [Limits].
	ErrTooLarge ErrorKind = "too large"
	// ErrNotAStream: a stream was asked for, and something else came.
	ErrNotAStream ErrorKind = "not a stream"
	// ErrBadResponse: the answer can't be read: not JSON, or not what the format
	// says.
	ErrBadResponse ErrorKind = "bad response"
	// ErrToolArguments: the arguments of a tool call are not valid JSON although
	// the answer was not cut by its token limit. The result holds them as they came.
	ErrToolArguments ErrorKind = "invalid tool arguments"
)

// Mistakes of the calling code.
const (
	// ErrConfig: [NewClient] or [Client.With] was given a setting that can't work;
	// Param names it.
	ErrConfig ErrorKind = "invalid setting"
	// ErrUnfinished: the stream was not read to its end: the loop over it was left,
	// or is still running. The result holds what had arrived.
	ErrUnfinished ErrorKind = "stream not read to its end"
	// ErrConsumed: a stream was ranged over a second time. Ask for a new one.
	ErrConsumed ErrorKind = "stream already consumed"
)

// Error is what every failed call returns, before, during and after the answer.
// Only a [Middleware] can put an error of its own in its place.
//
//	if errors.Is(err, keeprouter.ErrRateLimited) { … }
//	if e, ok := errors.AsType[*keeprouter.Error](err); ok { log.Print(e.RequestID) }
//
// Its text never holds the key. Message and Body are the server's words and may
// quote the request.
type Error struct {
	Kind       ErrorKind     `json:"kind"`                 // what went wrong; never empty
	Operation  string        `json:"operation,omitzero"`   // the call, such as "chat.stream"
	Status     int           `json:"status,omitzero"`      // HTTP status; 0 when there was no answer
	Type       string        `json:"type,omitzero"`        // the server's error type, such as "rate_limit_error"
	Code       string        `json:"code,omitzero"`        // the server's code, such as "context_length_exceeded"
	Param      string        `json:"param,omitzero"`       // the field at fault, such as "messages[2].tool_call_id"
	Message    string        `json:"message,omitzero"`     // the server's words, or ours for a local error
	RequestID  string        `json:"request_id,omitzero"`  // for a support request
	RetryAfter time.Duration `json:"retry_after,omitzero"` // the wait that the server asked for; 0 when it didn't
	Retryable  bool          `json:"retryable,omitzero"`   // whether the same call may succeed later
	InStream   bool          `json:"in_stream,omitzero"`   // whether it came inside a stream that had begun
	Attempts   int           `json:"attempts,omitzero"`    // attempts made
	Body       []byte        `json:"-"`                    // the beginning of the answer's body, at most 4 KiB
	Err        error         `json:"-"`                    // the cause, when there is one
}

// Error says what happened, to which request, and what to do about it.
func (e *Error) Error() string {
	text := "keeprouter: "
	if e.Operation != "" {
		text += e.Operation + ": "
	}
	text += string(e.Kind) + e.details()
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Err != nil && !strings.Contains(e.Message, e.Err.Error()) {
		text += ": " + e.Err.Error()
	}
	if e.RequestID != "" {
		text += " [request " + e.RequestID + "]"
	}
	if advice := e.advice(); advice != "" {
		text += "; " + advice
	}
	return text
}

func (e *Error) details() string {
	var parts []string
	if e.Param != "" {
		parts = append(parts, e.Param)
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.Status))
	}
	if e.Type != "" && e.Type != e.Code {
		parts = append(parts, e.Type)
	}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// advice is the next step for the kinds whose remedy doesn't follow from their
// message.
func (e *Error) advice() string {
	switch e.Kind {
	case ErrAuthentication:
		return "check KEEPROUTER_KEY or Options.Key"
	case ErrInsufficientCredit:
		return "add credit to the account"
	case ErrRateLimited, ErrOverloaded:
		if e.RetryAfter > 0 {
			return "retry after " + e.RetryAfter.String()
		}
		return "retry later"
	case ErrContextTooLong:
		return "shorten the conversation or lower the output limit"
	case ErrTruncated:
		return "the result holds what had arrived"
	case ErrIdle:
		return "raise Timeouts.Idle if the model needs longer"
	case ErrTooLarge:
		return "raise Options.Limits if this size is wanted"
	case ErrUnfinished:
		return "read the stream to its end for the whole answer"
	case ErrConsumed:
		return "call Stream again for a new answer"
	case ErrRedirect:
		return "set Options.BaseURL to the gateway's own address"
	}
	return ""
}

// Unwrap returns the kind and the cause, for [errors.Is] and [errors.As].
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// LogValue gives the error's fields to [log/slog], without body and message.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", string(e.Kind)),
		slog.String("operation", e.Operation),
		slog.Int("status", e.Status),
		slog.String("type", e.Type),
		slog.String("code", e.Code),
		slog.String("request_id", e.RequestID),
		slog.Int("attempts", e.Attempts),
	)
}

// configError tells which setting can't work, and what would. It isn't inlined for the same
// reason as invalidRequest.
//
//go:noinline
func configError(setting, message string) *Error {
	return &Error{Kind: ErrConfig, Param: setting, Message: message}
}

// invalidRequest tells which field of a request the format refuses. The request
// was not sent. Copies of it at all its calls would be larger.
//
//go:noinline
func invalidRequest(path, message string) *Error {
	return &Error{Kind: ErrInvalidRequest, Param: path, Message: message}
}

// invalidElement tells which field of a list's element the format refuses.
func invalidElement(list string, i int, path, message string) error {
	return inElement(list, i, invalidRequest(path, message))
}

// inElement puts an element in front of the path of an invalidRequest. Paths grow
// from their end, so that a request without a mistake costs none.
func inElement(list string, i int, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Param = under(list+"["+strconv.Itoa(i)+"]", e.Param)
	}
	return err
}

// inField is inElement for a field.
func inField(name string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Param = under(name, e.Param)
	}
	return err
}

func under(path, rest string) string {
	if rest == "" || rest[0] == '[' {
		return path + rest
	}
	return path + "." + rest
}

// callError turns what the transport or a format reports into the public error.
// Errors that are neither, such as a middleware's own, stay what they are.
func callError(err error, call *Call) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Operation == "" { // one of ours that is new
			e.Operation, e.Attempts = call.Operation, len(call.Attempts)
			e.RequestID = cmp.Or(e.RequestID, call.Meta.RequestID)
		}
		return err
	}
	f, ok := errors.AsType[*failure.Failure](err)
	if !ok {
		return err
	}
	return &Error{
		Kind: ErrorKind(f.Kind), Operation: call.Operation, Status: f.Status,
		Type: f.Type, Code: f.Code, Param: f.Param, Message: f.Message,
		RequestID: cmp.Or(f.RequestID, call.Meta.RequestID), RetryAfter: f.RetryAfter, Retryable: f.Retryable,
		InStream: f.InStream, Attempts: len(call.Attempts), Body: f.Body, Err: f.Cause,
	}
}
