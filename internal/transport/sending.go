package transport

import (
	"errors"
	"net"
	"sync/atomic"
)

// sending is how far a request got on its way out. net/http sets it from goroutines
// of its own.
type sending struct {
	followed atomic.Bool // whether the RoundTripper tells of its connections at all
	written  atomic.Bool // whether the header has been written

	connections atomic.Int32 // that net/http has asked for
}

// maxConnections bounds what net/http repeats by itself. It takes another connection
// whenever HTTP/2 tells that a request was not begun, without a pause or an end, and
// each one would have the time of a phase anew.
const maxConnections = 16

// mayHaveArrived reports whether a server can have got a request that ended in err.
// Where nothing is told of the connection, it can.
func (s *sending) mayHaveArrived(err error) bool {
	if s.written.Load() {
		return true
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return false
	}
	return !s.followed.Load()
}
