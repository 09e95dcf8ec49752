package gemma

import "unicode/utf8"

const (
	keepSymbols = 1 << 14 // scratch of more isn't kept for the next call
	longSymbols = 1 << 28 // a longer part is taken in pieces of that length
)

// scratch is the memory of one mergeLong: a list of symbols, linked both ways by
// index, and a heap of what can be merged.
type scratch struct {
	symbols []symbol
	heap    []candidate
}

type symbol struct {
	id, rank   int32 // rank is of this symbol with the next
	start      int32
	prev, next int32
}

// candidate is a merge: the piece it makes in the upper 18 bits, the left half's id in
// 18 more, the left half's index in the rest. The smallest is next.
type candidate uint64

func newCandidate(rank, left, at int32) candidate {
	return candidate(rank)<<46 | candidate(left)<<28 | candidate(at)
}

func (c candidate) split() (rank, left, at int32) {
	return int32(c >> 46), int32(c >> 28 & (1<<18 - 1)), int32(c & (1<<28 - 1))
}

// mergeLong is merge for many symbols, in n log n steps.
func (v *vocabulary) mergeLong(dst []int32, part string) []int32 {
	for len(part) > longSymbols {
		end := longSymbols
		for !utf8.RuneStart(part[end]) {
			end--
		}
		dst = v.mergeLong(dst, part[:end])
		part = part[end:]
	}
	s, ok := v.scratches.Get().(*scratch)
	if !ok {
		s = new(scratch)
	}
	s.fill(v, part)
	for len(s.heap) > 0 {
		rank, left, at := s.pop().split()
		if sym := &s.symbols[at]; sym.rank == rank && sym.id == left {
			s.join(v, part, at)
		}
	}
	for at := int32(0); at >= 0; at = s.symbols[at].next {
		dst = v.spell(dst, s.symbols[at].id, part[s.symbols[at].start:s.end(part, at)])
	}
	if cap(s.symbols) <= keepSymbols {
		v.scratches.Put(s)
	}
	return dst
}

func (s *scratch) fill(v *vocabulary, part string) {
	s.symbols, s.heap = s.symbols[:0], s.heap[:0]
	for i, size := 0, 0; i < len(part); i += size {
		_, size = utf8.DecodeRuneInString(part[i:])
		at := int32(len(s.symbols))
		s.symbols = append(s.symbols, symbol{
			id: v.symbol(part[i : i+size]), rank: noMerge, start: int32(i), prev: at - 1, next: at + 1,
		})
	}
	s.symbols[len(s.symbols)-1].next = none
	for at := range s.symbols {
		if s.rank(v, part, int32(at)) {
			s.heap = append(s.heap, s.candidate(int32(at)))
		}
	}
	for i := len(s.heap)/2 - 1; i >= 0; i-- {
		s.down(i)
	}
}

func (s *scratch) end(part string, at int32) int32 {
	if next := s.symbols[at].next; next >= 0 {
		return s.symbols[next].start
	}
	return int32(len(part))
}

// rank finds out what a symbol makes with the next one, and whether that is a piece.
func (s *scratch) rank(v *vocabulary, part string, at int32) bool {
	sym := &s.symbols[at]
	sym.rank = noMerge
	if sym.next >= 0 {
		sym.rank = v.rank(sym.id, s.symbols[sym.next].id, part[sym.start:s.end(part, sym.next)])
	}
	return sym.rank != noMerge
}

func (s *scratch) candidate(at int32) candidate {
	return newCandidate(s.symbols[at].rank, s.symbols[at].id, at)
}

// join merges a symbol with the next one, which leaves the list.
func (s *scratch) join(v *vocabulary, part string, at int32) {
	sym := &s.symbols[at]
	gone := &s.symbols[sym.next]
	sym.id, sym.next = sym.rank, gone.next
	gone.rank = noMerge
	if sym.next >= 0 {
		s.symbols[sym.next].prev = at
	}
	if s.rank(v, part, at) {
		s.push(s.candidate(at))
	}
	if sym.prev >= 0 && s.rank(v, part, sym.prev) {
		s.push(s.candidate(sym.prev))
	}
}

func (s *scratch) push(c candidate) {
	s.heap = append(s.heap, c)
	for i := len(s.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if s.heap[parent] <= s.heap[i] {
			return
		}
		s.heap[parent], s.heap[i] = s.heap[i], s.heap[parent]
		i = parent
	}
}

func (s *scratch) pop() candidate {
	top := s.heap[0]
	last := len(s.heap) - 1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	s.down(0)
	return top
}

func (s *scratch) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(s.heap) {
			return
		}
		if child+1 < len(s.heap) && s.heap[child+1] < s.heap[child] {
			child++
		}
		if s.heap[i] <= s.heap[child] {
			return
		}
		s.heap[i], s.heap[child] = s.heap[child], s.heap[i]
		i = child
	}
}
