package keeprouter_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMeterAddsUpByTagAndModel(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, Output: 500}
	srv := keeproutertest.NewServer(t,
		keeproutertest.Reply{Text: "a", Usage: usage},
		keeproutertest.Reply{Text: "b", Usage: usage},
		keeproutertest.Reply{Text: "c", Usage: usage},
		keeproutertest.Reply{Text: "d", NoUsage: true},
		keeproutertest.Reply{Status: 400},
	)
	var meter keeprouter.Meter
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Meter = &meter })
	tenant, err := client.With(func(o *keeprouter.Options) { o.Tag, o.Budget = "tenant-7", keeprouter.NewBudget(keeprouter.Dollar) })
	require.NoError(t, err)

	_, err = client.Chat.Create(t.Context(), hello())
	require.NoError(t, err)
	_, err = client.Chat.Stream(t.Context(), withModel(hello(), keeprouter.Gemini35Flash).(*keeprouter.ChatRequest)).Result()
	require.NoError(t, err)
	_, err = tenant.Messages.Create(t.Context(), ask())
	require.NoError(t, err)
	_, err = tenant.Messages.Stream(t.Context(), ask()).Result()
	require.NoError(t, err)
	_, err = tenant.Messages.Create(t.Context(), ask())
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	_, err = tenant.Chat.Create(t.Context(), hello()) // no output limit: refused
	require.ErrorIs(t, err, keeprouter.ErrBudget)
	_, err = client.Models.Get(t.Context(), keeprouter.Gemma4_31B) // no model is called
	require.NoError(t, err)

	counts := keeprouter.Usage{Input: 1000, Output: 500}
	want := []keeprouter.MeterTotal{
		{Model: keeprouter.Gemini35Flash, Calls: 1, Usage: counts},
		{Model: keeprouter.Gemma4_31B, Calls: 1, Usage: counts},
		{Tag: "tenant-7", Model: keeprouter.Gemma4_31B, Calls: 4, Failed: 2, Refused: 1, Unpriced: 1, Usage: counts},
	}
	money := cmpopts.IgnoreFields(keeprouter.MeterTotal{}, "Cost", "Charge")
	if diff := cmp.Diff(want, meter.Totals(), money); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	costs := []string{"$0.006", "$0.000295", "$0.000295"}
	for i, total := range meter.Totals() {
		require.Equal(t, costs[i], total.Cost.String())
	}
	require.Equal(t, "$0.00659", meter.Total().Cost.String())
	require.Equal(t, int64(6), meter.Total().Calls)
	charged, err := meter.Total().Charge.Money()
	require.NoError(t, err)
	require.Greater(t, charged, price(1000, 500), "the answer without usage was charged by its text")
}

func TestMeterIsExactUnderConcurrency(t *testing.T) {
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Text: "ok", Usage: &keeproutertest.Usage{Input: 1, Output: 1}}
	})
	var meter keeprouter.Meter
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Meter = &meter })
	var calls sync.WaitGroup
	for range 100 {
		calls.Go(func() {
			_, err := client.Chat.Create(t.Context(), hello())
			if err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	require.Equal(t, int64(100), meter.Total().Calls)
	require.Equal(t, (100 * price(1, 1)).String(), meter.Total().Cost.String())
}

func TestMeterCalibratesTheCounter(t *testing.T) {
	ratios := []float64{1.0, 1.2, 1.1}
	var meter keeprouter.Meter
	meter.Calibrate = true
	srv := keeproutertest.NewServer(t,
		keeproutertest.Reply{Text: "a", Usage: &keeproutertest.Usage{Input: 100, Output: 1}},
		keeproutertest.Reply{Text: "b", Usage: &keeproutertest.Usage{Input: 120, Output: 1}},
		keeproutertest.Reply{Text: "c", Usage: &keeproutertest.Usage{Input: 110, Output: 1}},
		keeproutertest.Reply{Text: "d", NoUsage: true},
	)
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Meter, o.TokenCounter = &meter, byteCounter{} })
	req := &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User(string(make([]byte, 87)))}} // 100 with the template
	for range 4 {
		_, err := client.Chat.Create(t.Context(), req)
		require.NoError(t, err)
	}
	var mean, squares float64
	for _, r := range ratios {
		mean += r / 3
	}
	for _, r := range ratios {
		squares += (r - mean) * (r - mean) / 3
	}
	want := []keeprouter.Calibration{{Model: keeprouter.Gemma4_31B, Calls: 3, Mean: mean, Spread: math.Sqrt(squares)}}
	if diff := cmp.Diff(want, meter.Calibration(), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("calibration (-want +got):\n%s", diff)
	}
}

func TestEstimateLearnsTheLengthOfAnswers(t *testing.T) {
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Text: "ok", Usage: &keeproutertest.Usage{Input: 10, Output: 30}}
	})
	var meter keeprouter.Meter
	client := clientOf(t, srv, func(o *keeprouter.Options) { o.Meter = &meter })
	for i := range 10 {
		est, err := client.Estimate(ask())
		require.NoError(t, err)
		require.False(t, est.Learned, "after %d calls", i)
		require.Equal(t, int64(50), est.Output.Expected)
		_, err = client.Messages.Create(t.Context(), ask())
		require.NoError(t, err)
	}
	est, err := client.Estimate(ask())
	require.NoError(t, err)
	require.True(t, est.Learned)
	require.Equal(t, int64(30), est.Output.Expected)
}

func TestMoneySumIsExactBeyondMoney(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var sum, half keeprouter.MoneySum
	want := new(big.Int)
	for i := range 10_000 {
		amount := keeprouter.Money(random.Uint64())
		if i%3 > 0 {
			amount = math.MaxInt64 - amount&0xffff
		}
		sum.Add(amount)
		half.Add(amount)
		want.Add(want, big.NewInt(int64(amount)))
	}
	digits := new(big.Int).Quo(want, big.NewInt(int64(keeprouter.Dollar))).String()
	require.Contains(t, sum.String(), "$"+digits+".")
	_, err := sum.Money()
	require.ErrorIs(t, err, keeprouter.ErrOverflow)
	sum.AddSum(half)
	doubled := new(big.Int).Quo(want.Add(want, want), big.NewInt(int64(keeprouter.Dollar))).String()
	require.Contains(t, sum.String(), "$"+doubled+".")

	for amount, text := range map[keeprouter.Money]string{0: "$0.00", -295 * keeprouter.Micro: "-$0.000295", math.MinInt64: "-$9223372.036854775808", 5 * keeprouter.Dollar: "$5.00"} {
		var s keeprouter.MoneySum
		s.Add(amount)
		require.Equal(t, text, s.String())
		back, err := s.Money()
		require.NoError(t, err)
		require.Equal(t, amount, back)
	}
	var million keeprouter.MoneySum
	for range 1_000_000 {
		million.Add(295 * keeprouter.Micro)
	}
	data, err := json.Marshal(million)
	require.NoError(t, err)
	require.Equal(t, `"295.00"`, string(data))
}
