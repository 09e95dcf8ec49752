package keeprouter

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestUsageString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		usage Usage
		want  string
	}{
		{Usage{}, "0 in, 0 out"},
		{Usage{Unknown: true}, "unknown"},
		{Usage{Input: 1000, Output: 500}, "1,000 in, 500 out"},
		{Usage{Input: 1000, CachedInput: 200, Output: 500, Reasoning: 100}, "1,000 in (200 cached), 500 out (100 reasoning)"},
		{
			Usage{Input: 1234567, CachedInput: 1, CacheWrite: 2, CacheWrite1h: 3, InputAudio: 4, Output: 999, Reasoning: 5, OutputAudio: 6},
			"1,234,567 in (1 cached, 2 cache write, 3 cache write 1h, 4 audio), 999 out (5 reasoning, 6 audio)",
		},
		{Usage{Input: -1000}, "-1,000 in, 0 out"},
	} {
		if got := tt.usage.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestUsageValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		usage Usage
		field string // empty when the usage is consistent
	}{
		{"nothing", Usage{}, ""},
		{"totals", Usage{Input: 1000, Output: 500}, ""},
		{"unknown", Usage{Unknown: true}, ""},
		{"parts fill their totals", Usage{Input: 6, CachedInput: 1, CacheWrite: 2, CacheWrite1h: 3, Output: 5, Reasoning: 2, OutputAudio: 3}, ""},
		{"audio read from the cache", Usage{Input: 10, CachedInput: 9, InputAudio: 8}, ""},
		{"negative input", Usage{Input: -1}, "Usage.Input"},
		{"negative output", Usage{Output: -1}, "Usage.Output"},
		{"negative part", Usage{Input: 5, CacheWrite: -1}, "Usage.CacheWrite "},
		{"negative audio", Usage{Output: 5, OutputAudio: -1}, "Usage.OutputAudio"},
		{"cached counted outside", Usage{Input: 100, CachedInput: 101}, "Usage.CachedInput"},
		{"cache parts together", Usage{Input: 100, CachedInput: 60, CacheWrite: 40, CacheWrite1h: 1}, "Usage.CacheWrite1h"},
		{"too much audio", Usage{Input: 100, InputAudio: 101}, "Usage.InputAudio"},
		{"reasoning counted outside", Usage{Output: 100, Reasoning: 101}, "Usage.Reasoning"},
		{"reasoning and audio together", Usage{Output: 100, Reasoning: 60, OutputAudio: 41}, "Usage.OutputAudio"},
		{"a sum that overflows", Usage{Input: 5, CachedInput: math.MaxInt64, CacheWrite: math.MaxInt64, CacheWrite1h: 2}, "Usage.CachedInput"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.usage.Validate()
			if tt.field == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrInconsistentUsage)
			require.ErrorContains(t, err, "keeprouter: "+tt.field)
		})
	}
}

func TestUsageJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Usage{Input: 10, CacheWrite1h: 3})
	require.NoError(t, err)
	if diff := cmp.Diff(`{"input":10,"cache_write_1h":3,"output":0}`, string(data)); diff != "" {
		t.Error(diff)
	}
}
