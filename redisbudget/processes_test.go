package redisbudget_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/redisbudget"
)

const (
	roleVariable   = "REDISBUDGET_TEST_ROLE"
	socketVariable = "REDISBUDGET_TEST_SOCKET"

	sharedCalls = 211 // that the budget of the processes allows
	sharedCost  = 7 * keeprouter.Micro
	goroutines  = 500 // in each process
	crashAfter  = time.Second
	workerName  = "worker"
)

func sharedAccounts() []keeprouter.BudgetAccount {
	return []keeprouter.BudgetAccount{
		{Key: "tenant", Limit: 2 * sharedCalls * sharedCost},
		{Key: "service", Limit: sharedCalls * sharedCost},
	}
}

// work is what a process does: it says that it is ready, waits for the end of its
// input, and makes calls.
func work(role string) error {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: os.Getenv(socketVariable), ClientName: workerName})
	defer client.Close()
	store, err := redisbudget.New(client, redisbudget.Config{})
	if err != nil {
		return err
	}
	if _, err := store.Balances(context.Background(), sharedAccounts()); err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	w := &worker{store: store, role: role}
	var calls sync.WaitGroup
	for i := range goroutines {
		calls.Go(func() {
			if role == "victim" {
				w.forever(i)
			} else {
				w.call(i)
			}
		})
	}
	calls.Wait()
	fmt.Println(w.passed.Load(), w.crashed.Load())
	return errors.Join(w.errs...)
}

type worker struct {
	store           *redisbudget.Store
	role            string
	passed, crashed atomic.Int64
	mu              sync.Mutex
	errs            []error
}

func (w *worker) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
}

func (w *worker) reserve(id string, amount keeprouter.Money, deadline time.Duration) bool {
	r := newReservation(w.role+id, amount, sharedAccounts()...)
	r.Deadline = time.Now().Add(deadline)
	err := w.store.Reserve(context.Background(), r)
	if err != nil && !errors.Is(err, keeprouter.ErrBudget) {
		w.fail(err)
	}
	return err == nil
}

func (w *worker) settle(id string, spent keeprouter.Money) {
	settled, err := w.store.Settle(context.Background(), w.role+id, spent)
	if err != nil || !settled {
		w.fail(fmt.Errorf("Settle(%s) = %t, %w", id, settled, err))
	}
}

// call succeeds, is never settled, or fails and is made again: what is given back is
// asked for again, so that the budget is used up in the end.
func (w *worker) call(i int) {
	id := strconv.Itoa(i)
	switch i % 4 {
	case 0:
		if w.reserve(id, sharedCost, crashAfter) {
			w.passed.Add(1)
			w.crashed.Add(1)
		}
		return
	case 1:
		if w.reserve(id, sharedCost, time.Minute) {
			w.settle(id, 0)
			id += " again"
		}
	}
	if w.reserve(id, sharedCost, time.Minute) {
		w.settle(id, sharedCost)
		w.passed.Add(1)
	}
}

// forever makes calls that cost less than they may, until the process is killed.
func (w *worker) forever(i int) {
	for n := 0; ; n++ {
		id := fmt.Sprint(i, "/", n)
		if w.reserve(id, 2, crashAfter) && i%10 != 0 {
			if _, err := w.store.Settle(context.Background(), w.role+id, 1); err != nil {
				w.fail(err)
			}
		}
	}
}

// process is this test binary once more.
type process struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

func start(t *testing.T, s *server, role string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, socketVariable+"="+s.socket())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	p := &process{Cmd: cmd, in: in, out: bufio.NewReader(out)}
	require.Equal(t, "ready", p.line(t))
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func TestTwoProcessesShareABudget(t *testing.T) {
	server := newServer(t)
	store := newStore(t, server.client(t), "")
	processes := []*process{start(t, server, "one "), start(t, server, "two ")}
	for _, p := range processes {
		require.NoError(t, p.in.Close())
	}
	done := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { sampleUntil(t, store, done) })
	var passed, crashed int64
	for _, p := range processes {
		var some, dead int64
		_, err := fmt.Sscan(p.line(t), &some, &dead)
		require.NoError(t, err)
		require.NoError(t, p.Wait())
		t.Logf("a process passed %d calls", some)
		passed += some
		crashed += dead
	}
	close(done)
	sampler.Wait()
	require.Equal(t, int64(sharedCalls), passed)
	for i, a := range sharedAccounts() {
		want := keeprouter.BudgetBalance{Account: a, Spent: sharedCalls * sharedCost, Abandoned: crashed}
		require.Eventually(t, func() bool { return balances(t, store, sharedAccounts()...)[i] == want }, 20*time.Second, 5*time.Millisecond)
	}
}

// sampleUntil looks at the balances all the time.
func sampleUntil(t *testing.T, store *redisbudget.Store, done <-chan struct{}) {
	service := sharedAccounts()[1]
	for samples := 0; ; samples++ {
		list, err := store.Balances(context.Background(), []keeprouter.BudgetAccount{service})
		if err != nil || list[0].Spent+list[0].Reserved > service.Limit {
			t.Errorf("balances %+v, %v; want at most the limit", list, err)
			return
		}
		select {
		case <-done:
			t.Logf("%d samples", samples)
			return
		default:
		}
	}
}

func TestAKilledProcessIsSettledInFull(t *testing.T) {
	server := newServer(t)
	store := newStore(t, server.client(t), "")
	service := sharedAccounts()[1]
	admin := server.client(t)
	victim := start(t, server, "victim")
	require.NoError(t, victim.in.Close())
	require.Eventually(t, func() bool {
		b := balances(t, store, service)[0]
		return b.Spent > 100 && b.Reserved > 0
	}, 20*time.Second, time.Millisecond)
	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait())

	require.Eventually(t, func() bool {
		clients, err := admin.ClientList(t.Context()).Result()
		return err == nil && !strings.Contains(clients, "name="+workerName)
	}, 20*time.Second, time.Millisecond, "Redis has done all that the process sent")

	killed := balances(t, store, service)[0]
	require.Positive(t, killed.Reserved, "it died in mid-flight")
	require.Eventually(t, func() bool { return balances(t, store, service)[0].Reserved == 0 }, 20*time.Second, 5*time.Millisecond)
	want := keeprouter.BudgetBalance{
		Account:   service,
		Spent:     killed.Spent + killed.Reserved,
		Abandoned: killed.Abandoned + int64(killed.Reserved)/2, // each was of 2
	}
	require.Equal(t, want, balances(t, store, service)[0])
}
