package feed

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

var (
	plain   = strings.Split(" the| a| of|ing| to|er| and| in|s|.|,| is| that| for|ed|ly| stream| model| with|tion| cost| at| on|al| be| an|or| it| as| by|ment| this| which|able| event| from|'s| not| will|ness", "|")
	unusual = []string{"\n", "\n\n", "\"", " \"", "\\", "\t", "é", " ü", "ß", "—", "“", "”", "日", " 🙂", "ç", "’"}
)

// tokens returns n pieces of text, of which 12 % need escapes or hold more than ASCII.
func tokens(n int, seed uint64) []string {
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	for i := range out {
		if random.IntN(100) < 12 {
			out[i] = unusual[random.IntN(len(unusual))]
		} else {
			out[i] = plain[random.IntN(len(plain))]
		}
	}
	return out
}

// prose returns text of about so many bytes.
func prose(size int, seed uint64) string {
	var b strings.Builder
	for b.Len() < size {
		for _, t := range tokens(1+size/4, seed) {
			if b.WriteString(t); b.Len() >= size {
				break
			}
		}
	}
	return b.String()
}

// quote writes a JSON string. Some servers escape what isn't ASCII and some don't, so
// every fourth text has it escaped.
func quote(s string, i int) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return `""`
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if i%4 != 0 {
		return text
	}
	b.Reset()
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// pieces cuts a text into n parts of about the same size, between runes.
func pieces(s string, n int) []string {
	size := max(1, len(s)/n)
	out := make([]string, 0, n)
	for len(out) < n-1 && len(s) > size {
		end := size
		for !utf8.RuneStart(s[end]) {
			end--
		}
		if end == 0 {
			_, end = utf8.DecodeRuneInString(s)
		}
		out = append(out, s[:end])
		s = s[end:]
	}
	return append(out, s)
}

// arguments returns a tool's arguments of about so many bytes.
func arguments(size int, seed uint64) string {
	return `{"city":"Zürich","note":` + quote(prose(size, seed), 1) + `}`
}
