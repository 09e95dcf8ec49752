package transport

import (
	"net/http"
	"net/url"
)

// direct returns the RoundTripper that a client's requests may go to without the
// client: nil where it has more to do with them than to follow redirects.
func direct(h *http.Client, base *url.URL) http.RoundTripper {
	switch {
	case h.Jar != nil, h.Timeout > 0, base.User != nil:
		return nil
	case h.Transport == nil:
		return http.DefaultTransport
	}
	return h.Transport
}

// send sends a request as net/http's client does. That copies the header for
// redirects that hardly ever come, so only what isn't a plain answer is left to it.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	if c.direct == nil {
		return c.http.Do(req)
	}
	resp, err := c.direct.RoundTrip(req)
	if err == nil && resp != nil && resp.Body != nil && (resp.StatusCode < 300 || resp.StatusCode > 399) {
		return resp, nil
	}
	h := *c.http
	h.Transport = &replay{resp: resp, err: err, next: c.direct}
	return h.Do(req)
}

// replay answers the first request with what has come already.
type replay struct {
	resp   *http.Response
	err    error
	played bool
	next   http.RoundTripper
}

// RoundTrip is called by one request after the other.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.played {
		return r.next.RoundTrip(req)
	}
	r.played = true
	return r.resp, r.err
}
