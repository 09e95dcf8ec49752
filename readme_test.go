package keeprouter_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestREADME makes sure that the Go in README and docs is that of examples and tests
// which run.
func TestREADME(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	var code strings.Builder
	for _, folder := range []string{".", "keeproutertest", "translate"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		require.NoError(t, err)
		for _, file := range files {
			if file == "readme_test.go" {
				continue
			}
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			code.WriteString(unindented(string(data)) + "\n")
		}
	}
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks := strings.Split(string(text), "```go\n")[1:]
		if page == "README.md" {
			require.NotEmpty(t, blocks)
		}
		for _, block := range blocks {
			block, _, _ = strings.Cut(block, "```")
			if page == "README.md" && strings.HasPrefix(block, "package main") {
				continue // TestREADMEProgram runs it
			}
			if !strings.Contains(code.String(), unindented(block)) {
				t.Errorf("no example holds this block of %s:\n%s", page, block)
			}
		}
	}
}

// TestLinks makes sure that the files which the pages link to are there.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	tops, err := filepath.Glob("*.md")
	require.NoError(t, err)
	code := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range append(pages, tops...) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, target := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), "code"), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target[1])); err != nil {
				t.Errorf("%s links to %s, which isn't there", page, target[1])
			}
		}
	}
}

// TestREADMEProgram builds the README's whole program and runs it against the local
// gateway on a port.
func TestREADMEProgram(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, program, found := strings.Cut(string(readme), "```go\npackage main\n")
	require.True(t, found)
	program, _, found = strings.Cut(program, "```")
	require.True(t, found)
	program = "package main\n" + program
	require.LessOrEqual(t, strings.Count(program, "\n"), 25)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600))

	gateway := keeproutertest.NewServer(t,
		keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{Name: "forecast", Arguments: `{"City":"Bern"}`}}, Usage: &keeproutertest.Usage{Input: 500, Output: 250}},
		keeproutertest.Reply{Text: "No, it stays dry.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}},
	)
	srv := httptest.NewServer(gateway)
	defer srv.Close()
	run := exec.CommandContext(t.Context(), "go", "run", filepath.Join(dir, "main.go"))
	run.Env = append(os.Environ(), "KEEPROUTER_KEY="+keeproutertest.Key, "KEEPROUTER_BASE_URL="+srv.URL)
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "No, it stays dry. $0.0004425\n", string(out))
	require.Contains(t, string(gateway.Requests()[1].Body), "sunny in Bern")
}

// unindented takes off the white space at both ends of each line.
func unindented(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
