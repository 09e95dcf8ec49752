package keeprouter_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// byteCounter counts a token for each byte, so that a test can tell what was counted.
type byteCounter struct{}

func (byteCounter) CountText(text string) keeprouter.TokenCount {
	n := int64(len(text))
	return keeprouter.TokenCount{Low: n, Expected: n, High: n, Bound: n, Method: "bytes"}
}

// budgetTest is a client with a budget, and what it saw of its last call.
type budgetTest struct {
	client *keeprouter.Client
	budget *keeprouter.Budget
	last   keeprouter.Call
}

func newBudgetTest(t *testing.T, srv *keeproutertest.Server, budget *keeprouter.Budget, change func(*keeprouter.Options)) *budgetTest {
	t.Helper()
	b := &budgetTest{budget: budget}
	b.client = clientOf(t, srv, func(o *keeprouter.Options) {
		o.Budget, o.TokenCounter = budget, byteCounter{}
		o.Middleware = []keeprouter.Middleware{func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
			defer func() { b.last = *call }()
			return next(ctx)
		}}
		if change != nil {
			change(o)
		}
	})
	return b
}

func (b *budgetTest) balance(t *testing.T) keeprouter.BudgetBalance {
	t.Helper()
	balances, err := b.budget.Balances(t.Context())
	require.NoError(t, err)
	require.Len(t, balances, 1)
	return balances[0]
}

func limitedHello() *keeprouter.ChatRequest {
	req := hello()
	req.MaxTokens = new(100)
	return req
}

// price is what tokens cost on Gemma, in the test's own arithmetic.
func price(input, output int64) keeprouter.Money {
	return keeprouter.Money(input)*120_000 + keeprouter.Money(output)*350_000
}

func TestBudgetIsChargedWhatACallSpent(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, Output: 500}
	pieces := []string{"H", "e", "l", "l", "o", "."}
	exact := price(1000, 500)
	for name, tc := range map[string]struct {
		replies []keeproutertest.Reply
		change  func(*keeprouter.Options)
		late    bool
		stop    int // leave the stream after this many texts
		kind    error
		basis   keeprouter.ChargeBasis
		spent   func(est keeprouter.Estimate) keeprouter.Money
	}{
		"answer with usage": {
			replies: []keeproutertest.Reply{{Text: "Hello.", Usage: usage}},
			basis:   keeprouter.ChargedUsage,
			spent:   func(keeprouter.Estimate) keeprouter.Money { return exact },
		},
		"answer without usage": {
			replies: []keeproutertest.Reply{{Text: "Hello.", NoUsage: true}},
			basis:   keeprouter.ChargedCounted,
			spent:   func(est keeprouter.Estimate) keeprouter.Money { return price(est.Input.High, 6) },
		},
		"answer by a model without a price": {
			replies: []keeproutertest.Reply{{Text: "Hello.", Model: "another", Usage: usage}},
			basis:   keeprouter.ChargedInFull,
			spent:   func(est keeprouter.Estimate) keeprouter.Money { return est.Max },
		},
		"refused after a retry that was refused": {
			replies: []keeproutertest.Reply{{Status: 503}, {Status: 400}},
			kind:    keeprouter.ErrInvalidRequest,
			basis:   keeprouter.ChargedNothing,
			spent:   func(keeprouter.Estimate) keeprouter.Money { return 0 },
		},
		"no answer, then one": {
			replies: []keeproutertest.Reply{{Fault: keeproutertest.Fault{DropConnection: true}}, {Text: "Hello.", Usage: usage}},
			basis:   keeprouter.ChargedUsage,
			spent:   func(est keeprouter.Estimate) keeprouter.Money { return est.Max + exact },
		},
		"no answer in time": {
			replies: []keeproutertest.Reply{{Delay: time.Hour}},
			change: func(o *keeprouter.Options) {
				o.Timeouts.FirstByte, o.Retry = time.Second, &keeprouter.RetryPolicy{}
			},
			kind:  keeprouter.ErrTimeout,
			basis: keeprouter.ChargedInFull,
			spent: func(est keeprouter.Estimate) keeprouter.Money { return est.Max },
		},
		"no connection": {
			change: func(o *keeprouter.Options) {
				o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: refuseToDial}}
				o.Retry = &keeprouter.RetryPolicy{}
			},
			kind:  keeprouter.ErrConnection,
			basis: keeprouter.ChargedNothing,
			spent: func(keeprouter.Estimate) keeprouter.Money { return 0 },
		},
		"answer after the reservation was given up": {
			replies: []keeproutertest.Reply{{Text: "Hello.", Usage: usage, Delay: 61 * time.Minute}},
			change:  func(o *keeprouter.Options) { o.Timeouts.FirstByte = 2 * time.Hour },
			late:    true,
			basis:   keeprouter.ChargedInFull,
			spent:   func(est keeprouter.Estimate) keeprouter.Money { return est.Max },
		},
		"redirect that is not followed": {
			replies: []keeproutertest.Reply{{Fault: keeproutertest.Fault{RedirectTo: "https://thief.example.com/v1"}}},
			kind:    keeprouter.ErrRedirect,
			basis:   keeprouter.ChargedNothing,
			spent:   func(keeprouter.Estimate) keeprouter.Money { return 0 },
		},
		"error in the stream after text": {
			replies: []keeproutertest.Reply{{Deltas: pieces, Status: 529, Fault: keeproutertest.Fault{ErrorAfterEvents: new(5)}}},
			kind:    keeprouter.ErrOverloaded,
			basis:   keeprouter.ChargedCounted,
		},
		"stream cut": {
			replies: []keeproutertest.Reply{{Deltas: pieces, Usage: usage, Fault: keeproutertest.Fault{EndAfterEvents: new(5)}}},
			kind:    keeprouter.ErrTruncated,
			basis:   keeprouter.ChargedCounted,
		},
		"stream left": {
			replies: []keeproutertest.Reply{{Deltas: pieces, Usage: usage}},
			stop:    1,
			basis:   keeprouter.ChargedCounted,
			spent:   func(est keeprouter.Estimate) keeprouter.Money { return price(est.Input.High, 1) },
		},
	} {
		for _, format := range []string{"chat", "messages"} {
			t.Run(name+"/"+format, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv := keeproutertest.NewServer(t, tc.replies...)
					if tc.replies == nil {
						srv = keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply { return keeproutertest.Reply{} })
					}
					b := newBudgetTest(t, srv, keeprouter.NewBudget(keeprouter.Dollar), tc.change)
					est, text, err := b.streamSome(t, format, tc.stop)
					if tc.kind == nil {
						require.NoError(t, err)
					} else {
						require.ErrorIs(t, err, tc.kind)
					}
					require.Equal(t, tc.basis, b.last.Charge.Basis)
					if err := b.last.Charge.Err; (err != nil) != tc.late {
						t.Errorf("settling failed with %v, want a failure %t", err, tc.late)
					}
					want := price(est.Input.High, int64(len(text)))
					if tc.spent != nil {
						want = tc.spent(est)
					}
					require.Equal(t, est.Max, b.last.Charge.Reserved)
					require.Equal(t, want.String(), b.last.Charge.Spent.String())
					require.Equal(t, want.String(), b.balance(t).Spent.String())
					require.Zero(t, b.balance(t).Reserved)
				})
			})
		}
	}
}

