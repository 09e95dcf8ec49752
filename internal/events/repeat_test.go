package events

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var stringPattern = regexp.MustCompile(`"[^"\\]*"`)

// FuzzLearn holds what is read the same whether the reader has learned events or not,
// errors and where they occur included.
func FuzzLearn(f *testing.F) {
	for _, tc := range streams {
		f.Add(tc.stream, uint64(1))
	}
	f.Add(chatStream(5), uint64(2))
	f.Add(messagesStream(5), uint64(3))
	f.Add(strings.ReplaceAll(messagesStream(5), "\n", "\r\n"), uint64(4))
	f.Add(strings.ReplaceAll(messagesStream(5), "\n\n", "\n\n: ping\n\nfoo\n\r"), uint64(5))
	f.Add(strings.ReplaceAll(messagesStream(9), "\n\n", "\n\nevent: x\ndata:\n\n"), uint64(6))
	f.Add(strings.ReplaceAll(chatStream(9), "\n\n", "\n\ndata\n\nevent: x\ndata:\n\n"), uint64(7))
	f.Fuzz(func(t *testing.T, stream string, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		limit := len(stream)
		if random.IntN(3) == 0 && limit > 0 {
			limit = random.IntN(limit)
		}
		want, wantErr := collect(Read(strings.NewReader(stream), limit))
		for _, r := range []*pieces{{stream}, split(random, stream)} {
			got, gotErr := []record(nil), error(nil)
			for e, err := range Read(r, limit) {
				if err != nil {
					gotErr = err
					break
				}
				learnStrings(t, e, random)
				got = append(got, record{e.Name, string(e.Data), e.Unfinished})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: events (-plain +learning):\n%s", stream, diff)
			}
			if (wantErr == nil) != (gotErr == nil) || errors.Is(wantErr, ErrTooLarge) != errors.Is(gotErr, ErrTooLarge) {
				t.Errorf("%q: error %v when learning, %v plainly", stream, gotErr, wantErr)
			}
		}
	})
}

// learnStrings has the reader learn some of an event's strings, and checks those of an
// event that is like the one learned before.
func learnStrings(t *testing.T, e *Event, random *rand.Rand) {
	t.Helper()
	if slots := e.Slots(); slots != nil {
		for _, slot := range slots {
			if !strings.Contains(string(e.Data), string(slot.Literal)) {
				t.Errorf("the slot %q is not in %q", slot.Literal, e.Data)
			}
		}
		if random.IntN(2) == 0 {
			return
		}
	}
	var values [][]byte
	for _, at := range stringPattern.FindAllIndex(e.Data, 8) {
		value := e.Data[at[0]:at[1]]
		if random.IntN(2) == 0 {
			value = nil
		}
		values = append(values, value)
	}
	e.Learn(values...)
}

func TestLearnedEventsKeepTheLimits(t *testing.T) {
	for name, rest := range map[string]string{
		"an event":                        "data: \"" + strings.Repeat("a", 90) + "\"\n\n",
		"an event larger than the buffer": "data: \"" + strings.Repeat("a", 3*startSize) + "\"\n\n",

		"a comment": ":" + strings.Repeat("a", 100) + "\ndata: \"a\"\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			var end error
			for e, err := range Read(strings.NewReader("data: \"a\"\n\ndata: \"b\"\n\n"+rest), 90) {
				if end = err; err == nil && !e.Learn(e.Data) {
					t.Error("the event was not learned")
				}
			}
			if !errors.Is(end, ErrTooLarge) {
				t.Errorf("error %v, want %v", end, ErrTooLarge)
			}
		})
	}
}

// A CR ends a line by itself, so that nothing is waited for behind it.
func TestLearnedEventsEndWithCR(t *testing.T) {
	r := &pieces{"data: \"a\"\r\n\r\n", "data: \"b\"\r\n\r", "\ndata: \"c\"\r\n\r\n"}
	left := 2
	for e, err := range Read(r, testLimit) {
		require.NoError(t, err)
		if len(*r) != left {
			t.Errorf("%s was handed out with %d reads to come, want %d", e.Data, len(*r), left)
		}
		left--
		e.Learn(e.Data)
	}
	require.Equal(t, -1, left)
}
