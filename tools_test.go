package keeprouter_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func nothing(context.Context, struct{}) (string, error) { return "", nil }

func TestToolsThatCannotWork(t *testing.T) {
	type inner struct {
		Events chan int `json:"events"`
	}
	type bad struct {
		Inner inner `json:"inner"`
	}
	raw := func(context.Context, json.RawMessage) (string, error) { return "", nil }
	for name, tc := range map[string]struct {
		tool keeprouter.Tool
		text string
	}{
		"zero":            {keeprouter.Tool{}, "make one with NewTool"},
		"no name":         {keeprouter.NewTool("", "", nothing), "no name for a tool"},
		"name with space": {keeprouter.NewTool("a b", "", nothing), `"a b" is no name for a tool`},
		"long name":       {keeprouter.NewTool(strings.Repeat("a", 65), "", nothing), "1 to 64 letters"},
		"nil function":    {keeprouter.NewTool[struct{}, string]("a", "", nil), "is nil"},
		"channel":         {keeprouter.NewTool("a", "", func(context.Context, bad) (string, error) { return "", nil }), "Inner.Events"},
		"no schema":       {keeprouter.NewRawTool("a", "", json.RawMessage(`[]`), raw), "can't be used"},
		"nil raw":         {keeprouter.NewRawTool("a", "", json.RawMessage(`{}`), nil), "is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, tc.tool.Err(), keeprouter.ErrConfig)
			require.ErrorContains(t, tc.tool.Err(), tc.text)
			_, err := tc.tool.Call(t.Context(), nil)
			require.ErrorIs(t, err, keeprouter.ErrConfig)

			srv := keeproutertest.NewServer(t)
			client := clientOf(t, srv, nil)
			_, err = client.Chat.Run(t.Context(), hello(), keeprouter.Toolset{Tools: []keeprouter.Tool{tc.tool}}).Result()
			require.ErrorIs(t, err, keeprouter.ErrConfig)
			require.Empty(t, srv.Requests(), "nothing is sent")
		})
	}
}

func TestToolsetsAndRequestsThatCannotRun(t *testing.T) {
	one := []keeprouter.Tool{keeprouter.NewTool("a", "", nothing)}
	type free struct {
		Labels map[string]string `json:"labels"`
	}
	open := keeprouter.NewTool("open", "", func(context.Context, free) (string, error) { return "", nil })
	withTools := hello()
	withTools.Tools = []keeprouter.ChatTool{{Name: "b"}}
	several := hello()
	several.N = new(2)
	for name, tc := range map[string]struct {
		req   *keeprouter.ChatRequest
		tools keeprouter.Toolset
		kind  error
	}{
		"same name twice":  {hello(), keeprouter.Toolset{Tools: append(one, one...)}, keeprouter.ErrConfig},
		"negative steps":   {hello(), keeprouter.Toolset{MaxSteps: -1}, keeprouter.ErrConfig},
		"strict map":       {hello(), keeprouter.Toolset{Tools: []keeprouter.Tool{open}, Strict: true}, keeprouter.ErrConfig},
		"nil request":      {nil, keeprouter.Toolset{Tools: one}, keeprouter.ErrInvalidRequest},
		"tools of its own": {withTools, keeprouter.Toolset{Tools: one}, keeprouter.ErrInvalidRequest},
		"several answers":  {several, keeprouter.Toolset{Tools: one}, keeprouter.ErrInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t)
			run := clientOf(t, srv, nil).Chat.Run(t.Context(), tc.req, tc.tools)
			_, err := run.Result()
			require.ErrorIs(t, err, tc.kind)
			_, again := run.Result()
			require.Equal(t, err, again)
			require.Empty(t, srv.Requests())
		})
	}
	var zero keeprouter.ChatRun
	_, err := zero.Result()
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
}

