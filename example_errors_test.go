package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// status says how a service might answer its own client.
func ExampleErrorKind() {
	for _, reply := range []keeproutertest.Reply{
		{Status: 429, RetryAfter: time.Hour},
		{Status: 400, ErrorCode: "context_length_exceeded"},
		{Status: 401},
		{Status: 500},
	} {
		client, stop := local(reply)
		once, err := client.With(func(o *keeprouter.Options) { o.Retry = &keeprouter.RetryPolicy{} })
		if err != nil {
			log.Fatal(err)
		}
		_, err = once.Chat.Create(context.Background(), hello())
		fmt.Println(status(err))
		stop()
	}
	// Output:
	// 429 try again in 1h0m0s
	// 413 the conversation is too long
	// 500 our fault
	// 502 the model failed; try again
}

func status(err error) (int, string) {
	e, ok := errors.AsType[*keeprouter.Error](err)
	switch {
	case err == nil:
		return 200, "ok"
	case errors.Is(err, keeprouter.ErrContextTooLong):
		return 413, "the conversation is too long"
	case errors.Is(err, keeprouter.ErrRateLimited) && ok:
		return 429, "try again in " + e.RetryAfter.String()
	case errors.Is(err, keeprouter.ErrBudget), errors.Is(err, keeprouter.ErrInsufficientCredit):
		return 402, "no budget left"
	case errors.Is(err, context.Canceled):
		return 499, "the client went away"
	case ok && e.Retryable:
		return 502, "the model failed; try again"
	default: // ErrAuthentication, ErrConfig, ErrInvalidRequest: a mistake of this program
		return 500, "our fault"
	}
}

// A request that the format refuses isn't sent; the error names the field.
func ExampleError_param() {
	client, stop := local()
	defer stop()
	req := hello()
	req.Temperature = new(3.0)
	_, err := client.Chat.Create(context.Background(), req)
	if e, ok := errors.AsType[*keeprouter.Error](err); ok && e.Status == 0 {
		fmt.Println("not sent:", e.Param)
	}
	// Output: not sent: temperature
}

func ExampleRetryPolicy() {
	client, stop := local(keeproutertest.Reply{Status: 503}, keeproutertest.Reply{Text: "Hello."})
	defer stop()
	client, err := client.With(func(o *keeprouter.Options) {
		o.Retry = &keeprouter.RetryPolicy{
			Retries:       4,
			Delay:         time.Millisecond, // doubled each time, and drawn from 0 to that
			MaxDelay:      5 * time.Second,
			MaxRetryAfter: 20 * time.Second, // a server that asks for more fails the call
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // bounds all attempts together
	defer cancel()
	resp, err := client.Chat.Create(ctx, hello())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text(), resp.Meta.Attempts, "attempts")
	// Output: Hello. 2 attempts
}

// What was tried is on the Call that a middleware sees.
func ExampleAttempt() {
	client, stop := local(keeproutertest.Reply{Status: 503}, keeproutertest.Reply{Text: "Hello."})
	defer stop()
	attempts := func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
		err := next(ctx)
		for i, a := range call.Attempts {
			fmt.Println(i+1, a.Status, errors.Is(a.Err, keeprouter.ErrOverloaded))
		}
		return err
	}
	client, err := client.With(func(o *keeprouter.Options) { o.Middleware = []keeprouter.Middleware{attempts} })
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Chat.Create(context.Background(), hello()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 503 true
	// 2 200 false
}

func ExampleMiddleware_log() {
	client, stop := local(keeproutertest.Reply{Text: "Hello.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	defer stop()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: stable}))
	client, err := client.With(func(o *keeprouter.Options) {
		o.Middleware = append(o.Middleware, keeprouter.LogCalls(logger))
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Chat.Create(context.Background(), hello()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=INFO msg="model call" operation=chat.create model=gemma-4-31B-it stream=false request_id=req_1 status=200 attempts=1 finish=stop usage.input=1000 usage.output=500 cost=$0.000295
}

// stable leaves out what differs from run to run.
func stable(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Value.Kind() == slog.KindDuration {
		return slog.Attr{}
	}
	return a
}
