package keeprouter

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func newReservation(id string, amount Money, accounts ...BudgetAccount) BudgetReservation {
	return BudgetReservation{ID: id, Amount: amount, Deadline: time.Now().Add(time.Minute), Accounts: accounts}
}

func memoryBalances(t *testing.T, m *MemoryBudgets, accounts ...BudgetAccount) []BudgetBalance {
	t.Helper()
	b, err := m.Balances(t.Context(), accounts)
	require.NoError(t, err)
	return b
}

func TestMemoryBudgetsSettlesAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m MemoryBudgets
		a := BudgetAccount{Key: "a", Limit: 10}
		require.NoError(t, m.Reserve(t.Context(), newReservation("r", 4, a)))
		time.Sleep(time.Minute - 1)
		require.Equal(t, []BudgetBalance{{Account: a, Reserved: 4}}, memoryBalances(t, &m, a))
		time.Sleep(time.Nanosecond)
		require.Equal(t, []BudgetBalance{{Account: a, Spent: 4, Abandoned: 1}}, memoryBalances(t, &m, a))
	})
}

func TestMemoryBudgetsForgetsAnHourAfterTheSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m MemoryBudgets
		hour := BudgetAccount{Key: "hour", Limit: 10, Expires: time.Now().Add(time.Hour)}
		total := BudgetAccount{Key: "total", Limit: 100}
		require.NoError(t, m.Reserve(t.Context(), newReservation("r", 4, hour, total)))
		_, err := m.Settle(t.Context(), "r", 4)
		require.NoError(t, err)
		time.Sleep(2*time.Hour - 1)
		require.Equal(t, Money(4), memoryBalances(t, &m, hour)[0].Spent)
		time.Sleep(time.Nanosecond)
		require.Equal(t, Money(0), memoryBalances(t, &m, hour)[0].Spent)
		require.Equal(t, Money(4), memoryBalances(t, &m, total)[0].Spent)
		require.ErrorContains(t, m.Reserve(t.Context(), newReservation("r", 4, hour)), "expired")
	})
}

func TestMemoryBudgetsKeepsTheLatestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m MemoryBudgets
		spend := func(id, key string, expires time.Time) {
			require.NoError(t, m.Reserve(t.Context(), newReservation(id, 1, BudgetAccount{Key: key, Limit: 10, Expires: expires})))
			_, err := m.Settle(t.Context(), id, 1)
			require.NoError(t, err)
		}
		start := time.Now()
		spend("r1", "longer", start.Add(time.Hour))
		spend("r2", "longer", start.Add(3*time.Hour))
		spend("r3", "longer", start.Add(2*time.Hour))
		spend("r4", "for ever", start.Add(time.Hour))
		spend("r5", "for ever", time.Time{})
		spend("r6", "for ever", start.Add(time.Hour))
		time.Sleep(4*time.Hour - 1)
		require.Equal(t, Money(3), memoryBalances(t, &m, BudgetAccount{Key: "longer"})[0].Spent)
		time.Sleep(1000 * time.Hour)
		require.Equal(t, Money(0), memoryBalances(t, &m, BudgetAccount{Key: "longer"})[0].Spent)
		require.Equal(t, Money(3), memoryBalances(t, &m, BudgetAccount{Key: "for ever"})[0].Spent)
	})
}

// TestMemoryBudgetsForgetsALittlePerCall also shows that nothing stays for ever.
func TestMemoryBudgetsForgetsALittlePerCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		var m MemoryBudgets
		for i := range n {
			id := fmt.Sprint(i)
			hour := BudgetAccount{Key: id, Limit: 10, Expires: time.Now().Add(time.Hour)}
			require.NoError(t, m.Reserve(t.Context(), newReservation(id, 1, hour)))
			if i%2 == 0 {
				_, err := m.Settle(t.Context(), id, 1)
				require.NoError(t, err)
			}
		}
		time.Sleep(3 * time.Hour)
		_, err := m.Settle(t.Context(), "none", 0)
		require.NoError(t, err)
		require.Greater(t, len(m.accounts), n-3*sweptPerCall)
		require.Len(t, m.reservations, n/2-sweptPerCall)
		for range 2 * n / sweptPerCall {
			_, err := m.Settle(t.Context(), "none", 0)
			require.NoError(t, err)
		}
		require.Empty(t, m.accounts)
		require.Empty(t, m.reservations)
		require.Empty(t, m.deadlines)
		require.Empty(t, m.expiries)
	})
}

func TestMemoryBudgetsSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = math.MaxInt64
		before := new(MemoryBudgets)
		day := BudgetAccount{Key: "day", Limit: most, Expires: time.Now().Add(24 * time.Hour)}
		total := BudgetAccount{Key: "total", Limit: most}
		require.NoError(t, before.Reserve(t.Context(), newReservation("settled", 1<<53+1, day, total)))
		_, err := before.Settle(t.Context(), "settled", 1<<53+1)
		require.NoError(t, err)
		dead := newReservation("dead", 5, total)
		dead.Deadline = time.Now()
		require.NoError(t, before.Reserve(t.Context(), dead))
		require.NoError(t, before.Reserve(t.Context(), newReservation("in flight", most-1<<53-1-6, total, day)))

		state, err := json.Marshal(before)
		require.NoError(t, err)
		const want = `{"schema":1,"accounts":[` +
			`{"key":"day","spent":"9007.199254740993","expires":"2000-01-02T00:00:00Z"},` +
			`{"key":"total","spent":"9007.199254740998","abandoned":1}],` +
			`"reservations":[{"id":"in flight","amount":"9214364.837600034808","deadline":"2000-01-01T00:01:00Z","accounts":["total","day"]}]}`
		if diff := cmp.Diff(want, string(state)); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}

		var after MemoryBudgets
		require.NoError(t, json.Unmarshal(state, &after))
		again, err := json.Marshal(&after)
		require.NoError(t, err)
		require.Equal(t, want, string(again))
		require.Equal(t, memoryBalances(t, before, day, total), memoryBalances(t, &after, day, total))
		require.ErrorIs(t, after.Reserve(t.Context(), newReservation("r", 2, total)), ErrBudget)
		time.Sleep(time.Minute)
		require.Equal(t, []BudgetBalance{{Account: total, Spent: most - 1, Abandoned: 2}}, memoryBalances(t, &after, total))
		settled, err := after.Settle(t.Context(), "in flight", 1)
		require.NoError(t, err)
		require.False(t, settled)
		time.Sleep(25 * time.Hour)
		require.Equal(t, []BudgetBalance{{Account: day}, {Account: total, Spent: most - 1, Abandoned: 2}}, memoryBalances(t, &after, day, total))
	})
}

