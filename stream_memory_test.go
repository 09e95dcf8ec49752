package keeprouter

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// silence answers each request with the beginning of a stream, and then with nothing
// until it is broken.
type silence struct {
	head   string
	silent sync.WaitGroup // counts the streams that have come so far
	broken chan struct{}
}

func (s *silence) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, ContentLength: -1,
		Body: &silentBody{rest: s.head, of: s},
	}, nil
}

type silentBody struct {
	rest string
	of   *silence
}

func (b *silentBody) Read(p []byte) (int, error) {
	if b.rest == "" {
		b.of.silent.Done()
		<-b.of.broken
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (*silentBody) Close() error { return nil }

// held is what a goroutine holds, its stack included, that reads a stream which has
// fallen silent.
func held(head string, reader func(*http.Client) func()) int {
	const streams = 200
	s := &silence{head: head, broken: make(chan struct{})}
	read := reader(&http.Client{Transport: s})
	var readers sync.WaitGroup
	s.silent.Add(streams)
	before := inUse()
	for range streams {
		readers.Go(read)
	}
	s.silent.Wait()
	after := inUse()
	close(s.broken)
	readers.Wait()
	return (after - before) / streams
}

func inUse() int {
	var m runtime.MemStats
	for range 3 { // each lets a stack that is too large shrink by half
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// readBare reads a stream as bytes, with a buffer of the usual size.
func readBare(client *http.Client) func() {
	return func() {
		resp, err := client.Get("https://gateway.example/v1")
		if err != nil {
			return
		}
		defer resp.Body.Close()
		buf := make([]byte, 4<<10)
		for err == nil {
			_, err = resp.Body.Read(buf)
		}
	}
}

func TestSilentStreamHoldsLittle(t *testing.T) {
	if raceEnabled || testing.CoverMode() != "" {
		t.Skip("not what is measured")
	}
	// Beside what the bare reader holds: twice what it is. A stack alone is 4 or 8 KiB.
	const most = 16 << 10
	client := func(h *http.Client) *Client {
		c, err := NewClient(&Options{Key: NewKey("kr-test-1"), BaseURL: "https://gateway.example", HTTPClient: h, Retry: &RetryPolicy{}})
		require.NoError(t, err)
		return c
	}
	chat, messages := chatBench()[:6000], messagesBenchText()[:6000]
	bare := held(chat, readBare)
	for name, got := range map[string]int{
		"chat": held(chat, func(h *http.Client) func() {
			c := client(h)
			req := &ChatRequest{Model: Gemma4_31B, Messages: []ChatMessage{User("Hello")}}
			return func() { _, _ = c.Chat.Stream(context.Background(), req).Result() }
		}),
		"messages": held(messages, func(h *http.Client) func() {
			c := client(h)
			req := &MessagesRequest{Model: Gemma4_31B, MaxTokens: 100, Messages: []Message{UserMessage("Hello")}}
			return func() { _, _ = c.Messages.Stream(context.Background(), req).Result() }
		}),
	} {
		t.Logf("%s: %d bytes beside the %d of the bare reader", name, got-bare, bare)
		if got-bare > most {
			t.Errorf("%s: a silent stream holds %d bytes beside the %d of a reader of bytes, want at most %d", name, got-bare, bare, most)
		}
	}
}
