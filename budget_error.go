package keeprouter

import (
	"fmt"
	"log/slog"
	"time"
)

// BudgetError tells which limit refused an amount. It matches [ErrBudget].
type BudgetError struct {
	Budget    string       // the name of the budget, empty if it has none
	Period    BudgetPeriod // of the limit
	Limit     Money
	Spent     Money     // of the limit
	Reserved  Money     // by calls that are under way
	Requested Money     // what was asked for
	Resets    time.Time // when the span of the limit is over; zero for PerCall and InTotal

	// Unbounded is true when the most that the call can cost can't be told, so that
	// nothing was requested: it sets no limit to its answer, or has parts that can't
	// be counted.
	Unbounded bool
}

// Error tells the amounts, and what to do.
func (e *BudgetError) Error() string {
	return "keeprouter: " + string(ErrBudget) + ": " + e.details()
}

func (e *BudgetError) details() string {
	if e.Unbounded {
		return "the most that the call can cost can't be told; limit its output tokens and send text only, or set BudgetConfig.Unbounded"
	}
	left := BudgetBalance{Account: BudgetAccount{Limit: e.Limit}, Spent: e.Spent, Reserved: e.Reserved}.Left()
	text := fmt.Sprintf("the call may cost %v, and %v of %v (%s) is left", e.Requested, left, e.Limit, e.Period)
	if e.Budget != "" {
		text += fmt.Sprintf(" in budget %q", e.Budget)
	}
	if e.Reserved > 0 {
		text += fmt.Sprintf("; %v is reserved by calls under way", e.Reserved)
	}
	switch {
	case e.Period == PerCall:
		text += "; lower its output limit"
	case !e.Resets.IsZero():
		text += "; the limit starts anew at " + e.Resets.UTC().Format(time.RFC3339)
	}
	return text
}

// LogValue gives the amounts to [log/slog], in dollars as text.
func (e *BudgetError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("name", e.Budget)}
	if e.Unbounded {
		return slog.GroupValue(append(attrs, slog.Bool("unbounded", true))...)
	}
	attrs = append(attrs,
		slog.String("period", string(e.Period)), slog.String("limit", e.Limit.String()), slog.String("spent", e.Spent.String()),
		slog.String("reserved", e.Reserved.String()), slog.String("requested", e.Requested.String()))
	if !e.Resets.IsZero() {
		attrs = append(attrs, slog.Time("resets", e.Resets))
	}
	return slog.GroupValue(attrs...)
}

// Is reports whether target is [ErrBudget].
func (e *BudgetError) Is(target error) bool { return target == ErrBudget }
