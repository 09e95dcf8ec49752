package keeprouter

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// chatEvent is a chunk as it is on the wire. Its texts are the literals of the
// event's data, so that a character that is cut between two events can be joined.
type chatEvent struct {
	isChunk     bool // whether it has a member that only chunks have
	hasChoices  bool
	id          json.RawMessage
	created     json.RawMessage
	model       json.RawMessage
	tier        json.RawMessage
	fingerprint json.RawMessage
	usage       json.RawMessage
	padding     json.RawMessage
	choices     []chatEventChoice
	extra       []member
}

// chatEventChoice is what an event says of one choice.
type chatEventChoice struct {
	index    int
	whole    bool // it came as message, not as delta
	delta    chatEventDelta
	finish   json.RawMessage
	native   json.RawMessage
	logprobs json.RawMessage
	extra    []member
}

// chatEventDelta is what an event adds to a message.
type chatEventDelta struct {
	role             json.RawMessage
	name             json.RawMessage
	content          json.RawMessage
	reasoningContent json.RawMessage
	reasoning        json.RawMessage
	details          json.RawMessage
	refusal          json.RawMessage
	functionCall     json.RawMessage
	audio            json.RawMessage
	annotations      json.RawMessage
	calls            []chatEventCall
	extra            []member
}

// chatEventCall is a piece of a tool call.
type chatEventCall struct {
	index         int // as the server counts, or noIndex
	id            json.RawMessage
	kind          json.RawMessage
	name          json.RawMessage
	arguments     json.RawMessage
	extra         []member
	functionExtra []member
}

// noIndex is the index of a piece of a tool call that came without one.
const noIndex = -1

// member is one member of an object.
type member struct {
	name  string
	value json.RawMessage
}

// decode reads the data of an event, an object. The event's slices are reused.
func (e *chatEvent) decode(data []byte) {
	*e = chatEvent{choices: e.choices[:0], extra: e.extra[:0]}
	for name, value := range jsonx.Members(data) {
		switch name {
		case "id":
			e.id, e.isChunk = value, true
		case "object":
			e.isChunk = true
		case "created":
			e.created = value
		case "model":
			e.model, e.isChunk = value, true
		case "service_tier":
			e.tier = value
		case "system_fingerprint":
			e.fingerprint = value
		case "usage":
			e.usage, e.isChunk = value, true
		case "choices":
			e.hasChoices, e.isChunk = true, true
			e.choices = e.choices[:0] // of a name that repeats, the last counts
			e.decodeChoices(value)
		case "obfuscation":
			e.padding = value
		default:
			e.extra = keepMember(e.extra, name, value)
		}
	}
}

func (e *chatEvent) decodeChoices(data []byte) {
	for i, element := range jsonx.Elements(data) {
		if jsonx.Kind(element) == '{' {
			e.choices = slices.Grow(e.choices, 1)[:len(e.choices)+1]
			e.choices[len(e.choices)-1].decode(element, i)
		}
	}
}

func (c *chatEventChoice) decode(data []byte, position int) {
	*c = chatEventChoice{index: position, delta: chatEventDelta{calls: c.delta.calls[:0]}}
	var delta, message json.RawMessage
	for name, value := range jsonx.Members(data) {
		switch name {
		case "index":
			c.index = max(0, number(value, position))
		case "delta":
			delta = value
		case "message":
			message = value
		case "finish_reason":
			c.finish = value
		case "native_finish_reason":
			c.native = value
		case "logprobs":
			c.logprobs = value
		default:
			c.extra = keepMember(c.extra, name, value)
		}
	}
	if jsonx.Kind(delta) != '{' {
		c.whole, delta = true, message
	}
	c.delta.decode(delta)
}

func (d *chatEventDelta) decode(data []byte) {
	for name, value := range jsonx.Members(data) {
		switch name {
		case "role":
			d.role = value
		case "name":
			d.name = value
		case "tool_call_id": // no answer has one
		case "content":
			d.content = value
		case reasoningContentField:
			d.reasoningContent = value
		case reasoningField:
			d.reasoning = value
		case "reasoning_details":
			d.details = value
		case "refusal":
			d.refusal = value
		case "function_call":
			d.functionCall = value
		case "audio":
			d.audio = value
		case "annotations":
			d.annotations = value
		case "tool_calls":
			d.calls = d.calls[:0]
			for _, element := range jsonx.Elements(value) {
				if jsonx.Kind(element) == '{' {
					d.calls = append(d.calls, decodeCall(element))
				}
			}
		default:
			d.extra = keepMember(d.extra, name, value)
		}
	}
}

func decodeCall(data []byte) chatEventCall {
	c := chatEventCall{index: noIndex}
	for name, value := range jsonx.Members(data) {
		switch name {
		case "index":
			c.index = number(value, noIndex)
		case "id":
			c.id = value
		case "type":
			c.kind = value
		case functionType, customType:
			c.decodeFunction(value)
		default:
			c.extra = keepMember(c.extra, name, value)
		}
	}
	return c
}

func (c *chatEventCall) decodeFunction(data []byte) {
	for name, value := range jsonx.Members(data) {
		switch name {
		case "name":
			c.name = value
		case "arguments", "input":
			c.arguments = value
		default:
			c.functionExtra = keepMember(c.functionExtra, name, value)
		}
	}
}

// keepMember adds a member that says something. A copy in each loop over members would
// be larger.
//
//go:noinline
func keepMember(members []member, name string, value json.RawMessage) []member {
	if jsonx.IsNull(value) {
		return members
	}
	return append(members, member{name, value})
}

// literal returns the text of a string, and nothing of anything else.
func literal(data json.RawMessage) string {
	if jsonx.Kind(data) != '"' {
		return ""
	}
	text, _ := jsonx.Unquote(data)
	return text
}

// literals returns the texts of two strings, which are usually kept together.
func literals(a, b json.RawMessage) (string, string) {
	if !jsonx.IsPlain(a) || !jsonx.IsPlain(b) {
		return literal(a), literal(b)
	}
	a, b = a[1:len(a)-1], b[1:len(b)-1]
	both := string(a) + string(b)
	return both[:len(a)], both[len(a):]
}

// literalLike is literal, without an allocation if the text is the known one.
func literalLike(known string, data json.RawMessage) string {
	if len(data) == len(known)+2 && data[0] == '"' && string(data[1:len(data)-1]) == known && jsonx.IsPlain(data) {
		return known
	}
	return literal(data)
}

// number reads an integer, also from 1.0 and "1".
func number(data json.RawMessage, otherwise int) int {
	text := string(data)
	if jsonx.Kind(data) == '"' {
		text = literal(data)
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int32(f)) {
		return int(f)
	}
	return otherwise
}
