package jsonx

import "strconv"

// Malformed tells what is wrong with data that is not [WellFormed], in the words of
// encoding/json, and how many bytes of it were read before that showed.
func Malformed(data []byte) *Error {
	s := scanner{text: view(data)}
	s.whole(stdDepth)
	have := rune(' ') // as far as encoding/json is concerned, what ends a token
	if s.pos < len(data) {
		have = rune(data[s.pos])
	} else if !s.inside {
		return &Error{Offset: len(data), Reason: "unexpected end of JSON input"}
	}
	character := strconv.Quote(string(have))
	switch character = character[1 : len(character)-1]; character {
	case `'`:
		character = `\'`
	case `\"`:
		character = `"`
	}
	return &Error{Offset: min(s.pos+1, len(data)), Reason: "invalid character '" + character + "' " + s.fault}
}
