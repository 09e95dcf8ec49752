package tokens

// feature is something that the scanner counts and that costs a number of tokens.
type feature uint8

const (
	// The vocabulary has no piece that joins a digit or white space of these kinds to
	// anything else, so that these counts are exact.
	digit     feature = iota
	lineBreak         // up to 31 newlines
	tabRun            // up to 31 tabs
	spaceRun          // 2 to 31 spaces
	loneSpace         // before a digit, a line break, other white space or the end
	control           // any other control character
	rareSpace         // a byte of a no-break, fixed-width or ideographic space

	word        // plain ASCII letters after a space
	glued       // plain ASCII letters after anything else
	gluedOver9  // a letter of such a word past its ninth
	plainPairs  // pair costs of plain words, in steps
	capital     // a word with only its first letter in upper case
	capsOver2   // a letter past the second of a word in upper case
	hump        // a lower-case letter followed by an upper-case one
	besideDigit // a letter of a word beside a digit

	accentWord  // a word with Latin letters past ASCII
	accentPairs // pair costs of such words, in steps
	accentCosts // costs of their letters from U+00C0 to U+017F, in steps

	punct     // one sign between other things
	punctRun  // two signs or more
	punctMore // a sign of a run that differs from the one before
	punctSame // a sign of a run that repeats the one before
	underscore
	apostrophe // after a letter
	spacedSign // a space before a sign

	cyrillicPairs // pair costs of Cyrillic words, in steps
	spacedSymbol  // a space before a symbol

	featureCount
)

// tally says how often each feature is in a text, and how many runs and characters of
// each script that is neither ASCII nor Latin.
type tally struct {
	features    [featureCount]int64
	runs, chars [scriptCount]int64
}
