package measure

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMedianAndSpread(t *testing.T) {
	for _, tt := range []struct {
		name           string
		values         []float64
		median, spread float64
	}{
		{"none", nil, 0, 0},
		{"one", []float64{4}, 4, 0},
		{"an even number", []float64{3, 1}, 2, 0.25},
		{"unsorted", []float64{9, 1, 5, 7, 3}, 5, 0.4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if m, s := Median(tt.values), Spread(tt.values); m != tt.median || s != tt.spread {
				t.Errorf("median %v, spread %v; want %v, %v", m, s, tt.median, tt.spread)
			}
		})
	}
}

func TestTakeCountsEachUnit(t *testing.T) {
	var keep []byte
	calls := 0
	s, err := Take(0, 10, func() error {
		calls++
		for range 10 {
			keep = make([]byte, 1<<10)
		}
		return nil
	})
	require.NoError(t, err)
	_ = keep
	if calls != 2 || s.Units != 10 {
		t.Errorf("%d calls, %d units; want one to warm up and one of 10 units", calls, s.Units)
	}
	if s.Allocs < 1 || s.Allocs > 3 || s.Bytes < 1<<10 || s.Bytes > 3<<10 {
		t.Errorf("%v allocations of %v bytes a unit, want about 1 of 1024", s.Allocs, s.Bytes)
	}
}
