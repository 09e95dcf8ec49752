package keeprouter

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

const benchEvents = 2000

// benchWords are tokens as models write them: 12 in 100 hold an escape or a character
// that isn't ASCII.
var benchWords = []string{
	" the", " of", "ing", " a", "to", ",", " in", " token", " stream", "er", " answer",
	" is", " that", " write", ".", " model", " for", "ed", " with", " client", " one", " each",
	`\n\n`, ` caf\u00e9`, " für", ` \"so\"`, "日本",
}

func benchWord(i int) string { return benchWords[(i*7+i/11)%len(benchWords)] }

// benchStream joins events and the end of a stream.
func benchStream(event func(i int) string, begin, end string) string {
	var b strings.Builder
	b.WriteString(begin)
	for i := range benchEvents {
		b.WriteString(event(i))
	}
	b.WriteString(end)
	return b.String()
}

const chatBenchEnd = `data: {"id":"chatcmpl-9f3c1a72","object":"chat.completion.chunk","created":1790000000,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":2000,"total_tokens":2010}}

data: [DONE]

`

func chatBenchChunk(id, created int, delta string) string {
	return fmt.Sprintf(`data: {"id":"chatcmpl-9f3c1a72-%06d","object":"chat.completion.chunk","created":%d,"model":"gemma-4-31B-it","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":null}],"usage":null}`+"\n\n", id, 1790000000+created, delta)
}

func chatBenchText(i int) string {
	return chatBenchChunk(0, 0, `{"content":"`+benchWord(i)+`"}`)
}

func chatBenchTools() string {
	begin := chatBenchChunk(0, 0, `{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}`)
	return benchStream(func(i int) string {
		piece := fmt.Sprintf(`,\"k%d\":%d`, i, i)
		switch i {
		case 0:
			piece = `{\"k\":0`
		case benchEvents - 1:
			piece = "}"
		}
		return chatBenchChunk(0, 0, `{"tool_calls":[{"index":0,"function":{"arguments":"`+piece+`"}}]}`)
	}, begin, strings.Replace(chatBenchEnd, `"stop"`, `"tool_calls"`, 1))
}

const messagesBenchStart = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}}

`

const messagesBenchEnd = `event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2000}}

event: message_stop
data: {"type":"message_stop"}

`

func messagesBenchText() string {
	return benchStream(func(i int) string {
		return "event: content_block_delta\n" + `data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"` + benchWord(i) + `"}}` + "\n\n"
	}, messagesBenchStart+"event: content_block_start\n"+`data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`+"\n\n", messagesBenchEnd)
}

func messagesBenchTools() string {
	return benchStream(func(i int) string {
		piece := fmt.Sprintf(`,\"k%d\":%d`, i, i)
		switch i {
		case 0:
			piece = `{\"k\":0`
		case benchEvents - 1:
			piece = "}"
		}
		return "event: content_block_delta\n" + `data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"` + piece + `"}}` + "\n\n"
	}, messagesBenchStart+"event: content_block_start\n"+`data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}`+"\n\n", strings.Replace(messagesBenchEnd, "end_turn", "tool_use", 1))
}

// oneEventReader returns one event a read, as a server flushes them.
type oneEventReader struct{ rest []byte }

func (r *oneEventReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	end := bytes.Index(r.rest, []byte("\n\n")) + 2
	n := copy(p, r.rest[:end])
	r.rest = r.rest[n:]
	return n, nil
}

// chatPath and messagesPath make folds that have the lane, or go without it.
func chatPath(slow bool) fold[ChatChunk, ChatResponse] {
	f := newChatFold()
	f.slow = slow
	return f
}

func messagesPath(slow bool) fold[MessagesEvent, MessagesResponse] {
	f := newMessagesFold()
	f.slow = slow
	return f
}

