package main

import (
	"fmt"
	"log"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/loopback"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
)

// loadSettings are the part of the command line that is for the section "load".
type loadSettings struct {
	streams streamCounts
	pace    time.Duration // at which every count is measured
	hurry   time.Duration // at which the most that a client manages is looked for
	window  time.Duration
}

// streamCounts is a flag, such as 1000,10000.
type streamCounts []int

// String implements flag.Value.
func (c *streamCounts) String() string {
	var texts []string
	for _, n := range *c {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}

// Set implements flag.Value.
func (c *streamCounts) Set(text string) error {
	*c = nil
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no number of streams", field)
		}
		*c = append(*c, n)
	}
	return nil
}

// manages tells whether a client kept pace: 95 % of the schedule, without an error.
func manages(r loopback.Loaded) bool { return r.Kept >= 0.95 && r.Failed == 0 }

// compared are the clients that are put under load, with bare net/http as the floor.
func compared(format feed.Format) []string {
	var names []string
	for _, p := range peer.Of(format) {
		if p.Name != peer.AnthropicAsAny && p.Name != peer.PlainDecoder {
			names = append(names, p.Name)
		}
	}
	return names
}

func loads(s *settings) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "### Load: many streams in one process\n\n%s: %d cores of %s, %s of memory, which client and gateway share; a load of %s at the start. Versions: %s.\n\n",
		dateAndGo(), runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memoryTotal(), loadAverage(), strings.Join(versions(), ", "))
	fmt.Fprintf(&b, "An event every %v, for %v after all streams are open.\n\n", s.load.pace, s.load.window)
	fixed := loadTable()
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		for _, n := range s.load.streams {
			for _, name := range compared(format) {
				r, err := s.put(format, name, n, s.load.pace)
				if err != nil {
					return "", err
				}
				fixed.Add(loadRow(format, name, n, r)...)
			}
		}
	}
	b.WriteString(fixed.String())
	fmt.Fprintf(&b, "\nAn event every %v: the most streams that each client manages, from %s down by halves. To manage is to get 95 %% of the schedule's events in time, without an error.\n\n",
		s.load.hurry, report.Number(float64(slices.Max(s.load.streams))))
	most := loadTable()
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		for _, name := range compared(format) {
			n, r, err := s.most(format, name)
			if err != nil {
				return "", err
			}
			most.Add(loadRow(format, name, n, r)...)
		}
	}
	b.WriteString(most.String())
	return b.String(), nil
}

// most halves the number of streams until the client manages it.
func (s *settings) most(format feed.Format, name string) (int, loopback.Loaded, error) {
	for n := slices.Max(s.load.streams); ; n /= 2 {
		r, err := s.put(format, name, n, s.load.hurry)
		if err != nil || manages(r) || n <= 10 {
			return n, r, err
		}
	}
}

// put loads a client once, against a server of its own.
func (s *settings) put(format feed.Format, name string, streams int, pace time.Duration) (loopback.Loaded, error) {
	server, err := loopback.Start("serve")
	if err != nil {
		return loopback.Loaded{}, err
	}
	r, err := loopback.DoLoad(loopback.Load{
		Server: server.URL, Peer: name, Format: format, Streams: streams, Pace: pace, Window: s.load.window, Slack: max(s.load.window/5, pace),
	}, "load")
	if stop := server.Stop(); err == nil {
		err = stop
	}
	log.Printf("%s, %s, %d streams, an event every %v: %.1f %% of the schedule, %d failed %s", format, name, streams, pace, 100*r.Kept, r.Failed, r.Error)
	return r, err
}

func loadTable() *report.Table {
	return &report.Table{Head: []string{
		"client", "streams", "events a second", "of the schedule", "CPU, µs an event", "live, KiB a stream", "RSS, KiB a stream",
		"latency p50, ms", "p99, ms", "first event p50, ms", "p99, ms", "goroutines before, open, after", "sockets before, open, after", "failed",
	}}
}

func loadRow(format feed.Format, name string, streams int, r loopback.Loaded) []string {
	millis := func(v float64) string { return report.Number(v / 1e6) }
	held := func(before, open, after int) string { return fmt.Sprintf("%d, %d, %d", before, open, after) }
	return []string{
		string(format) + ", " + name, report.Number(float64(streams)), report.Number(r.PerSecond), fmt.Sprintf("%.1f %%", 100*r.Kept),
		report.Number(r.CPU / 1e3), report.Number(r.Live / (1 << 10)), report.Number(r.RSS / (1 << 10)),
		millis(r.P50), millis(r.P99), millis(r.First50), millis(r.First99),
		held(r.Before.Goroutines, r.Open.Goroutines, r.After.Goroutines), held(r.Before.Sockets, r.Open.Sockets, r.After.Sockets), strconv.Itoa(r.Failed),
	}
}
