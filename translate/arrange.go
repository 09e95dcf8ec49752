package translate

import (
	"slices"
	"strings"
)

// arrangement is what the other side wants of a conversation's order.
type arrangement struct {
	target     Target
	toMessages bool
}

func (a arrangement) place() Place {
	switch {
	case a.target.System != PlaceAuto:
		return a.target.System
	case a.toMessages:
		return PlaceNative
	}
	return PlaceUser
}

// arrange brings the turns into the order that both formats accept: sides take
// turns, an instruction stands between a user's turn and the answer to it, each call
// has its result in the turn that follows, and results come first in it.
func arrange(conv *conversation, a arrangement, l *ledger) {
	placeInstructions(conv, a, l)
	conv.turns = merge(withoutEmpty(conv.turns, l), l)
	conv.turns = merge(withoutThoughtsAlone(conv.turns, l), l)
	pair(conv, a, l)
	conv.turns = merge(withoutEmpty(conv.turns, l), l)
	checkSigned(conv, l)
	for i := range conv.turns {
		if conv.turns[i].role == user {
			resultsFirst(&conv.turns[i], l)
		}
	}
	checkEnds(conv, a, l)
	if a.target.StubTools && len(conv.tools) == 0 {
		conv.stubTools(l)
	}
}

// placeInstructions moves the instructions that the target doesn't take where they
// are. What remains, merge puts where both formats have it.
func placeInstructions(conv *conversation, a arrangement, l *ledger) {
	kept := conv.turns[:0]
	for _, t := range conv.turns {
		switch place := a.place(); {
		case t.role != instructor:
		case place == PlaceFront || len(kept) == 0:
			if len(kept) > 0 {
				l.change(t.path, Changed, "the server takes instructions at the front only: the order changes")
			}
			conv.system = append(conv.system, t.parts...)
			continue
		case place == PlaceUser:
			t = remind(t, "the server takes no instruction in the middle of a conversation: it stands in the user's turn", l)
		}
		kept = append(kept, t)
	}
	conv.turns = kept
}

// remind makes an instruction a text in the user's turn.
func remind(t turn, why string, l *ledger) turn {
	l.change(t.path, Emulated, why)
	text := "<system-reminder>\n" + joinWith(t.parts, "\n") + "\n</system-reminder>"
	return turn{role: user, path: t.path, parts: []part{&textPart{origin: origin{path: t.path}, text: text}}}
}

func joinWith(parts []part, separator string) string {
	texts := partsOf[*textPart](parts)
	words := make([]string, len(texts))
	for i, p := range texts {
		words[i] = p.text
	}
	return strings.Join(words, separator)
}

// withoutEmpty leaves out turns that say nothing. A user's that stands alone between
// two answers gets a word in its place.
func withoutEmpty(turns []turn, l *ledger) []turn {
	next := sidesAfter(turns, func(t turn) bool { return t.role != instructor && len(t.parts) > 0 })
	before := instructor // the last side that said something
	kept := make([]turn, 0, len(turns))
	for i, t := range turns {
		switch {
		case len(t.parts) > 0:
			if t.role != instructor {
				before = t.role
			}
		case t.role == user && before != user && next[i] != user:
			l.change(t.path+".content", Assumed, "the message says nothing, and the format refuses that: it says (empty)")
			t.parts = []part{&textPart{origin: origin{path: t.path + ".content"}, text: "(empty)"}}
			before = user
		default:
			l.note(t.path, Dropped, "the message says nothing")
			continue
		}
		kept = append(kept, t)
	}
	return kept
}

// sidesAfter returns for each turn who speaks in the first one after it that counts;
// instructor if there is none.
func sidesAfter(turns []turn, counts func(turn) bool) []role {
	after := make([]role, len(turns))
	side := instructor
	for i := len(turns) - 1; i >= 0; i-- {
		after[i] = side
		if counts(turns[i]) {
			side = turns[i].role
		}
	}
	return after
}

