package translate

import (
	"cmp"
	"fmt"
	"slices"
)

// pair ties each call to its result, in the user's turn that follows, and gives both
// an id that the format takes and no other call of the conversation has.
func pair(conv *conversation, a arrangement, l *ledger) {
	p := pairing{ledger: l, used: map[string]int{}}
	if !a.toMessages {
		p.longest = maxChatID
	}
	paired := make([]turn, 0, len(conv.turns))
	var open []*openCall
	for i, t := range conv.turns {
		switch t.role {
		case assistant:
			open = p.calls(t.calls())
		case user:
			t.parts = p.results(t.parts, open, a.toMessages)
			open = nil
		}
		paired = append(paired, t)
		if len(open) > 0 && (i+1 == len(conv.turns) || conv.turns[i+1].role != user) {
			paired = append(paired, turn{role: user, path: t.path, parts: p.results(nil, open, a.toMessages)})
			open = nil
		}
	}
	conv.turns = paired
}

// pairing gives ids.
type pairing struct {
	*ledger
	used    map[string]int // how often an id was used
	longest int            // how long an id may be; 0 is any length
}

// openCall is a call that waits for its result.
type openCall struct {
	call     *callPart
	original string
	result   *resultPart
}

func (p *pairing) calls(calls []*callPart) []*openCall {
	open := make([]*openCall, len(calls))
	for i, call := range calls {
		open[i] = &openCall{call: call, original: call.id}
		call.id = p.unique(callAlias(call.id, p.longest))
		if call.id != open[i].original {
			p.note(call.path, Changed, "the format doesn't take the call's id, or it was used before")
		}
	}
	return open
}

// unique gives the second use of an id a number.
func (p *pairing) unique(id string) string {
	p.used[id]++
	if p.used[id] == 1 {
		return id
	}
	numbered := fmt.Sprintf("%s_%d", id, p.used[id])
	if p.longest > 0 && len(numbered) > p.longest {
		numbered = callAlias(numbered, p.longest)
	}
	return p.unique(numbered)
}

// results ties the results of a turn to the calls before it, and returns the turn's
// parts.
func (p *pairing) results(parts []part, open []*openCall, sorted bool) []part {
	waiting := map[string][]*openCall{}
	for _, o := range open {
		waiting[o.original] = append(waiting[o.original], o)
	}
	done := map[string]*openCall{}
	dropped := map[part]bool{}
	for _, other := range parts {
		if r, ok := other.(*resultPart); ok {
			p.tie(r, waiting, done, dropped)
		}
	}
	kept := slices.DeleteFunc(slices.Clone(parts), func(other part) bool { return dropped[other] })
	for _, o := range open {
		if o.result == nil {
			kept = append(kept, p.noResult(o))
		}
	}
	if sorted {
		sortResults(kept, open)
	}
	return kept
}

// tie finds the call of a result.
func (p *pairing) tie(r *resultPart, waiting map[string][]*openCall, done map[string]*openCall, dropped map[part]bool) {
	original := r.id
	if queue := waiting[original]; len(queue) > 0 {
		queue[0].result, r.id = r, queue[0].call.id
		done[original], waiting[original] = queue[0], queue[1:]
		return
	}
	twice := done[original]
	if twice == nil {
		p.lose(r.path, Dropped, fmt.Sprintf("no call %q stands directly before this result", original))
		dropped[r] = true
		return
	}
	p.change(twice.result.path, Dropped, "the call has another result after it, which counts")
	dropped[twice.result] = true
	twice.result, r.id = r, twice.call.id
}

// noResult makes a result for a call that has none.
func (p *pairing) noResult(o *openCall) *resultPart {
	p.lose(o.call.path, Assumed, fmt.Sprintf("there is no result for the call %q directly behind it", o.original))
	o.result = &resultPart{
		origin: origin{path: o.call.path}, id: o.call.id, failed: true,
		parts: []part{&textPart{origin: origin{path: o.call.path}, text: "no result"}},
	}
	return o.result
}

// sortResults brings results into the order of their calls.
func sortResults(parts []part, open []*openCall) {
	position := map[part]int{}
	for i, o := range open {
		position[o.result] = i
	}
	var places []int
	var results []part
	for i, p := range parts {
		if _, ok := p.(*resultPart); ok {
			places, results = append(places, i), append(results, p)
		}
	}
	slices.SortStableFunc(results, func(a, b part) int { return cmp.Compare(position[a], position[b]) })
	for i, place := range places {
		parts[place] = results[i]
	}
}
