package gemma

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

const (
	none = -1 // no piece

	slotID  = 1<<19 - 1 // the bits of a slot that are an id plus one; the rest are of the hash
	pairLog = 21        // of the number of bits that tell neighbouring characters
)

// vocabulary answers which piece a text is, and between which characters no piece
// crosses. It doesn't change, but for what it remembers in whole and scratches.
type vocabulary struct {
	text    string
	spans   []span
	longest int

	seed  maphash.Seed
	slots []uint32 // open addressing; zero is free

	ascii [utf8.RuneSelf]int32 // pieces of one ASCII character
	bytes [256]int32           // pieces that stand for a byte
	runs  [3]run               // pieces of equal white space

	neighbours [utf8.RuneSelf * utf8.RuneSelf]bool // ASCII characters that are neighbours in a piece
	pairs      []uint64                            // the same for the others, by hash

	whole []atomic.Uint32 // what is known of pieces: two bits an id, see isWhole

	scratches sync.Pool // of *scratch
}

// run is the pieces of two and more equal characters of white space. They merge before
// all else, the longest first.
type run struct {
	char byte
	ids  []int32 // of the piece of i+2 characters
}

func newVocabulary(p *pieces) (*vocabulary, error) {
	v := &vocabulary{
		text:  string(p.text),
		spans: p.spans,
		seed:  maphash.MakeSeed(),
		pairs: make([]uint64, 1<<pairLog/64),
		whole: make([]atomic.Uint32, len(p.spans)/16+1),
		runs:  [3]run{{char: ' '}, {char: '\n'}, {char: '\t'}},
	}
	if err := v.index(); err != nil {
		return nil, err
	}
	for i := range v.ascii {
		v.ascii[i] = v.lookup(string(rune(i)))
	}
	for i := range v.bytes {
		if v.bytes[i] = v.lookup(fmt.Sprintf("<0x%02X>", i)); v.bytes[i] == none {
			return nil, badVocabulary(fmt.Sprintf("there is no piece <0x%02X>", i))
		}
	}
	v.collectRuns()
	return v, v.collectNeighbours()
}

func (v *vocabulary) piece(id int32) string {
	at := v.spans[id]
	return v.text[at.start():at.end()]
}

func (v *vocabulary) index() error {
	size := 1
	for size < 2*len(v.spans) {
		size *= 2
	}
	v.slots = make([]uint32, size)
	for id := range v.spans {
		piece := v.piece(int32(id))
		v.longest = max(v.longest, len(piece))
		at, found := v.slot(piece)
		if found {
			return badVocabulary(fmt.Sprintf("ids %d and %d are both %q", v.slots[at]&slotID-1, id, piece))
		}
		v.slots[at] = v.tag(maphash.String(v.seed, piece)) | uint32(id+1)
	}
	return nil
}

func (v *vocabulary) tag(hash uint64) uint32 { return uint32(hash>>32) &^ slotID }

// slot finds where a piece is, or else would be. Half of the slots are free, so it ends.
func (v *vocabulary) slot(piece string) (at uint32, found bool) {
	hash := maphash.String(v.seed, piece)
	tag := v.tag(hash)
	mask := uint32(len(v.slots) - 1)
	for at = uint32(hash) & mask; ; at = (at + 1) & mask {
		slot := v.slots[at]
		if slot == 0 {
			return at, false
		}
		if slot&^slotID == tag && v.piece(int32(slot&slotID)-1) == piece {
			return at, true
		}
	}
}

// lookup gives the id of a piece, or none.
func (v *vocabulary) lookup(piece string) int32 {
	if len(piece) > v.longest {
		return none
	}
	at, found := v.slot(piece)
	if !found {
		return none
	}
	return int32(v.slots[at]&slotID) - 1
}

func (v *vocabulary) collectRuns() {
	for i := range v.runs {
		r := &v.runs[i]
		for n := 2; v.ascii[r.char] != none; n++ {
			id := v.lookup(strings.Repeat(string(r.char), n))
			if id == none {
				break
			}
			r.ids = append(r.ids, id)
		}
	}
}

// runAt gives the pieces of the run that starts at i, if there are two equal
// characters of white space.
func (v *vocabulary) runAt(text string, i int) *run {
	if i+1 >= len(text) || text[i] != text[i+1] {
		return nil
	}
	for k := range v.runs {
		if r := &v.runs[k]; r.char == text[i] && len(r.ids) > 0 {
			return r
		}
	}
	return nil
}

// collectNeighbours remembers which characters are neighbours in pieces that merging
// can make. Runs are left out since they are taken first.
func (v *vocabulary) collectNeighbours() error {
	for id := range v.spans {
		piece := v.piece(int32(id))
		if len(piece) == 1 || !v.mergeable(piece) {
			continue
		}
		if r := v.runAt(piece, 0); r != nil && len(piece)-2 < len(r.ids) && r.ids[len(piece)-2] == int32(id) {
			continue
		}
		before, size := utf8.DecodeRuneInString(piece)
		for i := size; i < len(piece); i += size {
			if v.runAt(piece, i-1) != nil {
				return badVocabulary(fmt.Sprintf("id %d holds a run of white space and more", id))
			}
			var char rune
			char, size = utf8.DecodeRuneInString(piece[i:])
			v.setNeighbours(before, char)
			before = char
		}
	}
	return nil
}

// mergeable is false for pieces of markup that no merge makes. To take a few too many
// costs speed only, so the rest isn't looked at.
func (v *vocabulary) mergeable(piece string) bool {
	if piece[0] != '<' && piece[0] != '[' {
		return true
	}
	for i := 1; i < len(piece); i++ {
		if v.lookup(piece[:i]) != none && v.lookup(piece[i:]) != none {
			return true
		}
	}
	return false
}

func (v *vocabulary) setNeighbours(a, b rune) {
	if a|b < utf8.RuneSelf {
		v.neighbours[a*utf8.RuneSelf+b] = true
		return
	}
	at := pairBit(a, b)
	v.pairs[at/64] |= 1 << (at % 64)
}

// areNeighbours is whether some piece may hold both characters next to each other. It
// may err to true for characters beyond ASCII.
func (v *vocabulary) areNeighbours(a, b rune) bool {
	if a|b < utf8.RuneSelf {
		return v.neighbours[a*utf8.RuneSelf+b]
	}
	at := pairBit(a, b)
	return v.pairs[at/64]&(1<<(at%64)) != 0
}

func pairBit(a, b rune) uint32 {
	return (uint32(a)*0x9e3779b1 ^ uint32(b)*0x85ebca77) >> (32 - pairLog)
}

const (
	wholeYes = 1
	wholeNo  = 2
)

// isWhole is whether the text of a piece encodes to that piece, which for a few dozen
// it doesn't: their parts merge otherwise. It is found out when first asked.
func (v *vocabulary) isWhole(id int32) bool {
	word, shift := &v.whole[id/16], id%16*2
	if known := word.Load() >> shift & 3; known != 0 {
		return known == wholeYes
	}
	var buffer [maxPieceBytes]int32
	known := uint32(wholeNo)
	if ids := v.merge(buffer[:0], v.piece(id)); len(ids) == 1 && ids[0] == id {
		known = wholeYes
	}
	word.Or(known << shift)
	return known == wholeYes
}
