package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

const maxRedirects = 5

// checkRedirect follows a redirect only within the origin, and only if the request
// stays what it was: key and prompt go nowhere else.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case origin(next.URL) != origin(first.URL):
		return refusal(fmt.Sprintf("to another origin, %.200s; neither key nor prompt was sent there", origin(next.URL)))
	case next.Method != first.Method:
		return refusal("that turns the request into a " + next.Method)
	case len(via) > maxRedirects:
		return refusal(fmt.Sprintf("after %d others", maxRedirects))
	}
	return nil
}

// origin is a URL's scheme, host and port.
func origin(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host
}

// redirectRefused tells of a 3xx answer that net/http didn't take for a redirect.
func redirectRefused(info *Info) error {
	f := refusal("without a usable target")
	f.Status, f.RequestID = info.Status, info.RequestID
	return f
}

func refusal(what string) *failure.Failure {
	return &failure.Failure{Kind: failure.Redirect, Message: "the gateway answered with a redirect " + what}
}
