package battery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/transport"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// fault is something that goes wrong at one of several places of an answer.
type fault struct {
	name    string
	on      func(operation) bool     // nil: every operation
	offsets func(r *reference) int   // the number of places; nil is one
	play    func(*trial, *line, int) // answers an attempt, which are counted from 0
	want    func(*trial) want        // the outcome
	options func(*trial, *keeprouter.Options)
	network func(*trial, *network)
	context func(*trial, context.Context) (context.Context, context.CancelFunc)
	noAgain bool // whether the network stays broken, so that no other call can work
}

// trial is a fault at one place of one lane.
type trial struct {
	*reference
	fault *fault
	at    int
	began time.Time

	network  *network
	attempts int  // that the fault has answered
	healed   bool // whether the fault is over
}

// healthy answers a step as it should be.
func (tr *trial) healthy(l *line, step int) {
	r := *tr.reference
	r.lane.op.step = step
	if l.whole != nil {
		l.send(append(r.head2(l.stream), frame(dataFrame, endStream, l.stream, tr.plan.bodies[step])...), goOn)
		return
	}
	if r.body = tr.plan.bodies[step]; r.lane.op.streams {
		l.send(chunked(header("200 OK", sse), [][]byte{r.body}).bytes, goOn)
		return
	}
	l.send(measured(header("200 OK", jsonType), r.body).bytes, goOn)
}

func (tr *trial) script(l *line, request asked) {
	step := 0
	if request.isSecondStep() {
		step = 1
	}
	switch {
	case tr.healed:
		tr.healthy(l, len(tr.plan.bodies)-1)
		return
	case step != tr.lane.op.step:
		tr.healthy(l, step)
		return
	}
	tr.attempts++
	tr.fault.play(tr, l, tr.attempts-1)
}

// run makes the operation in a bubble and checks all that can be known of it.
func (tr *trial) run(t *testing.T, prices *keeprouter.PriceTable) (out took) {
	synctest.Test(t, func(t *testing.T) {
		tr.network = &network{script: tr.script, open: map[*line]bool{}}
		if tr.fault.network != nil {
			tr.fault.network(tr, tr.network)
		}
		pool := transport.NewRoundTripper().(*http.Transport)
		pool.DialContext = tr.network.device
		if tr.network.prepare != nil {
			tr.network.prepare(pool)
		}
		opts := &keeprouter.Options{
			Key: keeprouter.NewKey(keeproutertest.Key), BaseURL: "http://localhost", Prices: prices,
			HTTPClient: &http.Client{Transport: pool},
		}
		if tr.network.secure {
			opts.BaseURL = "https://localhost"
		}
		if tr.fault.options != nil {
			tr.fault.options(tr, opts)
		}
		ctx := context.Background()
		if tr.fault.context != nil {
			var cancel context.CancelFunc
			ctx, cancel = tr.fault.context(tr, ctx)
			defer cancel()
		}
		tr.began = time.Now()
		out = call(ctx, t, tr.lane, opts)
		synctest.Wait()
		c := check{T: t, tr: tr, want: tr.fault.want(tr), got: out}
		c.all()
		if !tr.fault.noAgain {
			c.again()
		}
		pool.CloseIdleConnections()
		synctest.Wait()
		for _, host := range tr.network.hosts {
			if host != tr.network.hosts[0] {
				c.fail("another host was called: %s", host)
			}
		}
		if _, _, open := tr.network.counts(); open != 0 {
			c.fail("%d connections are left open", open)
		}
		tr.network.close()
	})
	return out
}

// check compares an outcome with what it must be.
type check struct {
	*testing.T
	tr   *trial
	want want
	got  took
}

func (c *check) fail(format string, args ...any) {
	c.Helper()
	c.Errorf("%s: %s, at %d: %s\n\t%v", c.tr.fault.name, c.tr.lane, c.tr.at, fmt.Sprintf(format, args...), c.got.told)
}

