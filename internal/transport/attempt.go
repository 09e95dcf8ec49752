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

// attempt makes one request and has its answer handled. The body is released when
// it returns, and the connection goes back to the pool if the body was read whole.
// It reports whether the request may have reached the server.
func (c *Client) attempt(ctx context.Context, req *Request, idempotencyKey string, info *Info, handle func(*Response) error) (sent bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := newWatchdog(cancel)
	defer watch.stop()

	if err := ctx.Err(); err != nil {
		return false, endOf(ctx, err)
	}
	var way sending
	httpReq, err := c.newRequest(ctx, req, idempotencyKey, watch, &way)
	if err != nil {
		return false, err
	}
	watch.start(c.config.Timeouts.FirstByte, errFirstByte)
	resp, err := c.http.Do(httpReq)
	if resp != nil {
		c.note(info, resp)
	}
	if err != nil {
		return resp != nil || way.mayHaveArrived(err), c.sendError(ctx, err, info)
	}
	defer resp.Body.Close()
	watch.stop()
	return true, c.answer(ctx, req, resp, info, watch, handle)
}

// answer has what a server answered handled.
func (c *Client) answer(ctx context.Context, req *Request, resp *http.Response, info *Info, watch *watchdog, handle func(*Response) error) error {
	body := &body{ctx: ctx, r: resp.Body, watch: watch, idle: c.config.Timeouts.Idle}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.errorAnswer(resp, info, body)
	}
	r, err := decoded(resp, body)
	if err != nil {
		return err
	}
	if !req.Stream {
		r = newCapped(r, c.config.Limits.Body)
	}
	err = handle(&Response{Status: resp.StatusCode, Header: info.Header, MediaType: mediaType(resp.Header), Body: r, Info: info})
	if err == nil {
		watch.start(drainTime, errIdle)
		drain(resp.Body)
	}
	return err
}

func (c *Client) newRequest(ctx context.Context, req *Request, idempotencyKey string, watch *watchdog, way *sending) (*http.Request, error) {
	u := *c.config.BaseURL
	u.Path, u.RawPath, u.RawQuery = u.Path+unescaped(req.Path), u.EscapedPath()+req.Path, req.Query.Encode()
	var body io.Reader
	if req.Body != nil {
		body = bytes.NewReader(req.Body)
	}
	trace := &httptrace.ClientTrace{
		GetConn: func(string) {
			way.followed.Store(true)
			if c.config.Timeouts.Connect > 0 {
				// Not from the beginning: a caller's RoundTripper may not tell of its
				// connections, and its answers would be cut.
				watch.start(c.config.Timeouts.Connect, errConnect)
			}
		},
		GotConn:      func(httptrace.GotConnInfo) { watch.start(c.config.Timeouts.FirstByte, errFirstByte) },
		WroteHeaders: func() { way.written.Store(true) },
	}
	httpReq, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), req.Method, u.String(), body)
	if err != nil {
		return nil, &failure.Failure{Kind: failure.InvalidRequest, Message: "the request can't be made", Cause: err}
	}
	httpReq.Header = c.header(req, idempotencyKey)
	return httpReq, nil
}

func (c *Client) header(req *Request, idempotencyKey string) http.Header {
	h := http.Header{}
	h.Set("User-Agent", c.config.UserAgent)
	h.Set("Accept", "application/json")
	if req.Stream {
		h.Set("Accept", "text/event-stream")
	}
	if req.Body != nil {
		h.Set("Content-Type", "application/json")
	}
	if req.Method == http.MethodPost {
		h.Set("Idempotency-Key", idempotencyKey)
	}
	for _, given := range []http.Header{c.config.Header, req.Header} {
		for name, values := range given {
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
	c.config.Authorize(h, req.MessagesWire)
	hideIdempotency(h)
	return h
}

// hideIdempotency spells the names of idempotency keys so that net/http doesn't find
// them. It would take them as leave to repeat a request by itself, once for each idle
// connection that breaks: beside the policy for repeats, the budget, and what is told
// of attempts. Servers take any spelling.
func hideIdempotency(h http.Header) {
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := h[name]; ok {
			delete(h, name)
			h[strings.ToLower(name)] = values
		}
	}
}

func unescaped(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}

// note keeps what an answer's header says.
func (c *Client) note(info *Info, resp *http.Response) {
	header := resp.Header.Clone()
	for _, values := range header {
		for i, v := range values {
			values[i] = c.config.Redact(v)
		}
	}
	info.Status, info.Header = resp.StatusCode, header
	info.RequestID = failure.RequestID(header)
	now := time.Now()
	info.RateLimits, info.FirstByte = rateLimits(header, now), now.Sub(info.began)
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
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t, _, _ = strings.Cut(h.Get("Content-Type"), ";")
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
