package keeprouter_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

func TestOpenBudgetRefusesWhatCannotWork(t *testing.T) {
	limits := []keeprouter.BudgetLimit{{keeprouter.InTotal, keeprouter.Dollar}}
	parent := open(t, keeprouter.BudgetConfig{Name: "service", Limits: limits})
	for param, config := range map[string]keeprouter.BudgetConfig{
		"BudgetConfig.Limits":           {},
		"BudgetConfig.Limits[0].Period": {Limits: []keeprouter.BudgetLimit{{"week", 1}}},
		"BudgetConfig.Limits[1].Period": {Limits: []keeprouter.BudgetLimit{{keeprouter.PerDay, 1}, {keeprouter.PerDay, 2}}},
		"BudgetConfig.Limits[0].Amount": {Limits: []keeprouter.BudgetLimit{{keeprouter.PerDay, -1}}},
		"BudgetConfig.Within":           {Limits: limits, Within: &keeprouter.Budget{}},
		"BudgetConfig.Store":            {Limits: limits, Within: parent, Store: &keeprouter.MemoryBudgets{}, Name: "tenant"},
		"BudgetConfig.Unbounded":        {Limits: limits, Unbounded: -1},
		"BudgetConfig.Abandoned":        {Limits: limits, Abandoned: -1},
		"BudgetConfig.Name":             {Limits: limits, Within: parent, Name: "service"},
	} {
		_, err := keeprouter.OpenBudget(config)
		require.ErrorIs(t, err, keeprouter.ErrConfig, param)
		e, ok := errors.AsType[*keeprouter.Error](err)
		require.True(t, ok)
		require.Equal(t, param, e.Param)
	}
}

func TestBudgetLimitsFollowTheCalendar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2000, 1, 31, 22, 30, 0, 0, time.UTC)))
		b := open(t, keeprouter.BudgetConfig{Limits: []keeprouter.BudgetLimit{
			{keeprouter.PerHour, 2 * keeprouter.Cent},
			{keeprouter.PerDay, 3 * keeprouter.Cent},
			{keeprouter.PerMonth, 5 * keeprouter.Cent},
			{keeprouter.InTotal, 6 * keeprouter.Cent},
		}})
		spend := func(n keeprouter.Money) (refusedBy keeprouter.BudgetPeriod, resets time.Time) {
			t.Helper()
			err := b.Allow(t.Context(), n*keeprouter.Cent)
			if err == nil {
				return "", time.Time{}
			}
			refused, ok := errors.AsType[*keeprouter.BudgetError](err)
			require.True(t, ok)
			require.ErrorIs(t, err, keeprouter.ErrBudget)
			return refused.Period, refused.Resets
		}
		expect := func(n keeprouter.Money, period keeprouter.BudgetPeriod, resets time.Time) {
			t.Helper()
			got, at := spend(n)
			require.Equal(t, period, got)
			require.Equal(t, resets, at)
		}
		day := func(month time.Month, day, hour int) time.Time {
			return time.Date(2000, month, day, hour, 0, 0, 0, time.UTC)
		}
		expect(2, "", time.Time{})
		expect(1, keeprouter.PerHour, day(1, 31, 23))
		time.Sleep(time.Until(day(1, 31, 23)))
		expect(2, keeprouter.PerDay, day(2, 1, 0))
		expect(1, "", time.Time{}) // 3 today, 3 this month
		time.Sleep(time.Until(day(2, 1, 0)))
		expect(2, "", time.Time{}) // a new month; 5 in total
		time.Sleep(time.Hour)
		expect(2, keeprouter.PerDay, day(2, 2, 0))
		time.Sleep(24 * time.Hour)
		expect(2, keeprouter.InTotal, time.Time{})
		expect(1, "", time.Time{})
		expect(1, keeprouter.InTotal, time.Time{})
	})
}

