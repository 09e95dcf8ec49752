// Package keeproutertest runs KeepRouter's gateway in the process, for tests, examples
// and demos that need neither network nor key. It speaks both formats as the service
// does, answers what a script of [Reply] values tells it, and fails on demand. It is
// no model: its Server header says so, and so does its answer without a script.
//
//	srv := keeproutertest.NewServer(t,
//		keeproutertest.Reply{Status: 429, RetryAfter: 90 * time.Second},
//		keeproutertest.Reply{Text: "Hello."},
//	)
//	client, err := keeprouter.NewClient(srv.Options())
//
// Its connections are pipes in memory. In a bubble of testing/synctest the ninety
// seconds above pass at once, and can be asserted to the nanosecond.
package keeproutertest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// Key is the key that the gateway takes.
const Key = "kr-test-local-gateway"

// ServerName is the Server header of each of the gateway's answers.
const ServerName = "keeprouter-local-gateway"

// leakWait is how long a test's end waits for open requests.
const leakWait = 2 * time.Second

// Server is a local gateway. Use [Server.Options] to call it from this process; as an
// [http.Handler] it can be put on a port for any other client.
type Server struct {
	// Pace, if set before the first request, passes between two events of each
	// stream whose Reply has no Pause: text then appears as if it were written.
	Pace time.Duration

	gateway   *gateway.Gateway
	script    *script
	open      openRequests
	listener  *listener
	transport *countingTransport
	server    *http.Server
	serving   sync.WaitGroup
	closing   sync.Once
}

// NewServer starts a gateway that gives the replies in turn, each to one valid
// request; what it refuses by itself (a wrong key, an unknown model, a request that
// the format forbids) takes none. A request after the last reply fails, and so does
// the test. Without replies, every request is answered from its own words.
//
// When the test ends, it fails if an answer was left open: neither read to its end
// nor closed. Then the gateway shuts down. A test in a bubble starts its server there,
// with the bubble's own t.
func NewServer(tb testing.TB, replies ...Reply) *Server {
	tb.Helper()
	s := Start(replies...)
	s.closeWith(tb)
	return s
}

// NewServerFunc starts a gateway whose replies come from a function of the request.
// It is called from several goroutines at once.
func NewServerFunc(tb testing.TB, reply func(Request) Reply) *Server {
	tb.Helper()
	s := start(func(r gateway.Request) gateway.Reply {
		answer := reply(requestOf(r))
		return answer.engine()
	})
	s.closeWith(tb)
	return s
}

// Start is [NewServer] without a test, for examples and demos. Call [Server.Close]
// when done.
func Start(replies ...Reply) *Server {
	sc := &script{replies: replies}
	s := start(sc.next)
	s.script = sc
	return s
}

func start(reply func(gateway.Request) gateway.Reply) *Server {
	s := &Server{listener: newListener()}
	s.gateway = gateway.New(gateway.Config{Key: Key, Reply: func(r gateway.Request) gateway.Reply {
		return s.paced(reply(r))
	}})
	s.transport = &countingTransport{Transport: &http.Transport{DialContext: s.listener.dial}, open: &s.open}
	s.server = &http.Server{
		Handler:     s,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context { return context.WithValue(ctx, inMemory{}, true) },
		ConnState:   s.connState,
		// Broken connections are this server's purpose: no need to report them.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	s.serving.Go(func() { _ = s.server.Serve(s.listener) })
	return s
}

// inMemory marks the requests that come over a pipe.
type inMemory struct{}

// connState lets Close wait for the goroutines of all connections.
func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.serving.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.serving.Done()
	}
}

func (s *Server) paced(r gateway.Reply) gateway.Reply {
	if r.Pause == 0 {
		r.Pause = s.Pace
	}
	return r
}

// ServeHTTP answers a request of any client, as [http.Handler] says. A [Fault] that
// breaks the connection panics with [http.ErrAbortHandler], which net/http's server
// expects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	counter := &s.open.others
	if r.Context().Value(inMemory{}) != nil {
		counter = &s.open.pipes
	}
	s.open.add(counter, 1)
	defer s.open.add(counter, -1)
	s.gateway.ServeHTTP(w, r)
}

// Requests are the requests received so far, in their order and safe to keep. Of very
// many (10,000, or 64 MiB of bodies) only the last ones are there.
func (s *Server) Requests() []Request {
	received := s.gateway.Requests()
	list := make([]Request, 0, len(received))
	for _, r := range received {
		list = append(list, requestOf(r))
	}
	return list
}

// Open is the number of requests in progress: those being answered, and those whose
// answer the client has neither read to its end nor closed. In a bubble, call
// synctest.Wait first.
func (s *Server) Open() int { return s.open.count() }

// Close ends what is in progress and shuts the gateway down. A server of [NewServer]
// is closed by its test.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.transport.CloseIdleConnections()
		// It fails only for want of a listener to close.
		_ = s.server.Close()
		s.serving.Wait()
	})
}

func (s *Server) closeWith(tb testing.TB) {
	if s.script != nil {
		s.script.report(tb)
	}
	tb.Cleanup(func() {
		tb.Helper()
		s.transport.CloseIdleConnections()
		if n := s.open.wait(leakWait); n > 0 {
			tb.Errorf("keeproutertest: %d requests are still open at the end of the test: read each answer to its end or close it", n)
		}
		s.Close()
	})
}
