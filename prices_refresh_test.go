package keeprouter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// priceHost answers as a host that keeps one table.
type priceHost struct {
	mu       sync.Mutex
	body     string
	etag     string
	status   int           // 0 is 200
	err      error         // in place of an answer
	redirect string        // in place of the table
	delay    time.Duration // before an answer
	asked    []time.Time
	last     *http.Request // of those that came
	matched  int           // answers of 304
}

func (h *priceHost) set(change func(*priceHost)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
}

func (h *priceHost) RoundTrip(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.asked, h.last = append(h.asked, time.Now()), req
	delay := h.delay
	h.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return nil, h.err
	}
	answer := func(status int, body string) (*http.Response, error) {
		header := http.Header{"Etag": {h.etag}}
		if status == http.StatusFound {
			header.Set("Location", h.redirect)
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
	switch {
	case h.redirect != "" && req.URL.Path != "/moved.json":
		return answer(http.StatusFound, "")
	case h.etag != "" && req.Header.Get("If-None-Match") == h.etag:
		h.matched++
		return answer(http.StatusNotModified, "")
	case h.status != 0:
		return answer(h.status, "no")
	}
	return answer(http.StatusOK, h.body)
}

const priceURL = "https://prices.example/prices.json?token=kr-test-secret"

// refresherOf starts a refresher that asks host, over a base of "m" at $1 and $2,
// inside a bubble whose clock stands in 2000.
func refresherOf(t *testing.T, host *priceHost, change func(*PriceRefresh)) *PriceRefresher {
	t.Helper()
	time.Sleep(time.Until(day("2026-09-01")))
	config := PriceRefresh{
		URL:        priceURL,
		Base:       mustRead(t, tableJSON("2026-07-05", modelJSON("m", rowJSON("2026-07-05", "", "1", "2")))),
		HTTPClient: &http.Client{Transport: host},
	}
	if change != nil {
		change(&config)
	}
	r, err := NewPriceRefresher(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// moved is the base's table after a change of price on 2026-08-01.
func moved(generated, input, output string) string {
	return tableJSON(generated, modelJSON("m", rowJSON("2026-07-05", "2026-08-01", "1", "2"), rowJSON("2026-08-01", "", input, output)))
}

func inputPrice(t *testing.T, s PriceSource) string {
	t.Helper()
	cost, err := s.Prices().Cost("m", Usage{Input: 1_000_000})
	require.NoError(t, err)
	return cost.String()
}

func TestRefresherFollowsItsAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &priceHost{body: moved("2026-08-01", "3", "4"), etag: `"1"`, delay: time.Second}
		r := refresherOf(t, host, nil)
		started := time.Now()
		if got := inputPrice(t, r); got != "$1.00" {
			t.Errorf("before the first answer the price is %s, want the base's", got)
		}
		time.Sleep(2 * time.Second)
		if got := inputPrice(t, r); got != "$3.00" {
			t.Errorf("after the first answer the price is %s", got)
		}
		want := PriceStatus{Generated: day("2026-08-01"), Checked: started.Add(time.Second).UTC()}
		got := r.Status()
		got.Checked = got.Checked.UTC()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}

		host.set(func(h *priceHost) { h.delay = 0 }) // so that none is on its way when they are counted
		time.Sleep(24 * time.Hour)
		host.set(func(h *priceHost) {
			if h.matched != len(h.asked)-1 {
				t.Errorf("%d of %d answers were 304, want all but the first", h.matched, len(h.asked))
			}
			for i := 1; i < len(h.asked); i++ {
				if gap := h.asked[i].Sub(h.asked[i-1]); gap < time.Hour || gap > 67*time.Minute {
					t.Errorf("asked again after %s", gap)
				}
			}
			h.etag = `"2"`
			h.body = tableJSON("2026-08-02", modelJSON("m",
				rowJSON("2026-07-05", "2026-08-01", "1", "2"), rowJSON("2026-08-01", "2026-08-02", "3", "4"), rowJSON("2026-08-02", "", "5", "4")))
		})
		require.NoError(t, r.Refresh(t.Context()))
		if got := inputPrice(t, r); got != "$5.00" {
			t.Errorf("after Refresh the price is %s", got)
		}
	})
}

