package gemma_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/keeprouter/keeprouter-go/gemma"
	"github.com/keeprouter/keeprouter-go/internal/gemmavocab"
)

// tokenizerFile stands for the file that comes with a model. Its few words are enough
// here.
func tokenizerFile() (path string, remove func()) {
	folder, err := os.MkdirTemp("", "gemma")
	if err != nil {
		log.Fatal(err)
	}
	path = filepath.Join(folder, "tokenizer.json")
	if err := os.WriteFile(path, gemmavocab.TokenizerJSON(gemmavocab.Pieces()), 0o600); err != nil {
		log.Fatal(err)
	}
	return path, func() { os.RemoveAll(folder) }
}

func ExampleTokenizer_Count() {
	path, remove := tokenizerFile()
	defer remove()

	tokenizer, err := gemma.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tokenizer.Count("The weather changes."))
	fmt.Println(tokenizer.Count("2026-11-23"))
	fmt.Println(tokenizer.Encode(nil, "hello hello"))
	// Output:
	// 6
	// 10
	// [1414 29104]
}
