package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const page = "../pricepages/testdata/gemma-4-31b.md"

func TestCommandWritesTheEmbeddedTable(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../../prices.json")
	require.NoError(t, err)
	table := filepath.Join(t.TempDir(), "prices.json")
	for range 2 { // at first there is no table
		require.NoError(t, run([]string{"-table", table, "-aliases", "aliases.json", page}, io.Discard))
		got, err := os.ReadFile(table)
		require.NoError(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCommandLeavesTheTableOnAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.md")
	require.NoError(t, os.WriteFile(broken, []byte("# Nothing\n"), 0o600))
	table := filepath.Join(dir, "prices.json")
	require.NoError(t, os.WriteFile(table, []byte("{}\n"), 0o600))
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no pages":          {nil, "give the pages to read"},
		"a broken page":     {[]string{"-table", filepath.Join(dir, "new.json"), broken}, "broken.md:1: there is no spec table"},
		"a broken table":    {[]string{page}, "prices.json: "},
		"a page is missing": {[]string{"-table", filepath.Join(dir, "new.json"), filepath.Join(dir, "none.md")}, "none.md"},
		"no aliases":        {[]string{"-table", filepath.Join(dir, "new.json"), "-aliases", filepath.Join(dir, "none.json"), page}, "none.json"},
		"broken aliases":    {[]string{"-table", filepath.Join(dir, "new.json"), "-aliases", broken, page}, "broken.md: invalid character"},
		"an unknown flag":   {[]string{"-price", "0"}, "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"-table", table, "-aliases", "aliases.json"}, tt.args...)
			require.ErrorContains(t, run(args, io.Discard), tt.want)
		})
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	if len(left) != 2 {
		t.Errorf("%d files are left, want the two from before", len(left))
	}
	data, err := os.ReadFile(table)
	require.NoError(t, err)
	if string(data) != "{}\n" {
		t.Errorf("the table was changed to %s", data)
	}
}
