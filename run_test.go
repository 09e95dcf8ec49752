package keeprouter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// outcome is what came of a run, in the terms of neither format.
type outcome struct {
	Text    string   // of the last answer
	Events  []string // in their order
	History []string // roles and contents of the conversation that the run leaves
	Steps   int
	Usage   keeprouter.Usage
}

// runner drives a run of one of the two formats.
type runner struct {
	name string
	run  func(t *testing.T, c *keeprouter.Client, tools keeprouter.Toolset, s scenario) (outcome, error)
}

var runners = []runner{
	{"chat", func(t *testing.T, c *keeprouter.Client, tools keeprouter.Toolset, s scenario) (outcome, error) {
		req := &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, MaxTokens: new(100), Messages: []keeprouter.ChatMessage{keeprouter.User("Go")}}
		run := c.Chat.Run(s.context(t), req, tools)
		out, err := follow(run, s)
		require.Len(t, req.Messages, 1, "the caller's request stays as it was")
		resp, _ := run.Result()
		out.Text = resp.Text()
		for _, m := range run.Request().Messages {
			text := m.Role + " " + m.Content.Text()
			for _, call := range m.ToolCalls {
				text += " [" + call.Name + " " + call.Arguments + "]"
			}
			out.History = append(out.History, text)
		}
		return out, err
	}},
	{"messages", func(t *testing.T, c *keeprouter.Client, tools keeprouter.Toolset, s scenario) (outcome, error) {
		req := &keeprouter.MessagesRequest{Model: keeprouter.Gemma4_31B, MaxTokens: 100, Messages: []keeprouter.Message{keeprouter.UserMessage("Go")}}
		run := c.Messages.Run(s.context(t), req, tools)
		out, err := follow(run, s)
		require.Len(t, req.Messages, 1, "the caller's request stays as it was")
		if resp, _ := run.Result(); resp != nil {
			out.Text = resp.Text()
		}
		for _, m := range run.Request().Messages {
			text := string(m.Role) + " " + m.Content.Text()
			for _, b := range m.Content {
				switch b := b.(type) {
				case *keeprouter.ToolUseBlock:
					text += " [" + b.Name + " " + string(b.Input) + "]"
				case *keeprouter.ToolResultBlock: // as many messages as in the other format
					out.History = append(out.History, "tool "+b.Content.Text())
					text = ""
				}
			}
			if text != "" {
				out.History = append(out.History, text)
			}
		}
		return out, err
	}},
}

// follow ranges over a run and tells its events.
func follow[Q, R any](run *keeprouter.Run[Q, R], s scenario) (outcome, error) {
	var out outcome
	var failed error
	for e, err := range run.All() {
		if err != nil {
			failed = err
			break
		}
		text := fmt.Sprintf("%d %s", e.Step, e.Type)
		switch e.Type {
		case keeprouter.RunText:
			if n := len(out.Events); n > 0 && strings.HasPrefix(out.Events[n-1], text) {
				out.Events[n-1] += e.Text
				continue
			}
			text += " " + e.Text
		case keeprouter.RunCallStarted:
			text += " " + e.Call.Name
		case keeprouter.RunProposed:
			if s.review != nil {
				s.review(e.Calls)
			}
			text += fmt.Sprint(" ", len(e.Calls))
		case keeprouter.RunResult:
			text += " " + e.Call.Name + ": " + e.Call.Result
			if e.Call.Failed {
				text += " (failed)"
			}
		}
		out.Events = append(out.Events, text)
		if s.leaveAt != "" && strings.HasPrefix(text, s.leaveAt) {
			break
		}
	}
	_, err := run.Result()
	if failed == nil {
		failed = err
	}
	out.Steps, out.Usage = run.Total().Steps, run.Total().Usage
	return out, sameError(failed, err)
}

// scenario is a script of the model and what must come of it, in both formats and
// whether the answers are streamed or not.
type scenario struct {
	replies []keeproutertest.Reply
	tools   func(*keeprouter.Toolset) // changes to the toolset
	review  func([]*keeprouter.ToolCall)
	budget  *keeprouter.Budget
	cancel  time.Duration // after which the context is canceled
	leaveAt string        // the beginning of the event at which the loop is left

	want  outcome
	kind  error
	check func(*testing.T, error)
}

