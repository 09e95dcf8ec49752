package schema

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
)

// Schemas come from others too, such as the server of a remote tool, and values from a
// model. Matching takes time in proportion to the text and to the expression's size,
// which a repetition multiplies, so both are bounded.
const (
	maxPatternSize = 1 << 16 // of the expressions of a schema together
	matchedPerStep = 1 << 10 // bytes times size that count as one step of a check
)

// pattern is an expression and the number of states that it can be in, about.
type pattern struct {
	*regexp.Regexp
	size int
}

func (s *Schema) compilePatterns() error {
	total := 0
	for pointer, node := range everySchema(s.root) {
		list := slices.Collect(maps.Keys(node.PatternProperties))
		if node.Pattern != "" {
			list = append(list, node.Pattern)
		}
		for _, text := range list {
			if s.patterns[text] != nil {
				continue
			}
			tree, err := syntax.Parse(text, syntax.Perl)
			if err != nil && malformed(err) {
				return &ParseError{Pointer: pointer, Reason: err.Error()}
			}
			if err != nil {
				continue
			}
			size := patternSize(tree)
			if total += size; total > maxPatternSize {
				return &ParseError{Pointer: pointer, Reason: fmt.Sprintf("the patterns have more than %d states: repeat less in them", maxPatternSize)}
			}
			re, err := regexp.Compile(text)
			if err != nil {
				continue
			}
			s.patterns[text] = &pattern{re, size}
		}
	}
	return nil
}

// patternSize multiplies out the repetitions. What is beyond the bound counts as
// little more than it.
func patternSize(re *syntax.Regexp) int {
	size := 1
	if re.Op == syntax.OpLiteral {
		size = len(re.Rune)
	}
	for _, sub := range re.Sub {
		size += patternSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max, 1)
	}
	return min(size, maxPatternSize+1)
}

// malformed tells a pattern that no dialect of regular expressions takes from one
// that has more than RE2, such as looking ahead.
func malformed(err error) bool {
	e, ok := errors.AsType[*syntax.Error](err)
	return ok && slices.Contains([]syntax.ErrorCode{
		syntax.ErrMissingBracket, syntax.ErrMissingParen, syntax.ErrUnexpectedParen,
		syntax.ErrMissingRepeatArgument, syntax.ErrTrailingBackslash,
	}, e.Code)
}

// matches reports whether a text matches a pattern of the schema. One that wasn't
// compiled is matched by every text; known is false then.
func (c *check) matches(expression, text string) (matches, known bool) {
	p := c.patterns[expression]
	if p == nil {
		return true, false
	}
	if *c.steps -= p.size * len(text) / matchedPerStep; *c.steps < 0 {
		return true, true // the check is given up
	}
	return p.MatchString(text), true
}
