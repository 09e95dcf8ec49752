package keeprouter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// BudgetStore keeps what has been spent and reserved of [Budget]s, so that it can be
// shared by several processes. [MemoryBudgets] is the default; the module redisbudget
// has one for services of many replicas. All methods must be safe for concurrent use
// and atomic: what one does to several accounts is done to all of them or to none.
//
// A reservation counts as reserved on each of its accounts until it is settled. One
// that is still there at its deadline was abandoned, by a process that died: at the
// next use of one of its accounts it is settled in full.
//
// An account is kept for an hour after it expires, because the span may end while a
// call is being reserved, and clocks differ. Then it is forgotten, unless something is
// still reserved on it. The function TestBudgetStore in the package keeproutertest
// tests a store.
type BudgetStore interface {
	// Reserve adds a reservation, if on none of its accounts the amounts spent and
	// reserved would come to more than the account's limit. Otherwise it changes
	// nothing and returns a [*BudgetError] for the first account, in their order, that
	// refused. An amount of 0 is reserved too, unless more than the limit is spent and
	// reserved already. An ID that is in use is an error, and so are a context that is
	// done, what [BudgetReservation.Validate] refuses, and an account that expired more
	// than an hour ago: it may have been forgotten.
	Reserve(ctx context.Context, r BudgetReservation) error

	// Settle ends a reservation: on each of its accounts, its amount is no longer
	// reserved, and spent is added to what was spent, even beyond the limit; a sum out
	// of range stays at the largest Money. It returns false when there is no such
	// reservation, because it was settled before or abandoned, and changes nothing
	// then. A negative amount is an error.
	Settle(ctx context.Context, id string, spent Money) (bool, error)

	// Balances tells what is spent and reserved on accounts, in their order: nothing
	// on one that was never used or is forgotten.
	Balances(ctx context.Context, accounts []BudgetAccount) ([]BudgetBalance, error)
}

// BudgetReservation is an amount that a call may cost at most.
type BudgetReservation struct {
	ID       string          // unique among the reservations of the store
	Amount   Money           // never negative
	Deadline time.Time       // when it counts as abandoned
	Accounts []BudgetAccount // what it is reserved on, never empty, no two with one key
}

// Validate tells what is wrong with a reservation, for stores to check it with.
func (r BudgetReservation) Validate() error {
	switch {
	case r.ID == "" || !utf8.ValidString(r.ID):
		return fmt.Errorf("keeprouter: %.80q is no ID of a budget reservation; give each a text of its own", r.ID)
	case r.Amount < 0:
		return fmt.Errorf("keeprouter: a budget reservation of %v; an amount is never negative", r.Amount)
	case r.Deadline.IsZero():
		return errors.New("keeprouter: a budget reservation has no deadline; set when it counts as abandoned")
	case len(r.Accounts) == 0:
		return errors.New("keeprouter: a budget reservation names no account; name at least one")
	}
	for i, account := range r.Accounts {
		if account.Key == "" || !utf8.ValidString(account.Key) {
			return fmt.Errorf("keeprouter: %.80q is no key of a budget account; name budget, period and span", account.Key)
		}
		if account.Limit < 0 {
			return fmt.Errorf("keeprouter: budget account %.80q has a limit of %v; a limit is never negative", account.Key, account.Limit)
		}
		for _, other := range r.Accounts[:i] {
			if other.Key == account.Key {
				return fmt.Errorf("keeprouter: a budget reservation names account %.80q twice; name each once", account.Key)
			}
		}
	}
	return nil
}

// BudgetAccount is one limit of a [Budget] in one span of time.
type BudgetAccount struct {
	Key     string       // names budget, period and span, such as "tenant-7/day/2026-11-23"
	Budget  string       // the budget's name
	Period  BudgetPeriod // of the limit
	Limit   Money        // what may be spent, never negative
	Expires time.Time    // when the span is over; zero is never
}

// BudgetBalance is what happened on a [BudgetAccount].
type BudgetBalance struct {
	Account   BudgetAccount `json:"account"`
	Spent     Money         `json:"spent"`     // settled
	Reserved  Money         `json:"reserved"`  // by calls in flight
	Abandoned int64         `json:"abandoned"` // reservations that were settled in full at their deadline
}

// Left is what can still be reserved, never less than 0.
func (b BudgetBalance) Left() Money {
	left := b.Account.Limit - b.Spent
	if left < 0 { // taking Reserved away as well could wrap around
		return 0
	}
	return max(left-b.Reserved, 0)
}

// refuses reports whether an amount is more than is left, or more is gone than the
// limit already.
func (b BudgetBalance) refuses(amount Money) bool {
	left := b.Account.Limit - b.Spent
	if left >= 0 { // or it could wrap around
		left -= b.Reserved
	}
	return amount > left
}

// refusal is the error for a call that may cost an amount.
func (b BudgetBalance) refusal(amount Money) *BudgetError {
	return &BudgetError{
		Budget:    b.Account.Budget,
		Period:    b.Account.Period,
		Limit:     b.Account.Limit,
		Spent:     b.Spent,
		Reserved:  b.Reserved,
		Requested: amount,
		Resets:    b.Account.Expires,
	}
}

// saturated is a sum of two amounts that aren't negative. What doesn't fit stays at
// the largest Money, which no limit admits anything beyond.
func saturated(a, b Money) Money {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
