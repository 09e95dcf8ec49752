package loopback

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLoad(t *testing.T) {
	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	for _, p := range peer.All() {
		t.Run(string(p.Format)+"/"+p.Name, func(t *testing.T) {
			r, err := RunLoad(Load{Server: srv.URL, Peer: p.Name, Format: p.Format, Streams: 10, Pace: 20 * time.Millisecond, Window: 100 * time.Millisecond, Slack: 20 * time.Millisecond})
			require.NoError(t, err)
			require.Zero(t, r.Failed, r.Error)
			require.Positive(t, r.Kept)
			require.Positive(t, r.P50, "no latencies")
			require.Positive(t, r.First50, "no first events")
			require.GreaterOrEqual(t, r.Open.Sockets-r.Before.Sockets, 10, "the streams aren't open at once")
			require.LessOrEqual(t, r.After.Sockets, r.Before.Sockets)
		})
	}
}

func TestEveryPeerInEveryMode(t *testing.T) {
	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	for _, p := range peer.All() {
		for _, mode := range []Mode{Full, Idle, Paced} {
			t.Run(string(p.Format)+"/"+p.Name+"/"+string(mode), func(t *testing.T) {
				r, err := Run(Job{Server: srv.URL, Peer: p.Name, Format: p.Format, Mode: mode, Streams: 4, Window: 60 * time.Millisecond})
				require.NoError(t, err)
				switch mode {
				case Full:
					require.Positive(t, r.CPU)
					require.Positive(t, r.PerSecond)
				case Idle:
					require.Positive(t, r.Objects)
					require.Positive(t, r.Stacks)
				case Paced:
					require.Positive(t, r.P50, "no latencies")
					require.GreaterOrEqual(t, r.P99, r.P50)
				}
			})
		}
	}
}
