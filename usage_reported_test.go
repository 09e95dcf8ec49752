package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// amount is what a report comes to, in text.
func reportedText(m *Money) string {
	if m == nil {
		return "none"
	}
	return m.String()
}

func TestReportedAmounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ wire, want string }{
		{`0.000295`, "$0.000295"},
		{`"0.000295"`, "$0.000295"},
		{` "$0.01" `, "$0.01"},
		{`{"input_tokens_cost":0.1,"total_cost":0.82}`, "$0.82"},
		{`{"total_cost":"1e-3"}`, "$0.001"},
		{`0`, "$0.00"},
		{`0.0`, "$0.00"},
		{`12`, "$12.00"},
		{`2.95e-4`, "$0.000295"},
		{`2.95E-04`, "$0.000295"},
		{`1e+2`, "$100.00"},
		{`0.00001234e3`, "$0.01234"},
		{`0.0016150000000000001`, "$0.001615"},
		{`0.30000000000000004`, "$0.30"},
		{`0.0000000000005`, "$0.00"},
		{`0.0000000000015`, "$0.000000000002"},
		{`0.0000000000025`, "$0.000000000002"},
		{`0.00000000000250000001`, "$0.000000000003"},
		{`0.9999999999995`, "$1.00"},
		{`1e-999`, "$0.00"},
		{`0e999`, "$0.00"},
		{`9223372.036854775807`, "$9223372.036854775807"},
		{`9223372.036854775807499`, "$9223372.036854775807"},
		{`9223372.0368547758075`, "none"},
		{`9223373`, "none"},
		{`1e7`, "none"},
		{`1e999`, "none"},
		{`1e999999999999999999999`, "none"},
		{`0.` + strings.Repeat("1", 10_000), "none"},
		{`-0.01`, "none"},
		{`null`, "none"},
		{``, "none"},
		{`true`, "none"},
		{`[0.1]`, "none"},
		{`{}`, "none"},
		{`{"total_cost":{"total_cost":1}}`, "none"},
		{`"None"`, "none"},
		{`""`, "none"},
		{`"NaN"`, "none"},
		{`"0x10"`, "none"},
		{`"1_000"`, "none"},
		{`".5"`, "none"},
		{`"5."`, "none"},
		{`"1e"`, "none"},
		{`"1e1e1"`, "none"},
	} {
		if got := reportedText(reportedIn(json.RawMessage(tt.wire))); got != tt.want {
			t.Errorf("%.40s: %s, want %s", tt.wire, got, tt.want)
		}
	}
}

// TestReportedAmountsRound compares with rational arithmetic.
func TestReportedAmountsRound(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		text := fmt.Sprintf("%d.%0*de%d", random.Int64N(1000), 1+random.IntN(20), random.Int64N(1e9)*5, random.IntN(12)-8)
		exact, ok := new(big.Rat).SetString(text)
		require.True(t, ok)
		exact.Mul(exact, new(big.Rat).SetInt64(int64(Dollar)))
		want := new(big.Int).Div(exact.Num(), exact.Denom())
		rest := new(big.Rat).Sub(exact, new(big.Rat).SetInt(want))
		if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && want.Bit(0) == 1 {
			want.Add(want, big.NewInt(1))
		}
		got := roundedMoney(text, moneyDecimals)
		if want.IsInt64() != (got != nil) || got != nil && int64(*got) != want.Int64() {
			t.Fatalf("%s: %s, want %s pico-dollars", text, reportedText(got), want)
		}
	}
}

