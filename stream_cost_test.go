package keeprouter

import (
	"strings"
	"testing"
	"time"
)

// benchStreams are regular streams of both formats, read by a fold with the lane or
// without it.
var benchStreams = map[string]struct {
	wire  func() string
	read  func(t testing.TB, wire string, slow bool)
	least float64 // how many times as fast the lane must be, far less than it is
}{
	"chat":           {chatBench, readChatBench, 4},
	"chat tools":     {chatBenchTools, readChatBench, 4},
	"messages":       {messagesBenchText, readMessagesBench, 4},
	"messages tools": {messagesBenchTools, readMessagesBench, 3},
}

func readChatBench(t testing.TB, wire string, slow bool) {
	foldOnce(t, chatPath(slow), strings.NewReader(wire))
}

func readMessagesBench(t testing.TB, wire string, slow bool) {
	foldOnce(t, messagesPath(slow), strings.NewReader(wire))
}

func TestStreamsAllocateNextToNothing(t *testing.T) {
	if slowPathOnly {
		t.Skip("the slow path allocates")
	}
	const most = 0.025 // for each event
	for name, stream := range benchStreams {
		wire := stream.wire()
		if got := testing.AllocsPerRun(3, func() { stream.read(t, wire, false) }) / benchEvents; got > most {
			t.Errorf("%s: %.3f allocations an event, want at most %.2f", name, got, most)
		}
	}
}

// The lane must be worth its code. Both paths are measured in turn and the best of
// each counts, so that what else the machine does matters little.
func TestLaneIsFarFasterThanTheSlowPath(t *testing.T) {
	if slowPathOnly || raceEnabled || testing.CoverMode() != "" {
		t.Skip("not what is measured")
	}
	for name, stream := range benchStreams {
		wire := stream.wire()
		best := map[bool]time.Duration{false: time.Hour, true: time.Hour}
		for range 15 {
			for slow := range best {
				start := time.Now()
				stream.read(t, wire, slow)
				best[slow] = min(best[slow], time.Since(start))
			}
		}
		if got := float64(best[true]) / float64(best[false]); got < stream.least {
			t.Errorf("%s: the lane is %.1f times as fast as the slow path, want at least %.0f", name, got, stream.least)
		} else {
			t.Logf("%s: %.1f times as fast", name, got)
		}
	}
}
