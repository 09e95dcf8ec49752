// Estimate prints what prompts will cost on each model before anything is sent.
//
//	go run ./examples/estimate
//	go run ./examples/estimate -max-tokens 200 prompt.txt other.txt
//	go run ./examples/estimate -tokenizer tokenizer.json prompt.txt
//
// Without files it takes the two prompts in its own folder. With Gemma's tokenizer file
// the counts are exact for Gemma. It calls nothing and needs no key.
package main

import (
	"embed"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"text/tabwriter"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/gemma"
)

//go:embed prompts
var prompts embed.FS

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("estimate", flag.ContinueOnError)
	flags.SetOutput(out)
	maxTokens := flags.Int("max-tokens", 500, "the most tokens that an answer may have")
	tokenizer := flags.String("tokenizer", "", "Gemma's tokenizer.json or .model `file`, for exact counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := read(flags.Args())
	if err != nil {
		return err
	}
	counter := keeprouter.DefaultTokenCounter()
	if *tokenizer != "" {
		if counter, err = gemma.Load(*tokenizer); err != nil {
			return err
		}
	}
	client, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey("none-is-needed"), TokenCounter: counter})
	if err != nil {
		return err
	}
	return table(out, client, files, *maxTokens)
}

// file is a prompt.
type file struct{ name, text string }

// read returns the named files, or the example's own.
func read(names []string) ([]file, error) {
	if len(names) == 0 {
		return own()
	}
	var files []file
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, string(text)})
	}
	return files, nil
}

func own() ([]file, error) {
	entries, err := prompts.ReadDir("prompts")
	if err != nil {
		return nil, err
	}
	var files []file
	for _, entry := range entries {
		text, err := prompts.ReadFile(path.Join("prompts", entry.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{entry.Name(), string(text)})
	}
	return files, nil
}

// table has a line for each prompt and model, and one for each model's total.
func table(out io.Writer, client *keeprouter.Client, files []file, maxTokens int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "model\tprompt\tlow\texpected\thigh\tat least\texpected\tat most\t")
	for _, model := range []string{keeprouter.Gemma4_31B, keeprouter.Gemini35Flash} {
		var most keeprouter.MoneySum
		for _, f := range files {
			est, err := client.Estimate(&keeprouter.ChatRequest{
				Model:     model,
				MaxTokens: &maxTokens,
				Messages:  []keeprouter.ChatMessage{keeprouter.User(f.text)},
			})
			if err != nil {
				return err
			}
			most.Add(est.Max)
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%v\t%v\t%v\t\n", model, f.name, est.Input.Low, est.Input.Expected, est.Input.High,
				est.Min.Format(6), est.Expected.Format(6), est.Max.Format(6))
		}
		fmt.Fprintf(w, "%s\tall\t\t\t\t\t\t%v\t\n", model, most)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nAn answer has at most %d tokens; without a tokenizer file, those of the prompts are estimates.\n", maxTokens)
	return err
}
