// Service is a web service that relays a model's answer to browsers as it is
// written.
//
//	go run ./examples/service
//	curl -N localhost:8080/ask -d '{"prompt": "Why is the sky blue?"}'
//
// Without KEEPROUTER_KEY it answers from the local gateway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
)

func main() {
	address := flag.String("address", "localhost:8080", "where to listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, address string) error {
	client, stop, err := offline.NewClient(os.Stderr)
	if err != nil {
		return err
	}
	defer stop()

	mux := http.NewServeMux()
	mux.Handle("POST /ask", &relay{client: client, log: slog.Default()})
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	fmt.Fprintf(os.Stderr, "listening on http://%s\n", address)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
