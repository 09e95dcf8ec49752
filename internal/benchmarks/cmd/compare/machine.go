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
	fmt.Fprintf(&b, "Measured on %s with %s on %s/%s: %d cores of %s, %s of memory; sections %s; %d rounds.\n",
		time.Now().UTC().Format("2006-01-02"), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memoryTotal(), strings.Join(s.only, ", "), s.rounds)
	fmt.Fprintf(&b, "Versions: %s.\n", strings.Join(versions(), ", "))
	fmt.Fprintf(&b, "Streams: %s.\n", peer.Shapes())
	return b.String()
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
