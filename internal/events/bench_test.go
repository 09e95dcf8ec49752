package events

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tmaxmax/go-sse"
)

func chatStream(events int) string {
	var b strings.Builder
	for i := range events {
		fmt.Fprintf(&b, `data: {"id":"chatcmpl-9f3c1a72","object":"chat.completion.chunk","created":1790000000,"model":"gemma-4-31B-it","choices":[{"index":0,"delta":{"content":" word%d"},"logprobs":null,"finish_reason":null}],"usage":null,"system_fingerprint":"fp_44709d6fcb"}`+"\n\n", i)
	}
	return b.String()
}

func messagesStream(events int) string {
	var b strings.Builder
	for i := range events {
		fmt.Fprintf(&b, "event: content_block_delta\n"+`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word%d"}}`+"\n\n", i)
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	const events = 1000
	shapes := []struct{ name, stream string }{
		{"chat", chatStream(events)},
		{"messages", messagesStream(events)},
		{"two data lines", strings.ReplaceAll(chatStream(events), `,"usage"`, "\ndata: "+`,"usage"`)},
	}
	for _, shape := range shapes {
		b.Run("of="+shape.name+"/by=lane", func(b *testing.B) {
			measure(b, shape.stream, events, func(r *strings.Reader) (seen int) {
				for range Read(r, testLimit) {
					seen++
				}
				return seen
			})
		})
		b.Run("of="+shape.name+"/by=go-sse", func(b *testing.B) {
			measure(b, shape.stream, events, func(r *strings.Reader) (seen int) {
				for range sse.Read(r, &sse.ReadConfig{MaxEventSize: testLimit}) {
					seen++
				}
				return seen
			})
		})
	}
}

func measure(b *testing.B, stream string, events int, read func(*strings.Reader) int) {
	b.ReportAllocs()
	b.SetBytes(int64(len(stream)))
	r := strings.NewReader("")
	for b.Loop() {
		r.Reset(stream)
		if seen := read(r); seen != events {
			b.Fatalf("%d events, want %d", seen, events)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
}
