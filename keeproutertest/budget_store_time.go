package keeproutertest

import (
	"fmt"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

func settlesAbandoned(t *budgetTest) {
	a, b := account("a", 100), account("b", 200)
	t.reserve(reservation("alive", 7, a, b))
	dead := reservation("dead", 30, a, b)
	dead.Deadline = time.Now().Add(soon)
	t.reserve(dead)
	t.eventually("abandoned", func() bool { return t.balance(b).Reserved == 7 })
	if time.Now().Before(dead.Deadline) {
		t.Errorf("abandoned %v before its deadline", time.Until(dead.Deadline))
	}
	t.wantBalance(a, 30, 7, 1)
	t.wantBalance(b, 30, 7, 1)
	t.settle("dead", 1, false)
	t.wantBalance(a, 30, 7, 1)

	born := reservation("born dead", 5, a)
	born.Deadline = time.Now().Add(-time.Minute)
	t.reserve(born)
	t.settle("born dead", 1, false)
	t.wantBalance(a, 35, 7, 2)
	t.settle("alive", 2, true)
	t.wantBalance(a, 37, 0, 2)
	t.wantBalance(b, 32, 0, 1)
}

// refusesWithAbandoned abandons more at once than a store may want to settle in one
// call: what it tells is true all the same.
func refusesWithAbandoned(t *budgetTest) {
	const n = 250
	a, b := account("a", n), account("b", n)
	deadline := time.Now().Add(time.Second)
	for i := range n {
		r := reservation(fmt.Sprint("dead ", i), 1, a, b)
		r.Deadline = deadline
		t.reserve(r)
	}
	t.eventually("past the deadline", func() bool { return time.Now().After(deadline.Add(soon)) })
	if have := t.refused(reservation("r", 1, a)); have.Spent != n || have.Reserved != 0 {
		t.Errorf("refused after %v spent and %v reserved, want all spent", have.Spent, have.Reserved)
	}
	t.wantBalance(b, n, 0, n)
}

func keepsExpired(t *budgetTest) {
	a := account("a", 10)
	a.Period, a.Expires = keeprouter.PerHour, time.Now().Add(time.Second-budgetGrace)
	t.reserve(reservation("r1", 9, a))
	t.settle("r1", 9, true)
	t.refused(reservation("r2", 2, a))
	later := a
	later.Key, later.Expires = "later", time.Now().Add(far-budgetGrace)
	t.reserve(reservation("r2", 4, later))
	t.settle("r2", 4, true)
	total := account("total", 10)
	t.reserve(reservation("r3", 5, total))
	t.settle("r3", 5, true)

	t.eventually("forgotten", func() bool { return t.balance(a).Spent == 0 })
	if end := a.Expires.Add(budgetGrace); time.Now().Before(end) {
		t.Errorf("forgotten %v too early", time.Until(end))
	}
	t.fails(reservation("r4", 1, a))
	t.wantBalance(later, 4, 0, 0)
	t.wantBalance(total, 5, 0, 0)
}

func keepsExpiredInUse(t *budgetTest) {
	a, total := account("a", 10), account("total", 100)
	a.Expires = time.Now().Add(time.Second - budgetGrace)
	t.reserve(reservation("r1", 4, a, total))
	t.reserve(reservation("r2", 0, a, total))
	t.reserve(reservation("r3", 3, a, total))
	t.settle("r3", 3, true)
	t.eventually("expired", func() bool { return time.Now().After(a.Expires.Add(budgetGrace + soon)) })
	t.wantBalance(a, 3, 4, 0)
	t.settle("r1", 2, true)
	t.wantBalance(a, 5, 0, 0)
	t.settle("r2", 0, true)
	t.eventually("forgotten", func() bool { return t.balance(a).Spent == 0 })
	t.wantBalance(total, 5, 0, 0)
}
