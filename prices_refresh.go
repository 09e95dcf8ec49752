package keeprouter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// PriceRefresh says where a [PriceRefresher] gets its tables and what it accepts. Only
// URL must be set; the zero value of each other field is its default.
type PriceRefresh struct {
	// URL is the address of a table in the form that [PriceTable.MarshalJSON] writes:
	// https, or http on this machine.
	URL string

	// Every is the time between two refreshes, to which up to a tenth is added at
	// random. At least a minute; default an hour.
	Every time.Duration

	// Base is the table that is merged under what comes from the URL, and in force
	// until it comes. Default: [DefaultPrices].
	Base *PriceTable

	// MaxFactor is the most by which a price in force may rise or fall in one
	// refresh. At least 1, which allows no change; default 10.
	MaxFactor int

	// MaxBytes is the most that a table may have. Default 4 MiB.
	MaxBytes int64

	// HTTPClient makes the requests; its redirect policy is replaced by one that never
	// leaves https, and never tells where it came from. Default: a client of its own.
	HTTPClient *http.Client

	// OnError is told why a refresh in the background failed. It must not call
	// Close. Default: [PriceRefresher.Status] alone tells.
	OnError func(error)
}

// PriceStatus tells how fresh the prices of a [PriceRefresher] are.
type PriceStatus struct {
	Generated time.Time // when the table in force was put together
	Checked   time.Time // when the address last confirmed it; zero if it never did
	Err       error     // why the last refresh failed; nil if it didn't
}

// ErrClosed is the error of a [PriceRefresher] that was asked to refresh after Close.
const ErrClosed ErrorKind = "closed"

// PriceRefresher is a [PriceSource] that keeps its table fresh from an address:
//
//	prices, err := keeprouter.NewPriceRefresher(keeprouter.PriceRefresh{URL: url})
//	…
//	defer prices.Close()
//	client, err := keeprouter.NewClient(&keeprouter.Options{Prices: prices})
//
// A table is merged over the base as by [PriceTable.Merge], and refused as a whole if it
// is older than the one in force, loses a model or a name of one, or moves a price
// beyond MaxFactor. After any error the last good table stays in force.
type PriceRefresher struct {
	config PriceRefresh
	client *http.Client
	shown  string // the address without what may be secret
	table  atomic.Pointer[PriceTable]

	life context.Context // ends with Close
	stop context.CancelFunc
	done chan struct{} // closed when the goroutine has ended
	turn chan struct{} // holds one token, for who refreshes
	etag string        // of the last table accepted; belongs to who has the turn

	mu     sync.Mutex
	status PriceStatus // without Generated
}

// priceRefreshTimeout bounds one refresh.
const priceRefreshTimeout = 30 * time.Second

// NewPriceRefresher starts to refresh at once, in the background: until the first answer
// the base is in force. To wait for it, call Refresh. A setting that can't work is an
// [ErrConfig]. Close it when you are done.
func NewPriceRefresher(config PriceRefresh) (*PriceRefresher, error) {
	address, err := config.validate()
	if err != nil {
		return nil, err
	}
	r := &PriceRefresher{
		config: config,
		client: priceClient(config.HTTPClient),
		shown:  address.Scheme + "://" + address.Host + address.Path,
		done:   make(chan struct{}),
		turn:   make(chan struct{}, 1),
	}
	r.table.Store(config.Base)
	r.life, r.stop = context.WithCancel(context.Background())
	go r.run()
	return r, nil
}

func (p *PriceRefresh) validate() (*url.URL, error) {
	p.Every = cmp.Or(p.Every, time.Hour)
	p.MaxFactor = cmp.Or(p.MaxFactor, 10)
	p.MaxBytes = cmp.Or(p.MaxBytes, 4<<20)
	p.Base = cmp.Or(p.Base, DefaultPrices())
	address, err := url.Parse(p.URL)
	switch {
	case err != nil || address.Host == "":
		return nil, configError("PriceRefresh.URL", "want the absolute https:// URL of a price table")
	case address.User != nil:
		return nil, configError("PriceRefresh.URL", "a URL with a user name or password is refused: let HTTPClient authenticate")
	case !carriesPrices(address):
		return nil, configError("PriceRefresh.URL", "who can change a table can set your prices: use https://")
	case p.Every < time.Minute:
		return nil, configError("PriceRefresh.Every", "want at least a minute")
	case p.MaxFactor < 1:
		return nil, configError("PriceRefresh.MaxFactor", "want at least 1")
	case p.MaxBytes < 1:
		return nil, configError("PriceRefresh.MaxBytes", "a negative value can't work")
	}
	return address, nil
}

