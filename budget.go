package keeprouter

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Errors of budgets.
const (
	// ErrBudget: a call may cost more than its budget has left, and was not made. The
	// error holds a [*BudgetError].
	ErrBudget ErrorKind = "over budget"
)

// Budget limits what calls may cost. Set Options.Budget, and each attempt of a call
// reserves the most that it can cost before it is made, and settles what it did cost
// after it: what is spent and reserved never exceeds a limit, however many calls run
// at once. A call that doesn't fit is an [ErrBudget], and nothing is sent.
//
// Make one with [NewBudget], or [OpenBudget] for limits per hour, day, month and call,
// for a tenant within a service, and for a store that several processes share. A nil
// Budget allows everything, the zero Budget nothing. It is safe for concurrent use.
type Budget struct {
	config BudgetConfig
	// reserve is (*spending).reserve, nil in the zero Budget. It is a variable so that
	// only a program which makes a budget links what keeps one.
	reserve func(s *spending, ctx context.Context, most Money) error
}

// BudgetPeriod is the span of time that a limit is for. Hours, days and months are
// those of the calendar, in UTC.
type BudgetPeriod string

// Periods of a limit.
const (
	PerCall  BudgetPeriod = "call" // of each attempt of a call
	PerHour  BudgetPeriod = "hour"
	PerDay   BudgetPeriod = "day"
	PerMonth BudgetPeriod = "month"
	InTotal  BudgetPeriod = "total"
)

// BudgetLimit is an amount for a period.
type BudgetLimit struct {
	Period BudgetPeriod
	Amount Money // never negative; 0 allows only what is free
}

// BudgetConfig describes a [Budget].
type BudgetConfig struct {
	// Name tells budgets of one store apart, such as "tenant-7". It may be empty if
	// the store has no other.
	Name string

	// Limits are all kept. One at least is needed, or Within.
	Limits []BudgetLimit

	// Within is a budget that this one is a part of. Its limits are kept too, and a
	// call is admitted by all or charged to none.
	Within *Budget

	// Store keeps what is spent and reserved. Default: that of Within, else memory.
	Store BudgetStore

	// Unbounded is reserved for a call whose most can't be told: one without a limit
	// to its answer, or with parts that can't be counted, such as images. 0 refuses
	// such calls.
	Unbounded Money

	// Abandoned is how long a reservation is held; after that it is settled in full,
	// as its process must have died. It should exceed the longest call. Default: an
	// hour.
	Abandoned time.Duration
}

// NewBudget returns a budget of a total, kept in memory.
func NewBudget(total Money) *Budget {
	return newBudget(BudgetConfig{
		Limits: []BudgetLimit{{InTotal, total}}, Store: &MemoryBudgets{}, Abandoned: defaultAbandoned,
	})
}

func newBudget(config BudgetConfig) *Budget {
	return &Budget{config: config, reserve: (*spending).reserve}
}

const defaultAbandoned = time.Hour

// OpenBudget returns a budget of many limits. A config that can't work is an
// [ErrConfig].
//
//	service, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
//		Name:   "service",
//		Limits: []keeprouter.BudgetLimit{{keeprouter.PerDay, 20 * keeprouter.Dollar}},
//	})
//	tenant, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
//		Name:   "tenant-7",
//		Limits: []keeprouter.BudgetLimit{{keeprouter.PerHour, 50 * keeprouter.Cent}, {keeprouter.PerCall, keeprouter.Cent}},
//		Within: service,
//	})
func OpenBudget(config BudgetConfig) (*Budget, error) {
	config.Limits = slices.Clone(config.Limits)
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.Abandoned == 0 {
		config.Abandoned = defaultAbandoned
	}
	switch {
	case config.Store != nil:
	case config.Within != nil:
		config.Store = config.Within.config.Store
	default:
		config.Store = &MemoryBudgets{}
	}
	return newBudget(config), nil
}

func (c *BudgetConfig) validate() error {
	periods := []BudgetPeriod{PerCall, PerHour, PerDay, PerMonth, InTotal}
	for i, limit := range c.Limits {
		path := fmt.Sprintf("BudgetConfig.Limits[%d]", i)
		switch {
		case !slices.Contains(periods, limit.Period):
			return configError(path+".Period", fmt.Sprintf("%.40q is not one of %q", limit.Period, periods))
		case limit.Amount < 0:
			return configError(path+".Amount", "a negative limit can't work")
		case slices.ContainsFunc(c.Limits[:i], func(l BudgetLimit) bool { return l.Period == limit.Period }):
			return configError(path+".Period", "there is another limit for this period: keep the lower one")
		}
	}
	switch {
	case len(c.Limits) == 0 && c.Within == nil:
		return configError("BudgetConfig.Limits", "a budget without a limit allows nothing: set one, or use no budget")
	case c.Within != nil && c.Within.config.Store == nil:
		return configError("BudgetConfig.Within", "the zero Budget allows nothing: make it with NewBudget or OpenBudget")
	case c.Within != nil && c.Store != nil:
		return configError("BudgetConfig.Store", "budgets within each other share a store: leave this one out")
	case c.Unbounded < 0:
		return configError("BudgetConfig.Unbounded", "a negative amount can't work")
	case c.Abandoned < 0:
		return configError("BudgetConfig.Abandoned", "a negative duration can't work")
	}
	names := map[string]bool{c.Name: true}
	for b := c.Within; b != nil; b = b.config.Within {
		if names[b.config.Name] {
			return configError("BudgetConfig.Name", fmt.Sprintf("a budget that this one is within has the name %q too", b.config.Name))
		}
		names[b.config.Name] = true
	}
	return nil
}

