package keeprouter_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// streamOf has a server stream "Hello to you." for one call.
func streamOf(t *testing.T) (*keeproutertest.Server, *keeprouter.ChatStream) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{
		Deltas: []string{"Hello", " to", " you."}, Usage: &keeproutertest.Usage{Input: 1000, Output: 500},
	})
	return srv, clientOf(t, srv, nil).Chat.Stream(t.Context(), hello())
}

func TestStreamIsLazy(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "Hello."})
	req := hello()
	stream := clientOf(t, srv, nil).Chat.Stream(t.Context(), req)
	req.Messages[0] = keeprouter.User("changed later")
	if n := len(srv.Requests()); n != 0 {
		t.Errorf("%d requests before the stream is read", n)
	}
	resp, err := stream.Result()
	require.NoError(t, err)
	if body := string(srv.Requests()[0].Body); !strings.Contains(body, "Hello") {
		t.Errorf("sent %s, want the request as it was", body)
	}
	if resp.Text() != "Hello." {
		t.Errorf("text = %q", resp.Text())
	}
}

func TestStreamResult(t *testing.T) {
	_, stream := streamOf(t)
	var deltas []string
	for chunk, err := range stream.All() {
		require.NoError(t, err)
		if text := chunk.Text(); text != "" {
			deltas = append(deltas, text)
		}
	}
	if diff := gocmp.Diff([]string{"Hello", " to", " you."}, deltas); diff != "" {
		t.Errorf("deltas, kept beyond their chunk (-want +got):\n%s", diff)
	}
	resp, err := stream.Result()
	require.NoError(t, err)
	if got := resp.Text() + " " + resp.Usage.String() + " " + resp.Cost.String(); got != "Hello to you. 1,000 in, 500 out $0.000295" {
		t.Errorf("result = %s", got)
	}
	if resp.Meta.RequestID == "" || resp.Meta.RequestID != stream.Meta().RequestID || resp.Meta.Attempts != 1 {
		t.Errorf("meta = %+v, of the stream %+v", resp.Meta, stream.Meta())
	}
	if !resp.Meta.RateLimits.Requests.Known || resp.Meta.RateLimits.Requests.Limit == 0 {
		t.Errorf("rate limits = %+v", resp.Meta.RateLimits)
	}
}

func TestStreamIsReadOnce(t *testing.T) {
	srv, stream := streamOf(t)
	_, err := stream.Result()
	require.NoError(t, err)
	for _, again := range []iter.Seq2[*keeprouter.ChatChunk, error]{stream.All(), stream.All()} {
		for chunk, err := range again {
			require.ErrorIs(t, err, keeprouter.ErrConsumed)
			if chunk != nil {
				t.Errorf("a chunk came with the error")
			}
		}
	}
	resp, err := stream.Result()
	require.NoError(t, err, "the result stays what it was")
	if n := len(srv.Requests()); n != 1 || resp.Text() != "Hello to you." {
		t.Errorf("%d requests, text %q", n, resp.Text())
	}
}

func TestStreamLeftEarly(t *testing.T) {
	_, stream := streamOf(t)
	for text, err := range stream.Text() {
		require.NoError(t, err)
		require.Equal(t, "Hello", text)
		inside, err := stream.Result()
		require.ErrorIs(t, err, keeprouter.ErrUnfinished, "inside the loop")
		require.Equal(t, "Hello", inside.Text())
		for _, err := range stream.Text() {
			require.ErrorIs(t, err, keeprouter.ErrConsumed, "a loop inside the loop")
		}
		break
	}
	resp, err := stream.Result()
	require.ErrorIs(t, err, keeprouter.ErrUnfinished)
	require.Equal(t, "Hello", resp.Text())
	require.ErrorIs(t, resp.Cost.Err, keeprouter.ErrUsageUnknown, "tokens without a price are never free")
}

func TestStreamLeftAtItsEndIsWhole(t *testing.T) {
	srv := keeproutertest.NewServer(t, raw(sse, messagesEvents...))
	stream := clientOf(t, srv, nil).Messages.Stream(t.Context(), ask())
	for ev, err := range stream.All() {
		require.NoError(t, err)
		if ev.Type == "message_stop" {
			break
		}
	}
	resp, err := stream.Result()
	require.NoError(t, err)
	require.Equal(t, "Hello.", resp.Text())
}

func TestStreamSurvivesAPanicInTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, stream := streamOf(t)
		func() {
			defer func() { require.Equal(t, "mine", recover()) }()
			for range stream.All() {
				panic("mine")
			}
		}()
		_, err := stream.Result()
		require.ErrorIs(t, err, keeprouter.ErrUnfinished)
		synctest.Wait()
		if n := srv.Open(); n != 0 {
			t.Errorf("%d requests are open", n)
		}
	})
}

