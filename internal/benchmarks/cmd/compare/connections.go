package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/loopback"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
)

// trial is one load on one format, done by every peer of it.
type trial struct {
	name    string
	job     loopback.Job
	peers   []string
	results [][]loopback.Result // by peer
}

func trials(name string, job loopback.Job) []*trial {
	var both []*trial
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		t := &trial{name: fmt.Sprintf("%s, %s", format, name), job: job}
		t.job.Format = format
		for _, p := range peer.Of(format) {
			t.peers = append(t.peers, p.Name)
		}
		t.results = make([][]loopback.Result, len(t.peers))
		both = append(both, t)
	}
	return both
}

// figure is what one connection table tells.
type figure struct {
	title    string
	of       func(loopback.Result) float64
	compared bool   // with ratios, and a column for that to bare net/http
	summary  string // the name of its rows in the summary; empty for none
}

const manyStreams = "1,000 streams"

func load(s *settings) (string, error) {
	var all []*trial
	for _, n := range []struct {
		name  string
		count int
	}{{"1 stream", 1}, {"100 streams", 100}, {manyStreams, 1000}} {
		all = append(all, trials(n.name, loopback.Job{Mode: loopback.Full, Streams: n.count, Window: s.window})...)
	}
	return s.connections("Loopback: separate processes, a flush an event", all, s.rounds,
		figure{"client's CPU, µs an event", func(r loopback.Result) float64 { return r.CPU / 1e3 }, true, "loopback"},
		figure{"events a second, both processes on the same cores", func(r loopback.Result) float64 { return r.PerSecond }, false, ""},
		figure{"client's peak RSS, MiB", func(r loopback.Result) float64 { return r.PeakRSS / (1 << 20) }, false, ""})
}

func memory(s *settings) (string, error) {
	all := trials("1,000 idle streams", loopback.Job{Mode: loopback.Idle, Streams: 1000, Window: s.window / 2})
	// In one round a collection finds the goroutines where it can make their stacks
	// smaller, in the next it doesn't, for any client; hence more rounds.
	return s.connections("Memory of an open stream", all, 3*s.rounds,
		figure{"objects and stacks after a collection, KiB a stream", func(r loopback.Result) float64 { return (r.Objects + r.Stacks) / (1 << 10) }, true, "memory"},
		figure{"objects alone", func(r loopback.Result) float64 { return r.Objects / (1 << 10) }, true, ""},
		figure{"goroutines' stacks alone", func(r loopback.Result) float64 { return r.Stacks / (1 << 10) }, true, ""},
		figure{"RSS, KiB a stream", func(r loopback.Result) float64 { return r.RSS / (1 << 10) }, true, ""})
}

func latency(s *settings) (string, error) {
	all := trials("500 streams × 50 events a second", loopback.Job{Mode: loopback.Paced, Streams: 500, Window: 3 * s.window})
	return s.connections("Latency, from the server's flush to the loop's body", all, min(s.rounds, 3),
		figure{"p50, µs", func(r loopback.Result) float64 { return r.P50 / 1e3 }, true, "latency, p50"},
		figure{"p99, µs", func(r loopback.Result) float64 { return r.P99 / 1e3 }, true, ""},
		figure{"client's CPU, µs an event", func(r loopback.Result) float64 { return r.CPU / 1e3 }, true, ""},
		figure{"events a second", func(r loopback.Result) float64 { return r.PerSecond }, false, ""})
}

func (s *settings) connections(title string, all []*trial, rounds int, figures ...figure) (string, error) {
	all = slices.DeleteFunc(all, func(t *trial) bool { return !s.match.MatchString(t.name) })
	if len(all) == 0 {
		return "", nil
	}
	for range rounds {
		for _, t := range all {
			if err := t.take(); err != nil {
				return "", err
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\nRounds: %d.\n\n", title, rounds)
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		some := slices.DeleteFunc(slices.Clone(all), func(t *trial) bool { return t.job.Format != format })
		for _, f := range figures {
			if len(some) > 0 {
				b.WriteString(f.table(some) + "\n")
				s.summarise(f, some)
			}
		}
	}
	return b.String(), nil
}

// take runs every peer once, each against a server of its own, so that none meets
// what another left behind.
func (t *trial) take() error {
	for i, name := range t.peers {
		server, err := loopback.Start("serve")
		if err != nil {
			return err
		}
		job := t.job
		job.Server, job.Peer = server.URL, name
		r, err := loopback.Do(job, "job")
		if stop := server.Stop(); err == nil {
			err = stop
		}
		if err != nil {
			return err
		}
		t.results[i] = append(t.results[i], r)
		time.Sleep(10 * time.Millisecond) // lets the kernel take its sockets back
	}
	return nil
}

func (f figure) table(trials []*trial) string {
	table := report.Table{Head: append([]string{f.title}, trials[0].peers...)}
	if f.compared {
		table.Head = append(table.Head, "keeprouter over net/http")
	}
	for _, t := range trials {
		values := f.medians(t)
		row := []string{t.name, report.Number(values[0])}
		for _, v := range values[1:] {
			if f.compared {
				row = append(row, report.Ratio(v, values[0]))
			} else {
				row = append(row, report.Number(v))
			}
		}
		if bare := values[len(values)-1]; f.compared && bare > 0 {
			row = append(row, report.Times(values[0]/bare))
		}
		table.Add(row...)
	}
	return table.String()
}

// medians are by peer, this library's first and bare net/http's last.
func (f figure) medians(t *trial) []float64 {
	var medians []float64
	for _, results := range t.results {
		values := make([]float64, len(results))
		for i, r := range results {
			values[i] = f.of(r)
		}
		medians = append(medians, measure.Median(values))
	}
	return medians
}

func (s *settings) summarise(f figure, trials []*trial) {
	last := trials[len(trials)-1] // the one with the most streams
	if f.summary == "" || last.job.Streams < 500 {
		return
	}
	for i, v := range f.medians(last) {
		s.summary.note(f.summary+": "+last.name, last.peers[i], v)
	}
}
