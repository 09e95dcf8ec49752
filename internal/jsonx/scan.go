package jsonx

import (
	"bytes"
	"encoding/json"
	"iter"
)

// Members iterates over an object's members in their order. Each value is a view.
// It ends early at malformed input.
func Members(data []byte) iter.Seq2[string, json.RawMessage] {
	// The loop is a function of its own so that programs hold it once, not once for
	// each range over members.
	return func(yield func(string, json.RawMessage) bool) { eachMember(data, yield) }
}

func eachMember(data []byte, yield func(string, json.RawMessage) bool) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '{' {
		return
	}
	for i = skipSpace(data, i+1); i < len(data) && data[i] == '"'; i = skipSpace(data, i+1) {
		end := skipString(data, i)
		if end < 0 {
			return
		}
		name, err := memberNamed(data[i:end])
		if i = skipSpace(data, end); err != nil || i == len(data) || data[i] != ':' {
			return
		}
		from := skipSpace(data, i+1)
		to := skipValue(data, from)
		if to < 0 || !yield(name, data[from:to:to]) {
			return
		}
		if i = skipSpace(data, to); i == len(data) || data[i] != ',' {
			return
		}
	}
}

// Elements iterates over an array's elements. Each is a view. It ends early at
// malformed input.
func Elements(data []byte) iter.Seq2[int, json.RawMessage] {
	return func(yield func(int, json.RawMessage) bool) { eachElement(data, yield) }
}

func eachElement(data []byte, yield func(int, json.RawMessage) bool) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '[' {
		return
	}
	for n := 0; ; n++ {
		from := skipSpace(data, i+1)
		to := skipValue(data, from)
		if to < 0 || !yield(n, data[from:to:to]) {
			return
		}
		if i = skipSpace(data, to); i == len(data) || data[i] != ',' {
			return
		}
	}
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string that begins at i, or -1. It looks
// for quotes first, because images and documents come as megabytes without one.
func skipString(data []byte, i int) int {
	for from := i + 1; from <= len(data); {
		n := bytes.IndexByte(data[from:], '"')
		if n < 0 {
			return -1
		}
		quote := from + n
		if slashes := backslashes(data[from:quote]); slashes%2 == 0 {
			return quote + 1
		}
		from = quote + 1
	}
	return -1
}

// backslashes counts those at the end of b.
func backslashes(b []byte) int {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n
}

// skipValue returns the index behind the value that begins at i, or -1, also when
// it is nested too deeply. It trusts the input to be valid where that can't lead it
// out of bounds.
func skipValue(data []byte, i int) int {
	if i >= len(data) {
		return -1
	}
	switch data[i] {
	case '"':
		return skipString(data, i)
	case '{', '[':
		return skipNested(data, i)
	}
	end := i
	for end < len(data) && !endsScalar(data[end]) {
		end++
	}
	if end == i {
		return -1
	}
	return end
}

// endsScalar reports whether c stands behind a number or a word.
func endsScalar(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ']', '}', ':':
		return true
	}
	return false
}

func skipNested(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '{', '[':
			if depth++; depth > maxDepth {
				return -1
			}
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := skipString(data, i)
			if end < 0 {
				return -1
			}
			i = end
			continue
		}
		i++
	}
	return -1
}
