package tokens

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sample is a text whose number of tokens is known from the real vocabulary.
type sample struct {
	name, text, kind string
	tokens           int64
}

// kinds says which line of the documentation's table a sample belongs to.
var kinds = map[string][]string{
	"English":                    {"english_chat", "english_legal", "english_prose", "english_technical"},
	"Western European":           {"german", "german_technical", "french", "spanish", "portuguese", "italian", "dutch"},
	"Northern European":          {"swedish", "finnish"},
	"Central European":           {"polish", "czech", "hungarian"},
	"Turkish, Malay, Vietnamese": {"turkish", "indonesian", "vietnamese"},
	"Cyrillic":                   {"russian", "ukrainian"},
	"Greek, Caucasian, Amharic":  {"greek", "georgian"},
	"Arabic, Persian, Hebrew":    {"arabic", "persian", "hebrew"},
	"Indic":                      {"hindi", "bengali", "tamil"},
	"Thai, Khmer, Burmese":       {"thai"},
	"Korean":                     {"korean"},
	"Japanese":                   {"japanese", "japanese_technical"},
	"Chinese":                    {"chinese", "chinese_technical", "chinese_traditional"},
	"languages mixed":            {"mixed_languages"},
	"code":                       {"code_go", "code_javascript", "code_python", "code_rust", "code_shell", "code_sql", "diff", "stack_trace"},
	"code, minified":             {"code_minified"},
	"JSON":                       {"json_minified", "json_pretty", "json_tool_schema"},
	"HTML, XML, CSS, YAML":       {"html", "xml", "yaml"},
	"Markdown":                   {"markdown"},
	"LaTeX, mathematics":         {"latex", "mathematics"},
	"logs":                       {"logs_access", "logs_application"},
	"numbers, UUIDs, hex":        {"csv_numbers", "hexdump", "uuids"},
	"base64":                     {"base64"},
	"URLs":                       {"urls"},
	"emoji":                      {"emoji_chat", "emoji_only"},
	"white space, drawings":      {"drawing", "whitespace"},
}

func loadSamples(t testing.TB) []sample {
	t.Helper()
	kindOf := map[string]string{}
	for kind, names := range kinds {
		for _, name := range names {
			kindOf[name] = kind
		}
	}
	data, err := os.ReadFile("testdata/counts.json")
	require.NoError(t, err)
	var counts map[string]int64
	require.NoError(t, json.Unmarshal(data, &counts))
	files, err := filepath.Glob("testdata/samples/*.txt")
	require.NoError(t, err)
	require.Len(t, counts, len(files), "samples with a count")
	var samples []sample
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		require.Contains(t, kindOf, name)
		require.Positive(t, counts[name], name)
		samples = append(samples, sample{name, string(text), kindOf[name], counts[name]})
	}
	slices.SortFunc(samples, func(a, b sample) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.name, b.name))
	})
	return samples
}

// statedBounds reads the bounds out of the table in the documentation.
func statedBounds(t testing.TB) map[string][2]float64 {
	t.Helper()
	doc, err := os.ReadFile("../../docs/tokens.md")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^\| (\S.*?) \| \d+ \|.* (-\d+)\.\.(\+\d+) \|$`)
	bounds := map[string][2]float64{}
	for _, m := range row.FindAllStringSubmatch(string(doc), -1) {
		low, err := strconv.ParseFloat(m[2], 64)
		require.NoError(t, err)
		high, err := strconv.ParseFloat(m[3], 64)
		require.NoError(t, err)
		bounds[m[1]] = [2]float64{low, high}
	}
	return bounds
}

func TestErrorsStayWithinTheStatedBounds(t *testing.T) {
	bounds := statedBounds(t)
	samples := loadSamples(t)
	outside := 0
	t.Logf("%-27s %-20s %6s  %-16s %6s", "kind of text", "sample", "tokens", "estimate", "error")
	for _, s := range samples {
		got := Estimate(s.text)
		off := 100 * float64(got.Expected-s.tokens) / float64(s.tokens)
		t.Logf("%-27s %-20s %6d  %4d %4d %4d   %+5.1f%%", s.kind, s.name, s.tokens, got.Low, got.Expected, got.High, off)
		stated, ok := bounds[s.kind]
		if !ok {
			t.Errorf("the documentation states no bounds for %q", s.kind)
		}
		if off < stated[0] || off > stated[1] {
			t.Errorf("%s is %+.1f %% off; the documentation states %+.0f to %+.0f", s.name, off, stated[0], stated[1])
		}
		if s.tokens < got.Low || s.tokens > got.High {
			outside++
		}
		if bound := Bound(s.text); s.tokens > bound {
			t.Errorf("%s has %d tokens, more than its bound of %d", s.name, s.tokens, bound)
		}
	}
	t.Logf("%d of %d samples outside Low to High", outside, len(samples))
	if 20*outside > len(samples) {
		t.Errorf("%d of %d samples are outside Low to High, more than one in twenty", outside, len(samples))
	}
}
