package translate

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// pieces cuts a text between characters at random.
func (g *generator) pieces(text string) []string {
	var pieces []string
	for rest := []rune(text); len(rest) > 0; {
		n := 1 + g.IntN(min(5, len(rest)))
		pieces = append(pieces, string(rest[:n]))
		rest = rest[n:]
	}
	return pieces
}

// chatChunks streams an answer as a server does, with the pieces of its calls mixed.
func (g *generator) chatChunks(resp *keeprouter.ChatResponse) []*keeprouter.ChatChunk {
	choice := resp.Choices[0]
	m := choice.Message
	chunk := func(d keeprouter.ChatDelta) *keeprouter.ChatChunk {
		return &keeprouter.ChatChunk{ID: resp.ID, Created: resp.Created, Model: resp.Model, Choices: []keeprouter.ChatChunkChoice{{Delta: d}}}
	}
	chunks := []*keeprouter.ChatChunk{chunk(keeprouter.ChatDelta{Role: "assistant"})}
	for _, raw := range m.ReasoningDetails {
		var d detail
		if json.Unmarshal(raw, &d) != nil {
			continue
		}
		proof := d
		for _, piece := range g.pieces(d.Text) {
			d.Text, d.Signature = piece, ""
			said, _ := json.Marshal(d)
			chunks = append(chunks, chunk(keeprouter.ChatDelta{Reasoning: piece, ReasoningDetails: []json.RawMessage{said}}))
		}
		proof.Text = ""
		rest, _ := json.Marshal(proof)
		chunks = append(chunks, chunk(keeprouter.ChatDelta{ReasoningDetails: []json.RawMessage{rest}}))
	}
	for _, piece := range g.pieces(m.Content.Text()) {
		chunks = append(chunks, chunk(keeprouter.ChatDelta{Content: piece}))
	}
	var queues [][]*keeprouter.ChatChunk
	for i, call := range m.ToolCalls {
		queue := []*keeprouter.ChatChunk{chunk(keeprouter.ChatDelta{ToolCalls: []keeprouter.ChatToolCallDelta{{Index: i, ID: call.ID, Type: call.Type, Name: call.Name}}})}
		for _, piece := range g.pieces(call.Arguments) {
			queue = append(queue, chunk(keeprouter.ChatDelta{ToolCalls: []keeprouter.ChatToolCallDelta{{Index: i, Arguments: piece}}}))
		}
		queues = append(queues, queue)
	}
	for begun := 1; len(queues) > 0; { // calls begin in their order, and then come mixed
		i := g.IntN(min(begun, len(queues)))
		chunks = append(chunks, queues[i][0])
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = slices.Delete(queues, i, i+1)
		} else if i == begun-1 {
			begun++
		}
	}
	end := chunk(keeprouter.ChatDelta{})
	end.Choices[0].FinishReason, end.Choices[0].NativeFinishReason = choice.FinishReason, choice.NativeFinishReason
	count := &keeprouter.ChatChunk{ID: resp.ID, Created: resp.Created, Model: resp.Model, WireUsage: resp.WireUsage}
	return append(chunks, end, count)
}

// messagesEvents streams an answer as a server does.
func (g *generator) messagesEvents(resp *keeprouter.MessagesResponse) []*keeprouter.MessagesEvent {
	start := *resp
	start.Content, start.StopReason, start.StopSequence, start.StopDetails = keeprouter.Blocks{}, "", "", nil
	first := *resp.WireUsage
	first.OutputTokens, first.OutputTokensDetails = min(1, first.OutputTokens), nil
	start.WireUsage = &first
	events := []*keeprouter.MessagesEvent{{Type: "message_start", Message: &start}, {Type: "ping"}}
	for i, b := range resp.Content {
		delta := func(e keeprouter.MessagesEvent) {
			e.Type, e.Index = "content_block_delta", i
			events = append(events, &e)
		}
		begin := func(b keeprouter.Block) {
			events = append(events, &keeprouter.MessagesEvent{Type: "content_block_start", Index: i, Block: b})
		}
		switch b := b.(type) {
		case *keeprouter.TextBlock:
			begin(&keeprouter.TextBlock{})
			for _, piece := range g.pieces(b.Text) {
				delta(keeprouter.MessagesEvent{DeltaType: "text_delta", Text: piece})
			}
		case *keeprouter.ThinkingBlock:
			begin(&keeprouter.ThinkingBlock{})
			for _, piece := range g.pieces(b.Thinking) {
				delta(keeprouter.MessagesEvent{DeltaType: "thinking_delta", Thinking: piece})
			}
			delta(keeprouter.MessagesEvent{DeltaType: "signature_delta", Signature: b.Signature})
		case *keeprouter.ToolUseBlock:
			begin(&keeprouter.ToolUseBlock{ID: b.ID, Name: b.Name, Input: json.RawMessage("{}")})
			for _, piece := range append([]string{""}, g.pieces(string(b.Input))...) {
				delta(keeprouter.MessagesEvent{DeltaType: "input_json_delta", PartialJSON: piece})
			}
		default:
			begin(b)
		}
		events = append(events, &keeprouter.MessagesEvent{Type: "content_block_stop", Index: i})
	}
	return append(
		events,
		&keeprouter.MessagesEvent{
			Type: "message_delta", StopReason: resp.StopReason, StopSequence: resp.StopSequence, StopDetails: resp.StopDetails, WireUsage: resp.WireUsage,
		},
		&keeprouter.MessagesEvent{Type: "message_stop"},
	)
}

var errCut = errors.New("the connection was cut")

