package translate

import (
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// seedStreams adds the corpus of a format, as bytes.
func seedStreams(f *testing.F, format string) {
	files, err := filepath.Glob("../testdata/streams/" + format + "/*.txt")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		if len(data) < 8<<10 {
			f.Add(string(data))
		}
	}
}

const fuzzedEvent = 64 << 10

// messagesOf translates the bytes of a Chat stream.
func messagesOf(from io.Reader) (string, error) {
	return drained(writeMessages(func(alive func() bool) iter.Seq2[*keeprouter.MessagesEvent, error] {
		return answering(Default).MessagesStream(readChunks(from, fuzzedEvent, alive), StreamOptions{})
	}))
}

// chatOf translates the bytes of a Messages stream.
func chatOf(from io.Reader) (string, error) {
	return drained(writeChunks(func(alive func() bool) iter.Seq2[*keeprouter.ChatChunk, error] {
		return answering(Default).ChatStream(readEvents(from, fuzzedEvent, alive), StreamOptions{})
	}))
}

func drained(w streamWriter) (string, error) {
	var b strings.Builder
	for data, err := range w {
		if err != nil {
			return b.String(), err
		}
		b.Write(data)
	}
	return b.String(), nil
}

func sameError(t *testing.T, want, got error) {
	t.Helper()
	require.Equal(t, want == nil, got == nil, "%v, in pieces %v", want, got)
	if want != nil {
		require.Equal(t, want.Error(), got.Error())
	}
}

// FuzzChatWire holds that the bytes of a Chat stream become the same bytes of a Messages
// stream however they arrive, which the format's reader takes, but for a call's arguments that are broken inside.
func FuzzChatWire(f *testing.F) {
	seedStreams(f, "chat")
	f.Fuzz(func(t *testing.T, body string) {
		want, wantErr := messagesOf(strings.NewReader(body))
		got, err := messagesOf(iotest.OneByteReader(strings.NewReader(body)))
		sameError(t, wantErr, err)
		require.Equal(t, want, got)
		if err == nil {
			_, err := keeprouter.NewMessagesStream(readEvents(strings.NewReader(got), fuzzedEvent*2, func() bool { return true })).Result()
			if !errors.Is(err, keeprouter.ErrToolArguments) {
				require.NoError(t, err, "%s", got)
			}
		}
	})
}

// FuzzMessagesWire is FuzzChatWire in the other direction.
func FuzzMessagesWire(f *testing.F) {
	seedStreams(f, "messages")
	f.Fuzz(func(t *testing.T, body string) {
		want, wantErr := chatOf(strings.NewReader(body))
		got, err := chatOf(iotest.OneByteReader(strings.NewReader(body)))
		sameError(t, wantErr, err)
		require.Equal(t, want, got)
		if err == nil {
			_, err := keeprouter.NewChatStream(readChunks(strings.NewReader(got), fuzzedEvent*2, func() bool { return true })).Result()
			if !errors.Is(err, keeprouter.ErrToolArguments) {
				require.NoError(t, err, "%s", got)
			}
		}
	})
}
