package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// attempt is one request and its answer. Its parts live in one place, because each
// would cost an allocation of its own.
type attempt struct {
	client *Client
	req    *Request
	key    [1]string // the Idempotency-Key
	info   *Info
	ctx    context.Context // the attempt's own: it ends with it

	url    url.URL
	watch  watchdog
	way    sending
	trace  httptrace.ClientTrace
	sent   bytes.Reader // of the request's body, for the first time that it is sent
	body   body
	capped capped
	answer Response
}

// make makes the request and has its answer handled. The body is released when it
// returns, and the connection goes back to the pool if the body was read whole. It
// reports whether the request may have reached the server.
func (a *attempt) make(ctx context.Context, start time.Time, handle func(*Response) error) (sent bool, err error) {
	c, info := a.client, a.info
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.watch.cancel, a.watch.began = cancel, start
	if a.req.Admit != nil {
		a.watch.began = time.Now() // to be admitted may have taken a while
	}
	defer a.watch.stop()
	a.traced(ctx)

	if err := ctx.Err(); err != nil {
		return false, endOf(ctx, err)
	}
	a.watch.startAt(0, c.config.Timeouts.FirstByte, errFirstByte)
	resp, err := c.send(a.request())
	if resp != nil {
		c.note(info, resp)
	}
	if err != nil {
		return resp != nil || a.way.mayHaveArrived(err), c.sendError(ctx, err, info)
	}
	defer resp.Body.Close()
	return true, a.receive(resp, handle)
}

// receive has what a server answered handled.
func (a *attempt) receive(resp *http.Response, handle func(*Response) error) error {
	c := a.client
	a.body = body{ctx: a.ctx, r: resp.Body, watch: &a.watch}
	a.watch.startReads(c.config.Timeouts.Idle, errIdle)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.errorAnswer(resp, a.info, &a.body)
	}
	r, err := decoded(resp, &a.body)
	if err != nil {
		return err
	}
	if !a.req.Stream {
		a.capped = capped{r: r, left: c.config.Limits.Body, limit: c.config.Limits.Body}
		r = &a.capped
	}
	a.answer = Response{
		Status: resp.StatusCode, Header: a.info.Header, MediaType: mediaType(resp.Header),
		Size: resp.ContentLength, Body: r, Info: a.info, scratch: &c.scratch,
	}
	err = handle(&a.answer)
	a.answer.giveBack()
	if err == nil && !a.body.ended {
		a.watch.start(drainTime, errIdle)
		drain(resp.Body)
	}
	return err
}

// traced makes the attempt's context, which tells of connections.
func (a *attempt) traced(ctx context.Context) {
	a.trace.GetConn, a.trace.GotConn, a.trace.WroteHeaders = a.getConn, a.gotConn, a.wroteHeaders
	a.ctx = httptrace.WithClientTrace(ctx, &a.trace)
}

func (a *attempt) getConn(string) {
	a.way.followed.Store(true)
	if a.way.connections.Add(1) > maxConnections {
		a.watch.cancel(errConnections)
		return
	}
	if limit := a.client.config.Timeouts.Connect; limit > 0 {
		// Not from the beginning: a caller's RoundTripper may not tell of its
		// connections, and its answers would be cut.
		a.watch.start(limit, errConnect)
	}
}

func (a *attempt) gotConn(httptrace.GotConnInfo) {
	a.watch.start(a.client.config.Timeouts.FirstByte, errFirstByte)
}

func (a *attempt) wroteHeaders() { a.way.written.Store(true) }

