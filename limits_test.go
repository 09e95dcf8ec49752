package keeprouter_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

const mebibyte = 1 << 20

// TestHugeAnswersTakeBoundedMemory lets a server send far more than any answer is,
// under the default limits.
func TestHugeAnswersTakeBoundedMemory(t *testing.T) {
	const size, most = 300 * mebibyte, 100 * mebibyte
	for _, tt := range []struct {
		name  string
		reply keeproutertest.Reply
		kind  error
	}{
		{"a body of 300 MiB", keeproutertest.Reply{Fault: keeproutertest.Fault{BodySize: size}}, keeprouter.ErrTooLarge},
		{"an error body of 300 MiB", keeproutertest.Reply{Status: 400, Fault: keeproutertest.Fault{BodySize: size}}, keeprouter.ErrInvalidRequest},
		{"a gzip bomb", keeproutertest.Reply{Fault: keeproutertest.Fault{GzipBomb: size}}, keeprouter.ErrTooLarge},
		{"a gzip bomb as an error", keeproutertest.Reply{Status: 400, Fault: keeproutertest.Fault{GzipBomb: size}}, keeprouter.ErrInvalidRequest},
		{"an endless line", keeproutertest.Reply{Fault: keeproutertest.Fault{EndlessLine: true}}, keeprouter.ErrTooLarge},
		{"an endless body", keeproutertest.Reply{Fault: keeproutertest.Fault{EndlessBody: true}}, keeprouter.ErrTooLarge},
	} {
		for how, call := range map[string]func(context.Context, *keeprouter.Client) (answer, error){
			"chat, whole": chat.create, "messages, streamed": messages.stream,
		} {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				srv := keeproutertest.NewServer(t, tt.reply)
				client := clientOf(t, srv, noRetry)
				var err error
				grown := peakHeap(func() { _, err = call(t.Context(), client) })
				require.ErrorIs(t, err, tt.kind)
				if grown > most {
					t.Errorf("the heap grew by %d MiB, want less than %d", grown/mebibyte, most/mebibyte)
				}
			})
		}
	}
}

// peakHeap returns by how much the heap grew at the worst moment while f ran.
func peakHeap(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that garbage doesn't count for much
	runtime.GC()
	heap := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	peak, done, sampled := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, heap())
			case <-done:
				return
			}
		}
	}()
	f()
	close(done)
	<-sampled
	return max(peak, heap()) - before
}