func TestRefresherKeepsTheLastGoodTable(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken cable")
	for name, tt := range map[string]struct {
		change func(*priceHost)
		want   string
	}{
		"no connection": {func(h *priceHost) { h.err = broken }, "it can't be reached: broken cable"},
		"no answer":     {func(h *priceHost) { h.delay = time.Hour }, "it can't be reached: context deadline exceeded"},
		"status":        {func(h *priceHost) { h.status = 503 }, "the answer's status is 503, not 200"},
		"304 unasked":   {func(h *priceHost) { h.status = 304 }, "the answer's status is 304, not 200"},
		"not a table":   {func(h *priceHost) { h.body = "<html>" }, "line 1: invalid character"},
		"too large":     {func(h *priceHost) { h.body += strings.Repeat(" ", 4<<20) }, "it is larger than 4194304 bytes"},
		"older": {func(h *priceHost) {
			h.body = tableJSON("2026-07-31", modelJSON("m", rowJSON("2026-07-05", "", "1", "2")))
		}, "it was generated at 2026-07-31T00:00:00Z, before the table in force, of 2026-08-01T00:00:00Z"},
		"history rewritten": {func(h *priceHost) {
			h.body = tableJSON("2026-08-02", modelJSON("m", rowJSON("2026-07-05", "", "2", "2")))
		}, "models[0] (m): prices[0]: the newer table changes the prices"},
		"a model is gone": {func(h *priceHost) {
			h.body = tableJSON("2026-08-02", modelJSON("m", rowJSON("2026-07-05", "", "1", "2")))
		}, `it loses "new", a name of new`},
		"a price leaps up":   {func(h *priceHost) { h.body = withNew("31", "4") }, "m from 2026-08-01 on: the price of input moves from $3.00 to $31.00, beyond the factor of 10"},
		"a price leaps down": {func(h *priceHost) { h.body = withNew("3", "0.39") }, "m from 2026-08-01 on: the price of output moves from $4.00 to $0.39, beyond the factor of 10"},
		"a price will leap": {func(h *priceHost) {
			h.body = strings.Replace(withNew("3", "4"), "]},", ","+rowJSON("2027-01-01", "", "99", "4")+"]},", 1)
			h.body = strings.Replace(h.body, `"from":"2026-08-01","to":null`, `"from":"2026-08-01","to":"2027-01-01"`, 1)
		}, "m from 2027-01-01 on: the price of input moves from $3.00 to $99.00"},
		"a price ends": {func(h *priceHost) {
			h.body = strings.Replace(withNew("3", "4"), `"from":"2026-08-01","to":null`, `"from":"2026-08-01","to":"2026-08-20"`, 1)
		}, "it ends the price in force of m"},
		"a redirect to http":         {func(h *priceHost) { h.redirect = "http://prices.example/moved.json" }, "a redirect away from https"},
		"a redirect to this machine": {func(h *priceHost) { h.redirect = "http://127.0.0.1:8500/moved.json" }, "a redirect away from https"},
		"a redirect to a file":       {func(h *priceHost) { h.redirect = "file:///moved.json" }, "a redirect away from https"},
		"redirects for ever":         {func(h *priceHost) { h.redirect = "/prices.json" }, "more than 5 redirects"},
		"a tier that leaps": {func(h *priceHost) {
			h.body = strings.Replace(withNew("3", "4"), `"input":"3"`, `"input":"3","tiers":[{"above_input_tokens":1000,"input":"40"}]`, 1)
		}, "m from 2026-08-01 on: the price of input moves from $3.00 to $40.00"},
		"cached almost free": {func(h *priceHost) {
			h.body = strings.Replace(withNew("3", "4"), `"input":"3"`, `"input":"3","cached_input":"0.01"`, 1)
		}, "m from 2026-08-01 on: the price of cached_input moves from $3.00 to $0.01"},
		"nothing but a smile": {func(h *priceHost) { h.body = "" }, "line 1: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := &priceHost{body: withNew("3", "4")}
				var told []error
				r := refresherOf(t, host, func(c *PriceRefresh) {
					c.OnError = func(err error) { told = append(told, err) }
				})
				synctest.Wait()
				require.NoError(t, r.Status().Err)

				host.set(tt.change)
				err := r.Refresh(t.Context())
				require.ErrorIs(t, err, ErrPriceTable)
				require.ErrorContains(t, err, "keeprouter: price table: https://prices.example/prices.json: ")
				require.ErrorContains(t, err, tt.want)
				require.NotContains(t, err.Error(), "secret")
				require.Equal(t, err, r.Status().Err)
				if got := inputPrice(t, r); got != "$3.00" {
					t.Errorf("the price is %s, want that of the last good table", got)
				}

				time.Sleep(70 * time.Minute)
				synctest.Wait()
				if len(told) != 1 || !strings.Contains(told[0].Error(), tt.want) {
					t.Errorf("OnError was told %v", told)
				}
				host.set(func(h *priceHost) {
					h.body, h.status, h.err, h.redirect, h.delay = withNew("3", "4"), 0, nil, "", 0
				})
				require.NoError(t, r.Refresh(t.Context()))
				require.NoError(t, r.Status().Err)
			})
		})
	}
}