func (s scenario) context(t *testing.T) context.Context {
	if s.cancel == 0 {
		return t.Context()
	}
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(s.cancel, cancel)
	t.Cleanup(func() { timer.Stop(); cancel() })
	return ctx
}

func calls(c ...keeproutertest.ToolCall) keeproutertest.Reply {
	return keeproutertest.Reply{ToolCalls: c, Usage: &keeproutertest.Usage{Input: 10, Output: 5}}
}

func says(text string) keeproutertest.Reply {
	return keeproutertest.Reply{Text: text, Usage: &keeproutertest.Usage{Input: 20, Output: 2}}
}

func call(id, name, arguments string) keeproutertest.ToolCall {
	return keeproutertest.ToolCall{ID: id, Name: name, Arguments: arguments}
}

type addArgs struct {
	A int `json:"a"`
	B int `json:"b" jsonschema:"the other number"`
}

var errNoWeather = errors.New("there is no weather today")

// testTools are the tools of all scenarios.
func testTools() []keeprouter.Tool {
	return []keeprouter.Tool{
		keeprouter.NewTool("add", "Adds two numbers.", func(_ context.Context, in addArgs) (int, error) { return in.A + in.B, nil }),
		keeprouter.NewTool("now", "Tells the time.", func(context.Context, struct{}) (string, error) { return "noon", nil }),
		keeprouter.NewTool("weather", "Fails.", func(context.Context, struct{}) (string, error) { return "", errNoWeather }),
		keeprouter.NewTool("crash", "Panics.", func(context.Context, struct{}) (string, error) { panic("out of cheese") }),
		keeprouter.NewTool("slow", "Takes a second.", func(ctx context.Context, _ struct{}) (string, error) {
			select {
			case <-time.After(time.Second):
				return "done", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}),
	}
}

func TestRuns(t *testing.T) {
	for name, s := range runScenarios() {
		for _, format := range runners {
			for _, whole := range []bool{false, true} {
				way := "stream"
				if whole {
					way = "whole"
				}
				t.Run(name+"/"+format.name+"/"+way, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { s.test(t, format, whole) })
				})
			}
		}
	}
}

