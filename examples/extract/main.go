// Extract reads a text and prints the order in it as a Go value, with what that cost.
//
//	go run ./examples/extract
//	go run ./examples/extract mail.txt
//
// Without KEEPROUTER_KEY the answer comes from a script, and it fits the example's own
// text only.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

//go:embed order.txt
var ownText string

// order is what the model fills in: its JSON Schema is made of this type.
type order struct {
	Customer string `json:"customer" jsonschema:"the company that orders"`
	Items    []item `json:"items"`
	Signer   string `json:"signer,omitzero" jsonschema:"who signs for the delivery, if the text says so"`
}

type item struct {
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents" jsonschema:"price of one piece in cents"`
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, files []string, out io.Writer) error {
	text := ownText
	if len(files) > 0 {
		data, err := os.ReadFile(files[0])
		if err != nil {
			return err
		}
		text = string(data)
	}
	client, stop, err := offline.NewClient(out, script())
	if err != nil {
		return err
	}
	defer stop()
	found, resp, err := extract(ctx, client, text)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s ordered:\n", found.Customer)
	var total int64
	for _, i := range found.Items {
		fmt.Fprintf(out, "%4d × %-20s %8.2f\n", i.Quantity, i.Name, float64(i.Cents)/100)
		total += int64(i.Quantity) * i.Cents
	}
	fmt.Fprintf(out, "%35.2f\nsigned by %s\n", float64(total)/100, found.Signer)
	fmt.Fprintf(out, "%v, %v\n", resp.Usage, resp.Cost)
	return nil
}

// extract asks for an order, and once more if the answer is none.
func extract(ctx context.Context, client *keeprouter.Client, text string) (order, *keeprouter.ChatResponse, error) {
	return keeprouter.Generator[order]{Retry: true, Repair: true}.Chat(ctx, client, &keeprouter.ChatRequest{
		Model:       keeprouter.Gemma4_31B,
		MaxTokens:   new(500),
		Temperature: new(0.0),
		Messages: []keeprouter.ChatMessage{
			keeprouter.System("Extract the order from the text as JSON."),
			keeprouter.User(text),
		},
	})
}

// script is what the local gateway answers.
func script() keeproutertest.Reply {
	return keeproutertest.Reply{
		Text: `{"customer":"Nordlicht Fahrräder","items":[` +
			`{"name":"chain 11-speed","quantity":3,"cents":2490},` +
			`{"name":"brake set \"Alpin\"","quantity":1,"cents":11800},` +
			`{"name":"inner tube 28\"","quantity":12,"cents":545}],"signer":"Jonas"}`,
		Usage: &keeproutertest.Usage{Input: 243, Output: 88},
	}
}
