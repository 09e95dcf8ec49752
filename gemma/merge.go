package gemma

import (
	"math"
	"unicode/utf8"
)

const (
	shortSymbols = 32            // above it a heap beats looking through
	noMerge      = math.MaxInt32 // the rank of neighbours that are no piece
)

// merge appends the ids of a part: it joins, again and again, the two neighbours that
// make the piece of the lowest id; among those of one piece, the ones whose left half
// has the lowest id; and among those the first.
func (v *vocabulary) merge(dst []int32, part string) []int32 {
	if utf8.RuneCountInString(part) > shortSymbols {
		return v.mergeLong(dst, part)
	}
	var (
		ids    [shortSymbols]int32
		starts [shortSymbols + 1]int32
		ranks  [shortSymbols]int32
	)
	n := 0
	for i, size := 0, 0; i < len(part); i += size {
		_, size = utf8.DecodeRuneInString(part[i:])
		ids[n] = v.symbol(part[i : i+size])
		starts[n] = int32(i)
		n++
	}
	starts[n] = int32(len(part))
	for k := range n - 1 {
		ranks[k] = v.rank(ids[k], ids[k+1], part[starts[k]:starts[k+2]])
	}
	for n > 1 {
		best := 0
		for k := 1; k < n-1; k++ {
			if ranks[k] < ranks[best] || ranks[k] == ranks[best] && ids[k] < ids[best] {
				best = k
			}
		}
		if ranks[best] == noMerge {
			break
		}
		ids[best] = ranks[best]
		copy(ids[best+1:], ids[best+2:n])
		copy(ranks[best+1:], ranks[best+2:n])
		copy(starts[best+1:], starts[best+2:n+1])
		n--
		if best > 0 {
			ranks[best-1] = v.rank(ids[best-1], ids[best], part[starts[best-1]:starts[best+1]])
		}
		if best < n-1 {
			ranks[best] = v.rank(ids[best], ids[best+1], part[starts[best]:starts[best+2]])
		}
	}
	for k := range n {
		dst = v.spell(dst, ids[k], part[starts[k]:starts[k+1]])
	}
	return dst
}

// rank gives the id of the piece that two neighbours make together.
func (v *vocabulary) rank(left, right int32, both string) int32 {
	if left == none || right == none {
		return noMerge
	}
	if id := v.lookup(both); id != none {
		return id
	}
	return noMerge
}
