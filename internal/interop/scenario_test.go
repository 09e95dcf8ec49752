package interop

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// caseHeader names the case in each request of a script.
const caseHeader = "X-Case"

// goneWait is how long the gateway may take to see that a client left.
const goneWait = 5 * time.Second

// scenario is what the gateway does in one case of the scripts.
type scenario struct {
	replies []keeproutertest.Reply // in turn; none answers "ok"
	sent    []string               // one of these is in the body of a request

	// sentTranslated is sent where the format is another one behind the translation.
	sentTranslated []string
}

func scenarios() map[string]scenario {
	final := keeproutertest.Reply{Text: "Sunny at noon."}
	thoughtful := keeproutertest.Reply{Thinking: "Any clouds? None.", Text: "Sunny."}
	stalled := keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{StallAfterEvents: new(5)}}
	reasoning := []string{`"thinking":{`, `"reasoning_effort":"low"`}
	say := func(replies ...keeproutertest.Reply) scenario { return scenario{replies: replies} }
	return map[string]scenario{
		"chat": say(keeproutertest.Reply{
			Text:  "Sunny.",
			Usage: &keeproutertest.Usage{Input: 1000, CachedInput: 200, CacheWrite: 50, Output: 500, Reasoning: 100},
		}),
		"stream": say(keeproutertest.Reply{Text: "Sunny, with “some” cloud.", Usage: &keeproutertest.Usage{Input: 10, Output: 7}}),
		"tools":  say(weatherCall(), final),
		"toolsStreamed": say(keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{
			ID: "call_a", Name: "get_weather", Arguments: `{"city":"Zürich, on the river Limmat, “Altstadt”","days":2}`,
		}}}, final),
		"structured":       {replies: []keeproutertest.Reply{{Text: `{"city":"Zürich","days":2}`}}, sent: []string{`"json_schema"`}},
		"structuredText":   {replies: []keeproutertest.Reply{{Text: `{"city":"Zürich"}`}}, sent: []string{`"json_schema"`}},
		"thinking":         {replies: []keeproutertest.Reply{thoughtful, final}, sent: reasoning},
		"thinkingStreamed": {replies: []keeproutertest.Reply{thoughtful}, sent: reasoning},
		"image":            {replies: []keeproutertest.Reply{{Text: "A pixel."}}, sent: []string{pixel}},
		"beta":             {replies: []keeproutertest.Reply{final}, sent: []string{`"context_management":{`}, sentTranslated: []string{}},
		"rateLimit":        say(keeproutertest.Reply{Status: http.StatusTooManyRequests, RetryAfter: 7 * time.Second}),
		"overloaded":       say(keeproutertest.Reply{Status: 529}),
		"retried":          say(keeproutertest.Reply{Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Millisecond}, final),
		"streamError":      say(keeproutertest.Reply{Text: "Sunny at noon.", Fault: keeproutertest.Fault{ErrorAfterEvents: new(5)}}),
		"abort":            say(stalled),
		"abortBySignal":    say(stalled),
	}
}

// scriptGateway is a local gateway on a port that answers by the case that a request
// names, and tells when the case's last request has ended.
type scriptGateway struct {
	server    *keeproutertest.Server
	front     http.Handler
	scenarios map[string]scenario
	url       string

	mu    sync.Mutex
	turns map[string]int
	ended map[string]chan struct{}
}

func newScriptGateway(t *testing.T, w way, client translate.Format) *scriptGateway {
	t.Helper()
	g := &scriptGateway{scenarios: scenarios(), turns: map[string]int{}, ended: map[string]chan struct{}{}}
	g.server = keeproutertest.NewServerFunc(t, g.reply)
	g.front = w.front(t, client, http.HandlerFunc(g.serveCase))
	listening := httptest.NewServer(g)
	t.Cleanup(listening.Close)
	g.url = listening.URL
	return g
}

func (g *scriptGateway) reply(r keeproutertest.Request) keeproutertest.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := r.Header.Get(caseHeader)
	turn, replies := g.turns[name], g.scenarios[name].replies
	g.turns[name]++
	if turn < len(replies) {
		return replies[turn]
	}
	return keeproutertest.Reply{}
}

// ServeHTTP implements [http.Handler].
func (g *scriptGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/gone/"); ok {
		g.serveGone(w, r, name)
		return
	}
	g.front.ServeHTTP(w, r)
}

// serveCase is the gateway behind whatever else the client talks to.
func (g *scriptGateway) serveCase(w http.ResponseWriter, r *http.Request) {
	ended := make(chan struct{})
	defer close(ended)
	g.mu.Lock()
	g.ended[r.Header.Get(caseHeader)] = ended
	g.mu.Unlock()
	g.server.ServeHTTP(w, r)
}

func (g *scriptGateway) serveGone(w http.ResponseWriter, r *http.Request, name string) {
	g.mu.Lock()
	ended := g.ended[name]
	g.mu.Unlock()
	timer := time.NewTimer(goneWait)
	defer timer.Stop()
	select {
	case <-ended: // never, if there was no such request
		w.WriteHeader(http.StatusNoContent)
	case <-timer.C:
		w.WriteHeader(http.StatusGatewayTimeout)
	case <-r.Context().Done():
	}
}
