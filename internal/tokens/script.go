package tokens

import "unicode"

// script is a kind of non-ASCII character whose tokens are counted alike.
type script uint8

const (
	scriptLatin script = iota
	scriptMark
	scriptCyrillic
	scriptGreek
	scriptArmenian
	scriptGeorgian
	scriptHebrew
	scriptArabic
	scriptDevanagari
	scriptBengali
	scriptGurmukhi
	scriptGujarati
	scriptOdia
	scriptTamil
	scriptTelugu
	scriptKannada
	scriptMalayalam
	scriptSinhala
	scriptThai
	scriptLao
	scriptMyanmar
	scriptKhmer
	scriptTibetan
	scriptEthiopic
	scriptHangul
	scriptHiragana
	scriptKatakana
	scriptHan
	scriptHanRare
	scriptCJKPunct
	scriptEmoji
	scriptJoiner
	scriptSpace
	scriptPunct
	scriptSymbol
	scriptBox
	scriptReplacement
	scriptOther
	scriptOtherAstral
	scriptCount
)

// scriptOf is the script of a character that is not ASCII.
func scriptOf(r rune) script {
	switch {
	case r < 0x370:
		return scriptBelowGreek(r)
	case r < 0x1100:
		return scriptOfAlphabet(r)
	case r >= 0x4E00 && r <= 0x9FFF:
		return scriptHan
	case r >= 0xAC00 && r <= 0xD7A3:
		return scriptHangul
	case r >= 0x2000 && r < 0x3400:
		return scriptOfSigns(r)
	case r >= 0x10000:
		return scriptAstral(r)
	default:
		return scriptRest(r)
	}
}

func scriptBelowGreek(r rune) script {
	switch {
	case r == 0xD7 || r == 0xF7:
		return scriptSymbol
	case r == 0xA0:
		return scriptSpace
	case r >= 0xC0 && r < 0x2B0, r == 0xAA || r == 0xBA:
		return scriptLatin
	case r >= 0x300:
		return scriptMark
	case r < 0xC0:
		return scriptPunct
	default:
		return scriptOther
	}
}

func scriptOfAlphabet(r rune) script {
	switch {
	case r < 0x400:
		return scriptGreek
	case r < 0x530:
		return scriptCyrillic
	case r < 0x590:
		return scriptArmenian
	case r < 0x600:
		return scriptHebrew
	case r < 0x700, r >= 0x750 && r < 0x780, r >= 0x8A0 && r < 0x900:
		return scriptArabic
	case r < 0x900:
		return scriptOther
	case r < 0xE00:
		return scriptIndic(r)
	case r < 0xE80:
		return scriptThai
	case r < 0xF00:
		return scriptLao
	case r < 0x1000:
		return scriptTibetan
	case r < 0x10A0:
		return scriptMyanmar
	default:
		return scriptGeorgian
	}
}

// scriptIndic relies on each of these scripts having a block of 0x80 characters.
func scriptIndic(r rune) script {
	switch (r - 0x900) >> 7 {
	case 0:
		return scriptDevanagari
	case 1:
		return scriptBengali
	case 2:
		return scriptGurmukhi
	case 3:
		return scriptGujarati
	case 4:
		return scriptOdia
	case 5:
		return scriptTamil
	case 6:
		return scriptTelugu
	case 7:
		return scriptKannada
	case 8:
		return scriptMalayalam
	default:
		return scriptSinhala
	}
}

func scriptOfSigns(r rune) script {
	switch {
	case r <= 0x200A, r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F, r == 0x3000:
		return scriptSpace
	case r <= 0x200D:
		return scriptJoiner
	case r < 0x2070:
		return scriptPunct
	case r >= 0x2500 && r < 0x25A0:
		return scriptBox
	case r >= 0x2600 && r < 0x27C0:
		return scriptEmoji
	case r < 0x2E80:
		return scriptSymbol
	case r < 0x3000:
		return scriptHanRare
	case r < 0x3040:
		return scriptCJKPunct
	case r < 0x30A0:
		return scriptHiragana
	case r < 0x3100, r >= 0x31F0 && r < 0x3200:
		return scriptKatakana
	case r >= 0x3130 && r < 0x3190:
		return scriptHangul
	default:
		return scriptHanRare
	}
}

func scriptAstral(r rune) script {
	switch {
	case r >= 0x1F3FB && r <= 0x1F3FF:
		return scriptJoiner
	case r >= 0x1F000 && r < 0x1FB00:
		return scriptEmoji
	case r >= 0x20000 && r < 0x32000:
		return scriptHanRare
	default:
		return scriptOtherAstral
	}
}

func scriptRest(r rune) script {
	switch {
	case r >= 0x1E00 && r < 0x1F00, r >= 0xA720 && r < 0xA800:
		return scriptLatin
	case r >= 0x1F00 && r < 0x2000:
		return scriptGreek
	case r >= 0x1100 && r < 0x1200:
		return scriptHangul
	case r >= 0x1200 && r < 0x1400:
		return scriptEthiopic
	case r >= 0x1780 && r < 0x1800:
		return scriptKhmer
	case r >= 0x3400 && r < 0x4E00, r >= 0xF900 && r < 0xFB00:
		return scriptHanRare
	case r >= 0xFB1D && r < 0xFB50:
		return scriptHebrew
	case r >= 0xFB50 && r < 0xFE00, r >= 0xFE70 && r < 0xFEFF:
		return scriptArabic
	case r >= 0xFE00 && r < 0xFE10:
		return scriptJoiner
	case r >= 0xFE30 && r < 0xFE50, r >= 0xFF00 && r < 0xFF61, r >= 0xFFE0 && r < 0xFFEF:
		return scriptCJKPunct
	case r >= 0xFF61 && r < 0xFFE0:
		return scriptKatakana
	case r == unicode.ReplacementChar:
		return scriptReplacement
	default:
		return scriptOther
	}
}
