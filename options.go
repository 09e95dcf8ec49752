package keeprouter

import (
	"cmp"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// Version is this library's version, sent in the User-Agent header.
const Version = "0.1.0-dev"

// DefaultBaseURL is the gateway's address when none is set.
const DefaultBaseURL = "https://keeprouter.com"

// DefaultAnthropicVersion is the anthropic-version header of Messages calls when
// none is set. The newer version 2026-10-21 refuses temperature, top_p and top_k,
// which Gemma wants.
const DefaultAnthropicVersion = "2023-06-01"

// Options are the settings of a [Client]. The zero value of each field is its
// default, and the defaults are right for production.
type Options struct {
	// Key authenticates every call. Default: the environment's KEEPROUTER_KEY.
	Key Key

	// BaseURL is the gateway's address, with or without /v1 and a trailing slash.
	// Default: the environment's KEEPROUTER_BASE_URL, else [DefaultBaseURL].
	BaseURL string

	// HTTPClient makes the requests. Its Transport, Jar and Timeout are kept (a
	// Timeout also ends healthy streams: prefer Timeouts); its redirect policy is
	// replaced by one that never sends key or prompt to another host.
	// Default: a client of its own with HTTP/2 and a pool of idle connections.
	HTTPClient *http.Client

	// Header is sent with every request. The headers that carry the key are
	// refused here.
	Header http.Header

	// Retry says how failed calls are repeated. Nil is two repeats with the delays of
	// [RetryPolicy]'s defaults; &RetryPolicy{} makes one attempt only.
	Retry *RetryPolicy

	// Timeouts bound each phase of a call.
	Timeouts Timeouts

	// Limits bound the memory that one answer can take.
	Limits Limits

	// Middleware surrounds every call, the first one outermost.
	Middleware []Middleware

	// RunMiddleware surrounds every run, the first one outermost.
	RunMiddleware []RunMiddleware

	// ToolMiddleware surrounds every call of a tool in a run, the first one outermost.
	ToolMiddleware []ToolMiddleware

	// Prices tells what calls cost: a [*PriceTable], or a [*PriceRefresher] that keeps
	// one fresh. Default: [DefaultPrices].
	Prices PriceSource

	// Budget limits what the calls of this client may cost; nil is no limit. It may
	// be shared with other clients.
	Budget *Budget

	// Meter adds up what the calls of this client use and cost. It may be shared with
	// other clients.
	Meter *Meter

	// Tag names this client's calls in the Meter, such as the tenant that they are
	// made for. To tag each tenant's calls, derive a client with [Client.With].
	Tag string

	// TokenCounter counts prompts for [Client.Estimate] and Budget.
	// Default: [DefaultTokenCounter].
	TokenCounter TokenCounter

	// AnthropicVersion is the anthropic-version header of Messages calls.
	// Default: [DefaultAnthropicVersion].
	AnthropicVersion string

	// XAPIKey sends the key of Messages calls as x-api-key rather than as a
	// bearer token, for gateways that want it.
	XAPIKey bool

	// AllowPlainHTTP permits an http:// BaseURL off this machine. Key and prompts
	// then cross the network in the clear.
	AllowPlainHTTP bool
}

// RetryPolicy says how a call is repeated when it failed on a connection error, a
// status of 408, 409, 429, 5xx or 529, or an error that came as the first event of
// a stream. Nothing is repeated once a part of the answer was handed out. A client
// has ten repeats in hand and earns one with every ten calls that are answered, so
// that an outage isn't multiplied; clients derived by [Client.With] share them.
type RetryPolicy struct {
	Retries       int           // attempts after the first; 0 is none, also when other fields are set
	Delay         time.Duration // first back-off, doubled each time, with full jitter; default 500 ms
	MaxDelay      time.Duration // longest back-off; default 8 s
	MaxRetryAfter time.Duration // longest wait that a server may ask for; beyond it the call fails at once; default 2 min
}

// Timeouts bound the phases of a call. Zero fields are the defaults; to do without
// one, set it to a day.
type Timeouts struct {
	Connect   time.Duration // to a usable connection, of each attempt; default 10 s
	FirstByte time.Duration // from there to the answer's header, of each attempt; default 5 min
	Idle      time.Duration // between two reads of an answer, keep-alive comments included; behind many, a thirtieth more may pass; default 2 min
	Total     time.Duration // for the whole call with its repeats and, of a stream, the loop over it; default none
}

// Limits bound what an answer may be. Zero fields are the defaults. What exceeds
// one ends in [ErrTooLarge], with bounded memory.
type Limits struct {
	Body      int64 // bytes of a whole answer, after decompression; default 64 MiB
	ErrorBody int64 // bytes read of an error's body; default 1 MiB
	Event     int   // bytes of one event of a stream; default 32 MiB
	Stream    int64 // bytes of all events of a stream together, comments not counted; default 256 MiB
}

// Key is a secret that doesn't print: formatting or encoding it in any way shows
// no part of it. The zero Key is unset.
type Key struct{ reveal func() string }

// NewKey makes a key from its text.
func NewKey(key string) Key {
	if key == "" {
		return Key{}
	}
	return Key{reveal: func() string { return key }}
}

// IsZero reports whether the key is unset.
func (k Key) IsZero() bool { return k.reveal == nil }

// String tells whether the key is set, never what it is.
func (k Key) String() string {
	if k.IsZero() {
		return "[no key]"
	}
	return "[key]"
}

// MarshalText writes what String returns.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func (o *Options) clone() Options {
	c := *o
	c.Header = o.Header.Clone()
	c.Middleware = slices.Clone(o.Middleware)
	c.RunMiddleware = slices.Clone(o.RunMiddleware)
	c.ToolMiddleware = slices.Clone(o.ToolMiddleware)
	if o.Retry != nil {
		c.Retry = new(*o.Retry)
	}
	return c
}

