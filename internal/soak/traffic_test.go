package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// plan is what a call is to meet.
type plan struct {
	name    string
	replies []keeproutertest.Reply // for each attempt, the last one for all that follow
	must    bool                   // nothing is wrong, so it must succeed
	panics  bool                   // the loop over its stream may panic
}

// session is the plans of a run's calls, one by one.
type session struct {
	plans []*plan
	used  int
}

type sessionKey struct{}

// planOf takes the next plan of a context, whose calls are made one after another.
func planOf(ctx context.Context) *plan {
	s := ctx.Value(sessionKey{}).(*session)
	p := s.plans[min(s.used, len(s.plans)-1)]
	s.used++
	return p
}

// worker makes calls, one after another, as its chance says.
type worker struct {
	*rand.Rand
	clients []*keeprouter.Client // any of them
	hasty   *keeprouter.Client   // which waits for nothing long
}

const maxTokens = 300

var words = strings.Fields("zero one two three vier fünf six sept acht nine ten élan “quoted” \\back\\ tab\t日本 🙂 end")

func (w *worker) words(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(words[w.IntN(len(words))] + " ")
	}
	return b.String()
}

// answer is a reply whose counts are never beyond what an estimate expects.
func (w *worker) answer() keeproutertest.Reply {
	r := keeproutertest.Reply{Text: w.words(1 + w.IntN(40)), Usage: &keeproutertest.Usage{Input: int64(2 + w.IntN(30)), Output: int64(2 + w.IntN(200))}}
	if w.IntN(3) == 0 {
		r.Usage.CachedInput = w.Int64N(r.Usage.Input)
		r.Usage.Reasoning = w.Int64N(r.Usage.Output)
		r.Thinking = w.words(5)
	}
	switch w.IntN(12) {
	case 0:
		r.Pause = time.Duration(w.IntN(int(time.Millisecond)))
	case 1:
		r.Fault.LineEnd = "\r\n"
	case 2:
		r.Fault.Comments = w.IntN(4)
	case 3:
		r.Fault.NoEventNames = true
	case 4:
		r.Fault.BOM = true
	}
	return r
}

// faulty is a reply with something wrong.
func (w *worker) faulty() keeproutertest.Reply {
	r := w.answer()
	few := new(w.IntN(20))
	switch w.IntN(14) {
	case 0:
		r.Fault.EndAfterEvents = few
	case 1:
		r.Fault.CutAfterBytes = new(w.IntN(3000))
	case 2:
		r.Fault.OmitDone = true
	case 3:
		r.Fault.ErrorAfterEvents = few
	case 4:
		r.Fault.MalformedAfterEvents = few
	case 5:
		r.Fault.DropConnection = true
	case 6:
		r.Fault.RedirectTo = "https://elsewhere.test/v1"
	case 7:
		r.Fault.BodySize = 2 << 20
	case 8:
		r.NoUsage = true
	case 9:
		r.Finish = "length"
	default:
		r.Status = []int{400, 402, 429, 500, 503, 529}[w.IntN(6)]
		r.RetryAfter = time.Duration(w.IntN(5)) * time.Millisecond
	}
	return r
}

// errLeft is what a loop panics with.
var errLeft = errors.New("the loop panics")

// step makes one call or one run.
func (w *worker) step(ctx context.Context) {
	defer func() {
		if value := recover(); value != nil && value != errLeft {
			panic(value)
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := w.clients[w.IntN(len(w.clients))]
	leave, stop := func() bool { return false }, 1+w.IntN(12)
	p := &plan{name: "whole", replies: []keeproutertest.Reply{w.answer()}, must: true}
	p.must = !p.replies[0].Fault.BOM // which JSON must not have
	switch w.IntN(12) {
	case 0, 1:
		*p = plan{name: "fault", replies: []keeproutertest.Reply{w.faulty()}}
	case 2:
		*p = plan{name: "fault, then whole", replies: []keeproutertest.Reply{w.faulty(), w.answer()}}
	case 3:
		p.name, p.must = "break", false
		leave = func() bool { return true }
	case 4:
		p.name, p.must = "cancel in the loop", false
		leave = func() bool { cancel(); return false }
	case 5:
		p.name, p.must, p.panics = "panic in the loop", false, true
		leave = func() bool { panic(errLeft) }
	case 6:
		p.name, p.must = "deadline", false
		p.replies[0].Pause = time.Millisecond
		p.replies[0].Delay = time.Duration(w.IntN(int(5 * time.Millisecond)))
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, time.Duration(w.IntN(int(30*time.Millisecond))))
		defer done()
	case 7:
		p.name, p.must = "stall", false
		p.replies[0].Fault.StallAfterEvents = new(w.IntN(8))
		client = w.hasty
	case 8, 9:
		w.run(ctx, client)
		return
	}
	w.call(context.WithValue(ctx, sessionKey{}, &session{plans: []*plan{p}}), client, stop, leave)
}

func (w *worker) model() string {
	return []string{keeprouter.Gemma4_31B, keeprouter.Gemini35Flash}[w.IntN(2)]
}

func (w *worker) chat() *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{Model: w.model(), MaxTokens: new(maxTokens), Messages: []keeprouter.ChatMessage{keeprouter.User(w.words(60))}}
}

