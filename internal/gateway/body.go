package gateway

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"
)

// pingInterval is the longest silence of a Messages stream that nobody asked for.
const pingInterval = 10 * time.Second

// body writes an answer's body with the faults that the reply asks for. Each of its
// methods tells whether to go on.
type body struct {
	*exchange
	ctx     context.Context
	reply   *Reply
	flusher *http.ResponseController
	written int
}

func (b *body) write(frames []frame) {
	if b.reply.Fault.BOM && !b.put([]byte("\ufeff")) {
		return
	}
	if b.plain() || !b.longLines() {
		return
	}
	for i, f := range frames {
		if (i > 0 && !b.pause()) || !b.boundary(i) {
			return
		}
		if f.last && b.reply.Fault.OmitDone {
			continue
		}
		if !b.comments(f) || !b.frame(f) {
			return
		}
	}
	b.boundary(len(frames))
}

// boundary does what is to happen after n events.
func (b *body) boundary(n int) bool {
	fault := &b.reply.Fault
	switch {
	case is(fault.StallAfterEvents, n):
		flush(b.flusher)
		<-b.ctx.Done()
		return false
	case is(fault.ErrorAfterEvents, n):
		b.frame(b.errorFrame())
		return false
	case is(fault.MalformedAfterEvents, n):
		return b.frame(b.malformedFrame())
	}
	return !is(fault.EndAfterEvents, n)
}

func (b *body) errorFrame() frame {
	f := frame{data: b.failureBody(b.reply.broken()), whole: !b.request.Stream}
	if b.messages {
		f.event = "error"
	}
	return f
}

func (b *body) malformedFrame() frame {
	if b.messages {
		return frame{event: "content_block_delta", data: []byte(`{"type":"content_block_delta","index":0,"delta":{"ty`), whole: !b.request.Stream}
	}
	return frame{data: []byte(`{"object":"chat.completion.chunk","choices":[{"index":0,"del`), whole: !b.request.Stream}
}

// pause waits between two events. As at the service, a Messages stream isn't silent
// for long.
func (b *body) pause() bool {
	left := b.reply.Pause
	for b.messages && left > pingInterval {
		if !wait(b.ctx, pingInterval) || !b.frame(frame{event: "ping", data: encode(bareEvent{"ping"})}) {
			return false
		}
		left -= pingInterval
	}
	return wait(b.ctx, left)
}

func (b *body) comments(f frame) bool {
	if f.whole {
		return true
	}
	for range b.reply.Fault.Comments {
		if !b.put(b.lines([]byte(": keep-alive\n\n"))) {
			return false
		}
	}
	return true
}

func (b *body) frame(f frame) bool {
	data := f.bytes(b.reply.Fault.NoEventNames)
	if !f.whole {
		data = b.lines(data)
	}
	return b.put(data)
}

func (b *body) lines(data []byte) []byte {
	if end := b.reply.Fault.LineEnd; end != "" && end != "\n" {
		return bytes.ReplaceAll(data, []byte("\n"), []byte(end))
	}
	return data
}

// put writes and flushes, and cuts the connection when its time has come.
func (b *body) put(data []byte) bool {
	cut := b.reply.Fault.CutAfterBytes
	ends := cut != nil && b.written+len(data) >= *cut
	if ends {
		data = data[:max(*cut-b.written, 0)]
	}
	n, err := b.w.Write(data)
	b.written += n
	flush(b.flusher)
	if ends {
		panic(http.ErrAbortHandler)
	}
	return err == nil && b.ctx.Err() == nil
}

// longLines writes the lines that come before all events.
func (b *body) longLines() bool {
	fault := &b.reply.Fault
	if n := fault.LongLine; n > 0 {
		head, tail := b.padding()
		prefix := head[strings.LastIndex(head, "\n")+1:]
		if !b.put([]byte(head)) || !b.fill('x', int64(max(n-len(prefix)-len(tail), 0))) || !b.put(b.lines([]byte(tail+"\n\n"))) {
			return false
		}
	}
	if fault.EndlessLine {
		head, _ := b.padding()
		return b.put([]byte(head)) && b.endless('x')
	}
	return true
}

// padding is an event that says nothing, around the bytes that make it long.
func (b *body) padding() (head, tail string) {
	if b.messages {
		return "event: ping\ndata: " + `{"type":"ping","padding":"`, `"}`
	}
	return `data: {"object":"chat.completion.chunk","choices":[],"obfuscation":"`, `"}`
}