func (s scenario) test(t *testing.T, format runner, whole bool) {
	srv := keeproutertest.NewServer(t, s.replies...)
	client := clientOf(t, srv, func(o *keeprouter.Options) {
		o.Budget, o.TokenCounter = s.budget, byteCounter{}
		if s.budget != nil { // of its own for each way
			balances, err := s.budget.Balances(t.Context())
			require.NoError(t, err)
			o.Budget = keeprouter.NewBudget(balances[0].Account.Limit)
		}
	})
	tools := keeprouter.Toolset{Tools: testTools(), MaxSteps: 4, Whole: whole}
	if s.tools != nil {
		s.tools(&tools)
	}
	got, err := format.run(t, client, tools, s)
	if s.kind == nil {
		require.NoError(t, err)
	} else {
		require.ErrorIs(t, err, s.kind)
		_, ok := errors.AsType[*keeprouter.Error](err)
		require.True(t, ok, "the error is %T", err)
	}
	if s.check != nil {
		s.check(t, err)
	}
	if diff := gocmp.Diff(s.want, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	synctest.Wait()
	require.Zero(t, srv.Open())
}

func runScenarios() map[string]scenario {
	return map[string]scenario{
		"no call": {
			replies: []keeproutertest.Reply{says("Hello.")},
			want: outcome{
				Text: "Hello.", Steps: 1, Usage: keeprouter.Usage{Input: 20, Output: 2},
				Events:  []string{"0 text Hello.", "0 step ended"},
				History: []string{"user Go", "assistant Hello."},
			},
		},
		"single call": {
			replies: []keeproutertest.Reply{calls(call("c1", "add", `{"a":1,"b":2}`)), says("It is 3.")},
			want: outcome{
				Text: "It is 3.", Steps: 2, Usage: keeprouter.Usage{Input: 30, Output: 7},
				Events:  []string{"0 call started add", "0 proposed 1", "0 result add: 3", "0 step ended", "1 text It is 3.", "1 step ended"},
				History: []string{"user Go", `assistant  [add {"a":1,"b":2}]`, "tool 3", "assistant It is 3."},
			},
		},
		"parallel calls": {
			replies: []keeproutertest.Reply{calls(call("c1", "slow", ""), call("c2", "now", "{}"), call("c3", "add", `{"a":1,"b":1}`)), says("ok")},
			tools:   func(s *keeprouter.Toolset) { s.Parallel = 3 },
			want: outcome{
				Text: "ok", Steps: 2, Usage: keeprouter.Usage{Input: 30, Output: 7},
				Events: []string{
					"0 call started slow", "0 call started now", "0 call started add", "0 proposed 3",
					"0 result slow: done", "0 result now: noon", "0 result add: 2", "0 step ended", "1 text ok", "1 step ended",
				},
				History: []string{"user Go", `assistant  [slow {}] [now {}] [add {"a":1,"b":1}]`, "tool done", "tool noon", "tool 2", "assistant ok"},
			},
		},
		"turn after turn": {
			replies: []keeproutertest.Reply{calls(call("c1", "now", "{}")), calls(call("c2", "add", `{"a":1,"b":2}`)), says("ok")},
			want: outcome{
				Text: "ok", Steps: 3, Usage: keeprouter.Usage{Input: 40, Output: 12},
				Events: []string{
					"0 call started now", "0 proposed 1", "0 result now: noon", "0 step ended",
					"1 call started add", "1 proposed 1", "1 result add: 3", "1 step ended", "2 text ok", "2 step ended",
				},
				History: []string{"user Go", "assistant  [now {}]", "tool noon", `assistant  [add {"a":1,"b":2}]`, "tool 3", "assistant ok"},
			},
		},
		"error":         answered("weather", "{}", "there is no weather today (failed)"),
		"panic":         answered("crash", "{}", "The tool failed unexpectedly. (failed)"),
		"unknown tool":  answered("guess", "{}", `There is no tool "guess". The tools are: add, now, weather, crash, slow. (failed)`),
		"bad arguments": answered("add", `{"a":1,"b":"two"}`, "The arguments don't fit the tool's schema: b: want an integer, got a string (failed)"),
		"timeout": with(answered("slow", "{}", "The tool did not finish within 500ms. (failed)"), func(s *scenario) {
			s.tools = func(s *keeprouter.Toolset) { s.Timeout = 500 * time.Millisecond }
		}),
		"denial": with(answered("add", `{"a":1,"b":2}`, "The call was denied: not today (failed)"), func(s *scenario) {
			s.review = func(calls []*keeprouter.ToolCall) { calls[0].Deny("not today") }
		}),
		"replaced arguments": with(answered("add", `{"a":1,"b":2}`, "30"), func(s *scenario) {
			s.review = func(calls []*keeprouter.ToolCall) { calls[0].Arguments = json.RawMessage(`{"a":10,"b":20}`) }
		}),
		"arguments that are not JSON": with(answered("add", `{'a': 1, 'b': 2,}`, "The arguments don't fit the tool's schema: not valid JSON, at byte 2: invalid character '\\'' looking for beginning of object key string (failed)"), func(s *scenario) {
			s.want.History[1] = `assistant  [add {"invalid_arguments":"{'a': 1, 'b': 2,}"}]`
		}),
		"arguments repaired": with(answered("add", `{'a': 1, 'b': 2,}`, "3"), func(s *scenario) {
			s.want.History[1] = `assistant  [add {"invalid_arguments":"{'a': 1, 'b': 2,}"}]`
			s.tools = func(s *keeprouter.Toolset) { s.Repair = true }
		}),
		"truncated arguments": {
			replies: []keeproutertest.Reply{{ToolCalls: []keeproutertest.ToolCall{call("c1", "now", "{}"), call("c2", "add", `{"a":1,"b`)}, Finish: "length", Usage: &keeproutertest.Usage{Input: 10, Output: 5}}},
			kind:    keeprouter.ErrToolCallTruncated,
			want: outcome{
				Steps: 1, Usage: keeprouter.Usage{Input: 10, Output: 5},
				Events:  []string{"0 call started now", "0 call started add"},
				History: []string{"user Go"},
			},
		},
		"step limit": {
			replies: slices.Repeat([]keeproutertest.Reply{calls(call("c", "now", "{}"))}, 2),
			tools:   func(s *keeprouter.Toolset) { s.MaxSteps = 2 },
			kind:    keeprouter.ErrMaxSteps,
			check: func(t *testing.T, err error) {
				limit, ok := errors.AsType[*keeprouter.LimitError](err)
				require.True(t, ok)
				require.Equal(t, 2, limit.Steps)
				require.Contains(t, err.Error(), "after 2 steps")
			},
			want: outcome{
				Steps: 2, Usage: keeprouter.Usage{Input: 20, Output: 10},
				Events: []string{
					"0 call started now", "0 proposed 1", "0 result now: noon", "0 step ended",
					"1 call started now", "1 proposed 1", "1 result now: noon", "1 step ended",
				},
				History: []string{"user Go", "assistant  [now {}]", "tool noon", "assistant  [now {}]", "tool noon"},
			},
		},
		"budget limit": {
			replies: []keeproutertest.Reply{{ToolCalls: []keeproutertest.ToolCall{call("c1", "now", "{}")}, Usage: &keeproutertest.Usage{Input: 1_000_000, Output: 1}}},
			budget:  keeprouter.NewBudget(keeprouter.Cent),
			kind:    keeprouter.ErrBudget,
			check: func(t *testing.T, err error) {
				limit, ok := errors.AsType[*keeprouter.LimitError](err)
				require.True(t, ok)
				require.Equal(t, 1, limit.Steps)
				require.NotNil(t, limit.Request)
				_, ok = errors.AsType[*keeprouter.BudgetError](err)
				require.True(t, ok)
			},
			want: outcome{
				Steps: 1, Usage: keeprouter.Usage{Input: 1_000_000, Output: 1},
				Events:  []string{"0 call started now", "0 proposed 1", "0 result now: noon", "0 step ended"},
				History: []string{"user Go", "assistant  [now {}]", "tool noon"},
			},
		},
		"canceled while a tool runs": {
			replies: []keeproutertest.Reply{calls(call("c1", "slow", "{}"), call("c2", "now", "{}"))},
			cancel:  100 * time.Millisecond,
			kind:    keeprouter.ErrCanceled,
			want: outcome{
				Steps: 1, Usage: keeprouter.Usage{Input: 10, Output: 5},
				Events: []string{
					"0 call started slow", "0 call started now", "0 proposed 2",
					"0 result slow: context canceled (failed)", "0 result now: The call was canceled. (failed)",
				},
				History: []string{"user Go"},
			},
		},
		"left while tools run": {
			replies: []keeproutertest.Reply{calls(call("c1", "now", "{}"), call("c2", "slow", "{}"))},
			tools:   func(s *keeprouter.Toolset) { s.Parallel = 2 },
			leaveAt: "0 result now",
			kind:    keeprouter.ErrUnfinished,
			want: outcome{
				Steps: 1, Usage: keeprouter.Usage{Input: 10, Output: 5},
				Events:  []string{"0 call started now", "0 call started slow", "0 proposed 2", "0 result now: noon"},
				History: []string{"user Go"},
			},
		},
		"answer refused": {
			replies: []keeproutertest.Reply{calls(call("c1", "now", "{}")), {Status: 400}},
			kind:    keeprouter.ErrInvalidRequest,
			want: outcome{
				Steps: 1, Usage: keeprouter.Usage{Input: 10, Output: 5},
				Events:  []string{"0 call started now", "0 proposed 1", "0 result now: noon", "0 step ended"},
				History: []string{"user Go", "assistant  [now {}]", "tool noon"},
			},
		},
	}
}

// answered is a scenario of one call whose result the model reads.
func answered(name, arguments, result string) scenario {
	return scenario{
		replies: []keeproutertest.Reply{calls(call("c1", name, arguments)), says("ok")},
		want: outcome{
			Text: "ok", Steps: 2, Usage: keeprouter.Usage{Input: 30, Output: 7},
			Events:  []string{"0 call started " + name, "0 proposed 1", "0 result " + name + ": " + result, "0 step ended", "1 text ok", "1 step ended"},
			History: []string{"user Go", "assistant  [" + name + " " + arguments + "]", "tool " + strings.TrimSuffix(result, " (failed)"), "assistant ok"},
		},
	}
}

func with(s scenario, change func(*scenario)) scenario {
	change(&s)
	return s
}
