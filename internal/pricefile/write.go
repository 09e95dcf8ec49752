package pricefile

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/strictjson"
)

// Encode writes a table in the form that [Read] reads, the same table always in the
// same bytes. A table that Read would refuse is an error.
func Encode(f *File) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(fileForm(f)); err != nil {
		return nil, strictjson.Problemf("%s", err)
	}
	if _, err := Read(b.Bytes()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

type fileJSON struct {
	Schema    int         `json:"schema"`
	Source    string      `json:"source"`
	Currency  string      `json:"currency"`
	PerTokens int         `json:"per_tokens"`
	Generated string      `json:"generated_at"`
	Models    []modelJSON `json:"models"`
}

type modelJSON struct {
	ID      string    `json:"id"`
	Aliases []string  `json:"aliases,omitempty"`
	Prices  []rowJSON `json:"prices"`
}

type rowJSON struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
	ratesJSON
	Tiers   []tierJSON `json:"tiers,omitempty"`
	Free    bool       `json:"free,omitempty"`
	Source  string     `json:"source"`
	Checked string     `json:"checked"`
}

type tierJSON struct {
	Above     int64 `json:"above_input_tokens"`
	Inclusive bool  `json:"inclusive,omitempty"`
	ratesJSON
}

type ratesJSON struct {
	Input        string `json:"input,omitempty"`
	Output       string `json:"output,omitempty"`
	CachedInput  string `json:"cached_input,omitempty"`
	CacheWrite   string `json:"cache_write,omitempty"`
	CacheWrite1h string `json:"cache_write_1h,omitempty"`
	InputAudio   string `json:"input_audio,omitempty"`
	Reasoning    string `json:"reasoning,omitempty"`
	OutputAudio  string `json:"output_audio,omitempty"`
}

func fileForm(f *File) fileJSON {
	form := fileJSON{
		Schema: 1, Source: f.Source, Currency: "USD", PerTokens: 1_000_000,
		Generated: f.Generated.UTC().Format(time.RFC3339),
	}
	for _, m := range f.Models {
		model := modelJSON{ID: m.ID, Aliases: m.Aliases}
		for _, r := range m.Rows {
			model.Prices = append(model.Prices, rowForm(r))
		}
		form.Models = append(form.Models, model)
	}
	return form
}

func rowForm(r Row) rowJSON {
	form := rowJSON{
		From: r.From.Format(time.DateOnly), ratesJSON: ratesForm(r.Rates), Free: r.Free,
		Source: r.Source, Checked: r.Checked.Format(time.DateOnly),
	}
	if !r.To.IsZero() {
		form.To = r.To.Format(time.DateOnly)
	}
	for _, t := range r.Tiers {
		form.Tiers = append(form.Tiers, tierJSON{Above: t.Above, Inclusive: t.Inclusive, ratesJSON: ratesForm(t.Rates)})
	}
	return form
}

func ratesForm(rates Rates) ratesJSON {
	text := func(kind string) string {
		rate, ok := rates[kind]
		if !ok {
			return ""
		}
		return FormatRate(rate)
	}
	return ratesJSON{
		Input: text(Input), Output: text(Output),
		CachedInput: text(CachedInput), CacheWrite: text(CacheWrite), CacheWrite1h: text(CacheWrite1h),
		InputAudio: text(InputAudio), Reasoning: text(Reasoning), OutputAudio: text(OutputAudio),
	}
}
