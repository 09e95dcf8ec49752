package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// name of a recursive type among the definitions: its Go name without packages and
// with letters that every server takes, and a number when two types share one.
func (b *builder) name(t reflect.Type) string {
	if name, ok := b.names[t]; ok {
		return name
	}
	base := plainName(t.Name())
	name := base
	for n := 2; b.taken(name); n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	b.names[t] = name
	return name
}

func (b *builder) taken(name string) bool {
	for _, other := range b.names {
		if other == name {
			return true
		}
	}
	return false
}

// plainName makes Page_Item of Page[example.com/shop.Item].
func plainName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("[],* ", r) })
	for i, word := range words {
		word = word[strings.LastIndexByte(word, '/')+1:]
		word = word[strings.LastIndexByte(word, '.')+1:]
		// Types local to a function have a number behind a dot in the middle.
		word, _, _ = strings.Cut(word, "·")
		words[i] = strings.Map(plainLetter, word)
	}
	return strings.Trim(strings.Join(words, "_"), "_")
}

func plainLetter(r rune) rune {
	if r < 128 && (isLetterOrDigit(r) || r == '-') {
		return r
	}
	return '_'
}
