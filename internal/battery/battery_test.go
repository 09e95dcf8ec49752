package battery

import (
	"flag"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

var (
	full   = flag.Bool("full", false, "try every place of every fault, and compare the table with testdata/table.md")
	update = flag.Bool("update", false, "with -full, write testdata/table.md")
)

// sparse is the distance of the places that are tried without -full. It is prime, so
// that it falls into no rhythm of the answers.
const sparse = 61

const golden = "testdata/table.md"

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http reports what servers send unasked
	goleak.VerifyTestMain(m)
}

// faults is the battery.
func faults() []*fault {
	return slices.Concat(cutFaults(), damageFaults(), answerFaults(), sizeFaults(), connectFaults(), tlsFaults(), http2Faults())
}

// TestBattery tries every fault at every place of every operation in both formats.
func TestBattery(t *testing.T) {
	prices := keeproutertest.Prices(t, "2026-11-01")
	var rows []*row
	for _, op := range operations {
		for _, f := range formats {
			ref := record(t, lane{f, op})
			for _, fault := range faults() {
				if fault.on == nil || fault.on(op) {
					rows = append(rows, &row{reference: ref, fault: fault})
				}
			}
		}
	}
	t.Run("rows", func(t *testing.T) {
		for _, r := range rows {
			t.Run(strings.ReplaceAll(r.fault.name+"/"+r.lane.String(), " ", "_"), func(t *testing.T) {
				t.Parallel()
				r.run(t, prices)
			})
		}
	})
	text := table(rows)
	t.Log("\n" + text)
	if !*full || t.Failed() {
		return
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("outcomes have changed; if that is meant, run with -full -update (-want +got):\n%s", diff)
	}
}