func (w *worker) messages() *keeprouter.MessagesRequest {
	return &keeprouter.MessagesRequest{Model: w.model(), MaxTokens: maxTokens, Messages: []keeprouter.Message{keeprouter.UserMessage(w.words(60))}}
}

// call makes a call in one of the ways there are. Of errors the books know.
func (w *worker) call(ctx context.Context, client *keeprouter.Client, stop int, leave func() bool) {
	switch w.IntN(8) {
	case 0:
		_, _ = client.Chat.Create(ctx, w.chat())
	case 1:
		_, _ = client.Messages.Create(ctx, w.messages())
	case 2:
		read(client.Chat.Stream(ctx, w.chat()).All(), stop, leave)
	case 3:
		read(client.Messages.Stream(ctx, w.messages()).All(), stop, leave)
	case 4:
		read(client.Chat.Stream(ctx, w.chat()).Text(), stop, leave)
	case 5:
		read(client.Messages.Stream(ctx, w.messages()).Text(), stop, leave)
	case 6:
		_, _ = client.Chat.Stream(ctx, w.chat()).Result()
	case 7:
		_, _ = client.Messages.Stream(ctx, w.messages()).Result()
	}
}

// read loops, and leaves after some items as it is told.
func read[T any](items iter.Seq2[T, error], stop int, leave func() bool) {
	n := 0
	for range items {
		if n++; n == stop && leave() {
			return
		}
	}
}

// run lets the model call tools for a few steps, of which the last may go wrong.
func (w *worker) run(ctx context.Context, client *keeprouter.Client) {
	steps, s := 1+w.IntN(4), &session{}
	for i := range steps {
		r := w.answer()
		for j := range 1 + w.IntN(3) {
			tool := []string{"add", "fail", "panic", "absent"}[w.IntN(4)]
			r.ToolCalls = append(r.ToolCalls, keeproutertest.ToolCall{Name: tool, Arguments: fmt.Sprintf(`{"a":%d,"b":%d}`, i, j)})
		}
		s.plans = append(s.plans, &plan{name: "tools", replies: []keeproutertest.Reply{r}, must: !r.Fault.BOM})
	}
	last := &plan{name: "tools, at the end", replies: []keeproutertest.Reply{w.answer()}}
	last.must = !last.replies[0].Fault.BOM
	if w.IntN(3) == 0 {
		last.replies[0], last.must = w.faulty(), false
	}
	s.plans = append(s.plans, last)
	leave := w.IntN(4) == 0
	if leave {
		for _, p := range s.plans {
			p.must = false
		}
	}
	ctx = context.WithValue(ctx, sessionKey{}, s)
	tools := keeprouter.Toolset{Tools: tools(), MaxSteps: 3, Parallel: 2, Whole: w.IntN(3) == 0}
	stop := 1 + w.IntN(20)
	if w.IntN(2) == 0 {
		read(client.Chat.Run(ctx, w.chat(), tools).All(), stop, func() bool { return leave })
		return
	}
	read(client.Messages.Run(ctx, w.messages(), tools).All(), stop, func() bool { return leave })
}

func tools() []keeprouter.Tool {
	type numbers struct{ A, B int }
	return []keeprouter.Tool{
		keeprouter.NewTool("add", "Adds.", func(_ context.Context, n numbers) (int, error) { return n.A + n.B, nil }),
		keeprouter.NewTool("fail", "Fails.", func(context.Context, numbers) (int, error) { return 0, errors.New("no") }),
		keeprouter.NewTool("panic", "Panics.", func(context.Context, numbers) (int, error) { panic("no") }),
	}
}

// quiet is for servers whose connections break on purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
