package keeprouter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// This is what a service does about money: it asks before a call, sees after it, and
// can't overspend.
func Example_cost() {
	srv := keeproutertest.Start(keeproutertest.Reply{Text: "Because of …", Usage: &keeproutertest.Usage{Input: 1000, Output: 500}})
	defer srv.Close()
	opts := srv.Options()
	opts.Budget = keeprouter.NewBudget(keeprouter.Cent)
	client, err := keeprouter.NewClient(opts)
	if err != nil {
		log.Fatal(err)
	}
	if err := askAndPay(client); err != nil {
		log.Fatal(err)
	}
	// Output:
	// $0.000295
	// input 1000 × $0.12 per 1M = $0.00012
	// output 500 × $0.35 per 1M = $0.000175
}

func askAndPay(client *keeprouter.Client) error {
	req := &keeprouter.ChatRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: new(500),
		Messages:  []keeprouter.ChatMessage{keeprouter.User("Why is the sky blue?")},
	}
	est, err := client.Estimate(req) // nothing is sent
	if err != nil {
		return err
	}
	if est.Max > keeprouter.Cent {
		return fmt.Errorf("too dear: %v", est)
	}
	resp, err := client.Chat.Create(context.Background(), req)
	if errors.Is(err, keeprouter.ErrBudget) {
		return err // it didn't fit Options.Budget, and nothing was sent
	}
	if err != nil {
		return err
	}
	fmt.Println(resp.Cost) // exact
	for _, line := range resp.Cost.Lines {
		fmt.Println(line.Kind, line.Tokens, "×", line.Rate, "per 1M =", line.Amount)
	}
	return nil
}

func ExampleClient_Estimate() {
	client, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey("kr-test-none")})
	if err != nil {
		log.Fatal(err)
	}
	req := &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 500,
		Messages:  []keeprouter.Message{keeprouter.UserMessage("Hello")},
	}
	est, err := client.Estimate(req)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("an answer of", est.Output, "tokens costs at most", est.Max.Format(4))

	chat := &keeprouter.ChatRequest{Model: req.Model, Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")}}
	if est, err = client.Estimate(chat); err != nil {
		log.Fatal(err)
	}
	fmt.Println("without MaxTokens there is no most:", est.Unbounded)
	// Output:
	// an answer of 0 to 500 tokens costs at most $0.0002
	// without MaxTokens there is no most: true
}

func ExampleNewBudget() {
	budget := keeprouter.NewBudget(5 * keeprouter.Dollar) // for Options.Budget
	ctx := context.Background()
	fmt.Println(budget.Allow(ctx, 3*keeprouter.Dollar))
	fmt.Println(budget.Allow(ctx, 3*keeprouter.Dollar))
	// Output:
	// <nil>
	// keeprouter: over budget: the call may cost $3.00, and $2.00 of $5.00 (total) is left
}

func ExampleOpenBudget() {
	store := &keeprouter.MemoryBudgets{}
	service, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
		Name:   "service",
		Limits: []keeprouter.BudgetLimit{{Period: keeprouter.PerDay, Amount: 20 * keeprouter.Dollar}},
		Store:  store,
	})
	if err != nil {
		log.Fatal(err)
	}
	tenant, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
		Name: "tenant-7",
		Limits: []keeprouter.BudgetLimit{
			{Period: keeprouter.PerMonth, Amount: keeprouter.Dollar},
			{Period: keeprouter.PerCall, Amount: keeprouter.Cent},
		},
		Within: service,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := tenant.Allow(ctx, keeprouter.Cent/2); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tenant.Allow(ctx, 2*keeprouter.Cent))
	balances, err := tenant.Balances(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range balances {
		fmt.Println(b.Account.Budget, b.Account.Period, b.Spent, "of", b.Account.Limit)
	}
	// Output:
	// keeprouter: over budget: the call may cost $0.02, and $0.01 of $0.01 (call) is left in budget "tenant-7"; lower its output limit
	// tenant-7 month $0.005 of $1.00
	// service day $0.005 of $20.00
}

func ExampleMemoryBudgets() {
	open := func(store *keeprouter.MemoryBudgets) *keeprouter.Budget {
		b, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
			Limits: []keeprouter.BudgetLimit{{Period: keeprouter.InTotal, Amount: keeprouter.Dollar}},
			Store:  store,
		})
		if err != nil {
			log.Fatal(err)
		}
		return b
	}
	ctx := context.Background()
	before := &keeprouter.MemoryBudgets{}
	if err := open(before).Allow(ctx, 90*keeprouter.Cent); err != nil {
		log.Fatal(err)
	}
	saved, err := json.Marshal(before) // at the end of the program
	if err != nil {
		log.Fatal(err)
	}
	after := &keeprouter.MemoryBudgets{} // at its next start
	if err := json.Unmarshal(saved, after); err != nil {
		log.Fatal(err)
	}
	fmt.Println(open(after).Allow(ctx, 20*keeprouter.Cent))
	// Output: keeprouter: over budget: the call may cost $0.20, and $0.10 of $1.00 (total) is left
}

func ExampleMeter() {
	usage := &keeproutertest.Usage{Input: 1000, Output: 500}
	srv := keeproutertest.Start(keeproutertest.Reply{Usage: usage}, keeproutertest.Reply{Usage: usage})
	defer srv.Close()
	meter := &keeprouter.Meter{}
	opts := srv.Options()
	opts.Meter = meter
	client, err := keeprouter.NewClient(opts)
	if err != nil {
		log.Fatal(err)
	}
	for _, tenant := range []string{"tenant-7", "tenant-8"} {
		own, err := client.With(func(o *keeprouter.Options) { o.Tag = tenant })
		if err != nil {
			log.Fatal(err)
		}
		if _, err := own.Chat.Create(context.Background(), hello()); err != nil {
			log.Fatal(err)
		}
	}
	for _, t := range meter.Totals() {
		fmt.Println(t.Tag, t.Model, t.Usage, t.Cost)
	}
	fmt.Println("all", meter.Total().Cost)
	// Output:
	// tenant-7 gemma-4-31B-it 1,000 in, 500 out $0.000295
	// tenant-8 gemma-4-31B-it 1,000 in, 500 out $0.000295
	// all $0.00059
}
