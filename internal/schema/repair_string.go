package schema

import (
	"fmt"
	"strings"
)

// string copies a string in either kind of quotes.
func (r *repair) string(quote byte) bool {
	if quote == '\'' {
		r.changed(RepairQuotes)
	}
	r.at++
	r.out = append(r.out, '"')
	for r.at < len(r.in) {
		switch c := r.in[r.at]; {
		case c == quote && r.stringEnds(quote):
			r.at++
			r.out = append(r.out, '"')
			return true
		case c == '\\':
			r.escape()
		case c == '"':
			r.at++
			r.out = append(r.out, `\"`...)
		case c < ' ':
			r.at++
			r.changed(RepairLineBreak)
			r.out = appendControl(r.out, c)
		default:
			r.at++
			r.out = append(r.out, c)
		}
	}
	r.changed(RepairCut)
	r.out = append(r.out, '"')
	return true
}

// stringEnds tells a single quote that closes from an apostrophe: what follows the
// former is punctuation or the end.
func (r *repair) stringEnds(quote byte) bool {
	if quote == '"' {
		return true
	}
	rest := strings.TrimLeft(string(r.in[r.at+1:min(r.at+64, len(r.in))]), space)
	return rest == "" || strings.IndexByte(",:}]", rest[0]) >= 0
}

// escape copies what begins with a backslash. One that was cut is left out.
func (r *repair) escape() {
	rest := r.in[r.at:]
	if len(rest) == 1 {
		r.at++
		return
	}
	switch c := rest[1]; {
	case strings.IndexByte(`"\/bfnrt`, c) >= 0:
		r.out = append(r.out, '\\', c)
		r.at += 2
	case c == '\'':
		r.changed(RepairEscape)
		r.out = append(r.out, c)
		r.at += 2
	case c == 'u' && len(rest) < 6 && isHex(rest[2:]):
		r.at = len(r.in)
	case c == 'u' && len(rest) >= 6 && isHex(rest[2:6]):
		r.out = append(r.out, rest[:6]...)
		r.at += 6
	default:
		r.changed(RepairEscape)
		r.out = append(r.out, `\\`...)
		r.at++
	}
}

func isHex(b []byte) bool {
	for _, c := range b {
		if strings.IndexByte("0123456789abcdefABCDEF", c) < 0 {
			return false
		}
	}
	return true
}

func appendControl(out []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	}
	return fmt.Appendf(out, `\u%04x`, c)
}
