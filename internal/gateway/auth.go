package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

const redacted = "REDACTED"

// authorized accepts the key as a bearer token or as x-api-key; one that is right
// is enough.
func (g *Gateway) authorized(h http.Header) bool {
	if g.key == "" {
		return true
	}
	return g.isKey(bearer(h)) || g.isKey(h.Get("X-Api-Key"))
}

// isKey compares hashes, so that the time tells nothing of the key's length either.
func (g *Gateway) isKey(got string) bool {
	want, have := sha256.Sum256([]byte(g.key)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(want[:], have[:]) == 1
}

func bearer(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// redact hides what authenticates, and keeps how it was sent.
func redact(h http.Header) {
	for _, name := range []string{"Authorization", "Proxy-Authorization", "X-Api-Key", "Cookie"} {
		for i, value := range h[name] {
			h[name][i] = redacted
			if scheme, _, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "Bearer") {
				h[name][i] = "Bearer " + redacted
			}
		}
	}
}
