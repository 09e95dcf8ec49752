package battery

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// pieces are the parts that a server sends one by one: events, or some of the bytes.
func (r *reference) pieces() [][]byte {
	if !r.lane.op.streams {
		return slices.Collect(slices.Chunk(r.body, 64))
	}
	var pieces [][]byte
	begin := 0
	for _, ev := range r.events {
		pieces = append(pieces, r.body[begin:ev.end])
		begin = ev.end
	}
	return pieces
}

// joined are the bytes of the first n pieces.
func (r *reference) joined(n int) []byte { return bytes.Join(r.pieces()[:n], nil) }

// ok is the head of an answer that begins well.
func (r *reference) ok(more ...string) string { return header("200 OK", r.contentType(), more...) }

const garbage = "\x00\xff\xfe\x80garbage\x01{{{\"\\\xc3"

// damageFaults spoil an answer's body, or its framing.
func damageFaults() []*fault {
	return []*fault{
		{
			name:    "garbage, then a clean end",
			offsets: func(r *reference) int { return len(r.bare()) + 1 },
			play: func(tr *trial, l *line, _ int) {
				l.send(chunked(tr.ok(), [][]byte{tr.body[:tr.at], []byte(garbage)}).bytes, goOn)
			},
			want: func(tr *trial) want { return tr.received(tr.at, dirty) },
		},
		{
			name:    "a NUL in the JSON",
			offsets: func(r *reference) int { return len(r.marks()) },
			play: func(tr *trial, l *line, _ int) {
				body := bytes.Clone(tr.body)
				body[tr.marks()[tr.at]] = 0
				l.send(chunked(tr.ok(), [][]byte{body}).bytes, goOn)
			},
			want: func(tr *trial) want {
				w := tr.received(tr.marks()[tr.at], clean)
				w.kind, w.attempts, w.retryable = keeprouter.ErrBadResponse, 1, false
				w.inStream = tr.lane.op.streams
				w.unknown = false
				if tr.lane.op.streams {
					w = tr.before(tr.marks()[tr.at], w)
				}
				return w
			},
		},
		{
			name:    "a chunk that is none",
			offsets: func(r *reference) int { return len(badChunks) * (len(r.pieces()) + 1) },
			play: func(tr *trial, l *line, _ int) {
				n, bad := tr.at/len(badChunks), badChunks[tr.at%len(badChunks)]
				raw := chunked(tr.ok(), tr.pieces()[:n]).bytes
				raw = append(bytes.TrimSuffix(raw, []byte("0\r\n\r\n")), bad...)
				l.send(raw, hangUp)
			},
			want: func(tr *trial) want { return tr.received(len(tr.joined(tr.at/len(badChunks))), broken) },
		},
		{
			name:    "a length that is too long",
			offsets: func(*reference) int { return 8 },
			play: func(tr *trial, l *line, _ int) {
				l.send(measuredAs(tr.ok(), tr.body, len(tr.body)+1<<tr.at), hangUp)
			},
			want: func(tr *trial) want { return tr.received(len(tr.body), broken) },
		},
		{
			name:    "a length that is too long, then silence",
			offsets: func(*reference) int { return 8 },
			play: func(tr *trial, l *line, _ int) {
				l.send(measuredAs(tr.ok(), tr.body, len(tr.body)+1<<tr.at), stall)
			},
			want: func(tr *trial) want { return tr.received(len(tr.body), silent) },
		},
		{
			name:    "a length that is too short",
			offsets: func(r *reference) int { return len(r.body) },
			play: func(tr *trial, l *line, _ int) {
				l.send(measuredAs(tr.ok(), tr.body, tr.at), goOn)
			},
			want: func(tr *trial) want { return tr.received(tr.at, clean) },
		},
		{
			name: "an answer that nobody asked for, behind the answer",
			play: func(tr *trial, l *line, _ int) {
				l.send(append(tr.http1().bytes, measured(header("200 OK", jsonType), []byte(`{"stray":true}`)).bytes...), goOn)
			},
			want: func(*trial) want { return whole() },
		},
		{
			name:    "a header that breaks the rules",
			offsets: func(*reference) int { return len(badHeads) },
			play:    func(tr *trial, l *line, _ int) { l.send([]byte(badHeads[tr.at]), hangUp) },
			want:    func(*trial) want { return unanswered() },
		},
		recovered("connection reset, then a whole answer", reset, broken),
		recovered("silence, then a whole answer", stall, silent),
		{
			name:    "the caller cancels",
			offsets: func(r *reference) int { return len(r.http1().bytes) - len("0\r\n\r\n") },
			play:    func(tr *trial, l *line, _ int) { l.send(tr.http1().bytes[:tr.at], stall) },
			context: cancelAfter(time.Second),
			want:    func(tr *trial) want { return tr.stopped(keeprouter.ErrCanceled, time.Second) },
		},
		{
			name:    "Timeouts.Total passes",
			offsets: func(r *reference) int { return len(r.http1().bytes) - len("0\r\n\r\n") },
			play:    func(tr *trial, l *line, _ int) { l.send(tr.http1().bytes[:tr.at], stall) },
			options: func(_ *trial, o *keeprouter.Options) { o.Timeouts.Total = time.Minute },
			want:    func(tr *trial) want { return tr.stopped(keeprouter.ErrTimeout, time.Minute) },
		},
		{
			name: "a byte a second",
			play: func(tr *trial, l *line, _ int) {
				w := tr.slow()
				l.send(w.bytes[:w.head], goOn)
				step := 1
				if tr.lane.op.streams {
					step = len("1\r\nx\r\n")
				}
				for rest := w.bytes[w.head:]; len(rest) > 0; rest = rest[min(step, len(rest)):] {
					time.Sleep(time.Second)
					l.send(rest[:min(step, len(rest))], goOn)
				}
			},
			want: func(tr *trial) want {
				w := whole()
				w.atMost = time.Duration(len(tr.body))*time.Second + drain
				w.atLeast = w.atMost - 5*time.Second - drain // a stream's last bytes say no more
				return w
			},
		},
		{
			// net/http hands out a piece of a chunk only when no more of it is coming.
			name: "a byte a second, all in one chunk",
			on:   func(op operation) bool { return op.streams },
			play: func(tr *trial, l *line, _ int) {
				w := chunked(tr.ok(), [][]byte{tr.body})
				l.send(w.bytes[:w.head], goOn)
				for _, b := range w.bytes[w.head:] {
					time.Sleep(time.Second)
					if _, err := l.Write([]byte{b}); err != nil {
						return
					}
				}
			},
			want: func(tr *trial) want {
				return tr.received(0, silent)
			},
		},
		{
			name: "a byte of the header every minute",
			play: func(tr *trial, l *line, _ int) {
				for _, b := range tr.http1().bytes {
					time.Sleep(time.Minute)
					if _, err := l.Write([]byte{b}); err != nil {
						return
					}
				}
			},
			want: func(*trial) want {
				w := unanswered()
				w.kind, w.each = keeprouter.ErrTimeout, firstByte
				return w
			},
		},
	}
}

