package keeprouter_test

import (
	"testing"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

func TestMemoryBudgetsIsABudgetStore(t *testing.T) {
	keeproutertest.TestBudgetStore(t, func(*testing.T) keeprouter.BudgetStore {
		return new(keeprouter.MemoryBudgets)
	})
}
