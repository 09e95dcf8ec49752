package keeprouter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// UnknownModelError tells of a model that a price table doesn't hold. It matches
// [ErrUnknownModel].
type UnknownModelError struct {
	Model       string   // the name that was asked for
	Suggestions []string // ids of models that are spelled alike, the nearest first
}

// Error names the model and those that may be meant.
func (e *UnknownModelError) Error() string {
	text := fmt.Sprintf("keeprouter: %s: the price table has no %.80q", ErrUnknownModel, e.Model)
	if len(e.Suggestions) > 0 {
		return text + "; did you mean " + strings.Join(e.Suggestions, " or ") + "?"
	}
	return text + "; see https://keeprouter.com/models.md for the ids"
}

// Is reports whether target is [ErrUnknownModel].
func (e *UnknownModelError) Is(target error) bool { return target == ErrUnknownModel }

// find needs one look only: the loader refuses names that differ in case alone, so
// an exact match and one in another case are never two models.
func (t *PriceTable) find(model string) (*modelPrices, error) {
	if t == nil {
		return nil, &UnknownModelError{Model: model}
	}
	if m, ok := t.names[pricefile.Lower(model)]; ok {
		return m, nil
	}
	return nil, &UnknownModelError{Model: model, Suggestions: t.suggest(model)}
}

const (
	maxEdits      = 3   // between a name and a suggestion
	maxModelBytes = 100 // of a name that suggestions are looked for
)

// suggest leaves the vendor's prefix aside, which other gateways put before an id.
func (t *PriceTable) suggest(model string) []string {
	if len(model) > maxModelBytes {
		return nil
	}
	name := pricefile.Lower(model[strings.LastIndexByte(model, '/')+1:])
	distance := map[string]int{}
	var ids []string
	for _, m := range t.models {
		if n := edits(pricefile.Lower(m.id), name); n <= maxEdits {
			distance[m.id] = n
			ids = append(ids, m.id)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return distance[a] - distance[b] })
	return ids
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
