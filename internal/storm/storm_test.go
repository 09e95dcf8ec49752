package storm

import (
	"flag"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var (
	clients = flag.Int("clients", 100, "clients of the fleet; the picture in the docs is that of 1000, and compared with theirs")
	update  = flag.Bool("update", false, "rewrite docs/retry-storm.svg, with -clients 1000")
)

// pictured is the fleet that the docs show.
const pictured = 1000

func fleet() Fleet {
	return Fleet{Clients: *clients, Every: time.Second, Before: 10 * time.Second, Outage: time.Minute, After: 20 * time.Second}
}

func run(t *testing.T, f Fleet) *Tally {
	t.Helper()
	var tally *Tally
	synctest.Test(t, func(t *testing.T) { tally = f.Run(t.Context()) })
	return tally
}

func TestOutage(t *testing.T) {
	f := fleet()
	held := run(t, f)
	unlimited := f
	unlimited.Unlimited = true
	free := run(t, unlimited)

	if got := f.perCall(held); got >= 1.2 {
		t.Errorf("%.3f attempts per call in the outage, want fewer than 1.2", got)
	}
	if got := f.perCall(free); got < 2.5 {
		t.Errorf("without the limit there are %.3f attempts per call: the outage makes nobody repeat, and the test shows nothing", got)
	}
	steady := int64(f.Clients) * int64(time.Second/f.Every)
	if peak := slices.Max(f.afterwards(held.Attempts)); peak > steady*105/100 {
		t.Errorf("%d attempts in a second after the recovery, want about the %d of any other: a herd", peak, steady)
	}
	if peak := slices.Max(f.afterwards(free.Attempts)); peak < steady*12/10 {
		t.Errorf("without the limit the recovery's peak is %d of %d attempts a second: the test shows no herd", peak, steady)
	}
	t.Logf("attempts per call in the outage: %.3f, without the limit %.3f; the most in a second after it: %d, without the limit %d, of %d calls",
		f.perCall(held), f.perCall(free), slices.Max(f.afterwards(held.Attempts)), slices.Max(f.afterwards(free.Attempts)), steady)
	if f.Clients == pictured {
		picture(t, Plot(f, held, free))
	}
}

func TestRepeatsStillMendWhatFailsNowAndThen(t *testing.T) {
	f := fleet()
	f.Clients, f.Outage = 100, 0
	tally := run(t, f)
	calls, failed := sum(tally.Calls), sum(tally.Failed)
	if expected := int64(float64(calls) * faulty); sum(tally.Attempts)-calls < expected*8/10 {
		t.Errorf("%d calls made %d attempts, want about %d repeats", calls, sum(tally.Attempts), expected)
	}
	if failed > calls/100_000+1 {
		t.Errorf("%d of %d calls failed, want next to none: two repeats mend what fails now and then", failed, calls)
	}
}

func TestRepeatsComeBackAfterTheOutage(t *testing.T) {
	f := fleet()
	f.Clients, f.After = 100, 90*time.Second
	tally := run(t, f)
	after := f.afterwards(tally.Failed)
	calls := f.afterwards(tally.Calls)
	early, late := sum(after[:5]), sum(after[60:90])
	if limit := 2*int64(float64(sum(calls[:5]))*faulty) + 1; early > limit {
		t.Errorf("%d calls failed right after the outage, want about one in a hundred, as nothing can be repeated yet", early)
	}
	if late > sum(calls[60:90])/1000 {
		t.Errorf("%d calls failed a minute after the outage, want next to none: the answered calls have earned repeats", late)
	}
}

// picture compares the plot with the one in the docs.
func picture(t *testing.T, svg []byte) {
	const path = "../../docs/retry-storm.svg"
	if *update {
		require.NoError(t, os.WriteFile(path, svg, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make it with go test ./internal/storm -clients 1000 -update")
	if diff := cmp.Diff(string(want), string(svg)); diff != "" {
		t.Errorf("docs/retry-storm.svg shows something else; if that is right, run go test ./internal/storm -clients 1000 -update (-want +got):\n%s", diff)
	}
}
