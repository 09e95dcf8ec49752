package transport

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// headers are what the requests with a body have in common. Each gets a copy of the map,
// which costs less than to put the same together again. Nobody may change the values.
type headers struct {
	whole, stream http.Header
	keyed         bool // whether they hold an idempotency key, of the caller's
}

func newHeaders(c *Config) headers {
	h := headers{whole: c.commonHeader(false, true), stream: c.commonHeader(true, true)}
	for name := range c.Header {
		h.keyed = h.keyed || http.CanonicalHeaderKey(name) == "Idempotency-Key"
	}
	return h
}

// commonHeader is the header of a request before what belongs to that one alone.
func (c *Config) commonHeader(stream, body bool) http.Header {
	const json = "application/json"
	h := make(http.Header, 8)
	h["User-Agent"] = []string{c.UserAgent}
	h["Accept"] = []string{json}
	if stream {
		h["Accept"] = []string{"text/event-stream"}
	}
	if body {
		h["Content-Type"] = []string{json}
	}
	for name, values := range c.Header {
		h[http.CanonicalHeaderKey(name)] = slices.Clip(values) // what a transport appends goes elsewhere
	}
	hideIdempotency(h)
	return h
}

func (c *Client) header(req *Request, idempotencyKey []string) http.Header {
	var h http.Header
	switch {
	case req.Body == nil:
		h = c.config.commonHeader(req.Stream, false)
	case req.Stream:
		h = maps.Clone(c.headers.stream)
	default:
		h = maps.Clone(c.headers.whole)
	}
	if req.Method == http.MethodPost && !c.headers.keyed {
		h[hiddenIdempotency] = idempotencyKey
	}
	if len(req.Header) > 0 {
		for name, values := range req.Header {
			h[http.CanonicalHeaderKey(name)] = values
		}
		hideIdempotency(h)
	}
	c.config.Authorize(h, req.MessagesWire)
	return h
}

// hiddenIdempotency is the name of an idempotency key that hideIdempotency gives it.
const hiddenIdempotency = "idempotency-key"

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
