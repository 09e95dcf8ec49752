// Package peer drives each client through the same work in the way its own
// documentation shows.
package peer

import (
	"context"
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

// Peer is a client of one wire format.
type Peer struct {
	Name   string
	Format feed.Format

	// Bare is true of what moves the bytes without reading them: the floor that no
	// client can be below.
	Bare bool

	// Connect makes a client, and a request of the conversation.
	Connect func(Server, *feed.Conversation) (Session, error)

	// Decode reads a whole answer. Nil where the peer has no such thing.
	Decode func([]byte) (any, error)

	// Answer tells what a value of Decode or of [Session.Call] holds.
	Answer func(any) feed.Answer
}

// Server is where a client sends its calls.
type Server struct {
	URL  string // without /v1
	HTTP *http.Client

	// Paced tells that events come one by one with a time in their text, which even
	// a bare peer must then find.
	Paced bool
}

// Session is a client with a request. It is safe for concurrent use.
type Session interface {
	// Stream reads one streamed answer to its end, hands out the text of each event
	// as it comes, pieces of arguments included, and returns what the events together
	// say. A bare peer hands out an empty text for each event.
	Stream(ctx context.Context, each func(text string)) (feed.Answer, error)

	// Call gets one whole answer, and returns the client's own value of it.
	Call(ctx context.Context) (any, error)

	// Encode writes the request's JSON, in the cheapest way the client offers.
	Encode() ([]byte, error)
}

// All returns every peer, this library first of its format.
func All() []Peer {
	return []Peer{
		keeprouterChat(), openAI(), goOpenAI(), plainChat(), bare(feed.Chat),
		keeprouterMessages(), anthropicFlat(), anthropicSwitch(), plainMessages(), bare(feed.Messages),
	}
}

// Of returns the peers of a format.
func Of(format feed.Format) []Peer {
	var some []Peer
	for _, p := range All() {
		if p.Format == format {
			some = append(some, p)
		}
	}
	return some
}

// The names of the peers, as the tables have them.
const (
	Keeprouter     = "keeprouter"
	NetHTTP        = "net/http, bytes only"
	PlainDecoder   = "go-sse + encoding/json"
	AnthropicAsAny = "anthropic-sdk-go, AsAny"
)

// key authenticates nothing; every client wants one.
const key = "kr-test-benchmarks"
