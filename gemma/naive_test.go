package gemma

import (
	"strings"
	"unicode/utf8"
)

// naive merges as the algorithm is told: one pair at a time over the whole text.
type naive map[string]int32

func newNaive(pieces []string) naive {
	n := naive{}
	for id, piece := range pieces {
		n[strings.ReplaceAll(piece, wordSpace, " ")] = int32(id)
	}
	return n
}

func (n naive) encode(text string) []int32 {
	text = strings.ReplaceAll(string([]rune(text)), wordSpace, " ")
	var symbols []string
	for _, char := range text {
		symbols = append(symbols, string(char))
	}
	for {
		best, bestRank := -1, [2]int32{}
		for i := range len(symbols) - 1 {
			rank, ok := n.rank(symbols[i], symbols[i+1])
			if ok && (best < 0 || rank[0] < bestRank[0] || rank[0] == bestRank[0] && rank[1] < bestRank[1]) {
				best, bestRank = i, rank
			}
		}
		if best < 0 {
			break
		}
		symbols[best] += symbols[best+1]
		symbols = append(symbols[:best+1], symbols[best+2:]...)
	}
	var ids []int32
	for _, symbol := range symbols {
		if id, ok := n[symbol]; ok {
			ids = append(ids, id)
			continue
		}
		for _, b := range []byte(symbol) {
			ids = append(ids, n[byteName(b)])
		}
	}
	return ids
}

func byteName(b byte) string {
	const hex = "0123456789ABCDEF"
	return "<0x" + string(hex[b>>4]) + string(hex[b&15]) + ">"
}

func (n naive) rank(left, right string) (rank [2]int32, ok bool) {
	leftID, okLeft := n[left]
	_, okRight := n[right]
	id, okBoth := n[left+right]
	if !okLeft || !okRight || !okBoth {
		return rank, false
	}
	if both := left + right; strings.Trim(both, both[:1]) == "" && strings.Contains(" \n\t", both[:1]) {
		return [2]int32{-int32(utf8.RuneCountInString(both)), leftID}, true
	}
	return [2]int32{id, leftID}, true
}
