package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/gemma"
)

func TestEstimatesItsOwnPrompts(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(nil, &out))
	for _, model := range []string{"gemma-4-31B-it", "gemini-3.5-flash"} {
		for _, prompt := range []string{"summary.txt", "extract.txt", "all"} {
			require.Regexp(t, regexp.MustCompile(`(?m)^ *`+regexp.QuoteMeta(model)+` +`+regexp.QuoteMeta(prompt)+` .*\$0\.\d+ *$`), out.String())
		}
	}
}

func TestEstimatesFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "prompt.txt")
	require.NoError(t, os.WriteFile(name, []byte(strings.Repeat("One more word. ", 1000)), 0o600))
	var out bytes.Buffer
	require.NoError(t, run([]string{"-max-tokens", "7", name}, &out))
	require.Contains(t, out.String(), "prompt.txt")
	require.Contains(t, out.String(), "at most 7 tokens")

	require.ErrorIs(t, run([]string{name + ".missing"}, &out), os.ErrNotExist)
	require.ErrorIs(t, run([]string{"-tokenizer", name + ".missing"}, &out), os.ErrNotExist)
	require.ErrorIs(t, run([]string{"-tokenizer", name}, &out), gemma.ErrFormat)
}
