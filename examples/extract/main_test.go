package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestExtract shows how a service tests its structured output: what it gets, and what
// it spends.
func TestExtract(t *testing.T) {
	srv := keeproutertest.NewServer(t, script())
	opts := srv.Options()
	opts.Middleware = append(opts.Middleware, keeproutertest.SpendCap(t, "0.0001"))
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)

	got, resp, err := extract(t.Context(), client, ownText)
	require.NoError(t, err)
	want := order{
		Customer: "Nordlicht Fahrräder",
		Items:    []item{{"chain 11-speed", 3, 2490}, {`brake set "Alpin"`, 1, 11800}, {`inner tube 28"`, 12, 545}},
		Signer:   "Jonas",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	keeproutertest.AssertCost(t, resp.Cost, "0.00005996") // 243 × $0.12 + 88 × $0.35, per 1M tokens
}

func TestExtractPrints(t *testing.T) {
	t.Setenv("KEEPROUTER_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	require.Contains(t, out.String(), "  12 × inner tube 28\"           5.45\n")
	require.Contains(t, out.String(), "258.10\nsigned by Jonas\n243 in, 88 out, $0.00005996\n")
	require.ErrorIs(t, run(t.Context(), []string{"missing.txt"}, &out), os.ErrNotExist)
}