func TestMemoryBudgetsReadsStrictly(t *testing.T) {
	const account = `{"key":"a","spent":"1"}`
	const reservation = `{"id":"r","amount":"1","deadline":"2030-01-01T00:00:00Z","accounts":["a"]}`
	state := func(accounts, reservations string) string {
		return `{"schema":1,"accounts":[` + accounts + `],"reservations":[` + reservations + `]}`
	}
	for _, test := range []struct{ name, state, want string }{
		{"null", `null`, "want an object"},
		{"no object", `[]`, "want an object"},
		{"empty", `{}`, "schema: want 1"},
		{"other schema", `{"schema":2,"accounts":[],"reservations":[]}`, "schema: want 1, have 2"},
		{"no accounts", `{"schema":1,"reservations":[]}`, "accounts: want a list"},
		{"no reservations", `{"schema":1,"accounts":[]}`, "reservations: want a list"},
		{"unknown key", `{"schema":1,"accounts":[],"reservations":[],"x":1}`, "x: unknown key"},
		{"other case", `{"schema":1,"Accounts":[],"reservations":[]}`, "Accounts: unknown key"},
		{"twice", `{"schema":1,"schema":1,"accounts":[],"reservations":[]}`, "twice"},
		{"account without a key", state(`{"spent":"1"}`, ""), "accounts[0]: key"},
		{"account without an amount", state(`{"key":"a"}`, ""), "accounts[0]: spent"},
		{"account twice", state(account+","+account, ""), "accounts[1]: key"},
		{"a float", state(`{"key":"a","spent":1.5}`, ""), "spent: want a string"},
		{"an exponent", state(`{"key":"a","spent":"1e3"}`, ""), "no amount of money"},
		{"a negative amount", state(`{"key":"a","spent":"-1"}`, ""), "negative"},
		{"out of the range", state(`{"key":"a","spent":"9300000"}`, ""), "out of the range"},
		{"unknown key of an account", state(`{"key":"a","spent":"1","reserved":"1"}`, ""), "unknown key"},
		{"negative count", state(`{"key":"a","spent":"1","abandoned":-1}`, ""), "abandoned"},
		{"fractional count", state(`{"key":"a","spent":"1","abandoned":1.5}`, ""), "abandoned"},
		{"no time", state(`{"key":"a","spent":"1","expires":"soon"}`, ""), "expires"},
		{"reservation without an ID", state(account, `{"amount":"1","deadline":"2030-01-01T00:00:00Z","accounts":["a"]}`), "reservations[0]: id"},
		{"reservation without an amount", state(account, `{"id":"r","deadline":"2030-01-01T00:00:00Z","accounts":["a"]}`), "reservations[0]: amount"},
		{"reservation without a deadline", state(account, `{"id":"r","amount":"1","accounts":["a"]}`), "reservations[0]: deadline"},
		{"reservation without accounts", state(account, `{"id":"r","amount":"1","deadline":"2030-01-01T00:00:00Z"}`), "reservations[0]: accounts"},
		{"reservation on an unknown account", state("", reservation), `no account "a"`},
		{"reservation twice", state(account, reservation+","+reservation), "reservations[1]: id"},
		{"one account twice", state(account, `{"id":"r","amount":"1","deadline":"2030-01-01T00:00:00Z","accounts":["a","a"]}`), "twice"},
		{"reserved out of range", state(account, `{"id":"r","amount":"9000000","deadline":"2030-01-01T00:00:00Z","accounts":["a"]},`+
			`{"id":"s","amount":"9000000","deadline":"2030-01-01T00:00:00Z","accounts":["a"]}`), "out of the range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m MemoryBudgets
			require.NoError(t, json.Unmarshal([]byte(state(account, reservation)), &m))
			before, err := json.Marshal(&m)
			require.NoError(t, err)
			require.ErrorContains(t, json.Unmarshal([]byte(test.state), &m), test.want)
			after, err := json.Marshal(&m)
			require.NoError(t, err)
			require.Equal(t, string(before), string(after), "an error changes nothing")
		})
	}
}

func FuzzMemoryBudgetsJSON(f *testing.F) {
	f.Add([]byte(`{"schema":1,"accounts":[{"key":"a","spent":"1","abandoned":2,"expires":"2130-01-01T00:00:00Z"}],` +
		`"reservations":[{"id":"r","amount":"1","deadline":"2130-01-01T00:00:00Z","accounts":["a"]}]}`))
	f.Add([]byte(`{"schema":1,"accounts":[],"reservations":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m, again MemoryBudgets
		if json.Unmarshal(data, &m) != nil {
			return
		}
		first, err := json.Marshal(&m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(first, &again))
		second, err := json.Marshal(&again)
		require.NoError(t, err)
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Errorf("the state changed on its way (-first +second):\n%s", diff)
		}
	})
}

func BenchmarkMemoryBudgets(b *testing.B) {
	for _, n := range []int{1, 4} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			accounts := make([]BudgetAccount, n)
			for i := range accounts {
				accounts[i] = BudgetAccount{Key: fmt.Sprint("account/day/2026-11-23/", i), Limit: math.MaxInt64, Expires: time.Now().Add(time.Hour)}
			}
			var m MemoryBudgets
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := newReservation(fmt.Sprint(i), 1, accounts...)
				if err := m.Reserve(b.Context(), r); err != nil {
					b.Fatal(err)
				}
				if _, err := m.Settle(b.Context(), r.ID, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
