package translate_test

import (
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/translate"
)

// seeds adds the data of each corpus stream, a line an event.
func seeds(f *testing.F, format string) {
	files, err := filepath.Glob("../testdata/streams/" + format + "/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		var lines []string
		for line := range strings.Lines(string(data)) {
			if data, ok := strings.CutPrefix(strings.TrimSpace(line), "data:"); ok && len(line) < 4096 {
				lines = append(lines, strings.TrimSpace(data))
			}
		}
		f.Add(strings.Join(lines, "\n"))
	}
}

// items reads the items of a stream, those that can be read.
func items[C any](lines string) iter.Seq2[*C, error] {
	return func(yield func(*C, error) bool) {
		for line := range strings.SplitSeq(lines, "\n") {
			item := new(C)
			if json.Unmarshal([]byte(line), item) == nil && !yield(item, nil) {
				return
			}
		}
	}
}

// FuzzMessagesStream holds whatever chunks come to the grammar of the events.
func FuzzMessagesStream(f *testing.F) {
	seeds(f, "chat")
	f.Fuzz(func(t *testing.T, lines string) {
		events, wrong := grammar(new(translate.Session).MessagesStream(items[keeprouter.ChatChunk](lines), translate.StreamOptions{}))
		failed := false
		for _, err := range events {
			failed = failed || err != nil
		}
		if !failed {
			require.NoError(t, *wrong)
		}
	})
}

// FuzzChatStream takes whatever events come there and back: what was translated once
// is translated again without an error, and the text is the same.
func FuzzChatStream(f *testing.F) {
	seeds(f, "messages")
	f.Fuzz(func(t *testing.T, lines string) {
		session := new(translate.Session)
		chunks := session.ChatStream(items[keeprouter.MessagesEvent](lines), translate.StreamOptions{})
		var text strings.Builder
		whole := true
		tee := func(yield func(*keeprouter.ChatChunk, error) bool) {
			for c, err := range chunks {
				if err != nil {
					whole = false
					return
				}
				text.WriteString(c.Text())
				if !yield(c, nil) {
					return
				}
			}
		}
		var back strings.Builder
		for e, err := range session.MessagesStream(tee, translate.StreamOptions{}) {
			if err != nil {
				return // cut calls and the like, which the format refuses
			}
			back.WriteString(e.Text)
		}
		if whole && strings.TrimSpace(text.String()) != "" {
			require.Equal(t, strings.TrimSpace(text.String()), strings.TrimSpace(back.String()))
		}
	})
}
