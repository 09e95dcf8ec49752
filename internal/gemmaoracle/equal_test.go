package gemmaoracle

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/eliben/go-sentencepiece"
	"github.com/google/go-cmp/cmp"
	"github.com/keeprouter/keeprouter-go/gemma"
	"github.com/keeprouter/keeprouter-go/internal/gemmavocab"
	"github.com/stretchr/testify/require"
)

// corpus gives the texts of testdata by name.
func corpus(t testing.TB) (names, texts []string) {
	t.Helper()
	paths, err := filepath.Glob("testdata/texts/*.txt")
	require.NoError(t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".txt"))
		texts = append(texts, string(data))
	}
	require.GreaterOrEqual(t, len(texts), 40)
	return names, texts
}

func TestTexts(t *testing.T) {
	names, texts := corpus(t)
	tokens := 0
	for i, want := range reference.encode(t, texts) {
		if diff := cmp.Diff(want, ours.Encode([]int32{}, texts[i])); diff != "" {
			t.Errorf("%s (-oracle +ours):\n%s", names[i], diff)
		}
		tokens += len(want)
	}
	t.Logf("%d texts, %d tokens", len(texts), tokens)
}

func TestFuzzedTexts(t *testing.T) {
	const count, batch = 5000, 250
	tokens := 0
	for first := 0; first < count; first += batch {
		texts := make([]string, batch)
		for i := range texts {
			texts[i] = fuzzedText(uint64(first + i))
		}
		for i, want := range reference.encode(t, texts) {
			if diff := cmp.Diff(want, ours.Encode([]int32{}, texts[i])); diff != "" {
				t.Errorf("seed %d, %q (-oracle +ours):\n%s", first+i, texts[i], diff)
			}
			if got := ours.Count(texts[i]); got != len(want) {
				t.Errorf("seed %d, %q: counted %d, not %d", first+i, texts[i], got, len(want))
			}
			tokens += len(want)
		}
	}
	t.Logf("%d texts, %d tokens", count, tokens)
}

// ranges are what fuzzed characters are drawn from, the more common ones repeated.
var ranges = [][2]rune{
	{'a', 'z'},
	{'a', 'z'},
	{'A', 'Z'},
	{'0', '9'},
	{'!', '~'},
	{'!', '/'},
	{' ', ' '},
	{' ', ' '},
	{'\n', '\n'},
	{'\t', '\t'},
	{0, 0x7f},
	{0x80, 0x24f},
	{0x300, 0x36f},
	{0x370, 0x3ff},
	{0x400, 0x4ff},
	{0x590, 0x5ff},
	{0x600, 0x6ff},
	{0x900, 0x97f},
	{0xb80, 0xbff},
	{0xe00, 0xe7f},
	{0x10a0, 0x10ff},
	{0x1200, 0x137f},
	{0x2000, 0x206f},
	{0x2190, 0x27bf},
	{0x3040, 0x30ff},
	{0x4e00, 0x9fff},
	{0xac00, 0xd7a3},
	{0xe000, 0xffff},
	{0x1f300, 0x1faff},
	{0x10000, 0x10ffff},
}

var fragments = []string{
	" the", "ing ", "</", "> </", "><", "<td>", "</div>", "<0x41>", "https://", "\r\n", "==", "...", "\n\n", "  ", "    ", "\t\t",
	"👩‍👩‍👧‍👦", "👍🏽", "🇯🇵", "\u2581", " \u2581", "ﷺ", "ção", "ные", "の", "ています", "입니다", "的时候", "ការ", "\ufeff", "\u200d",
	"getUserName", "{\"key\": ", "\"},", "1,234.50", "def f(x):\n    return", "unused12>", "[multimodal]", "ß", "ﬁ",
}

func fuzzedText(seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 2026))
	var text strings.Builder
	for parts := 1 + random.IntN(12); parts > 0; parts-- {
		switch random.IntN(6) {
		case 0:
			text.WriteString(fragments[random.IntN(len(fragments))])
		case 1: // a run
			text.WriteString(strings.Repeat(string(fuzzedRune(random, ranges)), random.IntN(80)))
		case 2: // bytes, as valid UTF-8
			raw := make([]byte, random.IntN(12))
			for i := range raw {
				raw[i] = byte(random.Uint32())
			}
			text.WriteString(strings.ToValidUTF8(string(raw), "\ufffd"))
		default: // one script, or a few
			few := slices.Clone(ranges)
			random.Shuffle(len(few), func(i, k int) { few[i], few[k] = few[k], few[i] })
			few = few[:1+random.IntN(3)]
			for n := random.IntN(40); n > 0; n-- {
				text.WriteRune(fuzzedRune(random, few))
			}
		}
	}
	return text.String()
}

func fuzzedRune(random *rand.Rand, from [][2]rune) rune {
	span := from[random.IntN(len(from))]
	return span[0] + rune(random.IntN(int(span[1]-span[0]+1)))
}

func TestModelFileGivesTheSameIDs(t *testing.T) {
	model, err := gemma.ReadSentencePiece(bytes.NewReader(modelFile(t)))
	require.NoError(t, err)
	names, texts := corpus(t)
	for i, text := range texts {
		if diff := cmp.Diff(ours.Encode(nil, text), model.Encode(nil, text)); diff != "" {
			t.Errorf("%s (-json +model):\n%s", names[i], diff)
		}
	}
}

// A second witness, which merges by the scores of a SentencePiece model.
func TestPeerGivesTheSameIDs(t *testing.T) {
	peer, err := sentencepiece.NewProcessor(bytes.NewReader(modelFile(t)))
	require.NoError(t, err)
	names, texts := corpus(t)
	for i, text := range texts {
		var want []int32
		for _, token := range peer.Encode(text) {
			want = append(want, int32(token.ID))
		}
		if diff := cmp.Diff(want, ours.Encode(nil, text)); diff != "" {
			t.Errorf("%s (-peer +ours):\n%s", names[i], diff)
		}
	}
}

// modelFile writes the vocabulary as a SentencePiece model.
func modelFile(t testing.TB) []byte {
	t.Helper()
	return gemmavocab.SentencePiece(realPieces(t))
}
