// Package failure says what went wrong with a call, as a value: it reads the
// error answers of gateways, in all the shapes that are in use, and classifies
// them.
package failure

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what went wrong, in words for people.
type Kind string

// The kinds. The root package documents them under the same names.
const (
	Authentication     Kind = "authentication refused"
	Permission         Kind = "permission denied"
	NotFound           Kind = "not found"
	InvalidRequest     Kind = "invalid request"
	RequestTooLarge    Kind = "request too large"
	ContextTooLong     Kind = "context too long"
	ContentFiltered    Kind = "content filtered"
	RateLimited        Kind = "rate limited"
	InsufficientCredit Kind = "insufficient credit"
	Overloaded         Kind = "overloaded"
	Server             Kind = "server error"
	Connection         Kind = "connection failed"
	Timeout            Kind = "timeout"
	Idle               Kind = "idle timeout"
	Canceled           Kind = "canceled"
	Redirect           Kind = "redirect refused"
	Truncated          Kind = "truncated"
	TooLarge           Kind = "too large"
	NotAStream         Kind = "not a stream"
	BadResponse        Kind = "bad response"
	BadToolArguments   Kind = "invalid tool arguments"
	Config             Kind = "invalid setting"
	Unfinished         Kind = "stream not read to its end"
	Consumed           Kind = "stream already consumed"
)

// Failure is why a call, or an attempt of one, failed.
type Failure struct {
	Kind       Kind
	Status     int           // HTTP status, or the one that an error in a stream stands for; 0 without an answer
	Type       string        // the server's error type
	Code       string        // the server's error code
	Param      string        // the field at fault
	Message    string        // the server's words, or ours
	RequestID  string        // the gateway's id of the request
	RetryAfter time.Duration // the wait that the server asked for, 0 if it didn't
	Retryable  bool          // whether the same call may succeed later
	InStream   bool          // whether a stream had begun
	Body       []byte        // the beginning of the body
	Cause      error         // the error underneath
}

// Error gives kind and message; the root package makes the full text.
func (f *Failure) Error() string {
	if f.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", f.Kind, f.Message, f.Cause)
	}
	return fmt.Sprintf("%s: %s", f.Kind, f.Message)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Redact applies clean to everything that a server said. A cause whose text
// changes is replaced by that text.
func (f *Failure) Redact(clean func(string) string) {
	for _, s := range []*string{&f.Type, &f.Code, &f.Param, &f.Message, &f.RequestID} {
		*s = clean(*s)
	}
	if len(f.Body) > 0 {
		f.Body = []byte(clean(string(f.Body)))
	}
	if f.Cause != nil {
		if text := f.Cause.Error(); clean(text) != text {
			f.Cause = errors.New(clean(text))
		}
	}
}
