package keeprouter_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// TestVersionIsInTheChangelog holds a release to its entry: a version has one with a
// date, and one that is still in the making isn't the one that was released last.
func TestVersionIsInTheChangelog(t *testing.T) {
	data, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	text := string(data)
	require.Contains(t, text, "\n## Unreleased\n")
	require.Regexp(t, `^\d+\.\d+\.\d+(-dev)?$`, keeprouter.Version)
	released := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$`).FindStringSubmatch(text)
	version, dev := strings.CutSuffix(keeprouter.Version, "-dev")
	switch {
	case !dev && (released == nil || released[1] != version):
		t.Errorf("Version is %s, and the latest entry of CHANGELOG.md is %q", version, released)
	case dev && released != nil && released[1] == version:
		t.Errorf("%s is released: Version has to be that of the next one", version)
	}
}
