// Gateway gives a server that speaks one of the two formats both of them, and counts
// what passes.
//
//	cd examples/gateway && go run . -upstream http://localhost:8000 -format chat
//	curl localhost:8081/v1/messages -H 'anthropic-version: 2023-06-01' \
//		-d '{"model": "gemma-4-31B-it", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}'
//	curl localhost:8081/metrics
//
// Keys are handed on to the server; the program holds none. Without -upstream, a local
// gateway in this process answers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

type config struct {
	listen   string
	upstream string
	format   string
	policy   string
	prices   string
	grace    time.Duration
}

func main() {
	var c config
	flag.StringVar(&c.listen, "listen", "localhost:8081", "where to listen")
	flag.StringVar(&c.upstream, "upstream", "", "the server's address, without /v1; none is a local gateway in this process")
	flag.StringVar(&c.format, "format", "chat", "the format that the server speaks: chat or messages")
	flag.StringVar(&c.policy, "policy", "default", "what may be changed in a translation: strict, default or lenient")
	flag.StringVar(&c.prices, "prices", "", "a file of prices, instead of the library's")
	flag.DurationVar(&c.grace, "grace", 30*time.Second, "how long answers in progress may take after an interrupt")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, nil)), func(net.Addr) {}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the context ends, and then lets answers in progress end. It tells
// where it listens.
func run(ctx context.Context, c config, log *slog.Logger, listening func(net.Addr)) error {
	g := &gateway{log: log, metrics: newMetrics()}
	var err error
	if g.translator, err = c.translator(); err != nil {
		return err
	}
	if g.prices, err = c.priceTable(); err != nil {
		return err
	}
	if c.upstream == "" {
		demo := keeproutertest.Start()
		defer demo.Close()
		local := demo.Options()
		c.upstream, g.next = local.BaseURL, asDemo{local.HTTPClient.Transport}
		log.Info("no -upstream: a local gateway in this process answers, not a model")
	}
	upstream, err := url.Parse(c.upstream)
	if err != nil || upstream.Host == "" {
		return fmt.Errorf("-upstream %q is no address: write http://host:port", c.upstream)
	}
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return err
	}
	listening(listener.Addr())
	log.Info("listening", "address", listener.Addr().String(), "upstream", upstream.Host, "format", c.format)
	return serve(ctx, listener, g.handler(upstream, translate.Format(c.format)), c.grace)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ending)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
		err = errors.Join(err, failure)
	}
	return err
}

func (c config) translator() (translate.Translator, error) {
	if f := translate.Format(c.format); f != translate.Chat && f != translate.Messages {
		return translate.Translator{}, fmt.Errorf("-format %q is none: write %s or %s", c.format, translate.Chat, translate.Messages)
	}
	policies := map[string]translate.Policy{"strict": translate.Strict, "default": translate.Default, "lenient": translate.Lenient}
	policy, ok := policies[c.policy]
	if !ok {
		return translate.Translator{}, fmt.Errorf("-policy %q is none: write strict, default or lenient", c.policy)
	}
	return translate.Translator{Policy: policy}, nil
}

func (c config) priceTable() (*keeprouter.PriceTable, error) {
	if c.prices == "" {
		return keeprouter.DefaultPrices(), nil
	}
	return keeprouter.LoadPrices(c.prices)
}

// asDemo calls the local gateway with the key that it takes, so that any client may try.
type asDemo struct{ next http.RoundTripper }

func (d asDemo) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+keeproutertest.Key)
	return d.next.RoundTrip(req)
}
