// Package measure takes what a process costs: processor time, allocations, memory.
// It needs a Unix.
package measure

import (
	"bytes"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"syscall"
	"time"
)

// CPU returns the user and system time of this process so far, the collector's
// included.
func CPU() time.Duration {
	u := usage(syscall.RUSAGE_SELF)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ChildrenCPU is that of the children that have ended.
func ChildrenCPU() time.Duration {
	u := usage(syscall.RUSAGE_CHILDREN)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// PeakRSS returns the most memory that this process has had, in bytes.
func PeakRSS() int64 {
	peak := usage(syscall.RUSAGE_SELF).Maxrss
	if runtime.GOOS == "darwin" {
		return peak
	}
	return peak << 10
}

func usage(who int) syscall.Rusage {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return syscall.Rusage{}
	}
	return u
}

// RSS returns the memory of this process, in bytes; 0 where there is no /proc.
func RSS() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(data)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// Live collects garbage and returns the bytes of objects and stacks that remain.
func Live() int64 {
	runtime.GC()
	runtime.GC() // frees what pools held on to
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() + samples[1].Value.Uint64())
}
