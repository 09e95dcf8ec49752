package translate

import "hash/maphash"

// echo remembers a text that came in pieces well enough to tell whether another one is
// the same: some servers send all of it again at the end. It doesn't grow with the text.
type echo struct {
	hash maphash.Hash
	size int
}

func (e *echo) add(piece string) {
	e.size += len(piece)
	_, _ = e.hash.WriteString(piece) // never fails
}

// repeats reports whether text is all that has come.
func (e *echo) repeats(text string) bool {
	return e.size > 0 && e.size == len(text) && maphash.String(e.hash.Seed(), text) == e.hash.Sum64()
}
