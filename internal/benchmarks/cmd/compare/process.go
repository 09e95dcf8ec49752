package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/work"
)

func streams(s *settings) (string, error) { return s.groups(work.Streams, "ns", 1) }

func calls(s *settings) (string, error) { return s.groups(work.Calls, "µs", 1e3) }

// groups measures a kind of work in both formats and writes its tables. The time is
// in units of so many nanoseconds.
func (s *settings) groups(make func(feed.Format) (*work.Group, error), unit string, scale float64) (string, error) {
	var groups []*work.Group
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		g, err := make(format)
		if err != nil {
			return "", err
		}
		g.Rows = slices.DeleteFunc(g.Rows, func(r work.Row) bool { return !s.match.MatchString(r.Name) })
		groups = append(groups, g)
	}
	for range s.rounds {
		for _, g := range groups {
			for i := range g.Rows {
				if err := g.Rows[i].Take(s.sample); err != nil {
					return "", err
				}
			}
		}
	}
	var b strings.Builder
	for _, g := range groups {
		if len(g.Rows) > 0 {
			b.WriteString(tables(g, unit, scale))
			s.keep(g)
			s.summariseGroup(g)
		}
	}
	return b.String(), nil
}

func tables(g *work.Group, unit string, scale float64) string {
	peers := columns(g)
	cpu := report.Table{Head: append([]string{"CPU, " + unit + " a" + n(g.Unit)}, peers...)}
	allocs := report.Table{Head: append([]string{"allocations, bytes a" + n(g.Unit)}, peers...)}
	var spreads []float64
	for _, row := range g.Rows {
		cpuRow, allocRow := []string{row.Name}, []string{row.Name}
		base := 0.0
		for _, name := range peers {
			i := slices.IndexFunc(row.Cells, func(c work.Cell) bool { return c.Peer == name })
			if i < 0 {
				cpuRow, allocRow = append(cpuRow, ""), append(allocRow, "")
				continue
			}
			cell := row.Cells[i]
			times := pick(cell.Samples, func(m measure.Sample) float64 { return m.CPU / scale })
			spreads = append(spreads, measure.Spread(times))
			median := measure.Median(times)
			if i == 0 {
				base = median
				cpuRow = append(cpuRow, report.Number(median))
			} else {
				cpuRow = append(cpuRow, report.Ratio(median, base))
			}
			allocRow = append(allocRow, fmt.Sprintf("%s, %s",
				report.Number(measure.Median(pick(cell.Samples, func(m measure.Sample) float64 { return m.Allocs }))),
				report.Size(measure.Median(pick(cell.Samples, func(m measure.Sample) float64 { return m.Bytes })))))
		}
		cpu.Add(cpuRow...)
		allocs.Add(allocRow...)
	}
	return fmt.Sprintf("### %s\n\n%s\n%s\n%s", g.Title, cpu.String(), allocs.String(), spreadLine(spreads))
}

// n finishes an indefinite article.
func n(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "n " + noun
	}
	return " " + noun
}

func spreadLine(spreads []float64) string {
	return fmt.Sprintf("Half the distance between the quartiles, of the CPU times: %.0f %% as a rule, %.0f %% at worst.\n\n",
		100*measure.Median(spreads), 100*slices.Max(spreads))
}

// columns are the peers in the order of the first row that has most.
func columns(g *work.Group) []string {
	longest := slices.MaxFunc(g.Rows, func(a, b work.Row) int { return len(a.Cells) - len(b.Cells) })
	var names []string
	for _, c := range longest.Cells {
		names = append(names, c.Peer)
	}
	return names
}

func pick(samples []measure.Sample, of func(measure.Sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, m := range samples {
		values[i] = of(m)
	}
	return values
}

// keep notes the samples in the form of Go's benchmarks.
func (s *settings) keep(g *work.Group) {
	clean := strings.NewReplacer(", ", ",", "; ", "/", " + ", "+", " ", "_")
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			for _, m := range cell.Samples {
				s.samplesLines = append(s.samplesLines, fmt.Sprintf("Benchmark%s/work=%s/peer=%s %d %.3f ns/op %.3f B/op %.4f allocs/op",
					strings.ToUpper(g.Name[:1])+g.Name[1:], strings.ReplaceAll(clean.Replace(row.Name), "/", ","),
					strings.ReplaceAll(clean.Replace(cell.Peer), "/", "-"), m.Units, m.CPU, m.Bytes, m.Allocs))
			}
		}
	}
}

// summariseGroup takes, of the ways in which one stream arrives, the one that is
// worst for this library.
func (s *settings) summariseGroup(g *work.Group) {
	for _, row := range g.Rows {
		name, _, _ := strings.Cut(row.Name, ";")
		if !strings.HasPrefix(g.Name, "stream") {
			name = strings.TrimPrefix(g.Name, "call-") + ", " + name
		}
		for _, c := range row.Cells {
			s.summary.note(name, c.Peer, measure.Median(pick(c.Samples, func(m measure.Sample) float64 { return m.CPU })))
		}
	}
}