func (o *Options) fromEnvironment() {
	if o.Key.IsZero() {
		o.Key = NewKey(strings.TrimSpace(os.Getenv("KEEPROUTER_KEY")))
	}
	o.BaseURL = cmp.Or(o.BaseURL, os.Getenv("KEEPROUTER_BASE_URL"), DefaultBaseURL)
}

// validate checks every setting, fills in the defaults, and returns the base URL
// without /v1 and trailing slash.
func (o *Options) validate() (*url.URL, error) {
	o.BaseURL = cmp.Or(o.BaseURL, DefaultBaseURL)
	o.AnthropicVersion = cmp.Or(o.AnthropicVersion, DefaultAnthropicVersion)
	o.setDurations()
	checks := []func() error{o.checkKey, o.checkHeader, o.checkNumbers, o.checkMiddleware}
	for _, check := range checks {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return parseBaseURL(o.BaseURL, o.AllowPlainHTTP)
}

func (o *Options) setDurations() {
	standard := transport.DefaultRetry()
	if o.Retry == nil {
		o.Retry = &RetryPolicy{Retries: standard.Retries}
	}
	r, t, l := o.Retry, &o.Timeouts, &o.Limits
	r.Delay = cmp.Or(r.Delay, standard.Delay)
	r.MaxDelay = cmp.Or(r.MaxDelay, standard.MaxDelay)
	r.MaxRetryAfter = cmp.Or(r.MaxRetryAfter, standard.MaxRetryAfter)
	t.Connect = cmp.Or(t.Connect, 10*time.Second)
	t.FirstByte = cmp.Or(t.FirstByte, 5*time.Minute)
	t.Idle = cmp.Or(t.Idle, 2*time.Minute)
	l.Body = cmp.Or(l.Body, 64<<20)
	l.ErrorBody = cmp.Or(l.ErrorBody, 1<<20)
	l.Event = cmp.Or(l.Event, 32<<20)
	l.Stream = cmp.Or(l.Stream, 256<<20)
}

func (o *Options) checkKey() error {
	if o.Key.IsZero() {
		return configError("Options.Key", "there is no key: set KEEPROUTER_KEY or Options.Key")
	}
	if strings.ContainsFunc(o.Key.reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return configError("Options.Key", "the key holds a space, a line break or a character that no key has: copy it again")
	}
	return nil
}

func (o *Options) checkHeader() error {
	if path, message := headerProblem(o.Header); path != "" {
		return configError("Options."+path, message)
	}
	if _, err := time.Parse(time.DateOnly, o.AnthropicVersion); err != nil {
		return configError("Options.AnthropicVersion", "want a date such as "+DefaultAnthropicVersion)
	}
	return nil
}

func (o *Options) checkNumbers() error {
	type setting struct {
		name  string
		value int64
	}
	for _, s := range []setting{
		{"Retry.Retries", int64(o.Retry.Retries)},
		{"Retry.Delay", int64(o.Retry.Delay)},
		{"Retry.MaxDelay", int64(o.Retry.MaxDelay)},
		{"Retry.MaxRetryAfter", int64(o.Retry.MaxRetryAfter)},
		{"Timeouts.Connect", int64(o.Timeouts.Connect)},
		{"Timeouts.FirstByte", int64(o.Timeouts.FirstByte)},
		{"Timeouts.Idle", int64(o.Timeouts.Idle)},
		{"Timeouts.Total", int64(o.Timeouts.Total)},
		{"Limits.Body", o.Limits.Body},
		{"Limits.ErrorBody", o.Limits.ErrorBody},
		{"Limits.Event", int64(o.Limits.Event)},
		{"Limits.Stream", o.Limits.Stream},
	} {
		if s.value < 0 {
			return configError("Options."+s.name, "a negative value can't work")
		}
	}
	return nil
}

func (o *Options) checkMiddleware() error {
	const problem = "a middleware is nil: leave it out"
	switch {
	case slices.ContainsFunc(o.Middleware, func(m Middleware) bool { return m == nil }):
		return configError("Options.Middleware", problem)
	case slices.ContainsFunc(o.RunMiddleware, func(m RunMiddleware) bool { return m == nil }):
		return configError("Options.RunMiddleware", problem)
	case slices.ContainsFunc(o.ToolMiddleware, func(m ToolMiddleware) bool { return m == nil }):
		return configError("Options.ToolMiddleware", problem)
	}
	return nil
}

// endpoints are the paths that the client adds to a base URL.
func endpoints() []string {
	return []string{"/chat/completions", "/completions", "/messages", "/messages/count_tokens", "/models"}
}

func isHeaderName(name string) bool {
	const signs = "!#$%&'*+.^_`|~-"
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r) && !strings.ContainsRune(signs, r)
	})
}

