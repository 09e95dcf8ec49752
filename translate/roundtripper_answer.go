package translate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"mime"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// answerFormat is how an answer is translated to a client's format.
type answerFormat struct {
	model  string // the server's id
	failed func(error) ErrorAnswer
	whole  func([]byte) (wholeAnswer, error)
	stream func(io.Reader, StreamOptions) streamWriter
}

// wholeAnswer is one that doesn't stream, in the client's format.
type wholeAnswer struct {
	data        []byte
	usage       keeprouter.Usage // as the server counted
	diagnostics []Diagnostic     // also of one that is refused
}

// client is the format that isn't the server's.
func (rt *RoundTripper) client() Format {
	if rt.Server == Chat {
		return Messages
	}
	return Chat
}

// streamWriter yields the bytes of events. Its error is the stream's.
type streamWriter = iter.Seq2[[]byte, error]

// answer translates what the server answered.
func (rt *RoundTripper) answer(req *http.Request, resp *http.Response, streamed bool, f answerFormat) (*http.Response, error) {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	named := err == nil && kind == "text/event-stream"
	if streamed && resp.StatusCode < 300 && (named || kind != "application/json" && unnamedStream(resp)) {
		return rt.answerStream(req, resp, f), nil
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, rt.maxBody()+1))
	switch {
	case resp.StatusCode >= 300: // its status tells enough, even if its body was cut
		return rt.answerFailed(req, resp, data, f.failed), nil
	case err != nil:
		return nil, err
	case int64(len(data)) > rt.maxBody():
		return answerError(req, f.failed(&keeprouter.Error{Kind: keeprouter.ErrTooLarge, Message: ErrBodyTooLarge.Error()})), nil
	}
	if failure.IsError(data) { // some servers answer so with a status of 200
		return answerError(req, f.failed(new(keeprouter.ChatChunk).UnmarshalJSON(data))), nil
	}
	translated, err := f.whole(data)
	if err == nil && streamed {
		return rt.answerStream(req, rt.streaming(resp, data), f), nil
	}
	rt.report(req, translated.diagnostics...)
	if err != nil {
		return answerError(req, f.failed(err)), nil
	}
	header := rt.answerHeader(resp, "application/json")
	rt.setCost(header, f.model, translated.usage)
	return newResponse(req, resp.StatusCode, header, translated.data), nil
}

// unnamedStream reports whether an answer is a stream that its server doesn't call one.
func unnamedStream(resp *http.Response) bool {
	form, body, err := events.Detect(resp.Body, "")
	if err != nil {
		return false // which reading the body tells again
	}
	resp.Body = &boundedBody{body, resp.Body}
	return form == events.Stream
}

// streaming is the whole answer of a server that doesn't stream as a stream of one item:
// clients that have asked for a stream mostly read nothing else.
func (rt *RoundTripper) streaming(resp *http.Response, whole []byte) *http.Response {
	line := string(jsonx.Compact(whole))
	events := "data: " + line + "\n\ndata: [DONE]\n\n"
	if rt.Server == Messages {
		events = `data: {"type":"message_start","message":` + line + "}\n\n" + `data: {"type":"message_stop"}` + "\n\n"
	}
	stream := *resp
	stream.Body = io.NopCloser(strings.NewReader(events))
	return &stream
}

// answerFailed is the server's error in the client's format.
func (rt *RoundTripper) answerFailed(req *http.Request, resp *http.Response, body []byte, failed func(error) ErrorAnswer) *http.Response {
	answer := failed(ReadError(resp.StatusCode, resp.Header, body))
	header := rt.answerHeader(resp, "application/json")
	maps.Copy(header, answer.Header)
	answer.Header = header
	return answerError(req, answer)
}

func (rt *RoundTripper) answerStream(req *http.Request, resp *http.Response, f answerFormat) *http.Response {
	next, stop := iter.Pull2(f.stream(resp.Body, StreamOptions{Report: func(d Diagnostic) { rt.report(req, d) }}))
	translated := newResponse(req, resp.StatusCode, rt.answerHeader(resp, "text/event-stream"), nil)
	translated.Body, translated.ContentLength = &streamBody{
		ctx: req.Context(), next: next, stop: stop, from: resp.Body,
		failed: func(err error) []byte { return errorEvent(f.failed(err), rt.Server == Chat) },
	}, -1
	return translated
}

