package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// How long a tool's name may be.
const (
	maxChatName     = 64
	maxMessagesName = 128
)

// maxChatID is how long a call's id may be at OpenAI.
const maxChatID = 40

// isToolName reports whether both formats take a name of this length at most.
func isToolName(name string, most int) bool {
	return name != "" && len(name) <= most && strings.IndexFunc(name, isOdd) < 0
}

func isOdd(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
}

// toolAlias is a name that both formats take. It depends on the name alone, so that
// the same tool has the same name in every request of a conversation.
func toolAlias(name string, most int) string {
	if isToolName(name, most) {
		return name
	}
	return plain(name, 55) + "_" + digest(name)
}

// callAlias is an id that both formats take.
func callAlias(id string, most int) string {
	if id != "" && (most == 0 || len(id) <= most) && strings.IndexFunc(id, isOdd) < 0 {
		return id
	}
	return plain(id, 31) + "_" + digest(id)
}

// plain replaces what the formats don't take, and cuts.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if isOdd(r) {
			return '_'
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}

// nameTools gives the tools names that the format takes, wherever they occur, and
// remembers the client's.
func (s *Session) nameTools(conv *conversation, most int, l *ledger) {
	owner := map[string]string{}
	alias := func(name, path string) string {
		given := toolAlias(name, most)
		if other, taken := owner[given]; taken && other != name {
			l.refuse(path, fmt.Sprintf("the names %q and %q would become the same", other, name))
		}
		owner[given] = name
		if given != name {
			s.names[given] = name
		}
		return given
	}
	for i := range conv.tools {
		t := &conv.tools[i]
		if t.custom {
			s.custom[t.name] = true
		}
		given := alias(t.name, t.path)
		if given != t.name {
			l.note(t.path, Changed, "the format doesn't take the tool's name; answers have it again")
		}
		t.name = given
	}
	if conv.choice != nil && conv.choice.mode == callOne {
		conv.choice.name = alias(conv.choice.name, conv.choice.path)
	}
	for _, t := range conv.turns {
		for _, call := range t.calls() {
			call.name = alias(call.name, call.path)
		}
	}
}
