package loopback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
)

// Load is a job of many streams of the local gateway that are open at once, each with
// an event every Pace. They are opened one after another, read to their end, and
// checked for being whole.
type Load struct {
	Server  string
	Peer    string
	Format  feed.Format
	Streams int
	Pace    time.Duration
	Window  time.Duration // for how long it measures
	Slack   time.Duration // for how long all are open before the window, and after it
}

// Loaded is what a Load came to.
type Loaded struct {
	Kept      float64 // the part of the schedule's events that came in the window
	PerSecond float64 // events, of all streams together
	CPU       float64 // nanoseconds an event
	Live      float64 // bytes of objects and stacks that an open stream adds
	RSS       float64 // bytes of resident memory that an open stream adds
	P50, P99  float64 // nanoseconds from the server's flush to the loop's body

	First50, First99 float64 // nanoseconds from the call to its first event of text

	Before, Open, After Holdings
	Failed              int    // streams that ended in an error, or not whole
	Error               string // the first one's
}

// Holdings are what a process holds beside memory.
type Holdings struct{ Goroutines, Sockets int }

const (
	opens = 2000            // streams a second
	spare = 64              // files beside the streams
	calms = 5 * time.Second // the most that it may take until everything is given back
)

// Ramp is how long the streams take to be opened.
func (l Load) Ramp() time.Duration { return time.Duration(l.Streams) * time.Second / opens }

// events are those of text in a stream. They are enough for all to be open at the
// window's end, also where opening them takes twice as long as it should.
func (l Load) events() int { return int(l.lasts()/l.Pace) + 1 }

func (l Load) lasts() time.Duration { return 2*l.Ramp() + l.Window + 2*l.Slack }

// atMost bounds the whole job.
func (l Load) atMost() time.Duration { return startUp + 4*l.lasts() }

// RunLoad does the job.
func RunLoad(l Load) (Loaded, error) {
	if err := measure.AllowFiles(l.Streams + spare); err != nil {
		return Loaded{}, err
	}
	p, err := find(l.Peer, l.Format)
	if err != nil {
		return Loaded{}, err
	}
	before := holdings()
	transport := &http.Transport{MaxIdleConnsPerHost: l.Streams}
	defer transport.CloseIdleConnections()
	session, err := p.Connect(peer.Server{
		URL: loadURL(l.Server, l.Pace, l.events()), HTTP: &http.Client{Transport: transport}, Paced: true,
	}, feed.Hello())
	if err != nil {
		return Loaded{}, err
	}
	objects, stacks := measure.Live()
	rss := measure.RSS()
	f := &flood{load: l, bare: p.Bare, session: session}
	for range l.Streams {
		f.readers = append(f.readers, new(reader))
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.atMost())
	defer cancel()
	f.open(ctx)
	f.await(l.Ramp())
	time.Sleep(l.Slack)
	r := Loaded{Before: before, Open: holdings()}
	f.measure(&r)
	n := float64(l.Streams)
	r.RSS = float64(measure.RSS()-rss) / n
	nowObjects, nowStacks := measure.Live()
	r.Live = float64(nowObjects+nowStacks-objects-stacks) / n
	f.done.Wait()
	f.tell(&r)
	transport.CloseIdleConnections()
	r.After = calm(before)
	return r, nil
}

// flood is many streams.
type flood struct {
	load      Load
	bare      bool
	session   peer.Session
	readers   []*reader
	measuring atomic.Bool
	done      sync.WaitGroup
	failed    atomic.Int64
	err       atomic.Pointer[error]
}

// open opens the streams evenly, and returns when the last one has been asked for.
func (f *flood) open(ctx context.Context) {
	start := time.Now()
	for i := range f.readers {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / opens)))
		f.done.Go(func() {
			if err := f.read(ctx, f.readers[i]); err != nil {
				f.failed.Add(1)
				f.err.CompareAndSwap(nil, &err)
			}
		})
	}
}

// await waits until all streams have begun, but no longer than that.
func (f *flood) await(atMost time.Duration) {
	for deadline := time.Now().Add(atMost); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		waiting := slices.ContainsFunc(f.readers, func(r *reader) bool { return r.events.Load() == 0 })
		if !waiting {
			return
		}
	}
}

func (f *flood) read(ctx context.Context, r *reader) error {
	start, see := time.Now(), r.see(&f.measuring)
	answer, err := f.session.Stream(ctx, func(text string) {
		if r.first == 0 && (f.bare || len(text) == len(stamp)) {
			r.first = time.Since(start)
		}
		see(text)
	})
	if want := f.load.events() * len(stamp); err == nil && !f.bare && len(answer.Text) != want {
		return fmt.Errorf("a text of %d bytes, want %d", len(answer.Text), want)
	}
	return err
}

func (f *flood) measure(r *Loaded) {
	f.measuring.Store(true)
	cpu, start, before := measure.CPU(), time.Now(), f.events()
	time.Sleep(f.load.Window)
	cpu, events, took := measure.CPU()-cpu, f.events()-before, time.Since(start)
	f.measuring.Store(false)
	r.CPU = float64(cpu) / float64(max(1, events))
	r.PerSecond = float64(events) / took.Seconds()
	r.Kept = r.PerSecond * f.load.Pace.Seconds() / float64(f.load.Streams)
}

func (f *flood) events() (n int64) {
	for i := range f.readers {
		n += f.readers[i].events.Load()
	}
	return n
}

// tell may only be asked for once all streams have ended.
func (f *flood) tell(r *Loaded) {
	var first, latencies []int64
	for i := range f.readers {
		if wait := f.readers[i].first; wait > 0 {
			first = append(first, int64(wait))
		}
		latencies = append(latencies, f.readers[i].latencies...)
	}
	r.First50, r.First99 = quantiles(first)
	r.P50, r.P99 = quantiles(latencies)
	r.Failed = int(f.failed.Load())
	if err := f.err.Load(); err != nil {
		r.Error = errors.Join(*err).Error()
	}
}

func quantiles(all []int64) (p50, p99 float64) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2]), float64(all[len(all)*99/100])
}

func holdings() Holdings { return Holdings{runtime.NumGoroutine(), measure.Sockets()} }

// calm waits until no more is held than before, and returns what is.
func calm(before Holdings) Holdings {
	for deadline := time.Now().Add(calms); ; time.Sleep(10 * time.Millisecond) {
		now := holdings()
		if now.Goroutines <= before.Goroutines && now.Sockets <= before.Sockets || time.Now().After(deadline) {
			return now
		}
	}
}

// String tells a load in a word or two, such as "1,000 streams".
func (l Load) String() string { return strconv.Itoa(l.Streams) + " streams of " + l.Peer }
