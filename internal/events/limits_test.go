package events

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// endless repeats its text for ever and counts what it gave.
type endless struct {
	text string
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e.text[(e.read+i)%len(e.text)]
	}
	e.read += len(b)
	return len(b), nil
}

func TestTooLargeKeepsMemoryBounded(t *testing.T) {
	const limit = 1 << 20
	tests := []struct{ name, head, text string }{
		{"line", "data: ", "x"},
		{"comment", ": ", "x"},
		{"line without a field", "", "x"},
		{"event of LF lines", "", "data: x\n"},
		{"event of CRLF lines", "", "data: x\r\n"},
		{"event of CR lines", "", "data: x\r"},
		{"event of unknown fields", "", "foo: x\n"},
		{"comments inside an event", "data: a\n", ": x\n"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			source := &endless{text: tc.text}
			r := io.MultiReader(strings.NewReader("data: first\n\n"+tc.head), source)

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := collect(Read(r, limit))
			runtime.ReadMemStats(&after)

			require.ErrorIs(t, err, ErrTooLarge)
			tooLarge, ok := errors.AsType[*TooLargeError](err)
			if !ok || tooLarge.Limit != limit {
				t.Errorf("error %#v, want a TooLargeError with the limit %d", err, limit)
			}
			if diff := cmp.Diff([]record{{Data: "first"}}, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if source.read > limit+startSize {
				t.Errorf("%d bytes read for a limit of %d", source.read, limit)
			}
			// Doubling up to the limit allocates less than twice the limit in front of the last buffer.
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4*limit {
				t.Errorf("%d bytes allocated for a limit of %d", allocated, limit)
			}
		})
	}
}

// Whether an event fits doesn't depend on how its bytes arrive.
func TestLimitIsExact(t *testing.T) {
	const limit = 12
	tests := []struct {
		name, stream string
		want         []record
		tooLarge     bool
	}{
		{"fits", "data: 123456\n\n", []record{{Data: "123456"}}, false},
		{"fits with CRLF", "data: 123456\r\n\r\n", []record{{Data: "123456"}}, false},
		{"fits with CR", "data: 123456\r\r", []record{{Data: "123456"}}, false},
		{"fits with a BOM", bom + "data: 123456\n\n", []record{{Data: "123456"}}, false},
		{"fits unfinished", "data: 123456", []record{{Data: "123456", Unfinished: true}}, false},
		{"fits in two lines", "data:1\ndata:\n\n", []record{{Data: "1\n"}}, false},
		{"comments in front", ":23456789012\n:23456789012\ndata: 123456\n\n", []record{{Data: "123456"}}, false},
		{"comments and CRLF", ":23456789012\r\n:23456789012\r\ndata: 123456\r\n\r\n", []record{{Data: "123456"}}, false},
		{"blank lines in front", "\n\r\n\r\n\n\n\n\n\n\n\n\n\ndata: 123456\n\n", []record{{Data: "123456"}}, false},
		{"too large", "data: a\n\ndata: 1234567\n\n", []record{{Data: "a"}}, true},
		{"too large unfinished", "data: a\n\ndata: 1234567", []record{{Data: "a"}}, true},
		{"too large in two lines", "data:1\ndata: \n\n", nil, true},
		{"comment too large", ":234567890123\n", nil, true},
		{"comment inside too large", "data: 12\n: 34\n\n", nil, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			check := func(how string, r io.Reader) {
				got, err := collect(Read(r, limit))
				if errors.Is(err, ErrTooLarge) != tc.tooLarge || !tc.tooLarge && err != nil {
					t.Errorf("%s: error %v, want too large: %t", how, err, tc.tooLarge)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s: events (-want +got):\n%s", how, diff)
				}
			}
			check("whole", strings.NewReader(tc.stream))
			check("single bytes", iotest.OneByteReader(strings.NewReader(tc.stream)))
			for at := 1; at < len(tc.stream); at++ {
				check("in two", &pieces{tc.stream[:at], tc.stream[at:]})
			}
		})
	}
}

// The same at a limit above the first buffer's size, where growing ends at the limit.
func TestLimitAboveFirstBuffer(t *testing.T) {
	const limit = 3*startSize + 1
	for _, ends := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
		fits := strings.Repeat("x", limit-len("data: "))
		got, err := collect(Read(strings.NewReader("data: "+fits+ends+"data: b"+ends), limit))
		require.NoError(t, err)
		if diff := cmp.Diff([]record{{Data: fits}, {Data: "b"}}, got); diff != "" {
			t.Errorf("ends %q: events (-want +got):\n%s", ends, diff)
		}
		_, err = collect(Read(strings.NewReader("data: x"+fits+ends), limit))
		require.ErrorIs(t, err, ErrTooLarge)
	}
}

