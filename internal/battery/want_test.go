package battery

import (
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// want is the outcome that the fault of one step must have.
type want struct {
	kind      keeprouter.ErrorKind // empty: the answer is whole
	attempts  int
	retryable bool
	inStream  bool
	status    int

	text    string // of the answer that the last attempt kept
	nothing bool   // whether the last attempt kept no answer at all
	unknown bool   // whether the whole answer came without its usage

	basis   keeprouter.ChargeBasis // of the last attempt
	earlier keeprouter.ChargeBasis // of those before it

	each    time.Duration // that an attempt takes
	atLeast time.Duration
	atMost  time.Duration // that the call may take; by default what the attempts and their back-off do
	open    int           // connections that may be left, to be used again
	unasked int           // requests that net/http repeats by itself, at most

	promptOnly bool // whether the usage that counts is that of the prompt
}

// backOff is the longest wait before the second and the third attempt together.
const backOff = 1500 * time.Millisecond

const (
	tries     = 3 // with the repeats of the default policy
	firstByte = 5 * time.Minute
	idle      = 2 * time.Minute
	connect   = 10 * time.Second
)

// whole is the outcome of an answer that came in full.
func whole() want {
	return want{attempts: 1, basis: keeprouter.ChargedUsage, open: 1}
}

// unanswered is the outcome when a request went out and no header came back.
func unanswered() want {
	return want{
		kind: keeprouter.ErrConnection, attempts: tries, retryable: true, nothing: true,
		basis: keeprouter.ChargedInFull, earlier: keeprouter.ChargedInFull,
	}
}

// unsent is the outcome when no connection could be made.
func unsent(kind keeprouter.ErrorKind) want {
	return want{
		kind: kind, attempts: tries, retryable: true, nothing: true,
		basis: keeprouter.ChargedNothing, earlier: keeprouter.ChargedNothing,
	}
}

// refused is the outcome of an error that the gateway answers with.
func refused(kind keeprouter.ErrorKind, status int, retryable bool) want {
	w := want{
		kind: kind, attempts: 1, retryable: retryable, status: status, nothing: true,
		basis: keeprouter.ChargedNothing, earlier: keeprouter.ChargedNothing, open: 1,
	}
	if retryable {
		w.attempts = tries
	}
	return w
}

// end is how a body ends before its time.
type end int

const (
	clean  end = iota // as if it were whole
	broken            // the connection breaks
	silent            // nothing more comes
	dirty             // something comes that belongs to nothing, then the end
)

// drain is how long the library waits behind an answer for the end of its bytes.
const drain = 100 * time.Millisecond

// received is the outcome when n bytes of the body come.
func (r *reference) received(n int, e end) want {
	if r.lane.op.streams {
		return r.receivedStream(n, e)
	}
	w := want{attempts: 1, nothing: true, basis: keeprouter.ChargedInFull, earlier: keeprouter.ChargedInFull}
	switch {
	case e == clean && n >= len(r.bare()):
		return whole()
	case e == clean, e == dirty:
		w.kind, w.open, w.status = keeprouter.ErrBadResponse, 1, 200
	case e == broken:
		w.kind, w.attempts, w.retryable = keeprouter.ErrTruncated, tries, true
	case e == silent:
		w.kind, w.attempts, w.retryable, w.each = keeprouter.ErrIdle, tries, true, idle
	}
	return w
}

// bare is the body without the line break at its end.
func (r *reference) bare() []byte {
	n := len(r.body)
	for n > 0 && r.body[n-1] == '\n' {
		n--
	}
	return r.body[:n]
}

func (r *reference) receivedStream(n int, e end) want {
	w := want{attempts: tries, nothing: true, retryable: true, basis: keeprouter.ChargedInFull, earlier: keeprouter.ChargedInFull}
	finished, counted := false, false
	for _, ev := range r.events {
		complete := n >= ev.end
		switch e {
		case clean:
			complete = n >= ev.end-len("\n\n") // all but the blank line
		case dirty:
			complete = n >= ev.end-len("\n")
		}
		switch {
		case !complete:
		case ev.terminator:
			w = whole()
			if e == silent {
				w.atMost = drain
			}
			return w
		default:
			w.attempts, w.nothing, w.inStream = 1, false, true
			w.text += ev.text
			if ev.said != "" {
				w.basis = keeprouter.ChargedCounted
			}
			finished = finished || ev.finish
			counted = counted || ev.usage
		}
	}
	switch e {
	case clean, dirty:
		if finished {
			w = whole()
			if w.unknown = !counted; w.unknown {
				w.basis = keeprouter.ChargedCounted
			}
			return w
		}
		w.kind, w.open = keeprouter.ErrTruncated, 1
	case broken:
		w.kind = keeprouter.ErrTruncated
	case silent:
		w.kind, w.each = keeprouter.ErrIdle, idle
	}
	return w
}
