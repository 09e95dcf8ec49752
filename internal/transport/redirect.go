package transport

import (
	"fmt"
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

const maxRedirects = 5

// checkRedirect follows a redirect only within the origin, and only if the request
// stays what it was: key and prompt go nowhere else.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host:
		return refusal(fmt.Sprintf("to another origin, %s://%s; neither key nor prompt was sent there", next.URL.Scheme, next.URL.Host))
	case next.Method != first.Method:
		return refusal("that turns the request into a " + next.Method)
	case len(via) > maxRedirects:
		return refusal(fmt.Sprintf("after %d others", maxRedirects))
	}
	return nil
}

// redirectRefused tells of a 3xx answer that net/http didn't take for a redirect.
func redirectRefused(resp *http.Response) error {
	f := refusal(fmt.Sprintf("without a usable target (status %d)", resp.StatusCode))
	f.Status = resp.StatusCode
	return f
}

func refusal(what string) *failure.Failure {
	return &failure.Failure{Kind: failure.Redirect, Message: "the gateway answered with a redirect " + what}
}
