package keeprouter_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// logAll gives a client every log middleware.
func logAll(log *bytes.Buffer) func(*keeprouter.Options) {
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, "request_id":
			return slog.Attr{}
		case "requested":
			return slog.String(a.Key, "AMOUNT")
		}
		return a
	}}))
	return func(o *keeprouter.Options) {
		o.Middleware = []keeprouter.Middleware{keeprouter.LogCalls(logger)}
		o.RunMiddleware = []keeprouter.RunMiddleware{keeprouter.LogRuns(logger)}
		o.ToolMiddleware = []keeprouter.ToolMiddleware{keeprouter.LogTools(logger)}
	}
}

func TestLogRuns(t *testing.T) {
	secret := call("call_1", "add", `{"a":1,"b":41}`)
	for name, tc := range map[string]struct {
		replies []keeproutertest.Reply
		change  func(*keeprouter.Options)
		review  func([]*keeprouter.ToolCall)
		want    []string
	}{
		"a run": {
			replies: []keeproutertest.Reply{calls(secret), says("forty-two")},
			want: []string{
				`level=INFO msg="model call" operation=chat.stream model=gemma-4-31B-it stream=true status=200 attempts=1 took=0s first_byte=0s first_delta=0s step=0 finish=tool_calls usage.input=10 usage.output=5 cost=$0.00000295`,
				`level=INFO msg="tool call" tool=add call_id=call_1 step=0 took=0s outcome=ok`,
				`level=INFO msg="model call" operation=chat.stream model=gemma-4-31B-it stream=true status=200 attempts=1 took=0s first_byte=0s first_delta=0s step=1 finish=stop usage.input=20 usage.output=2 cost=$0.0000031`,
				`level=INFO msg="model run" operation=chat.run model=gemma-4-31B-it steps=2 tool_calls=1 took=0s usage.input=30 usage.output=7 cost=$0.00000605`,
			},
		},
		"calls that fail": {
			replies: []keeproutertest.Reply{
				calls(call("1", "weather", "{}"), call("2", "crash", "{}"), call("3", "guess", `{}`), call("4", "add", `{"a":"the answer"}`), call("5", "slow", "{}"), call("6", "now", "{}")),
				says("forty-two"),
			},
			review: func(calls []*keeprouter.ToolCall) { calls[5].Deny("the prompt") },
			want: []string{
				`level=WARN msg="tool call" tool=weather call_id=1 step=0 took=0s outcome=failed err_type=*errors.errorString`,
				`level=WARN msg="tool call" tool=crash call_id=2 step=0 took=0s outcome=panicked err_type=*keeprouter.ToolPanic`,
				`level=WARN msg="tool call" tool=guess call_id=3 step=0 took=0s outcome="unknown tool" err_type=*fmt.wrapError`,
				`level=WARN msg="tool call" tool=add call_id=4 step=0 took=0s outcome="invalid arguments" err_type=*keeprouter.Error`,
				`level=WARN msg="tool call" tool=slow call_id=5 step=0 took=500ms outcome="timed out" err_type=context.deadlineExceededError`,
				`level=WARN msg="tool call" tool=now call_id=6 step=0 took=0s outcome=denied err_type=*errors.errorString`,
				`level=INFO msg="model run" operation=chat.run model=gemma-4-31B-it steps=2 tool_calls=6 took=500ms usage.input=30 usage.output=7 cost=$0.00000605`,
			},
		},
		"too many steps": {
			replies: []keeproutertest.Reply{calls(secret), calls(secret)},
			want: []string{
				`level=ERROR msg="model run" operation=chat.run model=gemma-4-31B-it steps=2 tool_calls=2 took=0s usage.input=20 usage.output=10 cost=$0.0000059 err.kind="step limit reached" err.operation=chat.run err.status=0 err.type="" err.code="" err.attempts=0`,
			},
		},
		"a budget refuses": {
			change: func(o *keeprouter.Options) { o.Budget = keeprouter.NewBudget(keeprouter.Micro) },
			want: []string{
				`level=ERROR msg="model call" operation=chat.stream model=gemma-4-31B-it stream=true status=0 attempts=0 took=0s first_byte=0s first_delta=0s step=0 budget.name="" budget.period=total budget.limit=$0.000001 budget.spent=$0.00 budget.reserved=$0.00 budget.requested=AMOUNT err.kind="over budget" err.operation=chat.stream err.status=0 err.type="" err.code="" err.attempts=0`,
				`level=ERROR msg="model run" operation=chat.run model=gemma-4-31B-it steps=0 tool_calls=0 took=0s budget.name="" budget.period=total budget.limit=$0.000001 budget.spent=$0.00 budget.reserved=$0.00 budget.requested=AMOUNT err.kind="over budget" err.operation=chat.run err.status=0 err.type="" err.code="" err.attempts=0`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				client := clientOf(t, keeproutertest.NewServer(t, tc.replies...), func(o *keeprouter.Options) {
					logAll(&log)(o)
					if tc.change != nil {
						tc.change(o)
					}
				})
				tools := keeprouter.Toolset{Tools: testTools(), MaxSteps: 2, Timeout: 500 * time.Millisecond}
				run := client.Chat.Run(t.Context(), limitedHello(), tools)
				for step := range run.Steps() {
					if step != nil && len(step.Calls) > 0 && tc.review != nil {
						tc.review(step.Calls)
					}
				}
				got := strings.Split(strings.TrimSpace(log.String()), "\n")
				if name != "a run" { // its lines of calls are all that there are to check
					got = without(got, `level=INFO msg="model call"`, `outcome=ok`)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
				for _, content := range []string{"Hello", "41", "42", "forty", "the prompt", "the answer", "noon", "cheese", errNoWeather.Error(), keeproutertest.Key} {
					if strings.Contains(log.String(), content) {
						t.Errorf("the log holds %q", content)
					}
				}
			})
		})
	}
}

func without(lines []string, parts ...string) []string {
	var rest []string
	for _, line := range lines {
		keep := true
		for _, part := range parts {
			keep = keep && !strings.Contains(line, part)
		}
		if keep {
			rest = append(rest, line)
		}
	}
	return rest
}

// TestLogsGoToTheDefaultLogger is about the nil logger, and names that a model made up.
func TestLogsGoToTheDefaultLogger(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	made := &keeprouter.ToolCall{Name: strings.Repeat("é", 100)}
	require.NoError(t, keeprouter.LogTools(nil)(t.Context(), made, func(context.Context) error { return nil }))
	require.NoError(t, keeprouter.LogRuns(nil)(t.Context(), &keeprouter.RunInfo{}, func(context.Context) error { return nil }))
	require.Contains(t, log.String(), "tool="+strings.Repeat("é", 64)+" ")
	require.Contains(t, log.String(), "model run")
}
