package keeproutertest

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// script gives its replies in turn.
type script struct {
	replies []Reply

	mu       sync.Mutex
	used     int
	tb       testing.TB // may be nil
	reported bool
}

func (s *script) report(tb testing.TB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tb = tb
}

func (s *script) next(r gateway.Request) gateway.Reply {
	if len(s.replies) == 0 {
		return gateway.Reply{Demo: true}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used < len(s.replies) {
		s.used++
		return s.replies[s.used-1].engine()
	}
	return s.exhausted(r)
}

// exhausted tells the test once, as a client may try again, and the client not to.
func (s *script) exhausted(r gateway.Request) gateway.Reply {
	message := fmt.Sprintf("the script has %d replies, and this %s %s is one request more", len(s.replies), r.Method, r.Path)
	if s.tb != nil && !s.reported {
		s.reported = true
		s.tb.Errorf("keeproutertest: %s", message)
	}
	return gateway.Reply{
		Status: http.StatusInternalServerError, ErrorMessage: message,
		Header: http.Header{"X-Should-Retry": {"false"}},
	}
}
