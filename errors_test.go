package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// TestKindsAgree holds the public kinds to those that failures come with.
func TestKindsAgree(t *testing.T) {
	for kind, want := range map[ErrorKind]failure.Kind{
		ErrAuthentication: failure.Authentication, ErrPermission: failure.Permission, ErrNotFound: failure.NotFound,
		ErrInvalidRequest: failure.InvalidRequest, ErrRequestTooLarge: failure.RequestTooLarge,
		ErrContextTooLong: failure.ContextTooLong, ErrContentFiltered: failure.ContentFiltered,
		ErrRateLimited: failure.RateLimited, ErrInsufficientCredit: failure.InsufficientCredit,
		ErrOverloaded: failure.Overloaded, ErrServer: failure.Server, ErrConnection: failure.Connection,
		ErrTimeout: failure.Timeout, ErrIdle: failure.Idle, ErrCanceled: failure.Canceled, ErrRedirect: failure.Redirect,
		ErrTruncated: failure.Truncated, ErrTooLarge: failure.TooLarge, ErrNotAStream: failure.NotAStream,
		ErrBadResponse: failure.BadResponse, ErrToolArguments: failure.BadToolArguments,
		ErrConfig: failure.Config, ErrUnfinished: failure.Unfinished, ErrConsumed: failure.Consumed,
	} {
		if string(kind) != string(want) {
			t.Errorf("the kind %q is %q in failures", kind, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	errReset := errors.New("connection reset")
	for _, tt := range []struct {
		err  *Error
		want string
	}{
		{&Error{Kind: ErrConsumed}, "keeprouter: stream already consumed; call Stream again for a new answer"},
		{
			&Error{
				Kind: ErrRateLimited, Operation: "chat.create", Status: 429, Type: "rate_limit_error", Code: "rate_limit_exceeded",
				Message: "slow down", RequestID: "req_1", RetryAfter: 30 * time.Second, Attempts: 3,
			},
			"keeprouter: chat.create: rate limited (status 429, rate_limit_error, rate_limit_exceeded, 3 attempts): slow down [request req_1]; retry after 30s",
		},
		{
			&Error{Kind: ErrTruncated, Operation: "messages.stream", Message: "the connection broke", Err: errReset},
			"keeprouter: messages.stream: truncated: the connection broke: connection reset; the result holds what had arrived",
		},
		{invalidRequest("messages[2].content", "it is empty"), "keeprouter: invalid request (messages[2].content): it is empty"},
		{&Error{Kind: ErrAuthentication, Status: 401}, "keeprouter: authentication refused (status 401); check KEEPROUTER_KEY or Options.Key"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("text = %s\nwant   %s", got, tt.want)
		}
	}
}

func TestErrorIsKindAndCause(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("while asking: %w", &Error{Kind: ErrTruncated, Err: cause})
	require.ErrorIs(t, err, ErrTruncated)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, ErrIdle)
	e, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	data, jsonErr := json.Marshal(e)
	require.NoError(t, jsonErr)
	require.JSONEq(t, `{"kind":"truncated"}`, string(data))
}
