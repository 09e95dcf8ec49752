package gemmaoracle

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// realPieces reads the vocabulary with encoding/json.
func realPieces(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(tokenizerFile)
	require.NoError(t, err)
	var file struct {
		Model struct {
			Vocab map[string]int `json:"vocab"`
		} `json:"model"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	pieces := make([]string, len(file.Model.Vocab))
	for piece, id := range file.Model.Vocab {
		pieces[id] = piece
	}
	return pieces
}
