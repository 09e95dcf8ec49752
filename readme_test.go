package keeprouter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestREADME makes sure that the README's Go is that of examples which run.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tests, err := filepath.Glob("keeproutertest/*_test.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range append(files, tests...) {
		if file == "readme_test.go" {
			continue
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		code.WriteString(unindented(string(data)) + "\n")
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(code.String(), unindented(block)) {
			t.Errorf("no example holds this block of the README:\n%s", block)
		}
	}
}

// unindented takes off the white space at both ends of each line.
func unindented(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
