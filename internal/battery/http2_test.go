package battery

import (
	"encoding/binary"
	"io"
	"net/http"
	"sync"
	"time"
)

// The frames of HTTP/2 (RFC 9113) that a server needs to break its rules.
const (
	dataFrame    = 0x0
	headersFrame = 0x1
	resetFrame   = 0x3
	settings     = 0x4
	pingFrame    = 0x6
	goAwayFrame  = 0x7

	endStream  = 0x1
	ack        = 0x1
	endHeaders = 0x4
)

// Error codes of HTTP/2.
const (
	noError       = 0x0
	protocolError = 0x1
	internalError = 0x2
	refusedStream = 0x7
	canceled      = 0x8
	calmDown      = 0xb
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	f := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	f = binary.BigEndian.AppendUint32(f, stream)
	return append(f, payload...)
}

func rstStream(stream, code uint32) []byte {
	return frame(resetFrame, 0, stream, binary.BigEndian.AppendUint32(nil, code))
}

func goAway(last, code uint32) []byte {
	return frame(goAwayFrame, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code))
}

// head2 is the header of an answer, in HPACK without a table: ":status: 200" and the
// content type and request id as literals.
func (r *reference) head2(stream uint32) []byte {
	block := []byte{0x88, 0x0f, 0x10, byte(len(r.contentType()))}
	block = append(block, r.contentType()...)
	for _, text := range []string{"x-request-id", "req_battery"} {
		if text[0] == 'x' {
			block = append(block, 0x00)
		}
		block = append(append(block, byte(len(text))), text...)
	}
	return frame(headersFrame, endHeaders, stream, block)
}

// http2 is the answer as a server of HTTP/2 sends it, a frame for each piece.
func (r *reference) http2(stream uint32) wired {
	w := wired{body: []int{0}}
	w.add(string(r.head2(stream)), 0)
	w.head = len(w.bytes)
	for _, piece := range r.pieces() {
		data := frame(dataFrame, 0, stream, piece)
		w.add(string(data[:9]), 0)
		w.add(string(data[9:]), 1)
	}
	w.add(string(frame(dataFrame, endStream, stream, nil)), 0)
	return w
}

// begun2 is the head of an answer and n bytes of its body.
func (r *reference) begun2(stream uint32, n int) []byte {
	return append(r.head2(stream), frame(dataFrame, 0, stream, r.body[:n])...)
}

// upgrade has a network speak HTTP/2 from the first byte, without TLS.
func upgrade(_ *trial, n *network) {
	n.prepare = func(t *http.Transport) {
		t.Protocols = new(http.Protocols)
		t.Protocols.SetUnencryptedHTTP2(true)
	}
	n.serve = serve2
}

