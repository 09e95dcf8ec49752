package keeprouter_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestReportedCost lets a gateway tell what it charged, and looks for it in the answer
// and in what a middleware sees.
func TestReportedCost(t *testing.T) {
	usage := func(cost string) *keeproutertest.Usage {
		return &keeproutertest.Usage{Input: 1000, Output: 500, Cost: cost} // $0.000295
	}
	for _, tt := range []struct {
		name        string
		reply       keeproutertest.Reply
		reported    string
		discrepancy string
		unknown     error
	}{
		{"none", keeproutertest.Reply{Usage: usage("")}, "", "", nil},
		{"the same", keeproutertest.Reply{Usage: usage(`0.000295`)}, "$0.000295", "", nil},
		{"rounded", keeproutertest.Reply{Usage: usage(`0.0003`)}, "$0.0003", "$0.000005", nil},
		{"rounded to six decimals", keeproutertest.Reply{Usage: usage(`0.000296`)}, "$0.000296", "", nil},
		{"a text", keeproutertest.Reply{Usage: usage(`"1.2e-2"`)}, "$0.012", "$0.011705", nil},
		{"an object", keeproutertest.Reply{Usage: usage(`{"total_cost":0}`)}, "$0.00", "-$0.000295", nil},
		{"unreadable", keeproutertest.Reply{Usage: usage(`None`)}, "", "", nil},
		{"by a header", keeproutertest.Reply{Usage: usage(""), Header: http.Header{"X-Litellm-Response-Cost": {"2.95e-04"}}}, "$0.000295", "", nil},
		{"of a model without a price", keeproutertest.Reply{Model: "other", Usage: usage(`0.01`)}, "$0.01", "", keeprouter.ErrUnknownModel},
		{"of an unknown usage", keeproutertest.Reply{Usage: &keeproutertest.Usage{Cost: `0.01`}}, "$0.01", "", keeprouter.ErrUsageUnknown},
	} {
		for name, call := range map[string]func(*keeprouter.Client) (keeprouter.Cost, error){
			"chat": func(c *keeprouter.Client) (keeprouter.Cost, error) {
				r, err := c.Chat.Create(t.Context(), hello())
				return r.Cost, err
			},
			"chat, streamed": func(c *keeprouter.Client) (keeprouter.Cost, error) {
				r, err := c.Chat.Stream(t.Context(), hello()).Result()
				return r.Cost, err
			},
			"messages": func(c *keeprouter.Client) (keeprouter.Cost, error) {
				r, err := c.Messages.Create(t.Context(), ask())
				return r.Cost, err
			},
			"messages, streamed": func(c *keeprouter.Client) (keeprouter.Cost, error) {
				r, err := c.Messages.Stream(t.Context(), ask()).Result()
				return r.Cost, err
			},
		} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				var seen keeprouter.Cost
				watch := func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
					err := next(ctx)
					seen = call.Cost
					return err
				}
				srv := keeproutertest.NewServer(t, tt.reply)
				cost, err := call(clientOf(t, srv, func(o *keeprouter.Options) { o.Middleware = []keeprouter.Middleware{watch} }))
				require.NoError(t, err)
				for where, c := range map[string]keeprouter.Cost{"answer": cost, "middleware": seen} {
					require.ErrorIs(t, c.Err, tt.unknown, where)
					if tt.unknown == nil && c.Total.String() != "$0.000295" {
						t.Errorf("%s: total %s", where, c)
					}
					if got := reportedText(c); got != tt.reported {
						t.Errorf("%s: reported %q, want %q", where, got, tt.reported)
					}
					if got := discrepancyText(c); got != tt.discrepancy {
						t.Errorf("%s: discrepancy %q, want %q", where, got, tt.discrepancy)
					}
				}
			})
		}
	}
}

func reportedText(c keeprouter.Cost) string {
	if c.Reported == nil {
		return ""
	}
	return c.Reported.String()
}

func discrepancyText(c keeprouter.Cost) string {
	difference, ok := c.Discrepancy()
	if !ok {
		return ""
	}
	return difference.String()
}
