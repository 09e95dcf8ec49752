package schema

import (
	"strconv"
	"strings"
)

// maxViolations bounds what one check reports: a model mends the first few and asks
// again anyway.
const maxViolations = 8

// ViolationError tells where a value doesn't fit its schema. It never quotes the
// value, only the names of members.
type ViolationError struct {
	Path string // such as stops[2].city; empty for the whole value
	Want string // such as: a string
	Got  string // such as: a number; empty if Want says it all
}

// Error is for the model to read.
func (e *ViolationError) Error() string {
	text := "want " + e.Want
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Got != "" {
		text += ", got " + e.Got
	}
	return text
}

// InvalidError holds everything that doesn't fit, up to the first eight.
type InvalidError struct {
	Violations []*ViolationError
}

// Error lists the violations, one a line, for the model to read.
func (e *InvalidError) Error() string {
	lines := make([]string, 0, len(e.Violations))
	for _, v := range e.Violations {
		lines = append(lines, v.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the violations.
func (e *InvalidError) Unwrap() []error {
	list := make([]error, 0, len(e.Violations))
	for _, v := range e.Violations {
		list = append(list, v)
	}
	return list
}

// anyItem stands for each item of a list.
const anyItem = 1 << 30

// path leads from a value to one in it. The nil path is the whole value.
type path struct {
	outer *path
	name  string
	index int // of an item, and -1 of a member
}

func (p *path) member(name string) *path { return &path{outer: p, name: name, index: -1} }

func (p *path) items() *path { return p.item(anyItem) }

func (p *path) item(i int) *path { return &path{outer: p, index: i} }

func (p *path) String() string {
	if p == nil {
		return ""
	}
	outer := p.outer.String()
	if p.index == anyItem {
		return outer + "[]"
	}
	if p.index >= 0 {
		return outer + "[" + strconv.Itoa(p.index) + "]"
	}
	name := shorten(p.name)
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !isLetterOrDigit(r) && r != '_' && r != '-' && r != '$'
	}) {
		return outer + "[" + strconv.Quote(name) + "]"
	}
	if outer != "" {
		outer += "."
	}
	return outer + name
}

// shorten keeps names that a model made up from filling its next prompt.
func shorten(name string) string {
	const limit = 60
	runes := []rune(name)
	if len(runes) <= limit {
		return name
	}
	return string(runes[:limit]) + "…"
}