func TestPlacesOfReports(t *testing.T) {
	t.Parallel()
	litellm := http.Header{"X-Litellm-Response-Cost": {"2.5e-05"}}
	for _, tt := range []struct {
		name, chat, messages string
		header               http.Header
		streaming            bool
		want                 string
	}{
		{
			name: "usage.cost comes first", header: litellm, want: "$0.01",
			chat:     `{"choices":[],"usage":{"cost":0.01,"cost_in_usd_ticks":3815500,"cost_details":{"upstream_inference_cost":0.02}}}`,
			messages: `{"content":[],"usage":{"cost":0.01,"cost_in_usd_ticks":3815500}}`,
		},
		{
			name: "xAI's ticks", want: "$0.00038155",
			chat:     `{"choices":[],"usage":{"cost":null,"cost_in_usd_ticks":3815500}}`,
			messages: `{"content":[],"usage":{"cost_in_usd_ticks":"3815500"}}`,
		},
		{
			name: "Vercel's metadata", want: "$0.003561",
			chat: `{"choices":[{"message":{"content":"Hi","provider_metadata":{"gateway":{"cost":"0.003561"}}}}]}`,
		},
		{name: "LiteLLM's header", header: litellm, want: "$0.000025", chat: `{"choices":[]}`, messages: `{"content":[]}`},
		{name: "LiteLLM's header of a stream", header: litellm, streaming: true, want: "$0.000025", chat: `{"choices":[]}`, messages: `{"content":[]}`},
		{
			name: "LiteLLM's header, free", header: http.Header{"X-Litellm-Response-Cost": {"0.0"}}, want: "$0.00",
			chat: `{"choices":[]}`, messages: `{"content":[]}`,
		},
		{
			name: "LiteLLM's header before it is known", header: http.Header{"X-Litellm-Response-Cost": {"0"}}, streaming: true, want: "none",
			chat: `{"choices":[]}`, messages: `{"content":[]}`,
		},
		{
			name: "LiteLLM's None", header: http.Header{"X-Litellm-Response-Cost": {"None"}}, want: "none",
			chat: `{"choices":[]}`, messages: `{"content":[]}`,
		},
		{name: "nowhere", want: "none", chat: `{"choices":[],"usage":{"prompt_tokens":1}}`, messages: `{"content":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			meta := Meta{Header: tt.header}
			var chat ChatResponse
			require.NoError(t, json.Unmarshal([]byte(tt.chat), &chat))
			if got := reportedText(chat.reported(meta, tt.streaming)); got != tt.want {
				t.Errorf("chat %s, want %s", got, tt.want)
			}
			if tt.messages == "" {
				return
			}
			var messages MessagesResponse
			require.NoError(t, json.Unmarshal([]byte(tt.messages), &messages))
			if got := reportedText(messages.reported(meta, tt.streaming)); got != tt.want {
				t.Errorf("messages %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDiscrepancy(t *testing.T) {
	t.Parallel()
	why := errors.New("keeprouter: why")
	for _, tt := range []struct {
		name string
		cost Cost
		want Money
		ok   bool
	}{
		{"nothing reported", Cost{Model: "m", Total: Cent}, 0, false},
		{"the same", Cost{Model: "m", Total: Cent, Reported: new(Cent)}, 0, false},
		{"a micro-dollar more", Cost{Model: "m", Total: Cent, Reported: new(Cent + Micro)}, 0, false},
		{"a micro-dollar less", Cost{Model: "m", Total: Cent, Reported: new(Cent - Micro)}, 0, false},
		{"more", Cost{Model: "m", Total: Cent, Reported: new(Cent + Micro + 1)}, Micro + 1, true},
		{"less", Cost{Model: "m", Total: Cent, Reported: new(Money(0))}, -Cent, true},
		{"ours is unknown", Cost{Model: "m", Err: why, Reported: new(Cent)}, 0, false},
		{"ours was not computed", Cost{Reported: new(Cent)}, 0, false},
		{"overflow", Cost{Model: "m", Total: -Cent, Reported: new(Money(1<<63 - 1))}, 0, false},
	} {
		got, ok := tt.cost.Discrepancy()
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: %s, %t, want %s, %t", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestReportedInJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cost       Cost
		json, text string
	}{
		{
			Cost{Model: "m", Total: Cent, Reported: new(2 * Cent)},
			`{"model":"m","total":"0.01","reported":"0.02"}`, "$0.01",
		},
		{
			Cost{Model: "m", Total: Cent, Reported: new(Money(0))},
			`{"model":"m","total":"0.01","reported":"0.00"}`, "$0.01",
		},
		{
			Cost{Model: "m", Err: errors.New("keeprouter: why"), Reported: new(2 * Cent)},
			`{"model":"m","error":"keeprouter: why","reported":"0.02"}`, "unknown (why; the gateway reported $0.02)",
		},
	} {
		data, err := json.Marshal(tt.cost)
		require.NoError(t, err)
		if diff := cmp.Diff(tt.json, string(data)); diff != "" {
			t.Errorf("JSON (-want +got):\n%s", diff)
		}
		if got := tt.cost.String(); got != tt.text {
			t.Errorf("text %s, want %s", got, tt.text)
		}
		var back Cost
		require.NoError(t, json.Unmarshal(data, &back))
		sameText := cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
		if diff := cmp.Diff(tt.cost, back, sameText, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("round trip (-want +got):\n%s", diff)
		}
	}
}
