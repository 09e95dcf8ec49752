package keeproutertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

const (
	racers    = 1000
	tenants   = 5
	callsLeft = 137 // that the budget allows
	callCost  = 3 * keeprouter.Micro
)

// holdsUnderConcurrency lets a thousand goroutines make calls on a budget for 137.
// Some calls are cancelled, some processes crash, some calls fail and are made again.
func holdsUnderConcurrency(t *budgetTest) {
	race := &budgetRace{budgetTest: t, service: account("service", callsLeft*callCost)}
	ctx, cancel := context.WithCancel(context.Background())
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		race.sample(ctx)
	}()
	var calls sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		calls.Go(func() {
			<-start
			race.call(i)
		})
	}
	close(start)
	calls.Wait()
	cancel()
	<-sampled
	if t.Failed() {
		return
	}
	if have := race.passed.Load(); have != callsLeft {
		t.Errorf("%d calls passed, want exactly %d", have, callsLeft)
	}
	if race.samples == 0 {
		t.Errorf("no balance was seen in the meantime")
	}
	t.eventually("settled", func() bool { return t.balance(race.service).Reserved == 0 })
	t.wantBalance(race.service, callsLeft*callCost, 0, race.crashed.Load())
	var sum keeprouter.Money
	for i := range tenants {
		sum += t.balance(race.tenant(i)).Spent
	}
	if sum != callsLeft*callCost {
		t.Errorf("the tenants spent %v, the service %v", sum, callsLeft*callCost)
	}
}

type budgetRace struct {
	*budgetTest
	service keeprouter.BudgetAccount
	passed  atomic.Int64 // calls that were made and cost money
	crashed atomic.Int64
	samples int
}

func (r *budgetRace) tenant(i int) keeprouter.BudgetAccount {
	return account(fmt.Sprint("tenant ", i%tenants), r.service.Limit)
}

func (r *budgetRace) sample(ctx context.Context) {
	for ctx.Err() == nil {
		balances, err := r.store.Balances(context.Background(), []keeprouter.BudgetAccount{r.service})
		if err != nil {
			r.Errorf("Balances: %v", err)
			return
		}
		if b := balances[0]; b.Spent+b.Reserved > r.service.Limit {
			r.Errorf("%v spent and %v reserved is more than the limit, %v", b.Spent, b.Reserved, r.service.Limit)
			return
		}
		r.samples++
	}
}

// call is one of five kinds. What gives its reservation back asks again, so that the
// budget is used up in the end.
func (r *budgetRace) call(i int) {
	switch id := fmt.Sprint("call ", i); i % 5 {
	case 0:
		r.cancelled(id, i)
	case 1:
		if r.try(context.Background(), id, i, soon) {
			r.passed.Add(1)
			r.crashed.Add(1)
		}
	case 2:
		if r.try(context.Background(), id, i, far) {
			r.settledOnce(id, 0)
			r.made(id+" again", i)
		}
	default:
		r.made(id, i)
	}
}

// cancelled may or may not have reserved. Either way it gives it back.
func (r *budgetRace) cancelled(id string, i int) {
	ctx, cancel := context.WithCancel(context.Background())
	if i%2 == 0 {
		cancel()
		r.try(ctx, id, i, far)
	} else {
		go cancel()
		r.try(ctx, id, i, far)
	}
	cancel()
	if _, err := r.store.Settle(context.Background(), id, 0); err != nil {
		r.Errorf("Settle: %v", err)
	}
	if i%2 != 0 {
		r.made(id+" again", i)
	}
}

func (r *budgetRace) made(id string, i int) {
	if r.try(context.Background(), id, i, far) {
		r.passed.Add(1)
		r.settledOnce(id, callCost)
	}
}

func (r *budgetRace) try(ctx context.Context, id string, i int, deadline time.Duration) bool {
	err := r.store.Reserve(ctx, keeprouter.BudgetReservation{
		ID: id, Amount: callCost, Deadline: time.Now().Add(deadline),
		Accounts: []keeprouter.BudgetAccount{r.tenant(i), r.service},
	})
	if err != nil && !errors.Is(err, keeprouter.ErrBudget) && !errors.Is(err, context.Canceled) {
		r.Errorf("Reserve: %v", err)
	}
	return err == nil
}

// settledOnce settles from two goroutines at once.
func (r *budgetRace) settledOnce(id string, spent keeprouter.Money) {
	var times atomic.Int64
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			settled, err := r.store.Settle(context.Background(), id, spent)
			if err != nil {
				r.Errorf("Settle: %v", err)
			}
			if settled {
				times.Add(1)
			}
		})
	}
	both.Wait()
	if times.Load() != 1 {
		r.Errorf("%s was settled %d times", id, times.Load())
	}
}
