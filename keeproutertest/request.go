package keeproutertest

import (
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// Request is a request that the gateway received, whatever became of it.
type Request struct {
	Method    string
	Path      string
	Query     string      // as it came, without the question mark
	Header    http.Header // Authorization and X-Api-Key without the key
	Body      []byte      // as it came, without its gzip
	Model     string      // the body's model
	Stream    bool        // whether the body asks for a stream
	RequestID string      // what the answer's header x-request-id says
}

func requestOf(r gateway.Request) Request { return Request(r) }
