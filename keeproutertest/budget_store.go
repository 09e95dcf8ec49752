package keeproutertest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// TestBudgetStore tests that a store keeps what [keeprouter.BudgetStore] promises:
// limits that hold to the pico-dollar and under a thousand goroutines, reservations on
// all accounts or on none, abandoned ones settled in full. Call it from a test of the
// store. It calls open for each subtest and wants an empty store, which open may close
// with t.Cleanup. It takes a few seconds, because it waits for deadlines, and can't
// run in a synctest bubble, because it has subtests.
func TestBudgetStore(t *testing.T, open func(t *testing.T) keeprouter.BudgetStore) {
	for _, test := range []struct {
		name string
		run  func(*budgetTest)
	}{
		{"admits exactly the limit", admitsTheLimit},
		{"tells what refused", tellsWhatRefused},
		{"reserves on all accounts or on none", reservesAllOrNothing},
		{"settles with what was spent", settlesWithWhatWasSpent},
		{"settles once", settlesOnce},
		{"refuses an ID in use", refusesIDInUse},
		{"reserves nothing at all", reservesNothing},
		{"keeps large amounts exact", keepsLargeAmounts},
		{"does what a model does", doesWhatModelDoes},
		{"keeps odd names apart", keepsOddNamesApart},
		{"refuses what is invalid", refusesInvalid},
		{"settles abandoned reservations in full", settlesAbandoned},
		{"refuses with what was abandoned", refusesWithAbandoned},
		{"keeps expired accounts for an hour", keepsExpired},
		{"keeps expired accounts that are in use", keepsExpiredInUse},
		{"holds under a thousand goroutines", holdsUnderConcurrency},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(&budgetTest{T: t, store: open(t)})
		})
	}
}

const (
	budgetGrace = time.Hour // that an account outlives its span
	soon        = 50 * time.Millisecond
	far         = 10 * time.Minute // a deadline that no test reaches
	patience    = 20 * time.Second // for what has to happen soon
)

type budgetTest struct {
	*testing.T
	store keeprouter.BudgetStore
}

func account(key string, limit keeprouter.Money) keeprouter.BudgetAccount {
	return keeprouter.BudgetAccount{Key: key, Budget: "budget of " + key, Period: keeprouter.InTotal, Limit: limit}
}

func reservation(id string, amount keeprouter.Money, accounts ...keeprouter.BudgetAccount) keeprouter.BudgetReservation {
	return keeprouter.BudgetReservation{ID: id, Amount: amount, Deadline: time.Now().Add(far), Accounts: accounts}
}

func (t *budgetTest) reserve(r keeprouter.BudgetReservation) {
	t.Helper()
	if err := t.store.Reserve(context.Background(), r); err != nil {
		t.Fatalf("Reserve(%s, %v): %v", r.ID, r.Amount, err)
	}
}

// refused wants a BudgetError.
func (t *budgetTest) refused(r keeprouter.BudgetReservation) keeprouter.BudgetError {
	t.Helper()
	err := t.store.Reserve(context.Background(), r)
	refusal, ok := errors.AsType[*keeprouter.BudgetError](err)
	if !ok || !errors.Is(err, keeprouter.ErrBudget) {
		t.Fatalf("Reserve(%s, %v) = %v, want a *BudgetError", r.ID, r.Amount, err)
	}
	return *refusal
}

// fails wants an error that isn't a refusal.
func (t *budgetTest) fails(r keeprouter.BudgetReservation) {
	t.Helper()
	if err := t.store.Reserve(context.Background(), r); err == nil || errors.Is(err, keeprouter.ErrBudget) {
		t.Errorf("Reserve(%s, %v) = %v, want an error other than ErrBudget", r.ID, r.Amount, err)
	}
}

func (t *budgetTest) settle(id string, spent keeprouter.Money, want bool) {
	t.Helper()
	settled, err := t.store.Settle(context.Background(), id, spent)
	if err != nil || settled != want {
		t.Fatalf("Settle(%s, %v) = %t, %v, want %t", id, spent, settled, err, want)
	}
}

func (t *budgetTest) balance(a keeprouter.BudgetAccount) keeprouter.BudgetBalance {
	t.Helper()
	balances, err := t.store.Balances(context.Background(), []keeprouter.BudgetAccount{a})
	if err != nil || len(balances) != 1 {
		t.Fatalf("Balances(%s) = %v, %v", a.Key, balances, err)
	}
	return balances[0]
}

func (t *budgetTest) wantBalance(a keeprouter.BudgetAccount, spent, reserved keeprouter.Money, abandoned int64) {
	t.Helper()
	want := keeprouter.BudgetBalance{Account: a, Spent: spent, Reserved: reserved, Abandoned: abandoned}
	if have := t.balance(a); have != want {
		t.Fatalf("%s: have %+v, want %+v", a.Key, have, want)
	}
}