func (c *check) all() {
	c.ending()
	c.kept()
	c.tools()
	c.tries()
	c.bounds()
	c.money()
}

// ending checks the error, and that there is one unless the answer is whole.
func (c *check) ending() {
	if c.want.kind == "" {
		if c.got.err != nil {
			c.fail("want the whole answer")
			return
		}
		c.whole()
		return
	}
	if c.got.err == nil {
		c.fail("no error, want %q", c.want.kind)
		return
	}
	e, ok := errors.AsType[*keeprouter.Error](c.got.err)
	if !ok {
		c.fail("the error is a %T", c.got.err)
		return
	}
	type said struct {
		Kind                keeprouter.ErrorKind
		Operation           string
		Status, Attempts    int
		Retryable, InStream bool
	}
	operation := c.tr.lane.format.name + ".stream"
	if !c.tr.lane.op.streams {
		operation = c.tr.lane.format.name + ".create"
	}
	want := said{c.want.kind, operation, c.want.status, c.want.attempts, c.want.retryable, c.want.inStream}
	got := said{e.Kind, e.Operation, e.Status, e.Attempts, e.Retryable, e.InStream}
	if diff := cmp.Diff(want, got); diff != "" {
		c.fail("error (-want +got):\n%s", diff)
	}
	if text := e.Error(); !strings.HasPrefix(text, "keeprouter: ") || strings.Contains(text, keeproutertest.Key) {
		c.fail("the error's text is %q", text)
	}
}

// whole checks that nothing of the reference is missing.
func (c *check) whole() {
	want := c.tr.plan.whole
	if c.want.unknown && c.tr.lane.op.step == len(c.tr.plan.bodies)-1 {
		if !c.got.usage.Unknown || !strings.HasPrefix(c.got.cost, "unknown") {
			c.fail("the usage did not come, so it and the cost must be unknown")
		}
		want.usage, want.cost = c.got.usage, c.got.cost
	}
	if diff := cmp.Diff(want, c.got.told, cmp.AllowUnexported(told{})); diff != "" {
		c.fail("whole answer (-want +got):\n%s", diff)
	}
}

// kept checks that the text is exactly what came.
func (c *check) kept() {
	if c.want.kind == "" {
		return
	}
	kept := c.want.text
	if c.want.nothing {
		kept = c.tr.earlier()
	}
	if c.got.kept != kept {
		c.fail("kept %q, want %q", c.got.kept, kept)
	}
	handed := c.tr.earlier() + c.want.text
	if c.got.handed != handed {
		c.fail("handed out %q, want %q", c.got.handed, handed)
	}
	if !strings.HasPrefix(c.tr.plan.whole.handed, c.got.handed) {
		c.fail("what was handed out is no beginning of the answer")
	}
}

// tools checks that no call ran of an answer that isn't whole, and no call twice.
func (c *check) tools() {
	if !c.tr.lane.op.tools {
		return
	}
	var ran []string
	turns := 1
	if c.want.kind == "" || c.tr.lane.op.step > 0 {
		ran, turns = c.tr.plan.whole.ran, c.tr.plan.whole.turns
		if c.want.kind != "" {
			turns-- // the last answer is missing
		}
	}
	if !slices.Equal(c.got.ran, ran) {
		c.fail("the tools ran with %q, want %q", c.got.ran, ran)
	}
	if c.got.turns != turns {
		c.fail("the conversation has %d turns, want %d", c.got.turns, turns)
	}
}

// tries checks the attempts, and that the server saw each of them.
func (c *check) tries() {
	step := c.tr.lane.op.step
	if len(c.got.attempts) <= step {
		c.fail("the step was never made")
		return
	}
	attempts := c.got.attempts[step]
	if len(attempts) != c.want.attempts {
		c.fail("%d attempts, want %d", len(attempts), c.want.attempts)
	}
	sent := 0
	for _, calls := range c.got.attempts {
		for _, a := range calls {
			if a.Sent {
				sent++
			}
		}
	}
	_, requests, open := c.tr.network.counts()
	if requests > sent+c.want.unasked {
		c.fail("the server got %d requests, and the attempts tell of %d", requests, sent)
	}
	if open > c.want.open {
		c.fail("%d connections are open afterwards, want at most %d", open, c.want.open)
	}
}

