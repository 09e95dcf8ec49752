// Hello asks a model one thing and prints the answer as it comes.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/keeprouter/keeprouter-go"
)

func main() {
	client, err := keeprouter.NewClient(nil)
	if err != nil {
		log.Fatal(err)
	}
	stream := client.Chat.Stream(context.Background(), &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
	})
	for text, err := range stream.Text() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(text)
	}
}
