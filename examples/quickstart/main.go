// Quickstart streams a reply of Gemma 4 31B through both wire formats and prints
// what it used and cost.
//
//	go run ./examples/quickstart
//
// Without KEEPROUTER_KEY the replies come from the local gateway.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, stop, err := offline.NewClient(out)
	if err != nil {
		return err
	}
	defer stop()
	if err := chat(ctx, out, client); err != nil {
		return err
	}
	if err := messages(ctx, out, client); err != nil {
		return err
	}
	return prices(out)
}

// chat streams a reply through the Chat Completions format.
func chat(ctx context.Context, out io.Writer, client *keeprouter.Client) error {
	fmt.Fprintf(out, "\n%s, Chat Completions:\n  ", keeprouter.Gemma4_31B)
	stream := client.Chat.Stream(ctx, &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Say hello in one sentence.")},
	})
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Fprint(out, text)
	}
	resp, err := stream.Result()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n  %v, %v\n", resp.Usage, resp.Cost)
	return nil
}

// messages does the same through the Messages format.
func messages(ctx context.Context, out io.Writer, client *keeprouter.Client) error {
	fmt.Fprintf(out, "\n%s, Messages:\n  ", keeprouter.Gemma4_31B)
	stream := client.Messages.Stream(ctx, &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 200,
		Messages:  []keeprouter.Message{keeprouter.UserMessage("Say hello in one sentence.")},
	})
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Fprint(out, text)
	}
	resp, err := stream.Result()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n  %v, %v\n", resp.Usage, resp.Cost)
	return nil
}

// prices shows what a typical request costs, computed without any call.
func prices(out io.Writer) error {
	usage := keeprouter.Usage{Input: 1000, Output: 500}
	fmt.Fprintln(out, "\nA request of 1,000 prompt and 500 completion tokens costs")
	for _, model := range []string{keeprouter.Gemma4_31B, keeprouter.Gemini35Flash} {
		cost, err := keeprouter.DefaultPrices().Cost(model, usage)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-18s %v\n", model, cost)
	}
	return nil
}