func TestBudgetsNest(t *testing.T) {
	service := open(t, keeprouter.BudgetConfig{Name: "service", Limits: []keeprouter.BudgetLimit{{keeprouter.InTotal, 10 * keeprouter.Cent}}})
	tenant := func(name string) *keeprouter.Budget {
		return open(t, keeprouter.BudgetConfig{Name: name, Within: service, Limits: []keeprouter.BudgetLimit{
			{keeprouter.InTotal, 6 * keeprouter.Cent}, {keeprouter.PerCall, 5 * keeprouter.Cent},
		}})
	}
	a, b := tenant("a"), tenant("b")
	require.NoError(t, a.Allow(t.Context(), 5*keeprouter.Cent))
	refusedBy := func(b *keeprouter.Budget, amount keeprouter.Money) string {
		t.Helper()
		refused, ok := errors.AsType[*keeprouter.BudgetError](b.Allow(t.Context(), amount))
		require.True(t, ok)
		return refused.Budget + "/" + string(refused.Period)
	}
	require.Equal(t, "a/total", refusedBy(a, 2*keeprouter.Cent))
	require.Equal(t, "b/call", refusedBy(b, 6*keeprouter.Cent))

	r, err := b.Reserve(t.Context(), 5*keeprouter.Cent)
	require.NoError(t, err)
	require.Equal(t, "service/total", refusedBy(b, keeprouter.Cent), "the tenant's own limit would allow it")
	require.NoError(t, r.Settle(t.Context(), 2*keeprouter.Cent))
	require.NoError(t, r.Release(t.Context()), "after Settle it does nothing")

	balances, err := b.Balances(t.Context())
	require.NoError(t, err)
	want := map[string]keeprouter.Money{"b/total": 2 * keeprouter.Cent, "service/total": 7 * keeprouter.Cent}
	got := map[string]keeprouter.Money{}
	for _, balance := range balances {
		got[balance.Account.Key] = balance.Spent
		require.Zero(t, balance.Reserved)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spent (-want +got):\n%s", diff)
	}
}

func TestNilBudgetAllowsEverything(t *testing.T) {
	var none *keeprouter.Budget
	require.NoError(t, none.Allow(t.Context(), 1_000_000*keeprouter.Dollar))
	balances, err := none.Balances(t.Context())
	require.NoError(t, err)
	require.Empty(t, balances)

	var zero keeprouter.Budget
	require.ErrorIs(t, zero.Allow(t.Context(), 0), keeprouter.ErrBudget)
	require.ErrorIs(t, keeprouter.NewBudget(0).Allow(t.Context(), 1), keeprouter.ErrBudget)
	require.NoError(t, keeprouter.NewBudget(0).Allow(t.Context(), 0))
	require.ErrorIs(t, keeprouter.NewBudget(1).Allow(t.Context(), -1), keeprouter.ErrInvalidRequest)
}

func TestReservationsAreSettledAfterTheContextEnded(t *testing.T) {
	b := keeprouter.NewBudget(keeprouter.Dollar)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := b.Reserve(ctx, 10*keeprouter.Cent)
	require.NoError(t, err)
	cancel()
	require.NoError(t, r.Settle(ctx, 12*keeprouter.Cent), "more than was reserved counts too")
	balances, err := b.Balances(t.Context())
	require.NoError(t, err)
	require.Equal(t, 12*keeprouter.Cent, balances[0].Spent)
	require.Equal(t, 88*keeprouter.Cent, balances[0].Left())
}

func TestBudgetErrorText(t *testing.T) {
	for want, err := range map[string]*keeprouter.BudgetError{
		"keeprouter: over budget: the call may cost $0.043, and $0.0001 of $5.00 (total) is left": {
			Period: keeprouter.InTotal, Limit: 5 * keeprouter.Dollar, Spent: 5*keeprouter.Dollar - 100*keeprouter.Micro, Requested: 43_000 * keeprouter.Micro,
		},
		`keeprouter: over budget: the call may cost $0.02, and $0.01 of $1.00 (day) is left in budget "tenant-7"; $0.50 is reserved by calls under way; the limit starts anew at 2026-11-24T00:00:00Z`: {
			Budget: "tenant-7", Period: keeprouter.PerDay, Limit: keeprouter.Dollar, Spent: 49 * keeprouter.Cent, Reserved: 50 * keeprouter.Cent,
			Requested: 2 * keeprouter.Cent, Resets: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		},
		"keeprouter: over budget: the most that the call can cost can't be told; limit its output tokens and send text only, or set BudgetConfig.Unbounded": {Unbounded: true},
	} {
		require.Equal(t, want, err.Error())
	}
}
