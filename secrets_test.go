package keeprouter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// canary is a key that must show up nowhere.
const canary = "kr-canary-3f9a1c77"

// TestTheKeyIsNeverShown prints everything that a user can get hold of in every way
// that Go has.
func TestTheKeyIsNeverShown(t *testing.T) {
	client, opts, err := echoingClient(t, 200)
	require.NoError(t, err)
	var call keeprouter.Call
	client, err = client.With(func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{func(ctx context.Context, c *keeprouter.Call, next func(context.Context) error) error {
			defer func() { call = *c }()
			return next(ctx)
		}}
	})
	require.NoError(t, err)
	stream := client.Chat.Stream(t.Context(), hello())
	chatResp, err := stream.Result()
	require.NoError(t, err)
	messagesResp, err := client.Messages.Create(t.Context(), ask())
	require.NoError(t, err)

	shown(t, client, *client, client.Chat, *client.Chat, client.Messages, client.Models, opts, *opts, opts.Key, &opts.Key)
	shown(t, call, stream, chatResp, *chatResp, chatResp.Meta, messagesResp, *messagesResp, stream.Meta())
	type nested struct {
		client *keeprouter.Client
		opts   keeprouter.Options
		key    keeprouter.Key
	}
	shown(t, nested{client, *opts, opts.Key}, &nested{client, *opts, opts.Key}, []any{*client, *opts}, map[string]any{"k": opts.Key})
}

// TestTheKeyIsInNoError lets the server echo the key wherever it can.
func TestTheKeyIsInNoError(t *testing.T) {
	for _, status := range []int{200, 400, 401, 429, 500} {
		client, _, err := echoingClient(t, status)
		require.NoError(t, err)
		_, chatErr := client.Chat.Create(t.Context(), hello())
		_, streamErr := client.Chat.Stream(t.Context(), hello()).Result()
		_, messagesErr := client.Messages.Create(t.Context(), ask())
		_, eventsErr := client.Messages.Stream(t.Context(), ask()).Result()
		if status != 200 {
			for _, err := range []error{chatErr, streamErr, messagesErr, eventsErr} {
				require.Error(t, err)
				shown(t, err, *err.(*keeprouter.Error), err.(*keeprouter.Error).Body)
			}
		}
		for _, model := range []string{canary, "gemma"} {
			_, err = client.Models.Get(t.Context(), model)
			if model != canary && err != nil {
				shown(t, err)
			}
		}
	}
	_, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey(canary + "\n")})
	require.ErrorIs(t, err, keeprouter.ErrConfig)
	shown(t, err)
}

// TestLongAndEscapedKeysAreRedacted has a server echo a key that is longer than what
// an error keeps, and one as some servers write it into JSON.
func TestLongAndEscapedKeysAreRedacted(t *testing.T) {
	long := strings.Repeat("eyJhbGciOiJSUzI1NiJ9", 80)
	for _, tt := range []struct{ key, echo, never string }{
		{long, long, long[:40]},
		{"kr/abc/def", `kr\/abc\/def`, `abc`},
		{"kr+abc=", "kr%2Babc%3D", "abc"},
	} {
		opts := keeproutertest.NewServer(t).Options()
		opts.Key = keeprouter.NewKey(tt.key)
		opts.HTTPClient = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			body := fmt.Sprintf(`{"error":{"message":"bad key %[1]s","type":"%[1]s","code":"x"}}`, tt.echo)
			return &http.Response{StatusCode: 401, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}
		client, err := keeprouter.NewClient(opts)
		require.NoError(t, err)
		_, err = client.Chat.Create(t.Context(), hello())
		e, ok := errors.AsType[*keeprouter.Error](err)
		require.True(t, ok)
		require.NotContains(t, fmt.Sprintf("%+v %s", *e, e.Body), tt.never)
	}
}

// shown fails the test if a value shows the key.
func shown(t *testing.T, values ...any) {
	t.Helper()
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		for _, v := range values {
			slog.New(handler).Info("value", "v", v)
		}
	}
	require.NotContains(t, log.String(), canary, "a log line")
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, canary, "%s of %T", verb, v)
			require.NotContains(t, text, fmt.Sprintf("%x", canary), "%s of %T", verb, v)
		}
		if data, err := json.Marshal(v); err == nil {
			require.NotContains(t, string(data), canary, "JSON of %T", v)
		} else {
			require.NotContains(t, err.Error(), canary, "JSON error of %T", v)
		}
	}
}

// echoingClient has a server that says the key wherever it can.
func echoingClient(t *testing.T, status int) (*keeprouter.Client, *keeprouter.Options, error) {
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		reply := keeproutertest.Reply{Status: status, Header: http.Header{
			"X-Echo": {"Bearer " + canary}, "X-Request-Id": {canary}, "Request-Id": {canary}, "Retry-After": {canary},
		}}
		if status != 200 {
			reply.Body = fmt.Sprintf(`{"error":{"message":"bad key %[1]s","type":"%[1]s","code":"%[1]s","param":"%[1]s"}}`, canary)
		}
		return reply
	})
	opts := srv.Options()
	opts.Key = keeprouter.NewKey(canary)
	opts.HTTPClient = &http.Client{Transport: withKey{opts.HTTPClient.Transport}}
	opts.Retry = &keeprouter.RetryPolicy{}
	client, err := keeprouter.NewClient(opts)
	return client, opts, err
}

// withKey lets the canary pass as the local gateway's key.
type withKey struct{ next http.RoundTripper }

func (w withKey) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if req.Header.Get("Authorization") != "Bearer "+canary {
		return nil, fmt.Errorf("the key is missing")
	}
	req.Header.Set("Authorization", "Bearer "+keeproutertest.Key)
	return w.next.RoundTrip(req)
}
