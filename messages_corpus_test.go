package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const messagesCorpus = "testdata/streams/messages"

// messagesStreams returns the corpus: what servers send, by file.
func messagesStreams(t testing.TB) map[string]string {
	paths, err := filepath.Glob(filepath.Join(messagesCorpus, "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	streams := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		streams[strings.TrimSuffix(filepath.Base(path), ".txt")] = string(data)
	}
	return streams
}

// messagesOutcome is all that a stream comes to.
type messagesOutcome struct {
	Response *MessagesResponse `json:"response"`
	Usage    map[string]int64  `json:"usage"`               // in totals, zeros left out
	Text     string            `json:"text"`                // as it was handed out
	Cut      []string          `json:"cut_calls,omitempty"` // what came of calls that a limit cut
}

func messagesOutcomeOf(t testing.TB, r io.Reader) string {
	resp, text, err := foldMessages(r)
	require.NoError(t, err)
	u := resp.Usage
	out := messagesOutcome{Response: resp, Text: text, Usage: map[string]int64{
		"input": u.Input, "cached": u.CachedInput, "written": u.CacheWrite, "written_1h": u.CacheWrite1h, "output": u.Output, "reasoning": u.Reasoning,
	}}
	require.False(t, u.Unknown)
	maps.DeleteFunc(out.Usage, func(_ string, n int64) bool { return n == 0 })
	for _, use := range resp.ToolUses() {
		if use.Truncated {
			out.Cut = append(out.Cut, use.PartialInput)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(out))
	return b.String()
}

func TestMessagesCorpus(t *testing.T) {
	for name, wire := range messagesStreams(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := messagesOutcomeOf(t, strings.NewReader(wire))
			golden := filepath.Join(messagesCorpus, name+".json")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			for _, end := range []string{"\r\n", "\r"} {
				if diff := cmp.Diff(got, messagesOutcomeOf(t, strings.NewReader(strings.ReplaceAll(wire, "\n", end)))); diff != "" {
					t.Errorf("with line ends %q (-LF +other):\n%s", end, diff)
				}
			}
			if diff := cmp.Diff(got, messagesOutcomeOf(t, strings.NewReader("\ufeff"+wire))); diff != "" {
				t.Errorf("with a byte order mark (-without +with):\n%s", diff)
			}
		})
	}
}

// reads hands out one piece a read.
type reads struct{ pieces []string }

func (r *reads) Read(p []byte) (int, error) {
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	if r.pieces[0] = r.pieces[0][n:]; r.pieces[0] == "" {
		r.pieces = r.pieces[1:]
	}
	return n, nil
}

func TestMessagesCorpusInSplits(t *testing.T) {
	for name, wire := range messagesStreams(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, wantText, err := foldMessages(strings.NewReader(wire))
			require.NoError(t, err)
			check := func(how string, pieces []string) {
				got, text, err := foldMessages(&reads{pieces})
				if err != nil || text != wantText || !reflect.DeepEqual(want, got) {
					t.Fatalf("%s: error %v, text %q, answer (-whole +split):\n%s", how, err, text, cmp.Diff(want, got))
				}
			}
			for i := 1; i < len(wire); i++ {
				check(fmt.Sprintf("split at byte %d", i), []string{wire[:i], wire[i:]})
			}
			for seed := range uint64(20) {
				random := rand.New(rand.NewPCG(seed, 2))
				var pieces []string
				for rest := wire; rest != ""; {
					n := min(len(rest), 1+random.IntN(60))
					pieces, rest = append(pieces, rest[:n]), rest[n:]
				}
				check(fmt.Sprintf("random splits of seed %d", seed), pieces)
			}
		})
	}
}

func TestMessagesCorpusCutBetweenEvents(t *testing.T) {
	for name, wire := range messagesStreams(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, whole, err := foldMessages(strings.NewReader(wire))
			require.NoError(t, err)
			cut := ""
			for event := range strings.SplitAfterSeq(strings.TrimSuffix(wire, "\n\n"), "\n\n") {
				resp, text, err := foldMessages(strings.NewReader(cut))
				if !errors.Is(err, ErrTruncated) {
					t.Fatalf("cut after %d bytes: error = %v, want ErrTruncated", len(cut), err)
				}
				if !strings.HasPrefix(whole, text) || resp != nil && len(resp.Text()) != len(text) {
					t.Fatalf("cut after %d bytes: handed out %q, kept %v; want a beginning of %q", len(cut), text, resp, whole)
				}
				cut += event
			}
		})
	}
}