func TestBudgetIsChargedWhatAStreamCountedBeforeItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := keeproutertest.NewServer(t, keeproutertest.Reply{
			Usage: &keeproutertest.Usage{Input: 1000, Output: 500}, Status: 500,
			Fault: keeproutertest.Fault{ErrorAfterEvents: new(1)}, // message_start, which counts the input
		})
		b := newBudgetTest(t, srv, keeprouter.NewBudget(keeprouter.Dollar), nil)
		_, _, err := b.streamSome(t, "messages", 0)
		require.ErrorIs(t, err, keeprouter.ErrServer)
		require.Equal(t, b.last.Cost.Total.String(), b.last.Charge.Spent.String())
		require.GreaterOrEqual(t, b.last.Charge.Spent, price(1000, 0))
	})
}

func refuseToDial(context.Context, string, string) (c net.Conn, err error) {
	return nil, errors.New("refused")
}

// streamSome streams an answer and leaves it after a number of texts, if that isn't 0.
func (b *budgetTest) streamSome(t *testing.T, format string, stop int) (est keeprouter.Estimate, text string, err error) {
	t.Helper()
	var req keeprouter.Request = limitedHello()
	texts := b.client.Chat.Stream(t.Context(), limitedHello()).Text()
	if format == "messages" {
		req = ask()
		texts = b.client.Messages.Stream(t.Context(), ask()).Text()
	}
	est, estErr := b.client.Estimate(req)
	require.NoError(t, estErr)
	n := 0
	for piece, err := range texts {
		if err != nil {
			return est, text, err
		}
		text += piece
		if n++; n == stop {
			break
		}
	}
	return est, text, nil
}