func TestNoLimitIsNoPanic(t *testing.T) {
	for _, limit := range []int{math.MinInt, -1, 0} {
		_, err := collect(Read(strings.NewReader("\n\ndata: a\n\n"), limit))
		require.ErrorIs(t, err, ErrTooLarge)
	}
	const unlimited = int(^uint(0) >> 1)
	got, err := collect(Read(strings.NewReader("data: "+strings.Repeat("x", 100_000)+"\n\n"), unlimited))
	require.NoError(t, err)
	if len(got) != 1 || len(got[0].Data) != 100_000 {
		t.Errorf("%d events, want one of 100,000 bytes", len(got))
	}
}

func TestManyCommentsBeforeFirstEvent(t *testing.T) {
	for _, comment := range []string{": keep-alive\n", ": keep-alive\n\n", ": keep-alive\r\n", ":\r", ": keep-alive\r\r"} {
		r := strings.NewReader(strings.Repeat(comment, 10_000) + "data: a\n\n")
		got, err := collect(Read(r, 64))
		require.NoError(t, err)
		if diff := cmp.Diff([]record{{Data: "a"}}, got); diff != "" {
			t.Errorf("comments %q: events (-want +got):\n%s", comment, diff)
		}
	}
}

func TestLargeEvents(t *testing.T) {
	const size = 8 << 20
	large := strings.Repeat("0123456789abcdef", size/16)
	tests := []struct {
		name, stream string
		want         string
	}{
		{"one line", "data: " + large + "\n\n", large},
		{"CR", "data: " + large + "\r\r", large},
		{"two lines", "data: " + large[:size/2] + "\ndata: " + large[size/2:] + "\n\n", large[:size/2] + "\n" + large[size/2:]},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			// Reads of at most a TLS record.
			r := &limitedReads{r: strings.NewReader(tc.stream + "data: b\n\n"), size: 16 << 10}
			for e, err := range Read(r, 2*size) {
				require.NoError(t, err)
				got = append(got, string(e.Data))
			}
			if len(got) != 2 || got[0] != tc.want || got[1] != "b" {
				t.Errorf("%d events, want the large one as sent and the one behind it", len(got))
			}
		})
	}
}

type limitedReads struct {
	r    io.Reader
	size int
}

func (l *limitedReads) Read(b []byte) (int, error) { return l.r.Read(b[:min(len(b), l.size)]) }

// What has been searched is never looked at again, or the line ends planted there
// would cut the line, and the buffer moves only to double: together, time in
// proportion to the line.
func TestLongLineIsSearchedOnce(t *testing.T) {
	const size = 1 << 20
	for _, ends := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
		var f framer
		rest := strings.NewReader("data: " + strings.Repeat("x", size) + ends)
		buffers, reads := map[*byte]bool{}, 0
		f = framer{max: 2 * size, r: readerFunc(func(b []byte) (int, error) {
			reads++
			buffers[&f.buf[0]] = true
			if f.end > 20 {
				f.buf[10], f.buf[11] = '\n', '\r'
			}
			return rest.Read(b[:min(len(b), 100)])
		})}
		require.NoError(t, f.next())
		if got := len(f.line(0)); got != size+len("data: ") {
			t.Errorf("line of %d bytes", got)
		}
		if reads < size/100 || len(buffers) > 12 {
			t.Errorf("%d buffers in %d reads, want one a doubling", len(buffers), reads)
		}
	}
}

func TestBufferShrinksBehindLargeEvent(t *testing.T) {
	var s stream
	rest := &pieces{"data: " + strings.Repeat("x", 1<<20) + "\n\n", "data: b\n\n"}
	held := 0
	s.framer = framer{max: testLimit * 2, r: readerFunc(func(b []byte) (int, error) {
		held = len(s.framer.buf)
		return rest.Read(b)
	})}
	for i, size := range []int{1 << 20, 1} {
		e, err := s.next()
		require.NoError(t, err)
		if len(e.Data) != size {
			t.Errorf("event %d has %d bytes, want %d", i, len(e.Data), size)
		}
	}
	if held != startSize {
		t.Errorf("an idle stream holds %d bytes, want %d", held, startSize)
	}
}

func TestUsualEventsDoNotAllocate(t *testing.T) {
	const events = 1000
	tests := []struct{ name, stream string }{
		{"chat", chatStream(events)},
		{"messages", messagesStream(events)},
		{"CRLF", strings.ReplaceAll(chatStream(events), "\n", "\r\n")},
		{"comments", strings.ReplaceAll(messagesStream(events), "data:", ": ping\ndata:")},
		{"own name", strings.Repeat("event: mine\ndata: {}\n\n", events)},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			source := bytes.NewReader(nil)
			seen := 0
			allocs := testing.AllocsPerRun(5, func() {
				source.Reset([]byte(tc.stream))
				seen = 0
				for range Read(source, testLimit) {
					seen++
				}
			})
			if seen != events {
				t.Fatalf("%d events, want %d", seen, events)
			}
			// What is left is the cost of the stream: state, buffer, the test's own copy.
			if allocs > 10 {
				t.Errorf("%v allocations for %d events", allocs, events)
			}
		})
	}
}
