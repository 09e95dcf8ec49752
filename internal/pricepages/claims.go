package pricepages

import (
	"math/big"
	"regexp"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// claim is a figure outside the spec table that must agree with it: a price, or what
// an example costs.
type claim struct {
	line          int
	figure        string // without the dollar sign
	kind          string // of a price; empty for an example
	input, output string // tokens of an example
}

// reference is a model id outside the spec table.
type reference struct {
	line int
	id   string
}

// after ends a figure: what follows must not be a part of it.
const after = `(?:[^\w.,]|[.,](?:\D|$)|$)`

var (
	priceClaim   = regexp.MustCompile(decimal + ` per 1M (input|output|cached input) tokens\b`)
	exampleClaim = regexp.MustCompile(`(\d[\d,]{0,11})-token prompt with an? (\d[\d,]{0,11})-token (?:reply|answer|response) costs about ` + decimal + after)
	otherMoney   = regexp.MustCompile(`(?i)[€£¢¥]|\b(?:USD|EUR|dollars?|cents?)\b`)
	variable     = regexp.MustCompile(`^\$[A-Za-z_{]`)

	idReferences = []*regexp.Regexp{
		regexp.MustCompile(`\bmodel"?\s*[:=]\s*"([^"]*)"`),
		regexp.MustCompile(`\bmodel to "([^"]*)"`),
		regexp.MustCompile("\\bmodel id `([^`]*)`"),
	}
)

func references(line string, number int) []reference {
	var found []reference
	for _, form := range idReferences {
		for _, match := range form.FindAllStringSubmatch(line, -1) {
			found = append(found, reference{number, match[1]})
		}
	}
	return found
}

// readProse takes every amount out of a line. One that is left over could be a price
// in words that aren't understood.
func (r *reader) readProse(line string) error {
	rest := []byte(line)
	for _, at := range priceClaim.FindAllStringSubmatchIndex(line, -1) {
		kind := strings.ReplaceAll(line[at[4]:at[5]], " ", "_")
		if kind == "cached_input" {
			kind = pricefile.CachedInput
		}
		r.claims = append(r.claims, claim{line: r.line, figure: line[at[2]:at[3]], kind: kind})
		rest[at[0]] = ' '
	}
	for _, at := range exampleClaim.FindAllStringSubmatchIndex(line, -1) {
		r.claims = append(r.claims, claim{
			line: r.line, figure: line[at[6]:at[7]],
			input: line[at[2]:at[3]], output: line[at[4]:at[5]],
		})
		rest[at[6]-1] = ' '
	}
	for i, c := range rest {
		if c == '$' && !variable.Match(rest[i:]) {
			return r.wrong("an amount in words that aren't understood: %.40q", line[i:])
		}
	}
	if word := otherMoney.FindString(line); word != "" {
		return r.wrong("%q could be a price; prices are written as $0.12", word)
	}
	return nil
}

func (r *reader) checkReferences() error {
	for _, ref := range r.ids {
		if ref.id != r.page.ID {
			return r.wrongAt(ref.line, "the model is %.80q here, and %q in the spec table", ref.id, r.page.ID)
		}
	}
	return nil
}

func (r *reader) checkClaims() error {
	for _, c := range r.claims {
		if c.kind == "" {
			if !r.page.exampleHolds(c) {
				return r.wrongAt(c.line, "the example of %s and %s tokens doesn't cost about $%s by the spec table", c.input, c.output, c.figure)
			}
			continue
		}
		rate, err := pricefile.ParseRate(c.figure)
		if err != nil {
			return r.wrongAt(c.line, "%s", err)
		}
		if want, ok := r.page.Rates[c.kind]; !ok || rate != want {
			return r.wrongAt(c.line, "the price of %s is $%s here, and %s in the spec table", c.kind, c.figure, shown(want, ok))
		}
	}
	return nil
}

func shown(rate int64, ok bool) string {
	if !ok {
		return "nothing"
	}
	return "$" + pricefile.FormatRate(rate)
}

// exampleHolds reports whether the figure is the exact cost, rounded to the decimals
// that it has.
func (p *Page) exampleHolds(c claim) bool {
	cost := new(big.Int) // pico-dollars
	for kind, tokens := range map[string]string{pricefile.Input: c.input, pricefile.Output: c.output} {
		n, ok := new(big.Int).SetString(strings.ReplaceAll(tokens, ",", ""), 10)
		if !ok {
			return false
		}
		cost.Add(cost, n.Mul(n, big.NewInt(p.Rates[kind])))
	}
	_, fraction, _ := strings.Cut(c.figure, ".")
	const picoDecimals = 12
	if len(fraction) > picoDecimals {
		return false
	}
	printed, ok := new(big.Int).SetString(strings.Replace(c.figure, ".", "", 1), 10)
	if !ok {
		return false
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(picoDecimals-len(fraction))), nil)
	off := cost.Sub(cost, printed.Mul(printed, unit))
	return off.Abs(off).Lsh(off, 1).Cmp(unit) <= 0
}
