package events

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const testLimit = 1 << 20

// record is an Event that owns its bytes.
type record struct {
	Name, Data string
	Unfinished bool
}

func collect(seq iter.Seq2[*Event, error]) (records []record, err error) {
	for e, err := range seq {
		if err != nil {
			return records, err
		}
		records = append(records, record{e.Name, string(e.Data), e.Unfinished})
	}
	return records, nil
}

func read(t *testing.T, r io.Reader) []record {
	t.Helper()
	records, err := collect(Read(r, testLimit))
	require.NoError(t, err)
	return records
}

// pieces returns one piece a Read.
type pieces []string

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	if (*p)[0] = (*p)[0][n:]; (*p)[0] == "" {
		*p = (*p)[1:]
	}
	return n, nil
}

// split cuts s at random places.
func split(random *rand.Rand, s string) *pieces {
	p := pieces{}
	for s != "" {
		n := 1 + random.IntN(min(len(s), 12))
		p, s = append(p, s[:n]), s[n:]
	}
	return &p
}

var streams = []struct {
	name   string
	stream string
	want   []record
}{
	{"nothing", "", nil},
	{"blank lines", "\n\r\n\r\r\n\n", nil},
	{"one", "data: a\n\n", []record{{Data: "a"}}},
	{"several", "data: a\n\ndata: b\n\ndata: [DONE]\n\n", []record{{Data: "a"}, {Data: "b"}, {Data: "[DONE]"}}},
	{"named", "event: ping\ndata: {}\n\nevent: mine\ndata: {}\n\nevent: mine\ndata: {}\n\n", []record{{Name: "ping", Data: "{}"}, {Name: "mine", Data: "{}"}, {Name: "mine", Data: "{}"}}},
	{"name of one event only", "event: error\ndata: a\n\ndata: b\n\n", []record{{Name: "error", Data: "a"}, {Data: "b"}}},
	{"CRLF", "event: ping\r\ndata: a\r\n\r\ndata: b\r\n\r\n", []record{{Name: "ping", Data: "a"}, {Data: "b"}}},
	{"CR", "event: ping\rdata: a\r\rdata: b\r\r", []record{{Name: "ping", Data: "a"}, {Data: "b"}}},
	{"CR LF mixed", "data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\r\r\ndata: e\n\rdata: f\r\n\r\n", []record{{Data: "a"}, {Data: "b"}, {Data: "c"}, {Data: "d"}, {Data: "e"}, {Data: "f"}}},
	{"CR inside an event is a line end", "data: a\rdata: b\n\n", []record{{Data: "a\nb"}}},
	{"LF CR is two line ends", "data: a\n\rdata: b\n\r", []record{{Data: "a"}, {Data: "b"}}},
	{"BOM", bom + "data: a\n\n", []record{{Data: "a"}}},
	{"BOM and CR", bom + "data: a\r\r", []record{{Data: "a"}}},
	{"BOM alone", bom, nil},
	{"part of a BOM alone", bom[:2], nil},
	{"BOM in front of a blank line", bom + "\n\ndata: a\n\n", []record{{Data: "a"}}},
	{"two BOMs", bom + bom + "data: a\n\ndata: b\n\n", []record{{Data: "b"}}},
	{"part of a BOM", bom[:2] + "data: a\n\ndata: b\n\n", []record{{Data: "b"}}},
	{"BOM in front of a later event", "data: a\n\n" + bom + "data: b\n\n" + bom + "x\ndata: c\n\n", []record{{Data: "a"}, {Data: "c"}}},
	{"BOM behind a blank line", "\n" + bom + "data: a\n\ndata: b\n\n", []record{{Data: "b"}}},
	{"BOM in the data", "data: " + bom + "a\n\n", []record{{Data: bom + "a"}}},
	{"no space", "data:a\n\nevent:ping\ndata:b\n\n", []record{{Data: "a"}, {Name: "ping", Data: "b"}}},
	{"one space of two removed", "data:  a \n\n", []record{{Data: " a "}}},
	{"tab kept", "data:\ta\n\n", []record{{Data: "\ta"}}},
	{"two data lines", "data: a\ndata: b\n\n", []record{{Data: "a\nb"}}},
	{"data lines apart", "data: a\nevent: ping\n: c\ndata:\ndata: b\n\n", []record{{Name: "ping", Data: "a\n\nb"}}},
	{"two empty data lines", "data:\ndata\n\n", []record{{Data: "\n"}}},
	{"empty data", "data:\n\ndata: \n\ndata\n\nevent: ping\ndata:\n\ndata: a\n\n", []record{{Data: "a"}}},
	{"no data", "event: ping\n\nid: 4\n\nretry: 10\n\ndata: a\n\n", []record{{Data: "a"}}},
	{"empty name", "event:\ndata: a\n\nevent: \ndata: b\n\nevent\ndata: c\n\n", []record{{Data: "a"}, {Data: "b"}, {Data: "c"}}},
	{"last name wins", "event: a\nevent: b\ndata: c\n\nevent: a\ndata: c\nevent: b\n\n", []record{{Name: "b", Data: "c"}, {Name: "b", Data: "c"}}},
	{"name behind the data", "data: a\nevent: ping\n\n", []record{{Name: "ping", Data: "a"}}},
	{"comments", ": a\n\n:\ndata: a\n:b\n\nevent: ping\n: c\ndata: b\n: d\n\n: e\n\n:", []record{{Data: "a"}, {Name: "ping", Data: "b"}}},
	{"comments and CR", ": a\r\r:\rdata: a\r:b\r\r", []record{{Data: "a"}}},
	{"id and retry", "id: 1\nretry: 5\ndata: a\n\nid: \x00\nretry: x\ndata: b\n\n", []record{{Data: "a"}, {Data: "b"}}},
	{"unknown fields", "date: 1\ndatas: x\nDATA: x\n data: x\ndata : x\nlonger-name: y\ndata: a\n\n", []record{{Data: "a"}}},
	{"lines without colon", "foo\ndata: a\nbar\n\n", []record{{Data: "a"}}},
	{"colons in the data", "data: a:b: c\n\ndata:: d\n\n", []record{{Data: "a:b: c"}, {Data: ": d"}}},
	{"NUL", "data: a\x00b\n\nevent: \x00\ndata: \x00\n\n", []record{{Data: "a\x00b"}, {Name: "\x00", Data: "\x00"}}},
	{"invalid UTF-8", "data: \xff\xc3\n\ndata: \xe2\ndata: \x82\n\n", []record{{Data: "\xff\xc3"}, {Data: "\xe2\n\x82"}}},
	{"characters of many bytes", "data: 日本🙂\n\n", []record{{Data: "日本🙂"}}},
	{"unfinished: line end missing", "data: a\n\ndata: [DONE]", []record{{Data: "a"}, {Data: "[DONE]", Unfinished: true}}},
	{"unfinished: blank line missing", "data: a\n\ndata: b\n", []record{{Data: "a"}, {Data: "b", Unfinished: true}}},
	{"unfinished: CR", "data: a\r", []record{{Data: "a", Unfinished: true}}},
	{"unfinished: CRLF", "event: ping\r\ndata: a\r\n", []record{{Name: "ping", Data: "a", Unfinished: true}}},
	{"unfinished: two data lines", "data: a\ndata: b", []record{{Data: "a\nb", Unfinished: true}}},
	{"unfinished: second field cut", "data: a\ndat", []record{{Data: "a", Unfinished: true}}},
	{"unfinished without data", "data: a\n\nevent: ping\n", []record{{Data: "a"}}},
	{"unfinished field", "data: a\n\ndat", []record{{Data: "a"}}},
	{"unfinished comment", "data: a\n\n: ping", []record{{Data: "a"}}},
}

