package keeprouter

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// toolCallsFold are the tool calls of a choice as far as they have come, in the
// order in which they appeared.
type toolCallsFold []*toolCallFold

type toolCallFold struct {
	index     int // among the calls
	wireIndex int // as the server counts, or noIndex
	id        string
	kind      string
	name      string
	arguments jsonx.Text
	extra     extras
	function  extras
}

// callPiece is a piece of a tool call, decoded.
type callPiece struct {
	*chatEventCall
	position, of   int  // in the event's list
	whole          bool // the list is that of a message, not of a delta
	id, name, text string
}

// callDeltas are where pieces that are handed out come from. Each is handed out once,
// so that it stays what it was for a reader who keeps it.
type callDeltas []ChatToolCallDelta

// take returns n pieces that are zero.
func (d *callDeltas) take(n int) []ChatToolCallDelta {
	const first, last = 8, 448 // less than 32 KiB, which is dearer to allocate
	if cap(*d)-len(*d) < n {
		*d = make([]ChatToolCallDelta, 0, max(n, min(max(first, 8*cap(*d)), last)))
	}
	from := len(*d)
	*d = (*d)[:from+n]
	return (*d)[from : from+n : from+n]
}

// fold adds the pieces of one event, and returns what they brought, from deltas.
func (calls *toolCallsFold) fold(pieces []chatEventCall, whole bool, deltas *callDeltas) ([]ChatToolCallDelta, error) {
	if len(pieces) == 0 {
		return nil, nil
	}
	out := deltas.take(len(pieces))
	for i := range pieces {
		c := &pieces[i]
		text, err := argumentsText(c.arguments)
		if err != nil {
			return nil, err
		}
		id, name := literals(c.id, c.name)
		p := callPiece{c, i, len(pieces), whole, id, name, text}
		call, err := calls.of(&p)
		if err != nil {
			return nil, err
		}
		if out[i], err = call.fold(&p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// of finds the call that a piece belongs to, or begins one. Servers disagree on how
// a piece names its call, so index, id, name and place are all taken as hints.
func (calls *toolCallsFold) of(p *callPiece) (*toolCallFold, error) {
	call := calls.known(p)
	if call != nil && !call.endsBefore(p) {
		return call, nil
	}
	if len(*calls) == maxToolCalls {
		return nil, fmt.Errorf("it has more than %d tool calls", maxToolCalls)
	}
	call = &toolCallFold{index: len(*calls), wireIndex: p.index}
	if *calls == nil {
		*calls = make(toolCallsFold, 0, 4)
	}
	*calls = append(*calls, call)
	return call, nil
}

func (calls toolCallsFold) known(p *callPiece) *toolCallFold {
	switch {
	case p.whole && p.position < len(calls) && calls[p.position].name == p.name:
		return calls[p.position]
	case p.index != noIndex:
		return calls.byIndex(p.index, p.id)
	case p.id != "":
		return calls.byID(p.id, p.name)
	case p.name == "" && p.of > 1:
		if p.position < len(calls) {
			return calls[p.position]
		}
		return nil
	case p.position > 0:
		return nil // complete calls in one list
	}
	last := calls.last()
	if last != nil && p.name != "" && p.name != last.name {
		return nil
	}
	return last
}

// byIndex returns the latest call at an index, unless the id is another's.
func (calls toolCallsFold) byIndex(index int, id string) *toolCallFold {
	for i := len(calls) - 1; i >= 0; i-- {
		c := calls[i]
		if c.wireIndex == index && (id == "" || c.id == "" || c.id == id) {
			return c
		}
	}
	return nil
}

// byID returns the call with an id, or the last one if that still waits for its id.
func (calls toolCallsFold) byID(id, name string) *toolCallFold {
	for i := len(calls) - 1; i >= 0; i-- {
		if calls[i].id == id {
			return calls[i]
		}
	}
	if last := calls.last(); last != nil && last.id == "" && name == "" {
		return last
	}
	return nil
}

func (calls toolCallsFold) last() *toolCallFold {
	if len(calls) == 0 {
		return nil
	}
	return calls[len(calls)-1]
}

// maxChecked is how long arguments may be to be looked through at each of their
// pieces. Servers that send several calls under one name send each call whole.
const maxChecked = 16 << 10

// endsBefore reports whether a piece that seems to belong to the call begins
// another: it names another tool after arguments came, or names one and begins an
// object behind a whole one.
func (c *toolCallFold) endsBefore(p *callPiece) bool {
	if p.name == "" || c.name == "" || c.arguments.Len() == 0 || p.whole {
		return false
	}
	if p.name != c.name {
		return true
	}
	if !strings.HasPrefix(strings.TrimSpace(p.text), "{") || c.arguments.Len() > maxChecked || !isObject(c.arguments.String()) {
		return false
	}
	return p.index == noIndex || !repeats(&c.arguments, p.text)
}

// fold adds a piece and returns what is new in it.
func (c *toolCallFold) fold(p *callPiece) (ChatToolCallDelta, error) {
	out := ChatToolCallDelta{Index: c.index}
	if c.id == "" && p.id != "" {
		c.id, out.ID = p.id, p.id
	}
	if c.kind == "" {
		c.kind = cmp.Or(literalLike(functionType, p.kind), functionType)
		out.Type = c.kind
	}
	out.Name = c.addName(p.name)
	c.extra = addMembers(c.extra, p.extra)
	c.function = addMembers(c.function, p.functionExtra)
	var err error
	out.Arguments, err = c.addArguments(p)
	return out, err
}

// addName takes the first name, and further pieces of it until arguments come.
func (c *toolCallFold) addName(name string) (added string) {
	switch {
	case name == "" || name == c.name || c.name != "" && c.arguments.Len() > 0:
		return ""
	case strings.HasPrefix(name, c.name):
		added = name[len(c.name):]
	default:
		added = name
	}
	c.name += added
	return added
}

// addArguments adds a piece of the arguments. Some servers repeat the whole at the
// end.
func (c *toolCallFold) addArguments(p *callPiece) (string, error) {
	if repeats(&c.arguments, p.text) && (p.whole || isObject(p.text)) {
		return "", nil
	}
	if jsonx.Kind(p.arguments) == '"' {
		return c.arguments.Append(p.arguments)
	}
	return c.arguments.AppendString(p.text), nil
}

// mayRepeat reports whether a string may be an object as long as the arguments so far,
// which it would have to be to repeat them. A byte that is no UTF-8 becomes a character
// of three.
func (c *toolCallFold) mayRepeat(literal json.RawMessage) bool {
	if c.arguments.Len() == 0 || 3*len(literal) < c.arguments.Len() {
		return false
	}
	switch first := bytes.TrimLeft(literal[1:], " "); first[0] {
	case '{':
		return true
	case '\\': // of white space, or any character
		return bytes.IndexByte([]byte("nrtu"), first[1]) >= 0
	}
	return false
}

// addPiece is addArguments for a string that is known to belong to the call.
func (c *toolCallFold) addPiece(literal json.RawMessage) (string, error) {
	text, err := jsonx.Unquote(literal)
	if err != nil {
		return "", err
	}
	return c.addArguments(&callPiece{chatEventCall: &chatEventCall{arguments: literal}, text: text})
}

// list returns the calls so far, nil if there are none.
func (calls toolCallsFold) list() []ChatToolCall {
	if len(calls) == 0 {
		return nil
	}
	list := make([]ChatToolCall, 0, len(calls))
	for _, c := range calls {
		call := ChatToolCall{ID: c.id, Type: c.kind, Name: c.name, Arguments: c.arguments.String()}
		for name, value := range c.extra {
			if call.Extra == nil {
				call.Extra = extras{}
			}
			call.Extra[name] = value
		}
		_ = keepNested(c.nested(), c.function, &call.Extra)
		list = append(list, call)
	}
	return list
}

// nested is the name of the object that the call's name and arguments are in.
func (c *toolCallFold) nested() string {
	if c.kind == customType {
		return customType
	}
	return functionType
}
