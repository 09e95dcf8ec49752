package jsonx

// stdDepth is how deeply encoding/json lets values nest.
const stdDepth = 10_000

// WellFormed is json.Valid, several times as fast.
func WellFormed(data []byte) bool { return WellFormedText(view(data)) }

// WellFormedText is WellFormed of a text.
func WellFormedText(text string) bool { return wellFormed(text, stdDepth) }

// Valid reports whether data is one JSON value that doesn't nest too deeply for
// [Members] and [Elements] to go through.
func Valid(data []byte) bool { return wellFormed(view(data), maxDepth) }

func wellFormed(text string, depth int) bool {
	s := scanner{text: text}
	return s.whole(depth)
}
