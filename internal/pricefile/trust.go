package pricefile

import (
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// Trust reads a table that [Encode] wrote, such as the one in the library, which a test
// holds to be what [Read] reads. A program that needs no other one then doesn't link the
// checks, nor the words for what they find.
func Trust(data []byte) *File {
	f := &File{}
	r := jsonx.NewReader(data)
	for r.Object(); r.Member(); {
		switch r.Name {
		case "source":
			f.Source = r.String()
		case "generated_at":
			f.Generated = trustTime(&r, time.RFC3339)
		case "models":
			for r.Array(); r.Element(); {
				f.Models = append(f.Models, trustModel(&r))
			}
		default:
			r.View()
		}
	}
	return f
}

func trustModel(r *jsonx.Reader) (m Model) {
	for r.Object(); r.Member(); {
		switch r.Name {
		case "id":
			m.ID = r.String()
		case "aliases":
			for r.Array(); r.Element(); {
				m.Aliases = append(m.Aliases, r.String())
			}
		case "prices":
			for r.Array(); r.Element(); {
				m.Rows = append(m.Rows, trustRow(r))
			}
		default:
			r.View()
		}
	}
	return m
}

func trustRow(r *jsonx.Reader) Row {
	row := Row{Rates: Rates{}}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "from":
			row.From = trustTime(r, time.DateOnly)
		case "to":
			row.To = trustTime(r, time.DateOnly)
		case "tiers":
			for r.Array(); r.Element(); {
				row.Tiers = append(row.Tiers, trustTier(r))
			}
		case "free":
			row.Free = string(r.View()) == "true"
		case "source":
			row.Source = r.String()
		case "checked":
			row.Checked = trustTime(r, time.DateOnly)
		default:
			trustRate(r, row.Rates)
		}
	}
	return row
}

func trustTier(r *jsonx.Reader) Tier {
	t := Tier{Rates: Rates{}}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "above_input_tokens":
			t.Above = r.Int()
		case "inclusive":
			t.Inclusive = string(r.View()) == "true"
		default:
			trustRate(r, t.Rates)
		}
	}
	return t
}

func trustRate(r *jsonx.Reader, rates Rates) {
	kind := strings.Clone(r.Name)
	rates[kind], _ = ParseRate(r.String())
}

func trustTime(r *jsonx.Reader, layout string) time.Time {
	t, _ := time.Parse(layout, r.String())
	return t
}
