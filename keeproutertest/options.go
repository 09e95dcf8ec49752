package keeproutertest

import (
	"net/http"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// Options are those of a client of this gateway, to be changed and passed on. Their
// HTTPClient reaches it in memory, so the host of BaseURL is never looked up. Their
// Prices are [keeprouter.DefaultPrices] of 2026-11-01, the day on which the gateway
// dates its answers: costs stay the same from year to year, and in a bubble, whose
// clock begins in the year 2000.
func (s *Server) Options() *keeprouter.Options {
	return &keeprouter.Options{
		Key:        keeprouter.NewKey(Key),
		BaseURL:    "http://localhost",
		HTTPClient: &http.Client{Transport: s.transport},
		Prices:     keeprouter.DefaultPrices().At(gateway.Created()),
	}
}
