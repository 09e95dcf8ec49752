package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/work"
)

func group(own, other float64) *work.Group {
	cell := func(name string, cpu float64) work.Cell {
		return work.Cell{Peer: name, Samples: []measure.Sample{{CPU: cpu, Allocs: 2, Bytes: 300, Units: 10}}}
	}
	return &work.Group{Name: "stream-chat", Title: "Streams, chat", Unit: "event", Rows: []work.Row{
		{Name: "chat, text; one event a read", Cells: []work.Cell{cell(peer.Keeprouter, own), cell("openai-go", other)}},
		{Name: "chat, text; 16 KiB a read", Cells: []work.Cell{cell(peer.Keeprouter, own), cell("openai-go", 2*other)}},
	}}
}

func TestTables(t *testing.T) {
	want := `### Streams, chat

| CPU, ns an event | keeprouter | openai-go |
|---|--:|--:|
| chat, text; one event a read | 100 | 1,500 (×15) |
| chat, text; 16 KiB a read | 100 | 3,000 (×30) |

| allocations, bytes an event | keeprouter | openai-go |
|---|--:|--:|
| chat, text; one event a read | 2.00, 300 B | 2.00, 300 B |
| chat, text; 16 KiB a read | 2.00, 300 B | 2.00, 300 B |

Half the distance between the quartiles, of the CPU times: 0 % as a rule, 0 % at worst.

`
	if diff := cmp.Diff(want, tables(group(100, 1500), "ns", 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSummaryTakesTheSmallestRatio(t *testing.T) {
	s := new(settings)
	s.summariseGroup(group(100, 1500))
	want := []map[string]float64{{"openai-go": 15}}
	var got []map[string]float64
	for _, l := range s.summary.lines {
		got = append(got, l.ratios)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSamplesAreGoBenchmarks(t *testing.T) {
	s := new(settings)
	s.keep(group(100, 1500))
	want := "BenchmarkStream-chat/work=chat,text,one_event_a_read/peer=keeprouter 10 100.000 ns/op 300.000 B/op 2.0000 allocs/op"
	if diff := cmp.Diff(want, s.samplesLines[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