func TestRead(t *testing.T) {
	for _, tc := range streams {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, read(t, strings.NewReader(tc.stream))); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadSplit(t *testing.T) {
	for _, tc := range streams {
		t.Run(tc.name, func(t *testing.T) {
			check := func(how string, r io.Reader) {
				if diff := cmp.Diff(tc.want, read(t, r)); diff != "" {
					t.Errorf("%s: events (-want +got):\n%s", how, diff)
				}
			}
			for at := 1; at < len(tc.stream); at++ {
				check(fmt.Sprintf("split at %d", at), &pieces{tc.stream[:at], tc.stream[at:]})
			}
			for seed := range uint64(50) {
				random := rand.New(rand.NewPCG(seed, 0))
				check(fmt.Sprintf("split with seed %d", seed), split(random, tc.stream))
			}
			check("single bytes", iotest.OneByteReader(strings.NewReader(tc.stream)))
			check("EOF with the last bytes", iotest.DataErrReader(strings.NewReader(tc.stream)))
		})
	}
}

// A stream that ends early, or breaks, gives the events of the whole one up to there.
func TestReadCut(t *testing.T) {
	broken := errors.New("connection reset")
	for _, tc := range streams {
		t.Run(tc.name, func(t *testing.T) {
			for at := range len(tc.stream) {
				cut := tc.stream[:at]
				got := read(t, strings.NewReader(cut))
				if n := len(got); n > 0 && got[n-1].Unfinished {
					got = got[:n-1]
				}
				if len(got) > len(tc.want) || !cmp.Equal(tc.want[:len(got)], got) && len(got) > 0 {
					t.Fatalf("cut at %d: %v is no prefix of %v", at, got, tc.want)
				}

				beforeError, err := collect(Read(io.MultiReader(strings.NewReader(cut), iotest.ErrReader(broken)), testLimit))
				require.ErrorIs(t, err, broken)
				if diff := cmp.Diff(got, beforeError); diff != "" && len(got)+len(beforeError) > 0 {
					t.Fatalf("cut at %d: events before an error (-want +got):\n%s", at, diff)
				}
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	tests := []struct {
		name   string
		reader io.Reader
		want   error
	}{
		{"connection cut", iotest.ErrReader(io.ErrUnexpectedEOF), io.ErrUnexpectedEOF},
		{"wrapped EOF", iotest.ErrReader(fmt.Errorf("proxy: %w", io.EOF)), io.EOF},
		{"no progress", readerFunc(func([]byte) (int, error) { return 0, nil }), io.ErrNoProgress},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			seq := Read(io.MultiReader(strings.NewReader("data: a\n\ndata: b"), tc.reader), testLimit)
			got, err := collect(seq)
			require.ErrorIs(t, err, tc.want)
			if diff := cmp.Diff([]record{{Data: "a"}}, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			_, again := collect(seq)
			require.ErrorIs(t, again, tc.want, "ranging again")
		})
	}
	for _, count := range []int{-1, 1 << 30} {
		_, err := collect(Read(readerFunc(func([]byte) (int, error) { return count, nil }), testLimit))
		require.Error(t, err, "count %d", count)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// An event is handed out when its blank line is there, before the next Read.
func TestReadDeliversAtOnce(t *testing.T) {
	tests := []struct{ name, first, second string }{
		{"LF", "data: a\n\n", "data: b\n\n"},
		{"CRLF", "data: a\r\n\r\n", "data: b\r\n\r\n"},
		{"CR", "data: a\r\r", "data: b\r\r"},
		{"half a CRLF", "data: a\r\n\r", "\ndata: b\r\n\r"},
		{"two lines", "data: a\ndata:\n\n", "data: b\n\n"},
		{"BOM", bom + "data: a\n\n", "data: b\n\n"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			reads := 0
			rest := &pieces{tc.first, tc.second}
			r := readerFunc(func(b []byte) (int, error) { reads++; return rest.Read(b) })
			seen := 0
			for _, err := range Read(r, testLimit) {
				require.NoError(t, err)
				seen++
				if reads != seen {
					t.Errorf("event %d came after %d reads", seen, reads)
				}
			}
			if seen != 2 {
				t.Errorf("%d events, want 2", seen)
			}
		})
	}
}

func TestReadBreak(t *testing.T) {
	seq := Read(strings.NewReader("data: a\n\ndata: b\ndata: c\n\ndata: d\n\n"), testLimit)
	var got []string
	for e, err := range seq {
		require.NoError(t, err)
		got = append(got, string(e.Data))
		break
	}
	for e, err := range seq {
		require.NoError(t, err)
		got = append(got, string(e.Data))
	}
	if diff := cmp.Diff([]string{"a", "b\nc", "d"}, got); diff != "" {
		t.Errorf("events over two loops (-want +got):\n%s", diff)
	}
}

// The caller may append to the data without harm to the events behind it.
func TestDataCannotBeExtendedIntoTheBuffer(t *testing.T) {
	var got []string
	for e, err := range Read(strings.NewReader("data: a\n\ndata: b\n\n"), testLimit) {
		require.NoError(t, err)
		got = append(got, string(append(e.Data, "!!!!!!!!"...)))
	}
	if diff := cmp.Diff([]string{"a!!!!!!!!", "b!!!!!!!!"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
