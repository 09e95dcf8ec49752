package keeproutertest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// Prices is [keeprouter.DefaultPrices] frozen at a day, such as "2026-07-05", so that
// a test's costs stay the same when prices change. Another form of the day ends the
// test.
func Prices(tb testing.TB, day string) *keeprouter.PriceTable {
	tb.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		tb.Fatalf("keeproutertest: %.40q is no day in the form 2026-07-05", day)
	}
	return keeprouter.DefaultPrices().At(at)
}

// errEstimateOnly is what every call of an estimating client ends in.
var errEstimateOnly = errors.New("keeproutertest: this client only estimates, it calls nothing")

// EstimateOnly is a client that never dials: it estimates, by the prices of a day such
// as "2026-07-05", and each call that it is asked to make fails, and fails the test.
func EstimateOnly(tb testing.TB, day string) *keeprouter.Client {
	tb.Helper()
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key:        keeprouter.NewKey(Key),
		BaseURL:    "http://localhost",
		Prices:     Prices(tb, day),
		Retry:      &keeprouter.RetryPolicy{},
		HTTPClient: &http.Client{Transport: refusing{tb}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

type refusing struct{ tb testing.TB }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.tb.Errorf("%v: %s %s", errEstimateOnly, req.Method, req.URL.Path)
	return nil, errEstimateOnly
}
