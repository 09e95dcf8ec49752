// Hello asks a model one thing and prints the answer as it comes.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/anthropics/anthropic-sdk-go"
)

func main() {
	client := anthropic.NewClient()
	stream := client.Messages.NewStreaming(context.Background(), anthropic.MessageNewParams{
		Model:     "gemma-4-31B-it",
		MaxTokens: 100,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hello"))},
	})
	for stream.Next() {
		fmt.Print(stream.Current().Delta.Text)
	}
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}
}
