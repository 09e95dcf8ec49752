package battery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// operation is what a program does with the client.
type operation struct {
	name    string
	streams bool
	tools   bool
	step    int // of the tool loop, the step in which the fault happens
}

var operations = []operation{
	{name: "create"},
	{name: "stream", streams: true},
	{name: "tools, step 1", streams: true, tools: true},
	{name: "tools, step 2", streams: true, tools: true, step: 1},
}

// told is what an operation tells its caller.
type told struct {
	err    error
	handed string   // text that came while it ran
	kept   string   // text of the result
	calls  []string // of the result
	ran    []string // tools that ran, with their arguments
	turns  int      // of the conversation that a tool loop left
	usage  keeprouter.Usage
	cost   string
}

// took is an operation with all that can be measured of it.
type took struct {
	told
	client   *keeprouter.Client
	attempts [][]keeprouter.Attempt // of each call
	charges  []keeprouter.Charge
	time     time.Duration
	meter    keeprouter.MeterTotal
	balance  keeprouter.BudgetBalance
}

const outputLimit = 200

// format drives one of the two formats.
type format struct {
	name   string
	create func(context.Context, *keeprouter.Client) told
	stream func(context.Context, *keeprouter.Client) told
	tools  func(context.Context, *keeprouter.Client) told

	countsFirst bool // whether a stream's first event has the prompt's count
}

var formats = []format{
	{"chat", createChat, streamChat, runChat, false},
	{"messages", createMessages, streamMessages, runMessages, true},
}

func chatAsk() *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: new(outputLimit),
		Messages: []keeprouter.ChatMessage{keeprouter.User("How warm is it in Zürich?")},
	}
}

func messagesAsk() *keeprouter.MessagesRequest {
	return &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: outputLimit,
		Messages: []keeprouter.Message{keeprouter.UserMessage("How warm is it in Zürich?")},
	}
}

func createChat(ctx context.Context, c *keeprouter.Client) told {
	return chatTold(c.Chat.Create(ctx, chatAsk()))
}

func streamChat(ctx context.Context, c *keeprouter.Client) told {
	return streamed(c.Chat.Stream(ctx, chatAsk()), chatTold)
}

func runChat(ctx context.Context, c *keeprouter.Client) told {
	run := c.Chat.Run(ctx, chatAsk(), toolset)
	t := streamed(run, chatTold)
	t.turns = len(run.Request().Messages)
	return t
}

func createMessages(ctx context.Context, c *keeprouter.Client) told {
	return messagesTold(c.Messages.Create(ctx, messagesAsk()))
}

func streamMessages(ctx context.Context, c *keeprouter.Client) told {
	return streamed(c.Messages.Stream(ctx, messagesAsk()), messagesTold)
}

func runMessages(ctx context.Context, c *keeprouter.Client) told {
	run := c.Messages.Run(ctx, messagesAsk(), toolset)
	t := streamed(run, messagesTold)
	t.turns = len(run.Request().Messages)
	return t
}

// streamed reads a text, and then the result, which must tell the same error.
func streamed[R any](s interface {
	Text() iter.Seq2[string, error]
	Result() (*R, error)
}, tell func(*R, error) told,
) told {
	var text strings.Builder
	var failed error
	for piece, err := range s.Text() {
		text.WriteString(piece)
		failed = err
	}
	t := tell(s.Result())
	if t.err != failed {
		t.err = errors.Join(errors.New("the loop and Result tell different errors"), failed, t.err)
	}
	t.handed = text.String()
	return t
}

func chatTold(r *keeprouter.ChatResponse, err error) told {
	t := told{err: err}
	if r == nil {
		return t
	}
	t.kept, t.handed, t.usage, t.cost = r.Text(), r.Text(), r.Usage, r.Cost.String()
	for _, c := range r.ToolCalls() {
		t.calls = append(t.calls, callText(c.Name, c.Arguments, c.Truncated))
	}
	return t
}

func messagesTold(r *keeprouter.MessagesResponse, err error) told {
	t := told{err: err}
	if r == nil {
		return t
	}
	t.kept, t.handed, t.usage, t.cost = r.Text(), r.Text(), r.Usage, r.Cost.String()
	for _, c := range r.ToolUses() {
		t.calls = append(t.calls, callText(c.Name, cmp.Or(c.PartialInput, string(c.Input)), c.Truncated))
	}
	return t
}

func callText(name, arguments string, truncated bool) string {
	text := name + " " + arguments
	if truncated {
		text += " (truncated)"
	}
	return text
}

type weatherArgs struct {
	City string `json:"city"`
}

// ranKey is where the context of a tool loop keeps the tools that ran.
type ranKey struct{}

// weather tells that it ran.
var weather = keeprouter.NewTool("weather", "Weather of a city.", func(ctx context.Context, in weatherArgs) (string, error) {
	ran := ctx.Value(ranKey{}).(*[]string)
	*ran = append(*ran, in.City)
	return "21 °C", nil
})

var toolset = keeprouter.Toolset{Tools: []keeprouter.Tool{weather}}

// call makes an operation with a client of its own, a budget and a meter.
func call(ctx context.Context, t *testing.T, l lane, opts *keeprouter.Options) took {
	t.Helper()
	var out took
	opts.Budget = keeprouter.NewBudget(keeprouter.Dollar)
	opts.Meter = &keeprouter.Meter{}
	opts.Middleware = append(opts.Middleware, func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
		err := next(ctx)
		out.attempts = append(out.attempts, append([]keeprouter.Attempt(nil), call.Attempts...))
		out.charges = append(out.charges, call.Charge)
		return err
	})
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	out.client = client
	start := time.Now()
	out.told = l.make(ctx, client)
	out.time = time.Since(start)
	out.meter = opts.Meter.Total()
	balances, err := opts.Budget.Balances(context.Background())
	require.NoError(t, err)
	out.balance = balances[0]
	return out
}

func (l lane) make(ctx context.Context, client *keeprouter.Client) (t told) {
	switch {
	case l.op.tools:
		var ran []string
		t = l.format.tools(context.WithValue(ctx, ranKey{}, &ran), client)
		t.ran = ran
	case l.op.streams:
		t = l.format.stream(ctx, client)
	default:
		t = l.format.create(ctx, client)
	}
	return t
}

func (t told) String() string {
	return fmt.Sprintf("error %v; handed out %q, kept %q, calls %q, ran %q, %d turns, usage %v, cost %s",
		t.err, t.handed, t.kept, t.calls, t.ran, t.turns, t.usage, t.cost)
}