func parseBaseURL(raw string, allowPlain bool) (*url.URL, error) {
	const setting = "Options.BaseURL"
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		return nil, configError(setting, "not a URL: want something like "+DefaultBaseURL)
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, configError(setting, "want an absolute https:// URL such as "+DefaultBaseURL)
	case u.User != nil:
		return nil, configError(setting, "a URL with a user name or password is refused: put the key into Options.Key")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, configError(setting, "a query or fragment can't be part of it")
	case u.Scheme == "http" && !allowPlain && !isLoopback(u.Hostname()):
		return nil, configError(setting, "http:// would send key and prompts in the clear: use https://, or set Options.AllowPlainHTTP")
	}
	path := strings.TrimRight(u.Path, "/")
	for _, end := range endpoints() {
		if strings.HasSuffix(path, end) {
			return nil, configError(setting, "it ends in the endpoint's path "+end+": leave that out, the client adds it")
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(strings.TrimSuffix(path, "/v1"), "/")}, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// headerProblem returns the path of the first header that can't be sent, and why.
func headerProblem(h http.Header) (path, message string) {
	if len(h) == 0 {
		return "", ""
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		path = "Header[" + quoteName(name) + "]"
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "X-Api-Key", "Proxy-Authorization":
			return path, "the key goes into Options.Key, where it can't be printed"
		case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding":
			return path, "this header belongs to the transport: leave it out"
		}
		if !isHeaderName(name) {
			return path, "not a valid header name"
		}
		if !slices.ContainsFunc(h[name], func(v string) bool { return !validHeaderValue(v) }) {
			continue
		}
		return path, "the value holds a line break or another control character"
	}
	return "", ""
}

func quoteName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, name)
}

func validHeaderValue(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func (o *Options) transportConfig(base *url.URL) transport.Config {
	return transport.Config{
		BaseURL:   base,
		HTTP:      o.HTTPClient,
		Header:    o.Header,
		Authorize: o.authorize(),
		Redact:    o.redact(),
		UserAgent: "keeprouter-go/" + Version,
		Retry:     transport.Retry(*o.Retry),
		Timeouts:  transport.Timeouts(o.Timeouts),
		Limits:    transport.Limits{Body: o.Limits.Body, ErrorBody: o.Limits.ErrorBody},
	}
}

func (o *Options) authorize() func(http.Header, bool) {
	key, xAPIKey := []string{o.Key.reveal()}, o.XAPIKey
	bearer, version := []string{"Bearer " + key[0]}, []string{o.AnthropicVersion}
	return func(h http.Header, messagesWire bool) {
		if messagesWire && h.Get("Anthropic-Version") == "" {
			h["Anthropic-Version"] = version
		}
		if messagesWire && xAPIKey {
			h["X-Api-Key"] = key
			return
		}
		h["Authorization"] = bearer
	}
}

func (o *Options) redact() func(string) string {
	key := o.Key.reveal
	forms := []string{
		key(),
		strings.ReplaceAll(key(), "/", `\/`), // as some servers write it into JSON
		url.QueryEscape(key()),
	}
	replacer := strings.NewReplacer(forms[0], "[key]", forms[1], "[key]", forms[2], "[key]")
	forms = slices.Compact(forms)
	return func(s string) string {
		if !slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(s, form) }) {
			return s // the replacer would make a copy
		}
		return replacer.Replace(s)
	}
}
