package gemma

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gemmavocab"
)

// allPieces is the synthetic vocabulary of full size.
var allPieces = sync.OnceValue(gemmavocab.Pieces)

func vocabularyOf(t testing.TB, list []string) *Tokenizer {
	t.Helper()
	p := newPieces()
	for id, piece := range list {
		require.NoError(t, p.add(id, []byte(piece)))
	}
	v, err := newVocabulary(p)
	require.NoError(t, err)
	return &Tokenizer{vocabulary: v, template: Gemma4Large}
}

// randomPieces makes a small vocabulary in which every piece is two others, most of
// the time, and merges cross spaces, scripts and each other.
func randomPieces(random *rand.Rand) []string {
	pieces := map[string]bool{}
	for i := range 256 {
		pieces[byteName(byte(i))] = true
	}
	var parts []string
	add := func(piece string) {
		if !pieces[piece] {
			pieces[piece] = true
			parts = append(parts, piece)
		}
	}
	for _, char := range strings.Split("a b c d é 字 国 < > / \n \t 1", " ") {
		if random.IntN(8) > 0 {
			add(char)
		}
	}
	add(wordSpace)
	for range 10 + random.IntN(60) {
		piece := parts[random.IntN(len(parts))] + parts[random.IntN(len(parts))]
		if random.IntN(10) == 0 {
			piece += parts[random.IntN(len(parts))]
		}
		if len(piece) < 60 && !hasRun(piece) {
			add(piece)
		}
	}
	for _, char := range []string{"\n", "\t", wordSpace} {
		for n := 2; n < 2+random.IntN(5); n++ {
			pieces[strings.Repeat(char, n)] = true
		}
	}
	list := make([]string, 0, len(pieces))
	for piece := range pieces {
		list = append(list, piece)
	}
	slices.Sort(list)
	random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

func hasRun(piece string) bool {
	for _, char := range []string{"\n", "\t", wordSpace} {
		if strings.Contains(piece, char+char) {
			return true
		}
	}
	return false
}

func randomText(random *rand.Rand, length int) string {
	chars := []string{"a", "b", "c", "d", "é", "字", "国", "<", ">", "/", "1", " ", " ", "  ", "\n", "\t", "\n\n\n", "x", "😊", "\xff", wordSpace}
	var text strings.Builder
	for range random.IntN(length) {
		char := chars[random.IntN(len(chars))]
		if random.IntN(20) == 0 {
			char = strings.Repeat(char, random.IntN(70))
		}
		text.WriteString(char)
	}
	return text.String()
}

func TestEncodeEqualsNaiveMergingOnRandomVocabularies(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		list := randomPieces(random)
		tokenizer, reference := vocabularyOf(t, list), newNaive(list)
		for range 12 {
			text := randomText(random, 80)
			want := reference.encode(text)
			got := tokenizer.Encode(nil, text)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, %q (-naive +ours):\n%s", seed, text, diff)
			}
			if n := tokenizer.Count(text); n != len(want) {
				t.Fatalf("seed %d, %q: counted %d, not %d", seed, text, n, len(want))
			}
		}
	}
}

func TestEncode(t *testing.T) {
	pieces := allPieces()
	tokenizer := synthetic()
	space, bytesOf := gemmavocab.Space, func(text string) (names []string) {
		for _, b := range []byte(text) {
			names = append(names, byteName(b))
		}
		return names
	}
	cases := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"words", "hello hello thought", []string{"hello", space + "hello", space + "thought"}},
		{"unbroken word of two", "hellothought", []string{"hello", "thought"}},
		{"digits one by one", "2026", []string{"2", "0", "2", "6"}},
		{"space before a digit", "in 1", []string{"in", space, "1"}},
		{"run of spaces before a word", "the   hello", []string{"the", space + space + space, "hello"}},
		{"32 spaces give one to the word", strings.Repeat(" ", 32) + "hello", []string{strings.Repeat(space, 31), space + "hello"}},
		{"33 spaces", strings.Repeat(" ", 33) + "hello", []string{strings.Repeat(space, 31), space + space, "hello"}},
		{"newlines, longest first", strings.Repeat("\n", 35), []string{strings.Repeat("\n", 31), "\n\n\n\n"}},
		{"tabs and newline", "\t\t\n\t", []string{"\t\t", "\n", "\t"}},
		{"lower ids first", "thoughthello", []string{"though", "the", "l", "lo"}},
		{"space inside a piece", "> </", []string{">" + space + "</"}},
		{"two spaces inside it", ">  </", []string{">", space + space, "</"}},
		{"markup is no piece of its own", "<td>", []string{"<", "t", "d", ">"}},
		{"nor are special tokens", "<bos>", []string{"<", "bo", "s", ">"}},
		{"unknown character", "a😊", append([]string{"a"}, bytesOf("😊")...)},
		{"carriage return", "\r\n", []string{"<0x0D>", "\n"}},
		{"NUL", "\x00", []string{"<0x00>"}},
		{"invalid UTF-8, each byte", "a\xc3\xffa", append(append([]string{"a"}, bytesOf("\ufffd\ufffd")...), "a")},
		{"U+2581 is a space", "the\u2581hello", []string{"the", space + "hello"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, id := range tokenizer.Encode(nil, c.text) {
				got = append(got, pieces[id])
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if n := tokenizer.Count(c.text); n != len(c.want) {
				t.Errorf("counted %d, not %d", n, len(c.want))
			}
		})
	}
}

