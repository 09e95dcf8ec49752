package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestMiddlewareSeesTheWholeRun has a run of two steps, in which a tool makes a call of
// its own, tell each middleware in which order things happen and in whose context.
func TestMiddlewareSeesTheWholeRun(t *testing.T) {
	type inRun struct{}
	for _, format := range runners {
		t.Run(format.name, func(t *testing.T) {
			var order []string
			note := func(ctx context.Context, text string, args ...any) {
				order = append(order, fmt.Sprintf("%v: ", ctx.Value(inRun{}))+fmt.Sprintf(text, args...))
			}
			var client *keeprouter.Client
			consult := keeprouter.NewTool("consult", "Asks another model.", func(ctx context.Context, _ struct{}) (string, error) {
				resp, err := client.Chat.Create(ctx, hello())
				return resp.Text(), err
			})
			client = clientOf(t, keeproutertest.NewServer(t, calls(call("1", "consult", "{}")), says("no"), says("done")), func(o *keeprouter.Options) {
				o.RunMiddleware = []keeprouter.RunMiddleware{func(ctx context.Context, run *keeprouter.RunInfo, next func(context.Context) error) error {
					note(ctx, "%s of %s begins", run.Operation, run.Model)
					err := next(context.WithValue(ctx, inRun{}, "run"))
					note(ctx, "%d steps and %d tool calls, %v, %v", run.Total.Steps, run.ToolCalls, run.Total.Usage, run.Total.Cost)
					return err
				}}
				o.Middleware = []keeprouter.Middleware{func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
					err := next(ctx)
					if call.Run == nil {
						note(ctx, "call of its own")
						return err
					}
					note(ctx, "step %d", call.Run.Step)
					return err
				}}
				o.ToolMiddleware = []keeprouter.ToolMiddleware{func(ctx context.Context, call *keeprouter.ToolCall, next func(context.Context) error) error {
					note(ctx, "tool %s begins", call.Name)
					err := next(ctx)
					note(ctx, "tool %s of step %d: %s", call.Name, call.Step, call.Result)
					return err
				}}
			})
			got, err := format.run(t, client, keeprouter.Toolset{Tools: []keeprouter.Tool{consult}}, scenario{})
			require.NoError(t, err)
			require.Equal(t, "done", got.Text)
			want := []string{
				"<nil>: " + format.name + ".run of gemma-4-31B-it begins",
				"run: step 0", "run: tool consult begins", "run: call of its own", "run: tool consult of step 0: no", "run: step 1",
				"<nil>: 2 steps and 1 tool calls, 30 in, 7 out, $0.00000605",
			}
			if diff := gocmp.Diff(want, order); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunMiddlewareErrors(t *testing.T) {
	errPolicy := errors.New("not on a Sunday")
	for name, tc := range map[string]struct {
		middleware keeprouter.RunMiddleware
		status     int
		want       error
		requests   int
	}{
		"refuses": {
			func(context.Context, *keeprouter.RunInfo, func(context.Context) error) error { return errPolicy },
			200, errPolicy, 0,
		},
		"forgets next": {
			func(context.Context, *keeprouter.RunInfo, func(context.Context) error) error { return nil },
			200, keeprouter.ErrConfig, 0,
		},
		"swallows the failure": {
			func(ctx context.Context, _ *keeprouter.RunInfo, next func(context.Context) error) error {
				_ = next(ctx)
				return nil
			},
			401, keeprouter.ErrAuthentication, 1,
		},
		"calls next twice": {
			func(ctx context.Context, _ *keeprouter.RunInfo, next func(context.Context) error) error {
				return errors.Join(next(ctx), next(ctx))
			},
			200, keeprouter.ErrConfig, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t, keeproutertest.Reply{Status: tc.status, Text: "ok"})
			client := clientOf(t, srv, func(o *keeprouter.Options) { o.RunMiddleware = []keeprouter.RunMiddleware{tc.middleware} })
			_, err := client.Messages.Run(t.Context(), ask(), keeprouter.Toolset{}).Result()
			require.ErrorIs(t, err, tc.want)
			if got := len(srv.Requests()); got != tc.requests {
				t.Errorf("%d requests, want %d", got, tc.requests)
			}
		})
	}
}

func TestToolMiddleware(t *testing.T) {
	errLimit := errors.New("too many calls today")
	type surround = func(context.Context, *keeprouter.ToolCall, func(context.Context) error) error
	for name, tc := range map[string]struct {
		middleware surround
		tool       string
		want       string // what the model reads
	}{
		"only looks": {
			func(ctx context.Context, _ *keeprouter.ToolCall, next func(context.Context) error) error {
				return next(ctx)
			},
			"now", "noon",
		},
		"refuses": {
			func(context.Context, *keeprouter.ToolCall, func(context.Context) error) error { return errLimit },
			"now", "too many calls today (failed)",
		},
		"denies": {
			func(ctx context.Context, call *keeprouter.ToolCall, next func(context.Context) error) error {
				call.Deny("ask first")
				return next(ctx)
			},
			"now", "The call was denied: ask first (failed)",
		},
		"repeats": {
			func(ctx context.Context, call *keeprouter.ToolCall, next func(context.Context) error) error {
				if err := next(ctx); err != nil {
					call.Name = "now"
					return next(ctx)
				}
				return nil
			},
			"weather", "noon",
		},
		"has the answer": {
			func(_ context.Context, call *keeprouter.ToolCall, _ func(context.Context) error) error {
				call.Result = "cached"
				return nil
			},
			"now", "cached",
		},
		"finds the result wanting": {
			func(ctx context.Context, _ *keeprouter.ToolCall, next func(context.Context) error) error {
				return errors.Join(next(ctx), errLimit)
			},
			"now", "too many calls today (failed)",
		},
		"panics": {
			func(context.Context, *keeprouter.ToolCall, func(context.Context) error) error { panic("out of cheese") },
			"now", "The tool failed unexpectedly. (failed)",
		},
		"ends its goroutine": {
			func(context.Context, *keeprouter.ToolCall, func(context.Context) error) error {
				runtime.Goexit()
				return nil
			},
			"now", "The tool failed unexpectedly. (failed)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, keeproutertest.NewServer(t, calls(call("1", tc.tool, "{}")), says("done")), func(o *keeprouter.Options) {
				o.ToolMiddleware = []keeprouter.ToolMiddleware{tc.middleware}
			})
			got := ""
			for e, err := range client.Chat.Run(t.Context(), hello(), keeprouter.Toolset{Tools: testTools()}).All() {
				require.NoError(t, err)
				if e.Type == keeprouter.RunResult {
					got = e.Call.Result
					if e.Call.Failed {
						got += " (failed)"
					}
				}
			}
			if got != tc.want {
				t.Errorf("the model reads %q, want %q", got, tc.want)
			}
		})
	}
}

