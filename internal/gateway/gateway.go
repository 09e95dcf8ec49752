// Package gateway is a model gateway that runs in the process: it speaks Chat
// Completions and Messages over HTTP, answers what a script tells it, and can fail
// in every way in which the wire can. It asks no model.
package gateway

import (
	"cmp"
	"net/http"
	"time"
)

// ServerName is the Server header of each answer, so that nobody takes this gateway
// for the service.
const ServerName = "keeprouter-local-gateway"

// Config is what a gateway is made of. The zero value answers every request with
// the demo, and asks for no key.
type Config struct {
	// Key is what requests must carry. Empty: none.
	Key string

	// Reply tells the answer to a valid request. Nil: the demo. It is called from
	// several goroutines at once.
	Reply func(Request) Reply

	// Models are the ids that are known, by default those of the service.
	Models []Model

	// Created is the time that answers bear. Default: a fixed one.
	Created time.Time

	// MaxBody bounds a request's body. Default: 32 MiB.
	MaxBody int64
}

// Gateway is an [http.Handler]. Make one with [New].
type Gateway struct {
	key     string
	reply   func(Request) Reply
	models  []Model
	created int64
	maxBody int64
	journal journal
}

// New makes a gateway.
func New(c Config) *Gateway {
	g := &Gateway{
		key:     c.Key,
		reply:   c.Reply,
		models:  c.Models,
		created: c.Created.Unix(),
		maxBody: cmp.Or(c.MaxBody, 32<<20),
	}
	if g.reply == nil {
		g.reply = func(Request) Reply { return Reply{Demo: true} }
	}
	if len(g.models) == 0 {
		g.models = knownModels()
	}
	if c.Created.IsZero() {
		g.created = Created().Unix()
	}
	return g
}

// Requests are the requests so far, in their order.
func (g *Gateway) Requests() []Request { return g.journal.all() }

// Created is the date of the answers when the configuration names no other.
func Created() time.Time { return time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC) }

var _ http.Handler = (*Gateway)(nil)
