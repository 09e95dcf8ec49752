package soak

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// callHeader carries a call's number, from which the gateway knows its reply.
const callHeader = "X-Soak-Call"

// pico is an amount in the gateway's own books, which don't use the library's.
type pico int64

// tokens are the two counts that both formats have.
type tokens struct{ input, output int64 }

// price is what tokens cost, by the gateway's own price list.
func (t tokens) price(model string) pico {
	if model == keeprouter.Gemini35Flash {
		return pico(t.input*1_500_000 + t.output*9_000_000)
	}
	return pico(t.input*120_000 + t.output*350_000)
}

// entry is a request in the gateway's books.
type entry struct {
	id      string
	billed  pico     // for an answer of the model, whether it arrived or not
	sent    []tokens // the counts in the answer, in their order, as far as it was sent
	counted bool     // whether the last one is the whole answer's
	ended   bool
}

// gateway is the local gateway on a port, with its books.
type gateway struct {
	*keeproutertest.Server
	url    string
	http   *http.Server
	served sync.WaitGroup
}

func openGateway(t *testing.T, b *books) *gateway {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gateway{url: "http://" + listener.Addr().String()}
	g.Server = keeproutertest.NewServerFunc(t, b.reply)
	g.http = &http.Server{Handler: g.recorded(b), ErrorLog: quiet(), ReadHeaderTimeout: time.Minute}
	g.served.Go(func() { _ = g.http.Serve(listener) })
	return g
}

func (g *gateway) close() {
	_ = g.http.Close()
	g.served.Wait()
}

// recorded keeps of each answer what was sent.
func (g *gateway) recorded(b *books) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer func() {
			b.ended(r.Header.Get(callHeader), w.Header().Get("X-Request-Id"), rec.sent.Bytes())
		}()
		g.ServeHTTP(rec, r)
	})
}

// recorder keeps what is written, up to a limit that only faults reach.
type recorder struct {
	http.ResponseWriter
	sent bytes.Buffer
}

const recorded = 64 << 10

// Unwrap lets the gateway flush.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.sent.Write(p[:min(n, max(0, recorded-r.sent.Len()))])
	return n, err
}

// reply is what the plan of the call says for this attempt, which is billed here.
func (b *books) reply(r keeproutertest.Request) keeproutertest.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	number, _ := strconv.ParseInt(r.Header.Get(callHeader), 10, 64)
	a := b.open[number]
	if a == nil {
		b.strays++
		return keeproutertest.Reply{Status: http.StatusTeapot}
	}
	reply := a.plan.replies[min(len(a.entries), len(a.plan.replies)-1)]
	e := &entry{id: r.RequestID}
	if worked(&reply) {
		e.billed = tokens{reply.Usage.Input, reply.Usage.Output}.price(r.Model)
	}
	a.model = r.Model
	b.billed.requests++
	b.billed.billed += e.billed
	a.entries = append(a.entries, e)
	return reply
}

// worked tells whether a model works for the reply, and what it does costs.
func worked(r *keeproutertest.Reply) bool {
	f := &r.Fault
	return r.Status < 300 && !f.DropConnection && f.RedirectTo == "" && f.BodySize == 0 && (f.ErrorAfterEvents == nil || *f.ErrorAfterEvents > 0)
}

// ended notes what was sent in answer to a request.
func (b *books) ended(call, id string, sent []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	number, _ := strconv.ParseInt(call, 10, 64)
	a := b.open[number]
	if a == nil {
		return // counted as a stray
	}
	for _, e := range a.entries {
		if e.id == id {
			e.ended = true
			e.sent, e.counted = countsIn(sent)
			return
		}
	}
}

// countsIn reads the counts of tokens in an answer, without the library.
func countsIn(body []byte) (counts []tokens, whole bool) {
	lines := bytes.FieldsFunc(body, func(r rune) bool { return r == '\n' || r == '\r' })
	for _, line := range lines {
		data, stream := bytes.CutPrefix(bytes.TrimPrefix(line, []byte("\ufeff")), []byte("data: "))
		var event struct {
			Type    string
			Usage   *wireCount
			Message struct{ Usage *wireCount }
		}
		if json.Unmarshal(data, &event) != nil {
			continue
		}
		var before tokens
		if len(counts) > 0 {
			before = counts[len(counts)-1]
		}
		switch {
		case event.Message.Usage != nil:
			counts = append(counts, event.Message.Usage.tokens(before))
		case event.Usage != nil:
			counts = append(counts, event.Usage.tokens(before))
			whole = !stream || event.Type == "" || event.Type == "message_delta"
		}
	}
	return counts, whole
}

// wireCount is the count of either format.
type wireCount struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Input      int64 `json:"input_tokens"`
	Written    int64 `json:"cache_creation_input_tokens"`
	Read       int64 `json:"cache_read_input_tokens"`
	Output     int64 `json:"output_tokens"`
}

// tokens are cumulative: where a later count leaves out the input, it stands.
func (c *wireCount) tokens(before tokens) tokens {
	t := tokens{c.Prompt + c.Input + c.Written + c.Read, c.Completion + c.Output}
	if t.input == 0 {
		t.input = before.input
	}
	return t
}