// errorEvent is an error inside a stream; named as Messages has it.
func errorEvent(e ErrorAnswer, named bool) []byte {
	var b bytes.Buffer
	if named {
		b.WriteString("event: error\n")
	}
	b.WriteString("data: ")
	b.Write(e.Body)
	b.WriteString("\n\n")
	return b.Bytes()
}

// streamBody is a translated stream, made as it is read.
type streamBody struct {
	ctx    context.Context // of the request
	next   func() ([]byte, error, bool)
	stop   func()
	from   io.ReadCloser
	failed func(error) []byte

	closed atomic.Bool

	mu   sync.Mutex // held while a Read waits
	left []byte
	over bool
}

// Read translates the next events when what it has is used up.
func (b *streamBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.left) == 0 || b.closed.Load() {
		switch {
		case b.closed.Load():
			return 0, http.ErrBodyReadAfterClose
		case b.over:
			return 0, io.EOF
		}
		data, err, ok := b.next()
		switch {
		case !ok:
			b.over = true
			readToEnd(b.from)
		case err != nil && b.ctx.Err() != nil: // the client's own doing, not the server's
			b.over = true
			return 0, context.Cause(b.ctx)
		case err != nil:
			b.over, b.left = true, b.failed(err)
		default:
			b.left = data
		}
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// What may come behind the end that a stream has marked: a connection of which it wasn't
// read can't serve another request.
const (
	drainBytes = 4 << 10
	drainTime  = 100 * time.Millisecond
)

// readToEnd reads what little is left of a body, if that comes soon.
func readToEnd(body io.ReadCloser) {
	late := time.AfterFunc(drainTime, func() { _ = body.Close() })
	defer late.Stop()
	_, _ = io.CopyN(io.Discard, body, drainBytes) // a connection that breaks now is not used again
}

// Close ends the translation and the server's answer, and a Read that waits for it.
func (b *streamBody) Close() error {
	b.closed.Store(true)
	err := b.from.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stop()
	return err
}

// writeMessages writes events as Messages has them on the wire. The source calls its
// function for each sign of life.
func writeMessages(source func(alive func() bool) iter.Seq2[*keeprouter.MessagesEvent, error]) streamWriter {
	return func(yield func([]byte, error) bool) {
		var line bytes.Buffer
		ping := &pinger{data: "event: ping\ndata: {\"type\": \"ping\"}\n\n", yield: yield}
		for e, err := range source(ping.alive) {
			if err == nil {
				line.Reset()
				line.WriteString("event: " + e.Type + "\n")
				err = writeData(&line, e)
			}
			if ping.left || !yield(line.Bytes(), err) || err != nil {
				return
			}
		}
	}
}

// writeChunks writes chunks as Chat has them on the wire. The source calls its function
// for each sign of life.
func writeChunks(source func(alive func() bool) iter.Seq2[*keeprouter.ChatChunk, error]) streamWriter {
	return func(yield func([]byte, error) bool) {
		var line bytes.Buffer
		ping := &pinger{data: ": ping\n\n", yield: yield}
		begun := false
		for c, err := range source(ping.alive) {
			if err == nil {
				line.Reset()
				err = writeData(&line, c)
			}
			if ping.left || !yield(line.Bytes(), err) || err != nil {
				return
			}
			ping.routine, begun = !begun, true
		}
		if !ping.left {
			yield([]byte("data: [DONE]\n\n"), nil)
		}
	}
}

// pinger writes a format's sign of life between the items of a stream.
type pinger struct {
	data  string
	yield func([]byte, error) bool
	left  bool // nobody reads any more

	// routine is whether the next ping is the one that streams of Messages begin with.
	// It is left out, for go-openai can't read an error behind a comment.
	routine bool
}

func (p *pinger) alive() bool {
	if p.routine {
		p.routine = false
		return !p.left
	}
	p.left = p.left || !p.yield([]byte(p.data), nil)
	return !p.left
}

func writeData(b *bytes.Buffer, item any) error {
	data, err := jsonx.Encode(item)
	if err != nil {
		return err
	}
	b.WriteString("data: ")
	b.Write(data)
	b.WriteString("\n\n")
	return nil
}

// readChunks reads a Chat stream. One that ends before its end was marked is an
// [keeprouter.ErrTruncated]. It calls alive for each ping, and ends if that is false.
func readChunks(body io.Reader, maxEvent int64, alive func() bool) iter.Seq2[*keeprouter.ChatChunk, error] {
	return func(yield func(*keeprouter.ChatChunk, error) bool) {
		finished := false
		var cut halves
		for ev, err := range events.Read(newPingReader(body), int(maxEvent)) {
			if err == nil && string(bytes.TrimSpace(ev.Data)) == "[DONE]" {
				return
			}
			if err == nil && ev.Name == "ping" {
				if !alive() {
					return
				}
				continue
			}
			if err == nil && isForeign(ev) {
				continue
			}
			var chunk keeprouter.ChatChunk
			if err == nil {
				err = chunk.UnmarshalJSON(cut.join(ev.Data))
			}
			if err != nil {
				yield(nil, ofStream(err))
				return
			}
			for i := range chunk.Choices {
				finished = finished || chunk.Choices[i].FinishReason != ""
			}
			if !yield(&chunk, nil) {
				return
			}
		}
		if !finished {
			yield(nil, truncated())
		}
	}
}

// isForeign reports whether an event is one of a server's own, of no concern to the
// answer.
func isForeign(ev *events.Event) bool {
	data := bytes.TrimSpace(ev.Data)
	switch {
	case ev.Name == "error":
		return false
	case jsonx.IsNull(data):
		return true
	case jsonx.Kind(data) != '{':
		return ev.Name != "" && ev.Name != "message"
	}
	for _, member := range []string{"choices", "error", "usage", "x_groq"} {
		if bytes.Contains(data, []byte(`"`+member+`"`)) {
			return false
		}
	}
	return ev.Name != "" && ev.Name != "message" && jsonx.Valid(data)
}

// readEvents reads a Messages stream as readChunks does a Chat stream.
func readEvents(body io.Reader, maxEvent int64, alive func() bool) iter.Seq2[*keeprouter.MessagesEvent, error] {
	return func(yield func(*keeprouter.MessagesEvent, error) bool) {
		finished := false
		var cut halves
		for ev, err := range events.Read(newPingReader(body), int(maxEvent)) {
			var event keeprouter.MessagesEvent
			if err == nil {
				if string(bytes.TrimSpace(ev.Data)) == "[DONE]" {
					if finished { // some proxies write it in place of message_stop
						return
					}
					continue
				}
				if ev.Name == "ping" {
					event.Type = "ping"
				} else {
					err = event.UnmarshalJSON(cut.join(ev.Data))
				}
			}
			if err == nil && event.Type == "ping" {
				if !alive() {
					return
				}
				continue
			}
			if err != nil {
				yield(nil, ofStream(err))
				return
			}
			finished = finished || event.StopReason != "" || event.Message != nil && event.Message.StopReason != ""
			if !yield(&event, nil) || event.Type == "message_stop" {
				return
			}
		}
		if !finished {
			yield(nil, truncated())
		}
	}
}

// ofStream is what an error of a stream means for its answer: one of the connection that
// it was cut.
func ofStream(err error) error {
	if large, ok := errors.AsType[*events.TooLargeError](err); ok {
		return &keeprouter.Error{Kind: keeprouter.ErrTooLarge, Message: large.Error(), InStream: true}
	}
	if _, known := errors.AsType[*keeprouter.Error](err); known {
		return err
	}
	return truncated()
}

func truncated() error {
	return &keeprouter.Error{Kind: keeprouter.ErrTruncated, Message: "the server's stream ended before its end was marked", InStream: true}
}