// bounds checks the time.
func (c *check) bounds() {
	least := max(c.want.atLeast, time.Duration(c.want.attempts)*c.want.each)
	most := c.bound()
	if c.got.time < least || c.got.time > most {
		c.fail("it took %v, want %v to %v", c.got.time, least, most)
	}
}

func (c *check) bound() time.Duration {
	if c.want.atMost > 0 {
		return c.want.atMost
	}
	bound := time.Duration(c.want.attempts) * c.want.each
	if c.want.attempts > 1 {
		bound += backOff
	}
	return bound
}

// money checks that each attempt is charged for what it may have cost.
func (c *check) money() {
	var spent keeprouter.Money
	for _, charge := range c.got.charges {
		spent += charge.Spent
		if charge.Err != nil {
			c.fail("a charge was not settled: %v", charge.Err)
		}
	}
	if sum := c.got.meter.Charge.String(); sum != spent.String() {
		c.fail("the meter has %s, the calls were charged %s", sum, spent)
	}
	if b := c.got.balance; b.Reserved != 0 || b.Spent != spent {
		c.fail("the budget has %s spent and %s reserved, the calls were charged %s", b.Spent, b.Reserved, spent)
	}
	failed := int64(0)
	if c.want.kind != "" {
		failed = 1
	}
	if m := c.got.meter; m.Calls != int64(len(c.got.charges)) || m.Failed != failed {
		c.fail("the meter has %d calls, %d failed", m.Calls, m.Failed)
	}
	step := c.tr.lane.op.step
	for i, charge := range c.got.charges {
		if i != step && charge.Spent != c.tr.plan.spent[i] {
			c.fail("step %d was charged %s, want %s", i, charge.Spent, c.tr.plan.spent[i])
		}
	}
	if step < len(c.got.charges) {
		c.charge(c.got.charges[step])
	}
}

// charge checks what the faulty step was charged.
func (c *check) charge(got keeprouter.Charge) {
	if got.Basis != c.want.basis {
		c.fail("charged by %q, want %q", got.Basis, c.want.basis)
	}
	last := got.Spent
	if c.want.earlier == keeprouter.ChargedInFull {
		last -= keeprouter.Money(c.want.attempts-1) * got.Reserved
	}
	least, most := keeprouter.Money(0), got.Reserved
	switch c.want.basis {
	case keeprouter.ChargedNothing:
		most = 0
	case keeprouter.ChargedInFull:
		least = got.Reserved
	case keeprouter.ChargedUsage:
		least = c.tr.plan.spent[c.tr.lane.op.step]
		if c.want.promptOnly {
			least = c.tr.promptCost()
		}
		most = least
	case keeprouter.ChargedCounted:
		least = 1
	}
	if last < least || last > most {
		c.fail("charged %s by %q, of which %s for the last attempt; want %s to %s", got.Spent, got.Basis, last, least, most)
	}
}

// again makes a healthy call with the same client: nothing of the fault may be left.
func (c *check) again() {
	c.tr.healed = true
	l, want := c.tr.lane, c.tr.plan.whole.kept
	l.op.tools = false
	got := l.make(context.Background(), c.got.client)
	if got.err != nil || got.kept != want || got.handed != want {
		c.fail("the call after it: %v", got)
	}
}

// cancelAfter has the caller cancel.
func cancelAfter(d time.Duration) func(*trial, context.Context) (context.Context, context.CancelFunc) {
	return func(_ *trial, ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(d, cancel)
		return ctx, func() { timer.Stop(); cancel() }
	}
}
