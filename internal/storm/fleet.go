// Package storm simulates what a fleet of services does to a gateway that fails: how
// many attempts reach it during the outage and after it. The retries are the
// library's own, in virtual time.
package storm

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// Fleet is many services with a client each. Every client makes its calls at a steady
// rate, whatever becomes of them. The gateway fails one attempt in a hundred, and in
// the outage each of them.
type Fleet struct {
	Clients   int
	Every     time.Duration // between two calls of a client
	Before    time.Duration // the outage begins
	Outage    time.Duration
	After     time.Duration // the outage has ended
	Unlimited bool          // each call has the repeats of a client of its own, so that nothing holds them back
}

// Tally is what happened, by the second.
type Tally struct {
	Calls    []int64 // begun
	Attempts []int64 // that reached the gateway
	Failed   []int64 // calls that were begun then and ended in an error
}

// faulty is the part of attempts that fail while nothing is wrong.
const faulty = 0.01

// Run simulates the fleet, and is to be called in a bubble of testing/synctest. Its
// chances are drawn from a fixed seed, so that each run is the same.
func (f Fleet) Run(ctx context.Context) *Tally {
	seconds := int((f.Before+f.Outage+f.After)/time.Second) + 60 // the last calls may wait
	sim := &simulation{fleet: f, start: time.Now()}
	sim.Calls, sim.Attempts, sim.Failed = make([]int64, seconds), make([]int64, seconds), make([]int64, seconds)
	var services sync.WaitGroup
	for i := range f.Clients {
		services.Go(func() { sim.service(ctx, uint64(i)) })
	}
	services.Wait()
	return &sim.Tally
}

type simulation struct {
	Tally
	fleet Fleet
	start time.Time
}

func (s *simulation) service(ctx context.Context, number uint64) {
	chance := &chance{source: rand.New(rand.NewPCG(number, 1))}
	config := transport.Config{
		BaseURL:   &url.URL{Scheme: "http", Host: "gateway.test"},
		HTTP:      &http.Client{Transport: &gateway{s, chance}},
		Authorize: func(http.Header, bool) {},
		Redact:    func(text string) string { return text },
		Retry:     transport.DefaultRetry(),
		Limits:    transport.Limits{Body: 1 << 10, ErrorBody: 1 << 10},
		Rand:      chance.draw,
	}
	client := transport.New(config)
	var calls sync.WaitGroup
	defer calls.Wait()
	time.Sleep(time.Duration(chance.draw() * float64(s.fleet.Every)))
	for time.Since(s.start) < s.fleet.Before+s.fleet.Outage+s.fleet.After {
		calls.Go(func() {
			if s.fleet.Unlimited {
				s.call(ctx, transport.New(config))
				return
			}
			s.call(ctx, client)
		})
		time.Sleep(s.fleet.Every)
	}
}

func (s *simulation) call(ctx context.Context, client *transport.Client) {
	begun := s.now()
	atomic.AddInt64(&s.Calls[begun], 1)
	req := &transport.Request{Method: http.MethodPost, Path: "/v1/chat/completions", Body: []byte("{}")}
	_, err := client.Do(ctx, req, func(resp *transport.Response) error {
		_, err := transport.ReadAll(resp.Body, 1<<10)
		return err
	})
	if err != nil {
		atomic.AddInt64(&s.Failed[begun], 1)
	}
}

func (s *simulation) now() int { return int(time.Since(s.start) / time.Second) }

// gateway answers at once, without a network.
type gateway struct {
	*simulation
	chance *chance
}

// RoundTrip counts an attempt and answers it.
func (g *gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	atomic.AddInt64(&g.Attempts[g.now()], 1)
	passed := time.Since(g.start) - g.fleet.Before
	status := http.StatusOK
	if 0 <= passed && passed < g.fleet.Outage || g.chance.draw() < faulty {
		status = http.StatusServiceUnavailable
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader("{}")),
	}, nil
}

// chance is a source of numbers that calls at once may draw from.
type chance struct {
	mu     sync.Mutex
	source *rand.Rand
}

func (c *chance) draw() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source.Float64()
}
