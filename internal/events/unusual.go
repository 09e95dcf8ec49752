package events

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/tmaxmax/go-sse"
)

// readUnusual has go-sse read one whole frame. It returns an event without data
// if the frame holds none.
//
// go-sse searches an event from its beginning after every read; given all of it
// at once, its cost stays in proportion to the event's size.
func readUnusual(frame []byte) (Event, error) {
	var r io.Reader = bytes.NewReader(frame)
	if bytes.HasPrefix(frame, []byte(bom)) {
		// To go-sse this is the beginning of a stream, where a byte order mark
		// is dropped. Here it is part of a field's name.
		r = io.MultiReader(strings.NewReader(":\n"), r)
	}
	const spare = 64 // bufio.Scanner refuses what fills its buffer entirely
	for e, err := range sse.Read(r, &sse.ReadConfig{MaxEventSize: len(frame) + spare}) {
		if err != nil {
			return Event{}, fmt.Errorf("reading the event stream: %w", err)
		}
		// The name is a view into a copy of the whole frame, which it must not keep alive.
		return Event{Name: strings.Clone(e.Type), Data: []byte(e.Data)}, nil
	}
	return Event{}, nil
}
