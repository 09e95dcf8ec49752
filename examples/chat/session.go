package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// session is one conversation.
type session struct {
	client *keeprouter.Client
	in     io.Reader
	out    io.Writer

	// interruptible derives the context of one reply: it ends when the user
	// presses Ctrl-C.
	interruptible func(context.Context) (context.Context, context.CancelFunc)

	history []keeprouter.ChatMessage
	spent   keeprouter.Money
}

// run reads a line, streams the reply, and so on until the input ends.
func (s *session) run(ctx context.Context) error {
	lines := bufio.NewScanner(s.in)
	for {
		fmt.Fprintf(s.out, "\n[%v] > ", s.spent)
		if !lines.Scan() {
			fmt.Fprintln(s.out)
			return lines.Err()
		}
		if question := strings.TrimSpace(lines.Text()); question != "" {
			if err := s.ask(ctx, question); err != nil {
				return err
			}
		}
	}
}

// ask adds a turn to the conversation: the question, and the reply as far as it
// came. A failed call is shown and keeps the conversation going.
func (s *session) ask(ctx context.Context, question string) error {
	replying, stop := s.interruptible(ctx)
	defer stop()
	messages := append(s.history, keeprouter.User(question))
	stream := s.client.Chat.Stream(replying, &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: messages})
	for text, err := range stream.Text() {
		if err != nil {
			break // Result tells it again
		}
		fmt.Fprint(s.out, text)
	}
	resp, err := stream.Result()
	switch {
	case err == nil:
		fmt.Fprintln(s.out)
	case replying.Err() != nil:
		fmt.Fprintln(s.out, " [stopped]")
	default:
		fmt.Fprintf(s.out, "\n%v\n", err)
	}
	if resp == nil || resp.Text() == "" {
		return nil // nothing came: the question is dropped, so that it can be asked again
	}
	s.history = append(messages, resp.Message())
	return s.pay(resp.Cost)
}

// pay adds a reply's cost to the total. The cost of a stopped reply is unknown,
// because the usage comes at a stream's end; that is said, not hidden.
func (s *session) pay(cost keeprouter.Cost) error {
	if cost.Err != nil {
		fmt.Fprintf(s.out, "(cost %v)\n", cost)
		return nil
	}
	spent, err := s.spent.Add(cost.Total)
	s.spent = spent
	return err
}
