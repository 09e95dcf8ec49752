package pricepages

import (
	"regexp"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// Keys of the spec table that must be there.
const (
	keyModelID = "Model id"
	keyInput   = "Input price"
	keyOutput  = "Output price"
)

// kindOfRow returns the kind of price that a row of the spec table tells.
func kindOfRow(key string) (kind string, ok bool) {
	switch key {
	case keyInput:
		return pricefile.Input, true
	case keyOutput:
		return pricefile.Output, true
	case "Cached input price":
		return pricefile.CachedInput, true
	case "Cache write price":
		return pricefile.CacheWrite, true
	}
	return "", false
}

// isPlainRow reports whether a row tells nothing of prices. A key that is new could.
func isPlainRow(key string) bool {
	switch key {
	case "Maker", "Modality", "Capabilities", "APIs":
		return true
	}
	return false
}

const decimal = `\$(\d+(?:\.\d+)?)`

var (
	specSeparator = regexp.MustCompile(`^\| ?-{3,} ?\| ?-{3,} ?\|$`)
	specRow       = regexp.MustCompile(`^\| ([^|]*[^| ]) \| ([^|]*[^| ]) \|$`)
	priceCell     = regexp.MustCompile(`^` + decimal + ` per 1M tokens$`)
	idCell        = regexp.MustCompile("^`([!-_a-~]{1,100})`$")
	relatedForm   = regexp.MustCompile(`^- \[[^\]]+\]\(` + regexp.QuoteMeta(Site) + `([A-Za-z0-9][A-Za-z0-9._-]*)\.md\) — ` +
		decimal + ` per 1M input tokens and ` + decimal + ` per 1M output tokens$`)
)

func (r *reader) readSpec(line string) error {
	cells := specRow.FindStringSubmatch(line)
	if cells == nil {
		return r.wrong(`want a row such as "| Input price | $0.12 per 1M tokens |"`)
	}
	key, value := cells[1], cells[2]
	if before := r.seen[key]; before != 0 {
		return r.wrong("%q is in line %d already", key, before)
	}
	r.seen[key] = r.line
	if kind, ok := kindOfRow(key); ok {
		return r.readPrice(kind, value)
	}
	switch {
	case key == keyModelID:
		id := idCell.FindStringSubmatch(value)
		if id == nil {
			return r.wrong("want the model's id in backquotes, have %.80s", value)
		}
		r.page.ID = id[1]
		return nil
	case !isPlainRow(key):
		return r.wrong("%.80q is unknown, and could be a price; teach the reader what it means", key)
	}
	return r.readProse(value)
}

func (r *reader) readPrice(kind, value string) error {
	cell := priceCell.FindStringSubmatch(value)
	if cell == nil {
		return r.wrong(`want a price such as "$0.12 per 1M tokens", have %.80q`, value)
	}
	rate, err := r.rate(cell[1])
	r.page.Rates[kind] = rate
	return err
}

func (r *reader) rate(text string) (int64, error) {
	rate, err := pricefile.ParseRate(text)
	if err != nil {
		return 0, r.wrong("%s", err)
	}
	if rate == 0 {
		return 0, r.wrong("a price of 0 is more likely a gap than a gift; enter it by hand if it is one")
	}
	return rate, nil
}

func (r *reader) readRelated(line string) error {
	form := relatedForm.FindStringSubmatch(line)
	if form == nil {
		return r.wrong(`want "- [Name](%sNAME.md) — $1.50 per 1M input tokens and $9 per 1M output tokens"`, Site)
	}
	name := form[1]
	if strings.EqualFold(name, r.page.Name) {
		return r.wrong("the page is related to itself")
	}
	for _, other := range r.page.Related {
		if strings.EqualFold(other.Name, name) {
			return r.wrong("%s is in line %d already", name, other.Line)
		}
	}
	input, err := r.rate(form[2])
	if err != nil {
		return err
	}
	output, err := r.rate(form[3])
	if err != nil {
		return err
	}
	r.page.Related = append(r.page.Related, Related{
		Name: name, Line: r.line,
		Rates: pricefile.Rates{pricefile.Input: input, pricefile.Output: output},
	})
	return nil
}
