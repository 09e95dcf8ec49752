// Package work lists what is measured inside one process: streams, and calls in
// parts and as a whole.
package work

import (
	"context"
	"fmt"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
)

// Group is work of one kind and format, for one table.
type Group struct {
	Name, Title string
	Unit        string // what a sample is the cost of
	Rows        []Row
}

// Row is one piece of work, done by several peers on the same bytes.
type Row struct {
	Name  string
	Cells []Cell
}

// Cell is the work of one peer.
type Cell struct {
	Peer    string
	Samples []measure.Sample
	units   int
	op      func() error
}

// Take adds a sample to each cell, so that a round meets every peer under the same
// circumstances.
func (r *Row) Take(long time.Duration) error {
	for i := range r.Cells {
		c := &r.Cells[i]
		s, err := measure.Take(long, c.units, c.op)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.Name, c.Peer, err)
		}
		c.Samples = append(c.Samples, s)
	}
	return nil
}

// Streams reads streams with their accumulation: every delta as a typed value, and
// the whole answer at the end.
func Streams(format feed.Format) (*Group, error) {
	g := &Group{
		Name:  "stream-" + string(format),
		Title: fmt.Sprintf("Streams, %s", format),
		Unit:  "event",
	}
	for _, stream := range peer.Streams(format) {
		for _, reads := range []feed.Reads{feed.OneEvent, feed.Many} {
			row := Row{Name: fmt.Sprintf("%s; %s", stream.Name, reads)}
			for _, p := range peer.Of(format) {
				session, err := p.Connect(peer.Server{URL: feed.Offline, HTTP: feed.NewTransport(stream, reads).Client()}, feed.Hello())
				if err != nil {
					return nil, err
				}
				row.Cells = append(row.Cells, Cell{Peer: p.Name, units: len(stream.Events), op: func() error {
					size := 0
					_, err := session.Stream(context.Background(), func(text string) { size += len(text) })
					return err
				}})
			}
			g.Rows = append(g.Rows, row)
		}
	}
	return g, nil
}

// Calls encodes requests, decodes answers, and makes whole calls without a network.
func Calls(format feed.Format) (*Group, error) {
	g := &Group{
		Name:  "call-" + string(format),
		Title: fmt.Sprintf("Requests and answers, %s", format),
		Unit:  "call",
	}
	tiny, small, large := peer.Whole(format, 1<<10), peer.Whole(format, 4<<10), peer.Whole(format, 100<<10)
	rows := []struct {
		name string
		make func(peer.Peer) (func() error, error)
	}{
		{"small call, whole", func(p peer.Peer) (func() error, error) { return call(p, feed.Hello(), tiny) }},
		{"encode 128 KB, JSON alone", encode},
		{"encode 128 KB, whole call", func(p peer.Peer) (func() error, error) { return call(p, feed.History(), tiny) }},
		{"decode 4 KB, JSON alone", func(p peer.Peer) (func() error, error) { return decode(p, small) }},
		{"decode 4 KB, whole call", func(p peer.Peer) (func() error, error) { return call(p, feed.Hello(), small) }},
		{"decode 100 KB, JSON alone", func(p peer.Peer) (func() error, error) { return decode(p, large) }},
		{"decode 100 KB, whole call", func(p peer.Peer) (func() error, error) { return call(p, feed.Hello(), large) }},
	}
	for _, r := range rows {
		row := Row{Name: r.name}
		for _, p := range peer.Of(format) {
			if p.Name == peer.AnthropicAsAny {
				continue // differs from its twin in streams only
			}
			op, err := r.make(p)
			if err != nil {
				return nil, err
			}
			if op != nil {
				row.Cells = append(row.Cells, Cell{Peer: p.Name, units: 1, op: op})
			}
		}
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

func call(p peer.Peer, c *feed.Conversation, answer *feed.Whole) (func() error, error) {
	session, err := p.Connect(peer.Server{URL: feed.Offline, HTTP: feed.NewWholeTransport(answer).Client()}, c)
	return func() error {
		_, err := session.Call(context.Background())
		return err
	}, err
}

func encode(p peer.Peer) (func() error, error) {
	session, err := p.Connect(peer.Server{URL: feed.Offline}, feed.History())
	return func() error {
		_, err := session.Encode()
		return err
	}, err
}

func decode(p peer.Peer, answer *feed.Whole) (func() error, error) {
	if p.Decode == nil {
		return nil, nil
	}
	return func() error {
		_, err := p.Decode(answer.Body)
		return err
	}, nil
}
