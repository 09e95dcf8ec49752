package keeprouter_test

import (
	"encoding/json"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestBrokenToolInputIsNeverSilent has whole answers whose tool input isn't what the
// format says.
func TestBrokenToolInputIsNeverSilent(t *testing.T) {
	for _, tt := range []struct {
		name, input, stop string
		kind              error
		want              string
	}{
		{"an object", `{"x":1}`, "tool_use", nil, `t f {"x":1}`},
		{"an object as text", `"{\"x\":1}"`, "tool_use", nil, `t f {"x":1}`},
		{"null", `null`, "tool_use", nil, `t f {}`},
		{"a list", `[1]`, "tool_use", keeprouter.ErrToolArguments, `t f [1]`},
		{"cut text", `"{\"x\":"`, "tool_use", keeprouter.ErrToolArguments, `t f {"x":`},
		{"cut text of a cut answer", `"{\"x\":"`, "max_tokens", nil, `t f {"x": (truncated)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t, raw("application/json",
				`{"type":"message","role":"assistant","model":"m","stop_reason":"`+tt.stop+`","content":[{"type":"tool_use","id":"t","name":"f","input":`+tt.input+`}],"usage":{"input_tokens":1,"output_tokens":1}}`))
			got, err := messages.create(t.Context(), clientOf(t, srv, nil))
			require.ErrorIs(t, err, tt.kind)
			if diff := gocmp.Diff([]string{tt.want}, got.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCutCallsStayCut saves a conversation that ends in a call which the token limit
// has cut, and goes on with it.
func TestCutCallsStayCut(t *testing.T) {
	cut := keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{ID: "t", Name: "f", Arguments: `{"x":`}}, Finish: "length"}
	srv := keeproutertest.NewServer(t, cut, cut)
	client := clientOf(t, srv, nil)

	chatResp, err := client.Chat.Stream(t.Context(), hello()).Result()
	require.NoError(t, err)
	chatHistory := restored(t, append(hello().Messages, chatResp.Message()))
	if call := chatHistory[1].ToolCalls[0]; !call.Truncated || call.Arguments != `{"x":` {
		t.Errorf("restored call = %+v, want it cut", call)
	}
	_, err = client.Chat.Create(t.Context(), &keeprouter.ChatRequest{
		Model: "m", Messages: append(chatHistory, keeprouter.ToolResult("t", "it was cut")),
	})
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)

	messagesResp, err := client.Messages.Stream(t.Context(), ask()).Result()
	require.NoError(t, err)
	history := restored(t, append(ask().Messages, messagesResp.Message()))
	use := history[1].Content[0].(*keeprouter.ToolUseBlock)
	if !use.Truncated || use.PartialInput != `{"x":` {
		t.Errorf("restored call = %+v, want it cut", use)
	}
	_, err = client.Messages.Create(t.Context(), &keeprouter.MessagesRequest{
		Model: "m", MaxTokens: 1, Messages: append(history, keeprouter.ToolResultMessage(use.Result("it was cut"))),
	})
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	require.Len(t, srv.Requests(), 2, "a call that is not whole is never sent back")
}

// restored saves a conversation and reads it again.
func restored[M any](t *testing.T, history []M) []M {
	data, err := json.Marshal(history)
	require.NoError(t, err)
	var back []M
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

func TestAnUncomputedCostIsUnknown(t *testing.T) {
	var resp keeprouter.ChatResponse
	require.NoError(t, json.Unmarshal([]byte(`{"choices":[],"usage":{"prompt_tokens":5}}`), &resp))
	require.Equal(t, "unknown (not computed)", resp.Cost.String())
	data, err := json.Marshal(keeprouter.Cost{})
	require.NoError(t, err)
	require.JSONEq(t, `{"error":"keeprouter: not computed"}`, string(data))
	free, err := keeprouter.DefaultPrices().Cost(keeprouter.Gemma4_31B, keeprouter.Usage{})
	require.NoError(t, err)
	require.Equal(t, "$0.00", free.String())
}