func TestStreamThatCannotBeMade(t *testing.T) {
	srv := keeproutertest.NewServer(t)
	client := clientOf(t, srv, nil)
	for name, err := range map[string]error{
		"no request":  resultError(client.Chat.Stream(t.Context(), nil).Result()),
		"no messages": resultError(client.Chat.Stream(t.Context(), &keeprouter.ChatRequest{Model: "m"}).Result()),
		"no events":   resultError(client.Messages.Stream(t.Context(), nil).Result()),
		"header":      resultError(client.Chat.Stream(t.Context(), &keeprouter.ChatRequest{Model: "m", Messages: hello().Messages, Header: map[string][]string{"X-A": {"\n"}}}).Result()),
	} {
		if !errors.Is(err, keeprouter.ErrInvalidRequest) {
			t.Errorf("%s: error = %v, want an invalid request", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, resultError(client.Chat.Stream(ctx, hello()).Result()), keeprouter.ErrCanceled)
	if n := len(srv.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func resultError[R any](_ *R, err error) error { return err }

func TestStreamFromElsewhere(t *testing.T) {
	errBroken := errors.New("the recording is broken")
	record := func(chunks []keeprouter.ChatChunk, err error) iter.Seq2[*keeprouter.ChatChunk, error] {
		return func(yield func(*keeprouter.ChatChunk, error) bool) {
			for i := range chunks {
				if !yield(&chunks[i], nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}
	chunk := func(text, finish string) keeprouter.ChatChunk {
		return keeprouter.ChatChunk{ID: "c", Model: keeprouter.Gemma4_31B, Choices: []keeprouter.ChatChunkChoice{{
			Delta: keeprouter.ChatDelta{Content: text}, FinishReason: keeprouter.ChatFinishReason(finish),
		}}}
	}
	for _, tt := range []struct {
		name   string
		chunks []keeprouter.ChatChunk
		err    error
		want   error
		text   string
	}{
		{"whole", []keeprouter.ChatChunk{chunk("Hel", ""), chunk("lo.", "stop")}, nil, nil, "Hello."},
		{"without its end", []keeprouter.ChatChunk{chunk("Hel", "")}, nil, keeprouter.ErrTruncated, "Hel"},
		{"broken", []keeprouter.ChatChunk{chunk("Hel", "")}, errBroken, errBroken, "Hel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream := keeprouter.NewChatStream(record(tt.chunks, tt.err))
			text, err := readText(stream.Text())
			require.ErrorIs(t, err, tt.want)
			resp, err := stream.Result()
			require.ErrorIs(t, err, tt.want)
			if text != tt.text || resp.Text() != tt.text {
				t.Errorf("handed out %q, result %q, want %q", text, resp.Text(), tt.text)
			}
		})
	}
	if resp, err := keeprouter.NewChatStream(record(nil, nil)).Result(); !errors.Is(err, keeprouter.ErrTruncated) || resp != nil {
		t.Errorf("an empty recording: %v, %v", resp, err)
	}
}

func TestStreamCountsItsAttempts(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Status: 503}, keeproutertest.Reply{Text: "Hello."})
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Retry = &keeprouter.RetryPolicy{Retries: 1, Delay: 1} })
	stream := client.Chat.Stream(t.Context(), hello())
	for _, err := range stream.All() {
		require.NoError(t, err)
		require.Equal(t, 2, stream.Meta().Attempts, "in the loop")
	}
	require.Equal(t, 2, stream.Meta().Attempts, "behind it")
}

// TestAMissingChoiceIsNoEnd ends a stream cleanly, without [DONE], when one of the two
// choices that were asked for has come.
func TestAMissingChoiceIsNoEnd(t *testing.T) {
	opts := keeproutertest.NewServer(t).Options()
	opts.HTTPClient = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		body := io.NopCloser(strings.NewReader(strings.Join(chatEvents[:4], "")))
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {sse}}, Body: body}, nil
	})}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	req := hello()
	req.N = new(2)
	resp, err := client.Chat.Stream(t.Context(), req).Result()
	require.ErrorIs(t, err, keeprouter.ErrTruncated)
	require.Equal(t, "Hello.", resp.Text())
}

func TestBetasOfClientAndRequest(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{})
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Header = map[string][]string{"Anthropic-Beta": {"one"}} })
	req := ask()
	req.Betas = []string{"two", "three"}
	_, err := client.Messages.Create(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, "one,two,three", srv.Requests()[0].Header.Get("Anthropic-Beta"))
}

func TestStreamsOfNothing(t *testing.T) {
	require.ErrorIs(t, resultError(keeprouter.NewChatStream(nil).Result()), keeprouter.ErrTruncated)
	require.ErrorIs(t, resultError(keeprouter.NewMessagesStream(nil).Result()), keeprouter.ErrTruncated)
	null := &keeprouter.MessagesEvent{Type: "message_start", Message: &keeprouter.MessagesResponse{Content: keeprouter.Blocks{nil, &keeprouter.TextBlock{Text: "a"}}}}
	resp, err := keeprouter.NewMessagesStream(func(yield func(*keeprouter.MessagesEvent, error) bool) { yield(null, nil) }).Result()
	require.ErrorIs(t, err, keeprouter.ErrTruncated)
	require.Equal(t, "a", resp.Text())
	var zero keeprouter.ChatStream
	require.ErrorIs(t, resultError(zero.Result()), keeprouter.ErrInvalidRequest)
	for _, err := range zero.Text() {
		require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	}
	require.Empty(t, zero.Meta().RequestID)
}

func TestStreamErrorsNameTheRequest(t *testing.T) {
	_, stream := streamOf(t)
	for range stream.All() {
		break
	}
	_, err := stream.Result()
	e, ok := errors.AsType[*keeprouter.Error](err)
	if !ok || e.RequestID != stream.Meta().RequestID || e.RequestID == "" || e.Attempts != 1 || e.Operation != "chat.stream" {
		t.Errorf("error = %+v, want one that names the request", e)
	}
}