// withNew is what moved returns with one more model.
func withNew(input, output string) string {
	return strings.Replace(moved("2026-08-01", input, output), "]}]}", "]},"+modelJSON("new", rowJSON("2026-07-05", "", "1", "1"))+"]}", 1)
}

func TestRefresherTakesAMoveWithinTheFactor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		factor        int
		input, output string
		ok            bool
	}{
		{0, "10", "0.20", true},
		{0, "10.000001", "2", false},
		{0, "1", "0.199999", false},
		{1, "1", "2", true},
		{1, "1.01", "2", false},
		{1000, "999", "2", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			host := &priceHost{body: moved("2026-08-01", tt.input, tt.output)}
			r := refresherOf(t, host, func(c *PriceRefresh) { c.MaxFactor = tt.factor })
			err := r.Refresh(t.Context())
			if ok := err == nil; ok != tt.ok {
				t.Errorf("factor %d, $%s and $%s: %v", tt.factor, tt.input, tt.output, err)
			}
		})
	}
}

func TestRefresherEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &priceHost{body: moved("2026-08-01", "3", "4"), delay: 10 * time.Second}
		r := refresherOf(t, host, func(c *PriceRefresh) {
			c.OnError = func(err error) { t.Errorf("told of its own end: %v", err) }
		})
		synctest.Wait() // the goroutine is asking
		waiting := make(chan error)
		go func() { waiting <- r.Refresh(context.Background()) }()
		given, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, r.Refresh(given), context.DeadlineExceeded)

		before := time.Now()
		require.NoError(t, r.Close())
		require.ErrorIs(t, <-waiting, ErrClosed)
		require.NoError(t, r.Close())
		require.ErrorIs(t, r.Refresh(t.Context()), ErrClosed)
		if took := time.Since(before); took != 0 {
			t.Errorf("Close waited %s for an answer", took)
		}
		if got := inputPrice(t, r); got != "$1.00" {
			t.Errorf("the price is %s, want the base's", got)
		}
	})
}

func TestGivenUpRefreshIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &priceHost{body: moved("2026-08-01", "3", "4")}
		r := refresherOf(t, host, nil)
		synctest.Wait()
		host.set(func(h *priceHost) { h.delay = 5 * time.Second })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := r.Refresh(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ErrPriceTable)
		require.NoError(t, r.Status().Err)
	})
}

func TestRefresherFollowsARedirect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &priceHost{body: moved("2026-08-01", "3", "4"), redirect: "https://elsewhere.example/moved.json"}
		r := refresherOf(t, host, nil)
		require.NoError(t, r.Refresh(t.Context()))
		if got := inputPrice(t, r); got != "$3.00" {
			t.Errorf("the price is %s", got)
		}
		if sent := fmt.Sprint(host.last.URL, host.last.Header); strings.Contains(sent, "secret") {
			t.Errorf("another host is told the address: %s", sent)
		}
	})
}

func TestRefresherRefusesSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config PriceRefresh
		want   string
	}{
		"no address":    {PriceRefresh{}, "PriceRefresh.URL"},
		"relative":      {PriceRefresh{URL: "/prices.json"}, "PriceRefresh.URL"},
		"plain http":    {PriceRefresh{URL: "http://prices.example/p.json"}, "use https://"},
		"a file":        {PriceRefresh{URL: "file://localhost/p.json"}, "use https://"},
		"with password": {PriceRefresh{URL: "https://a:b@prices.example/p.json"}, "password"},
		"too often":     {PriceRefresh{URL: priceURL, Every: time.Second}, "PriceRefresh.Every"},
		"factor":        {PriceRefresh{URL: priceURL, MaxFactor: -1}, "PriceRefresh.MaxFactor"},
		"size":          {PriceRefresh{URL: priceURL, MaxBytes: -1}, "PriceRefresh.MaxBytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewPriceRefresher(tt.config)
			require.ErrorIs(t, err, ErrConfig)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestClientPricesByARefresher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &priceHost{body: moved("2026-08-01", "3", "4")}
		r := refresherOf(t, host, nil)
		synctest.Wait()
		answer := `{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}`
		client, err := NewClient(&Options{
			Key: NewKey("kr-test-1"), Prices: r,
			HTTPClient: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(strings.NewReader(answer)), Request: req,
				}, nil
			})},
		})
		require.NoError(t, err)
		resp, err := client.Chat.Create(t.Context(), &ChatRequest{Model: "m", Messages: []ChatMessage{User("Hello")}})
		require.NoError(t, err)
		if resp.Cost.String() != "$0.005" {
			t.Errorf("cost %s, want $0.005 by the table that came", resp.Cost)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
