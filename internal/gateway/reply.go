package gateway

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Reply says what the gateway answers to one request, in the terms of neither
// format. The public package documents the fields.
type Reply struct {
	Text      string
	Deltas    []string
	Thinking  string
	ToolCalls []ToolCall
	Finish    string
	Usage     *Usage
	NoUsage   bool
	Model     string

	Status       int
	ErrorType    string
	ErrorCode    string
	ErrorMessage string
	RetryAfter   time.Duration
	Header       http.Header
	Body         string
	ContentType  string

	Delay          time.Duration
	FirstByteDelay time.Duration
	Pause          time.Duration

	Fault Fault

	// Demo makes Text and ToolCalls from the request.
	Demo bool
}

// ToolCall is a call that the model asks for. Arguments go out as they are; empty
// ones as {}.
type ToolCall struct {
	ID        string
	Name      string
	Arguments string
}

// Usage counts tokens: Input and Output are totals, the others are parts of them.
type Usage struct {
	Input       int64
	CachedInput int64
	CacheWrite  int64
	Output      int64
	Reasoning   int64

	Cost string // the JSON of usage.cost
}

// cost is nil when there is none, and a text when it isn't JSON.
func (u *Usage) cost() json.RawMessage {
	if u.Cost == "" || json.Valid([]byte(u.Cost)) {
		return json.RawMessage(u.Cost)
	}
	return encode(u.Cost)
}

// answer is a reply that is complete: all defaults are filled in.
type answer struct {
	number   int64 // of the request, for the ids
	created  int64
	model    string
	thinking []string
	text     []string
	calls    []ToolCall
	finish   string
	usage    Usage
	noUsage  bool
	askUsage bool // whether a chat stream ends with its usage
}

func (a *answer) hasText() bool { return len(a.text) > 0 }

func (a *answer) id(prefix string) string { return prefix + strconv.FormatInt(a.number, 10) }

// complete fills in what the reply leaves open.
func (r *Reply) complete(p *prompt, number, created int64) *answer {
	a := &answer{
		number:   number,
		created:  created,
		model:    cmp.Or(r.Model, p.Model),
		thinking: words(r.Thinking),
		text:     r.deltas(),
		calls:    r.calls(number),
		finish:   r.Finish,
		noUsage:  r.NoUsage,
		askUsage: p.StreamOptions != nil && p.StreamOptions.IncludeUsage,
	}
	if a.finish == "" {
		a.finish = "stop"
		if len(a.calls) > 0 {
			a.finish = "tool_calls"
		}
	}
	a.usage = r.usage(p, a)
	return a
}

func (r *Reply) deltas() []string {
	switch {
	case len(r.Deltas) > 0:
		return r.Deltas
	case r.Text == "" && r.Thinking == "" && len(r.ToolCalls) == 0 && r.Finish == "" && !r.Demo:
		return []string{"ok"}
	}
	return words(r.Text)
}

func (r *Reply) calls(number int64) []ToolCall {
	calls := make([]ToolCall, 0, len(r.ToolCalls))
	for i, c := range r.ToolCalls {
		c.ID = cmp.Or(c.ID, "call_"+strconv.FormatInt(number, 10)+"_"+strconv.Itoa(i))
		c.Arguments = cmp.Or(c.Arguments, "{}")
		calls = append(calls, c)
	}
	return calls
}

func (r *Reply) usage(p *prompt, a *answer) Usage {
	if r.Usage != nil {
		return *r.Usage
	}
	reasoning := tokens(len(r.Thinking))
	output := reasoning + tokens(len(strings.Join(a.text, "")))
	for _, c := range a.calls {
		output += tokens(len(c.Name) + len(c.Arguments))
	}
	return Usage{Input: p.tokens(), Output: max(output, 1), Reasoning: reasoning}
}

// words splits a text at the starts of its words, so that the pieces joined are
// the text again.
func words(text string) []string {
	var pieces []string
	for text != "" {
		end := strings.IndexByte(text[1:], ' ') + 1
		if end == 0 {
			end = len(text)
		}
		pieces = append(pieces, text[:end])
		text = text[end:]
	}
	return pieces
}

// pieces splits the arguments of a call as they arrive in a stream, between runes.
func pieces(arguments string) []string {
	const size = 24
	var list []string
	for len(arguments) > size {
		end := size
		for end > 1 && !utf8.RuneStart(arguments[end]) {
			end--
		}
		list = append(list, arguments[:end])
		arguments = arguments[end:]
	}
	return append(list, arguments)
}
