package battery

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// network is a gateway's side of the wire, in memory. Each request is answered by the
// bytes that a script sends, so that it can break any rule.
type network struct {
	script  func(line *line, request asked)
	serve   func(n *network, line *line)     // speaks another protocol than HTTP/1.1
	prepare func(*http.Transport)            // the client's side
	secure  bool                             // whether the client speaks TLS
	dialed  func(context.Context, int) error // judges the n-th dial

	lines    sync.WaitGroup
	mu       sync.Mutex
	open     map[*line]bool // connections that the client has not closed
	dials    int
	hosts    []string
	requests []asked
}

// asked is a request as it came.
type asked struct {
	number int // counts all requests from 0
	head   http.Header
	body   []byte
}

// line is the server's end of a connection.
type line struct {
	net.Conn
	in    *bufio.Reader
	reset atomic.Bool
	owner *network
	raw   *limited // what lies under TLS

	stream uint32      // of HTTP/2
	whole  *line       // the connection that the stream is in
	dead   atomic.Bool // whether the connection no longer answers
}

// device is the client's end. It tells a reset from a close, which pipes can't.
type device struct {
	net.Conn
	line *line
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

func (d *device) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if err == io.EOF && d.line.reset.Load() {
		err = errReset
	}
	return n, err
}

// Close ends the connection on both sides, and counts: what the client doesn't close is
// a leak, whatever the server does.
func (d *device) Close() error {
	d.line.owner.mu.Lock()
	delete(d.line.owner.open, d.line)
	d.line.owner.mu.Unlock()
	return d.Conn.Close()
}

func (d *device) Write(p []byte) (int, error) {
	n, err := d.Conn.Write(p)
	if err == io.ErrClosedPipe {
		err = &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	return n, err
}

func (n *network) device(ctx context.Context, _, host string) (net.Conn, error) {
	n.mu.Lock()
	n.dials++
	number := n.dials
	n.hosts = append(n.hosts, host)
	n.mu.Unlock()
	if n.dialed != nil {
		if err := n.dialed(ctx, number); err != nil {
			return nil, err
		}
	}
	client, server := net.Pipe()
	l := &line{Conn: server, in: bufio.NewReader(server), owner: n}
	n.mu.Lock()
	n.open[l] = true
	n.mu.Unlock()
	n.lines.Go(func() {
		defer l.Close()
		if n.serve != nil {
			n.serve(n, l)
			return
		}
		for n.exchange(l) {
		}
	})
	return &device{client, l}, nil
}

// exchange serves one request, and reports whether the connection goes on.
func (n *network) exchange(l *line) bool {
	if !n.exchangeOnce(l) {
		return false
	}
	_, err := l.in.Peek(1) // fails once either end has closed
	return err == nil
}

func (n *network) exchangeOnce(l *line) bool {
	r, err := http.ReadRequest(l.in)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	n.answer(l, r.Header, body)
	return true
}

func (n *network) answer(l *line, head http.Header, body []byte) {
	n.mu.Lock()
	request := asked{len(n.requests), head, body}
	n.requests = append(n.requests, request)
	n.mu.Unlock()
	n.script(l, request)
}

// counts are what the network has seen.
func (n *network) counts() (dials, requests, open int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dials, len(n.requests), len(n.open)
}

func (n *network) close() {
	n.mu.Lock()
	for l := range n.open {
		_ = l.Close()
	}
	n.mu.Unlock()
	n.lines.Wait()
}

// isSecondStep reports whether the request brings the results of tools.
func (a asked) isSecondStep() bool {
	return bytes.Contains(a.body, []byte(`"role":"tool"`)) || bytes.Contains(a.body, []byte(`"tool_result"`))
}

// ending is what the server does after its last byte.
type ending int

const (
	goOn   ending = iota // waits for the next request
	hangUp               // closes the connection
	reset                // has the connection reset
	stall                // says nothing more
)

func (l *line) send(data []byte, end ending) {
	if _, err := l.Write(data); err != nil {
		return
	}
	switch end {
	case reset:
		if l.whole != nil {
			l.whole.reset.Store(true)
		}
		l.reset.Store(true)
		_ = l.Close()
	case hangUp:
		_ = l.Close()
	case stall:
		_, _ = io.Copy(io.Discard, l.in)
	}
}
