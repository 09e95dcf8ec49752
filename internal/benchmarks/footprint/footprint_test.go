package footprint

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostAdded is by how many bytes the library may make a program larger. What links more
// is often a way to encoding/json, or to the methods of a type that becomes an interface.
const mostAdded = 1_000_000

func TestTheLibraryAddsLittleToAProgram(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	size := func(peer int) int64 {
		n, err := Size(Programs()[peer], root)
		require.NoError(t, err)
		return n
	}
	bare, ours := size(0), size(1)
	t.Logf("%d bytes on net/http, %d more with the library", bare, ours-bare)
	if ours-bare > mostAdded {
		t.Errorf("the library adds %d bytes to a program that streams an answer, want at most %d", ours-bare, mostAdded)
	}
}
