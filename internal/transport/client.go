// Package transport makes logical calls over HTTP: attempts and their repeats,
// timeouts, limits, redirects, and the key, which only a closure knows.
package transport

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// Config is what a Client is made of. All of it must be set but HTTP and Rand.
type Config struct {
	BaseURL   *url.URL                // scheme, host and path prefix, without a trailing slash
	HTTP      *http.Client            // copied, its redirect policy replaced; nil is one over NewRoundTripper
	Header    http.Header             // sent with every request
	Authorize func(http.Header, bool) // sets the key; told whether it is the Messages format
	Redact    func(string) string     // takes the key out of what a server said
	UserAgent string
	Retry     Retry
	Timeouts  Timeouts
	Limits    Limits
	Rand      func() float64 // in [0, 1), for the jitter
}

// Retry is the policy for repeating attempts.
type Retry struct {
	Retries       int
	Delay         time.Duration
	MaxDelay      time.Duration
	MaxRetryAfter time.Duration
}

// Timeouts bound the phases of a call; zero is no limit.
type Timeouts struct {
	Connect   time.Duration
	FirstByte time.Duration
	Idle      time.Duration
	Total     time.Duration
}

// Limits bound what is read of an answer, in bytes.
type Limits struct {
	Body      int64 // of a whole answer, decoded
	ErrorBody int64 // of an error's body
}

// Request is one logical call.
type Request struct {
	Method       string
	Path         string // escaped, from /v1 on
	Query        url.Values
	Header       http.Header
	Body         []byte
	Stream       bool // the answer may go on without a limit in all
	MessagesWire bool

	// Admit, if set, is asked before each attempt, with those before it. Its error
	// ends the call and is returned as it is.
	Admit func(context.Context, *Info) error
}

// Response is an answer with a 2xx status.
type Response struct {
	Status    int
	Header    http.Header
	MediaType string
	Size      int64     // of the body, -1 when not known
	Body      io.Reader // every error of it is a *failure.Failure
	Info      *Info

	scratch *sync.Pool // of *[scratchPiece]byte, to read in; nil is none
	lent    *[scratchPiece]byte
}

// Info is what is known of a call beside the answer.
type Info struct {
	RequestID  string
	Status     int
	Header     http.Header
	RateLimits RateLimits
	Attempts   []Attempt
	Began      time.Time     // when Do did
	FirstByte  time.Duration // from Began to the header of the last answer; 0 without one

	first [1]Attempt // where Attempts begins, since there is hardly ever a second
}

// forget drops what the header of an attempt said when the next one begins.
func (i *Info) forget() {
	i.RequestID, i.Status, i.Header, i.FirstByte = "", 0, nil, 0
	i.RateLimits = RateLimits{}
}

// Attempt is one try of a call.
type Attempt struct {
	Start    time.Time
	Status   int
	Delay    time.Duration // waited before it
	Duration time.Duration
	Sent     bool // whether the request may have reached the server
	Err      error
}

// Client makes calls. It is safe for concurrent use.
type Client struct {
	config  Config
	http    *http.Client
	direct  http.RoundTripper // that of http, where requests may go to it; nil where not
	bucket  *bucket
	headers headers

	scratch sync.Pool // of *[scratchPiece]byte, to read small answers in
}

// New makes a Client.
func New(c Config) *Client {
	if c.Rand == nil {
		c.Rand = randomFloat
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Transport: NewRoundTripper()}
	}
	h := *c.HTTP
	h.CheckRedirect = checkRedirect
	base := *c.BaseURL
	base.Host = strings.TrimSuffix(base.Host, ":") // as net/http does
	c.BaseURL = &base
	return &Client{
		config: c, http: &h, direct: direct(&h, &base), bucket: newBucket(), headers: newHeaders(&c),
		scratch: sync.Pool{New: func() any { return new([scratchPiece]byte) }},
	}
}

// With makes a Client of another config. Where that calls the same server, the two
// share what they may repeat: it is the server that is spared.
func (c *Client) With(config Config) *Client {
	derived := New(config)
	if *config.BaseURL == *c.config.BaseURL {
		derived.bucket = c.bucket
	}
	return derived
}

// NewRoundTripper returns net/http's transport with a pool that suits many calls to
// one host. A connection of HTTP/2 that no longer answers, because a proxy forgot it, is
// given up after 45 seconds: repeats would go the same dead way.
func NewRoundTripper() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: time.Minute, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// logical is a call in one place, with its first attempt, which is hardly ever
// followed by another.
type logical struct {
	info  Info
	first attempt
}

// Do makes attempts until one has an answer that handle takes. handle gets an
// answer with a 2xx status while its body is open; an attempt whose handle returns
// a retryable *failure.Failure has failed and may be repeated. An error is a
// *failure.Failure or whatever else handle returned. The Info is never nil.
func (c *Client) Do(ctx context.Context, req *Request, handle func(*Response) error) (*Info, error) {
	if c.config.Timeouts.Total > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.config.Timeouts.Total, errTotal)
		defer cancel()
	}
	began := time.Now()
	l := &logical{}
	info, a := &l.info, &l.first
	info.Attempts, info.Began = info.first[:0], began
	idempotencyKey := rand.Text()
	for delay, start := time.Duration(0), began; ; start, a = time.Now(), new(attempt) {
		info.forget()
		if req.Admit != nil {
			if err := req.Admit(ctx, info); err != nil {
				return info, err
			}
		}
		a.client, a.req, a.info, a.key[0] = c, req, info, idempotencyKey
		sent, err := a.make(ctx, start, handle)
		info.Attempts = append(info.Attempts, Attempt{Start: start, Status: info.Status, Delay: delay, Duration: time.Since(start), Sent: sent, Err: err})
		f, ok := errors.AsType[*failure.Failure](err)
		if !ok {
			c.bucket.earn()
			return info, err
		}
		f.Redact(c.config.Redact)
		if f != err { // handle has wrapped it: not to be repeated
			return info, err
		}
		if delay, ok = c.nextDelay(ctx, f, len(info.Attempts)); !ok {
			return info, f
		}
		if err := sleep(ctx, delay); err != nil {
			return info, endOf(ctx, err)
		}
	}
}
