package gateway

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"
)

const (
	jsonType   = "application/json"
	streamType = "text/event-stream"
)

// reply answers a valid request as the script says.
func (x *exchange) reply(p *prompt) {
	r := x.gateway.reply(x.request)
	if r.Demo {
		demonstrate(&r, p)
	}
	if !wait(x.r.Context(), r.Delay) {
		return
	}
	if r.Fault.DropConnection {
		panic(http.ErrAbortHandler)
	}
	if r.Fault.RedirectTo != "" {
		x.redirect(&r)
		return
	}
	frames := x.frames(&r, p)
	x.writeHeader(&r, p, frames)
	if !wait(x.r.Context(), r.FirstByteDelay) {
		return
	}
	b := &body{exchange: x, ctx: x.r.Context(), reply: &r, flusher: http.NewResponseController(x.w)}
	b.write(frames)
}

func (x *exchange) redirect(r *Reply) {
	x.w.Header().Set("Location", r.Fault.RedirectTo)
	r.setScripted(x.w.Header())
	x.w.WriteHeader(cmp.Or(r.Status, http.StatusTemporaryRedirect))
}

// frames is the body of the answer, a single frame when it is no stream.
func (x *exchange) frames(r *Reply, p *prompt) []frame {
	switch {
	case r.Body != "":
		return []frame{{data: []byte(r.Body), whole: true}}
	case r.failed():
		return []frame{{data: x.failureBody(r.scripted(r.Status)), whole: true}}
	}
	a := r.complete(p, x.number, x.gateway.created)
	switch {
	case x.messages && p.Stream:
		return messagesFrames(a)
	case x.messages:
		return []frame{{data: messagesAnswer(a), whole: true}}
	case p.Stream:
		return chatFrames(a)
	}
	return []frame{{data: chatBody(a), whole: true}}
}

// failed tells whether the status is the answer, rather than the type of an error
// inside one.
func (r *Reply) failed() bool { return r.Status >= 400 && r.Fault.ErrorAfterEvents == nil }

func (x *exchange) writeHeader(r *Reply, p *prompt, frames []frame) {
	h := x.w.Header()
	h.Set("Content-Type", jsonType)
	if p.Stream && !r.failed() {
		h.Set("Content-Type", streamType)
		h.Set("Cache-Control", "no-cache")
	}
	if r.ContentType != "" {
		h.Set("Content-Type", r.ContentType)
	}
	plain := frames[0].whole && r.Fault == (Fault{})
	if plain {
		h.Set("Content-Length", strconv.Itoa(len(frames[0].data)))
	}
	if r.Fault.GzipBomb > 0 {
		h.Set("Content-Encoding", "gzip")
	}
	r.setScripted(h)
	x.w.WriteHeader(r.status())
	if !plain || r.FirstByteDelay > 0 {
		flush(http.NewResponseController(x.w))
	}
}

func (r *Reply) status() int {
	if r.Status == 0 || (r.Status >= 400 && !r.failed()) {
		return http.StatusOK
	}
	return r.Status
}

// flush ignores that a writer can't: it then has no buffer of its own, or keeps the
// answer for later.
func flush(c *http.ResponseController) { _ = c.Flush() }

// wait sleeps, and tells whether the client is still there.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
