package schema

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func (c *check) string(v *value, s *subschema, at *path) {
	length := utf8.RuneCountInString(v.text)
	if s.MinLength != nil && length < *s.MinLength {
		c.add(at, fmt.Sprintf("a string of at least %d characters", *s.MinLength), fmt.Sprint(length))
	}
	if s.MaxLength != nil && length > *s.MaxLength {
		c.add(at, fmt.Sprintf("a string of at most %d characters", *s.MaxLength), fmt.Sprint(length))
	}
	if matches, _ := c.matches(s.Pattern, v.text); !matches {
		c.add(at, fmt.Sprintf("a string that matches %s", s.Pattern), "another string")
	}
	if !c.fromGo {
		return
	}
	if _, err := time.Parse(time.RFC3339, v.text); s.Format == "date-time" && err != nil {
		c.add(at, describe(s), "another string")
	}
	if s.ContentEncoding == "base64" && !isBase64(v.text) {
		c.add(at, "a string in base64", "another string")
	}
}

// isBase64 is encoding/json's view, which passes over line breaks.
func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

func (c *check) number(v *value, s *subschema, at *path) {
	for _, bound := range []struct {
		limit *float64
		words string
		ok    func(int) bool
	}{
		{s.Minimum, "at least", func(n int) bool { return n >= 0 }},
		{s.ExclusiveMinimum, "more than", func(n int) bool { return n > 0 }},
		{s.Maximum, "at most", func(n int) bool { return n <= 0 }},
		{s.ExclusiveMaximum, "less than", func(n int) bool { return n < 0 }},
	} {
		if bound.limit != nil && !bound.ok(compare(v.text, *bound.limit)) {
			c.add(at, fmt.Sprintf("a number of %s %s", bound.words, formatFloat(*bound.limit)), "another number")
		}
	}
	if s.MultipleOf != nil && !isMultiple(v.text, *s.MultipleOf) {
		c.add(at, "a multiple of "+formatFloat(*s.MultipleOf), "another number")
	}
}

func formatFloat(f float64) string {
	if math.Abs(f) < 1e15 && math.Abs(f) >= 1e-6 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strings.Replace(strconv.FormatFloat(f, 'g', -1, 64), "e+", "e", 1)
}

// maxExponent bounds the digits that an exact number is written out to, since
// 1e999999999 is a valid number.
const maxExponent = 400

// exact returns the number, unless it has too many digits.
func exact(text string) (*big.Rat, bool) {
	mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if len(mantissa) > maxExponent {
		return nil, false
	}
	if n, err := strconv.Atoi(exponent); found && (err != nil || n > maxExponent || n < -maxExponent) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func isInteger(text string) bool {
	if !strings.ContainsAny(text, ".eE") {
		return true
	}
	if r, ok := exact(text); ok {
		return r.IsInt()
	}
	f, _ := strconv.ParseFloat(text, 64)
	return f == math.Trunc(f) && f != 0
}

// compare is -1, 0 or 1 as the number is less than, equal to or more than limit.
func compare(text string, limit float64) int {
	a, ok := exact(text)
	b, limited := exact(formatFloat(limit))
	if ok && limited {
		return a.Cmp(b)
	}
	f, _ := strconv.ParseFloat(text, 64)
	switch {
	case f < limit:
		return -1
	case f > limit:
		return 1
	}
	return 0
}

func isMultiple(text string, of float64) bool {
	a, ok := exact(text)
	b, ok2 := exact(formatFloat(of))
	if !ok || !ok2 || b.Sign() == 0 {
		return true
	}
	return a.Quo(a, b).IsInt()
}

// plainNumber writes equal numbers the same way.
func plainNumber(text string) string {
	if r, ok := exact(text); ok {
		return r.RatString()
	}
	return text
}

// equal compares a value to a constant of a schema.
func equal(v *value, want any) bool {
	switch w := want.(type) {
	case nil:
		return v.kind == kindNull
	case bool:
		return v.kind == kindBoolean && v.truth == w
	case string:
		return v.kind == kindString && v.text == w
	case json.Number:
		return v.kind == kindNumber && plainNumber(v.text) == plainNumber(w.String())
	case []any:
		if v.kind != kindArray || len(v.items) != len(w) {
			return false
		}
		for i, item := range v.items {
			if !equal(item, w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		if v.kind != kindObject || len(v.members) != len(w) {
			return false
		}
		for name, inner := range w {
			if m := v.get(name); m == nil || !equal(m, inner) {
				return false
			}
		}
		return true
	}
	return false
}
