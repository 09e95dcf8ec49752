package keeprouter

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// Middleware surrounds one logical call: all its attempts and, of a stream, the
// time until the loop over it ends. It calls next once, or returns an error of its
// own without calling it. What it returns is what the caller gets, except that it
// can't turn a failed call into a success.
//
//	func logCalls(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
//		err := next(ctx)
//		slog.InfoContext(ctx, "llm call", "model", call.Model, "cost", call.Cost, "err", err)
//		return err
//	}
type Middleware func(ctx context.Context, call *Call, next func(context.Context) error) error

// Call is a call as a [Middleware] sees it. The first group of fields is set before
// next, the second is what next found out.
type Call struct {
	Operation string      // "chat.create", "chat.stream", "messages.create", "messages.stream", "messages.count_tokens", "models.list", "models.get"
	Model     string      // the model asked for
	Streaming bool        // whether the answer is a stream
	Request   any         // the *ChatRequest or *MessagesRequest, nil for models; already encoded, so changes have no effect
	Header    http.Header // sent with the request; a middleware may add to it
	BaseURL   string      // the gateway's address, as in Options
	Run       *RunInfo    // the run that the call is a step of, nil if of none
	OnItem    func()      // nil; a middleware may set it, to be called when a chunk or event of a stream is there, before it is handed out

	Meta       Meta          // of the answer
	Attempts   []Attempt     // every attempt, the last one included
	FirstByte  time.Duration // from the start of the call to the header of its last answer
	FirstDelta time.Duration // from the start of the call to the first chunk or event handed out; streams only
	Usage      Usage         // tokens of the answer; Unknown when the gateway didn't say
	Cost       Cost          // what they cost
	Charge     Charge        // what the budget was charged, if there is one
	Response   any           // the *ChatResponse or *MessagesResponse, as far as it came; to be read only; nil if nothing did
}

// Attempt is one try of a call.
type Attempt struct {
	Start    time.Time     // when it was begun, after the Delay
	Status   int           // HTTP status; 0 when there was no answer
	Delay    time.Duration // waited before it
	Duration time.Duration // from its start to its end
	Sent     bool          // whether the request may have reached the gateway
	Err      error         // why it failed; nil for the one that counts
}

// wire is what a call puts on the wire.
type wire struct {
	transport.Request
	paid  bool      // whether the call asks a model for an answer, which costs
	plan  *spending // what the call may cost; nil where nobody asks
	began time.Time // with its middleware; zero is with its first attempt
}

// perform makes one logical call: the middleware, and inside it the attempts. take
// gets an answer with a 2xx status, inside the attempt.
func (c *Client) perform(ctx context.Context, call *Call, w *wire, take func(*transport.Response) error) error {
	w.began, call.Usage.Unknown = time.Time{}, true
	if len(c.options.Middleware) == 0 {
		return c.attempts(ctx, call, w, take)
	}
	return c.surrounded(ctx, call, w, take)
}

// surrounded is perform with middleware.
func (c *Client) surrounded(ctx context.Context, call *Call, w *wire, take func(*transport.Response) error) error {
	if call.Header == nil {
		call.Header = http.Header{}
	}
	call.BaseURL, call.Run = c.options.BaseURL, runInfo(ctx)
	w.began = time.Now()
	return surroundOnce(ctx, "Options.Middleware", c.options.Middleware, call, call, func(ctx context.Context) error {
		return c.attempts(ctx, call, w, take)
	})
}

// attempts is what the middleware surrounds.
func (c *Client) attempts(ctx context.Context, call *Call, w *wire, take func(*transport.Response) error) (failed error) {
	if path, message := headerProblem(call.Header); path != "" {
		return callError(invalidRequest(path, message), call)
	}
	if w.paid {
		defer func() { c.options.Meter.record(call, c.options.Tag, w.plan, failed) }()
	}
	defer w.plan.settlePanic(ctx)
	w.Header, w.Stream = call.Header, call.Streaming
	if w.plan != nil {
		w.Admit = w.plan.admit
	}
	info, err := c.transport.Do(ctx, &w.Request, func(resp *transport.Response) error {
		call.Meta.take(resp.Info)
		call.Meta.Attempts = len(resp.Info.Attempts) + 1 // with the one that is running
		if w.began.IsZero() {
			w.began = resp.Info.Began
		}
		call.FirstByte = resp.Info.Began.Sub(w.began) + resp.Info.FirstByte
		return take(resp)
	})
	w.plan.settle(ctx, info)
	call.take(info)
	return callError(err, call)
}

// take fills in what the transport knows of a call that has ended.
func (call *Call) take(info *transport.Info) {
	call.Meta.take(info)
	call.Attempts = call.Attempts[:0]
	for _, a := range info.Attempts {
		call.Attempts = append(call.Attempts, Attempt(a))
	}
	for i := range call.Attempts {
		call.Attempts[i].Err = callError(call.Attempts[i].Err, call)
	}
}

// priced fills in what a call's answer cost, by the model that answered, and what the
// gateway says that it charged.
func (c *Client) priced(call *Call, served string, usage Usage, reported *Money) {
	model := cmp.Or(served, call.Model)
	if call.Cost.Model == model && call.Usage == usage && sameAmount(call.Cost.Reported, reported) {
		return // a result is looked at more than once
	}
	cost, err := c.options.Prices.Prices().Cost(model, usage)
	if err != nil {
		cost = Cost{Model: model, Err: err}
	}
	cost.Reported = reported
	call.Usage, call.Cost = usage, cost
}
