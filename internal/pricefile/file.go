// Package pricefile reads, writes and merges price tables in the form of prices.json.
// What a table that was read holds is sound: names are unique, rows go by date without
// gap or overlap, and every price is exact.
package pricefile

import (
	"time"
)

// File is a price table.
type File struct {
	Source    string    // whose prices these are
	Generated time.Time // when they were put together, in UTC and whole seconds
	Models    []Model
}

// Model is what a table tells of one model.
type Model struct {
	ID      string
	Aliases []string // other names; no two names of a table differ only in case
	Rows    []Row    // by date; each begins where the one before ends
}

// Row is the prices of a span of days.
type Row struct {
	From, To time.Time // half open, in UTC; a zero To is no end
	Rates    Rates
	Tiers    []Tier // ascending
	Free     bool   // whether a price may be 0
	Source   string // the page that tells the prices
	Checked  time.Time
}

// Tier is the prices of a call whose whole input reaches a size.
type Tier struct {
	Above     int64 // tokens
	Inclusive bool  // whether exactly Above reaches it
	Rates     Rates // kinds that are missing are the row's
}

// Rates are prices by kind in millionths of a dollar per 1M tokens, which is
// pico-dollars per token.
type Rates map[string]int64

// Kinds of prices.
const (
	Input        = "input"
	Output       = "output"
	CachedInput  = "cached_input"
	CacheWrite   = "cache_write"
	CacheWrite1h = "cache_write_1h"
	InputAudio   = "input_audio"
	Reasoning    = "reasoning"
	OutputAudio  = "output_audio"
)

// Kinds returns the kinds in the order of a file.
func Kinds() []string {
	return []string{Input, Output, CachedInput, CacheWrite, CacheWrite1h, InputAudio, Reasoning, OutputAudio}
}

// Lower folds ASCII only: ids are ASCII, and a letter of another script that folds
// into one (the Kelvin sign) is another name.
func Lower(name string) string {
	folded := []byte(name)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}
