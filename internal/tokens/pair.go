package tokens

// A word costs the more tokens the rarer its pairs of letters are in the vocabulary's
// pieces. A cost is a printable character: '0' is none, and each further one a step.
// The edges of a word count as a letter, and so do all letters past a to z together.
const (
	latinEdge    = 26
	latinAccent  = 27
	latinLetters = 28

	cyrillicEdge    = 32
	cyrillicOther   = 33
	cyrillicLetters = 34

	accentFirst = 0xC0
	accentLast  = 0x17F

	firstStep = '0'
	step      = 1.0 / 20
)

func steps(c byte) int64 { return int64(c - firstStep) }

func pairCost(left, right int) int64 {
	return steps(latinPairs[left*latinLetters+right])
}

func cyrillicPairCost(left, right int) int64 {
	return steps(cyrillicPairTable[left*cyrillicLetters+right])
}

// cyrillicLetter is the place of а to я in the table; ё counts as е.
func cyrillicLetter(r rune) int {
	switch {
	case r >= 'а' && r <= 'я':
		return int(r - 'а')
	case r >= 'А' && r <= 'Я':
		return int(r - 'А')
	case r == 'ё' || r == 'Ё':
		return 'е' - 'а'
	default:
		return cyrillicOther
	}
}
