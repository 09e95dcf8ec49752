// Package redisbudget keeps the budgets of a service with many replicas in one Redis
// or Valkey, so that all of them together stay within a limit:
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//	store, err := redisbudget.New(client, redisbudget.Config{Prefix: "billing"})
//	// store is a keeprouter.BudgetStore: give it to the budgets of each replica.
//
// Each method is one Lua script, which Redis runs as a whole. Amounts are exact to the
// pico-dollar: a script computes with pairs of numbers, because a number in Lua is a
// double. Deadlines go by the clock of Redis. Nothing runs in the background: each call
// also settles some of what was abandoned and forgets some of what has expired.
//
// All data of a Prefix are in two keys in one slot of a cluster, so a Prefix has the
// speed of one node, some ten thousand calls a second. They expire when nobody has used
// them for 400 days, or never if an account never expires.
//
// A budget is as safe as the data in Redis. Turn persistence on (appendonly yes) and
// eviction off (maxmemory-policy noeviction). The store notices when data that it has
// seen are gone, be it all or only the last writes before a failover, and returns
// [ErrDataLost] from then on rather than let a limit be spent twice. A process that
// starts after the loss can't notice it.
package redisbudget

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/keeprouter/keeprouter-go"
)

// ErrDataLost means that Redis no longer has what this store has seen in it. It was
// restarted without persistence, flushed, restored from a backup, or a replica without the last
// writes has taken over. Find out what is missing; then call [Store.Resume], or restart
// the process, to go on with what Redis has now.
var ErrDataLost = errors.New("data that were in Redis before are missing; call Resume to go on with what it has now")

// Config says where in Redis a store keeps its data.
type Config struct {
	// Prefix keeps stores that share a Redis apart. Replicas that share budgets use the
	// same. Default: "keeprouter". It can't have braces, which mark the part of a key
	// that a cluster hashes.
	Prefix string
}

// Store is a [keeprouter.BudgetStore] in Redis. It is safe for concurrent use, in any
// number of processes.
//
// An error that isn't a [*keeprouter.BudgetError] means that nobody knows whether
// something was reserved: make no call then. If it was, it is settled in full at its
// deadline, unless it is settled before.
type Store struct {
	client  redis.UniversalClient
	keys    []string
	scripts scripts

	mu         sync.Mutex
	generation string // of the data that it has seen
	writes     int64  // that the data had seen when it last looked
}

type scripts struct{ reserve, settle, balances *redis.Script }

var (
	//go:embed state.lua
	stateLua string
	//go:embed reserve.lua
	reserveLua string
	//go:embed settle.lua
	settleLua string
	//go:embed balances.lua
	balancesLua string
)

// New returns a store. It doesn't connect yet. The client stays the caller's, who
// closes it after the last call; its timeouts and retries hold for the store.
func New(client redis.UniversalClient, config Config) (*Store, error) {
	if client == nil {
		return nil, errors.New("keeprouter: redis budgets: the client is nil; make one with redis.NewUniversalClient")
	}
	prefix := config.Prefix
	if prefix == "" {
		prefix = "keeprouter"
	}
	if strings.ContainsAny(prefix, "{}") {
		return nil, fmt.Errorf("keeprouter: redis budgets: prefix %.80q has braces; leave them out", prefix)
	}
	return &Store{
		client: client,
		keys:   []string{"{" + prefix + "}:budgets:state", "{" + prefix + "}:budgets:due"},
		scripts: scripts{
			reserve:  redis.NewScript(stateLua + reserveLua),
			settle:   redis.NewScript(stateLua + settleLua),
			balances: redis.NewScript(stateLua + balancesLua),
		},
	}, nil
}

// Resume accepts what Redis has now, after [ErrDataLost].
func (s *Store) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation, s.writes = "", 0
}

// Reserve adds a reservation to all of its accounts or to none.
func (s *Store) Reserve(ctx context.Context, r keeprouter.BudgetReservation) error {
	const outcome = "the call can't be reserved and must not be made"
	if err := r.Validate(); err != nil {
		return err
	}
	args := []any{r.ID, rand.Text(), int64(r.Amount), milliseconds(time.Until(r.Deadline))}
	for _, a := range r.Accounts {
		args = append(args, a.Key, int64(a.Limit), expiry(a.Expires))
	}
	status, values, err := s.untilSwept(ctx, outcome, s.scripts.reserve, args)
	if err != nil {
		return err
	}
	switch {
	case status == "ok":
		return nil
	case status == "taken":
		return fmt.Errorf("keeprouter: budget reservation %.80q is in use; give each an ID of its own", r.ID)
	case status == "expired" && len(values) == 1 && values[0] < int64(len(r.Accounts)):
		a := r.Accounts[values[0]]
		return fmt.Errorf("keeprouter: budget account %.80q expired at %s; are the clocks here and in Redis right?", a.Key, a.Expires.UTC().Format(time.RFC3339))
	case status == "refused" && len(values) == 3 && values[0] < int64(len(r.Accounts)):
		a := r.Accounts[values[0]]
		return &keeprouter.BudgetError{
			Budget: a.Budget, Period: a.Period, Limit: a.Limit,
			Spent: keeprouter.Money(values[1]), Reserved: keeprouter.Money(values[2]),
			Requested: r.Amount, Resets: a.Expires,
		}
	}
	return unexpected(outcome, status)
}

