// Command pricegen brings prices.json up to date with the gateway's model pages:
//
//	go run ./internal/pricegen gemma-4-31b.md …
//
// The pages are Markdown files named as on the site. Give all that link each other at
// once. History is kept: see [pricepages.Generate]. Nothing is written on an error.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/keeprouter/keeprouter-go/internal/pricefile"
	"github.com/keeprouter/keeprouter-go/internal/pricepages"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "pricegen:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("pricegen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	table := flags.String("table", "prices.json", "the table to bring up to date; it is made when there is none")
	names := flags.String("aliases", "internal/pricegen/aliases.json", "other names by id")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("give the pages to read, such as gemma-4-31b.md")
	}
	data, err := generate(*table, *names, flags.Args())
	if err != nil {
		return err
	}
	return os.WriteFile(*table, data, 0o644)
}

func generate(table, names string, files []string) ([]byte, error) {
	old, err := readTable(table)
	if err != nil {
		return nil, err
	}
	var aliases pricepages.Aliases
	text, err := os.ReadFile(names)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &aliases); err != nil {
		return nil, fmt.Errorf("%s: %w", names, err)
	}
	var pages []*pricepages.Page
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		page, err := pricepages.Parse(file, text)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pricepages.Generate(old, pages, aliases)
}

// readTable returns nil when there is no table yet.
func readTable(path string) (*pricefile.File, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no table is a value here
	}
	if err != nil {
		return nil, err
	}
	table, err := pricefile.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return table, nil
}