// serve2 reads frames, and has the script answer each request that is complete.
func serve2(n *network, l *line) {
	var answers sync.WaitGroup
	defer answers.Wait()
	defer l.Close()
	if _, err := io.CopyN(io.Discard, l.in, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	greeted := make(chan struct{})
	answers.Go(func() {
		defer close(greeted)
		_, _ = l.Write(frame(settings, 0, 0, nil))
	})
	write := func(data []byte) {
		answers.Go(func() {
			if <-greeted; !l.dead.Load() {
				_, _ = l.Write(data)
			}
		})
	}
	bodies := map[uint32][]byte{}
	for {
		var head [9]byte
		if _, err := io.ReadFull(l.in, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(l.in, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == settings && flags&ack == 0:
			write(frame(settings, ack, 0, nil))
		case kind == pingFrame && flags&ack == 0:
			write(frame(pingFrame, ack, 0, payload))
		case kind == dataFrame:
			bodies[stream] = append(bodies[stream], payload...)
			if flags&endStream != 0 {
				answers.Go(func() {
					if <-greeted; l.dead.Load() {
						return
					}
					n.answer(&line{Conn: l.Conn, in: l.in, owner: n, stream: stream, whole: l}, nil, bodies[stream])
				})
			}
		}
	}
}

// pinged is the time after which a dead connection is given up.
const pinged = 45 * time.Second

// http2Faults are those of HTTP/2, from the header to the last byte.
func http2Faults() []*fault {
	first := func(op operation) bool { return op.step == 0 }
	cut := func(name string, offsets func(r *reference) int, raw func(tr *trial, stream uint32) []byte, e ending, w func(tr *trial) want) *fault {
		return &fault{
			name: "HTTP/2: " + name, network: upgrade, offsets: offsets,
			on:   first,
			play: func(tr *trial, l *line, _ int) { l.send(raw(tr, l.stream), e) },
			want: w,
		}
	}
	everyByte := func(r *reference) int { return len(r.http2(1).bytes) }
	everyBodyByte := func(r *reference) int { return len(r.body) + 1 }
	codes := []uint32{noError, protocolError, internalError, canceled, calmDown}
	atWire := func(each time.Duration) func(tr *trial) want {
		return func(tr *trial) want {
			w := tr.http2(1)
			out := unanswered()
			if tr.at >= w.head {
				out = tr.received(w.body[tr.at], broken)
			}
			if out.kind == "" && each > 0 {
				out.atMost = drain
				return out
			}
			out.each = each
			return out
		}
	}
	unstarted := func(name string, raw func(stream uint32) []byte, w want) *fault {
		return cut(name, nil, func(_ *trial, stream uint32) []byte { return raw(stream) }, goOn, func(*trial) want { return w })
	}
	again := unanswered()
	again.open = 1
	byItself := again // net/http repeats what no server can have begun
	byItself.unasked, byItself.atMost = 3*7, 4*time.Minute
	endless := again // of itself it would never end
	endless.unasked, endless.atMost = 3*16, 0
	return []*fault{
		cut("a whole answer", nil, func(tr *trial, stream uint32) []byte { return tr.http2(stream).bytes }, goOn, func(*trial) want { return whole() }),
		cut("connection reset", everyByte, func(tr *trial, stream uint32) []byte { return tr.http2(stream).bytes[:tr.at] }, reset, atWire(0)),
		{
			name: "HTTP/2: a dead connection", network: upgrade, offsets: everyByte, on: simple,
			play: func(tr *trial, l *line, _ int) {
				l.whole.dead.Store(true)
				l.send(tr.http2(l.stream).bytes[:tr.at], goOn)
			},
			want: atWire(pinged),
		},
		cut("silence", func(r *reference) int { return len(r.pieces()) + 1 }, func(tr *trial, stream uint32) []byte {
			return tr.begun2(stream, len(tr.joined(tr.at)))
		}, goOn, func(tr *trial) want {
			w := tr.received(len(tr.joined(tr.at)), silent)
			w.open = 1 // other streams may be well
			return w
		}),
		cut("RST_STREAM, with one code after another", everyBodyByte, func(tr *trial, stream uint32) []byte {
			return append(tr.begun2(stream, tr.at), rstStream(stream, codes[tr.at%len(codes)])...)
		}, goOn, func(tr *trial) want {
			w := tr.received(tr.at, broken)
			w.open = 1
			return w
		}),
		cut("GOAWAY, then closed", everyBodyByte, func(tr *trial, stream uint32) []byte {
			return append(tr.begun2(stream, tr.at), goAway(stream, internalError)...)
		}, hangUp, func(tr *trial) want { return tr.received(tr.at, broken) }),
		cut("GOAWAY, then the rest", everyBodyByte, func(tr *trial, stream uint32) []byte {
			raw := append(tr.begun2(stream, tr.at), goAway(stream, noError)...)
			return append(raw, frame(dataFrame, endStream, stream, tr.body[tr.at:])...)
		}, goOn, func(*trial) want { return whole() }),
		cut("a clean end", everyBodyByte, func(tr *trial, stream uint32) []byte {
			return append(tr.begun2(stream, tr.at), frame(dataFrame, endStream, stream, nil)...)
		}, goOn, func(tr *trial) want { return tr.received(tr.at, clean) }),
		unstarted("RST_STREAM before the header", func(stream uint32) []byte { return rstStream(stream, internalError) }, again),
		unstarted("REFUSED_STREAM", func(stream uint32) []byte { return rstStream(stream, refusedStream) }, byItself),
		unstarted("GOAWAY that takes no stream", func(uint32) []byte { return goAway(0, noError) }, endless),
		unstarted("data before the header", func(stream uint32) []byte { return frame(dataFrame, 0, stream, []byte("x")) }, again),
		unstarted("a header that is none", func(stream uint32) []byte { return frame(headersFrame, endHeaders, stream, []byte{0xff, 0xff}) }, again),
		unstarted("a frame that is too large", func(uint32) []byte { return []byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1} }, again),
		unstarted("frames of another stream", func(uint32) []byte { return frame(dataFrame, 0, 99, []byte("x")) }, again),
	}
}
