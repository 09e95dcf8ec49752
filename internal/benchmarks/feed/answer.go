// Package feed makes the bytes that every peer reads and writes: streams, whole
// answers, conversations. All of it is made up, and the same on each run.
package feed

// Format is one of the two wire formats.
type Format string

// The formats.
const (
	Chat     Format = "chat"
	Messages Format = "messages"
)

// Answer is what a client must have understood of an answer.
type Answer struct {
	Text          string
	Calls         []Call
	Finish        string
	Input, Output int64
}

// Call is a tool call of an [Answer].
type Call struct{ ID, Name, Arguments string }

// Stream is an answer in events.
type Stream struct {
	Name   string
	Format Format
	Events [][]byte // each with the empty line that ends it
	Tokens int      // the events among them that carry a token, or a piece of an argument
	Want   Answer
}

// Size returns the bytes of all events.
func (s *Stream) Size() int {
	n := 0
	for _, e := range s.Events {
		n += len(e)
	}
	return n
}

// Whole is an answer that comes as one JSON object.
type Whole struct {
	Format Format
	Body   []byte
	Want   Answer
}

// Delta is an event with a piece of text that needs no escapes.
func Delta(format Format, text string) []byte {
	if format == Messages {
		return messagesEvent("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":"`+text+`"}`)
	}
	return chatEvent(0, chatDelta(`"content":"`+text+`"`, "null"), "null")
}