// sequence yields copies of the first n items, as they come over the wire, and then the
// error, unless all have come.
func sequence[T any](t *testing.T, items []*T, n int) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for _, item := range items[:n] {
			if !yield(reread(t, item), nil) {
				return
			}
		}
		if n < len(items) {
			yield(nil, errCut)
		}
	}
}

// overWire takes each chunk through JSON.
func overWire(t *testing.T, chunks iter.Seq2[*keeprouter.ChatChunk, error]) iter.Seq2[*keeprouter.ChatChunk, error] {
	return func(yield func(*keeprouter.ChatChunk, error) bool) {
		for c, err := range chunks {
			if err == nil {
				c = reread(t, c)
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// meaning is a value as JSON has it, whatever the order of its members.
func meaning(t *testing.T, v any) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(wire(t, v)))
	decoder.UseNumber()
	var decoded any
	require.NoError(t, decoder.Decode(&decoded))
	return decoded
}

// A stream that is translated and put together is the answer that was put together and
// translated; cut at any event, it is the beginning of that, and an error.
func TestChatStreamsAreWhatTheirAnswersAre(t *testing.T) {
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		chunks := g.chatChunks(reread(t, g.chatResponse()))
		whole, err := keeprouter.NewChatStream(sequence(t, chunks, len(chunks))).Result()
		require.NoError(t, err)
		want, _, err := answering(Strict).MessagesResponse(whole)
		require.NoError(t, err)
		for n := len(chunks); n >= 0; n-- {
			translated := answering(Strict).MessagesStream(sequence(t, chunks, n), StreamOptions{})
			got, err := keeprouter.NewMessagesStream(translated).Result()
			if n == len(chunks) {
				require.NoError(t, err, "seed %d", seed)
				if diff := cmp.Diff(meaning(t, want), meaning(t, got)); diff != "" {
					t.Fatalf("seed %d (-whole +streamed):\n%s", seed, diff)
				}
				continue
			}
			require.ErrorIs(t, err, errCut, "seed %d, cut after %d", seed, n)
			if got != nil {
				require.True(t, strings.HasPrefix(want.Text(), got.Text()), "seed %d, cut after %d: %q", seed, n, got.Text())
				require.LessOrEqual(t, len(got.ToolUses()), len(want.ToolUses()))
			}
		}
	}
}

func TestMessagesStreamsAreWhatTheirAnswersAre(t *testing.T) {
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		events := g.messagesEvents(reread(t, g.messagesResponse()))
		whole, err := keeprouter.NewMessagesStream(sequence(t, events, len(events))).Result()
		require.NoError(t, err)
		want, _, err := answering(Strict).ChatResponse(whole)
		require.NoError(t, err)
		for n := len(events); n >= 0; n-- {
			translated := answering(Strict).ChatStream(sequence(t, events, n), StreamOptions{})
			got, err := keeprouter.NewChatStream(overWire(t, translated)).Result()
			if n == len(events) {
				require.NoError(t, err, "seed %d", seed)
				if diff := cmp.Diff(meaning(t, want), meaning(t, got)); diff != "" {
					t.Fatalf("seed %d (-whole +streamed):\n%s", seed, diff)
				}
				continue
			}
			require.ErrorIs(t, err, errCut, "seed %d, cut after %d", seed, n)
			if got != nil && len(got.Choices) > 0 {
				require.True(t, strings.HasPrefix(want.Text(), got.Text()), "seed %d, cut after %d: %q", seed, n, got.Text())
				require.LessOrEqual(t, len(got.Choices[0].Message.ToolCalls), len(want.Choices[0].Message.ToolCalls))
			}
		}
	}
}

// TestStreamsSurviveTheOtherFormat takes streams there and back over the wire, read a
// byte at a time.
func TestStreamsSurviveTheOtherFormat(t *testing.T) {
	alive := func() bool { return true }
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		chunks := g.chatChunks(reread(t, g.chatResponse()))
		want, err := keeprouter.NewChatStream(sequence(t, chunks, len(chunks))).Result()
		require.NoError(t, err)
		events := answering(Strict).MessagesStream(sequence(t, chunks, len(chunks)), StreamOptions{})
		there := written(t, writeMessages(func(func() bool) iter.Seq2[*keeprouter.MessagesEvent, error] { return events }))
		back := answering(Strict).ChatStream(readEvents(iotest.OneByteReader(strings.NewReader(there)), 1<<20, alive), StreamOptions{})
		got, err := keeprouter.NewChatStream(overWire(t, back)).Result()
		require.NoError(t, err, "seed %d: %s", seed, there)
		if diff := cmp.Diff(meaning(t, want), meaning(t, got)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		events := g.messagesEvents(reread(t, g.messagesResponse()))
		want, err := keeprouter.NewMessagesStream(sequence(t, events, len(events))).Result()
		require.NoError(t, err)
		chunks := answering(Strict).ChatStream(sequence(t, events, len(events)), StreamOptions{})
		there := written(t, writeChunks(func(func() bool) iter.Seq2[*keeprouter.ChatChunk, error] { return chunks }))
		back := answering(Strict).MessagesStream(readChunks(iotest.OneByteReader(strings.NewReader(there)), 1<<20, alive), StreamOptions{})
		got, err := keeprouter.NewMessagesStream(back).Result()
		require.NoError(t, err, "seed %d: %s", seed, there)
		if diff := cmp.Diff(meaning(t, want), meaning(t, got)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// written is a stream's bytes.
func written(t *testing.T, w streamWriter) string {
	t.Helper()
	var b strings.Builder
	for data, err := range w {
		require.NoError(t, err)
		b.Write(data)
	}
	return b.String()
}
