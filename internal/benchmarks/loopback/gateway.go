package loopback

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// stamp stands in the gateway's replies where the time is to be.
const stamp = "0000000000000000000" // as many digits as nanoseconds since 1970 have

// loadPath is where the local gateway answers: /load/PACE/COUNT/v1/…, with so many
// events of text, one each PACE.
const loadPath = "/load/"

func loadURL(server string, pace time.Duration, count int) string {
	return fmt.Sprintf("%s%s%d/%d", server, loadPath, pace, count)
}

// gateways are local gateways, one for each pace and length of a stream.
type gateways struct {
	mu  sync.Mutex
	all map[string]*gateway.Gateway
}

// ServeHTTP has a gateway answer, and holds its events back until their time.
func (g *gateways) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, loadPath), "/", 3)
	if len(parts) != 3 {
		http.NotFound(w, r)
		return
	}
	pace, paceErr := strconv.ParseInt(parts[0], 10, 64)
	count, countErr := strconv.Atoi(parts[1])
	if paceErr != nil || countErr != nil || pace < 1 || count < 1 || count > 1<<20 {
		http.NotFound(w, r)
		return
	}
	r.URL.Path = "/" + parts[2]
	g.of(count).ServeHTTP(&pacer{ResponseWriter: w, ctx: r.Context(), pace: time.Duration(pace)}, r)
}

func (g *gateways) of(count int) *gateway.Gateway {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := strconv.Itoa(count)
	if g.all[name] == nil {
		reply := gateway.Reply{Deltas: slices.Repeat([]string{stamp}, count)}
		if g.all == nil {
			g.all = map[string]*gateway.Gateway{}
		}
		g.all[name] = gateway.New(gateway.Config{Reply: func(gateway.Request) gateway.Reply { return reply }})
	}
	return g.all[name]
}

// pacer writes each event of text at its time, counted from the first, and puts the
// time into it.
type pacer struct {
	http.ResponseWriter
	ctx  context.Context
	pace time.Duration
	next time.Time
}

// Unwrap lets the gateway flush.
func (p *pacer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *pacer) Write(data []byte) (int, error) {
	at := bytes.Index(data, []byte(stamp))
	if at < 0 {
		return p.ResponseWriter.Write(data)
	}
	if p.next.IsZero() {
		p.next = time.Now()
	} else if err := p.wait(); err != nil {
		return 0, err
	}
	p.next = p.next.Add(p.pace)
	event := slices.Clone(data)
	strconv.AppendInt(event[at:at], time.Now().UnixNano(), 10)
	return p.ResponseWriter.Write(event)
}

func (p *pacer) wait() error {
	timer := time.NewTimer(time.Until(p.next))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}
