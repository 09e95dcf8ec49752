package gemmaoracle

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/eliben/go-sentencepiece"
	"github.com/keeprouter/keeprouter-go/gemma"
	"github.com/stretchr/testify/require"
)

// texts for benchmarks: several kinds, each of about a length.
func benchmarkTexts(b *testing.B) map[string]string {
	b.Helper()
	names, texts := corpus(b)
	byName := map[string]string{}
	for i, name := range names {
		byName[name] = texts[i]
	}
	prose := byName["english_prose"] + byName["english_technical"] + byName["poem"]
	return map[string]string{
		"prose_1KB":   prose[:1000],
		"prose_64KB":  strings.Repeat(prose+"\n", 64000/len(prose)+1),
		"corpus_30KB": strings.Join(texts, "\n"),
		"code":        byName["go_code"] + byName["python_code"] + byName["c_code"],
		"json":        byName["json_pretty"] + byName["json_minified"],
		"chinese":     byName["chinese_simplified"],
		"russian":     byName["russian"],
	}
}

func BenchmarkEncode(b *testing.B) {
	peer := loadPeer(b, writeModel(b))
	texts := benchmarkTexts(b)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		b.Run(name+"/ours", func(b *testing.B) {
			var ids []int32
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				ids = ours.Encode(ids[:0], text)
			}
		})
		b.Run(name+"/ours-count", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				ours.Count(text)
			}
		})
		b.Run(name+"/go-sentencepiece", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				peer.Encode(text)
			}
		})
	}
}

func BenchmarkPathological1MB(b *testing.B) {
	for name, unit := range map[string]string{
		"a": "a", "less-than": "<", "dashes": "-=", "spaces": " ", "chinese": "字", "tags": "> </", "ab": "ab", "emoji": "👍🏽",
	} {
		text := strings.Repeat(unit, 1<<20/len(unit))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ours.Count(text)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	model := writeModel(b)
	load := func(load func() any) func(*testing.B) {
		return func(b *testing.B) {
			before := heap()
			var loaded any
			for b.Loop() {
				loaded = load()
			}
			b.ReportMetric(float64(int64(heap())-int64(before))/(1<<20), "heap-MB")
			b.ReportAllocs()
			runtime.KeepAlive(loaded)
		}
	}
	b.Run("ours/tokenizer.json", load(func() any { return loadOurs(b, tokenizerFile) }))
	b.Run("ours/tokenizer.model", load(func() any { return loadOurs(b, model) }))
	b.Run("go-sentencepiece/tokenizer.model", load(func() any { return loadPeer(b, model) }))
}

// heap gives the bytes that live on it.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func writeModel(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "tokenizer.model")
	require.NoError(b, os.WriteFile(path, modelFile(b), 0o600))
	return path
}

func loadOurs(b *testing.B, path string) *gemma.Tokenizer {
	b.Helper()
	tokenizer, err := gemma.Load(path)
	require.NoError(b, err)
	return tokenizer
}

func loadPeer(b *testing.B, path string) *sentencepiece.Processor {
	b.Helper()
	file, err := os.Open(path)
	require.NoError(b, err)
	defer file.Close()
	processor, err := sentencepiece.NewProcessor(file)
	require.NoError(b, err)
	return processor
}
