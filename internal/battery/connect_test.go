package battery

import (
	"context"
	"io"
	"net"
	"syscall"

	"github.com/keeprouter/keeprouter-go"
)

// connectFaults keep a connection from being made, or end it between requests.
func connectFaults() []*fault {
	dialing := func(name string, w want, fail func(context.Context) error) *fault {
		return &fault{
			name: name, play: func(tr *trial, l *line, _ int) { tr.healthy(l, tr.lane.op.step) },
			// A tool loop dials for its first step only.
			on: func(op operation) bool { return op.step == 0 },
			network: func(tr *trial, n *network) {
				n.dialed = func(ctx context.Context, _ int) error {
					if tr.healed {
						return nil
					}
					return fail(ctx)
				}
			},
			want: func(*trial) want { return w },
		}
	}
	failing := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	noConnection := unsent(keeprouter.ErrConnection)
	late := unsent(keeprouter.ErrTimeout)
	late.each = connect
	timedOut := unsent(keeprouter.ErrTimeout)
	return []*fault{
		dialing("no such host", noConnection, failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}})),
		dialing("the name server fails", noConnection, failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}})),
		dialing("the name server is silent", timedOut, failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}})),
		dialing("connection refused", noConnection, failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})),
		dialing("network unreachable", noConnection, failing(&net.OpError{Op: "dial", Err: syscall.ENETUNREACH})),
		dialing("a dial without an end", late, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}),
		{
			name: "closed while the request comes", on: func(op operation) bool { return op.step == 0 },
			offsets: func(*reference) int { return 300 },
			play:    func(*trial, *line, int) {},
			network: func(tr *trial, n *network) {
				n.serve = func(n *network, l *line) {
					if tr.healed {
						for n.exchange(l) {
						}
						return
					}
					_, _ = io.CopyN(io.Discard, l.Conn, int64(tr.at+1))
					l.reset.Store(tr.at%2 == 0)
				}
			},
			want: func(*trial) want { return unanswered() },
		},
		{
			name: "closed as the second request comes", on: func(op operation) bool { return op.step > 0 },
			offsets: func(*reference) int { return 2 },
			play: func(tr *trial, l *line, attempt int) {
				if attempt > 0 {
					tr.healthy(l, tr.lane.op.step)
					return
				}
				l.send(nil, []ending{hangUp, reset}[tr.at])
			},
			want: func(*trial) want { // the request may have been read
				w := whole()
				w.attempts, w.earlier, w.atMost = 2, keeprouter.ChargedInFull, backOff
				return w
			},
		},
		{
			name: "closed between two requests", on: func(op operation) bool { return op.step > 0 },
			play: func(tr *trial, l *line, _ int) { tr.healthy(l, tr.lane.op.step) },
			network: func(_ *trial, n *network) {
				n.serve = func(n *network, l *line) { n.exchangeOnce(l) }
			},
			want: func(*trial) want { return whole() },
		},
		{
			name: "a connection that a proxy forgets", on: func(op operation) bool { return op.step > 0 },
			play: func(tr *trial, l *line, attempt int) {
				if attempt == 0 {
					l.send(nil, stall)
					return
				}
				tr.healthy(l, tr.lane.op.step)
			},
			want: func(*trial) want {
				w := whole()
				w.attempts, w.earlier = 2, keeprouter.ChargedInFull
				w.atLeast, w.atMost = firstByte, firstByte+backOff
				return w
			},
		},
	}
}
