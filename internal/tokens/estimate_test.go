package tokens

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seam is how many tokens two texts may differ from the text they make together: what their
// ends cost as words of their own, or as halves of a character.
const seam = 20

func TestExactParts(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       int64
	}{
		{"nothing", "", 0},
		{"digits", "20260417", 8},
		{"digits after single spaces", "1 2 3", 5},
		{"newlines", strings.Repeat("\n", 31), 1},
		{"more newlines than a piece has", strings.Repeat("\n", 32), 2},
		{"tabs", "\t\t\t7", 2},
		{"spaces", strings.Repeat(" ", 33), 2},
		{"spaces before a digit", strings.Repeat(" ", 32) + "7", 3},
		{"a space at the end", "7 ", 2},
		{"control characters", "\x00\x01\x02", 3},
		{"carriage returns", "1\r\n2\r\n", 6},
		{"no-break space", "1\u00a02", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := Count{test.want, test.want, test.want}
			got := Estimate(test.text)
			got.Low, got.High = got.Expected, got.Expected
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBound(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       int64
	}{
		{"nothing", "", 0},
		{"ASCII", "bound", 5},
		{"UTF-8", "größer 大", 12},
		{"invalid byte", "a\xffb", 5},
		{"half a character", "\xe5\xa4", 6},
		{"replacement character", "\ufffd", 3},
		{"replacement character and an invalid byte", "\ufffd\x80", 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Bound(test.text); got != test.want {
				t.Errorf("Bound(%q) = %d, want %d", test.text, got, test.want)
			}
		})
	}
}

func TestTextCostsTheSumOfItsPieces(t *testing.T) {
	samples := loadSamples(t)
	var all strings.Builder
	sum := int64(0)
	for _, s := range samples {
		all.WriteString(s.text)
		sum += Estimate(s.text).Expected
	}
	got := Estimate(all.String()).Expected
	if off := got - sum; off < -int64(len(samples)) || off > int64(len(samples)) {
		t.Errorf("%d samples in one text have %d tokens, one by one %d", len(samples), got, sum)
	}
}

func TestMoreTextHasMoreTokens(t *testing.T) {
	for _, s := range loadSamples(t) {
		most := int64(0)
		for i := range s.text {
			got := Estimate(s.text[:i]).Expected
			if got < most-2 {
				t.Errorf("%s: %d bytes have %d tokens, but fewer bytes %d", s.name, i, got, most)
			}
			most = max(most, got)
		}
	}
}

func TestEstimateAllocatesNothing(t *testing.T) {
	for _, s := range loadSamples(t) {
		if n := testing.AllocsPerRun(5, func() { Estimate(s.text) }); n != 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}

func FuzzEstimate(f *testing.F) {
	for _, s := range loadSamples(f) {
		f.Add(s.text, uint16(len(s.text)/2))
	}
	for _, text := range []string{
		"", " ", "\xff", "a\xe4b", "  \n\t 1", "ÀÁÂ\u0301\u0301", "\u200d\u200d", "Aa" + strings.Repeat("b", 70),
		strings.Repeat("X", 70) + "y1", "привет\u0301", "😀\ufe0f 👍🏽", "\ufffd\ufffd\xc3", "\u00a0\u3000", "_'_-- ",
	} {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		got := Estimate(text)
		bound := Bound(text)
		if want := int64(len(string([]rune(text)))); bound != want {
			t.Errorf("Bound = %d, want %d", bound, want)
		}
		if got.Low > got.Expected || got.Expected > got.High || got.High > bound {
			t.Errorf("Low, Expected, High, Bound out of order: %+v, %d", got, bound)
		}
		if (got.Low < 1) != (text == "") {
			t.Errorf("Low = %d for %d bytes", got.Low, len(text))
		}
		at := int(cut) % (len(text) + 1)
		whole, pieces := total(text), total(text[:at])+total(text[at:])
		if math.Abs(whole-pieces) > seam {
			t.Errorf("%.2f tokens in one text, %.2f in its pieces", whole, pieces)
		}
	})
}

func total(text string) float64 {
	var s scanner
	s.scan(text)
	return s.tally.sum().tokens
}
