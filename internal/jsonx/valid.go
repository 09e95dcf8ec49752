package jsonx

// stdDepth is how deeply encoding/json lets values nest.
const stdDepth = 10_000

// WellFormed is json.Valid, several times as fast.
func WellFormed(data []byte) bool { return wellFormed(data, stdDepth) }

// Valid reports whether data is one JSON value that doesn't nest too deeply for
// [Members] and [Elements] to go through.
func Valid(data []byte) bool { return wellFormed(data, maxDepth) }

func wellFormed(data []byte, depth int) bool {
	end := validEnd(data, skipSpace(data, 0), depth)
	return end >= 0 && skipSpace(data, end) == len(data)
}

// validEnd returns the index behind the value that begins at i, or -1 if it is
// malformed or nests more than depth deep.
func validEnd(data []byte, i, depth int) int {
	if i >= len(data) {
		return -1
	}
	switch c := data[i]; c {
	case '"':
		return stringEnd(data, i)
	case '{':
		return objectEnd(data, i, depth-1)
	case '[':
		return arrayEnd(data, i, depth-1)
	case 't':
		return wordEnd(data, i, "true")
	case 'f':
		return wordEnd(data, i, "false")
	case 'n':
		return wordEnd(data, i, "null")
	default:
		return numberEnd(data, i)
	}
}

func objectEnd(data []byte, i, depth int) int {
	if depth < 0 {
		return -1
	}
	if i = skipSpace(data, i+1); i < len(data) && data[i] == '}' {
		return i + 1
	}
	for i < len(data) && data[i] == '"' {
		if i = stringEnd(data, i); i < 0 {
			return -1
		}
		if i = skipSpace(data, i); i == len(data) || data[i] != ':' {
			return -1
		}
		if i = validEnd(data, skipSpace(data, i+1), depth); i < 0 {
			return -1
		}
		if i = skipSpace(data, i); i == len(data) {
			return -1
		}
		switch data[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(data, i+1)
		default:
			return -1
		}
	}
	return -1
}

func arrayEnd(data []byte, i, depth int) int {
	if depth < 0 {
		return -1
	}
	if i = skipSpace(data, i+1); i < len(data) && data[i] == ']' {
		return i + 1
	}
	for {
		if i = validEnd(data, i, depth); i < 0 {
			return -1
		}
		if i = skipSpace(data, i); i == len(data) {
			return -1
		}
		switch data[i] {
		case ']':
			return i + 1
		case ',':
			i = skipSpace(data, i+1)
		default:
			return -1
		}
	}
}

func stringEnd(data []byte, i int) int {
	end, _ := ScanString(data, i+1)
	if end < 0 {
		return -1
	}
	return end + 1
}

func wordEnd(data []byte, i int, word string) int {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func numberEnd(data []byte, i int) int {
	if data[i] == '-' {
		i++
	}
	from := i
	if i = digitsEnd(data, i); i == from || data[from] == '0' && i > from+1 {
		return -1
	}
	if i < len(data) && data[i] == '.' {
		from = i + 1
		if i = digitsEnd(data, from); i == from {
			return -1
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		from = i
		if i = digitsEnd(data, from); i == from {
			return -1
		}
	}
	return i
}

// digitsEnd returns the index behind the digits that begin at i.
func digitsEnd(data []byte, i int) int {
	for i < len(data) && data[i] >= '0' && data[i] <= '9' {
		i++
	}
	return i
}
