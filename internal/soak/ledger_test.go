package soak

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// account is one call, from both sides.
type account struct {
	plan    *plan
	model   string
	entries []*entry // the gateway's, one for each attempt that reached it

	call  keeprouter.Call // the client's, when it has ended
	err   error
	ended time.Time
}

// books hold the calls that are not settled yet, and the sums of those that are.
type books struct {
	mu     sync.Mutex
	last   int64
	open   map[int64]*account
	waits  []int64 // the calls that have ended, in that order
	strays int     // requests without a call
	billed row     // each request as it came, to check the rows against

	totals   map[string]*keeprouter.MeterTotal // by tag, as the meter must have it
	rows     [rows]row
	failures []string // calls that don't add up; only the first ones are told
	broken   int
	kinds    map[string]int
}

// settleAfter is how long an ended call may still reach the gateway.
const settleAfter = 10 * time.Second

func newBooks() *books {
	return &books{open: map[int64]*account{}, totals: map[string]*keeprouter.MeterTotal{}, kinds: map[string]int{}}
}

// kind is how a request is accounted for.
type kind int

const (
	whole     kind = iota // the client read the whole count
	counted               // the call failed or was left, with the whole count read
	inPart                // cut behind a count of what had been used so far
	cut                   // cut before any count
	silent                // the whole answer was read, and had no count
	repeated              // an attempt of a call that made another one
	lost                  // the client went before it saw an answer's header
	refused               // the gateway answered by an error, and billed nothing
	unheard               // the client knows a count that was never sent
	mispriced             // the client's cost is another than the count's
	rows      = iota
)

func (k kind) String() string {
	return [...]string{
		"whole answer, count read", "failed or left, count read", "cut, counted in part", "cut before any count",
		"whole answer without a count", "attempt repeated", "left before the answer", "refused, not billed",
		"count that was never sent", "count at a wrong price",
	}[k]
}

// row is a line of the ledger.
type row struct {
	requests int64
	billed   pico // by the gateway
	known    pico // to the client
	unread   pico // the gateway has sent the count, the client has not read it
	unsent   pico // the gateway has not sent the count
}

// begin opens an account. Its number goes with the call.
func (b *books) begin(p *plan) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.open[b.last] = &account{plan: p}
	return b.last
}

// end closes the client's side.
func (b *books) end(number int64, tag string, call *keeprouter.Call, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.open[number]
	a.call, a.err, a.ended = *call, err, time.Now()
	a.call.Request, a.call.Header = nil, nil
	b.meter(tag, a)
	b.waits = append(b.waits, number)
	for len(b.waits) > 0 && time.Since(b.open[b.waits[0]].ended) > settleAfter {
		b.settleFirst()
	}
}

func (b *books) settleFirst() {
	number := b.waits[0]
	b.waits = b.waits[1:]
	if err := b.settle(b.open[number]); err != nil {
		b.broken++
		if len(b.failures) < 20 {
			b.failures = append(b.failures, fmt.Sprintf("call %d (%s): %v", number, b.open[number].plan.name, err))
		}
	}
	delete(b.open, number)
}

// close settles what is left, when nothing runs any more.
func (b *books) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.waits) > 0 {
		b.settleFirst()
	}
}

// meter adds a call to what the meter must say.
func (b *books) meter(tag string, a *account) {
	t := b.totals[tag]
	if t == nil {
		t = &keeprouter.MeterTotal{Tag: tag}
		b.totals[tag] = t
	}
	t.Calls++
	t.Charge.Add(a.call.Charge.Spent)
	if a.err != nil {
		t.Failed++
	}
	if errors.Is(a.err, keeprouter.ErrBudget) {
		t.Refused++
	}
	switch {
	case a.call.Cost.Err == nil && a.call.Cost.Model != "":
		t.Cost.Add(a.call.Cost.Total)
	case a.call.Cost.Model != "":
		t.Unpriced++
	}
	b.kinds[outcome(a.err)]++
}

func outcome(err error) string {
	if err == nil {
		return "success"
	}
	if e, ok := errors.AsType[*keeprouter.Error](err); ok {
		return string(e.Kind)
	}
	return fmt.Sprintf("%T", err)
}

// settle compares the two sides of a call, and adds each of its requests to a row.
func (b *books) settle(a *account) error {
	if err := a.attempts(); err != nil {
		return err
	}
	answered := a.answered()
	if answered == nil && a.known() != 0 {
		return fmt.Errorf("it knows a cost of %v without an answer", a.call.Cost)
	}
	for _, e := range a.entries {
		if !e.ended {
			return errors.New("the gateway is still answering it")
		}
		k, sent, known := a.classify(e, e == answered)
		if k == unheard || k == mispriced {
			return fmt.Errorf("%v: the client has %v for %v, the gateway sent %v", k, a.call.Cost, a.call.Usage, e.sent)
		}
		r := &b.rows[k]
		r.requests++
		r.billed += e.billed
		r.known += known
		r.unread += sent - known
		r.unsent += e.billed - sent
		if (k == whole || k == counted) && (known != e.billed || sent != e.billed) {
			return fmt.Errorf("%v: billed %v, sent %v, known %v", k, keeprouter.Money(e.billed), keeprouter.Money(sent), keeprouter.Money(known))
		}
		if known > sent || sent > e.billed {
			return fmt.Errorf("%v: billed %v, sent %v, known %v: each is a part of the one before", k, keeprouter.Money(e.billed), keeprouter.Money(sent), keeprouter.Money(known))
		}
	}
	if a.plan.must && a.err != nil && !errors.Is(a.err, keeprouter.ErrBudget) {
		return fmt.Errorf("nothing was wrong with it, but: %w", a.err)
	}
	return a.charge()
}

