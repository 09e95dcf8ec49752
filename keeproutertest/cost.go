package keeproutertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/keeprouter/keeprouter-go"
)

// Priced is what the assertions on money take: the cost of an answer, or an amount
// such as the Max of an estimate.
type Priced interface {
	keeprouter.Cost | keeprouter.Money
}

// AssertCost fails the test unless got is exactly want, a decimal number of dollars
// such as "0.000295". A cost that is unknown fails too. The failure shows which tokens
// cost what.
//
//	keeproutertest.AssertCost(t, resp.Cost, "0.000295")
func AssertCost[P Priced](tb testing.TB, got P, want string) {
	tb.Helper()
	amount, limit, ok := compared(tb, got, want)
	if ok && amount != limit {
		tb.Errorf("the cost is %v, want %v%s", amount, limit, lines(got))
	}
}

// AssertCostBelow fails the test unless got is less than limit, a decimal number of
// dollars. A cost that is unknown fails too.
//
//	keeproutertest.AssertCostBelow(t, est.Max, "0.001")
func AssertCostBelow[P Priced](tb testing.TB, got P, limit string) {
	tb.Helper()
	amount, most, ok := compared(tb, got, limit)
	if ok && amount >= most {
		tb.Errorf("the cost is %v, want less than %v%s", amount, most, lines(got))
	}
}

// compared returns the two amounts, or fails the test and returns false.
func compared[P Priced](tb testing.TB, got P, text string) (amount, limit keeprouter.Money, ok bool) {
	tb.Helper()
	limit, err := keeprouter.ParseMoney(text)
	if err != nil {
		tb.Errorf("keeproutertest: %v", err)
		return 0, 0, false
	}
	switch got := any(got).(type) {
	case keeprouter.Money:
		return got, limit, true
	case keeprouter.Cost:
		if unknown(got) {
			tb.Errorf("the cost is %v, want %v", got, limit)
			return 0, 0, false
		}
		return got.Total, limit, true
	}
	return 0, 0, false
}

func unknown(c keeprouter.Cost) bool { return c.Err != nil || c.Model == "" }

// lines shows how a cost came about.
func lines(priced any) string {
	cost, ok := priced.(keeprouter.Cost)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\non %s:", cost.Model)
	for _, l := range cost.Lines {
		fmt.Fprintf(&b, "\n\t%-14s %10d tokens × %v per 1M = %v", l.Kind, l.Tokens, l.Rate, l.Amount)
	}
	return b.String()
}

// SpendCap is a middleware that fails the test when the calls that pass it cost more
// than limit together, a decimal number of dollars, or when the cost of one is unknown.
// After a failure it shows what each call cost, at the test's end, and lets no further
// call pass: that is an [keeprouter.ErrBudget].
//
//	opts := srv.Options()
//	opts.Middleware = append(opts.Middleware, keeproutertest.SpendCap(t, "0.05"))
//
// To hold calls to a real gateway back before they overspend, set a
// [keeprouter.Budget] as well.
func SpendCap(tb testing.TB, limit string) keeprouter.Middleware {
	tb.Helper()
	most, err := keeprouter.ParseMoney(limit)
	if err != nil {
		tb.Fatalf("keeproutertest: %v", err)
	}
	c := &spendCap{tb: tb, limit: most}
	tb.Cleanup(c.report)
	return c.surround
}

type spendCap struct {
	tb    testing.TB
	limit keeprouter.Money

	mu    sync.Mutex
	calls []string // a line each
	spent keeprouter.Money
	over  bool
}

func (c *spendCap) surround(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
	if err := c.refusal(); err != nil {
		return err
	}
	err := next(ctx)
	if call.Request != nil && call.Operation != "messages.count_tokens" {
		c.add(call, err)
	}
	return err
}

func (c *spendCap) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		return nil
	}
	return &keeprouter.Error{Kind: keeprouter.ErrBudget, Message: "the test's SpendCap is used up"}
}

func (c *spendCap) add(call *keeprouter.Call, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := fmt.Sprintf("%3d. %-16s %-18s %-28v %v", len(c.calls)+1, call.Operation, call.Model, call.Usage, call.Cost)
	answered := err == nil || !unknown(call.Cost) || call.Cost.Err != nil
	switch spent, sumErr := c.spent.Add(call.Cost.Total); {
	case !answered:
		line += " (failed)"
	case unknown(call.Cost):
		c.over = true
		line += " <- the cost is unknown"
	case sumErr != nil || spent > c.limit:
		c.over, c.spent = true, spent
		line += fmt.Sprintf(" <- over the cap of %v", c.limit)
	default:
		c.spent = spent
	}
	c.calls = append(c.calls, line)
}

func (c *spendCap) report() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		c.tb.Errorf("the calls cost %v, with a cap of %v:\n%s", c.spent, c.limit, strings.Join(c.calls, "\n"))
	}
}
