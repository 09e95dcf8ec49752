package redisbudget_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/redisbudget"
)

var spentAccount = keeprouter.BudgetAccount{Key: "a", Limit: 10}

// spend uses up the limit but for 1.
func spend(t *testing.T, store *redisbudget.Store) {
	t.Helper()
	require.NoError(t, store.Reserve(t.Context(), newReservation("r1", 9, spentAccount)))
	settle(t, store, "r1", 9)
}

// wantsError calls all methods. None may let a call pass, or tell amounts.
func wantsError(t *testing.T, store *redisbudget.Store, want error) {
	t.Helper()
	_, settleErr := store.Settle(t.Context(), "r1", 0)
	_, balancesErr := store.Balances(t.Context(), []keeprouter.BudgetAccount{spentAccount})
	for _, err := range []error{store.Reserve(t.Context(), newReservation("r2", 1, spentAccount)), settleErr, balancesErr} {
		require.Error(t, err)
		require.NotErrorIs(t, err, keeprouter.ErrBudget)
		require.ErrorContains(t, err, "keeprouter: redis budgets: ")
		if want != nil {
			require.ErrorIs(t, err, want)
		}
	}
}

func TestAStoppedRedisIsAnError(t *testing.T) {
	server := newServer(t)
	options := server.at()
	options.MaxRetries, options.DialerRetries = -1, 1 // or else it waits
	client := redis.NewClient(options)
	defer client.Close()
	store := newStore(t, client, "p")
	spend(t, store)
	server.stop()
	wantsError(t, store, nil)
	var dial *net.OpError
	require.ErrorAs(t, store.Reserve(t.Context(), newReservation("r2", 1, spentAccount)), &dial, "the error of the client is kept")
}

func TestAnErrorHoldsNoPassword(t *testing.T) {
	const password = "kr-test-secret"
	server := newServer(t)
	options := server.at()
	options.Username, options.Password = "kr-test-user", password
	client := redis.NewClient(options)
	defer client.Close()
	err := newStore(t, client, "p").Reserve(t.Context(), newReservation("r", 1, spentAccount))
	require.Error(t, err)
	require.NotContains(t, err.Error(), password)
}

func TestARestartWithoutPersistenceIsAnError(t *testing.T) {
	server := newServer(t)
	store := newStore(t, server.client(t), "p")
	spend(t, store)
	server.stop()
	require.NoError(t, server.start())
	wantsError(t, store, redisbudget.ErrDataLost)
	wantsError(t, store, redisbudget.ErrDataLost)

	// A process that starts now can't know. The store that does isn't fooled by it.
	spend(t, newStore(t, server.client(t), "p"))
	wantsError(t, store, redisbudget.ErrDataLost)

	store.Resume()
	require.ErrorIs(t, store.Reserve(t.Context(), newReservation("r2", 2, spentAccount)), keeprouter.ErrBudget)
	require.NoError(t, store.Reserve(t.Context(), newReservation("r2", 1, spentAccount)))
}

func TestARestartWithPersistenceKeepsAll(t *testing.T) {
	server := newServer(t, "--appendonly", "yes", "--appendfsync", "always")
	store := newStore(t, server.client(t), "p")
	spend(t, store)
	inFlight := newReservation("r2", 1, spentAccount)
	inFlight.Deadline = time.Now().Add(100 * time.Millisecond)
	require.NoError(t, store.Reserve(t.Context(), inFlight))
	server.stop()
	require.NoError(t, server.start())
	require.ErrorIs(t, store.Reserve(t.Context(), newReservation("r3", 1, spentAccount)), keeprouter.ErrBudget)
	want := keeprouter.BudgetBalance{Account: spentAccount, Spent: 10, Abandoned: 1}
	require.Eventually(t, func() bool { return balances(t, store, spentAccount)[0] == want }, 20*time.Second, 5*time.Millisecond)
}

func TestLostDataAreAnError(t *testing.T) {
	const state, due = "{p}:budgets:state", "{p}:budgets:due"
	for _, test := range []struct {
		name string
		lose func(context.Context, *redis.Client) error
	}{
		{"all", func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() }},
		{"the state", func(ctx context.Context, c *redis.Client) error { return c.Del(ctx, state).Err() }},
		{"what is due", func(ctx context.Context, c *redis.Client) error { return c.Del(ctx, due).Err() }},
		{"the last writes", func(ctx context.Context, c *redis.Client) error {
			before, err := c.Dump(ctx, "copy").Result()
			return errors.Join(err, c.RestoreReplace(ctx, state, 0, before).Err())
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := newServer(t).client(t)
			store := newStore(t, client, "p")
			spend(t, store)
			require.NoError(t, client.Copy(t.Context(), state, "copy", 0, true).Err())
			require.NoError(t, store.Reserve(t.Context(), newReservation("r", 0, spentAccount)))
			require.NoError(t, test.lose(t.Context(), client))
			wantsError(t, store, redisbudget.ErrDataLost)
		})
	}
}

func TestAForeignAnswerIsAnError(t *testing.T) {
	client := newServer(t).client(t)
	require.NoError(t, client.Set(t.Context(), "{p}:budgets:state", "something else", 0).Err())
	wantsError(t, newStore(t, client, "p"), nil)
}

// TestAFullRedisIsAnError shows that a script writes all or nothing.
func TestAFullRedisIsAnError(t *testing.T) {
	client := newServer(t).client(t)
	store := newStore(t, client, "p")
	spend(t, store)
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1").Err())
	err := store.Reserve(t.Context(), newReservation("r2", 1, spentAccount))
	require.ErrorContains(t, err, "OOM")
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "0").Err())
	require.Equal(t, []keeprouter.BudgetBalance{{Account: spentAccount, Spent: 9}}, balances(t, store, spentAccount))
}
