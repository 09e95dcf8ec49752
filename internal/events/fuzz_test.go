package events

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tmaxmax/go-sse"
)

// FuzzRead holds Read, however the bytes arrive, equal to go-sse on the whole stream.
func FuzzRead(f *testing.F) {
	for _, tc := range streams {
		f.Add(tc.stream, uint64(1))
	}
	f.Add(strings.Repeat(": keep-alive\n\n", 400)+"data: a\n\n", uint64(2))
	f.Add("data: "+strings.Repeat("x", 2*startSize)+"\r\n\r\ndata: b", uint64(3))
	f.Add(strings.Repeat("data: "+strings.Repeat("y", 150)+"\n", 40)+"\n", uint64(4))
	f.Add(chatStream(20), uint64(5))
	f.Add(messagesStream(20), uint64(6))

	f.Fuzz(func(t *testing.T, stream string, seed uint64) {
		if behindBlank := strings.TrimLeft(stream, "\r\n"); len(behindBlank) < len(stream) && strings.HasPrefix(behindBlank, bom) {
			t.Skip("go-sse drops a byte order mark behind blank lines")
		}
		want := referenceEvents(t, stream)
		random := rand.New(rand.NewPCG(seed, 0))
		for how, r := range map[string]*pieces{"whole": {stream}, "split": split(random, stream)} {
			if stream == "" {
				r = &pieces{}
			}
			got, err := collect(Read(r, len(stream)))
			if err != nil {
				t.Fatalf("%s: %v", how, err)
			}
			for i := range got {
				if got[i].Unfinished && i != len(got)-1 {
					t.Errorf("%s: event %d of %d is unfinished", how, i, len(got))
				}
				got[i].Unfinished = false
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %q: events (-go-sse +Read):\n%s", how, stream, diff)
			}
		}
	})
}

// referenceEvents are go-sse's, the last one's missing blank line added and
// events without data left out.
func referenceEvents(t *testing.T, stream string) (want []record) {
	t.Helper()
	for e, err := range sse.Read(strings.NewReader(stream+"\n\n"), &sse.ReadConfig{MaxEventSize: len(stream) + 64}) {
		if err != nil {
			t.Fatalf("go-sse: %v", err)
		}
		if e.Data != "" {
			want = append(want, record{Name: e.Type, Data: e.Data})
		}
	}
	return want
}
