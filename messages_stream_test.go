package keeprouter

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

func TestMessagesEventsAsHandedOut(t *testing.T) {
	f := newMessagesFold()
	var got []MessagesEvent
	wire := messagesWire(messageStart, `{"type":"ping"}`, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"H"}}`, textDelta, `{"type":"novel","a":1}`, blockStop, endTurn, messageStop)
	err := readEvents(f, events.Read(strings.NewReader(wire), 1<<20), func(e *MessagesEvent) bool {
		copied := *e
		copied.Raw = append(json.RawMessage(nil), e.Raw...)
		got = append(got, copied)
		return true
	})
	require.NoError(t, err)
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	want := []MessagesEvent{
		{Type: "message_start", Raw: raw(messageStart), Message: wholeMessage(func(r *MessagesResponse) {
			r.Content, r.StopReason, r.WireUsage, r.Usage = Blocks{}, "", &MessagesUsage{InputTokens: 10, OutputTokens: 1}, Usage{Input: 10, Output: 1}
		})},
		{Type: "content_block_start", Block: &TextBlock{Text: "H"}, Raw: raw(`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"H"}}`)},
		{Type: "content_block_delta", DeltaType: "text_delta", Text: "Hi", Raw: raw(textDelta)},
		{Type: "novel", Raw: raw(`{"type":"novel","a":1}`)},
		{Type: "content_block_stop", Raw: raw(blockStop)},
		{Type: "message_delta", StopReason: StopEndTurn, WireUsage: &MessagesUsage{InputTokens: 10, OutputTokens: 5}, Raw: raw(endTurn)},
		{Type: "message_stop", Raw: raw(messageStop)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestMessagesStreamOfEvents(t *testing.T) {
	made := []*MessagesEvent{
		{Type: "message_start", Message: &MessagesResponse{ID: "msg_1", Model: "m", WireUsage: &MessagesUsage{InputTokens: 10, OutputTokens: 1}}},
		{Type: "content_block_start", Block: &TextBlock{}},
		{Type: "content_block_delta", DeltaType: "text_delta", Text: "H"},
		nil,
		{Type: "content_block_delta", DeltaType: "text_delta", Text: "i"},
		{Type: "message_delta", StopReason: StopEndTurn, WireUsage: &MessagesUsage{OutputTokens: 5}},
		{Type: "message_stop"},
	}
	play := func(n int, err error) *MessagesStream {
		return NewMessagesStream(func(yield func(*MessagesEvent, error) bool) {
			for _, e := range made[:n] {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		})
	}
	got, err := play(len(made), nil).Result()
	require.NoError(t, err)
	got.Cost = Cost{}
	if diff := cmp.Diff(wholeMessage(nil), got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}

	got, err = play(3, nil).Result()
	require.ErrorIs(t, err, ErrTruncated)
	if got.Text() != "H" {
		t.Errorf("partial text = %q, want H", got.Text())
	}

	broken := errors.New("the recording is broken")
	_, err = play(3, broken).Result()
	require.ErrorIs(t, err, broken)
}

// TestMessagesRelay passes a stream's events on to a second stream.
func TestMessagesRelay(t *testing.T) {
	for _, wire := range []string{
		messagesWire(messageStart, textStart, textDelta, blockStop, endTurn, messageStop),
		messagesWire(messageStart, toolStart, inputDelta(`{"a":1}`), wantsTool, messageStop),
		messagesWire(messageStart, `{"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":null}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"c"}}`, endTurn, messageStop),
	} {
		f := newMessagesFold()
		relay := NewMessagesStream(func(yield func(*MessagesEvent, error) bool) {
			if err := readEvents(f, events.Read(strings.NewReader(wire), 1<<20), func(e *MessagesEvent) bool { return yield(e, nil) }); err != nil {
				yield(nil, err)
			}
		})
		got, err := relay.Result()
		require.NoError(t, err)
		got.Cost = Cost{}
		if diff := cmp.Diff(f.result(), got); diff != "" {
			t.Errorf("relayed (-want +got):\n%s", diff)
		}
	}
}
