package translate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCharactersCutInTwoAreJoined cuts texts between two events at every place that a
// server can: between any two bytes, but not inside an escape.
func TestCharactersCutInTwoAreJoined(t *testing.T) {
	const event = `{"choices":[{"index":0,"delta":{"role":"assistant","content":"%s"}}]}`
	for _, literal := range []string{`a\ud83d\ude00b`, `é😀\\ud83d`, `\\\uD83D\uDE00`, `日本\n語`, ``} {
		for at := range len(literal) + 1 {
			if insideEscape(literal, at) {
				continue
			}
			var h halves
			got := ""
			for _, piece := range []string{literal[:at], "", literal[at:]} {
				data := fmt.Appendf(nil, event, piece)
				var chunk struct {
					Choices []struct {
						Delta struct{ Role, Content string }
					}
				}
				require.NoError(t, json.Unmarshal(h.join(bytes.Clone(data)), &chunk))
				require.Equal(t, "assistant", chunk.Choices[0].Delta.Role)
				got += chunk.Choices[0].Delta.Content
			}
			var want string
			require.NoError(t, json.Unmarshal([]byte(`"`+literal+`"`), &want))
			require.Equal(t, want, got, "%s cut at %d", literal, at)
		}
	}
}

// insideEscape reports whether a place is between the bytes of one escape.
func insideEscape(literal string, at int) bool {
	for i := 0; i < at; {
		size := 1
		if literal[i] == '\\' {
			if size = 2; literal[i+1] == 'u' {
				size = 6
			}
		}
		if i += size; i > at {
			return true
		}
	}
	return false
}

// TestJoiningLeavesTheRestAlone has texts that no piece follows, and what is no JSON.
func TestJoiningLeavesTheRestAlone(t *testing.T) {
	var h halves
	for _, data := range []string{
		`{"id":"\ud83d","content":"a"}`, `{"content":"\u00e9","n":1}`, `{"content":["\u00e9"]}`, "{\"content\":\"\xff\xfe cut", `"`, ``,
	} {
		require.Equal(t, data, string(h.join([]byte(data))))
		require.Empty(t, h.kept)
	}
	require.Equal(t, `{"content":"a"}`, string(h.join([]byte(`{"content":"a\ud83d"}`))))
	require.Equal(t, `{"text":"b"}`, string(h.join([]byte(`{"text":"b"}`))), "another member's")
	require.Equal(t, `{"content":"\ud83dx"}`, string(h.join([]byte(`{"content":"x"}`))), "no other half comes")
}
