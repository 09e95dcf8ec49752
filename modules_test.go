package keeprouter_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestModules holds go.sum to a list, so that a module which somebody else's update
// brings along shows in review. What users of the library link of it is in .ci/lint; the
// others are for tests.
func TestModules(t *testing.T) {
	want := []string{
		"github.com/google/go-cmp",
		"github.com/google/jsonschema-go",
		"github.com/stretchr/testify",
		"github.com/tmaxmax/go-sse",
		"go.uber.org/goleak",
		"go.yaml.in/yaml/v3",
	}
	data, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	var got []string
	for line := range strings.Lines(string(data)) {
		got = append(got, strings.Fields(line)[0])
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("modules (-listed +go.sum):\n%s", diff)
	}
}
