package battery

import "github.com/keeprouter/keeprouter-go"

// silent is the outcome when nothing comes behind a place of the wire.
func (tr *trial) silent(w wired) want {
	out := tr.received(w.body[tr.at], silent)
	if last := len(w.bytes) - len("\r\n"); tr.lane.op.streams && tr.at >= last {
		out.atMost = idle // net/http keeps what it has read back until the last chunk's trailer has ended
	}
	return out
}

// cutFaults end an answer at each of its bytes.
func cutFaults() []*fault {
	wire := func(name string, e ending) *fault {
		return &fault{
			name:    name,
			offsets: func(r *reference) int { return len(r.http1().bytes) },
			play: func(tr *trial, l *line, _ int) {
				l.send(tr.http1().bytes[:tr.at], e)
			},
			want: func(tr *trial) want {
				w := tr.http1()
				switch {
				case tr.at < w.head && e == stall:
					return want{
						kind: keeprouter.ErrTimeout, attempts: tries, retryable: true, nothing: true, each: firstByte,
						basis: keeprouter.ChargedInFull, earlier: keeprouter.ChargedInFull,
					}
				case tr.at < w.head:
					return unanswered()
				case e == stall:
					return tr.silent(w)
				}
				return tr.received(w.body[tr.at], broken)
			},
		}
	}
	body := func(name string, render func(r *reference, n int) []byte, e ending) *fault {
		return &fault{
			name:    name,
			offsets: func(r *reference) int { return len(r.body) + 1 },
			play:    func(tr *trial, l *line, _ int) { l.send(render(tr.reference, tr.at), e) },
			want:    func(tr *trial) want { return tr.received(tr.at, clean) },
		}
	}
	return []*fault{
		wire("connection reset", reset),
		wire("connection closed", hangUp),
		wire("silence", stall),
		body("clean end, chunked", func(r *reference, n int) []byte {
			return chunked(header("200 OK", r.contentType()), [][]byte{r.body[:n]}).bytes
		}, goOn),
		body("clean end, with a length", func(r *reference, n int) []byte {
			return measured(header("200 OK", r.contentType()), r.body[:n]).bytes
		}, goOn),
		body("clean end, until the connection closes", func(r *reference, n int) []byte {
			return append([]byte(header("200 OK", r.contentType(), "Connection: close")+"\r\n"), r.body[:n]...)
		}, hangUp),
	}
}
