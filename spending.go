package keeprouter

import (
	"cmp"
	"context"
	"errors"

	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// ChargeBasis tells how it was found what a call spent of its budget.
type ChargeBasis string

// How a charge was found.
const (
	// ChargedUsage: the answer's usage was priced, exactly.
	ChargedUsage ChargeBasis = "usage"
	// ChargedCounted: the answer was cut or came without usage, so prompt and received
	// text were counted, each at its high estimate.
	ChargedCounted ChargeBasis = "counted"
	// ChargedInFull: nothing tells what was spent, so all that was reserved was
	// charged. The request went out, and no answer came, or it came after
	// BudgetConfig.Abandoned.
	ChargedInFull ChargeBasis = "in full"
	// ChargedNothing: the request didn't reach the gateway, or was answered by an error
	// before any of the answer.
	ChargedNothing ChargeBasis = "nothing"
)

// Charge is what a call took out of its budget.
type Charge struct {
	Reserved Money       // by the last attempt
	Spent    Money       // by all attempts together
	Basis    ChargeBasis // of the last attempt; empty when no budget is set or it refused
	Err      error       // why the store could not settle it; it then counts as spent in full
}

// spending accounts for one call: an estimate before it, a reservation for each of
// its attempts, and a charge for what came of them.
type spending struct {
	client   *Client
	call     *Call
	estimate Estimate
	err      error         // why there is no estimate
	said     func() string // all text received so far, nil if there is no answer

	reservation   *Reservation                                                // of the attempt, nil when settled
	settleAttempt func(s *spending, ctx context.Context, a transport.Attempt) // of a reservation
}

// plans reports whether anything needs an estimate of a call.
func (c *Client) plans() bool { return c.options.Budget != nil || c.options.Meter.calibrates() }

// plan estimates a call.
func (c *Client) plan(call *Call, req Request, said func() string) *spending {
	s := &spending{client: c, call: call, said: said}
	s.estimate, s.err = c.Estimate(req)
	return s
}

// admit reserves the most that an attempt can cost, and settles the one before.
func (s *spending) admit(ctx context.Context, info *transport.Info) error {
	if s == nil || s.client.options.Budget == nil {
		return nil
	}
	s.settle(ctx, info)
	s.call.Usage, s.call.Cost = Usage{Unknown: true}, Cost{} // of the attempt before
	if s.err != nil {
		return &Error{Kind: ErrBudget, Err: s.err, Message: "the most that the call can cost isn't known"}
	}
	budget, most := s.client.options.Budget, s.estimate.Max
	if s.estimate.Unbounded || len(s.estimate.Uncounted) > 0 {
		if most = budget.config.Unbounded; most == 0 {
			return budgetRefused(&BudgetError{Budget: budget.config.Name, Unbounded: true})
		}
	}
	if budget.reserve == nil {
		return budgetRefused(&BudgetError{Period: InTotal, Requested: most})
	}
	if err := budget.reserve(s, ctx, most); err != nil {
		return budgetRefused(err)
	}
	s.call.Charge.Reserved = most
	return nil
}

func (s *spending) reserve(ctx context.Context, most Money) (err error) {
	s.reservation, err = s.client.options.Budget.Reserve(ctx, most)
	s.settleAttempt = (*spending).settleReservation
	return err
}

// budgetRefused makes a call's error of a budget's, or of a store's failure.
func budgetRefused(err error) error {
	e := &Error{Kind: ErrBudget, Err: err}
	if refused, ok := errors.AsType[*BudgetError](err); ok {
		e.Message = refused.details()
	} else {
		e.Message = "the budget's store failed, so the call was not made"
	}
	return e
}

// errAbandoned is why a charge is not what the call spent.
var errAbandoned = errors.New("keeprouter: the call took longer than BudgetConfig.Abandoned, so its reservation had been settled in full; raise that")

// settle charges the last attempt.
func (s *spending) settle(ctx context.Context, info *transport.Info) {
	if s != nil && s.reservation != nil && len(info.Attempts) > 0 {
		s.settleAttempt(s, ctx, info.Attempts[len(info.Attempts)-1])
	}
}

// settlePanic charges an attempt that a panic in the loop over its stream ended.
func (s *spending) settlePanic(ctx context.Context) {
	if s != nil && s.reservation != nil {
		s.settleAttempt(s, ctx, transport.Attempt{Sent: true, Err: &failure.Failure{Kind: failure.Unfinished}})
	}
}

func (s *spending) settleReservation(ctx context.Context, a transport.Attempt) {
	spent, basis := s.charge(a)
	charge := &s.call.Charge
	settled, err := s.reservation.settle(ctx, spent)
	if err != nil {
		charge.Err = err
	} else if !settled {
		spent, basis, charge.Err = s.reservation.Amount(), ChargedInFull, errAbandoned
	}
	charge.Basis = basis
	if total, err := charge.Spent.Add(spent); err == nil {
		charge.Spent = total
	}
	s.reservation = nil
}

// charge tells what an attempt spent, never less than it can have spent unless an
// error of the server says that it did nothing.
func (s *spending) charge(a transport.Attempt) (Money, ChargeBasis) {
	cost := s.call.Cost
	priced := cost.reason() == nil
	f, failed := errors.AsType[*failure.Failure](a.Err)
	whole := a.Err == nil || failed && f.Kind == failure.BadToolArguments
	switch counted, ok := s.counted(whole); {
	case !a.Sent:
		return 0, ChargedNothing
	case whole && priced:
		return cost.Total, ChargedUsage
	case ok && priced: // of an answer that was counted while it was written
		return max(cost.Total, counted), ChargedCounted
	case ok:
		return counted, ChargedCounted
	case failed && refused(f) && priced: // what a stream had counted before its error
		return cost.Total, ChargedUsage
	case failed && refused(f):
		return 0, ChargedNothing
	}
	return s.reservation.Amount(), ChargedInFull
}

// refused reports whether a server answered by an error or a redirect, rather than not
// at all.
func refused(f *failure.Failure) bool {
	return f.Kind == failure.Redirect || f.Status >= 400 && f.Kind != failure.Truncated
}

// counted prices the text received. Without any, only a whole answer tells that
// there was none.
func (s *spending) counted(whole bool) (Money, bool) {
	text := s.said()
	if text == "" && !whole {
		return 0, false
	}
	output := s.client.options.TokenCounter.CountText(text)
	model := cmp.Or(s.call.Cost.Model, s.call.Model)
	cost, err := s.client.options.Prices.Prices().Cost(model, Usage{Input: s.estimate.Input.High, Output: output.High})
	return cost.Total, err == nil
}
