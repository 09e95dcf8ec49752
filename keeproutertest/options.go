package keeproutertest

import (
	"net/http"

	"github.com/keeprouter/keeprouter-go"
)

// Options are those of a client of this gateway, to be changed and passed on. Their
// HTTPClient reaches it in memory, so the host of BaseURL is never looked up.
func (s *Server) Options() *keeprouter.Options {
	return &keeprouter.Options{
		Key:        keeprouter.NewKey(Key),
		BaseURL:    "http://localhost",
		HTTPClient: &http.Client{Transport: s.transport},
	}
}
