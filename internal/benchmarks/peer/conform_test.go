package peer

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPeersReadEverything(t *testing.T) {
	for _, p := range All() {
		t.Run(string(p.Format)+"/"+p.Name, func(t *testing.T) {
			require.NoError(t, Conform(p))
		})
	}
}

func TestFeedsAreTheSizesTheyClaim(t *testing.T) {
	t.Log(Shapes())
	for _, tt := range []struct {
		name      string
		got       int
		low, high int
	}{
		{"a chat event", feed.ChatText().Size() / (feed.Length + 4), 296, 306},
		{"a messages event", feed.MessagesText().Size() / (feed.Length + 6), 114, 124},
		{"a small chat answer", len(feed.ChatWhole(4 << 10).Body), 3800, 4400},
		{"a large chat answer", len(feed.ChatWhole(100 << 10).Body), 95_000, 110_000},
		{"a small messages answer", len(feed.MessagesWhole(4 << 10).Body), 3700, 4400},
		{"a large messages answer", len(feed.MessagesWhole(100 << 10).Body), 95_000, 110_000},
	} {
		if tt.got < tt.low || tt.got > tt.high {
			t.Errorf("%s has %d bytes, want %d to %d", tt.name, tt.got, tt.low, tt.high)
		}
	}
	for _, p := range All() {
		session, err := p.Connect(Server{URL: feed.Offline}, feed.History())
		require.NoError(t, err)
		data, err := session.Encode()
		require.NoError(t, err)
		if len(data) < 120<<10 || len(data) > 145<<10 || !json.Valid(data) {
			t.Errorf("%s %s: a request of %d bytes", p.Format, p.Name, len(data))
		}
	}
}
