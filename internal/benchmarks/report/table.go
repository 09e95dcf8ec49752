// Package report writes figures as Markdown tables, into a document or alone.
package report

import (
	"fmt"
	"math"
	"strings"
)

// Table is a Markdown table. The first column is text, the others are figures.
type Table struct {
	Head []string
	Rows [][]string
}

// Add adds a row, cut or filled up to the head.
func (t *Table) Add(cells ...string) {
	for len(cells) < len(t.Head) {
		cells = append(cells, "")
	}
	t.Rows = append(t.Rows, cells[:len(t.Head)])
}

// String is the table's Markdown.
func (t *Table) String() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Head)
	b.WriteString("|---|" + strings.Repeat("--:|", len(t.Head)-1) + "\n")
	for _, r := range t.Rows {
		line(r)
	}
	return b.String()
}

// Number writes a figure with about three digits that mean something.
func Number(v float64) string {
	switch {
	case v >= 100:
		return thousands(int64(math.Round(v)))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	case v < 0.005:
		return "0"
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// Size writes a number of bytes.
func Size(v float64) string {
	switch {
	case v >= 1<<20:
		return Number(v/(1<<20)) + " MiB"
	case v >= 10<<10:
		return Number(v/(1<<10)) + " KiB"
	default:
		return Number(v) + " B"
	}
}

// Ratio writes a figure and how many times the base it is.
func Ratio(v, base float64) string {
	if base == 0 || v == 0 {
		return Number(v)
	}
	return Number(v) + " (" + Times(v/base) + ")"
}

// Times writes a factor.
func Times(r float64) string {
	switch {
	case r >= 9.95:
		return fmt.Sprintf("×%.0f", r)
	case r >= 0.995:
		return fmt.Sprintf("×%.1f", r)
	case r < 0.0995:
		return fmt.Sprintf("×%.3f", r)
	default:
		return fmt.Sprintf("×%.2f", r)
	}
}

func thousands(v int64) string {
	text := fmt.Sprint(v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
