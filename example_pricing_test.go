package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func ExamplePriceTable_Cost() {
	prices := keeprouter.DefaultPrices().At(time.Date(2026, 7, 5, 0, 0, 0, 0, time.UTC))
	cost, err := prices.Cost(keeprouter.Gemma4_31B, keeprouter.Usage{Input: 1000, Output: 500})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cost)
	for _, line := range cost.Lines {
		fmt.Println(line.Kind, line.Tokens, "×", line.Rate, "per 1M tokens =", line.Amount)
	}
	// Output:
	// $0.000295
	// input 1000 × $0.12 per 1M tokens = $0.00012
	// output 500 × $0.35 per 1M tokens = $0.000175
}

func ExamplePriceTable_Cost_unknownModel() {
	cost, err := keeprouter.DefaultPrices().Cost("gemma-4-31b", keeprouter.Usage{Input: 1000})
	fmt.Println(errors.Is(err, keeprouter.ErrUnknownModel))
	fmt.Println(cost)
	// Output:
	// true
	// unknown (unknown model: the price table has no "gemma-4-31b"; did you mean gemma-4-31B-it?)
}

func ExampleCost_Discrepancy() {
	client, stop := local(keeproutertest.Reply{Text: "Bern.", Usage: &keeproutertest.Usage{Input: 1000, Output: 500, Cost: "3.54e-4"}})
	defer stop()
	resp, err := client.Chat.Create(context.Background(), &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("What is the capital of Switzerland?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("by our prices", resp.Cost)
	if resp.Cost.Reported != nil {
		fmt.Println("by the gateway", resp.Cost.Reported)
	}
	if more, ok := resp.Cost.Discrepancy(); ok {
		fmt.Println("a difference of", more)
	}
	// Output:
	// by our prices $0.000295
	// by the gateway $0.000354
	// a difference of $0.000059
}

func ExampleMoney_Add() {
	limit, spent := 5*keeprouter.Dollar, keeprouter.Money(0)
	for _, amount := range []keeprouter.Money{295 * keeprouter.Micro, 2 * keeprouter.Cent} {
		var err error
		if spent, err = spent.Add(amount); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(spent, "of", limit, "rounded", spent.Format(2))
	// Output: $0.020295 of $5.00 rounded $0.02
}
