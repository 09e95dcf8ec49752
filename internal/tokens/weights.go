package tokens

// group is a class of features whose errors are alike.
type group uint8

const (
	exact    group = iota
	plain          // words of ASCII letters
	accented       // words with other Latin letters
	signs          // ASCII punctuation
	cyrillic
	alphabets // Greek, Armenian, Georgian, Hebrew, Arabic, Ethiopic
	indic
	unspaced  // Thai, Lao, Burmese, Khmer, Tibetan
	eastAsian // Chinese, Japanese, Korean
	symbols   // emoji, mathematics, drawing, all the rest
	rare      // scripts with next to no text to learn from
	groupCount
)

type weight struct {
	tokens float64
	group  group
}

type scriptWeight struct {
	run, char float64
	group     group
}

// margin is the share of a group's tokens by which the estimate may be off: a bit more than
// the 98th percentile of the errors either way.
type margin struct{ below, above float64 }

// smallText is the margin of a text in square roots of its tokens: chance counts for more
// in few words.
var smallText = margin{0.36, 0.32}

var margins = [groupCount]margin{
	plain:     {0.13, 0.15},
	accented:  {0.15, 0.23},
	signs:     {0.10, 0.10},
	cyrillic:  {0.12, 0.17},
	alphabets: {0.12, 0.15},
	indic:     {0.15, 0.27},
	unspaced:  {0.12, 0.15},
	eastAsian: {0.15, 0.24},
	symbols:   {0.15, 0.25},
	rare:      {0.50, 0.75},
}

// featureWeights has what each feature costs. Pairs and accents are tallied in steps, whose
// number is in their tables.
var featureWeights = [featureCount]weight{
	digit:         {1, exact},
	lineBreak:     {1, exact},
	tabRun:        {1, exact},
	spaceRun:      {1, exact},
	loneSpace:     {1, exact},
	control:       {1, exact},
	rareSpace:     {1, exact},
	word:          {0.376, plain},
	glued:         {0.421, plain},
	gluedOver9:    {0.063, plain},
	plainPairs:    {step, plain},
	capital:       {0.107, plain},
	capsOver2:     {0.087, plain},
	hump:          {0.527, plain},
	besideDigit:   {0.138, plain},
	accentWord:    {0.324, accented},
	accentPairs:   {step, accented},
	accentCosts:   {step, accented},
	punct:         {0.957, signs},
	punctRun:      {0.505, signs},
	punctMore:     {0.425, signs},
	punctSame:     {0.073, signs},
	underscore:    {0.798, signs},
	apostrophe:    {1.425, signs},
	spacedSign:    {0.081, signs},
	cyrillicPairs: {step, cyrillic},
	spacedSymbol:  {0.555, symbols},
}

// scriptWeights has what a run of each script costs, and each of its characters. Letters of
// Latin script are in words.
var scriptWeights = [scriptCount]scriptWeight{
	scriptLatin:       {0, 0, symbols},
	scriptMark:        {0, 1.317, symbols},
	scriptCyrillic:    {0.661, 0.065, cyrillic},
	scriptGreek:       {0, 0.409, alphabets},
	scriptArmenian:    {0.961, 0.444, alphabets},
	scriptGeorgian:    {0, 0.463, alphabets},
	scriptHebrew:      {0, 0.538, alphabets},
	scriptArabic:      {0, 0.376, alphabets},
	scriptDevanagari:  {0, 0.332, indic},
	scriptBengali:     {1.012, 0.105, indic},
	scriptGurmukhi:    {0, 0.697, indic},
	scriptGujarati:    {0.047, 0.454, indic},
	scriptOdia:        {0.421, 0.753, indic},
	scriptTamil:       {0.551, 0.213, indic},
	scriptTelugu:      {0.74, 0.341, indic},
	scriptKannada:     {1.473, 0.236, indic},
	scriptMalayalam:   {0.792, 0.256, indic},
	scriptSinhala:     {0, 0.557, indic},
	scriptThai:        {0.487, 0.299, unspaced},
	scriptLao:         {0.1, 0.7, rare},
	scriptMyanmar:     {1.267, 0.331, unspaced},
	scriptKhmer:       {0.365, 0.471, unspaced},
	scriptTibetan:     {1.404, 0.653, unspaced},
	scriptEthiopic:    {0.397, 0.617, alphabets},
	scriptHangul:      {0.745, 0.407, eastAsian},
	scriptHiragana:    {0.087, 0.32, eastAsian},
	scriptKatakana:    {0.226, 0.246, eastAsian},
	scriptHan:         {0.562, 0.574, eastAsian},
	scriptHanRare:     {0.266, 3.266, symbols},
	scriptCJKPunct:    {0, 1.097, eastAsian},
	scriptEmoji:       {0.998, 0.988, symbols},
	scriptJoiner:      {0, 0.4, symbols},
	scriptSpace:       {0, 0, exact},
	scriptPunct:       {0.362, 0.344, symbols},
	scriptSymbol:      {0, 1.063, symbols},
	scriptBox:         {0.673, 0.158, symbols},
	scriptReplacement: {0.571, 0.371, symbols},
	scriptOther:       {0, 0.917, rare},
	scriptOtherAstral: {2.285, 5.985, rare},
}