func TestToolCall(t *testing.T) {
	type out struct {
		Sum  int    `json:"sum"`
		Text string `json:"text"`
	}
	add := keeprouter.NewTool("add", "Adds.", func(_ context.Context, in addArgs) (out, error) { return out{in.A + in.B, "<ok>"}, nil })
	result, err := add.Call(t.Context(), json.RawMessage(`{"a":1,"b":2}`))
	require.NoError(t, err)
	require.Equal(t, `{"sum":3,"text":"<ok>"}`, result)
	_, err = add.Call(t.Context(), json.RawMessage(`{"a":1}`))
	require.ErrorIs(t, err, keeprouter.ErrToolArguments)
	require.ErrorContains(t, err, "b")

	leave := keeprouter.NewTool("leave", "", func(context.Context, struct{}) (string, error) { runtime.Goexit(); return "", nil })
	done := make(chan error, 1)
	go func() {
		defer close(done)
		_, err := leave.Call(t.Context(), nil)
		done <- err // not reached: Goexit goes on
	}()
	require.NoError(t, <-done)

	unwritable := keeprouter.NewTool("f", "", func(context.Context, struct{}) (func(), error) { return nil, nil })
	_, err = unwritable.Call(t.Context(), nil)
	require.ErrorContains(t, err, "can't be written as JSON")
}

// TestRunSurvivesAToolThatEndsItsGoroutine holds the run to an answer although a
// function calls runtime.Goexit, as a failed assertion of a test does.
func TestRunSurvivesAToolThatEndsItsGoroutine(t *testing.T) {
	srv := keeproutertest.NewServer(t, calls(call("c1", "leave", "")), says("ok"))
	run := clientOf(t, srv, nil).Chat.Run(t.Context(), hello(), keeprouter.Toolset{Tools: []keeprouter.Tool{
		keeprouter.NewTool("leave", "", func(context.Context, struct{}) (string, error) { runtime.Goexit(); return "", nil }),
	}})
	for e, err := range run.All() {
		require.NoError(t, err)
		if e.Type == keeprouter.RunResult {
			_, ok := errors.AsType[*keeprouter.ToolPanic](e.Call.Err)
			require.True(t, ok)
			require.Equal(t, "The tool failed unexpectedly.", e.Call.Result)
		}
	}
	resp, err := run.Result()
	require.NoError(t, err)
	require.Equal(t, "ok", resp.Text())
}

func TestRunKeepsWhatTheModelSent(t *testing.T) {
	const (
		chatTurn = `{"id":"1","object":"chat.completion","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,` +
			`"reasoning_content":"I need <the> time.","reasoning_details":[{"type":"reasoning.encrypted","data":"c2ln\u003d","id":"r1"}],` +
			`"tool_calls":[{"id":"c1","type":"function","function":{"name":"now","arguments":"{ \"x\" : 1.0 }"},"extra_content":{"google":{"thought_signature":"QUJD/+="}}}],"vendor":{"b":1,"a":[1.50]}}}],` +
			`"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`
		messagesTurn = `{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","stop_reason":"tool_use","stop_sequence":null,"content":[` +
			`{"type":"thinking","thinking":"I need <the> time.","signature":"RXE/+w=="},{"type":"redacted_thinking","data":"ZW5j"},` +
			`{"type":"tool_use","id":"c1","name":"now","input":{ "x" : 1.0 },"extra_content":{"google":{"thought_signature":"QUJD/+="}}}],` +
			`"usage":{"input_tokens":10,"output_tokens":5}}`
	)
	tools := keeprouter.Toolset{Whole: true, Tools: []keeprouter.Tool{
		keeprouter.NewRawTool("now", "", json.RawMessage(`{"type":"object"}`), func(context.Context, json.RawMessage) (string, error) { return "noon", nil }),
	}}
	body := func(turn string) keeproutertest.Reply {
		return keeproutertest.Reply{Status: 200, ContentType: "application/json", Body: turn}
	}
	t.Run("chat", func(t *testing.T) {
		srv := keeproutertest.NewServer(t, body(chatTurn), says("ok"))
		_, err := clientOf(t, srv, nil).Chat.Run(t.Context(), hello(), tools).Result()
		require.NoError(t, err)
		second := string(srv.Requests()[1].Body)
		for _, kept := range []string{
			`"reasoning_content":"I need <the> time."`,
			`"reasoning_details":[{"type":"reasoning.encrypted","data":"c2ln\u003d","id":"r1"}]`,
			`"arguments":"{ \"x\" : 1.0 }"`,
			`"extra_content":{"google":{"thought_signature":"QUJD/+="}}`,
			`"vendor":{"b":1,"a":[1.50]}`,
			`{"role":"tool","content":"noon","tool_call_id":"c1"}`,
		} {
			require.Contains(t, second, kept)
		}
	})
	t.Run("messages", func(t *testing.T) {
		srv := keeproutertest.NewServer(t, body(messagesTurn), says("ok"))
		_, err := clientOf(t, srv, nil).Messages.Run(t.Context(), ask(), tools).Result()
		require.NoError(t, err)
		second := string(srv.Requests()[1].Body)
		for _, kept := range []string{
			`{"type":"thinking","thinking":"I need <the> time.","signature":"RXE/+w=="}`,
			`{"type":"redacted_thinking","data":"ZW5j"}`,
			`"input":{"x":1.0}`,
			`"extra_content":{"google":{"thought_signature":"QUJD/+="}}`,
			`{"type":"tool_result","tool_use_id":"c1","content":"noon"}`,
		} {
			require.Contains(t, second, kept)
		}
	})
}

