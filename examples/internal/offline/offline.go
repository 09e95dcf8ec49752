// Package offline gives the examples a client that works without a key.
package offline

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// pace is the pause between two words of the local gateway, so that its answers are
// seen to stream.
const pace = 15 * time.Millisecond

// NewClient returns a client of the real gateway if KEEPROUTER_KEY is set, and else
// one of a local gateway in this process, which it says in a line. The gateway gives
// the replies in turn, or makes them up if there are none. Call stop when done.
func NewClient(out io.Writer, replies ...keeproutertest.Reply) (client *keeprouter.Client, stop func(), err error) {
	if os.Getenv("KEEPROUTER_KEY") != "" {
		client, err = keeprouter.NewClient(nil)
		return client, func() {}, err
	}
	fmt.Fprintln(out, "KEEPROUTER_KEY is not set: the answers come from a local gateway in this program, not from a model.")
	srv := keeproutertest.Start(replies...)
	srv.Pace = pace
	client, err = keeprouter.NewClient(srv.Options())
	if err != nil {
		srv.Close()
		return nil, nil, err
	}
	return client, srv.Close, nil
}
