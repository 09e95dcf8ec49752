package keeprouter

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"
)

// Meter adds up what calls use and cost, exactly, by tag and model. Set
// Options.Meter; one meter may serve many clients. The zero Meter is ready to use,
// and it is safe for concurrent use. It holds a few hundred bytes for each pair of
// tag and model.
type Meter struct {
	// Calibrate, set before the first call, has the meter count each prompt with the
	// client's TokenCounter and compare it with the usage that comes back: see
	// [Meter.Calibration]. Where a [Budget] is set, prompts are counted anyway.
	Calibrate bool

	mu     sync.Mutex
	totals map[meterKey]*meterTotal
}

type meterKey struct{ tag, model string }

// MeterTotal is what the calls of one tag and model came to.
type MeterTotal struct {
	Tag   string `json:"tag,omitzero"`   // Options.Tag
	Model string `json:"model,omitzero"` // the model that was asked for

	Calls    int64 `json:"calls"`             // made, failed ones included
	Failed   int64 `json:"failed,omitzero"`   // ended in an error
	Refused  int64 `json:"refused,omitzero"`  // of the failed ones, by a budget
	Unpriced int64 `json:"unpriced,omitzero"` // answered, with a cost that is unknown

	Usage  Usage    `json:"usage"`           // of the priced calls
	Cost   MoneySum `json:"cost"`            // of the priced calls
	Charge MoneySum `json:"charge,omitzero"` // to budgets, by all calls
}

// Calibration compares counted prompts with the usage that came back.
type Calibration struct {
	Model  string
	Calls  int64   // that were compared
	Mean   float64 // of the true count divided by the expected one; 1 is a perfect counter
	Spread float64 // standard deviation of that ratio
}

// meterTotal adds what is no total.
type meterTotal struct {
	MeterTotal
	priced  int64
	ratios  int64
	mean    float64 // of the ratios
	squares float64 // sum of the squared distances from the mean
}

// Totals returns what has been added up, by tag and then by model.
func (m *Meter) Totals() []MeterTotal {
	m.mu.Lock()
	defer m.mu.Unlock()
	totals := make([]MeterTotal, 0, len(m.totals))
	for _, t := range m.totals {
		totals = append(totals, t.MeterTotal)
	}
	slices.SortFunc(totals, func(a, b MeterTotal) int {
		return cmp.Or(cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Model, b.Model))
	})
	return totals
}

// Total returns the sum over all tags and models.
func (m *Meter) Total() MeterTotal {
	var sum MeterTotal
	for _, t := range m.Totals() {
		sum.Calls += t.Calls
		sum.Failed += t.Failed
		sum.Refused += t.Refused
		sum.Unpriced += t.Unpriced
		sum.Usage = sum.Usage.plus(t.Usage)
		sum.Cost.AddSum(t.Cost)
		sum.Charge.AddSum(t.Charge)
	}
	return sum
}

// Calibration tells, by model, how far the token counter was off. Multiply an
// estimate by Mean to correct it; a Mean that moves tells of a new tokenizer or chat
// template at the gateway.
func (m *Meter) Calibration() []Calibration {
	m.mu.Lock()
	defer m.mu.Unlock()
	byModel := map[string]*meterTotal{}
	for key, t := range m.totals {
		if byModel[key.model] == nil {
			byModel[key.model] = &meterTotal{}
		}
		byModel[key.model].join(t)
	}
	var list []Calibration
	for model, t := range byModel {
		if t.ratios > 0 {
			list = append(list, Calibration{model, t.ratios, t.mean, math.Sqrt(t.squares / float64(t.ratios))})
		}
	}
	slices.SortFunc(list, func(a, b Calibration) int { return cmp.Compare(a.Model, b.Model) })
	return list
}

func (m *Meter) calibrates() bool { return m != nil && m.Calibrate }

// record adds a call that has ended.
func (m *Meter) record(call *Call, tag string, plan *spending, failed error) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := meterKey{tag, call.Model}
	if m.totals == nil {
		m.totals = map[meterKey]*meterTotal{}
	}
	t := m.totals[key]
	if t == nil {
		t = &meterTotal{MeterTotal: MeterTotal{Tag: tag, Model: call.Model}}
		m.totals[key] = t
	}
	t.add(call, failed)
	if plan != nil && plan.err == nil && len(plan.estimate.Uncounted) == 0 && !call.Usage.Unknown {
		t.compare(plan.estimate.Input.Expected, call.Usage.Input)
	}
}

func (t *meterTotal) add(call *Call, failed error) {
	t.Calls++
	t.Charge.Add(call.Charge.Spent)
	if failed != nil {
		t.Failed++
	}
	if errors.Is(failed, ErrBudget) {
		t.Refused++
	}
	switch {
	case call.Cost.reason() == nil:
		t.Usage = t.Usage.plus(call.Usage)
		t.Cost.Add(call.Cost.Total)
		t.priced++
	case call.Cost.Model != "":
		t.Unpriced++
	}
}

// compare adds a ratio by Welford's method, which doesn't lose small spreads.
func (t *meterTotal) compare(expected, actual int64) {
	if expected <= 0 || actual <= 0 {
		return
	}
	ratio := float64(actual) / float64(expected)
	t.ratios++
	off := ratio - t.mean
	t.mean += off / float64(t.ratios)
	t.squares += off * (ratio - t.mean)
}

// join adds the ratios of another total.
func (t *meterTotal) join(o *meterTotal) {
	n := t.ratios + o.ratios
	if n == 0 {
		return
	}
	off := o.mean - t.mean
	t.mean += off * float64(o.ratios) / float64(n)
	t.squares += o.squares + off*off*float64(t.ratios)*float64(o.ratios)/float64(n)
	t.ratios = n
}

// enoughCalls are needed before the mean answer of a model says anything.
const enoughCalls = 10

// meanOutput is the mean number of tokens in a model's answers so far.
func (m *Meter) meanOutput(model string) (mean int64, ok bool) {
	if m == nil {
		return 0, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var calls, output int64
	for key, t := range m.totals {
		if key.model == model {
			calls += t.priced
			output += t.Usage.Output
		}
	}
	if calls < enoughCalls {
		return 0, false
	}
	return (output + calls - 1) / calls, true
}
