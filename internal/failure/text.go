package failure

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Excerpt returns a copy of the first n bytes, fewer if the cut would fall into a
// word: the half of a key could no longer be told from other text and be redacted.
func Excerpt(data []byte, n int) []byte {
	return append([]byte(nil), data[:cut(data, n)]...)
}

// cut returns the length of the longest beginning of at most n bytes that ends
// between two words.
func cut[T string | []byte](s T, n int) int {
	if n = max(n, 0); len(s) <= n {
		return len(s)
	}
	for n > 0 && inWord(s[n-1]) && inWord(s[n]) {
		n--
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// inWord reports whether a byte may be part of a key.
func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-_.~+/=", c) >= 0
}

// clean makes one line of a text, without control characters, of about n bytes at
// most.
func clean(s string, n int) string {
	s = s[:cut(s, 4*n)]
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if short := cut(s, n); short < len(s) {
		return strings.TrimRight(s[:short], " ") + "…"
	}
	return s
}

func contains(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