// request is what NewRequestWithContext would make, without writing the URL only for
// that to read it.
func (a *attempt) request() *http.Request {
	req, c := a.req, a.client
	a.url = c.address(req)
	httpReq := (&http.Request{
		Method: req.Method, URL: &a.url, Host: c.config.BaseURL.Host, Header: c.header(req, a.key[:]),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(a.ctx)
	if body := req.Body; len(body) > 0 {
		// Of types that net/http knows: it then sends header and body at once.
		httpReq.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		a.sent.Reset(body)
		httpReq.Body = io.NopCloser(&a.sent)
		httpReq.ContentLength = int64(len(req.Body))
	}
	return httpReq
}

// address is the URL of a request.
func (c *Client) address(req *Request) url.URL {
	u, path := *c.config.BaseURL, req.Path
	escaped := strings.Contains(path, "%")
	if u.RawPath != "" || escaped {
		u.RawPath = u.EscapedPath() + path
	}
	if escaped {
		path = unescaped(path)
	}
	u.Path += path
	if len(req.Query) > 0 {
		u.RawQuery = req.Query.Encode()
	}
	return u
}

func unescaped(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}

// note keeps what an answer's header says, without the key.
func (c *Client) note(info *Info, resp *http.Response) {
	header, copied, limited := resp.Header, false, false
	for name, values := range resp.Header {
		limited = limited || strings.Contains(name, "Ratelimit")
		for i, v := range values {
			clean := c.config.Redact(v)
			if clean == v {
				continue
			}
			if !copied {
				header, copied = resp.Header.Clone(), true
			}
			header[name][i] = clean
		}
	}
	info.Status, info.Header = resp.StatusCode, header
	info.RequestID = failure.RequestID(header)
	info.FirstByte = time.Since(info.Began)
	if limited {
		info.RateLimits = rateLimits(header, time.Now())
	}
}

// errorAnswer reads an answer that is no 2xx.
func (c *Client) errorAnswer(resp *http.Response, info *Info, body io.Reader) error {
	if resp.StatusCode < 400 {
		return redirectRefused(info)
	}
	r, err := decoded(resp, body)
	if err != nil {
		r = strings.NewReader("")
	}
	limit := c.config.Limits.ErrorBody
	data, err := io.ReadAll(io.LimitReader(r, limit))
	if int64(len(data)) == limit {
		data = failure.Excerpt(data, len(data)-1)
	}
	f := failure.FromResponse(resp.StatusCode, info.Header, data, time.Now())
	if broken, ok := errors.AsType[*failure.Failure](err); ok {
		if broken.Kind == failure.Canceled || broken.Kind == failure.Timeout {
			return broken
		}
		f.Cause = broken // the status tells more than the broken body
	}
	return f
}

// sendError classifies why there is no answer.
func (c *Client) sendError(ctx context.Context, err error, info *Info) error {
	if refused, ok := errors.AsType[*failure.Failure](err); ok { // by checkRedirect
		refused.Status, refused.RequestID = info.Status, info.RequestID
		return refused
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // its text repeats the URL
	}
	return endOf(ctx, err)
}

func mediaType(h http.Header) string {
	given := h.Get("Content-Type")
	switch given {
	case "application/json", "text/event-stream":
		return given
	}
	t, _, err := mime.ParseMediaType(given)
	if err != nil {
		t, _, _ = strings.Cut(given, ";")
	}
	return strings.TrimSpace(t)
}

// endOf classifies an error of the network by why the context ended, if it did.
func endOf(ctx context.Context, err error) *failure.Failure {
	cause := context.Cause(ctx)
	if phase, ok := errors.AsType[*phaseError](cause); ok {
		return phase.failure()
	}
	switch end := ctx.Err(); end {
	case nil:
	case context.DeadlineExceeded:
		return &failure.Failure{Kind: failure.Timeout, Message: "the context's deadline passed", Cause: because(end, cause)}
	default:
		return &failure.Failure{Kind: failure.Canceled, Message: "the context was canceled", Cause: because(end, cause)}
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &failure.Failure{Kind: failure.Connection, Message: "the server's certificate is not trusted", Cause: e}
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return &failure.Failure{Kind: failure.Timeout, Message: "the network timed out", Retryable: true, Cause: err}
	}
	return &failure.Failure{Kind: failure.Connection, Message: "the connection failed", Retryable: true, Cause: err}
}

// because joins why a context ended with the caller's own reason.
func because(end, cause error) error {
	if errors.Is(cause, end) {
		return cause
	}
	return fmt.Errorf("%w: %w", end, cause)
}
