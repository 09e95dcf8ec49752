package tokens

import (
	"strings"
	"testing"
)

func BenchmarkEstimate(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"ASCII prose", "The quick survey of rivers took three weeks, and nobody thought of the rain until it came. "},
		{"Go code", "func (s *scanner) digits(i int) int {\n\tfor i < len(s.text) {\n\t\ti++\n\t}\n\treturn i\n}\n"},
		{"German", "Über die Brücke fährt täglich ein Zug, dessen Fahrgäste früh aufstehen müssen. "},
		{"Russian", "Каждое утро поезд переходит реку по старому мосту, и никто не смотрит в окно. "},
		{"Chinese", "每天早上火车都会经过那座旧桥，但是没有人往窗外看。"},
	} {
		text := strings.Repeat(bench.text, 16<<10/len(bench.text))
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Estimate(text)
			}
		})
	}
}