func TestRunDemandsACallOnceOnly(t *testing.T) {
	srv := keeproutertest.NewServer(t, calls(call("c1", "now", "")), says("ok"))
	client := clientOf(t, srv, nil)
	req := hello()
	req.ToolChoice = &keeprouter.ChatToolChoice{Mode: "required"}
	_, err := client.Chat.Run(t.Context(), req, keeprouter.Toolset{Tools: testTools()}).Result()
	require.NoError(t, err)
	require.Contains(t, string(srv.Requests()[0].Body), `"tool_choice":"required"`)
	require.NotContains(t, string(srv.Requests()[1].Body), "tool_choice")
	require.NotNil(t, req.ToolChoice)
}

func TestRunGoesOnAfterAPause(t *testing.T) {
	pause := says("Let me look.")
	pause.Finish = "pause_turn"
	srv := keeproutertest.NewServer(t, pause, says("Found it."))
	run := clientOf(t, srv, nil).Messages.Run(t.Context(), ask(), keeprouter.Toolset{})
	resp, err := run.Result()
	require.NoError(t, err)
	require.Equal(t, "Found it.", resp.Text())
	require.Equal(t, 2, run.Total().Steps)
	require.Len(t, run.Request().Messages, 3)
}

func TestStepsCanChangeTheNextRequest(t *testing.T) {
	srv := keeproutertest.NewServer(t, calls(call("c1", "add", `{"a":1,"b":2}`)), says("ok"))
	run := clientOf(t, srv, nil).Chat.Run(t.Context(), hello(), keeprouter.Toolset{Tools: testTools()})
	var steps []string
	for step, err := range run.Steps() {
		require.NoError(t, err)
		text := step.Response.Text()
		for _, c := range step.Calls {
			text += c.Name
			require.Empty(t, c.Result, "it hasn't run")
			step.Request.Model = keeprouter.Gemini35Flash
		}
		steps = append(steps, text)
	}
	if diff := gocmp.Diff([]string{"add", "ok"}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	require.Equal(t, keeprouter.Gemini35Flash, srv.Requests()[1].Model)
	total := run.Total()
	require.Equal(t, "gemma-4-31B-it + gemini-3.5-flash", total.Cost.Model)
	keeproutertest.AssertCost(t, total.Cost, "0.00005095") // 10 in and 5 out on Gemma, 20 in and 2 out on Gemini
	for _, err := range run.Steps() {
		require.ErrorIs(t, err, keeprouter.ErrConsumed)
	}
}

func TestRunText(t *testing.T) {
	first := calls(call("c1", "now", ""))
	first.Text = "One moment. "
	srv := keeproutertest.NewServer(t, first, says("It is noon."))
	var text strings.Builder
	for piece, err := range clientOf(t, srv, nil).Messages.Run(t.Context(), ask(), keeprouter.Toolset{Tools: testTools()}).Text() {
		require.NoError(t, err)
		text.WriteString(piece)
	}
	require.Equal(t, "One moment. It is noon.", text.String())
}

func TestRunPanicInTheLoopWaitsForTools(t *testing.T) {
	srv := keeproutertest.NewServer(t, calls(call("c1", "now", ""), call("c2", "wait", "")))
	returned := false
	tools := keeprouter.Toolset{Parallel: 2, Tools: append(testTools(), keeprouter.NewTool("wait", "", func(ctx context.Context, _ struct{}) (string, error) {
		<-ctx.Done()
		returned = true
		return "", ctx.Err()
	}))}
	func() {
		defer func() { require.Equal(t, "stop", recover()) }()
		for e, err := range clientOf(t, srv, nil).Chat.Run(t.Context(), hello(), tools).All() {
			require.NoError(t, err)
			if e.Type == keeprouter.RunResult {
				panic("stop")
			}
		}
	}()
	require.True(t, returned)
}
