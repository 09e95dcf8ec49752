package keeprouter

import (
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// chatEvents is a stream of an answer "Hi" whose last chunks are these.
func chatEvents(last ...string) string {
	const head = `{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}`
	return "data: " + strings.Join(append([]string{head}, last...), "\n\ndata: ") + "\n\ndata: [DONE]\n\n"
}

const (
	finished = `{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	counting = `{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`
)

func TestChatUsageOfStreams(t *testing.T) {
	t.Parallel()
	for _, tt := range []vendorUsage{
		{"OpenAI, null until the last", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{"content":"!"}}],"usage":null}`, finished, counting,
		), "input 10, output 5", "$0.00003", nil},
		{"vLLM, a running total in each chunk", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{"content":"!"}}],"usage":{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}}`,
			`{"id":"c","choices":[{"index":0,"delta":{"content":"?"}}],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}`,
			finished, counting,
		), "input 10, output 5", "$0.00003", nil},
		{"LiteLLM, the same twice", chatEvents(finished, counting, counting), "input 10, output 5", "$0.00003", nil},
		{"OpenRouter, with an empty choice", chatEvents(finished,
			`{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cost":0.00003,"prompt_tokens_details":{"cached_tokens":8}}}`,
		), "input 2, cached_input 8, output 5", "$0.0000228", nil},
		{"xAI, with the last choice", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22,"completion_tokens_details":{"reasoning_tokens":7}}}`,
		), "input 10, output 5, reasoning 7", "$0.000065", nil},
		{"Groq, in its own object", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.05,"prompt_tokens":10,"prompt_time":0.001,"completion_tokens":5,"completion_time":0.01,"total_tokens":15,"total_time":0.011}}}`,
		), "input 10, output 5", "$0.00003", nil},
		{"Groq, in its own object and as it should be", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}}`, counting,
		), "input 10, output 5", "$0.00003", nil},
		{"Moonshot, in the choice", chatEvents(
			`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cached_tokens":4}}]}`,
		), "input 6, cached_input 4, output 5", "$0.0000264", nil},
		{"zeros after the count", chatEvents(finished, counting,
			`{"id":"c","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`,
		), "input 10, output 5", "$0.00003", nil},
		{"null after the count", chatEvents(counting, `{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}`), "input 10, output 5", "$0.00003", nil},
		{"none", chatEvents(finished), "", "", ErrUsageUnknown},
		{"only zeros", chatEvents(finished, `{"id":"c","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`), "", "", ErrUsageUnknown},
		{"nothing counted but the prompt", chatEvents(finished, `{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":0,"total_tokens":10}}`), "", "", ErrUsageUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := NewChatStream(sequence(recordChat(t, tt.wire), nil)).Result()
			require.NoError(t, err)
			tt.check(t, r.Usage)
		})
	}
}

// A running total that a later count has replaced is not the truth, even if the later
// one can't be read.
func TestUnreadableUsageReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	f := newChatFold()
	wire := chatEvents(counting, `{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":"many"}}`)
	require.NoError(t, readEvents(f, events.Read(strings.NewReader(wire), 1<<20), func(*ChatChunk) bool { return true }))
	require.NoError(t, verdict(f, nil))
	if got := f.result().Usage; !got.Unknown {
		t.Errorf("usage %s, want unknown", got)
	}
}

// messagesEvents is a stream of an answer "Hi" that begins with the first event and
// ends with the others.
func messagesEvents(first string, last ...string) string {
	lines := append([]string{first, textStart, textDelta, blockStop}, last...)
	return messagesWire(append(lines, messageStop)...)
}

func startCounting(usage string) string {
	return `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":` + usage + `}}`
}

func endCounting(usage string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":` + usage + `}`
}

