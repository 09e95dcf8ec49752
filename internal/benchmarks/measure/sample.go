package measure

import (
	"runtime"
	"slices"
	"time"
)

// Sample is what one unit of work cost, such as an event or a call.
type Sample struct {
	CPU    float64 // nanoseconds
	Allocs float64
	Bytes  float64 // allocated
	Units  int     // how many it is the mean of
}

// Take repeats op, which does so many units of work, for about that long.
func Take(long time.Duration, units int, op func() error) (Sample, error) {
	if err := op(); err != nil { // warms pools and caches
		return Sample{}, err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start, times := CPU(), time.Now(), 0
	for done := false; !done; done = time.Since(start) >= long {
		if err := op(); err != nil {
			return Sample{}, err
		}
		times++
	}
	cpu = CPU() - cpu
	runtime.ReadMemStats(&after)
	n := float64(times * units)
	return Sample{
		CPU:    float64(cpu) / n,
		Allocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
		Units:  times * units,
	}, nil
}

// Median returns the middle of the values.
func Median(values []float64) float64 { return quantile(values, 0.5) }

// Spread is half the distance between the quartiles, as a part of the median.
func Spread(values []float64) float64 {
	m := Median(values)
	if m == 0 {
		return 0
	}
	return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / m
}

// quantile interpolates between the two nearest values.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}
