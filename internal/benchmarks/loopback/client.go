package loopback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
)

// Job is what one client process does.
type Job struct {
	Server  string
	Peer    string
	Format  feed.Format
	Mode    Mode
	Streams int
	Window  time.Duration // for how long it measures
}

// Result is what a client process has measured. What doesn't go with the job's mode
// is zero.
type Result struct {
	CPU       float64 // nanoseconds an event
	PerSecond float64 // events, of all streams together
	PeakRSS   float64 // bytes
	Objects   float64 // bytes of them that an open stream adds
	Stacks    float64 // those of its goroutines
	RSS       float64 // bytes of resident memory that an open stream adds
	P50, P99  float64 // nanoseconds from the server's flush to the loop's body
}

const startUp = 40 * time.Second // the most that opening all streams may take

// Run does a job.
func Run(job Job) (Result, error) {
	p, err := find(job.Peer, job.Format)
	if err != nil {
		return Result{}, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: job.Streams}
	defer transport.CloseIdleConnections()
	session, err := p.Connect(peer.Server{URL: job.Server + "/" + string(job.Mode), HTTP: &http.Client{Transport: transport}, Paced: job.Mode == Paced}, feed.Hello())
	if err != nil {
		return Result{}, err
	}
	objects, stacks := measure.Live()
	rss := measure.RSS()
	c := &crowd{session: session, readers: make([]reader, job.Streams)}
	ctx, cancel := context.WithTimeout(context.Background(), startUp+job.Window)
	c.start(ctx)
	defer func() {
		cancel()
		c.done.Wait()
	}()
	if err := c.await(job.Mode); err != nil {
		return Result{}, err
	}
	r := Result{}
	if job.Mode == Idle {
		time.Sleep(job.Window)
		n := float64(job.Streams)
		nowObjects, nowStacks := measure.Live()
		r.Objects, r.Stacks = float64(nowObjects-objects)/n, float64(nowStacks-stacks)/n
		r.RSS = float64(measure.RSS()-rss) / n
		return r, c.failure()
	}
	if err := release(job.Server); err != nil {
		return Result{}, err
	}
	c.measure(job.Window, &r)
	cancel()
	c.done.Wait()
	if job.Mode == Paced {
		r.P50, r.P99 = c.latency()
	}
	r.PeakRSS = float64(measure.PeakRSS())
	return r, c.failure()
}

func find(name string, format feed.Format) (peer.Peer, error) {
	for _, p := range peer.Of(format) {
		if p.Name == name {
			return p, nil
		}
	}
	return peer.Peer{}, fmt.Errorf("no peer is called %q", name)
}

func release(server string) error {
	resp, err := http.Post(server+releasePath, "", nil)
	if err != nil {
		return err
	}
	http.DefaultClient.CloseIdleConnections()
	return resp.Body.Close()
}

// crowd is many readers of streams at once.
type crowd struct {
	session   peer.Session
	readers   []reader
	measuring atomic.Bool
	done      sync.WaitGroup
	err       atomic.Pointer[error]
}

type reader struct {
	events    atomic.Int64
	first     time.Duration // until the first event of text
	latencies []int64       // nanoseconds
	_         [64]byte
}

func (c *crowd) start(ctx context.Context) {
	for i := range c.readers {
		c.done.Go(func() {
			for ctx.Err() == nil {
				if _, err := c.session.Stream(ctx, c.readers[i].see(&c.measuring)); err != nil && ctx.Err() == nil {
					c.err.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
}

func (r *reader) see(measuring *atomic.Bool) func(string) {
	return func(text string) {
		r.events.Add(1)
		if len(text) < 19 || !measuring.Load() {
			return
		}
		if sent, err := strconv.ParseInt(text, 10, 64); err == nil {
			r.latencies = append(r.latencies, time.Now().UnixNano()-sent)
		}
	}
}

// await waits until every stream has come as far as the job wants.
func (c *crowd) await(mode Mode) error {
	want := int64(1)
	if mode == Idle {
		want = idleEvents - head + 1 // the head has no text
	}
	for deadline := time.Now().Add(startUp); ; time.Sleep(5 * time.Millisecond) {
		switch lagging := c.lagging(want); {
		case c.failure() != nil:
			return c.failure()
		case lagging == 0:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%d streams haven't begun after %v", lagging, startUp)
		}
	}
}

func (c *crowd) lagging(want int64) (n int) {
	for i := range c.readers {
		if c.readers[i].events.Load() < want {
			n++
		}
	}
	return n
}

func (c *crowd) failure() error {
	if err := c.err.Load(); err != nil {
		return errors.Join(*err)
	}
	return nil
}

func (c *crowd) measure(window time.Duration, r *Result) {
	c.measuring.Store(true)
	cpu, start, before := measure.CPU(), time.Now(), c.events()
	time.Sleep(window)
	cpu, events, took := measure.CPU()-cpu, c.events()-before, time.Since(start)
	c.measuring.Store(false)
	r.CPU = float64(cpu) / float64(max(1, events))
	r.PerSecond = float64(events) / took.Seconds()
}

func (c *crowd) events() (n int64) {
	for i := range c.readers {
		n += c.readers[i].events.Load()
	}
	return n
}

// latency may only be asked for once all readers have ended.
func (c *crowd) latency() (p50, p99 float64) {
	var all []int64
	for i := range c.readers {
		all = append(all, c.readers[i].latencies...)
	}
	return quantiles(all)
}
