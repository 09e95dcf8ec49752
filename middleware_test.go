package keeprouter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func clientOf(t *testing.T, srv *keeproutertest.Server, change func(*keeprouter.Options)) *keeprouter.Client {
	t.Helper()
	opts := srv.Options()
	if change != nil {
		change(opts)
	}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	return client
}

func TestMiddlewareSurroundsTheWholeCall(t *testing.T) {
	var order []string
	trace := func(name string) keeprouter.Middleware {
		return func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
			order = append(order, name+" begins "+call.Operation)
			err := next(ctx)
			order = append(order, name+" ends")
			return err
		}
	}
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "Hello."})
	client := clientOf(t, srv, func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{trace("outer"), trace("inner")}
	})

	stream := client.Chat.Stream(t.Context(), hello())
	order = append(order, "made")
	for text, err := range stream.Text() {
		require.NoError(t, err)
		order = append(order, "text "+text)
		break
	}
	want := []string{"made", "outer begins chat.stream", "inner begins chat.stream", "text Hello.", "inner ends", "outer ends"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestMiddlewareSeesTheCall(t *testing.T) {
	var seen keeprouter.Call
	watch := func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
		call.Header.Set("X-Trace", "abc")
		err := next(ctx)
		seen = *call
		return err
	}
	srv := keeproutertest.NewServer(t,
		keeproutertest.Reply{Status: 503},
		keeproutertest.Reply{Text: "Hello.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}},
	)
	client := clientOf(t, srv, func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{watch}
		o.Retry = &keeprouter.RetryPolicy{Retries: 1, Delay: 1, MaxDelay: 1}
	})

	req := hello()
	_, err := client.Chat.Stream(t.Context(), req).Result()
	require.NoError(t, err)

	if got := srv.Requests()[1].Header.Get("X-Trace"); got != "abc" {
		t.Errorf("X-Trace = %q, want the middleware's abc", got)
	}
	if seen.Request != any(req) || !seen.Streaming || seen.Model != keeprouter.Gemma4_31B {
		t.Errorf("call = %+v, want the request and its model, streaming", seen)
	}
	if len(seen.Attempts) != 2 || !errors.Is(seen.Attempts[0].Err, keeprouter.ErrOverloaded) || seen.Attempts[1].Err != nil {
		t.Errorf("attempts = %+v, want an overloaded one and a good one", seen.Attempts)
	}
	if seen.FirstByte <= 0 || seen.FirstDelta < seen.FirstByte {
		t.Errorf("first byte after %v, first delta after %v", seen.FirstByte, seen.FirstDelta)
	}
	if got := seen.Cost.String(); got != "$0.000295" {
		t.Errorf("cost = %s, want $0.000295", got)
	}
}

func TestMiddlewareErrors(t *testing.T) {
	errPolicy := errors.New("not on a Sunday")
	for _, tt := range []struct {
		name       string
		middleware keeprouter.Middleware
		reply      keeproutertest.Reply
		want       error
		requests   int
	}{
		{
			"refuses", func(context.Context, *keeprouter.Call, func(context.Context) error) error { return errPolicy },
			keeproutertest.Reply{},
			errPolicy, 0,
		},
		{
			"forgets next", func(context.Context, *keeprouter.Call, func(context.Context) error) error { return nil },
			keeproutertest.Reply{},
			keeprouter.ErrConfig, 0,
		},
		{
			"swallows the failure", func(ctx context.Context, _ *keeprouter.Call, next func(context.Context) error) error {
				_ = next(ctx)
				return nil
			},
			keeproutertest.Reply{Status: 401},
			keeprouter.ErrAuthentication, 1,
		},
		{
			"calls next twice", func(ctx context.Context, _ *keeprouter.Call, next func(context.Context) error) error {
				return errors.Join(next(ctx), next(ctx))
			},
			keeproutertest.Reply{},
			keeprouter.ErrConfig, 1,
		},
		{
			"sets a header that can't be sent", func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
				call.Header.Set("X-A", "a\nb")
				return next(ctx)
			},
			keeproutertest.Reply{},
			keeprouter.ErrInvalidRequest, 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t, tt.reply)
			client := clientOf(t, srv, func(o *keeprouter.Options) { o.Middleware = []keeprouter.Middleware{tt.middleware} })
			_, err := client.Chat.Create(t.Context(), hello())
			require.ErrorIs(t, err, tt.want)
			if got := len(srv.Requests()); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}
