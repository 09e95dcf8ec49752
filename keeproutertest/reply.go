package keeproutertest

import (
	"net/http"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// Reply is what the gateway answers to one request. It is written once and rendered
// in the format that the request came in, as a stream if it asked for one. The zero
// Reply answers "ok".
type Reply struct {
	// Text is the answer's text. A stream splits it at the starts of words.
	Text string

	// Deltas are the exact pieces of the text in a stream, instead of Text.
	Deltas []string

	// Thinking is the model's reasoning before the text. Chat Completions carries
	// it as reasoning_content, Messages as a signed thinking block.
	Thinking string

	// ToolCalls are the calls that the model asks for, after the text.
	ToolCalls []ToolCall

	// Finish says why the answer ends: "stop", "length", "tool_calls",
	// "content_filter", each rendered in the format's own word; anything else as it
	// is. Default: "tool_calls" if there are any, else "stop".
	Finish string

	// Usage is what the answer counts. Default: an estimate from the lengths of
	// request and answer, the same on each run.
	Usage *Usage

	// NoUsage leaves usage out.
	NoUsage bool

	// Model is the model that the answer names. Default: the request's.
	Model string

	// Status is the HTTP status, 200 by default. From 400 on, the answer is an error
	// in the shape of the format.
	Status int

	// ErrorType, ErrorCode and ErrorMessage are the fields of the error. Default: by
	// status. ErrorCode exists in Chat Completions only.
	ErrorType    string
	ErrorCode    string
	ErrorMessage string

	// RetryAfter is sent as Retry-After, in seconds rounded up; if it isn't whole
	// seconds, also as Retry-After-Ms.
	RetryAfter time.Duration

	// Header is sent over the gateway's own. An empty list removes a header.
	Header http.Header

	// Body is the answer's body as it is, of a stream too, with Status or 200. The
	// faults that count events take it for one event.
	Body string

	// ContentType is the type of any body. Default: application/json, or
	// text/event-stream if the request asked for a stream and Status isn't an error.
	ContentType string

	// Delay passes before the header, FirstByteDelay between header and body, both
	// in silence. Pause passes between two events of a stream; as at the service, a
	// Messages stream has a ping every ten seconds of it.
	Delay          time.Duration
	FirstByteDelay time.Duration
	Pause          time.Duration

	// Fault is what goes wrong.
	Fault Fault
}

// ToolCall is a call in a [Reply].
type ToolCall struct {
	ID        string // default: one made from the request's number
	Name      string // of the tool
	Arguments string // JSON, sent as it is, valid or not; empty is {}
}

// Usage counts tokens. Input and Output are totals, and the other counts are parts of
// them; the Messages format, which has its counts disjoint, gets the difference.
type Usage struct {
	Input       int64 // all input
	CachedInput int64 // of it, read from the cache
	CacheWrite  int64 // of it, written to the cache
	Output      int64 // all output
	Reasoning   int64 // of it, reasoning

	// Cost is the JSON of usage.cost, what the gateway says it charged: `0.000295`,
	// `"0.000295"`, `{"total_cost":0.01}`. Empty leaves it out.
	Cost string
}

// Fault is what goes wrong with an answer whose status may well be 200. The zero
// Fault is none.
//
// The fields named AfterEvents count what a stream consists of: each chunk, event or
// ping, the terminator included, comments not. An answer that isn't a stream is one
// event, so that ErrorAfterEvents: new(0) gives a 200 with an error as its body.
type Fault struct {
	// DropConnection closes the connection instead of answering.
	DropConnection bool

	// CutAfterBytes closes the connection after n bytes of the body, in the midst
	// of the HTTP answer.
	CutAfterBytes *int

	// EndAfterEvents ends the body cleanly after n events.
	EndAfterEvents *int

	// ErrorAfterEvents sends an error after n events, and ends. The reply's
	// ErrorType, ErrorCode and ErrorMessage say which; a Status from 400 on is then
	// not sent, but tells the error's type.
	ErrorAfterEvents *int

	// MalformedAfterEvents sends an event of broken JSON after n events, and goes on.
	MalformedAfterEvents *int

	// StallAfterEvents sends nothing more after n events, not even pings, until the
	// client goes away.
	StallAfterEvents *int

	// OmitDone leaves out the event that ends a stream: [DONE], or message_stop.
	OmitDone bool

	// LineEnd ends the lines of a stream: "\n" (default), "\r\n" or "\r".
	LineEnd string

	// BOM puts a byte order mark before the body.
	BOM bool

	// Comments is the number of keep-alive comments before each event.
	Comments int

	// NoEventNames leaves out the "event:" lines of Messages.
	NoEventNames bool

	// LongLine puts an event before all others whose data line is n bytes long.
	LongLine int

	// EndlessLine puts a data line before all events that goes on until the client
	// goes away.
	EndlessLine bool

	// BodySize is a body of n bytes instead of the answer, with any Status: one JSON
	// object with a long string.
	BodySize int64

	// EndlessBody is the same without an end, until the client goes away.
	EndlessBody bool

	// GzipBomb is a small gzip body that decodes to the same of n bytes.
	GzipBomb int64

	// RedirectTo answers 307, or Status, with this Location.
	RedirectTo string
}

func (r *Reply) engine() gateway.Reply {
	e := gateway.Reply{
		Text: r.Text, Deltas: r.Deltas, Thinking: r.Thinking,
		Finish: r.Finish, NoUsage: r.NoUsage, Model: r.Model,
		Status: r.Status, ErrorType: r.ErrorType, ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage,
		RetryAfter: r.RetryAfter, Header: r.Header, Body: r.Body, ContentType: r.ContentType,
		Delay: r.Delay, FirstByteDelay: r.FirstByteDelay, Pause: r.Pause,
		Fault: gateway.Fault(r.Fault),
	}
	for _, c := range r.ToolCalls {
		e.ToolCalls = append(e.ToolCalls, gateway.ToolCall(c))
	}
	if r.Usage != nil {
		e.Usage = new(gateway.Usage(*r.Usage))
	}
	return e
}
