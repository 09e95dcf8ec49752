package pricepages

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
)

var aliases = Aliases{"gemma-4-31B-it": {"google/gemma-4-31b-it"}}

func TestPageGivesTheEmbeddedTable(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../../prices.json")
	require.NoError(t, err)
	page := mustParse(t, gemmaFile, gemmaText(t))
	for name, before := range map[string]*pricefile.File{"from nothing": nil, "again": mustRead(t, want)} {
		got, err := Generate(before, []*Page{page}, aliases)
		require.NoError(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func mustRead(t testing.TB, data []byte) *pricefile.File {
	t.Helper()
	table, err := pricefile.Read(data)
	require.NoError(t, err)
	return table
}

// pageOf is a page of this shape: "id input output date", and one related model,
// "name input output", unless it is empty.
func pageOf(t testing.TB, file, spec, other string) *Page {
	t.Helper()
	s := strings.Fields(spec)
	text := "# T\n\n| Spec | Value |\n|---|---|\n| Input price | $" + s[1] + " per 1M tokens |\n| Output price | $" + s[2] +
		" per 1M tokens |\n| Model id | `" + s[0] + "` |\n\n"
	if o := strings.Fields(other); len(o) > 0 {
		text += "## Related models\n\n- [O](" + Site + o[0] + ".md) — $" + o[1] + " per 1M input tokens and $" + o[2] + " per 1M output tokens\n\n"
	}
	return mustParse(t, file, text+"_Prices as of "+s[3]+"._\n")
}

// history shows a table as lines "id: from..to input/output, checked".
func history(f *pricefile.File) []string {
	var lines []string
	for _, m := range f.Models {
		for _, r := range m.Rows {
			to := ""
			if !r.To.IsZero() {
				to = r.To.Format("01-02")
			}
			lines = append(lines, m.ID+": "+r.From.Format("01-02")+".."+to+" "+pricefile.FormatRate(r.Rates["input"])+"/"+
				pricefile.FormatRate(r.Rates["output"])+", "+r.Checked.Format("01-02")+" "+strings.TrimPrefix(r.Source, Site))
		}
	}
	return lines
}

func TestHistoryIsAddedTo(t *testing.T) {
	t.Parallel()
	type pages []*Page
	july := pageOf(t, "a.md", "A 1 2 2026-07-05", "b 3 4")
	for name, tt := range map[string]struct {
		runs []pages
		want []string
	}{
		"nothing changed": {
			[]pages{{july}, {pageOf(t, "a.md", "A 1 2 2026-08-01", "b 3 4")}},
			[]string{"A: 07-05.. 1.00/2.00, 08-01 a.md", "b: 07-05.. 3.00/4.00, 08-01 a.md"},
		},
		"a price changed": {
			[]pages{{july}, {pageOf(t, "a.md", "A 1.5 2 2026-08-01", "b 3 4")}},
			[]string{"A: 07-05..08-01 1.00/2.00, 07-05 a.md", "A: 08-01.. 1.50/2.00, 08-01 a.md", "b: 07-05.. 3.00/4.00, 08-01 a.md"},
		},
		"there and back": {
			[]pages{{july}, {pageOf(t, "a.md", "A 1.5 2 2026-08-01", "")}, {pageOf(t, "a.md", "A 1 2 2026-09-01", "")}},
			[]string{
				"A: 07-05..08-01 1.00/2.00, 07-05 a.md", "A: 08-01..09-01 1.50/2.00, 08-01 a.md", "A: 09-01.. 1.00/2.00, 09-01 a.md",
				"b: 07-05.. 3.00/4.00, 07-05 a.md",
			},
		},
		"the price of a related model changed": {
			[]pages{{july}, {pageOf(t, "a.md", "A 1 2 2026-08-01", "b 3 5")}},
			[]string{"A: 07-05.. 1.00/2.00, 08-01 a.md", "b: 07-05..08-01 3.00/4.00, 07-05 a.md", "b: 08-01.. 3.00/5.00, 08-01 a.md"},
		},
		"an old page that says the same": {
			[]pages{{pageOf(t, "a.md", "A 1 2 2026-08-01", "")}, {pageOf(t, "a.md", "A 1 2 2026-07-05", "")}},
			[]string{"A: 08-01.. 1.00/2.00, 08-01 a.md"},
		},
		"the related model's own page": {
			[]pages{{july}, {pageOf(t, "a.md", "A 1 2 2026-08-01", "b 3 4"), pageOf(t, "b.md", "b 3 4 2026-08-01", "a 1 2")}},
			[]string{"A: 07-05.. 1.00/2.00, 08-01 a.md", "b: 07-05.. 3.00/4.00, 08-01 b.md"},
		},
		"a link to a page whose id differs from its name": {
			[]pages{{pageOf(t, "b.md", "b 3 4 2026-07-05", "a 1 2"), july}},
			[]string{"b: 07-05.. 3.00/4.00, 07-05 b.md", "A: 07-05.. 1.00/2.00, 07-05 a.md"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var table *pricefile.File
			for _, run := range tt.runs {
				data, err := Generate(table, run, nil)
				require.NoError(t, err)
				next := mustRead(t, data)
				if table != nil {
					_, err := pricefile.Merge(table, next)
					require.NoError(t, err, "the new table must be mergeable over the old one")
				}
				table = next
			}
			if diff := cmp.Diff(tt.want, history(table)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGenerateRefuses(t *testing.T) {
	t.Parallel()
	july := pageOf(t, "a.md", "A 1 2 2026-07-05", "b 3 4")
	hand := func(row string) *pricefile.File {
		const head = `{"schema":1,"source":"x","currency":"USD","per_tokens":1000000,"generated_at":"2026-07-05T00:00:00Z","models":[{"id":"A","prices":[`
		return mustRead(t, []byte(head+strings.TrimSuffix(row, "}")+`,"source":"https://x.example/","checked":"2026-07-05"}]}]}`))
	}
	for name, tt := range map[string]struct {
		table   *pricefile.File
		pages   []*Page
		aliases Aliases
		want    string
	}{
		"pages disagree":         {nil, []*Page{july, pageOf(t, "b.md", "b 3 5 2026-07-05", "")}, nil, "b.md:3: the price of output of b is $5.00 here, and $4.00 in a.md:11"},
		"a page twice":           {nil, []*Page{july, july}, nil, "a.md:1: the page was given twice"},
		"two pages of one model": {nil, []*Page{july, pageOf(t, "c.md", "A 1 2 2026-07-05", "")}, nil, "c.md:3: A has a page of its own already, a.md"},
		"names clash":            {nil, []*Page{july, pageOf(t, "c.md", "B 1 2 2026-07-05", "")}, nil, `"B" is already a name of b`},
		"an alias of nothing":    {nil, []*Page{july}, Aliases{"x": {"y"}}, `aliases: no page tells of "x"`},
		"an alias that is taken": {nil, []*Page{july}, Aliases{"A": {"B"}}, `is already a name`},
		"an older page that differs": {
			hand(`{"from":"2026-07-01","input":"2","output":"2"}`),
			[]*Page{july},
			nil, "a.md:3: the prices of A differ from the table's, which were seen on 2026-07-05",
		},
		"prices ended":   {hand(`{"from":"2026-07-01","to":"2026-07-03","input":"2","output":"2"}`), []*Page{july}, nil, "a.md:3: the prices of A end on 2026-07-03"},
		"a tier by hand": {hand(`{"from":"2026-07-01","input":"1","output":"2","tiers":[{"above_input_tokens":5,"input":"3"}]}`), []*Page{july}, nil, "a.md:3: the table has prices of A that this page doesn't tell"},
		"a kind by hand": {hand(`{"from":"2026-07-01","input":"1","output":"2","reasoning":"3"}`), []*Page{july}, nil, "a.md:3: the table has prices of A that this page doesn't tell"},
		"a gift by hand": {hand(`{"from":"2026-07-01","input":"1","output":"0","free":true}`), []*Page{july}, nil, "a.md:3: the table has prices of A that this page doesn't tell"},
		"no pages":       {nil, nil, nil, "there are no pages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Generate(tt.table, tt.pages, tt.aliases)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRelatedModelIsNotNamedByAPageThatIsKnown(t *testing.T) {
	t.Parallel()
	data, err := Generate(nil, []*Page{pageOf(t, "a-page.md", "A 1 2 2026-07-05", "")}, nil)
	require.NoError(t, err)
	b := pageOf(t, "b.md", "b 3 4 2026-08-01", "a-page 1 2")
	_, err = Generate(mustRead(t, data), []*Page{b}, nil)
	require.ErrorContains(t, err, "b.md:11: give the page a-page.md too")
	_, err = Generate(mustRead(t, data), []*Page{b, pageOf(t, "a-page.md", "A 1 2 2026-08-01", "")}, nil)
	require.NoError(t, err)
}

func FuzzGenerate(f *testing.F) {
	f.Add(gemmaText(f))
	f.Add(strings.Replace(gemmaText(f), "| Output price", "| Cached input price | $0.03 per 1M tokens |\n| Output price", 1))
	f.Add("# T\n| Spec | Value |\n|---|---|\n| Input price | $1 per 1M tokens |\n| Output price | $2 per 1M tokens |\n| Model id | `m` |\n_Prices as of 2026-07-05._")
	f.Add("# T\n```\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		page, err := Parse("page.md", []byte(text))
		if err != nil {
			return
		}
		data, err := Generate(nil, []*Page{page}, nil)
		if err != nil {
			return
		}
		table := mustRead(t, data)
		again, err := Generate(table, []*Page{page}, nil)
		require.NoError(t, err)
		if diff := cmp.Diff(string(data), string(again)); diff != "" {
			t.Errorf("the same page changes the table: %s", diff)
		}
		if diff := cmp.Diff(page.Rates, table.Models[0].Rows[0].Rates); diff != "" {
			t.Error(diff)
		}
	})
}
