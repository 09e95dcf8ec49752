package redisbudget_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/redisbudget"
)

func TestStore(t *testing.T) {
	t.Parallel()
	client := newServer(t).client(t)
	keeproutertest.TestBudgetStore(t, func(t *testing.T) keeprouter.BudgetStore {
		return newStore(t, client, t.Name())
	})
}

func TestStoreInACluster(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	bus, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, bus.Close())
	_, busPort, err := net.SplitHostPort(bus.Addr().String())
	require.NoError(t, err)

	node := newServer(t, "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", busPort)
	admin := node.client(t)
	require.NoError(t, admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		info, err := admin.ClusterInfo(t.Context()).Result()
		return err == nil && len(info) > 0 && info[:len("cluster_state:ok")] == "cluster_state:ok"
	}, 20*time.Second, 5*time.Millisecond)

	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{address}})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	keeproutertest.TestBudgetStore(t, func(t *testing.T) keeprouter.BudgetStore {
		return newStore(t, client, t.Name())
	})
}

func TestNewRefuses(t *testing.T) {
	_, err := redisbudget.New(nil, redisbudget.Config{})
	require.ErrorContains(t, err, "client is nil")
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	_, err = redisbudget.New(client, redisbudget.Config{Prefix: "{a}"})
	require.ErrorContains(t, err, "braces")
}

func TestPrefixesAreApart(t *testing.T) {
	client := newServer(t).client(t)
	a := keeprouter.BudgetAccount{Key: "a", Limit: 10}
	for _, prefix := range []string{"", "p", "p:q"} {
		store := newStore(t, client, prefix)
		require.NoError(t, store.Reserve(t.Context(), newReservation("r", 10, a)))
		require.ErrorIs(t, newStore(t, client, prefix).Reserve(t.Context(), newReservation("r2", 1, a)), keeprouter.ErrBudget)
	}
}

func TestKeysExpire(t *testing.T) {
	server := newServer(t)
	client := server.client(t)
	const day = 24 * time.Hour
	for _, test := range []struct {
		name     string
		expires  time.Time
		deadline time.Duration
		min, max time.Duration // 0 is never
	}{
		{"idle", time.Now().Add(day), time.Minute, 400 * day, 402 * day},
		{"late account", time.Now().Add(1000 * day), time.Minute, 1000 * day, 1002 * day},
		{"late deadline", time.Now().Add(day), 2000 * day, 2000 * day, 2002 * day},
		{"for ever", time.Time{}, time.Minute, 0, 0},
		{"beyond reckoning", time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC), time.Minute, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := newStore(t, client, test.name)
			r := newReservation("r", 1, keeprouter.BudgetAccount{Key: "a", Limit: 10, Expires: test.expires})
			r.Deadline = time.Now().Add(test.deadline)
			require.NoError(t, store.Reserve(t.Context(), r))
			settle(t, store, "r", 1)
			keys, err := client.Keys(t.Context(), "{"+test.name+"}*").Result()
			require.NoError(t, err)
			require.Len(t, keys, 2)
			for _, key := range keys {
				ttl, err := client.PTTL(t.Context(), key).Result()
				require.NoError(t, err)
				if test.max == 0 {
					require.Equal(t, time.Duration(-1), ttl, "%s has no end", key)
				} else {
					require.True(t, test.min < ttl && ttl <= test.max, "%s lasts %v, want between %v and %v", key, ttl, test.min, test.max)
				}
			}
		})
	}
}

// TestNothingIsLeft looks into the two keys after everything is settled, abandoned or
// has expired.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	client := newServer(t).client(t)
	store := newStore(t, client, "p")
	expires := time.Now().Add(time.Second - time.Hour)
	for i := range 350 {
		id := strconv.Itoa(i)
		r := newReservation(id, 1, keeprouter.BudgetAccount{Key: "hour" + id, Limit: 10, Expires: expires})
		r.Deadline = time.Now().Add(time.Second)
		require.NoError(t, store.Reserve(t.Context(), r))
	}
	require.Eventually(t, func() bool {
		_, err := store.Settle(t.Context(), "none", 0)
		require.NoError(t, err)
		n, err := client.ZCard(t.Context(), "{p}:budgets:due").Result()
		require.NoError(t, err)
		return n == 1
	}, 20*time.Second, 10*time.Millisecond)
	names, err := client.HKeys(t.Context(), "{p}:budgets:state").Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"generation", "writes"}, names)
}

