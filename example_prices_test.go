package keeprouter_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// A model of one's own, or one that is newer than the library, comes from a file.
func ExamplePriceTable_Merge() {
	own, err := keeprouter.ReadPrices(strings.NewReader(`{
		"schema": 1, "source": "ours", "currency": "USD", "per_tokens": 1000000,
		"generated_at": "2026-09-01T00:00:00Z",
		"models": [{"id": "our-model", "prices": [{
			"from": "2026-09-01", "input": "1", "output": "4",
			"tiers": [{"above_input_tokens": 200000, "input": "2", "output": "6"}],
			"source": "https://example.com/prices", "checked": "2026-09-01"
		}]}]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	prices, err := keeprouter.DefaultPrices().Merge(own)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(prices.Models())

	prices = prices.At(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	for _, input := range []int64{200_000, 200_001} {
		cost, err := prices.Cost("our-model", keeprouter.Usage{Input: input})
		fmt.Println(cost, err)
	}
	// Output:
	// [gemma-4-31B-it gemini-3.5-flash our-model]
	// $0.20 <nil>
	// $0.400002 <nil>
}

func ExamplePriceTable_MarshalJSON() {
	data, err := json.MarshalIndent(keeprouter.DefaultPrices(), "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	path := os.TempDir() + "/keeprouter-prices.json"
	if err := os.WriteFile(path, data, 0o600); err != nil {
		log.Fatal(err)
	}
	defer os.Remove(path)

	stored, err := keeprouter.LoadPrices(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stored.Generated().Format(time.DateOnly), stored.Models())
	// Output: 2026-07-05 [gemma-4-31B-it gemini-3.5-flash]
}

// A service that runs for weeks follows the prices without a restart.
func ExampleNewPriceRefresher() {
	prices, err := keeprouter.NewPriceRefresher(keeprouter.PriceRefresh{
		URL:     "https://prices.example/prices.json",
		OnError: func(err error) { log.Print(err) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer prices.Close()
	client, err := keeprouter.NewClient(&keeprouter.Options{Prices: prices})
	if err != nil {
		log.Fatal(err)
	}
	_ = client // … and call as ever
}
