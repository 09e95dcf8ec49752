package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestFigures(t *testing.T) {
	got := []string{
		Number(18072.4), Number(1234567), Number(99.96), Number(5.4321), Number(0.021), Number(0.001),
		Size(301), Size(42 << 10), Size(3.5 * (1 << 20)),
		Ratio(18072, 88), Ratio(110, 100), Ratio(50, 100), Ratio(3, 0), Times(0.021),
	}
	want := []string{
		"18,072", "1,234,567", "100.0", "5.43", "0.02", "0",
		"301 B", "42.0 KiB", "3.50 MiB",
		"18,072 (×205)", "110 (×1.1)", "50.0 (×0.50)", "3.00", "×0.021",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(path, []byte("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n"), 0o600))
	table := &Table{Head: []string{"work", "ns"}}
	table.Add("text", "1")
	require.NoError(t, Replace(path, "x", table.String()))
	require.Error(t, Replace(path, "y", "lost"))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	want := "a\n<!-- x:begin -->\n\n| work | ns |\n|---|--:|\n| text | 1 |\n\n<!-- x:end -->\nb\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
