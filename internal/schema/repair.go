package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// What [Repair] changed.
const (
	RepairCut         = "cut off: closed at the end"
	RepairFence       = "code fence removed"
	RepairQuotes      = "single quotes made double"
	RepairComma       = "superfluous comma removed"
	RepairName        = "name of a member quoted"
	RepairLiteral     = "Python literal replaced"
	RepairLineBreak   = "raw control character in a string escaped"
	RepairEscape      = "invalid escape in a string mended"
	RepairUnclosed    = "missing bracket added"
	RepairSuperfluous = "superfluous bracket removed"
)

const (
	maxRepairBytes = 4 << 20
	maxRepairDepth = 200
)

// Repair makes JSON of what models write in its place, and tells what it changed,
// each kind of change once. Valid JSON is returned as it is. What's beyond repair,
// or larger than four megabytes, is not ok.
//
// A result whose changes include [RepairCut] lacks what its writer had still to
// say: a member without a value is left out, a string ends where it was cut. It's
// fit to be shown, not to be acted on.
func Repair(data []byte) (fixed []byte, changes []string, ok bool) {
	if json.Valid(data) {
		return data, nil, true
	}
	if len(data) > maxRepairBytes || !utf8.Valid(data) {
		return nil, nil, false
	}
	r := &repair{}
	r.in = r.unfenced(trim(data))
	if !r.value(maxRepairDepth) || !r.ended() || !json.Valid(r.out) {
		return nil, nil, false
	}
	return r.out, r.changes, true
}

// space is what JSON has between values.
const space = " \t\r\n"

// repair reads near-JSON once, from left to right, and writes JSON.
type repair struct {
	in      []byte
	at      int
	out     []byte
	changes []string
	nesting []byte // the closing brackets that are due
}

func (r *repair) changed(what string) {
	if !slices.Contains(r.changes, what) {
		r.changes = append(r.changes, what)
	}
}

// unfenced takes a Markdown code fence off.
func (r *repair) unfenced(in []byte) []byte {
	rest, found := bytes.CutPrefix(in, []byte("```"))
	if !found {
		return in
	}
	r.changed(RepairFence)
	language, body, found := bytes.Cut(rest, []byte("\n"))
	if !found || bytes.ContainsAny(language, "{[\"") {
		body = rest
	}
	return trim(bytes.TrimSuffix(trim(body), []byte("```")))
}

func trim(b []byte) []byte { return bytes.Trim(b, space) }

// ended reports whether nothing but closing brackets too many is left.
func (r *repair) ended() bool {
	for r.space(); r.at < len(r.in); r.space() {
		if c := r.in[r.at]; c != '}' && c != ']' {
			return false
		}
		r.at++
		r.changed(RepairSuperfluous)
	}
	return true
}

// space skips white space and reports whether anything is left.
func (r *repair) space() bool {
	for r.at < len(r.in) && strings.IndexByte(space, r.in[r.at]) >= 0 {
		r.at++
	}
	return r.at < len(r.in)
}

func (r *repair) peek() byte {
	if r.at == len(r.in) {
		return 0
	}
	return r.in[r.at]
}

// value copies one value. If the input ends before it says anything, nothing is
// written, and that counts as success only within an object or a list.
func (r *repair) value(depth int) bool {
	if !r.space() {
		r.changed(RepairCut)
		return len(r.nesting) > 0
	}
	switch c := r.peek(); c {
	case '{', '[':
		if depth == 0 {
			return false
		}
		return r.nested(c, depth-1)
	case '"', '\'':
		return r.string(c)
	}
	return r.word()
}

func (r *repair) nested(open byte, depth int) bool {
	closing := byte('}')
	if open == '[' {
		closing = ']'
	}
	r.at++
	r.out = append(r.out, open)
	r.nesting = append(r.nesting, closing)
	defer func() { r.nesting = r.nesting[:len(r.nesting)-1] }()
	for first := true; ; first = first && r.out[len(r.out)-1] == open {
		if r.commas(first); r.closes(closing) {
			r.out = append(r.out, closing)
			return true
		}
		if !r.next(first, closing, depth) {
			return false
		}
		if r.space() && r.peek() != ',' && strings.IndexByte("}]", r.peek()) < 0 {
			return false
		}
	}
}