// recordMessages reads a stream's events as a call does.
func recordMessages(t testing.TB, stream string) iter.Seq2[*MessagesEvent, error] {
	t.Helper()
	var recorded []*MessagesEvent
	require.NoError(t, readEvents(newMessagesFold(), events.Read(strings.NewReader(stream), 1<<20), func(e *MessagesEvent) bool {
		recorded = append(recorded, new(*e))
		return true
	}))
	return func(yield func(*MessagesEvent, error) bool) {
		for _, e := range recorded {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestMessagesUsageOfStreams(t *testing.T) {
	t.Parallel()
	const cached = `{"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40},"output_tokens":1}`
	for _, tt := range []vendorUsage{
		{"input at the start, output at the end", messagesEvents(startCounting(cached), endCounting(`{"output_tokens":5}`)), "input 3, cached_input 1000, cache_write 60, cache_write_1h 40, output 5", "$0.000278", nil},
		{"all of it twice", messagesEvents(startCounting(cached), endCounting(`{"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"output_tokens":5}`)), "input 3, cached_input 1000, cache_write 60, cache_write_1h 40, output 5", "$0.000278", nil},
		{"the end corrects the start", messagesEvents(startCounting(cached), endCounting(`{"input_tokens":7,"cache_creation_input_tokens":50,"cache_read_input_tokens":2000,"output_tokens":5}`)), "input 7, cached_input 2000, cache_write 50, output 5", "$0.0002895", nil},
		{"two running totals", messagesEvents(startCounting(`{"input_tokens":10,"output_tokens":1}`), endCounting(`{"output_tokens":4}`), endCounting(`{"output_tokens":9}`)), "input 10, output 9", "$0.000046", nil},
		{"nothing at the start", messagesEvents(startCounting(`{"input_tokens":0,"output_tokens":0}`), endCounting(`{"input_tokens":10,"cache_read_input_tokens":4,"output_tokens":5}`)), "input 10, cached_input 4, output 5", "$0.0000304", nil},
		{"zeros at the end for what the start counted", messagesEvents(startCounting(cached), endCounting(`{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":5}`)), "input 3, cached_input 1000, cache_write 60, cache_write_1h 40, output 5", "$0.000278", nil},
		{"nulls at the end", messagesEvents(startCounting(cached), endCounting(`{"input_tokens":null,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":5}`)), "input 3, cached_input 1000, cache_write 60, cache_write_1h 40, output 5", "$0.000278", nil},
		{"thinking told at the end", messagesEvents(messageStart, endCounting(`{"output_tokens":50,"output_tokens_details":{"thinking_tokens":40}}`)), "input 10, output 10, reasoning 40", "$0.00025", nil},
		{"one token", messagesEvents(messageStart, endCounting(`{"output_tokens":1}`)), "input 10, output 1", "$0.000014", nil},
		{"the last says nothing", messagesEvents(messageStart, endTurn, endCounting(`{}`)), "input 10, output 5", "$0.00003", nil},
		{"the end counts no output", messagesEvents(messageStart, endCounting(`{"input_tokens":10}`)), "", "", ErrUsageUnknown},
		{"the end counts zero output", messagesEvents(messageStart, endCounting(`{"output_tokens":0}`)), "", "", ErrUsageUnknown},
		{"the end has no count", messagesEvents(messageStart, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`), "", "", ErrUsageUnknown},
		{"the end can't be read", messagesEvents(messageStart, endCounting(`{"output_tokens":"many"}`)), "", "", ErrUsageUnknown},
		{"the start can't be read", messagesEvents(startCounting(`{"input_tokens":1.5}`), endTurn), "", "", ErrUsageUnknown},
		{"thinking exceeds the output", messagesEvents(messageStart, endCounting(`{"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}}`)), "", "", ErrInconsistentUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			live, _, err := foldMessages(strings.NewReader(tt.wire))
			require.NoError(t, err)
			tt.check(t, live.Usage)
			r, err := NewMessagesStream(recordMessages(t, tt.wire)).Result()
			require.NoError(t, err)
			tt.check(t, r.Usage)
		})
	}
}
