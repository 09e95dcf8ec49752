package keeprouter

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

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

func benchFold[C, R any](b *testing.B, wire string, newFold func() fold[C, R], open func([]byte) io.Reader) {
	data := []byte(wire)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		foldOnce(b, newFold(), open(data))
	}
	perEvent := float64(b.N) * benchEvents
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/perEvent, "ns/event")
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

func inMemory(data []byte) io.Reader { return bytes.NewReader(data) }

func BenchmarkChatStream(b *testing.B) {
	text := benchStream(chatBenchText, "", chatBenchEnd)
	newFold := func() fold[ChatChunk, ChatResponse] { return newChatFold() }
	b.Run("text", func(b *testing.B) { benchFold(b, text, newFold, inMemory) })
	b.Run("tools", func(b *testing.B) { benchFold(b, chatBenchTools(), newFold, inMemory) })
	b.Run("no two alike", func(b *testing.B) {
		benchFold(b, benchStream(func(i int) string {
			return chatBenchChunk(i, i, `{"content":"`+benchWord(i)+`"}`)
		}, "", chatBenchEnd), newFold, inMemory)
	})
	b.Run("comments", func(b *testing.B) {
		benchFold(b, strings.ReplaceAll(text, "\n\n", "\n\n: keep-alive\n\n"), newFold, inMemory)
	})
	b.Run("one event a read", func(b *testing.B) {
		benchFold(b, text, newFold, func(data []byte) io.Reader { return &oneEventReader{data} })
	})
	b.Run("half a buffer a read", func(b *testing.B) {
		benchFold(b, text, newFold, func(data []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(data)) })
	})
}

func BenchmarkMessagesStream(b *testing.B) {
	text := messagesBenchText()
	newFold := func() fold[MessagesEvent, MessagesResponse] { return newMessagesFold() }
	b.Run("text", func(b *testing.B) { benchFold(b, text, newFold, inMemory) })
	b.Run("tools", func(b *testing.B) { benchFold(b, messagesBenchTools(), newFold, inMemory) })
	b.Run("comments", func(b *testing.B) {
		benchFold(b, strings.ReplaceAll(text, "\n\n", "\n\n: keep-alive\n\n"), newFold, inMemory)
	})
	b.Run("one event a read", func(b *testing.B) {
		benchFold(b, text, newFold, func(data []byte) io.Reader { return &oneEventReader{data} })
	})
}
