package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
)

// machine says what the figures hold for.
func machine(s *settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d cores of %s, %s of memory, a load of %s at the start; %d rounds of %s.\n\n",
		dateAndGo(), runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memoryTotal(), loadAverage(),
		s.rounds, strings.Join(s.only, ", "))
	fmt.Fprintf(&b, "Versions: %s.\n\n", strings.Join(versions(), ", "))
	fmt.Fprintf(&b, "Streams: %s.\n", peer.Shapes())
	return b.String()
}

func dateAndGo() string {
	return fmt.Sprintf("Measured on %s with %s on %s/%s", time.Now().UTC().Format("2006-01-02"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// loadAverage is how many processes wanted a core in the last minute.
func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown size"
	}
	first, _, _ := strings.Cut(string(data), " ")
	return first
}

// field returns a value of a file with lines of "name : value".
func field(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func memoryTotal() string {
	var kib int64
	if _, err := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%d GiB", (kib+1<<19)>>20)
}

func versions() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var found []string
	for _, dep := range info.Deps {
		name := dep.Path[strings.Index(dep.Path, "/")+1:]
		if slices.Contains([]string{"openai/openai-go/v3", "anthropics/anthropic-sdk-go", "sashabaranov/go-openai", "tmaxmax/go-sse"}, name) {
			found = append(found, name+" "+dep.Version)
		}
	}
	return found
}