// slow is the answer with a chunk for each byte of a stream.
func (r *reference) slow() wired {
	if !r.lane.op.streams {
		return r.http1()
	}
	return chunked(r.ok(), slices.Collect(slices.Chunk(r.body, 1)))
}

// marks are the places of the body's JSON, without those of pings: they say nothing, so
// nothing in them is read.
func (r *reference) marks() []int {
	var marks []int
	begin := 0
	for _, piece := range r.pieces() {
		if bytes.HasPrefix(piece, []byte("event: ping\n")) {
			begin += len(piece)
			continue
		}
		from := 0
		if r.lane.op.streams {
			from = bytes.Index(piece, []byte("data: ")) + len("data: ")
		}
		for i := from; i < len(bytes.TrimRight(piece, "\n")); i++ {
			marks = append(marks, begin+i)
		}
		begin += len(piece)
	}
	return marks
}

// before changes an outcome to what is kept of the events that end before a place.
func (r *reference) before(at int, w want) want {
	n := 0
	for _, ev := range r.events {
		if ev.end <= at {
			n = ev.end
		}
	}
	got := r.receivedStream(n, broken)
	w.text, w.nothing, w.basis, w.status = got.text, got.nothing, got.basis, 0
	return w
}

// stopped is the outcome when the caller ends the call while it waits.
func (tr *trial) stopped(kind keeprouter.ErrorKind, after time.Duration) want {
	w := unanswered()
	if wire := tr.http1(); tr.at >= wire.head {
		w = tr.received(wire.body[tr.at], silent)
	}
	if w.kind == "" {
		return w
	}
	w.kind, w.attempts, w.retryable, w.each = kind, 1, false, after
	return w
}

// recovered breaks the first attempt only.
func recovered(name string, e ending, how end) *fault {
	return &fault{
		name:    name,
		offsets: func(r *reference) int { return len(r.http1().bytes) },
		play: func(tr *trial, l *line, attempt int) {
			if attempt > 0 {
				l.send(tr.http1().bytes, goOn)
				return
			}
			l.send(tr.http1().bytes[:tr.at], e)
		},
		want: func(tr *trial) want {
			first := unanswered()
			if e == stall {
				first.each = firstByte
			}
			switch wire := tr.http1(); {
			case tr.at < wire.head:
			case how == silent:
				first = tr.silent(wire)
			default:
				first = tr.received(wire.body[tr.at], how)
			}
			if first.attempts == 1 {
				return first
			}
			w := whole()
			w.attempts, w.earlier = 2, keeprouter.ChargedInFull
			w.atLeast, w.atMost = first.each, first.each+backOff
			return w
		},
	}
}

// measuredAs lies about the length.
func measuredAs(head string, body []byte, length int) []byte {
	return append(fmt.Appendf(nil, "%sContent-Length: %d\r\n\r\n", head, length), body...)
}

// badChunks stand where a chunk should.
var badChunks = []string{
	"xyz\r\n", "-1\r\nx", "FFFFFFFFFFFFFFFFFF\r\nx", "\r\n\r\n", "5\r\nab\r\n", "1;" + string(bytes.Repeat([]byte("x"), 5000)) + "\r\n",
	"0\r\nbad trailer",
}

// badHeads are no heads of an answer.
var badHeads = []string{
	"SSH-2.0-OpenSSH_9.9\r\n",
	"HTTP/1.1 OK\r\n\r\n",
	"HTTP/1.1 99999 Odd\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gibberish\r\n\r\n",
	"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
	"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: a\r\n",
	"\x15\x03\x01\x00\x02\x02\x46",
	"{\"choices\":[]}",
	"\r\n\r\n",
}
