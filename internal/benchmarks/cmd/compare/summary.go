package main

import (
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
)

// summary holds how many times this library's cost the others' is, one line for
// each piece of work.
type summary struct{ lines []line }

type line struct {
	work   string
	own    float64
	ratios map[string]float64 // by peer; the smallest where there were several
}

// note adds a figure. This library's must come before the others' of the same work.
func (s *summary) note(work, name string, value float64) {
	i := slices.IndexFunc(s.lines, func(l line) bool { return l.work == work })
	if i < 0 {
		i = len(s.lines)
		s.lines = append(s.lines, line{work: work, ratios: map[string]float64{}})
	}
	l := &s.lines[i]
	if name == peer.Keeprouter {
		l.own = value
		return
	}
	if l.own == 0 {
		return
	}
	if old, ok := l.ratios[name]; !ok || value/l.own < old {
		l.ratios[name] = value / l.own
	}
}

func (s *summary) String() string {
	var names []string
	for _, p := range peer.All() {
		if p.Name != peer.Keeprouter && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	table := report.Table{Head: append([]string{"times keeprouter's"}, names...)}
	for _, l := range s.lines {
		row := []string{l.work}
		for _, name := range names {
			text := ""
			if r, ok := l.ratios[name]; ok {
				text = report.Times(r)
			}
			row = append(row, text)
		}
		table.Add(row...)
	}
	return table.String()
}
