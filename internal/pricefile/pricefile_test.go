package pricefile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestRateIsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		rate  int64
		shown string
	}{
		"0": {0, "0.00"}, "9": {9_000_000, "9.00"}, "0.12": {120_000, "0.12"}, "1.5": {1_500_000, "1.50"},
		"0.0375": {37_500, "0.0375"}, "0.000001": {1, "0.000001"}, "007.10": {7_100_000, "7.10"},
		"9223372.036854": {9_223_372_036_854, "9223372.036854"},
	} {
		rate, err := ParseRate(text)
		require.NoError(t, err, text)
		if shown := FormatRate(rate); rate != want.rate || shown != want.shown {
			t.Errorf("%s is %d and shown as %s, want %d and %s", text, rate, shown, want.rate, want.shown)
		}
	}
	for _, text := range []string{"", ".5", "5.", "-1", "+1", "1e3", "1,5", "0.0000001", "9223372.036855", strings.Repeat("9", 40), "1_0", "٣"} {
		if rate, err := ParseRate(text); err == nil {
			t.Errorf("%q was read as %d", text, rate)
		}
	}
}

func sample() *File {
	day := time.Date(2026, 7, 5, 0, 0, 0, 0, time.UTC)
	return &File{Source: "s", Generated: day, Models: []Model{
		{ID: "m", Aliases: []string{"v/m"}, Rows: []Row{{
			From: day, Checked: day, Source: "https://s.example/?a=1&b=2", Rates: Rates{Input: 1, Output: 2, Reasoning: 3},
			Tiers: []Tier{{Above: 5, Inclusive: true, Rates: Rates{Input: 4}}},
		}}},
		{ID: "gift", Rows: []Row{{From: day, Checked: day, Source: "https://s.example/", Free: true, Rates: Rates{Input: 0, Output: 0}}}},
	}}
}

func TestEncodeIsReadBack(t *testing.T) {
	t.Parallel()
	data, err := Encode(sample())
	require.NoError(t, err)
	back, err := Read(data)
	require.NoError(t, err)
	if diff := cmp.Diff(sample(), back); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(back, Trust(data)); diff != "" {
		t.Errorf("Trust reads it otherwise: %s", diff)
	}
	again, err := Encode(back)
	require.NoError(t, err)
	if diff := cmp.Diff(string(data), string(again)); diff != "" {
		t.Error(diff)
	}
}

func TestEncodeRefusesWhatReadWould(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*File){
		"models: it is missing":          func(f *File) { f.Models = nil },
		"source: it is empty":            func(f *File) { f.Source = "" },
		"generated_at":                   func(f *File) { f.Generated = time.Time{} },
		"models[0] (m): prices[0]: to":   func(f *File) { f.Models[0].Rows[0].To = f.Generated },
		"output: it is missing":          func(f *File) { delete(f.Models[0].Rows[0].Rates, Output) },
		"input: a price of 0":            func(f *File) { f.Models[0].Rows[0].Rates[Input] = 0 },
		"models[1] (M): id":              func(f *File) { f.Models[1].ID = "M" },
		"tiers[0]: above_input_tokens":   func(f *File) { f.Models[0].Rows[0].Tiers[0].Above = -1 },
		`is not a decimal number`:        func(f *File) { f.Models[0].Rows[0].Rates[Input] = -1 },
		"aliases[1]: \"v/m\" is already": func(f *File) { f.Models[0].Aliases = []string{"v/m", "v/m"} },
	} {
		f := sample()
		spoil(f)
		_, err := Encode(f)
		require.ErrorContains(t, err, want)
	}
}

func TestMergeLeavesItsTablesAlone(t *testing.T) {
	t.Parallel()
	f, newer := sample(), sample()
	later := newer.Generated.AddDate(0, 1, 0)
	newer.Generated = later
	newer.Models = slices.Delete(newer.Models, 1, 2)
	row := newer.Models[0].Rows[0]
	newer.Models[0].Rows[0].To, row.From, row.Checked = later, later, later
	newer.Models[0].Rows = append(newer.Models[0].Rows, row)
	newer.Models = append(newer.Models, Model{ID: "new", Rows: []Row{row}})

	merged, err := Merge(f, newer)
	require.NoError(t, err)
	want := &File{Source: "s", Generated: later, Models: []Model{newer.Models[0], f.Models[1], newer.Models[1]}}
	if diff := cmp.Diff(want, merged); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sample(), f); diff != "" {
		t.Errorf("the older table changed: %s", diff)
	}
	if _, err := Merge(newer, f); err == nil {
		t.Error("a table without the newer row was merged over one that has it")
	}
}
