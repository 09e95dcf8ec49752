package pricepages

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

const gemmaFile = "testdata/gemma-4-31b.md"

func gemmaText(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(gemmaFile)
	require.NoError(t, err)
	return string(text)
}

func mustParse(t testing.TB, file, text string) *Page {
	t.Helper()
	page, err := Parse(file, []byte(text))
	require.NoError(t, err)
	return page
}

func day(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return day
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := &Page{
		Name: "gemma-4-31b", ID: "gemma-4-31B-it", Line: 5, Date: day("2026-07-05"),
		Rates: pricefile.Rates{"input": 120_000, "output": 350_000},
		Related: []Related{
			{Name: "gemini-3.5-flash", Line: 34, Rates: pricefile.Rates{"input": 1_500_000, "output": 9_000_000}},
		},
	}
	for name, text := range map[string]string{
		"as it is":         gemmaText(t),
		"lines of Windows": strings.ReplaceAll(gemmaText(t), "\n", "\r\n"),
		"no last line end": strings.TrimRight(gemmaText(t), "\n"),
	} {
		got := mustParse(t, gemmaFile, text)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Page{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseReadsCachedPrices(t *testing.T) {
	t.Parallel()
	text := strings.Replace(gemmaText(t), "| Output price", "| Cached input price | $0.03 per 1M tokens |\n| Cache write price | $0.15 per 1M tokens |\n| Output price", 1)
	text = strings.Replace(text, "## Questions", "Cached, it is $0.03 per 1M cached input tokens.\n\n## Questions", 1)
	want := pricefile.Rates{"input": 120_000, "output": 350_000, "cached_input": 30_000, "cache_write": 150_000}
	if diff := cmp.Diff(want, mustParse(t, gemmaFile, text).Rates); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		old, with string // the first old is replaced; an empty old puts it at the end
		want      string
	}{
		"another count of tokens":      {"| $0.12 per 1M tokens |", "| $0.12 per 1K tokens |", `9: want a price such as`},
		"no dollar sign":               {"| $0.12 per 1M tokens |", "| 0.12 per 1M tokens |", `9: want a price such as`},
		"a range":                      {"| $0.12 per 1M tokens |", "| $0.12–0.20 per 1M tokens |", `9: want a price such as`},
		"a price with a comment":       {"| $0.12 per 1M tokens |", "| $0.12 per 1M tokens (peak) |", `9: want a price such as`},
		"too many decimals":            {"| $0.12 per 1M tokens |", "| $0.1234567 per 1M tokens |", `9: "0.1234567" has more than 6 decimals`},
		"a price of nothing":           {"| $0.12 per 1M tokens |", "| $0 per 1M tokens |", `9: a price of 0 is more likely a gap`},
		"a row twice":                  {"| Output price", "| Input price", `10: "Input price" is in line 9 already`},
		"a row that is missing":        {"| Input price | $0.12 per 1M tokens |\n", "", `5: the spec table has no "Input price"`},
		"no id":                        {"| Model id | `gemma-4-31B-it` |\n", "", `5: the spec table has no "Model id"`},
		"an id without quotes":         {"| `gemma-4-31B-it` |", "| gemma-4-31B-it |", `13: want the model's id in backquotes`},
		"a row that is new":            {"| Modality | Text |", "| Batch | half price |", `8: "Batch" is unknown, and could be a price`},
		"money in a plain row":         {"| Modality | Text |", "| Modality | Text, $1 per image |", `8: an amount in words that aren't understood: "$1 per image"`},
		"three cells":                  {"| Modality | Text |", "| Modality | Text | Image |", `8: want a row such as`},
		"no line under the head":       {"|---|---|\n", "", `6: want the line |---|---|`},
		"no table":                     {"| Spec | Value |", "| Fact | Value |", `9: an amount in words that aren't understood`},
		"two tables":                   {"## A first request", "| Spec | Value |\n|---|---|\n", `15: a second spec table; the first is in line 5`},
		"text that contradicts":        {"billed at $0.12 per", "billed at $0.13 per", `3: the price of input is $0.13 here, and $0.12 in the spec table`},
		"a price that the table lacks": {"billed at $0.12 per 1M input", "billed at $0.12 per 1M cached input", `3: the price of cached_input is $0.12 here, and nothing in the spec table`},
		"an example that contradicts":  {"about $0.0003.", "about $0.0004.", `26: the example of 1,000 and 500 tokens doesn't cost about $0.0004`},
		"an example rounded wrongly":   {"about $0.0003.", "about $0.00028.", `26: the example of`},
		"an example that goes on":      {"about $0.0003.", "about $0.0003.5", `26: an amount in words that aren't understood`},
		"words that aren't understood": {"## Questions", "Reasoning is $2 an hour.", `22: an amount in words that aren't understood: "$2 an hour."`},
		"a bare dollar sign":           {"## Questions", "Only $ .12!", `22: an amount in words`},
		"another currency":             {"## Questions", "Pay 10 € a month.", `22: "€" could be a price`},
		"cents":                        {"## Questions", "12 cents per 1M input tokens", `22: "cents" could be a price`},
		"another model in the text":    {`model to "gemma-4-31B-it"`, `model to "gemma-4-9B-it"`, `30: the model is "gemma-4-9B-it" here`},
		"another model in the code":    {`"model":"gemma-4-31B-it"`, `"model":"gemma"`, `19: the model is "gemma" here`},
		"another id in backquotes":     {"model id `gemma-4-31B-it`", "model id `x`", `3: the model is "x" here`},
		"a related model without price": {
			" — $1.50 per 1M input tokens and $9 per 1M output tokens", "", `34: want "- [Name](`,
		},
		"a related model elsewhere":   {"https://keeprouter.com/models/gemini", "https://example.com/models/gemini", `34: want "- [Name](`},
		"a related model with a star": {"- [Gemini", "* [Gemini", `34: want "- [Name](`},
		"a related model for nothing": {"$9 per 1M output", "$0 per 1M output", `34: a price of 0`},
		"a related model twice":       {"## Elsewhere", "- [Again](https://keeprouter.com/models/Gemini-3.5-flash.md) — $1.50 per 1M input tokens and $9 per 1M output tokens", `36: Gemini-3.5-flash is in line 34 already`},
		"related to itself":           {"models/gemini-3.5-flash.md", "models/gemma-4-31b.md", `34: the page is related to itself`},
		"a related model in the text": {"## Related models", "## Other models", `34: a link to another model outside of the section`},
		"no date":                     {"_Prices as of 2026-07-05._", "", `40: there is no date at the end`},
		"a date in other words":       {"_Prices as of 2026-07-05._", "Prices as of July 5", `40: want the date as`},
		"no such date":                {"2026-07-05._", "2026-02-30._", `40: 2026-02-30 is not a date`},
		"a date of the last century":  {"2026-07-05._", "1926-07-05._", `40: 1926-07-05 is not a date`},
		"something after the date":    {"", "Except Sundays.\n", `41: the date in line 40 must be the last line`},
		"code without an end":         {"", "```\n", `41: the code that begins here has no end`},
		"no title":                    {"# Gemma", "Gemma", `1: want the page's title`},
		"not text":                    {"Maker", "\xff\xfe", `0: the page is not UTF-8`},
		"endless":                     {"", strings.Repeat(" ", maxPageBytes), `0: the page is larger than 1048576 bytes`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := gemmaText(t)
			if tt.old == "" {
				text += tt.with
			} else {
				require.Contains(t, text, tt.old)
				text = strings.Replace(text, tt.old, tt.with, 1)
			}
			_, err := Parse(gemmaFile, []byte(text))
			_, typed := errors.AsType[*Error](err)
			require.True(t, typed, "%v", err)
			require.ErrorContains(t, err, gemmaFile+":"+tt.want)
		})
	}
}

func TestParseRefusesFileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "page", "page.html", ".md", "a b.md", "dir/.md"} {
		_, err := Parse(name, []byte(gemmaText(t)))
		require.ErrorContains(t, err, "not that of a page", name)
	}
}