func (t *budgetTest) eventually(what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(soon / 10)
	defer ticker.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-ticker.C {
		if done() {
			return
		}
	}
	t.Fatalf("after %v: not yet %s", patience, what)
}

func admitsTheLimit(t *budgetTest) {
	a := account("a", 10)
	t.refused(reservation("too much", 11, a))
	t.reserve(reservation("r1", 4, a))
	t.refused(reservation("too much", 7, a))
	t.reserve(reservation("r2", 6, a))
	t.refused(reservation("too much", 1, a))
	t.wantBalance(a, 0, 10, 0)
	t.settle("r1", 4, true)
	t.refused(reservation("too much", 1, a))
	t.settle("r2", 5, true)
	t.reserve(reservation("r3", 1, a))
	t.wantBalance(a, 9, 1, 0)

	lower := a
	lower.Limit = 8
	t.refused(reservation("none left of a lower limit", 0, lower))
	higher := a
	higher.Limit = 12
	t.reserve(reservation("left of a higher limit", 2, higher))
}

func tellsWhatRefused(t *budgetTest) {
	a := account("a", 100)
	a.Period, a.Expires = keeprouter.PerDay, time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	t.reserve(reservation("r1", 30, a))
	t.settle("r1", 20, true)
	t.reserve(reservation("r2", 50, a))
	want := keeprouter.BudgetError{
		Budget: "budget of a", Period: keeprouter.PerDay, Limit: 100,
		Spent: 20, Reserved: 50, Requested: 31, Resets: a.Expires,
	}
	if have := t.refused(reservation("r3", 31, a)); have != want {
		t.Errorf("have %+v, want %+v", have, want)
	}
	t.settle("r3", 1, false)
}

func reservesAllOrNothing(t *budgetTest) {
	wide, middle, narrow := account("wide", 100), account("middle", 20), account("narrow", 10)
	t.reserve(reservation("r1", 10, wide, middle, narrow))
	for _, test := range []struct {
		amount keeprouter.Money
		first  string
	}{
		{1, "narrow"},
		{11, "middle"},
		{91, "wide"},
	} {
		if have := t.refused(reservation("r2", test.amount, wide, middle, narrow)); have.Budget != "budget of "+test.first {
			t.Errorf("%v was refused by the %s, want the first, that of %s", test.amount, have.Budget, test.first)
		}
		for _, a := range []keeprouter.BudgetAccount{wide, middle, narrow} {
			t.wantBalance(a, 0, 10, 0)
		}
	}
	t.reserve(reservation("r2", 10, middle, wide))
	t.settle("r1", 3, true)
	t.wantBalance(wide, 3, 10, 0)
	t.wantBalance(middle, 3, 10, 0)
	t.wantBalance(narrow, 3, 0, 0)

	balances, err := t.store.Balances(context.Background(), []keeprouter.BudgetAccount{narrow, account("new", 1), wide})
	want := []keeprouter.BudgetBalance{{Account: narrow, Spent: 3}, {Account: account("new", 1)}, {Account: wide, Spent: 3, Reserved: 10}}
	if err != nil || !slices.Equal(balances, want) {
		t.Errorf("Balances = %+v, %v, want %+v", balances, err, want)
	}
	if balances, err := t.store.Balances(context.Background(), nil); err != nil || len(balances) != 0 {
		t.Errorf("Balances(nil) = %v, %v, want none", balances, err)
	}
}

func settlesWithWhatWasSpent(t *budgetTest) {
	for _, test := range []struct {
		name  string
		spent keeprouter.Money
	}{
		{"nothing", 0},
		{"less", 3},
		{"all", 10},
		{"more", 13},
		{"more than the limit", 21},
	} {
		a, other := account(test.name, 20), account("other of "+test.name, 30)
		t.reserve(reservation(test.name, 10, a, other))
		t.settle(test.name, test.spent, true)
		t.wantBalance(a, test.spent, 0, 0)
		t.wantBalance(other, test.spent, 0, 0)
	}
	over := account("more than the limit", 20)
	if have := t.refused(reservation("r", 0, over)); have.Spent != 21 {
		t.Errorf("refused after %v, want what was spent beyond the limit, 21", have.Spent)
	}
}

func settlesOnce(t *budgetTest) {
	a := account("a", 10)
	t.settle("never reserved", 5, false)
	t.reserve(reservation("r", 5, a))
	t.settle("r", 2, true)
	t.settle("r", 2, false)
	t.settle("r", 0, false)
	t.wantBalance(a, 2, 0, 0)
}

func refusesIDInUse(t *budgetTest) {
	a, b := account("a", 10), account("b", 10)
	t.reserve(reservation("r", 5, a))
	t.fails(reservation("r", 5, a))
	t.fails(reservation("r", 1, b))
	t.fails(reservation("r", 100, a))
	t.wantBalance(a, 0, 5, 0)
	t.wantBalance(b, 0, 0, 0)
	t.settle("r", 5, true)
	t.reserve(reservation("r", 1, b))
	t.wantBalance(a, 5, 0, 0)
	t.wantBalance(b, 0, 1, 0)
}

