package translate

import (
	"encoding/json"
	"net/http"
	"strings"
)

// conversation is a request of either format: a list of turns, each an ordered list
// of parts. Decoders make one turn of each message; arrange brings them into the
// order that the other format wants.
type conversation struct {
	model    string
	system   []part // the first instruction: text parts
	turns    []turn
	tools    []tool
	choice   *choice
	settings settings
	header   http.Header
}

// role is who speaks in a turn.
type role int

const (
	user role = iota
	assistant
	instructor // system and developer
)

// turn is what one side says until the other does. Results of tools are the user's.
type turn struct {
	role  role
	parts []part
	path  string
}

func (t *turn) calls() []*callPart       { return partsOf[*callPart](t.parts) }
func (t *turn) thoughts() []*thoughtPart { return partsOf[*thoughtPart](t.parts) }
func (t *turn) onlyThoughts() bool       { return len(t.thoughts()) == len(t.parts) }

// part is a piece of a turn or of an answer: a textPart, mediaPart, thoughtPart,
// callPart, resultPart or refusalPart.
type part interface{ from() *origin }

// origin is where a part comes from, and its cache mark.
type origin struct {
	path  string
	cache *cacheMark
}

func (o *origin) from() *origin { return o }

// cacheMark caches the prompt up to its part.
type cacheMark struct {
	hour bool // it stays for an hour rather than for minutes
	path string
}

type textPart struct {
	origin
	text      string
	citations []citation
}

// citation is where a text comes from.
type citation struct {
	url, title, cited string
	start, end        int // of the stretch of text, in characters; end 0 is unknown
}

// mediaPart is an image or a document: by data, by url, or a document's text.
type mediaPart struct {
	origin
	image bool
	mime  string // lower case, without parameters
	data  string // standard base64
	text  string
	url   string
	name  string // of a document
}

// thoughtPart is what a model thought.
type thoughtPart struct {
	origin
	text      string
	signature string          // with which the server knows its own
	redacted  string          // encrypted, in place of a text
	foreign   json.RawMessage // an item of reasoning_details that is no Claude's, its text included
	index     json.RawMessage // of the thought that a stream's piece belongs to
}

// signed reports whether a Claude server made the thought and would take it back.
func (p *thoughtPart) signed() bool { return p.signature != "" || p.redacted != "" }

// callPart is a call of a tool.
type callPart struct {
	origin
	id, name string
	args     string // JSON, or the free text of a custom tool
	custom   bool
	cut      bool // the answer ended inside args
}

// resultPart is what a tool returned.
type resultPart struct {
	origin
	id     string
	parts  []part // text and media
	failed bool
}

// refusalPart is why a model refused. Only answers have it.
type refusalPart struct {
	origin
	text string
}

func partsOf[P part](parts []part) []P {
	var found []P
	for _, p := range parts {
		if wanted, ok := p.(P); ok {
			found = append(found, wanted)
		}
	}
	return found
}

// joinTexts joins the texts of the text parts.
func joinTexts(parts []part) string {
	var b strings.Builder
	for _, p := range partsOf[*textPart](parts) {
		b.WriteString(p.text)
	}
	return b.String()
}

// tool is something that the model may call.
type tool struct {
	path        string
	name        string
	description string
	schema      json.RawMessage // of an object; nothing for a custom tool
	strict      bool
	custom      bool
	cache       *cacheMark
}

// choice says whether and which tools must be called.
type choice struct {
	path   string
	mode   choiceMode
	name   string // when mode is callOne
	single bool   // one call at most
}

type choiceMode int

const (
	callFreely choiceMode = iota
	callNone
	callAny
	callOne
)

// forced reports whether the model must call a tool.
func (c *choice) forced() bool { return c != nil && (c.mode == callAny || c.mode == callOne) }

// settings are a request's fields beside its conversation.
type settings struct {
	maxTokens    *int
	temperature  *float64
	topP         *float64
	topK         *int
	stops        []string
	stream       bool
	includeUsage bool // whether the client wants usage in its stream
	thinking     thinking
	format       *outputFormat
	user         string
	userPath     string
	tier         string // auto, standard or nothing
	fast         bool
	cache        *cacheMark // the prompt's end
}

// thinking says whether and how much the model should think.
type thinking struct {
	mode    thinkingMode
	effort  string // low, medium, high, xhigh or max
	budget  int    // tokens
	omitted bool   // the client doesn't want the text
	path    string
}

type thinkingMode int

const (
	thinkingUnset thinkingMode = iota
	thinkingOff
	thinkingOn
)

// outputFormat is the form that an answer must have.
type outputFormat struct {
	path      string
	anyObject bool // any JSON object; else of schema
	schema    json.RawMessage
	name      string
	strict    bool
}
