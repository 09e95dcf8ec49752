package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSession(t *testing.T, input string, replies ...keeproutertest.Reply) (*session, *bytes.Buffer, *keeproutertest.Server) {
	srv := keeproutertest.NewServer(t, replies...)
	client, err := keeprouter.NewClient(srv.Options())
	require.NoError(t, err)
	out := &bytes.Buffer{}
	return &session{client: client, in: strings.NewReader(input), out: out, interruptible: context.WithCancel}, out, srv
}

func TestSession(t *testing.T) {
	usage := &keeproutertest.Usage{Input: 1000, Output: 500}
	s, out, srv := newSession(t, "one\n\ntwo\n", keeproutertest.Reply{Text: "First.", Usage: usage}, keeproutertest.Reply{Text: "Second.", Usage: usage})
	require.NoError(t, s.run(t.Context()))
	want := "\n[$0.00] > First.\n\n[$0.000295] > \n[$0.000295] > Second.\n\n[$0.00059] > \n"
	if out.String() != want {
		t.Errorf("the session shows\n%q, want\n%q", out, want)
	}
	if body := string(srv.Requests()[1].Body); !strings.Contains(body, "First.") || !strings.Contains(body, "one") {
		t.Errorf("the second turn sends %s, want the first one too", body)
	}
}

// TestInterrupt presses Ctrl-C in the middle of a reply that would never end.
func TestInterrupt(t *testing.T) {
	s, out, srv := newSession(t, "one\ntwo\n",
		keeproutertest.Reply{Deltas: []string{"Never", " ending"}, Fault: keeproutertest.Fault{StallAfterEvents: new(2)}},
		keeproutertest.Reply{Text: "Second."})
	var interrupt context.CancelFunc
	s.interruptible = func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		interrupt = cancel
		return ctx, cancel
	}
	s.out = onText{out, "Never", func() { interrupt() }}
	require.NoError(t, s.run(t.Context()))
	require.Contains(t, out.String(), "Never [stopped]\n(cost unknown")
	require.Contains(t, out.String(), "Second.")
	require.Contains(t, string(srv.Requests()[1].Body), "Never", "the history keeps what had come")
}

// onText calls f when a text is written.
type onText struct {
	*bytes.Buffer
	text string
	f    func()
}

func (w onText) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if string(p) == w.text {
		w.f()
	}
	return n, err
}

func TestFailedReplyKeepsTheSession(t *testing.T) {
	s, out, srv := newSession(t, "one\ntwo\n", keeproutertest.Reply{Status: 400, ErrorMessage: "no such thing"}, keeproutertest.Reply{Text: "Second."})
	require.NoError(t, s.run(t.Context()))
	require.Contains(t, out.String(), "no such thing")
	require.Contains(t, out.String(), "Second.")
	require.NotContains(t, string(srv.Requests()[1].Body), "one", "a question without an answer is dropped")
}
