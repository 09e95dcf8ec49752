package keeprouter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestMessagesFoldFails(t *testing.T) {
	begun := messagesWire(messageStart, textStart, textDelta)
	for _, tt := range []struct {
		name string
		wire string
		want Error
		text string // of the partial answer
	}{
		{"nothing", "", Error{Kind: ErrTruncated, Retryable: true}, ""},
		{"no message_stop", begun + messagesWire(blockStop, endTurn), Error{Kind: ErrTruncated, Retryable: true, InStream: true}, "Hi"},
		{"only message_stop", messagesWire(messageStop), Error{Kind: ErrTruncated, Retryable: true}, ""},
		{"[DONE] without a stop reason", begun + messagesWire("[DONE]"), Error{Kind: ErrTruncated, Retryable: true, InStream: true}, "Hi"},
		{"the last event is cut", begun + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"ind", Error{Kind: ErrTruncated, Retryable: true, InStream: true}, "Hi"},
		{"the terminator is cut", begun + messagesWire(endTurn) + "event: message_stop\ndata: {\"type\":\"message_st", Error{Kind: ErrTruncated, Retryable: true, InStream: true}, "Hi"},
		{
			"error event", begun + messagesWire(`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}`),
			Error{Kind: ErrOverloaded, Type: "overloaded_error", Message: "Overloaded", RequestID: "req_1", Status: 529, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error event after the stop reason", begun + messagesWire(endTurn, `{"type":"error","error":{"type":"api_error","message":"x"}}`),
			Error{Kind: ErrServer, Type: "api_error", Message: "x", Status: 500, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error event in the other format's shape", begun + "data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}\n\n",
			Error{Kind: ErrRateLimited, Type: "rate_limit_error", Code: "rate_limit_exceeded", Message: "slow down", Status: 429, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error event with a text", begun + "event: error\ndata: {\"error\":\"it broke\"}\n\n",
			Error{Kind: ErrServer, Message: "it broke", Status: 500, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error event with a message only", begun + "event: error\ndata: {\"message\":\"it broke\"}\n\n",
			Error{Kind: ErrServer, Message: "it broke", Status: 500, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error event that isn't JSON", begun + "event: error\ndata: upstream is gone\n\n",
			Error{Kind: ErrServer, Message: "upstream is gone", Status: 500, Retryable: true, InStream: true},
			"Hi",
		},
		{
			"error inside an event of the format", begun + messagesWire(`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"error":{"type":"api_error","message":"x"}}`),
			Error{Kind: ErrServer, Type: "api_error", Message: "x", Status: 500, Retryable: true, InStream: true},
			"Hi",
		},
		{"an event that isn't JSON", begun + "event: content_block_delta\ndata: {\"type\":\"content_block\n\n", Error{Kind: ErrBadResponse, Message: "an event of the stream can't be read", InStream: true}, "Hi"},
		{"text that isn't text", begun + messagesWire(strings.Replace(textDelta, `"Hi"`, `{"a":1}`, 1)), Error{Kind: ErrBadResponse, Message: "an event of the stream can't be read", InStream: true}, "Hi"},
		{
			"input that isn't JSON", messagesWire(messageStart, toolStart, inputDelta(`{"a":`), blockStop, wantsTool, messageStop),
			Error{Kind: ErrToolArguments, Param: "content[0].input", Message: "the input of the tool call is not a JSON object; ask the model again", InStream: true},
			"",
		},
		{
			"input that isn't JSON, no stop reason", messagesWire(messageStart, toolStart, inputDelta(`{"a":`), blockStop, messageStop),
			Error{Kind: ErrToolArguments, Param: "content[0].input", Message: "the input of the tool call is not a JSON object; ask the model again", InStream: true},
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, text, err := foldMessages(strings.NewReader(tt.wire))
			require.ErrorIs(t, err, tt.want.Kind)
			e, _ := errors.AsType[*Error](err)
			e.Body, e.Err = nil, nil
			if tt.want.Message == "" {
				e.Message = ""
			}
			if diff := cmp.Diff(tt.want, *e); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if text != tt.text || got != nil && got.Text() != tt.text {
				t.Errorf("handed out %q with the partial answer %v, want %q", text, got, tt.text)
			}
		})
	}
}

func TestBrokenInputIsKept(t *testing.T) {
	got, _, err := foldMessages(strings.NewReader(messagesWire(messageStart, toolStart, inputDelta(`{"a":`), blockStop, wantsTool, messageStop)))
	require.ErrorIs(t, err, ErrToolArguments)
	want := Blocks{&ToolUseBlock{ID: "t", Name: "f", PartialInput: `{"a":`}}
	if diff := cmp.Diff(want, got.Content); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

func TestCallOfABrokenStreamIsMarked(t *testing.T) {
	for name, wire := range map[string]string{
		"cut input":        messagesWire(messageStart, toolStart, inputDelta(`{"a":`)),
		"input may go on":  messagesWire(messageStart, toolStart, inputDelta(`{"a":1}`)),
		"input to be sent": messagesWire(messageStart, toolStart),
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := foldMessages(strings.NewReader(wire))
			require.ErrorIs(t, err, ErrTruncated)
			if uses := got.ToolUses(); len(uses) != 1 || !uses[0].Truncated {
				t.Errorf("calls = %+v, want one that is truncated", uses)
			}
		})
	}
}
