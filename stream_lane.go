package keeprouter

import (
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/lane"
)

// addSlot adds the string of a slot to a text.
func addSlot(text *jsonx.Text, slot *lane.Slot) (string, error) {
	if slot.Plain {
		return text.AppendPlain(slot.Literal), nil
	}
	return text.Append(slot.Literal)
}
