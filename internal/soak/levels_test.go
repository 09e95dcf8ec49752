package soak

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// level is what the process holds at a moment.
type level struct {
	heap       int64 // bytes that are in use after a collection, stacks included
	goroutines int
	sockets    int
}

func measure() level {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return level{int64(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine(), sockets()}
}

// sockets are those of this process, 0 where there is no /proc.
func sockets() (n int) {
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, "socket:") {
			n++
		}
	}
	return n
}

// watch measures until it is stopped, and returns the levels.
func watch(every time.Duration) (stop func() []level) {
	ended, levels := make(chan struct{}), make(chan []level)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		var all []level
		for {
			select {
			case <-tick.C:
				all = append(all, measure())
			case <-ended:
				levels <- all
				return
			}
		}
	}()
	return func() []level {
		close(ended)
		return <-levels
	}
}

// dimension is one of the things that must not grow.
type dimension struct {
	name  string
	of    func(level) int64
	noise func(before int64) int64 // what may be added by chance
}

func dimensions() []dimension {
	return []dimension{
		{"heap, KiB", func(l level) int64 { return l.heap >> 10 }, func(b int64) int64 { return b/10 + 2<<10 }},
		{"goroutines", func(l level) int64 { return int64(l.goroutines) }, func(b int64) int64 { return b/4 + 20 }},
		{"sockets", func(l level) int64 { return int64(l.sockets) }, func(b int64) int64 { return b/4 + 10 }},
	}
}

// flat compares the quarters of a run: in the first the pools and journals fill, and
// in the last there must be no more than in the third.
func flat(t *testing.T, levels []level) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%-12s %10s %10s %10s %10s\n", "median of", "1st quarter", "2nd", "3rd", "4th")
	for _, d := range dimensions() {
		var quarters [4]int64
		for i := range quarters {
			quarters[i] = median(levels[len(levels)*i/4:len(levels)*(i+1)/4], d.of)
		}
		fmt.Fprintf(&out, "%-12s %11d %10d %10d %10d\n", d.name, quarters[0], quarters[1], quarters[2], quarters[3])
		if third, last := quarters[2], quarters[3]; last > third+d.noise(third) {
			t.Errorf("%s grow: %d in the third quarter, %d in the last", d.name, third, last)
		}
	}
	return out.String()
}

func median(levels []level, of func(level) int64) int64 {
	if len(levels) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(levels), func(a, b level) int { return cmp.Compare(of(a), of(b)) })
	return of(sorted[len(sorted)/2])
}
