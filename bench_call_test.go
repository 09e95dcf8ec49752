package keeprouter

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// memory is a RoundTripper that answers from memory, so that what remains of a call
// is the client's own work and that of net/http's types.
type memory struct{ answer string }

func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{
			"Content-Type": {"application/json"}, "X-Request-Id": {"req_1"}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"},
			"X-Ratelimit-Limit-Requests": {"100"}, "X-Ratelimit-Remaining-Requests": {"99"}, "X-Ratelimit-Reset-Requests": {"600ms"},
		},
		ContentLength: int64(len(m.answer)), Body: io.NopCloser(strings.NewReader(m.answer)),
	}, nil
}

const (
	smallChat = `{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"gemma-4-31B-it","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17}}`

	smallMessage = `{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[{"type":"text","text":"Hello! How can I help?"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":7}}`
)

func memoryClient(t testing.TB, answer string) *Client {
	t.Helper()
	client, err := NewClient(&Options{
		Key: NewKey("kr-test-1"), BaseURL: "https://gateway.example", HTTPClient: &http.Client{Transport: &memory{answer}},
	})
	require.NoError(t, err)
	return client
}

func smallChatCall(t testing.TB) func() error {
	client, ctx := memoryClient(t, smallChat), context.Background()
	req := &ChatRequest{Model: Gemma4_31B, Messages: []ChatMessage{System("You are terse."), User("Hello")}, Temperature: new(0.0)}
	return func() error { _, err := client.Chat.Create(ctx, req); return err }
}

func smallMessagesCall(t testing.TB) func() error {
	client, ctx := memoryClient(t, smallMessage), context.Background()
	req := &MessagesRequest{Model: Gemma4_31B, MaxTokens: 100, System: TextBlocks("You are terse."), Messages: []Message{UserMessage("Hello")}}
	return func() error { _, err := client.Messages.Create(ctx, req); return err }
}

// bareCall is the same with nothing but net/http.
func bareCall(t testing.TB) func() error {
	t.Helper()
	client := &http.Client{Transport: &memory{smallChat}}
	body := []byte(`{"model":"gemma-4-31B-it","messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Hello"}],"temperature":0}`)
	return func() error {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://gateway.example/v1/chat/completions", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer kr-test-1")
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
}

// What a call may allocate: bare net/http takes 27 of it, 11 of them for the answer
// in memory.
const smallCallAllocs = 34

func TestSmallCallIsCheap(t *testing.T) {
	most := float64(smallCallAllocs)
	if raceEnabled {
		most++ // pools then forget some of what they hold
	}
	for name, call := range map[string]func() error{"chat": smallChatCall(t), "messages": smallMessagesCall(t)} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, call())
			if n := testing.AllocsPerRun(100, func() { _ = call() }); n > most {
				t.Errorf("%v allocations, want at most %v", n, most)
			}
		})
	}
}

func BenchmarkSmallCall(b *testing.B) {
	for name, call := range map[string]func() error{
		"chat": smallChatCall(b), "messages": smallMessagesCall(b), "bare": bareCall(b),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := call(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