func TestBudgetRefusesBeforeAnythingIsSent(t *testing.T) {
	for name, tc := range map[string]struct {
		budget func(t *testing.T) *keeprouter.Budget
		change func(*keeprouter.ChatRequest)
		kinds  []error
		text   string
	}{
		"too little left": {
			budget: func(*testing.T) *keeprouter.Budget { return keeprouter.NewBudget(keeprouter.Micro) },
			text:   "the call may cost",
		},
		"zero budget": {
			budget: func(*testing.T) *keeprouter.Budget { return &keeprouter.Budget{} },
			text:   "and $0.00 of $0.00 (total) is left",
		},
		"too much for one call": {
			budget: func(t *testing.T) *keeprouter.Budget {
				return open(t, keeprouter.BudgetConfig{Name: "small", Limits: []keeprouter.BudgetLimit{{keeprouter.PerCall, keeprouter.Micro}}})
			},
			text: `is left in budget "small"; lower its output limit`,
		},
		"no output limit": {
			budget: func(*testing.T) *keeprouter.Budget { return keeprouter.NewBudget(keeprouter.Dollar) },
			change: func(r *keeprouter.ChatRequest) { r.MaxTokens = nil },
			text:   "can't be told",
		},
		"an image": {
			budget: func(*testing.T) *keeprouter.Budget { return keeprouter.NewBudget(keeprouter.Dollar) },
			change: func(r *keeprouter.ChatRequest) {
				r.Messages = append(r.Messages, keeprouter.User("What is this?", keeprouter.ImageURL("https://example.com/cat.png")))
			},
			text: "can't be told",
		},
		"unknown model": {
			budget: func(*testing.T) *keeprouter.Budget { return keeprouter.NewBudget(keeprouter.Dollar) },
			change: func(r *keeprouter.ChatRequest) { r.Model = "unknown" },
			kinds:  []error{keeprouter.ErrUnknownModel},
			text:   "isn't known",
		},
		"a store that fails": {
			budget: func(t *testing.T) *keeprouter.Budget {
				return open(t, keeprouter.BudgetConfig{Limits: []keeprouter.BudgetLimit{{keeprouter.InTotal, keeprouter.Dollar}}, Store: brokenStore{}})
			},
			kinds: []error{errBroken},
			text:  "the budget's store failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t)
			b := newBudgetTest(t, srv, tc.budget(t), nil)
			req := limitedHello()
			if tc.change != nil {
				tc.change(req)
			}
			_, err := b.client.Chat.Create(t.Context(), req)
			for _, kind := range append(tc.kinds, keeprouter.ErrBudget) {
				require.ErrorIs(t, err, kind)
			}
			e, ok := errors.AsType[*keeprouter.Error](err)
			require.True(t, ok)
			require.Equal(t, "chat.create", e.Operation)
			require.Contains(t, err.Error(), tc.text)
			require.Empty(t, srv.Requests())
			require.Equal(t, keeprouter.Charge{}, b.last.Charge)
		})
	}
}

func TestBudgetReservesForWhatCannotBeBounded(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Text: "A cat.", Usage: &keeproutertest.Usage{Input: 300, Output: 3}})
	b := newBudgetTest(t, srv, open(t, keeprouter.BudgetConfig{
		Limits:    []keeprouter.BudgetLimit{{keeprouter.InTotal, keeprouter.Dollar}},
		Unbounded: 10 * keeprouter.Cent,
	}), nil)
	_, err := b.client.Chat.Create(t.Context(), hello())
	require.NoError(t, err)
	require.Equal(t, 10*keeprouter.Cent, b.last.Charge.Reserved)
	require.Equal(t, price(300, 3), b.balance(t).Spent)
}

func TestBudgetIsSettledWhenTheLoopPanics(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Deltas: []string{"Hel", "lo."}})
	b := newBudgetTest(t, srv, keeprouter.NewBudget(keeprouter.Dollar), nil)
	func() {
		defer func() { require.Equal(t, "stop", recover()) }()
		for range b.client.Chat.Stream(t.Context(), limitedHello()).All() {
			panic("stop")
		}
	}()
	require.Zero(t, b.balance(t).Reserved)
	require.Positive(t, b.balance(t).Spent)
}

func TestBudgetHoldsUnderConcurrency(t *testing.T) {
	const calls, allowed = 200, 37
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Text: "ok", Usage: &keeproutertest.Usage{Input: 50, Output: 100}}
	})
	b := newBudgetTest(t, srv, nil, nil)
	est, err := b.client.Estimate(limitedHello())
	require.NoError(t, err)
	budget := keeprouter.NewBudget(est.Max * allowed)
	client, err := b.client.With(func(o *keeprouter.Options) { o.Budget, o.Middleware = budget, nil })
	require.NoError(t, err)

	errs := make(chan error, calls)
	for range calls {
		go func() {
			_, err := client.Chat.Create(t.Context(), limitedHello())
			errs <- err
		}()
	}
	passed := 0
	for range calls {
		if err := <-errs; err == nil {
			passed++
		} else {
			require.ErrorIs(t, err, keeprouter.ErrBudget)
		}
	}
	balances, err := budget.Balances(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, passed, allowed)
	require.Equal(t, price(50, 100)*keeprouter.Money(passed), balances[0].Spent)
	require.LessOrEqual(t, balances[0].Spent, balances[0].Account.Limit)
	require.Zero(t, balances[0].Reserved)
}

func open(t *testing.T, config keeprouter.BudgetConfig) *keeprouter.Budget {
	t.Helper()
	b, err := keeprouter.OpenBudget(config)
	require.NoError(t, err)
	return b
}

var errBroken = errors.New("no connection to the store")

type brokenStore struct{}

func (brokenStore) Reserve(context.Context, keeprouter.BudgetReservation) error { return errBroken }

func (brokenStore) Settle(context.Context, string, keeprouter.Money) (bool, error) {
	return false, errBroken
}

func (brokenStore) Balances(context.Context, []keeprouter.BudgetAccount) ([]keeprouter.BudgetBalance, error) {
	return nil, errBroken
}
