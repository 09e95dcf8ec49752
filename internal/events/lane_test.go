package events

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// go-sse reads what the short lane leaves to it, so the events alone don't tell the two apart.
func TestShortLaneTakesOnlyUsualFrames(t *testing.T) {
	tests := []struct {
		name, frame string
		want        bool
	}{
		{"data", "data: a\n\n", true},
		{"data without space", "data:a\n\n", true},
		{"data, CRLF", "data: a\r\n\r\n", true},
		{"event and data", "event: x\ndata: a\n\n", true},
		{"comments", ": c\nevent: x\n: c\ndata: a\n: c\n\n", true},
		{"usual behind CR", ": c\r\rdata: a\n\n", true},
		{"two data lines", "data: a\ndata: b\n\n", false},
		{"event behind data", "data: a\nevent: x\n\n", false},
		{"two event lines", "event: x\nevent: y\ndata: a\n\n", false},
		{"id", "id: 1\ndata: a\n\n", false},
		{"unknown field", "foo: 1\n\n", false},
		{"field without colon", "data\n\n", false},
		{"CR", "data: a\r\r", false},
		{"CR behind the event's line", "event: x\rdata: a\n\n", false},
		{"CR behind a comment", ": c\nevent: x\n: c\rdata: a\n\n", false},
		{"CR ends the blank line", "data: a\n\r", false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := stream{framer: framer{r: strings.NewReader(tc.frame), max: testLimit}}
			require.NoError(t, s.framer.next())
			if _, ok := s.short(); ok != tc.want {
				t.Errorf("short lane takes %q: %t, want %t", tc.frame, ok, tc.want)
			}
		})
	}
}
