package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// chatOutcome is what a stream gives its reader.
type chatOutcome struct {
	Text     string         `json:"text"`  // handed out on the way
	Usage    map[string]any `json:"usage"` // the counts that aren't zero
	Error    *Error         `json:"error,omitzero"`
	Response *ChatResponse  `json:"response"`
	Calls    []string       `json:"truncated_calls,omitzero"`
}

// readChat reads a stream's bytes as a call does.
func readChat(r io.Reader) chatOutcome {
	var out chatOutcome
	f := newChatFold()
	err := verdict(f, readEvents(f, events.Read(r, 1<<20), func(c *ChatChunk) bool {
		out.Text += f.text(c)
		return true
	}))
	if e, ok := errors.AsType[*Error](callError(err, &Call{})); ok {
		out.Error = e
		e.Body, e.Err = nil, nil
	}
	if r := f.result(); r != nil {
		out.Usage = counts(r.Usage)
		out.Response = r
		for _, c := range r.ToolCalls() {
			if c.Truncated {
				out.Calls = append(out.Calls, c.ID)
			}
		}
	}
	return out
}

// counts are a usage's fields that say something, by name.
func counts(u Usage) map[string]any {
	all := map[string]any{
		"unknown": u.Unknown, "input": u.Input, "cached_input": u.CachedInput, "cache_write": u.CacheWrite,
		"output": u.Output, "reasoning": u.Reasoning, "input_audio": u.InputAudio, "output_audio": u.OutputAudio,
	}
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == int64(0) || v == false })
	return all
}

func chatCorpus(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/streams/chat/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	corpus := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		corpus[strings.TrimSuffix(filepath.Base(path), ".txt")] = data
	}
	return corpus
}

func TestChatStreams(t *testing.T) {
	for name, data := range chatCorpus(t) {
		t.Run(name, func(t *testing.T) {
			got := readChat(bytes.NewReader(data))
			golden := filepath.Join("testdata/streams/chat", name+".json")
			if *update {
				text, err := json.MarshalIndent(got, "", "  ")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(golden, append(text, '\n'), 0o644))
			}
			text, err := os.ReadFile(golden)
			require.NoError(t, err)
			var want chatOutcome
			require.NoError(t, json.Unmarshal(text, &want))
			diffChat(t, "whole", want, got)
		})
	}
}

func TestChatStreamsHoweverTheyArrive(t *testing.T) {
	for name, data := range chatCorpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := readChat(bytes.NewReader(data))
			diffChat(t, "byte by byte", want, readChat(iotest.OneByteReader(bytes.NewReader(data))))
			for i := range data {
				diffChat(t, "split in two", want, readChat(io.MultiReader(bytes.NewReader(data[:i]), bytes.NewReader(data[i:]))))
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				diffChat(t, "split at random", want, readChat(&randomReader{data: data, random: random}))
			}
			for _, end := range []string{"\r\n", "\r"} {
				diffChat(t, "other line ends", want, readChat(bytes.NewReader(bytes.ReplaceAll(data, []byte("\n"), []byte(end)))))
			}
		})
	}
}

type randomReader struct {
	data   []byte
	random *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:1+r.random.IntN(len(r.data))])
	r.data = r.data[n:]
	return n, nil
}

var anyFinish = regexp.MustCompile(`"finish_reason":"[^"]`)

func TestChatStreamsCutBetweenEvents(t *testing.T) {
	for name, data := range chatCorpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := readChat(bytes.NewReader(data))
			for at := 0; ; at += 2 {
				next := bytes.Index(data[at:], []byte("\n\n"))
				if next < 0 || at+next+2 >= len(data) {
					return
				}
				at += next
				cut := data[:at+2]
				got := readChat(bytes.NewReader(cut))
				if !strings.HasPrefix(whole.Text, got.Text) {
					t.Errorf("the partial text %q is no beginning of %q", got.Text, whole.Text)
				}
				ended := anyFinish.Match(cut) || bytes.Contains(cut, []byte(`"error":{`)) || bytes.Contains(cut, []byte("[DONE]"))
				if !ended && (got.Error == nil || got.Error.Kind != ErrTruncated) && whole.Error.kind() != ErrBadResponse {
					t.Errorf("cut behind byte %d: error %v, want %v", at+2, got.Error, ErrTruncated)
				}
			}
		})
	}
}

func (e *Error) kind() ErrorKind {
	if e == nil {
		return ""
	}
	return e.Kind
}

func diffChat(t *testing.T, how string, want, got chatOutcome) {
	t.Helper()
	if reflect.DeepEqual(want, got) {
		return
	}
	if diff := cmp.Diff(plainOutcome(t, want), plainOutcome(t, got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", how, diff)
	}
}

// plainOutcome is an outcome as plain values, so that two of them compare by meaning.
func plainOutcome(t *testing.T, o chatOutcome) (plain any) {
	t.Helper()
	data, err := json.Marshal(o)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &plain))
	return plain
}

// readEvents is readWithin without a limit.
func readEvents[C, R any](f fold[C, R], stream iter.Seq2[*events.Event, error], emit func(*C) bool) error {
	return readWithin(f, math.MaxInt64, stream, emit)
}