// twice sends each script a second time, as a client does when it got no answer.
type twice struct{}

func (twice) DialHook(next redis.DialHook) redis.DialHook { return next }

func (twice) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (twice) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := next(ctx, cmd); err != nil {
			return err
		}
		return next(ctx, cmd)
	}
}

func TestACommandThatIsSentAgainCountsOnce(t *testing.T) {
	client := newServer(t).client(t)
	client.AddHook(twice{})
	store := newStore(t, client, "p")
	a := keeprouter.BudgetAccount{Key: "a", Limit: 10}
	require.NoError(t, store.Reserve(t.Context(), newReservation("r", 4, a)))
	require.Equal(t, []keeprouter.BudgetBalance{{Account: a, Reserved: 4}}, balances(t, store, a))
	require.ErrorContains(t, store.Reserve(t.Context(), newReservation("r", 4, a)), "in use")
	settled, err := store.Settle(t.Context(), "r", 3)
	require.NoError(t, err)
	require.True(t, settled)
	settled, err = store.Settle(t.Context(), "r", 3)
	require.NoError(t, err)
	require.False(t, settled)
	require.Equal(t, []keeprouter.BudgetBalance{{Account: a, Spent: 3}}, balances(t, store, a))
}

func TestScriptsAreLoadedAgain(t *testing.T) {
	client := newServer(t).client(t)
	store := newStore(t, client, "p")
	a := keeprouter.BudgetAccount{Key: "a", Limit: 10}
	require.NoError(t, store.Reserve(t.Context(), newReservation("r1", 4, a)))
	require.NoError(t, client.ScriptFlush(t.Context()).Err())
	require.NoError(t, store.Reserve(t.Context(), newReservation("r2", 4, a)))
	want := []keeprouter.BudgetBalance{{Account: a, Reserved: 8}}
	if diff := cmp.Diff(want, balances(t, store, a)); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
}

func newReservation(id string, amount keeprouter.Money, accounts ...keeprouter.BudgetAccount) keeprouter.BudgetReservation {
	return keeprouter.BudgetReservation{ID: id, Amount: amount, Deadline: time.Now().Add(10 * time.Minute), Accounts: accounts}
}

func settle(t *testing.T, store *redisbudget.Store, id string, spent keeprouter.Money) {
	t.Helper()
	settled, err := store.Settle(t.Context(), id, spent)
	require.NoError(t, err)
	require.True(t, settled)
}

func balances(t *testing.T, store *redisbudget.Store, accounts ...keeprouter.BudgetAccount) []keeprouter.BudgetBalance {
	t.Helper()
	list, err := store.Balances(t.Context(), accounts)
	require.NoError(t, err)
	return list
}

func BenchmarkStore(b *testing.B) {
	store := newStore(b, newServer(b).client(b), "p")
	call := func(id string, accounts []keeprouter.BudgetAccount) {
		if err := store.Reserve(b.Context(), newReservation(id, 1, accounts...)); err != nil {
			b.Error(err)
		}
		if _, err := store.Settle(b.Context(), id, 1); err != nil {
			b.Error(err)
		}
	}
	for _, n := range []int{1, 4} {
		accounts := make([]keeprouter.BudgetAccount, n)
		for i := range accounts {
			accounts[i] = keeprouter.BudgetAccount{Key: fmt.Sprint("account/day/2026-11-23/", i), Limit: math.MaxInt64, Expires: time.Now().Add(time.Hour)}
		}
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			for b.Loop() {
				call("r", accounts)
			}
		})
		b.Run(fmt.Sprintf("accounts=%d/parallel", n), func(b *testing.B) {
			var ids atomic.Int64
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					call(strconv.FormatInt(ids.Add(1), 10), accounts)
				}
			})
		})
	}
}
