package keeprouter

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// recorded writes the items of a stream to JSON and reads them back. bare clears Raw
// before, so that only the fields count.
func recorded[C, R any](t *testing.T, f fold[C, R], wire []byte, bare func(*C)) iter.Seq2[*C, error] {
	t.Helper()
	var lines [][]byte
	err := readEvents(f, events.Read(bytes.NewReader(wire), 1<<20), func(item *C) bool {
		copied := *item
		if bare != nil {
			bare(&copied)
		}
		line, err := json.Marshal(copied)
		require.NoError(t, err)
		lines = append(lines, line)
		return true
	})
	require.NoError(t, verdict(f, err))
	return func(yield func(*C, error) bool) {
		for _, line := range lines {
			item := new(C)
			err := json.Unmarshal(line, item)
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// unrecorded names the streams whose chunks, one by one, don't hold the whole.
var unrecorded = map[string]string{
	"surrogates-split":          "half a character is in no chunk's text",
	"surrogate-alone":           "half a character is in no chunk's text",
	"split_characters":          "half a character is in no event's text",
	"message-repeats-the-whole": "that a chunk repeats what came before shows in the stream only",
	"content-parts":             "thinking parts are reasoning in a chunk",
}

// TestChatRecordings replays the corpus from JSON.
func TestChatRecordings(t *testing.T) {
	for name, wire := range chatCorpus(t) {
		whole := readChat(bytes.NewReader(wire))
		if whole.Error != nil || !anyFinish.Match(wire) {
			continue // no chunk tells how it ended
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := NewChatStream(recorded(t, newChatFold(), wire, nil)).Result()
			require.NoError(t, err)
			if unrecorded[name] == "" {
				diffChat(t, "recording", whole, chatOutcome{Text: r.Text(), Usage: whole.Usage, Response: r, Calls: whole.Calls})
			}
			bare, err := NewChatStream(recorded(t, newChatFold(), wire, func(c *ChatChunk) { c.Raw = nil })).Result()
			require.NoError(t, err)
			inRawOnly := name == "usage-groq" // its usage is in a field of its own
			if diff := cmp.Diff(essence(whole.Response), essence(bare)); diff != "" && unrecorded[name] == "" && !inRawOnly {
				t.Errorf("without Raw (-stream +recording):\n%s", diff)
			}
		})
	}
}

// essence is what the fields of chunks can carry of an answer.
func essence(r *ChatResponse) []any {
	parts := []any{r.ID, r.Model, r.Usage}
	for _, c := range r.Choices {
		parts = append(parts, c.Index, c.FinishReason, c.Message.Content.Text(), c.Message.Reasoning, c.Message.Refusal)
		for _, call := range c.Message.ToolCalls {
			parts = append(parts, call.ID, call.Type, call.Name, call.Arguments, call.Truncated)
		}
	}
	return parts
}

// TestMessagesRecordings replays the corpus from JSON.
func TestMessagesRecordings(t *testing.T) {
	for name, wire := range messagesStreams(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, _, err := foldMessages(strings.NewReader(wire))
			require.NoError(t, err)
			got, err := NewMessagesStream(recorded(t, newMessagesFold(), []byte(wire), nil)).Result()
			if !strings.Contains(wire, "message_stop") {
				require.ErrorIs(t, err, ErrTruncated) // it ended with [DONE], which is no event
			} else {
				require.NoError(t, err)
			}
			want.Cost, got.Cost = Cost{}, Cost{}
			if diff := cmp.Diff(want, got); diff != "" && unrecorded[name] == "" {
				t.Errorf("recording (-stream +recording):\n%s", diff)
			}
			bare, _ := NewMessagesStream(recorded(t, newMessagesFold(), []byte(wire), func(e *MessagesEvent) { e.Raw = nil })).Result()
			parts := func(r *MessagesResponse) []any {
				parts := []any{r.ID, r.Model, r.StopReason, r.StopSequence, r.Usage, r.Text()}
				for _, use := range r.ToolUses() {
					parts = append(parts, use.ID, use.Name, string(use.Input), use.Truncated)
				}
				return parts
			}
			if diff := cmp.Diff(parts(want), parts(bare)); diff != "" && unrecorded[name] == "" {
				t.Errorf("without Raw (-stream +recording):\n%s", diff)
			}
		})
	}
}

func TestRecordingsOfErrors(t *testing.T) {
	const overloaded = `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`
	require.ErrorIs(t, json.Unmarshal([]byte(overloaded), &ChatChunk{}), ErrOverloaded)
	require.ErrorIs(t, json.Unmarshal([]byte(overloaded), &MessagesEvent{}), ErrOverloaded)
	require.ErrorIs(t, json.Unmarshal([]byte(`{}`), &ChatChunk{}), ErrBadResponse)
	require.ErrorIs(t, json.Unmarshal([]byte(`7`), &ChatChunk{}), ErrBadResponse)
	var ping MessagesEvent
	require.NoError(t, json.Unmarshal([]byte(`{"type":"ping"}`), &ping))
	require.Equal(t, "ping", ping.Type)
}

func FuzzItemJSON(f *testing.F) {
	for _, wire := range chatCorpus(f) {
		for ev, err := range events.Read(bytes.NewReader(wire), 1<<20) {
			require.NoError(f, err)
			f.Add(bytes.Clone(ev.Data))
		}
	}
	for _, wire := range messagesStreams(f) {
		for ev, err := range events.Read(strings.NewReader(wire), 1<<20) {
			require.NoError(f, err)
			f.Add(bytes.Clone(ev.Data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		staysAsItIs[ChatChunk](t, data)
		staysAsItIs[MessagesEvent](t, data)
	})
}

// staysAsItIs reads an item, writes it and reads it again.
func staysAsItIs[C any](t *testing.T, data []byte) {
	var item, again C
	if json.Unmarshal(data, &item) != nil {
		return
	}
	written, err := json.Marshal(item)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(written, &again))
	rewritten, err := json.Marshal(again)
	require.NoError(t, err)
	if !bytes.Equal(written, rewritten) {
		t.Errorf("written as %s, then as %s", written, rewritten)
	}
}
