package keeproutertest

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// openRequests counts requests in progress, on both sides: a handler may be done
// with an answer that the client has neither read nor closed.
type openRequests struct {
	mu      sync.Mutex
	clients int // answers that the in-memory client holds
	pipes   int // handlers that serve the in-memory client
	others  int // handlers that serve others
	changed chan struct{}
}

func (o *openRequests) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sum()
}

func (o *openRequests) sum() int { return max(o.clients, o.pipes) + o.others }

// add changes one of the counters, and wakes who waits.
func (o *openRequests) add(counter *int, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*counter += n
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// wait waits until nothing is open, but no longer than d, and returns what still is.
func (o *openRequests) wait(d time.Duration) int {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		n, changed := o.watch()
		if n == 0 {
			return 0
		}
		select {
		case <-changed:
		case <-timer.C:
			return o.count()
		}
	}
}

func (o *openRequests) watch() (int, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.sum(), o.changed
}

// countingTransport counts the answers that its client holds.
type countingTransport struct {
	*http.Transport
	open *openRequests
}

// RoundTrip implements [http.RoundTripper].
func (t *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.open.add(&t.open.clients, 1)
	resp, err := t.Transport.RoundTrip(r)
	if err != nil {
		t.open.add(&t.open.clients, -1)
		return nil, err
	}
	resp.Body = &countedBody{ReadCloser: resp.Body, open: t.open}
	return resp, nil
}

// countedBody is done at its end, at its first error, or when it is closed.
type countedBody struct {
	io.ReadCloser
	open *openRequests
	done sync.Once
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

func (b *countedBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func (b *countedBody) end() {
	b.done.Do(func() { b.open.add(&b.open.clients, -1) })
}