// Settle ends a reservation. Redis refuses a ctx that is done: give a call that was
// cancelled another one, or it is settled in full at its deadline.
func (s *Store) Settle(ctx context.Context, id string, spent keeprouter.Money) (bool, error) {
	const outcome = "the call can't be settled and counts in full from its deadline on"
	if spent < 0 {
		return false, fmt.Errorf("keeprouter: budget reservation %.80q can't be settled with %v; an amount is never negative", id, spent)
	}
	status, _, err := s.run(ctx, outcome, s.scripts.settle, id, rand.Text(), int64(spent))
	switch {
	case err != nil:
		return false, err
	case status != "ok" && status != "none":
		return false, unexpected(outcome, status)
	}
	return status == "ok", nil
}

// Balances tells what is spent and reserved on accounts.
func (s *Store) Balances(ctx context.Context, accounts []keeprouter.BudgetAccount) ([]keeprouter.BudgetBalance, error) {
	const outcome = "the balances can't be read"
	args := make([]any, len(accounts))
	for i, a := range accounts {
		args[i] = a.Key
	}
	status, values, err := s.untilSwept(ctx, outcome, s.scripts.balances, args)
	if err != nil {
		return nil, err
	}
	if status != "ok" || len(values) != 3*len(accounts) {
		return nil, unexpected(outcome, status)
	}
	balances := make([]keeprouter.BudgetBalance, len(accounts))
	for i, a := range accounts {
		balances[i] = keeprouter.BudgetBalance{
			Account:   a,
			Spent:     keeprouter.Money(values[3*i]),
			Reserved:  keeprouter.Money(values[3*i+1]),
			Abandoned: values[3*i+2],
		}
	}
	return balances, nil
}

// sweeps bounds how often a call has more settled of what was abandoned, a hundred
// reservations at a time, before it tells amounts.
const sweeps = 100

// untilSwept asks again while amounts that are told would be out of date.
func (s *Store) untilSwept(ctx context.Context, outcome string, script *redis.Script, args []any) (string, []int64, error) {
	for range sweeps {
		status, values, err := s.run(ctx, outcome, script, append([]any{"more"}, args...)...)
		if err != nil || status != "again" {
			return status, values, err
		}
	}
	return s.run(ctx, outcome, script, append([]any{"last"}, args...)...)
}

// run returns the status that a script answers with, and the integers after it.
func (s *Store) run(ctx context.Context, outcome string, script *redis.Script, args ...any) (string, []int64, error) {
	if err := ctx.Err(); err != nil {
		return "", nil, failed(outcome, err)
	}
	s.mu.Lock()
	generation, writes := s.generation, s.writes
	s.mu.Unlock()
	header := []any{generation, writes, rand.Text()}
	answer, err := script.Run(ctx, s.client, s.keys, append(header, args...)...).StringSlice()
	if err != nil {
		return "", nil, failed(outcome, err)
	}
	if len(answer) == 1 && answer[0] == "lost" {
		return "", nil, failed(outcome, ErrDataLost)
	}
	if len(answer) < 3 {
		return "", nil, unexpected(outcome, strings.Join(answer, " "))
	}
	values := make([]int64, 0, len(answer)-2)
	for _, text := range answer[2:] {
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil || value < 0 {
			return "", nil, unexpected(outcome, text)
		}
		values = append(values, value)
	}
	if !s.saw(answer[1], values[0]) {
		return "", nil, failed(outcome, ErrDataLost)
	}
	return answer[0], values[1:], nil
}

// saw remembers the data that a script has found, and reports whether they are those
// of before.
func (s *Store) saw(generation string, writes int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == "" {
		s.generation = generation
	}
	if s.generation != generation {
		return false
	}
	s.writes = max(s.writes, writes)
	return true
}

func failed(outcome string, err error) error {
	return fmt.Errorf("keeprouter: redis budgets: %s: %w", outcome, err)
}

func unexpected(outcome, answer string) error {
	return failed(outcome, fmt.Errorf("a script answered %.80q; do other versions of this package use the same prefix?", answer))
}

// milliseconds rounds up, so that no deadline comes early.
func milliseconds(d time.Duration) int64 {
	whole := d.Milliseconds()
	if d > time.Duration(whole)*time.Millisecond {
		whole++
	}
	return whole
}

// expiry is in milliseconds since 1970, and 0 for never: also for a year that a script
// can't tell from it. What expired before 1970 did so just after it.
func expiry(t time.Time) int64 {
	const lastYear = 9999
	if t.IsZero() || t.Year() > lastYear {
		return 0
	}
	return max(t.UnixMilli()+1, 1)
}
