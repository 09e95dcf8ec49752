package translate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// Change is what a translation did to a part of its input.
type Change string

// The changes.
const (
	// Dropped: the result doesn't have it.
	Dropped Change = "dropped"
	// Changed: the result has it in another form, value or place.
	Changed Change = "changed"
	// Emulated: the result reaches the same by other means.
	Emulated Change = "emulated"
	// Assumed: the input didn't say, and the result had to.
	Assumed Change = "assumed"
)

// Diagnostic tells of one thing that the other format can't say in the same way.
type Diagnostic struct {
	// Path is where it stands in the input, such as "messages[2].content[0].image_url.detail".
	Path string `json:"path"`

	// What was done about it.
	What Change `json:"what"`

	// Why it was done, for people.
	Why string `json:"why"`

	// Minor is true when the model is asked, or has said, the same as before. Strict
	// lets such changes pass.
	Minor bool `json:"minor,omitzero"`
}

// String is the diagnostic on one line.
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s %s: %s", d.Path, d.What, d.Why)
}

// Summary lists what was changed without any content, fit for a response header:
// "changed=temperature,dropped=seed". Minor changes are left out.
func Summary(diagnostics []Diagnostic) string {
	var items []string
	for _, d := range diagnostics {
		if item := string(d.What) + "=" + plainPath(d.Path); !d.Minor && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return strings.Join(items, ",")
}

// plainPath leaves of a path what a header can hold: names come from the caller.
func plainPath(path string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-.[]", r):
			return r
		}
		return '_'
	}, path)
}

// Loss is one thing that can't be carried over.
type Loss struct {
	// Path is where it stands in the input.
	Path string `json:"path"`

	// Reason says why it can't be carried, and what would help.
	Reason string `json:"reason"`
}

// RefusalError tells everything that can't be carried over, all of it at once. It
// matches [keeprouter.ErrInvalidRequest] when a request was translated, and
// [keeprouter.ErrBadResponse] when an answer was.
type RefusalError struct {
	// Kind is ErrInvalidRequest or ErrBadResponse.
	Kind keeprouter.ErrorKind

	// Losses are all of them, in the order in which they were found.
	Losses []Loss
}

// Error lists the losses.
func (e *RefusalError) Error() string {
	texts := make([]string, len(e.Losses))
	for i, loss := range e.Losses {
		texts[i] = loss.Path + ": " + loss.Reason
	}
	return "keeprouter: translate: " + strings.Join(texts, "; ")
}

// Unwrap returns Kind, for [errors.Is].
func (e *RefusalError) Unwrap() error { return e.Kind }

// ledger collects what a translation changes and what it can't carry, by policy.
type ledger struct {
	policy      Policy
	kind        keeprouter.ErrorKind
	diagnostics []Diagnostic
	losses      []Loss
}

// note tells of a change that leaves the meaning as it is.
func (l *ledger) note(path string, what Change, why string) {
	l.diagnostics = append(l.diagnostics, Diagnostic{Path: path, What: what, Why: why, Minor: true})
}

// change tells of a change in meaning, which Strict refuses.
func (l *ledger) change(path string, what Change, why string) {
	if l.policy == Strict {
		l.refuse(path, why)
		return
	}
	l.diagnostics = append(l.diagnostics, Diagnostic{Path: path, What: what, Why: why})
}

// lose refuses what the other side can't do, unless the policy is Lenient: then it is
// what, and reported.
func (l *ledger) lose(path string, what Change, why string) {
	if l.policy != Lenient {
		l.refuse(path, why)
		return
	}
	l.diagnostics = append(l.diagnostics, Diagnostic{Path: path, What: what, Why: why})
}

// refuse is for what no policy can carry.
func (l *ledger) refuse(path, why string) {
	l.losses = append(l.losses, Loss{Path: path, Reason: why})
}

// unknown tells of fields that the library doesn't know, except those that were
// understood.
func (l *ledger) unknown(path string, names []string, understood ...string) {
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(understood, name) {
			l.change(join(path, name), Dropped, "the other format has no such field")
		}
	}
}

// err is the refusal, if there is a reason for one.
func (l *ledger) err() error {
	if len(l.losses) == 0 {
		return nil
	}
	return &RefusalError{Kind: l.kind, Losses: l.losses}
}

func names[V any](m map[string]V) []string { return slices.Collect(maps.Keys(m)) }

// join appends a member's name to a path.
func join(path, name string) string {
	for _, r := range name {
		if r == '.' || r == '[' || r == '"' {
			name = strconv.Quote(name)
			break
		}
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// at appends an element's index to a path.
func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
