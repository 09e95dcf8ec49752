// Chat is a conversation with Gemma 4 31B in the terminal. The prompt shows what
// the conversation has cost so far. Ctrl-C stops the reply that is being written
// and keeps the conversation; at the prompt it ends the program, as Ctrl-D does.
//
//	go run ./examples/chat
//
// Without KEEPROUTER_KEY the replies come from the local gateway.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, stop, err := offline.NewClient(os.Stdout)
	if err != nil {
		return err
	}
	defer stop()
	s := &session{
		client: client, in: os.Stdin, out: os.Stdout,
		interruptible: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return signal.NotifyContext(ctx, os.Interrupt)
		},
	}
	return s.run(ctx)
}
