// Package pricepages makes the price table from the gateway's model pages, which are
// Markdown. A page is read by a strict grammar, and every figure on it must agree with
// its table: what can't be read, or contradicts, is an error with file and line.
package pricepages

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

// Site is where the pages are published.
const Site = "https://keeprouter.com/models/"

const maxPageBytes = 1 << 20

// Page is what a model page says of prices.
type Page struct {
	Name    string          // of the file, without ".md"
	ID      string          // of the model
	Rates   pricefile.Rates // of the spec table
	Line    int             // of the spec table's first row
	Related []Related
	Date    time.Time // of which the prices are
	file    string
}

// Related is the price of another model in a page's list.
type Related struct {
	Name  string // of the page that is linked
	Rates pricefile.Rates
	Line  int
}

// Error tells which line of which page can't be read, or contradicts another.
type Error struct {
	File    string
	Line    int
	Problem string
}

// Error returns file, line and problem in the form that editors can follow.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// Parse reads a page. Its file is named as its address ends. Every error is an
// [*Error].
func Parse(file string, text []byte) (*Page, error) {
	r := reader{page: &Page{Name: strings.TrimSuffix(path.Base(file), ".md"), Rates: pricefile.Rates{}, file: file}, seen: map[string]int{}}
	if !pageName.MatchString(r.page.Name) || !strings.HasSuffix(file, ".md") {
		return nil, r.wrong("the file's name is not that of a page, such as gemma-4-31b.md")
	}
	switch {
	case len(text) > maxPageBytes:
		return nil, r.wrong("the page is larger than %d bytes", maxPageBytes)
	case !utf8.Valid(text):
		return nil, r.wrong("the page is not UTF-8")
	}
	for line := range bytes.Lines(text) {
		r.line++
		if err := r.read(strings.TrimRight(string(line), " \t\r\n")); err != nil {
			return nil, err
		}
	}
	return r.page, r.finish()
}

var pageName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// reader goes down a page line by line.
type reader struct {
	page    *Page
	line    int
	state   state
	fence   int            // the line that began the code; 0 outside of code
	seen    map[string]int // lines of the rows of the spec table by key
	claims  []claim        // to be held against the table at the end
	ids     []reference
	titled  bool
	closing int // the line of the date
}

// state is which part of a page a line stands in.
type state int

const (
	prose state = iota
	specHead
	specRows
	related
)

func (r *reader) wrong(format string, args ...any) error {
	return &Error{File: r.page.file, Line: r.line, Problem: fmt.Sprintf(format, args...)}
}

func (r *reader) wrongAt(line int, format string, args ...any) error {
	r.line = line
	return r.wrong(format, args...)
}

const (
	specTitle     = "| Spec | Value |"
	relatedTitle  = "## Related models"
	closingMarker = "prices as of"
)

func (r *reader) read(line string) error {
	r.ids = append(r.ids, references(line, r.line)...)
	if strings.HasPrefix(line, "```") {
		r.fence = toggled(r.fence, r.line)
		return nil
	}
	if r.fence != 0 || line == "" && r.state != specHead {
		if r.state == specRows {
			r.state = prose
		}
		return nil
	}
	if r.closing != 0 {
		return r.wrong("the date in line %d must be the last line", r.closing)
	}
	if !r.titled {
		r.titled = strings.HasPrefix(line, "# ")
		if !r.titled {
			return r.wrong(`want the page's title, such as "# Gemma 4 31B API"`)
		}
	}
	return r.readPart(line)
}

func toggled(fence, line int) int {
	if fence != 0 {
		return 0
	}
	return line
}

func (r *reader) readPart(line string) error {
	switch {
	case r.state == specHead:
		if !specSeparator.MatchString(line) {
			return r.wrong("want the line |---|---| under the head of the spec table")
		}
		r.state = specRows
		return nil
	case r.state == specRows && strings.HasPrefix(line, "|"):
		return r.readSpec(line)
	case line == specTitle:
		if r.page.Line != 0 {
			return r.wrong("a second spec table; the first is in line %d", r.page.Line)
		}
		r.state, r.page.Line = specHead, r.line
		return nil
	case strings.HasPrefix(line, "#"):
		r.state = prose
		if strings.HasPrefix(line, relatedTitle) {
			r.state = related
		}
	case strings.Contains(strings.ToLower(line), closingMarker):
		return r.readDate(line)
	case r.state == related:
		return r.readRelated(line)
	case strings.Contains(line, "]("+Site):
		return r.wrong("a link to another model outside of the section %q; its price would be missed", relatedTitle)
	case r.state == specRows:
		r.state = prose
	}
	return r.readProse(line)
}

var closingForm = regexp.MustCompile(`^_Prices as of (\d{4}-\d{2}-\d{2})\._$`)

func (r *reader) readDate(line string) error {
	form := closingForm.FindStringSubmatch(line)
	if form == nil {
		return r.wrong(`want the date as "_Prices as of 2026-07-05._"`)
	}
	date, err := time.Parse(time.DateOnly, form[1])
	if err != nil || date.Year() < 2000 {
		return r.wrong("%s is not a date", form[1])
	}
	r.page.Date, r.closing = date, r.line
	return nil
}

// finish checks what only the whole page can tell.
func (r *reader) finish() error {
	last := max(r.line, 1)
	switch {
	case r.fence != 0:
		return r.wrongAt(r.fence, "the code that begins here has no end")
	case r.page.Line == 0:
		return r.wrongAt(last, "there is no spec table, which begins with %q", specTitle)
	}
	for _, key := range []string{keyModelID, keyInput, keyOutput} {
		if r.seen[key] == 0 {
			return r.wrongAt(r.page.Line, "the spec table has no %q", key)
		}
	}
	if r.closing == 0 {
		return r.wrongAt(last, `there is no date at the end, such as "_Prices as of 2026-07-05._"`)
	}
	if err := r.checkReferences(); err != nil {
		return err
	}
	return r.checkClaims()
}
