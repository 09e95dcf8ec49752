// Package loopback measures clients over real connections on 127.0.0.1, server and
// client each in a process of its own.
package loopback

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
)

// Mode is how the server sends a stream.
type Mode string

// The modes. Each event is a write and a flush of its own.
const (
	Full  Mode = "full"  // after the release, as fast as the client takes it, to the end
	Idle  Mode = "idle"  // a few events, and then none
	Paced Mode = "paced" // 50 events a second with the time in them, until the client leaves
)

const (
	idleEvents  = 20
	pacedTick   = 20 * time.Millisecond
	longest     = 60 * time.Second // of a stream that the client doesn't end
	serverStops = 5 * time.Second
	filesWanted = 10_000 + spare
)

// Serve writes the server's address to out and serves until in ends, which it does
// with the process that started this one.
func Serve(in io.Reader, out io.Writer) error {
	if err := measure.AllowFiles(filesWanted); err != nil {
		fmt.Fprintln(os.Stderr, "serving fewer streams:", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: Handler(), ReadHeaderTimeout: serverStops}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	if _, err := fmt.Fprintln(out, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	ctx, cancel := context.WithTimeout(context.Background(), serverStops)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		_ = srv.Close()
	}
	<-served
	return nil
}

// releasePath lets the streams of [Full] go on: they all wait behind their first
// events, since those that run would keep others from being opened.
const releasePath = "/release"

// Handler answers under /MODE/v1/chat/completions and /MODE/v1/messages, and the local
// gateway under /load/PACE/COUNT.
func Handler() http.Handler {
	chat, messages := feed.ChatText(), feed.MessagesText()
	released := make(chan struct{})
	release := sync.OnceFunc(func() { close(released) })
	local := &gateways{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == releasePath {
			release()
			return
		}
		if strings.HasPrefix(r.URL.Path, loadPath) {
			local.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		stream := chat
		if strings.HasSuffix(r.URL.Path, "/messages") {
			stream = messages
		}
		mode, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		w.Header().Set("Content-Type", "text/event-stream")
		ctx, cancel := context.WithTimeout(r.Context(), longest)
		defer cancel()
		out := &flusher{w, http.NewResponseController(w), ctx}
		switch Mode(mode) {
		case Full:
			out.run(stream, released)
		case Idle:
			if out.send(stream.Events[:idleEvents]) {
				<-ctx.Done()
			}
		case Paced:
			out.pace(stream)
		}
	})
}

type flusher struct {
	w          io.Writer
	controller *http.ResponseController
	ctx        context.Context
}

func (f *flusher) send(events [][]byte) bool {
	for _, e := range events {
		if f.ctx.Err() != nil {
			return false
		}
		if _, err := f.w.Write(e); err != nil || f.controller.Flush() != nil {
			return false
		}
	}
	return true
}

// head is the events up to the first with a text.
const head = 4

func (f *flusher) run(stream *feed.Stream, released <-chan struct{}) {
	if !f.send(stream.Events[:head]) {
		return
	}
	select {
	case <-f.ctx.Done():
	case <-released:
		f.send(stream.Events[head:])
	}
}

func (f *flusher) pace(stream *feed.Stream) {
	if !f.send(stream.Events[:head]) {
		return
	}
	tick := time.NewTicker(pacedTick)
	defer tick.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
			if !f.send([][]byte{stamped(stream.Format)}) {
				return
			}
		}
	}
}

// stamped is an event of about the usual size whose text is the time.
func stamped(format feed.Format) []byte {
	return feed.Delta(format, fmt.Sprint(time.Now().UnixNano()))
}