// commas skips those between two members; more than one, or one before the first
// or behind the last, is superfluous.
func (r *repair) commas(first bool) {
	n := 0
	for r.space() && r.peek() == ',' {
		r.at++
		n++
	}
	last := r.at < len(r.in) && strings.IndexByte("}]", r.in[r.at]) >= 0
	if n > 1 || n == 1 && (first || last) {
		r.changed(RepairComma)
	}
}

// closes takes a closing bracket. One that is due further out closes this too.
func (r *repair) closes(closing byte) bool {
	switch c := r.peek(); {
	case r.at == len(r.in):
		r.changed(RepairCut)
		return true
	case c == closing:
		r.at++
		return true
	case c == '}' || c == ']':
		if !slices.Contains(r.nesting, c) {
			r.at++
			r.changed(RepairSuperfluous)
			return false
		}
		r.changed(RepairUnclosed)
		return true
	}
	return false
}

// next copies an item or a member, with a comma before it if it isn't the first.
// One that was cut before its value is left out.
func (r *repair) next(first bool, closing byte, depth int) bool {
	if r.at == len(r.in) || strings.IndexByte("}]", r.peek()) >= 0 {
		return true
	}
	before := len(r.out)
	if !first {
		r.out = append(r.out, ',')
	}
	if closing == '}' && !r.name() {
		return r.leaveOut(before)
	}
	valueAt := len(r.out)
	if !r.value(depth) {
		return false
	}
	if len(r.out) == valueAt {
		return r.leaveOut(before)
	}
	return true
}

// leaveOut takes back a member that the end of the input cut.
func (r *repair) leaveOut(before int) bool {
	r.out = r.out[:before]
	if r.space() {
		return false
	}
	r.changed(RepairCut)
	return true
}

// name copies the name of a member and the colon.
func (r *repair) name() bool {
	switch c := r.peek(); {
	case c == '"' || c == '\'':
		if !r.string(c) {
			return false
		}
	default:
		from := r.at
		for r.at < len(r.in) && isWord(r.in[r.at]) {
			r.at++
		}
		if r.at == from {
			return false
		}
		r.changed(RepairName)
		r.out = appendString(r.out, string(r.in[from:r.at]))
	}
	if !r.space() || r.peek() != ':' {
		return false
	}
	r.at++
	r.out = append(r.out, ':')
	return true
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

var literals = []struct{ from, to string }{
	{"true", "true"},
	{"false", "false"},
	{"null", "null"},
	{"True", "true"},
	{"False", "false"},
	{"None", "null"},
}

// word copies a literal or a number.
func (r *repair) word() bool {
	from := r.at
	for r.at < len(r.in) && (isWord(r.in[r.at]) || r.in[r.at] == '.' || r.in[r.at] == '+') {
		r.at++
	}
	word := string(r.in[from:r.at])
	if word == "" {
		return false
	}
	cut := r.at == len(r.in)
	for _, l := range literals {
		if word == l.from || cut && strings.HasPrefix(l.from, word) {
			if l.from != l.to {
				r.changed(RepairLiteral)
			}
			if word != l.from {
				r.changed(RepairCut)
			}
			r.out = append(r.out, l.to...)
			return true
		}
	}
	return r.number(word, cut)
}

// number copies a number. One that was cut keeps what of it is a number.
func (r *repair) number(word string, cut bool) bool {
	if word[0] != '-' && (word[0] < '0' || word[0] > '9') {
		return false
	}
	whole := word
	if cut {
		whole = strings.TrimRight(word, ".eE+-")
	}
	if whole != word {
		r.changed(RepairCut)
	}
	if whole != "" && !json.Valid([]byte(whole)) {
		return false
	}
	r.out = append(r.out, whole...)
	return whole != "" || len(r.nesting) > 0
}