// Allow spends an amount at once if the budget has that much left. Otherwise the
// error matches [ErrBudget].
func (b *Budget) Allow(ctx context.Context, amount Money) error {
	r, err := b.Reserve(ctx, amount)
	if err != nil {
		return err
	}
	return r.Settle(ctx, amount)
}

// Reserve takes an amount out of what is left, until the reservation is settled. The
// error is a [*BudgetError] if that much isn't left, and the store's own if it failed.
//
//	r, err := budget.Reserve(ctx, est.Max)
//	if err != nil {
//		return err
//	}
//	defer r.Release(ctx) // does nothing after Settle
//	…
//	return r.Settle(ctx, cost.Total)
func (b *Budget) Reserve(ctx context.Context, amount Money) (*Reservation, error) {
	if b == nil {
		return &Reservation{amount: amount}, nil
	}
	if amount < 0 {
		return nil, invalidRequest("amount", "a negative amount can't be reserved")
	}
	if b.config.Store == nil {
		return nil, &BudgetError{Period: InTotal, Requested: amount}
	}
	if err := b.perCall(amount); err != nil {
		return nil, err
	}
	now := time.Now()
	r := &Reservation{amount: amount, store: b.config.Store, id: rand.Text()}
	accounts := b.accounts(now)
	if len(accounts) == 0 { // only limits per call
		return &Reservation{amount: amount}, nil
	}
	err := b.config.Store.Reserve(ctx, BudgetReservation{
		ID: r.id, Amount: amount, Deadline: now.Add(b.config.Abandoned), Accounts: accounts,
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (b *Budget) perCall(amount Money) error {
	for ; b != nil; b = b.config.Within {
		for _, limit := range b.config.Limits {
			if limit.Period == PerCall && amount > limit.Amount {
				return &BudgetError{Budget: b.config.Name, Period: PerCall, Limit: limit.Amount, Requested: amount}
			}
		}
	}
	return nil
}

// Balances tells what is spent and reserved on each limit now, this budget's own
// first, then those of the budgets that it is within.
func (b *Budget) Balances(ctx context.Context) ([]BudgetBalance, error) {
	accounts := b.accounts(time.Now())
	if len(accounts) == 0 {
		return nil, nil
	}
	return b.config.Store.Balances(ctx, accounts)
}

// accounts are the limits that hold at a moment.
func (b *Budget) accounts(now time.Time) []BudgetAccount {
	var accounts []BudgetAccount
	for ; b != nil; b = b.config.Within {
		for _, limit := range b.config.Limits {
			if limit.Period == PerCall {
				continue
			}
			span, end := limit.Period.span(now.UTC())
			key := b.config.Name + "/" + string(limit.Period)
			if span != "" {
				key += "/" + span
			}
			accounts = append(accounts, BudgetAccount{
				Key: key, Budget: b.config.Name, Period: limit.Period, Limit: limit.Amount, Expires: end,
			})
		}
	}
	return accounts
}

// span names the span of time that a moment is in, and tells its end.
func (p BudgetPeriod) span(now time.Time) (name string, end time.Time) {
	year, month, day := now.Date()
	switch p {
	case PerHour:
		return now.Format("2006-01-02T15"), now.Truncate(time.Hour).Add(time.Hour)
	case PerDay:
		return now.Format(time.DateOnly), time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
	case PerMonth:
		return now.Format("2006-01"), time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return "", time.Time{}
}

// Reservation is an amount taken out of a [Budget]. It is safe for concurrent use.
type Reservation struct {
	amount Money
	store  BudgetStore // nil where nothing is kept
	id     string

	mu    sync.Mutex
	ended bool
}

// Amount returns what is reserved.
func (r *Reservation) Amount() Money { return r.amount }

// Settle ends the reservation with what was spent, which may be more than was
// reserved: it counts all the same. After the first Settle or Release it does
// nothing. It works after the end of ctx too, for at most ten seconds. An error is
// the store's; the amount then stays reserved, and counts as spent in full when the
// reservation is given up.
func (r *Reservation) Settle(ctx context.Context, spent Money) error {
	_, err := r.settle(ctx, spent)
	return err
}

// settle is Settle, and reports whether the reservation was still held, rather than
// given up.
func (r *Reservation) settle(ctx context.Context, spent Money) (held bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.store == nil {
		return true, nil
	}
	if spent < 0 {
		return false, invalidRequest("spent", "a negative amount can't be spent")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	held, err = r.store.Settle(ctx, r.id, spent)
	r.ended = err == nil
	return held, err
}

// Release ends the reservation with nothing spent.
func (r *Reservation) Release(ctx context.Context) error { return r.Settle(ctx, 0) }

const settleTime = 10 * time.Second
