package keeprouter

import (
	"net/http"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// Meta is what came with an answer beside its body. It is a field of every
// response; a [Stream] has it from its first item on.
type Meta struct {
	RequestID  string      // the gateway's id of the request, for support; empty when it sent none
	Status     int         // HTTP status
	Header     http.Header // the answer's header, the key removed wherever a server echoed it
	RateLimits RateLimits  // what the header says about limits
	Attempts   int         // attempts made, 1 when none was repeated
}

// RateLimits are the limits that a gateway reports with an answer, read from the
// x-ratelimit-* (Chat Completions) and anthropic-ratelimit-* (Messages) headers.
type RateLimits struct {
	Requests     RateLimit
	Tokens       RateLimit
	InputTokens  RateLimit // Messages only
	OutputTokens RateLimit // Messages only
}

// RateLimit is one limit and what is left of it.
type RateLimit struct {
	Limit     int64     // allowed in the window
	Remaining int64     // left of it
	Reset     time.Time // when it is full again; zero when not told
	Known     bool      // whether the gateway reported it at all
}

// take fills it in from what is known of a call.
func (m *Meta) take(info *transport.Info) {
	m.RequestID, m.Status, m.Header = info.RequestID, info.Status, info.Header
	m.RateLimits.Requests = RateLimit(info.RateLimits.Requests)
	m.RateLimits.Tokens = RateLimit(info.RateLimits.Tokens)
	m.RateLimits.InputTokens = RateLimit(info.RateLimits.InputTokens)
	m.RateLimits.OutputTokens = RateLimit(info.RateLimits.OutputTokens)
	m.Attempts = max(1, len(info.Attempts))
}