func reservesNothing(t *budgetTest) {
	a := account("a", 0)
	t.reserve(reservation("r1", 0, a))
	t.reserve(reservation("r2", 0, a))
	t.wantBalance(a, 0, 0, 0)
	t.settle("r1", 0, true)
	t.settle("r1", 0, false)
	t.reserve(reservation("r1", 0, a))
	t.settle("r2", 1, true)
	t.wantBalance(a, 1, 0, 0)
	t.refused(reservation("r3", 0, a))
}

// keepsLargeAmounts goes where a float loses pico-dollars.
func keepsLargeAmounts(t *budgetTest) {
	const most = keeprouter.Money(math.MaxInt64)
	for _, test := range []struct {
		name      string
		one, more keeprouter.Money
	}{
		{"beyond the integers of a float", 1<<53 + 1, 1<<53 + 3},
		{"carry", 999_999_999, 1},
		{"carry twice", 999_999_999_999_999_999, 1},
		{"inner zeros", 1_000_000_000_000_000_000, 9},
		{"all but one pico-dollar", most - 1, 1},
		{"one pico-dollar", 1, most - 1},
		{"halves", most / 2, most/2 + 1},
	} {
		a := account(test.name, test.one+test.more)
		t.reserve(reservation(test.name+" 1", test.one, a))
		t.wantBalance(a, 0, test.one, 0)
		t.refused(reservation("r", test.more+min(1, most-test.more), account(test.name, a.Limit-1)))
		t.reserve(reservation(test.name+" 2", test.more, a))
		t.wantBalance(a, 0, a.Limit, 0)
		t.refused(reservation("r", 1, a))
		t.settle(test.name+" 1", test.one, true)
		t.wantBalance(a, test.one, test.more, 0)
		t.settle(test.name+" 2", test.more-1, true)
		t.wantBalance(a, a.Limit-1, 0, 0)
		t.refused(reservation("r", 2, a))
		t.reserve(reservation(test.name+" 3", 1, a))
	}
	a := account("beyond the range", most)
	t.reserve(reservation("r1", 1, a))
	t.reserve(reservation("r2", 1, a))
	t.settle("r1", most, true)
	t.settle("r2", most, true)
	t.wantBalance(a, most, 0, 0)
	t.refused(reservation("r3", 1, a))
}

func keepsOddNamesApart(t *budgetTest) {
	names := []string{"a", "A", " a", "a ", "a b", "a:b", "{a}", "}{", `"`, `\`, "'", "[1]", "a\x00b", "\n", "%s", "*", "ü", "名", "0", "1e3", "nil", "r:a"}
	for i, name := range names {
		t.reserve(reservation(name, keeprouter.Money(i+1), account(name, 1000)))
	}
	for i, name := range names {
		t.wantBalance(account(name, 1000), 0, keeprouter.Money(i+1), 0)
		t.settle(name, keeprouter.Money(i), true)
		t.wantBalance(account(name, 1000), keeprouter.Money(i), 0, 0)
	}
}

func refusesInvalid(t *budgetTest) {
	a := account("a", 10)
	for name, change := range map[string]func(*keeprouter.BudgetReservation){
		"no ID":           func(r *keeprouter.BudgetReservation) { r.ID = "" },
		"negative amount": func(r *keeprouter.BudgetReservation) { r.Amount = -1 },
		"no deadline":     func(r *keeprouter.BudgetReservation) { r.Deadline = time.Time{} },
		"no account":      func(r *keeprouter.BudgetReservation) { r.Accounts = nil },
		"no key":          func(r *keeprouter.BudgetReservation) { r.Accounts[0].Key = "" },
		"twice":           func(r *keeprouter.BudgetReservation) { r.Accounts = []keeprouter.BudgetAccount{a, a} },
		"negative limit":  func(r *keeprouter.BudgetReservation) { r.Accounts[0].Limit = -1 },
		"long expired": func(r *keeprouter.BudgetReservation) {
			r.Accounts[0].Expires = time.Now().Add(-budgetGrace - time.Minute)
		},
	} {
		r := reservation("r "+name, 1, a)
		change(&r)
		t.fails(r)
		t.settle(r.ID, 1, false)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := t.store.Reserve(ctx, reservation("r", 1, a)); !errors.Is(err, context.Canceled) {
		t.Errorf("Reserve with a context that is done = %v, want context.Canceled", err)
	}
	t.wantBalance(a, 0, 0, 0)
	t.reserve(reservation("r", 1, a))
	if settled, err := t.store.Settle(context.Background(), "r", -1); settled || err == nil {
		t.Errorf("Settle with -1 = %t, %v, want an error", settled, err)
	}
	t.wantBalance(a, 0, 1, 0)
}