// withoutThoughtsAlone leaves out answers that only think, which servers refuse.
func withoutThoughtsAlone(turns []turn, l *ledger) []turn {
	return slices.DeleteFunc(turns, func(t turn) bool {
		alone := t.role == assistant && t.onlyThoughts()
		if alone {
			l.change(t.path, Dropped, "an answer of nothing but thinking can't be sent back")
		}
		return alone
	})
}

// merge joins turns of one side, and puts instructions behind the user's turn before
// an answer.
func merge(turns []turn, l *ledger) []turn {
	next := sidesAfter(turns, func(t turn) bool { return t.role != instructor })
	merged := make([]turn, 0, len(turns))
	var waiting []turn // instructions that stand before the end of a user's turn
	last := -1         // the last turn of a side
	for i, t := range turns {
		if t.role == instructor {
			switch {
			case next[i] == user:
				l.note(t.path, Changed, "an instruction must stand before an answer: it moves behind the user's turn")
				waiting = append(waiting, t)
				continue
			case last >= 0 && merged[last].role == user:
				merged = append(merged, t)
				continue
			}
			t = remind(t, "an instruction must follow a user's turn: it becomes one", l)
		}
		if last >= 0 && merged[last].role == t.role {
			merged[last].parts = append(merged[last].parts, t.parts...)
		} else {
			merged = append(merged, t)
			last = len(merged) - 1
		}
		if t.role == user && next[i] != user {
			merged = append(merged, waiting...)
			waiting = nil
		}
	}
	return merged
}

// resultsFirst moves the results of tools before everything else that the user says.
func resultsFirst(t *turn, l *ledger) {
	var results, rest []part
	for _, p := range t.parts {
		r, ok := p.(*resultPart)
		if !ok {
			rest = append(rest, p)
			continue
		}
		if len(rest) > 0 {
			l.note(r.path, Changed, "results must come first: it moves before what the user says")
		}
		results = append(results, r)
	}
	if len(results) > 0 {
		t.parts = append(results, rest...)
	}
}

// checkSigned tells of signed thinking that was cut inside a character: no string holds
// half of one, so the text is no longer what was signed.
func checkSigned(conv *conversation, l *ledger) {
	for _, t := range conv.turns {
		for _, p := range t.thoughts() {
			if p.signature != "" && strings.ContainsRune(p.text, '\uFFFD') {
				l.change(p.path, Changed, "the thinking holds a character that couldn't be read: the server may refuse its signature")
			}
		}
	}
}

// checkEnds looks at the first and the last turn.
func checkEnds(conv *conversation, a arrangement, l *ledger) {
	if len(conv.turns) == 0 {
		l.refuse("messages", "there is no message of the user")
		return
	}
	if first := conv.turns[0]; a.target.UserFirst && first.role != user {
		l.lose(first.path, Assumed, "the first message must be the user's: one is put before it")
		text := &textPart{origin: origin{path: first.path}, text: "(continue)"}
		conv.turns = slices.Insert(conv.turns, 0, turn{role: user, path: first.path, parts: []part{text}})
	}
	last := &conv.turns[len(conv.turns)-1]
	if last.role != assistant || len(last.calls()) > 0 {
		return
	}
	if a.target.Prefill == PrefillRefused || a.target.Prefill == PrefillAuto && !a.toMessages {
		l.lose(last.path, Changed, "the server doesn't continue an answer, it begins a new one: end with a message of the user")
	}
	if a.toMessages {
		trimEnd(last, l)
	}
}

// trimEnd removes white space at the end of an answer to continue, which the
// Messages format refuses.
func trimEnd(t *turn, l *ledger) {
	text, ok := t.parts[len(t.parts)-1].(*textPart)
	if !ok {
		return
	}
	if trimmed := strings.TrimRight(text.text, " \t\r\n\v\f"); trimmed != text.text {
		l.note(text.path, Changed, "an answer to continue can't end in white space")
		text.text = trimmed
	}
}
