package battery

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// row is a fault of a lane, at all its places.
type row struct {
	*reference
	fault *fault

	places   int
	outcomes map[string]int
	order    []string
	charged  map[string]bool
	bound    time.Duration
}

func (r *row) run(t *testing.T, prices *keeprouter.PriceTable) {
	r.outcomes, r.charged = map[string]int{}, map[string]bool{}
	places, step := 1, 1
	if r.fault.offsets != nil {
		places = r.fault.offsets(r.reference)
	}
	if !*full && places > sparse {
		step = sparse
	}
	for at := 0; at < places; at += step {
		tr := &trial{reference: r.reference, fault: r.fault, at: at}
		r.add(tr, tr.run(t, prices))
	}
}

func (r *row) add(tr *trial, got took) {
	r.places++
	name := r.outcome(got)
	if r.outcomes[name]++; r.outcomes[name] == 1 {
		r.order = append(r.order, name)
	}
	if step := r.lane.op.step; step < len(got.charges) {
		r.charged[string(got.charges[step].Basis)] = true
	}
	c := check{tr: tr, want: r.fault.want(tr)}
	r.bound = max(r.bound, c.bound())
}

// outcome says in words what came of a trial.
func (r *row) outcome(got took) string {
	attempts := 0
	if r.lane.op.step < len(got.attempts) {
		attempts = len(got.attempts[r.lane.op.step])
	}
	tries := ""
	if attempts > 1 {
		tries = fmt.Sprintf(", %d attempts", attempts)
	}
	e, failed := errors.AsType[*keeprouter.Error](got.err)
	switch {
	case got.err == nil && got.usage.Unknown:
		return "whole without usage" + tries
	case got.err == nil:
		return "whole" + tries
	case !failed:
		return fmt.Sprintf("%T", got.err)
	}
	kept := ", nothing kept"
	if got.kept != r.earlier() || got.handed != r.earlier() {
		kept = ", text kept"
	}
	return string(e.Kind) + tries + kept
}

// table shows all rows, in the style of Markdown.
func table(rows []*row) string {
	var b strings.Builder
	b.WriteString("| fault | operation | places | outcomes | charged | time at most | left open |\n|---|---|---|---|---|---|---|\n")
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Compare(a.fault.name, b.fault.name) })
	for _, r := range rows {
		var outcomes []string
		for _, name := range r.order {
			outcomes = append(outcomes, fmt.Sprintf("%d %s", r.outcomes[name], name))
		}
		charged := strings.Join(slices.Sorted(maps.Keys(r.charged)), ", ")
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %v | 0 |\n", r.fault.name, r.lane, r.places, strings.Join(outcomes, "; "), charged, r.bound)
	}
	return b.String()
}
