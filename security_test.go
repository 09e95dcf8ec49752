package keeprouter_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThreatsAreGuarded makes sure that each line of SECURITY.md's table names tests, and
// that they are where it says.
func TestThreatsAreGuarded(t *testing.T) {
	data, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	named := regexp.MustCompile(`\[((?:Test|Fuzz)\w+)\]\(([\w/.-]+_test\.go)\)`)
	threats := 0
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| threat ") {
			continue
		}
		threats++
		cells := strings.Split(line, "|")
		guards := named.FindAllStringSubmatch(cells[len(cells)-2], -1)
		if len(guards) == 0 || named.ReplaceAllString(strings.TrimSpace(cells[len(cells)-2]), "") != strings.Repeat(" ", len(guards)-1) {
			t.Errorf("the line names no test, or something else: %s", line)
		}
		for _, guard := range guards {
			code, err := os.ReadFile(filepath.FromSlash(guard[2]))
			if err != nil || !strings.Contains(string(code), "\nfunc "+guard[1]+"(") {
				t.Errorf("there is no %s in %s (%v)", guard[1], guard[2], err)
			}
		}
	}
	if threats < 20 {
		t.Errorf("the table has %d lines", threats)
	}
}
