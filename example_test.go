package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// local makes a client of a local gateway for an example that runs offline. A
// program of yours calls keeprouter.NewClient(nil).
func local(replies ...keeproutertest.Reply) (*keeprouter.Client, func()) {
	srv := keeproutertest.Start(replies...)
	client, err := keeprouter.NewClient(srv.Options())
	if err != nil {
		panic(err)
	}
	return client, srv.Close
}

func ExampleChatService_Stream() {
	client, stop := local(keeproutertest.Reply{Text: "Air scatters blue light most.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	defer stop()
	if err := streamReply(context.Background(), client); err != nil {
		fmt.Println(err)
	}
	// Output: Air scatters blue light most.
	// 1,000 in, 500 out $0.000295
}

func streamReply(ctx context.Context, client *keeprouter.Client) error {
	stream := client.Chat.Stream(ctx, &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Why is the sky blue?")},
	})
	for text, err := range stream.Text() { // nothing to open, nothing to close
		if err != nil {
			return err // a cut answer is an error, never a short success
		}
		fmt.Print(text)
	}
	resp, err := stream.Result() // the whole answer
	if err != nil {
		return err
	}
	fmt.Printf("\n%v %v\n", resp.Usage, resp.Cost)
	return nil
}

func ExampleChatService_Create() {
	client, stop := local(keeproutertest.Reply{Text: "Bern."})
	defer stop()
	req := &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{
			keeprouter.System("Answer in one word."),
			keeprouter.User("What is the capital of Switzerland?"),
		},
		Temperature: new(0.0), // zero is sent, nil is absent
	}
	resp, err := client.Chat.Create(context.Background(), req)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Text())
	req.Messages = append(req.Messages, resp.Message(), keeprouter.User("And of France?"))
	// Output: Bern.
}

func ExampleMessagesService_Create() {
	client, stop := local(keeproutertest.Reply{Thinking: "A city.", Text: "Bern."})
	defer stop()
	resp, err := client.Messages.Create(context.Background(), &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 100,
		System:    keeprouter.TextBlocks("Answer in one word."),
		Messages:  []keeprouter.Message{keeprouter.UserMessage("What is the capital of Switzerland?")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, block := range resp.Content {
		switch b := block.(type) {
		case *keeprouter.ThinkingBlock:
			fmt.Println("thinking:", b.Thinking)
		case *keeprouter.TextBlock:
			fmt.Println("text:", b.Text)
		}
	}
	// Output:
	// thinking: A city.
	// text: Bern.
}

func ExampleMessagesService_Stream() {
	client, stop := local(keeproutertest.Reply{ToolCalls: []keeproutertest.ToolCall{{ID: "call_1", Name: "weather", Arguments: `{"city":"Rome"}`}}})
	defer stop()
	stream := client.Messages.Stream(context.Background(), &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 100,
		Messages:  []keeprouter.Message{keeprouter.UserMessage("How warm is it in Rome?")},
	})
	resp, err := stream.Result() // without a loop: the whole answer, however long it takes
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, call := range resp.ToolUses() {
		fmt.Println(call.Name, string(call.Input))
	}
	// Output: weather {"city":"Rome"}
}

func ExampleMessagesService_CountTokens() {
	client, stop := local()
	defer stop()
	count, err := client.Messages.CountTokens(context.Background(), &keeprouter.MessagesRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.Message{keeprouter.UserMessage("How many tokens is this?")},
	})
	fmt.Println(count.InputTokens > 0, err)
	// Output: true <nil>
}

func ExampleModelsService_List() {
	client, stop := local()
	defer stop()
	for model, err := range client.Models.List(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(model.ID)
	}
	// Output:
	// gemma-4-31B-it
	// gemini-3.5-flash
}

// A loop over the chunks sees everything that arrives, and may be left at any time.
func ExampleStream_All() {
	client, stop := local(keeproutertest.Reply{Thinking: "One, two,", Text: "three four five"})
	defer stop()
	stream := client.Chat.Stream(context.Background(), hello())
	for chunk, err := range stream.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		if len(chunk.Choices) == 0 {
			continue
		}
		delta := chunk.Choices[0].Delta
		fmt.Printf("%s%s", delta.Reasoning, delta.Content)
		if delta.Content != "" {
			break // the connection is released
		}
	}
	resp, err := stream.Result()
	fmt.Printf("\n%q, finished: %v\n", resp.Text(), !errors.Is(err, keeprouter.ErrUnfinished))
	// Output:
	// One, two,three
	// "three", finished: false
}

func ExampleError() {
	client, stop := local(keeproutertest.Reply{Status: 429, RetryAfter: time.Hour, ErrorMessage: "too many requests"})
	defer stop()
	_, err := client.Chat.Create(context.Background(), hello())
	switch {
	case errors.Is(err, keeprouter.ErrRateLimited):
		if e, ok := errors.AsType[*keeprouter.Error](err); ok {
			fmt.Println("request", e.RequestID, "may be made again in", e.RetryAfter)
		}
	case errors.Is(err, keeprouter.ErrTruncated), errors.Is(err, keeprouter.ErrIdle):
		fmt.Println("the answer is incomplete")
	}
	// Output: request req_1 may be made again in 1h0m0s
}

func ExampleMiddleware() {
	client, stop := local(keeproutertest.Reply{Text: "Hello.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	defer stop()
	logCalls := func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
		err := next(ctx)
		slog.DebugContext(ctx, "llm call", "model", call.Model, "attempts", len(call.Attempts), "err", err)
		fmt.Println(call.Operation, call.Usage, call.Cost)
		return err
	}
	client, err := client.With(func(o *keeprouter.Options) {
		o.Middleware = append(o.Middleware, logCalls)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Chat.Create(context.Background(), hello())
	fmt.Println(err)
	// Output:
	// chat.create 1,000 in, 500 out $0.000295
	// <nil>
}
