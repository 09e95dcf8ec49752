package main

import (
	"fmt"
	"log"
	"path/filepath"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/footprint"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
)

func weights(s *settings) (string, error) {
	root, err := filepath.Abs(s.root)
	if err != nil {
		return "", err
	}
	table := report.Table{Head: []string{"a hello program of", "stripped binary, MB", "over net/http, MB", "packages", "modules", "go.sum lines", "first build, CPU s"}}
	var base int64
	for i, p := range footprint.Programs() {
		w, err := footprint.Weigh(p, root)
		if err != nil {
			return "", fmt.Errorf("%s: %w", p.Peer, err)
		}
		log.Printf("built %s", p.Peer)
		if i == 0 {
			base = w.Binary
		}
		table.Add(p.Peer, megabytes(w.Binary), megabytes(w.Binary-base),
			fmt.Sprint(w.Packages), fmt.Sprint(w.Modules), fmt.Sprint(w.SumLines), fmt.Sprintf("%.0f", w.BuildCPU.Seconds()))
	}
	return "### Footprint\n\n" + dateAndGo() + ".\n\n" + table.String(), nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f", float64(n)/1e6) }
