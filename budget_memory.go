package keeprouter

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

const (
	// accountGrace is how long an account outlives its span.
	accountGrace = time.Hour

	// sweptPerCall bounds what one call clears away, so that no call pays for a
	// million accounts that expire in the same moment.
	sweptPerCall = 64
)

// MemoryBudgets is a [BudgetStore] in the memory of one process. The zero value is
// ready to use. It starts no goroutine: what is overdue is settled, and what has
// expired is forgotten, a little with each call.
//
// Keep what json.Marshal writes of it and read it back with json.Unmarshal, so that a
// restart doesn't reset a daily limit. What was in flight counts as reserved until its
// deadline and is then settled in full.
type MemoryBudgets struct {
	mu           sync.Mutex
	accounts     map[string]*memoryAccount
	reservations map[string]*memoryReservation
	deadlines    dueHeap // of all reservations
	expiries     dueHeap // of accounts, except those that expired with something reserved
}

type memoryAccount struct {
	due       due // zero if it never expires
	spent     Money
	reserved  Money
	open      int // reservations; an amount of 0 keeps the account too
	abandoned int64
}

type memoryReservation struct {
	due      due
	amount   Money
	accounts []*memoryAccount // they stay while it is open
}

// Reserve adds a reservation to all of its accounts or to none.
func (m *MemoryBudgets) Reserve(ctx context.Context, r BudgetReservation) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("keeprouter: nothing was reserved: %w", err)
	}
	if err := r.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now, sweptPerCall)
	if _, taken := m.reservations[r.ID]; taken {
		return fmt.Errorf("keeprouter: budget reservation %.80q is in use; give each an ID of its own", r.ID)
	}
	for _, account := range r.Accounts {
		if outlived(account.Expires, now) {
			return fmt.Errorf("keeprouter: budget account %.80q expired at %s; is the clock right?", account.Key, account.Expires.UTC().Format(time.RFC3339))
		}
		if m.balance(account, now).refuses(r.Amount) {
			m.sweepReservations(now, math.MaxInt) // the amounts go into the error
			return m.balance(account, now).refusal(r.Amount)
		}
	}
	m.add(r, now)
	return nil
}

// Settle ends a reservation, also when ctx is done.
func (m *MemoryBudgets) Settle(_ context.Context, id string, spent Money) (bool, error) {
	if spent < 0 {
		return false, fmt.Errorf("keeprouter: budget reservation %.80q can't be settled with %v; an amount is never negative", id, spent)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now, sweptPerCall)
	r, ok := m.reservations[id]
	if !ok {
		return false, nil
	}
	if r.due.reached(now) { // the sweep has a bound
		m.abandon(r, now)
		return false, nil
	}
	m.settle(r, spent, now)
	return true, nil
}

// Balances tells what is spent and reserved on accounts.
func (m *MemoryBudgets) Balances(_ context.Context, accounts []BudgetAccount) ([]BudgetBalance, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now, sweptPerCall)
	m.sweepReservations(now, math.MaxInt)
	balances := make([]BudgetBalance, len(accounts))
	for i, account := range accounts {
		balances[i] = m.balance(account, now)
	}
	return balances, nil
}

func (m *MemoryBudgets) balance(account BudgetAccount, now time.Time) BudgetBalance {
	b := BudgetBalance{Account: account}
	if a := m.accounts[account.Key]; a != nil && !a.forgettable(now) {
		b.Spent, b.Reserved, b.Abandoned = a.spent, a.reserved, a.abandoned
	}
	return b
}

func (m *MemoryBudgets) add(r BudgetReservation, now time.Time) {
	reservation := &memoryReservation{
		due:      due{name: r.ID, at: r.Deadline},
		amount:   r.Amount,
		accounts: make([]*memoryAccount, len(r.Accounts)),
	}
	for i, account := range r.Accounts {
		reservation.accounts[i] = m.account(account.Key, account.Expires, now)
	}
	m.open(reservation)
}

// open makes a reservation count on its accounts.
func (m *MemoryBudgets) open(r *memoryReservation) {
	for _, a := range r.accounts {
		a.reserved += r.amount // no overflow: a limit admitted it
		a.open++
	}
	if m.reservations == nil {
		m.reservations = map[string]*memoryReservation{}
	}
	m.reservations[r.due.name] = r
	heap.Push(&m.deadlines, &r.due)
}

// account finds or makes an account that is kept until it expires, at least.
func (m *MemoryBudgets) account(key string, expires, now time.Time) *memoryAccount {
	a := m.accounts[key]
	if a != nil && a.forgettable(now) {
		m.forget(a)
		a = nil
	}
	if a == nil {
		a = &memoryAccount{due: due{name: key, at: expires, index: notQueued}}
		if m.accounts == nil {
			m.accounts = map[string]*memoryAccount{}
		}
		m.accounts[key] = a
	}
	if expires.IsZero() || !a.due.at.IsZero() && expires.After(a.due.at) {
		m.expiries.remove(&a.due)
		a.due.at = expires
	}
	if !a.due.at.IsZero() && a.due.index == notQueued {
		heap.Push(&m.expiries, &a.due)
	}
	return a
}

func (a *memoryAccount) forgettable(now time.Time) bool {
	return a.open == 0 && outlived(a.due.at, now)
}

// outlived reports whether an account that expires may be forgotten.
func outlived(expires, now time.Time) bool {
	return !expires.IsZero() && !now.Before(expires.Add(accountGrace))
}

func (m *MemoryBudgets) forget(a *memoryAccount) {
	m.expiries.remove(&a.due)
	delete(m.accounts, a.due.name)
}

func (m *MemoryBudgets) settle(r *memoryReservation, spent Money, now time.Time) {
	m.deadlines.remove(&r.due)
	delete(m.reservations, r.due.name)
	for _, a := range r.accounts {
		a.reserved -= r.amount
		a.open--
		a.spent = saturated(a.spent, spent)
		if a.forgettable(now) {
			m.forget(a)
		}
	}
}

func (m *MemoryBudgets) abandon(r *memoryReservation, now time.Time) {
	for _, a := range r.accounts {
		a.abandoned++
	}
	m.settle(r, r.amount, now)
}

func (m *MemoryBudgets) sweep(now time.Time, most int) {
	m.sweepReservations(now, most)
	for range most {
		if len(m.expiries) == 0 || !outlived(m.expiries[0].at, now) {
			return
		}
		a := m.accounts[m.expiries[0].name]
		m.expiries.remove(&a.due)
		if a.open == 0 { // or else settling forgets it
			m.forget(a)
		}
	}
}

func (m *MemoryBudgets) sweepReservations(now time.Time, most int) {
	for range most {
		if len(m.deadlines) == 0 || !m.deadlines[0].reached(now) {
			return
		}
		m.abandon(m.reservations[m.deadlines[0].name], now)
	}
}

// notQueued is the index of what is in no heap.
const notQueued = -1

// due is the moment in which something ends, and its place in the heap of them.
type due struct {
	name  string
	at    time.Time
	index int
}

func (d *due) reached(now time.Time) bool { return !now.Before(d.at) }

// dueHeap has what ends first at its top.
type dueHeap []*due

func (h *dueHeap) remove(d *due) {
	if d.index != notQueued {
		heap.Remove(h, d.index)
	}
}

// Len, Less, Swap, Push and Pop are what container/heap asks for.
func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for container/heap only.
func (h *dueHeap) Push(x any) {
	d := x.(*due)
	d.index = len(*h)
	*h = append(*h, d)
}

// Pop is for container/heap only.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	d.index = notQueued
	return d
}

var _ BudgetStore = (*MemoryBudgets)(nil)