// benchFold measures reading, decoding and accumulating a stream.
func benchFold[C, R any](b *testing.B, wire string, path func(slow bool) fold[C, R]) {
	shapes := []struct {
		name string
		wire string
		open func([]byte) io.Reader
	}{
		{"many events a read", wire, func(data []byte) io.Reader { return bytes.NewReader(data) }},
		{"one event a read", wire, func(data []byte) io.Reader { return &oneEventReader{data} }},
		{"comments between", strings.ReplaceAll(wire, "\n\n", "\n\n: keep-alive\n\n"), func(data []byte) io.Reader { return bytes.NewReader(data) }},
	}
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			data := []byte(shape.wire)
			benchEach(b, len(data), func() { foldOnce(b, path(false), shape.open(data)) })
		})
	}
	b.Run("slow path", func(b *testing.B) {
		benchEach(b, len(wire), func() { foldOnce(b, path(true), strings.NewReader(wire)) })
	})
}

// benchEach reports what one event of a stream costs.
func benchEach(b *testing.B, size int, read func()) {
	b.SetBytes(int64(size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		read()
	}
	runtime.ReadMemStats(&after)
	n := float64(b.N) * benchEvents
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/event")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/event")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/event")
}

func foldOnce[C, R any](t testing.TB, f fold[C, R], r io.Reader) {
	items, text := 0, 0
	err := verdict(f, readWithin(f, 1<<40, events.Read(r, 1<<20), func(item *C) bool {
		items++
		text += len(f.text(item))
		return true
	}))
	if err != nil || items < benchEvents || f.result() == nil {
		t.Fatalf("%d items, error %v", items, err)
	}
}

func chatBench() string { return benchStream(chatBenchText, "", chatBenchEnd) }

func BenchmarkChatStream(b *testing.B)      { benchFold(b, chatBench(), chatPath) }
func BenchmarkChatStreamTools(b *testing.B) { benchFold(b, chatBenchTools(), chatPath) }
func BenchmarkMessagesStream(b *testing.B)  { benchFold(b, messagesBenchText(), messagesPath) }

func BenchmarkMessagesStreamTools(b *testing.B) {
	benchFold(b, messagesBenchTools(), messagesPath)
}

func BenchmarkChatStreamNoTwoAlike(b *testing.B) {
	benchFold(b, benchStream(func(i int) string {
		return chatBenchChunk(i, i, `{"content":"`+benchWord(i)+`"}`)
	}, "", chatBenchEnd), chatPath)
}

// BenchmarkChatStreamOfTwoChoices has no two chunks in a row that are alike.
func BenchmarkChatStreamOfTwoChoices(b *testing.B) {
	benchFold(b, benchStream(func(i int) string {
		return strings.Replace(chatBenchText(i), `"index":0`, fmt.Sprintf(`"index":%d`, i%2), 1)
	}, "", strings.Replace(chatBenchEnd, "data", strings.Replace(strings.TrimSuffix(strings.SplitAfter(chatBenchEnd, "\n\n")[0], "\n\n"), `"index":0`, `"index":1`, 1)+"\n\ndata", 1)), chatPath)
}

// memoryTransport answers with a stream from memory.
type memoryTransport []byte

func (m memoryTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body: io.NopCloser(bytes.NewReader(m)),
	}, nil
}

// BenchmarkStreamCalls measures whole calls, all but the network.
func BenchmarkStreamCalls(b *testing.B) {
	open := func(wire string) *Client {
		client, err := NewClient(&Options{Key: NewKey("kr-test-bench"), HTTPClient: &http.Client{Transport: memoryTransport(wire)}})
		require.NoError(b, err)
		return client
	}
	b.Run("chat", func(b *testing.B) {
		wire := chatBench()
		client, req := open(wire), &ChatRequest{Model: Gemma4_31B, Messages: []ChatMessage{User("Hello")}}
		benchEach(b, len(wire), func() {
			_, err := client.Chat.Stream(b.Context(), req).Result()
			require.NoError(b, err)
		})
	})
	b.Run("messages", func(b *testing.B) {
		wire := messagesBenchText()
		client, req := open(wire), &MessagesRequest{Model: Gemma4_31B, MaxTokens: 10, Messages: []Message{UserMessage("Hello")}}
		benchEach(b, len(wire), func() {
			_, err := client.Messages.Stream(b.Context(), req).Result()
			require.NoError(b, err)
		})
	})
}
