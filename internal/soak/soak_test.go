package soak

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/transport"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var duration = flag.Duration("soak", 2*time.Second, "how long the traffic lasts; memory is compared from half a minute on")

const (
	workers = 32
	// compared is the shortest run whose levels say anything.
	compared = 30 * time.Second
)

// tenants share a meter; all but the first spend from a budget.
type tenants struct {
	clients []*keeprouter.Client
	hasty   *keeprouter.Client
	meter   *keeprouter.Meter
	budget  *keeprouter.Budget
	pools   []*http.Transport
}

func openTenants(t *testing.T, g *gateway, b *books) *tenants {
	budget, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
		Name: "service", Limits: []keeprouter.BudgetLimit{{Period: keeprouter.InTotal, Amount: 1_000_000 * keeprouter.Dollar}},
	})
	require.NoError(t, err)
	within := func(name string, limit keeprouter.BudgetLimit) *keeprouter.Budget {
		tenant, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{Name: name, Limits: []keeprouter.BudgetLimit{limit}, Within: budget})
		require.NoError(t, err)
		return tenant
	}
	s := &tenants{meter: &keeprouter.Meter{Calibrate: true}, budget: budget}
	for tag, budget := range map[string]*keeprouter.Budget{
		"free":   nil,
		"rich":   within("rich", keeprouter.BudgetLimit{Period: keeprouter.PerHour, Amount: 100_000 * keeprouter.Dollar}),
		"frugal": within("frugal", keeprouter.BudgetLimit{Period: keeprouter.PerCall, Amount: keeprouter.Cent / 20}), // enough for Gemma only
		"poor":   within("poor", keeprouter.BudgetLimit{Period: keeprouter.InTotal, Amount: keeprouter.Cent}),
	} {
		s.clients = append(s.clients, s.open(t, g, b, tag, budget))
	}
	s.hasty, err = s.open(t, g, b, "hasty", within("hasty", keeprouter.BudgetLimit{Period: keeprouter.PerDay, Amount: 100_000 * keeprouter.Dollar})).
		With(func(o *keeprouter.Options) { o.Timeouts.Idle = 50 * time.Millisecond })
	require.NoError(t, err)
	return s
}

func (s *tenants) open(t *testing.T, g *gateway, b *books, tag string, budget *keeprouter.Budget) *keeprouter.Client {
	pool := transport.NewRoundTripper().(*http.Transport)
	s.pools = append(s.pools, pool)
	options := g.Options()
	options.BaseURL, options.HTTPClient = g.url, &http.Client{Transport: pool}
	options.Retry = &keeprouter.RetryPolicy{Retries: 2, Delay: 2 * time.Millisecond, MaxDelay: 10 * time.Millisecond, MaxRetryAfter: time.Second}
	options.Limits.Body = 1 << 20
	options.Meter, options.Tag, options.Budget = s.meter, tag, budget
	options.Middleware = []keeprouter.Middleware{b.surround(tag)}
	client, err := keeprouter.NewClient(options)
	require.NoError(t, err)
	return client
}

func TestSoak(t *testing.T) {
	before := sockets()
	b := newBooks()
	g := openGateway(t, b)
	fillJournal(g)
	s := openTenants(t, g, b)
	stop := watch(max(*duration/80, 100*time.Millisecond))
	traffic(t, s)
	levels := stop()
	for _, pool := range s.pools {
		pool.CloseIdleConnections()
	}
	g.close()
	b.close()

	t.Logf("%v of traffic by %d workers, %d calls\n%s\n%s\n%s", *duration, workers, b.last, b.ledger(), s.statement(), b.outcomes())
	for _, failure := range b.failures {
		t.Error(failure)
	}
	if b.broken > len(b.failures) {
		t.Errorf("and %d more calls don't add up", b.broken-len(b.failures))
	}
	if rest := b.remainder(); rest != (row{}) || b.strays != 0 || len(b.open) != 0 {
		t.Errorf("%d requests and %v are unexplained, %d requests belong to no call, %d calls never ended", rest.requests, keeprouter.Money(rest.billed), b.strays, len(b.open))
	}
	s.agree(t, b)
	if *duration >= compared {
		t.Logf("levels\n%s", flat(t, levels))
	}
	if n := settled(before); n > before {
		t.Errorf("%d sockets are left, %d were there before", n, before)
	}
}

