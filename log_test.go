package keeprouter_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestLogCalls(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, CachedInput: 100, Output: 500}
	id := func(id string) map[string][]string { return map[string][]string{"X-Request-Id": {id}} }
	for name, tc := range map[string]struct {
		replies []keeproutertest.Reply
		change  func(*keeprouter.Options)
		stream  bool
		want    []string
	}{
		"answer": {
			replies: []keeproutertest.Reply{{Text: "the answer", Usage: usage, Delay: time.Second, Header: id("req_1")}},
			want: []string{
				`level=INFO msg="model call" operation=chat.create model=gemma-4-31B-it stream=false request_id=req_1 status=200 attempts=1 took=1s first_byte=1s finish=stop usage.input=1000 usage.output=500 usage.cached_input=100 cost=$0.000295`,
			},
		},
		"stream after a retry, with a budget": {
			replies: []keeproutertest.Reply{
				{Status: 429, RetryAfter: 2 * time.Second, ErrorMessage: "the prompt", Header: id("req_1")},
				{Deltas: []string{"the ", "answer"}, Usage: usage, FirstByteDelay: time.Second, Header: id("req_2")},
			},
			change: func(o *keeprouter.Options) { o.Budget = keeprouter.NewBudget(keeprouter.Dollar) },
			stream: true,
			want: []string{
				`level=DEBUG msg="model call attempt failed" operation=chat.stream model=gemma-4-31B-it attempt=1 status=429 waited=0s took=0s err.kind="rate limited" err.operation=chat.stream err.status=429 err.type=rate_limit_error err.code=rate_limit_exceeded err.request_id=req_1 err.attempts=2`,
				`level=INFO msg="model call" operation=chat.stream model=gemma-4-31B-it stream=true request_id=req_2 status=200 attempts=2 took=3s first_byte=2s first_delta=3s finish=stop usage.input=1000 usage.output=500 usage.cached_input=100 cost=$0.000295 charge.spent=$0.000295 charge.reserved=RESERVED charge.basis=usage`,
			},
		},
		"refusal": {
			replies: []keeproutertest.Reply{{Status: 400, ErrorMessage: "the prompt", Header: id("req_1")}},
			want: []string{
				`level=DEBUG msg="model call attempt failed" operation=chat.create model=gemma-4-31B-it attempt=1 status=400 waited=0s took=0s err.kind="invalid request" err.operation=chat.create err.status=400 err.type=invalid_request_error err.code=CODE err.request_id=req_1 err.attempts=1`,
				`level=ERROR msg="model call" operation=chat.create model=gemma-4-31B-it stream=false request_id=req_1 status=400 attempts=1 took=0s first_byte=0s err.kind="invalid request" err.operation=chat.create err.status=400 err.type=invalid_request_error err.code=CODE err.request_id=req_1 err.attempts=1`,
			},
		},
		"overload": {
			replies: []keeproutertest.Reply{{Status: 529, Header: id("req_1")}},
			change:  noRetry,
			want: []string{
				`level=DEBUG msg="model call attempt failed" operation=chat.create model=gemma-4-31B-it attempt=1 status=529 waited=0s took=0s err.kind=overloaded err.operation=chat.create err.status=529 err.type=TYPE err.code=CODE err.request_id=req_1 err.attempts=1`,
				`level=WARN msg="model call" operation=chat.create model=gemma-4-31B-it stream=false request_id=req_1 status=529 attempts=1 took=0s first_byte=0s err.kind=overloaded err.operation=chat.create err.status=529 err.type=TYPE err.code=CODE err.request_id=req_1 err.attempts=1`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
					switch {
					case a.Key == slog.TimeKey:
						return slog.Attr{}
					case a.Key == "reserved":
						return slog.String(a.Key, "RESERVED")
					case len(groups) > 0 && a.Key == "code" && !strings.HasPrefix(a.Value.String(), "rate"):
						return slog.String(a.Key, "CODE")
					case len(groups) > 0 && a.Key == "type" && strings.HasPrefix(a.Value.String(), "server"), a.Value.String() == "overloaded_error":
						return slog.String(a.Key, "TYPE")
					}
					return a
				}}))
				client := clientOf(t, keeproutertest.NewServer(t, tc.replies...), func(o *keeprouter.Options) {
					o.Middleware = []keeprouter.Middleware{keeprouter.LogCalls(logger)}
					if tc.change != nil {
						tc.change(o)
					}
				})
				if tc.stream {
					_, _ = client.Chat.Stream(t.Context(), limitedHello()).Result()
				} else {
					_, _ = client.Chat.Create(t.Context(), limitedHello())
				}
				got := strings.Split(strings.TrimSpace(log.String()), "\n")
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
				for _, secret := range []string{"the prompt", "the answer", "Hello", keeproutertest.Key} {
					if strings.Contains(log.String(), secret) {
						t.Errorf("the log holds %q", secret)
					}
				}
			})
		})
	}
}
