package keeproutertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// recorder takes the place of a test that is to fail.
type recorder struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestAssertionsOnMoney(t *testing.T) {
	prices := keeproutertest.Prices(t, "2026-07-05")
	cost, err := prices.Cost(keeprouter.Gemma4_31B, keeprouter.Usage{Input: 1000, Output: 500})
	require.NoError(t, err)
	unknown, err := prices.Cost("nobody", keeprouter.Usage{Input: 1000})
	require.ErrorIs(t, err, keeprouter.ErrUnknownModel)

	const shown = `
on gemma-4-31B-it:
	input                1000 tokens × $0.12 per 1M = $0.00012
	output                500 tokens × $0.35 per 1M = $0.000175`
	for name, tc := range map[string]struct {
		assert func(testing.TB)
		want   []string
	}{
		"equal":          {func(tb testing.TB) { keeproutertest.AssertCost(tb, cost, "0.000295") }, nil},
		"equal amount":   {func(tb testing.TB) { keeproutertest.AssertCost(tb, keeprouter.Cent, "$0.01") }, nil},
		"a pico more":    {func(tb testing.TB) { keeproutertest.AssertCost(tb, cost, "0.000295000001") }, []string{"the cost is $0.000295, want $0.000295000001" + shown}},
		"another amount": {func(tb testing.TB) { keeproutertest.AssertCost(tb, keeprouter.Cent, "0.02") }, []string{"the cost is $0.01, want $0.02"}},
		"below":          {func(tb testing.TB) { keeproutertest.AssertCostBelow(tb, cost, "0.000295000001") }, nil},
		"not below":      {func(tb testing.TB) { keeproutertest.AssertCostBelow(tb, cost, "0.000295") }, []string{"the cost is $0.000295, want less than $0.000295" + shown}},
		"zero cost":      {func(tb testing.TB) { keeproutertest.AssertCost(tb, keeprouter.Cost{}, "0") }, []string{"the cost is unknown (not computed), want $0.00"}},
		"unknown": {func(tb testing.TB) { keeproutertest.AssertCostBelow(tb, unknown, "1") }, []string{
			`the cost is unknown (unknown model: the price table has no "nobody"; see https://keeprouter.com/models.md for the ids), want $1.00`,
		}},
		"no number": {func(tb testing.TB) { keeproutertest.AssertCost(tb, cost, "1e-3") }, []string{
			`keeproutertest: keeprouter: "1e-3" is no amount of money; write a decimal number of dollars such as "0.000295"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			tc.assert(r)
			if diff := cmp.Diff(tc.want, r.failures); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpendCap(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, Output: 500}
	for name, tc := range map[string]struct {
		replies []keeproutertest.Reply
		refused int      // of three calls
		want    []string // in the failure, in their order
	}{
		"within":         {[]keeproutertest.Reply{{Usage: usage}, {Usage: usage}, {Status: 400}}, 0, nil},
		"over":           {[]keeproutertest.Reply{{Usage: usage}, {Usage: &keeproutertest.Usage{Input: 10_000, Output: 1}}}, 1, []string{"cost $0.00149535, with a cap of $0.001", "1. chat.create", "1,000 in, 500 out", "$0.000295", "2. ", "<- over the cap"}},
		"unknown amount": {[]keeproutertest.Reply{{NoUsage: true}}, 2, []string{"1. ", "the cost is unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			srv := keeproutertest.NewServer(t, tc.replies...)
			opts := srv.Options()
			opts.Middleware = []keeprouter.Middleware{keeproutertest.SpendCap(r, "0.001")}
			client, err := keeprouter.NewClient(opts)
			require.NoError(t, err)
			refused := 0
			for range 3 {
				_, err := client.Chat.Create(t.Context(), &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")}})
				if e := new(keeprouter.Error); err != nil && strings.Contains(err.Error(), "SpendCap") {
					require.ErrorAs(t, err, &e)
					require.ErrorIs(t, err, keeprouter.ErrBudget)
					refused++
				}
			}
			require.Equal(t, tc.refused, refused)
			for _, f := range r.cleanups {
				f()
			}
			text := strings.Join(r.failures, "\n")
			if tc.want == nil {
				require.Empty(t, text)
			}
			for _, want := range tc.want {
				_, after, found := strings.Cut(text, want)
				require.True(t, found, "%q is not in its place in:\n%s", want, strings.Join(r.failures, "\n"))
				text = after
			}
		})
	}
}

func TestEstimateOnlyNeverDials(t *testing.T) {
	r := &recorder{TB: t}
	client := keeproutertest.EstimateOnly(r, "2026-07-05")
	req := &keeprouter.MessagesRequest{Model: keeprouter.Gemma4_31B, MaxTokens: 500, Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")}}
	est, err := client.Estimate(req)
	require.NoError(t, err)
	keeproutertest.AssertCostBelow(t, est.Max, "0.0002")
	require.Empty(t, r.failures)

	_, err = client.Messages.Create(t.Context(), req)
	require.ErrorIs(t, err, keeprouter.ErrConnection)
	require.Equal(t, []string{"keeproutertest: this client only estimates, it calls nothing: POST /v1/messages"}, r.failures)
}
