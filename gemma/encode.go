package gemma

import "unicode/utf8"

// encode appends the ids of a text from byte i on, until it ends or there are limit
// ids, and tells where it stopped. The text is valid UTF-8 without U+2581.
//
// It cuts the text where no piece crosses, so that nearly every part is one piece.
func (v *vocabulary) encode(dst []int32, text string, i, limit int) ([]int32, int) {
	for i < len(text) && len(dst) < limit {
		if text[i] <= ' ' {
			if r := v.runAt(text, i); r != nil {
				id, n := r.longest(text[i:])
				dst = append(dst, id)
				i += n
				continue
			}
		}
		end := v.cut(text, i)
		dst = v.part(dst, text[i:end])
		i = end
	}
	return dst, i
}

// longest gives the longest piece of the run that the text starts with, which has at
// least two characters.
func (r *run) longest(text string) (id int32, n int) {
	limit := min(len(text), len(r.ids)+1)
	for n = 2; n < limit && text[n] == r.char; n++ {
	}
	return r.ids[n-2], n
}

// cut gives the end of the part that starts at i: the first place behind it that no
// piece crosses.
func (v *vocabulary) cut(text string, i int) int {
	before, size := utf8.DecodeRuneInString(text[i:])
	for i += size; i < len(text); i += size {
		char := rune(text[i])
		size = 1
		if char >= utf8.RuneSelf {
			char, size = utf8.DecodeRuneInString(text[i:])
		}
		if !v.areNeighbours(before, char) {
			return i
		}
		if char <= ' ' && v.runAt(text, i) != nil {
			return i
		}
		before = char
	}
	return i
}

// part appends the ids of a part.
func (v *vocabulary) part(dst []int32, part string) []int32 {
	if len(part) == 1 {
		if id := v.ascii[part[0]]; id != none {
			return append(dst, id)
		}
		return append(dst, v.bytes[part[0]])
	}
	if id := v.lookup(part); id != none && v.isWhole(id) {
		return append(dst, id)
	}
	return v.merge(dst, part)
}

// symbol gives the piece of one character, or none when it has to be spelt in bytes.
func (v *vocabulary) symbol(char string) int32 {
	if len(char) == 1 {
		return v.ascii[char[0]]
	}
	return v.lookup(char)
}

// spell appends a symbol's id, or for none the ids of its bytes.
func (v *vocabulary) spell(dst []int32, id int32, char string) []int32 {
	if id != none {
		return append(dst, id)
	}
	for i := range len(char) {
		dst = append(dst, v.bytes[char[i]])
	}
	return dst
}
