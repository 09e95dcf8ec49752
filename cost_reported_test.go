package keeprouter

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestReportedCostIsFound(t *testing.T) {
	litellm := func(value string) http.Header { return http.Header{"X-Litellm-Response-Cost": {value}} }
	for name, tc := range map[string]struct {
		usage  string
		header http.Header
		want   string // empty if nothing is found
	}{
		"number":                      {`{"cost":0.000295}`, nil, "$0.000295"},
		"exponent":                    {`{"cost":2.95e-4}`, nil, "$0.000295"},
		"text":                        {`{"cost":"0.003561"}`, nil, "$0.003561"},
		"zero":                        {`{"cost":0}`, nil, "$0.00"},
		"object":                      {`{"cost":{"input_tokens_cost":0.00002,"total_cost":0.00504}}`, nil, "$0.00504"},
		"ticks":                       {`{"cost_in_usd_ticks":1234}`, nil, "$0.0000001234"},
		"half a pico to even, down":   {`{"cost":0.0000000000005}`, nil, "$0.00"},
		"half a pico to even, up":     {`{"cost":0.0000000000015}`, nil, "$0.000000000002"},
		"a float's noise":             {`{"cost":0.00029499999999999996}`, nil, "$0.000295"},
		"header":                      {`{}`, litellm("2.95e-05"), "$0.0000295"},
		"usage before header":         {`{"cost":0.1}`, litellm("0.2"), "$0.10"},
		"header says nothing":         {`{}`, litellm("None"), ""},
		"null":                        {`{"cost":null}`, nil, ""},
		"object without a total":      {`{"cost":{"input":1}}`, nil, ""},
		"negative":                    {`{"cost":-1}`, nil, ""},
		"words":                       {`{"cost":"a lot"}`, nil, ""},
		"fraction":                    {`{"cost":"1/3"}`, nil, ""},
		"exponent of too many digits": {`{"cost":1e999999999}`, nil, ""},
		"too much":                    {`{"cost":10000000}`, nil, ""},
		"nothing":                     {`{}`, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var chat ChatUsage
			require.NoError(t, json.Unmarshal([]byte(tc.usage), &chat))
			var messages MessagesUsage
			require.NoError(t, json.Unmarshal([]byte(tc.usage), &messages))
			for _, got := range []*Money{chat.reported(tc.header), messages.reported(tc.header)} {
				text := ""
				if got != nil {
					text = got.String()
				}
				require.Equal(t, tc.want, text)
			}
		})
	}
	var none *ChatUsage
	require.Nil(t, none.reported(nil))
	require.Equal(t, new(Cent), none.reported(litellm("0.01")))
}

func TestDiscrepancy(t *testing.T) {
	const total = 295 * Micro
	for name, tc := range map[string]struct {
		cost Cost
		want Money
		ok   bool
	}{
		"equal":               {Cost{Model: "m", Total: total, Reported: new(total)}, 0, false},
		"rounded":             {Cost{Model: "m", Total: total, Reported: new(total + Micro)}, 0, false},
		"more":                {Cost{Model: "m", Total: total, Reported: new(total + Micro + 1)}, Micro + 1, true},
		"less":                {Cost{Model: "m", Total: total, Reported: new(Money(0))}, -total, true},
		"not reported":        {Cost{Model: "m", Total: total}, 0, false},
		"ours is unknown":     {Cost{Model: "m", Err: ErrUsageUnknown, Reported: new(total)}, 0, false},
		"ours isn't computed": {Cost{Reported: new(total)}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := tc.cost.Discrepancy()
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.ok, ok)
		})
	}
}

func TestReportedCostSurvivesJSON(t *testing.T) {
	for _, cost := range []Cost{
		{Model: "m", Total: Cent, Reported: new(2 * Cent)},
		{Model: "m", Err: ErrUsageUnknown, Reported: new(2 * Cent)},
	} {
		data, err := json.Marshal(cost)
		require.NoError(t, err)
		require.Contains(t, string(data), `"reported":"0.02"`)
		var back Cost
		require.NoError(t, json.Unmarshal(data, &back))
		if diff := cmp.Diff(cost.Reported, back.Reported); diff != "" {
			t.Errorf("reported (-want +got):\n%s", diff)
		}
	}
}
