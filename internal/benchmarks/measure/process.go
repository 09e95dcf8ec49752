// Package measure takes what a process costs: processor time, allocations, memory.
// It needs a Unix.
package measure

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
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

// PeakRSS returns the most resident memory that this process has had, in bytes.
func PeakRSS() int64 {
	if peak := statusKiB("VmHWM:"); peak > 0 {
		return peak << 10 // the kernel's other figure counts what the parent had before exec
	}
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

// RSS returns the resident memory of this process, in bytes; 0 where there is no
// /proc.
func RSS() int64 { return statusKiB("VmRSS:") << 10 }

func statusKiB(name string) int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kib
}

// Live collects garbage and returns the bytes of objects and of stacks that remain.
func Live() (objects, stacks int64) {
	runtime.GC()
	runtime.GC() // frees what pools held on to
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64()), int64(samples[1].Value.Uint64())
}