// attempts compares the attempts that the client tells with the requests that came.
func (a *account) attempts() error {
	sent, answered := 0, 0
	for _, attempt := range a.call.Attempts {
		if attempt.Sent {
			sent++
		}
		if attempt.Status != 0 {
			answered++
		}
	}
	if a.plan.panics && len(a.call.Attempts) == 0 {
		sent, answered = max(1, len(a.entries)), 0 // a panic ends a call before it can tell
	}
	if len(a.entries) > sent || len(a.entries) < answered {
		return fmt.Errorf("%d requests came, the client tells %d sent, %d answered", len(a.entries), sent, answered)
	}
	return nil
}

// answered is the request whose answer the client has seen last.
func (a *account) answered() *entry {
	for _, e := range a.entries {
		if e.id == a.call.Meta.RequestID {
			return e
		}
	}
	return nil
}

// known is what the client says that the call cost.
func (a *account) known() pico {
	if a.call.Cost.Err != nil {
		return 0
	}
	return pico(a.call.Cost.Total)
}

// classify finds the row of a request, and how much of its bill was sent and read.
func (a *account) classify(e *entry, answered bool) (k kind, sent, known pico) {
	if n := len(e.sent); n > 0 {
		sent = e.sent[n-1].price(a.model)
	}
	if e.billed == 0 {
		return refused, 0, 0
	}
	if !answered {
		if e != a.entries[len(a.entries)-1] {
			return repeated, sent, 0
		}
		return lost, sent, 0
	}
	known = a.known()
	read := tokens{a.call.Usage.Input, a.call.Usage.Output}
	switch {
	case a.call.Usage.Unknown && a.err == nil && !a.plan.panics:
		return silent, sent, 0
	case a.call.Usage.Unknown:
		return cut, sent, 0
	case !slices.Contains(e.sent, read):
		return unheard, sent, known
	case known != read.price(a.model):
		return mispriced, sent, known
	case !e.counted || read != e.sent[len(e.sent)-1]:
		return inPart, sent, known
	case a.err != nil:
		return counted, sent, known
	}
	return whole, sent, known
}

// charge checks what the budget was told.
func (a *account) charge() error {
	c := a.call.Charge
	switch {
	case c.Err != nil:
		return c.Err
	case c.Basis == "":
		return nil
	case c.Basis == keeprouter.ChargedUsage && len(a.call.Attempts) == 1 && pico(c.Spent) != a.known():
		return fmt.Errorf("the budget was charged %v, and the call cost %v", c.Spent, a.call.Cost)
	case pico(c.Spent) < a.known():
		return fmt.Errorf("the budget was charged %v, less than the %v that is known", c.Spent, a.call.Cost)
	case c.Basis == keeprouter.ChargedInFull && len(a.entries) > 0 && pico(c.Spent) < a.entries[len(a.entries)-1].billed:
		return fmt.Errorf("the budget was charged %v in full, less than the bill of %v", c.Spent, keeprouter.Money(a.entries[len(a.entries)-1].billed))
	}
	return nil
}

// ledger prints the rows and their sum.
func (b *books) ledger() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-30s %9s %16s %16s %16s %16s\n", "requests to the gateway", "count", "billed", "known to client", "sent, not read", "not sent")
	var total row
	line := func(name string, r row) {
		fmt.Fprintf(&out, "%-30s %9d %16v %16v %16v %16v\n", name, r.requests,
			keeprouter.Money(r.billed), keeprouter.Money(r.known), keeprouter.Money(r.unread), keeprouter.Money(r.unsent))
	}
	for k, r := range b.rows {
		line(kind(k).String(), r)
		total.requests += r.requests
		total.billed += r.billed
		total.known += r.known
		total.unread += r.unread
		total.unsent += r.unsent
	}
	line("all", total)
	return out.String()
}

// remainder is what came and was billed without being in a row.
func (b *books) remainder() row {
	rest := b.billed
	for _, r := range b.rows {
		rest.requests -= r.requests
		rest.billed -= r.known + r.unread + r.unsent
	}
	return rest
}

// surround is the middleware that opens and closes accounts.
func (b *books) surround(tag string) keeprouter.Middleware {
	return func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) (err error) {
		p := planOf(ctx)
		number := b.begin(p)
		call.Header.Set(callHeader, fmt.Sprint(number))
		defer func() { b.end(number, tag, call, err) }()
		return next(ctx)
	}
}
