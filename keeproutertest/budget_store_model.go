package keeproutertest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/keeprouter/keeprouter-go"
)

// doesWhatModelDoes compares a store with sums of any size.
func doesWhatModelDoes(t *budgetTest) {
	model := budgetModel{
		rand: rand.New(rand.NewPCG(1, 2)),
		open: map[string]keeprouter.BudgetReservation{},
	}
	for i := range 6 {
		model.accounts = append(model.accounts, &modelAccount{BudgetAccount: account(fmt.Sprint(i), 0)})
	}
	for step := range 400 {
		id := fmt.Sprint("r", model.rand.IntN(12))
		if r, ok := model.open[id]; ok {
			spent := model.amount()
			t.settle(id, spent, true)
			model.settle(r, spent)
		} else {
			model.reserve(t, id)
		}
		a := model.accounts[step%len(model.accounts)]
		t.wantBalance(a.BudgetAccount, money(&a.spent), money(&a.reserved), 0)
	}
}

type budgetModel struct {
	rand     *rand.Rand
	accounts []*modelAccount
	open     map[string]keeprouter.BudgetReservation
}

type modelAccount struct {
	keeprouter.BudgetAccount
	spent, reserved big.Int
}

// amount prefers those at which implementations break.
func (m *budgetModel) amount() keeprouter.Money {
	edges := []int64{0, 1, 1e9, 1 << 53, 1e18, math.MaxInt64 - 2}
	edge := edges[m.rand.IntN(len(edges))]
	switch m.rand.IntN(3) {
	case 0:
		return keeprouter.Money(max(edge-m.rand.Int64N(3), 0))
	case 1:
		return keeprouter.Money(edge + m.rand.Int64N(3))
	}
	return keeprouter.Money(m.rand.Int64() >> m.rand.IntN(63))
}

func (m *budgetModel) reserve(t *budgetTest, id string) {
	amount := m.amount()
	var on []keeprouter.BudgetAccount
	var refusing *modelAccount
	for _, i := range m.rand.Perm(len(m.accounts))[:1+m.rand.IntN(3)] {
		a := m.accounts[i]
		a.Limit = m.amount()
		on = append(on, a.BudgetAccount)
		sum := new(big.Int).Add(&a.spent, &a.reserved)
		if sum.Add(sum, big.NewInt(int64(amount))).Cmp(big.NewInt(int64(a.Limit))) > 0 && refusing == nil {
			refusing = a
		}
	}
	r := reservation(id, amount, on...)
	if refusing != nil {
		want := keeprouter.BudgetError{
			Budget: refusing.Budget, Period: refusing.Period, Limit: refusing.Limit,
			Spent: money(&refusing.spent), Reserved: money(&refusing.reserved), Requested: amount,
		}
		if have := t.refused(r); have != want {
			t.Fatalf("refused with %+v, want %+v", have, want)
		}
		return
	}
	t.reserve(r)
	m.open[id] = r
	m.each(r, func(a *modelAccount) { a.reserved.Add(&a.reserved, big.NewInt(int64(amount))) })
}

func (m *budgetModel) settle(r keeprouter.BudgetReservation, spent keeprouter.Money) {
	delete(m.open, r.ID)
	m.each(r, func(a *modelAccount) {
		a.reserved.Sub(&a.reserved, big.NewInt(int64(r.Amount)))
		a.spent.SetInt64(int64(money(a.spent.Add(&a.spent, big.NewInt(int64(spent))))))
	})
}

func (m *budgetModel) each(r keeprouter.BudgetReservation, do func(*modelAccount)) {
	for _, on := range r.Accounts {
		for _, a := range m.accounts {
			if a.Key == on.Key {
				do(a)
			}
		}
	}
}

// money stays at the largest, as a store does.
func money(n *big.Int) keeprouter.Money {
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return keeprouter.Money(n.Int64())
}
