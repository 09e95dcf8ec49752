package keeprouter_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestFuzzTargetsAreListed holds docs/fuzzing.md to the targets that there are.
func TestFuzzTargetsAreListed(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	var there []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range target.FindAllStringSubmatch(string(code), -1) {
			there = append(there, m[1])
		}
		return err
	})
	require.NoError(t, err)
	page, err := os.ReadFile("docs/fuzzing.md")
	require.NoError(t, err)
	var listed []string
	for _, m := range regexp.MustCompile("\\| `(Fuzz\\w+)` \\|").FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(there)
	slices.Sort(listed)
	if diff := cmp.Diff(there, listed); diff != "" {
		t.Errorf("targets (-in the code +in docs/fuzzing.md):\n%s", diff)
	}
}
