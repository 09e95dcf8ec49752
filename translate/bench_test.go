package translate

import (
	"iter"
	"testing"

	"github.com/keeprouter/keeprouter-go"
)

// What translation adds to a call: a conversation with tools and pictures.
func BenchmarkToMessages(b *testing.B) {
	req := newGenerator(8).chatRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToMessages(req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToChat(b *testing.B) {
	req := newGenerator(8).messagesRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToChat(req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToChatResponse(b *testing.B) {
	resp := newGenerator(8).messagesResponse()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToChatResponse(resp); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToMessagesResponse(b *testing.B) {
	resp := newGenerator(8).chatResponse()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToMessagesResponse(resp); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEstimate(b *testing.B) {
	req := newGenerator(8).messagesRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := estimate(req); err != nil {
			b.Fatal(err)
		}
	}
}

// streamOf yields chunks of text, calls included if there are enough.
func streamOf(n int) iter.Seq2[*keeprouter.ChatChunk, error] {
	chunk := &keeprouter.ChatChunk{ID: "1", Model: "m", Choices: []keeprouter.ChatChunkChoice{{}}}
	return func(yield func(*keeprouter.ChatChunk, error) bool) {
		for i := range n {
			c := &chunk.Choices[0]
			*c = keeprouter.ChatChunkChoice{}
			switch {
			case i < n/4:
				c.Delta.Reasoning = "hm "
			case i < n/2:
				c.Delta.Content = "word "
			case i == n/2:
				c.Delta.ToolCalls = []keeprouter.ChatToolCallDelta{{ID: "a", Name: "f", Arguments: `{"x":"`}}
			case i < n-2:
				c.Delta.ToolCalls = []keeprouter.ChatToolCallDelta{{Arguments: "word "}}
			case i == n-2:
				c.Delta.ToolCalls = []keeprouter.ChatToolCallDelta{{Arguments: `"}`}}
			default:
				c.FinishReason = keeprouter.FinishToolCalls
			}
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

// eventsOf yields what a Messages server would send of it.
func eventsOf(n int) iter.Seq2[*keeprouter.MessagesEvent, error] {
	return new(Session).MessagesStream(streamOf(n), StreamOptions{})
}

func drain[T any](tb testing.TB, items iter.Seq2[T, error]) (n int) {
	for _, err := range items {
		if err != nil {
			tb.Fatal(err)
		}
		n++
	}
	return n
}

// What translation adds to an event of a stream.
func BenchmarkMessagesStreamEvent(b *testing.B) {
	const n = 1000
	b.ReportAllocs()
	for b.Loop() {
		drain(b, new(Session).MessagesStream(streamOf(n), StreamOptions{}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
}

// There and back, as BenchmarkMessagesStreamEvent plus the way back.
func BenchmarkChatStreamEvent(b *testing.B) {
	const n = 1000
	b.ReportAllocs()
	for b.Loop() {
		drain(b, new(Session).ChatStream(eventsOf(n), StreamOptions{}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
}

// What an event costs doesn't depend on how many came before it.
func TestAllocationsOfAnEventDoNotGrow(t *testing.T) {
	for name, run := range map[string]func(n int){
		"to Messages": func(n int) { drain(t, new(Session).MessagesStream(streamOf(n), StreamOptions{})) },
		"and to Chat": func(n int) { drain(t, new(Session).ChatStream(eventsOf(n), StreamOptions{})) },
	} {
		t.Run(name, func(t *testing.T) {
			few := testing.AllocsPerRun(5, func() { run(100) }) / 100
			many := testing.AllocsPerRun(2, func() { run(10_000) }) / 10_000
			if many > few {
				t.Errorf("%.2f allocations an event of 10,000, %.2f of 100", many, few)
			}
		})
	}
}
