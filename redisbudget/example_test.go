package redisbudget_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/redis/go-redis/v9"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/redisbudget"
)

// Two replicas share one limit. The budget is what Options.Budget takes.
func Example() {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		log.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()

	ctx := context.Background()
	for _, replica := range []string{"a", "b"} {
		store, err := redisbudget.New(client, redisbudget.Config{Prefix: "billing"})
		if err != nil {
			log.Fatal(err)
		}
		budget, err := keeprouter.OpenBudget(keeprouter.BudgetConfig{
			Name:   "team",
			Limits: []keeprouter.BudgetLimit{{Period: keeprouter.InTotal, Amount: 2 * keeprouter.Cent}},
			Store:  store,
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(replica, budget.Allow(ctx, 15*keeprouter.Cent/10))
	}
	// Output:
	// a <nil>
	// b keeprouter: over budget: the call may cost $0.015, and $0.005 of $0.02 (total) is left in budget "team"
}
