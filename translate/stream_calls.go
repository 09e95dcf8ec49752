package translate

import (
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// streamCalls are the calls of an answer in the order in which they began.
type streamCalls []*streamPart

// find tells which call a piece belongs to, or nil if it begins one. Servers disagree
// on how a piece names its call, so its index, id, name and place are taken as hints.
// What is sent again, whole, is of no use.
func (calls streamCalls) find(d *keeprouter.ChatToolCallDelta, position, of int) (p *streamPart, again bool) {
	p = calls.known(d, position, of)
	if p == nil || d.Name == "" || p.name == "" || !p.whole.begun() {
		return p, false
	}
	switch {
	case p.name != d.Name:
		return nil, false
	case !p.whole.ended() || !strings.HasPrefix(strings.TrimSpace(d.Arguments), "{"):
		return p, false
	case d.Index >= 0 && p.arguments.String() == d.Arguments:
		return p, true
	}
	return nil, false
}

func (calls streamCalls) known(d *keeprouter.ChatToolCallDelta, position, of int) *streamPart {
	switch {
	case d.Index >= 0:
		return calls.last(func(p *streamPart) bool {
			return p.wireIndex == d.Index && (d.ID == "" || p.id == "" || p.id == d.ID)
		})
	case d.ID != "":
		if p := calls.last(func(p *streamPart) bool { return p.id == d.ID }); p != nil {
			return p
		}
		if p := calls.last(every); p != nil && p.id == "" && d.Name == "" {
			return p
		}
		return nil
	case d.Name == "" && of > 1:
		if position < len(calls) {
			return calls[position]
		}
		return nil
	case position > 0:
		return nil // whole calls in one list
	}
	if p := calls.last(every); p != nil && (d.Name == "" || d.Name == p.name) {
		return p
	}
	return nil
}

func every(*streamPart) bool { return true }

// last returns the call that began last of those that match.
func (calls streamCalls) last(matches func(*streamPart) bool) *streamPart {
	for i := len(calls) - 1; i >= 0; i-- {
		if matches(calls[i]) {
			return calls[i]
		}
	}
	return nil
}

// maxRemembered is how long arguments may be to be known again.
const maxRemembered = 16 << 10

// remember keeps arguments, to tell whether the server sends them for the second time.
func (p *streamPart) remember(piece string) {
	if p.arguments.Len()+len(piece) <= maxRemembered {
		p.arguments.WriteString(piece)
	}
}