func carriesPrices(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// priceClient never closes the connections of a client that it was given.
func priceClient(given *http.Client) *http.Client {
	client := http.Client{Transport: transport.NewRoundTripper()}
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		const most = 5
		if len(via) > most {
			return fmt.Errorf("more than %d redirects", most)
		}
		if req.URL.Scheme != "https" && via[0].URL.Scheme == "https" || !carriesPrices(req.URL) {
			return errors.New("a redirect away from https")
		}
		req.Header.Del("Referer") // the address may have a secret in its query
		return nil
	}
	return &client
}

// Prices returns the table in force.
func (r *PriceRefresher) Prices() *PriceTable {
	if r == nil {
		return nil
	}
	return r.table.Load()
}

// Status tells how fresh the prices are.
func (r *PriceRefresher) Status() PriceStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	status := r.status
	status.Generated = r.table.Load().Generated()
	return status
}

// Refresh asks the address now and returns once the table is in force, or why it isn't:
// an error that matches [ErrPriceTable], [ErrClosed] or the context's.
func (r *PriceRefresher) Refresh(ctx context.Context) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	defer func() { <-r.turn }()
	bounded, cancel := context.WithTimeout(ctx, priceRefreshTimeout)
	defer cancel()
	defer context.AfterFunc(r.life, cancel)()

	err := r.refresh(bounded)
	switch {
	case err != nil && r.life.Err() != nil:
		return errClosed()
	case err != nil && ctx.Err() != nil:
		return r.failed("the refresh was given up", ctx.Err())
	}
	r.note(err)
	return err
}

// take waits for the turn. It looks again once it has it: a select takes any that is
// ready, and nothing may begin after Close.
func (r *PriceRefresher) take(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return r.failed("the refresh was given up", ctx.Err())
	case <-r.life.Done():
		return errClosed()
	}
	var err error
	switch {
	case r.life.Err() != nil:
		err = errClosed()
	case ctx.Err() != nil:
		err = r.failed("the refresh was given up", ctx.Err())
	}
	if err != nil {
		<-r.turn
	}
	return err
}

func (r *PriceRefresher) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Err = err
	if err == nil {
		r.status.Checked = time.Now()
	}
}

func (r *PriceRefresher) refresh(ctx context.Context) error {
	fetched, etag, err := r.fetch(ctx)
	if err != nil || fetched == nil {
		return err
	}
	table, err := r.accepted(fetched)
	if err != nil {
		return err
	}
	r.table.Store(table)
	r.etag = etag
	return nil
}

// Close ends the refreshing and returns when nothing of it runs any more. The last
// table stays in force. It always returns nil, also when called again.
func (r *PriceRefresher) Close() error {
	r.stop()
	<-r.done
	r.turn <- struct{}{} // a Refresh that is under way has to end
	<-r.turn
	if r.config.HTTPClient == nil {
		r.client.CloseIdleConnections()
	}
	return nil
}

func (r *PriceRefresher) run() {
	defer close(r.done)
	for {
		err := r.Refresh(r.life)
		if r.life.Err() != nil {
			return
		}
		if err != nil && r.config.OnError != nil {
			r.config.OnError(err)
		}
		timer := time.NewTimer(r.config.Every + rand.N(r.config.Every/10+1))
		select {
		case <-timer.C:
		case <-r.life.Done():
			timer.Stop()
			return
		}
	}
}

func errClosed() error {
	return fmt.Errorf("keeprouter: price refresher: %w; its last table stays in force, make another for a newer one", ErrClosed)
}

func (r *PriceRefresher) failed(problem string, err error) error {
	return &PriceTableError{Table: r.shown, Problem: problem, Err: err}
}
