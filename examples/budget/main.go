// Budget has workers share one spending cap: whatever the order in which they come,
// the calls that fit are made and the others are refused before anything is sent.
//
//	go run ./examples/budget
//	go run ./examples/budget -cap 0.002 -workers 8 -jobs 100
//
// Without KEEPROUTER_KEY the answers come from the local gateway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/examples/internal/offline"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("budget", flag.ContinueOnError)
	flags.SetOutput(out)
	limit := flags.String("cap", "0.0005", "what all jobs together may cost, in dollars")
	workers := flags.Int("workers", 4, "how many work at once")
	jobs := flags.Int("jobs", 40, "how many questions there are")
	if err := flags.Parse(args); err != nil {
		return err
	}
	amount, err := keeprouter.ParseMoney(*limit)
	if err != nil {
		return err
	}
	shared, stop, err := offline.NewClient(out)
	if err != nil {
		return err
	}
	defer stop()

	budget := keeprouter.NewBudget(amount)
	meter := &keeprouter.Meter{}
	client, err := shared.With(func(o *keeprouter.Options) { o.Budget, o.Meter = budget, meter })
	if err != nil {
		return err
	}
	answered, refused, err := work(ctx, client, *workers, *jobs)
	if err != nil {
		return err
	}
	return report(ctx, out, budget, meter, answered, refused)
}

// work has the workers answer the jobs, and counts those that the budget refused.
func work(ctx context.Context, client *keeprouter.Client, workers, jobs int) (answered, refused int64, err error) {
	var next, yes, no atomic.Int64
	failures := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			for job := next.Add(1); job <= int64(jobs); job = next.Add(1) {
				switch err := answer(ctx, client, job); {
				case err == nil:
					yes.Add(1)
				case errors.Is(err, keeprouter.ErrBudget):
					no.Add(1)
				default:
					failures[i] = err
					return
				}
			}
		})
	}
	group.Wait()
	return yes.Load(), no.Load(), errors.Join(failures...)
}

func answer(ctx context.Context, client *keeprouter.Client, job int64) error {
	_, err := client.Messages.Create(ctx, &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 60,
		Messages:  []keeprouter.Message{keeprouter.UserMessage(fmt.Sprintf("Say something nice about the number %d.", job))},
	})
	return err
}

func report(ctx context.Context, out io.Writer, budget *keeprouter.Budget, meter *keeprouter.Meter, answered, refused int64) error {
	fmt.Fprintf(out, "%d answered, %d refused\n", answered, refused)
	for _, total := range meter.Totals() {
		fmt.Fprintf(out, "%s: %d calls, %v, %v\n", total.Model, total.Calls-total.Refused, total.Usage, total.Cost)
	}
	balances, err := budget.Balances(ctx)
	if err != nil {
		return err
	}
	for _, b := range balances {
		fmt.Fprintf(out, "spent %v of %v, %v left\n", b.Spent, b.Account.Limit, b.Left())
	}
	return nil
}