func TestNilMiddlewareIsRefused(t *testing.T) {
	for name, change := range map[string]func(*keeprouter.Options){
		"Options.Middleware":     func(o *keeprouter.Options) { o.Middleware = make([]keeprouter.Middleware, 1) },
		"Options.RunMiddleware":  func(o *keeprouter.Options) { o.RunMiddleware = make([]keeprouter.RunMiddleware, 1) },
		"Options.ToolMiddleware": func(o *keeprouter.Options) { o.ToolMiddleware = make([]keeprouter.ToolMiddleware, 1) },
	} {
		opts := keeproutertest.NewServer(t).Options()
		change(opts)
		_, err := keeprouter.NewClient(opts)
		require.ErrorIs(t, err, keeprouter.ErrConfig)
		require.ErrorContains(t, err, name)
	}
}

// TestCallTellsWhatCame is about the fields that observability needs beyond those of
// TestMiddlewareSeesTheCall.
func TestCallTellsWhatCame(t *testing.T) {
	for _, format := range runners {
		t.Run(format.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen keeprouter.Call
				items := 0
				srv := keeproutertest.NewServer(t, keeproutertest.Reply{Status: 503}, keeproutertest.Reply{Deltas: []string{"a", "b"}})
				client := clientOf(t, srv, func(o *keeprouter.Options) {
					o.Middleware = []keeprouter.Middleware{func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
						call.OnItem = func() { items++ }
						err := next(ctx)
						seen = *call
						return err
					}}
				})
				_, err := format.run(t, client, keeprouter.Toolset{}, scenario{})
				require.NoError(t, err)
				text := ""
				switch r := seen.Response.(type) {
				case *keeprouter.ChatResponse:
					text = r.Text()
				case *keeprouter.MessagesResponse:
					text = r.Text()
				}
				require.Equal(t, "ab", text)
				require.Equal(t, srv.Options().BaseURL, seen.BaseURL)
				require.Greater(t, items, 2)
				first, second := seen.Attempts[0], seen.Attempts[1]
				require.Equal(t, second.Delay, second.Start.Sub(first.Start.Add(first.Duration)))
			})
		})
	}
}
