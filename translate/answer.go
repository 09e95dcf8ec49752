package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// answer is an answer of either format.
type answer struct {
	id      string
	created int64 // in Unix seconds; 0 is unknown
	model   string
	parts   []part
	finish  finish
	counts  counts
	cost    keeprouter.Cost
	meta    keeprouter.Meta
}

// finish is why an answer ended.
type finish struct {
	reason      finishReason
	native      string // the server's word, where reason doesn't say it all
	sequence    string // the stop sequence that matched
	explanation string // of a refusal
}

type finishReason int

const (
	ended finishReason = iota
	matched
	limited
	windowFull
	wantsResults
	refused
	paused
)

func (a *answer) calls() []*callPart { return partsOf[*callPart](a.parts) }

// matchCalls holds the reason to what came: an answer with calls waits for their
// results whatever its reason says, and one without them waits for nothing.
func (a *answer) matchCalls(path string, l *ledger) {
	calls := len(a.calls()) > 0
	switch {
	case calls && a.finish.reason == ended:
		a.finish.reason = wantsResults
	case !calls && a.finish.reason == wantsResults:
		l.note(path, Changed, "the answer waits for the results of calls, and there are none")
		a.finish.reason = ended
	}
}

// nameCalls gives an id to calls that came without one, or with another call's. It
// depends on the answer alone, so that the same answer always gives the same.
func (a *answer) nameCalls(prefix string, longest int, l *ledger) {
	taken := map[string]bool{}
	for i, call := range a.calls() {
		id := callAlias(call.id, longest)
		if call.id == "" || taken[id] {
			sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q", a.id, i, call.name, call.args))
			id = prefix + hex.EncodeToString(sum[:12])
		}
		if id != call.id {
			l.note(call.path, Changed, "the call had no id of its own that the format takes")
		}
		taken[id] = true
		call.id = id
	}
}

// answerID is an answer's id as the other format has it.
func (a *answer) answerID(from, to string) string {
	bare := strings.TrimPrefix(strings.TrimPrefix(a.id, from), to)
	if bare == "" {
		bare = digest(a.model + joinTexts(a.parts))
	}
	return to + callAlias(bare, 0)
}

const (
	chatIDPrefix     = "chatcmpl-"
	messagesIDPrefix = "msg_"
)

// MessagesResponse translates the answer of a Chat server for a client of Messages.
// The error is a [*RefusalError] that matches [keeprouter.ErrBadResponse].
func (s *Session) MessagesResponse(resp *keeprouter.ChatResponse) (*keeprouter.MessagesResponse, []Diagnostic, error) {
	l := s.answerLedger()
	if resp == nil {
		l.refuse("", "there is no answer")
		return nil, nil, l.err()
	}
	a := s.decodeChatResponse(resp, l)
	if err := l.err(); err != nil {
		return nil, l.diagnostics, err
	}
	return s.encodeMessagesResponse(a, l), l.diagnostics, l.err()
}

// ChatResponse translates the answer of a Messages server for a client of Chat. The
// error is a [*RefusalError] that matches [keeprouter.ErrBadResponse].
func (s *Session) ChatResponse(resp *keeprouter.MessagesResponse) (*keeprouter.ChatResponse, []Diagnostic, error) {
	l := s.answerLedger()
	if resp == nil {
		l.refuse("", "there is no answer")
		return nil, nil, l.err()
	}
	a := s.decodeMessagesResponse(resp, l)
	if err := l.err(); err != nil {
		return nil, l.diagnostics, err
	}
	return s.encodeChatResponse(a, l), l.diagnostics, l.err()
}

// ToMessagesResponse translates an answer whose request isn't known; see
// [Session.MessagesResponse].
func ToMessagesResponse(resp *keeprouter.ChatResponse) (*keeprouter.MessagesResponse, []Diagnostic, error) {
	return new(Session).MessagesResponse(resp)
}

// ToChatResponse translates an answer whose request isn't known; see
// [Session.ChatResponse].
func ToChatResponse(resp *keeprouter.MessagesResponse) (*keeprouter.ChatResponse, []Diagnostic, error) {
	return new(Session).ChatResponse(resp)
}

func (s *Session) answerLedger() *ledger {
	return &ledger{policy: s.translator.Policy, kind: keeprouter.ErrBadResponse}
}

// answerModel is the id under which the client knows the model.
func (s *Session) answerModel(served string) string {
	if s.model != "" {
		return s.model
	}
	return served
}