// traffic is over when each worker has ended the call that it is at.
func traffic(t *testing.T, s *tenants) {
	end := time.Now().Add(*duration)
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			w := &worker{Rand: rand.New(rand.NewPCG(uint64(i), 7)), clients: s.clients, hasty: s.hasty}
			for time.Now().Before(end) {
				w.step(t.Context())
			}
		})
	}
	all.Wait()
}

// agree compares meter, budget and books.
func (s *tenants) agree(t *testing.T, b *books) {
	t.Helper()
	got := map[string]*keeprouter.MeterTotal{}
	for _, m := range s.meter.Totals() {
		sum := got[m.Tag]
		if sum == nil {
			sum = &keeprouter.MeterTotal{Tag: m.Tag}
			got[m.Tag] = sum
		}
		sum.Calls += m.Calls
		sum.Failed += m.Failed
		sum.Refused += m.Refused
		sum.Unpriced += m.Unpriced
		sum.Cost.AddSum(m.Cost)
		sum.Charge.AddSum(m.Charge)
	}
	exactly := cmp.Comparer(func(a, b keeprouter.MoneySum) bool { return a == b })
	if diff := cmp.Diff(b.totals, got, exactly); diff != "" {
		t.Errorf("the meter isn't what the calls came to (-calls +meter):\n%s", diff)
	}
	total := s.meter.Total()
	cost, err := total.Cost.Money()
	require.NoError(t, err)
	var known pico
	for _, r := range b.rows {
		known += r.known
	}
	if pico(cost) != known {
		t.Errorf("the meter says %v, and the gateway's books have %v as known to the client", cost, keeprouter.Money(known))
	}
	charge, err := total.Charge.Money()
	require.NoError(t, err)
	balance := s.balance()
	if balance.Spent != charge || balance.Reserved != 0 || balance.Abandoned != 0 {
		t.Errorf("the budget has %v spent, %v reserved and %d abandoned; the calls were charged %v", balance.Spent, balance.Reserved, balance.Abandoned, charge)
	}
}

func (s *tenants) balance() keeprouter.BudgetBalance {
	balances, err := s.budget.Balances(context.Background())
	if err != nil || len(balances) != 1 {
		return keeprouter.BudgetBalance{Reserved: -1}
	}
	return balances[0]
}

func (s *tenants) statement() string {
	total, balance := s.meter.Total(), s.balance()
	return fmt.Sprintf("meter: %d calls, %d failed, %d of them refused by a budget, %d unpriced; cost %v\nbudget: charged %v, spent %v, reserved %v\n",
		total.Calls, total.Failed, total.Refused, total.Unpriced, total.Cost, total.Charge, balance.Spent, balance.Reserved)
}

func (b *books) outcomes() string {
	var out strings.Builder
	out.WriteString("outcomes:")
	for _, kind := range slices.Sorted(maps.Keys(b.kinds)) {
		fmt.Fprintf(&out, " %s %d;", kind, b.kinds[kind])
	}
	return out.String()
}

// fillJournal makes the gateway's own journal as long as it ever gets, so that it
// doesn't look like a leak.
func fillJournal(g *gateway) {
	const longest = 10_000
	body := strings.Repeat("x", 900)
	for range longest {
		r := httptest.NewRequest(http.MethodPost, "/nowhere", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+keeproutertest.Key)
		g.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// settled waits for the kernel to take sockets back.
func settled(want int) int {
	deadline := time.Now().Add(5 * time.Second)
	for sockets() > want && time.Now().Before(deadline) {
		<-time.After(10 * time.Millisecond)
	}
	return sockets()
}