func TestEncodeAppends(t *testing.T) {
	tokenizer := synthetic()
	want := []int32{-7, 236746 - 1, 29104}
	got := tokenizer.Encode([]int32{-7}, "a hello")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCountText(t *testing.T) {
	got := synthetic().CountText("hello hello 12")
	if !got.Exact() || got.Expected != 5 || got.Bound != 5 || got.Method != "gemma4 tokenizer" {
		t.Errorf("got %+v, want exactly 5 tokens", got)
	}
}

func TestLongPartsMergeAsShortOnes(t *testing.T) {
	list := []string{wordSpace, "a", "b", "aa", "ab", "aab", "aaaa", "ba", "bab"}
	for i := range 256 {
		list = append(list, byteName(byte(i)))
	}
	tokenizer, reference := vocabularyOf(t, list), newNaive(list)
	random := rand.New(rand.NewPCG(1, 2))
	for _, length := range []int{31, 32, 33, 34, 64, 257, 400} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			for range 20 {
				text := make([]byte, length)
				for i := range text {
					text[i] = "aaabb"[random.IntN(5)]
				}
				if diff := cmp.Diff(reference.encode(string(text)), tokenizer.Encode(nil, string(text))); diff != "" {
					t.Fatalf("%s (-naive +ours):\n%s", text, diff)
				}
			}
		})
	}
}

func TestNoAllocation(t *testing.T) {
	tokenizer := synthetic()
	text := strings.Repeat("the people over there know 42 things,  hello\n\tdéjà 国人日本語のはをに unthinkable ", 50)
	ids := tokenizer.Encode(nil, text)
	if n := testing.AllocsPerRun(20, func() { ids = tokenizer.Encode(ids[:0], text) }); n != 0 {
		t.Errorf("Encode allocates %v times", n)
	}
	if n := testing.AllocsPerRun(20, func() { tokenizer.CountText(text) }); n != 0 {
		t.Errorf("CountText allocates %v times", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	tokenizer := vocabularyOf(t, allPieces()) // which has to find out yet what is whole
	text := strings.Repeat("each thought of the people is unthinkable ", 30)
	want := synthetic().Count(text)
	got := make(chan int)
	for range 8 {
		go func() { got <- tokenizer.Count(text) }()
	}
	for range 8 {
		if n := <-got; n != want {
			t.Errorf("counted %d, not %d", n, want)
		}
	}
}

func FuzzEncode(f *testing.F) {
	pieces := allPieces()
	tokenizer, reference := synthetic(), newNaive(pieces)
	for _, seed := range []string{"hello thought", "> </td>  \n\n\n\t1 a\xff", "国人日本語のは the they\u2581them", "éé<unused1>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			t.Skip("the naive merger would take too long")
		}
		if diff := cmp.Diff(reference.encode(text), tokenizer.Encode(nil, text)); diff != "" {
			t.Errorf("%q (-naive +ours):\n%s", text, diff)
		}
		if got, want := tokenizer.Count(text), len(tokenizer.Encode(nil, text)); got != want {
			t.Errorf("%q: counted %d, encoded %d", text, got, want)
		}
	})
}
