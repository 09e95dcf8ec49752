package keeprouter

import (
	"bytes"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// mayNameError reports whether a value ends in what makes the folds look for an error
// more closely: such an event is left to them.
func mayNameError(slots *lane.Slots) bool {
	for i := range slots {
		if literal := slots[i].Literal; len(literal) > 6 && literal[len(literal)-2] == 'r' && bytes.HasSuffix(literal, []byte(`error"`)) {
			return true
		}
	}
	return false
}

// addSlot adds the string of a slot to a text.
func addSlot(text *jsonx.Text, slot *lane.Slot) (string, error) {
	if slot.Plain {
		return text.AppendPlain(slot.Literal), nil
	}
	return text.Append(slot.Literal)
}
