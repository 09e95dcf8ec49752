package keeprouter

import (
	"cmp"
	"fmt"
	"math"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// Request is a [*ChatRequest] or a [*MessagesRequest].
type Request interface {
	// modelAsked is the model's id, empty for a nil request.
	modelAsked() string
	prompt() *prompt.Prompt
	// outputLimit is the most tokens that the answer may have, 0 if there is no limit.
	outputLimit() int64
	// answers is how many answers are asked for.
	answers() int64
	// predicted is text that is charged as output if the answer doesn't use it.
	predicted() string
}

// Estimate is what a request may cost, found without sending it.
//
// Min and Max bracket the cost as far as the request itself decides it: Min is an
// empty answer to the lowest count of the prompt, Max is the longest answer to the
// highest count possible, at the highest price that any of the tokens could have.
// Each repeat of a call is another one.
type Estimate struct {
	Model string `json:"model"` // id in the price table

	Min      Money `json:"min"`
	Expected Money `json:"expected"`
	Max      Money `json:"max"` // the largest Money when Unbounded

	Input  TokenCount `json:"input"`  // of the prompt
	Output TokenCount `json:"output"` // of the answer, of all choices together

	// Template is the chat template that Input was counted with.
	Template string `json:"template"`

	// Unbounded is true when the request sets no limit to the answer, so that it has
	// no Max. Set MaxTokens.
	Unbounded bool `json:"unbounded,omitzero"`

	// Uncounted are the JSON paths of what isn't in the counts and so not in the
	// amounts: images, audio, files and the tools that a server runs itself.
	Uncounted []string `json:"uncounted,omitempty"`

	// Learned is true when the expected answer is the mean of this model's answers in
	// Options.Meter; otherwise half of the limit is expected.
	Learned bool `json:"learned,omitzero"`
}

// String returns the range, such as "$0.00012 to $0.00047".
func (e Estimate) String() string {
	text := fmt.Sprintf("%v to %v", e.Min, e.Max)
	if e.Unbounded {
		text = fmt.Sprintf("at least %v, without a limit", e.Min)
	}
	if len(e.Uncounted) > 0 {
		text += fmt.Sprintf(", %d parts not counted", len(e.Uncounted))
	}
	return text
}

// unlimited is the Max of a request that nothing bounds. Whatever it is compared
// with, it is too much.
const unlimited Money = math.MaxInt64

// expectedOutput is the number of tokens that an answer is expected to have when
// neither a limit nor experience tells.
const expectedOutput = 500

// Estimate tells what a request may cost, by the client's prices and its
// Options.TokenCounter. Nothing is sent. An unknown model is an
// [*UnknownModelError].
//
//	est, err := client.Estimate(req)
//	…
//	fmt.Printf("%v, likely %v\n", est, est.Expected) // $0.00000192 to $0.000193, likely $0.00018
func (c *Client) Estimate(req Request) (Estimate, error) {
	if req == nil || isNilRequest(req) {
		return Estimate{}, invalidRequest("req", "a request is needed: it is nil")
	}
	p := req.prompt()
	est := Estimate{Model: req.modelAsked(), Unbounded: req.outputLimit() == 0, Uncounted: p.Uncounted}
	var err error
	if est.Input, est.Template, err = c.countInput(req, p); err != nil {
		return est, err
	}
	est.Output, est.Learned = c.outputOf(req)
	err = c.options.Prices.Prices().estimate(&est)
	return est, err
}

func (c *Client) countInput(req Request, p *prompt.Prompt) (TokenCount, string, error) {
	counter := c.options.TokenCounter
	if asking, ok := counter.(requestCounter); ok {
		count, err := asking.countRequest(req)
		return count, "the gateway's", err
	}
	count, template := countPrompt(counter, p)
	return count, template, nil
}

// What exceeds these costs more than Money can hold: they keep the product of both
// within an int64.
const (
	maxOutput  = 1 << 50
	maxAnswers = 1 << 12
)

// outputOf counts an answer that hasn't been written.
func (c *Client) outputOf(req Request) (count TokenCount, learned bool) {
	limit, n := min(req.outputLimit(), maxOutput), min(req.answers(), maxAnswers)
	mean, learned := c.options.Meter.meanOutput(req.modelAsked())
	switch {
	case learned && limit > 0:
		mean = min(mean, limit)
	case learned:
	case limit > 0:
		mean = (limit + 1) / 2
	default:
		mean = expectedOutput
	}
	count = TokenCount{Method: "output limit", Expected: mean * n, High: limit * n, Bound: limit * n}
	if limit == 0 {
		count.Method, count.High = "no output limit", count.Expected
	}
	count.Bound += c.options.TokenCounter.CountText(req.predicted()).Bound * n
	count.High = max(count.High, count.Expected)
	count.Bound = max(count.Bound, count.High)
	return count, learned
}

// estimate fills in the amounts.
func (t *PriceTable) estimate(e *Estimate) error {
	m, err := t.find(e.Model)
	if err != nil {
		return err
	}
	e.Model = m.id
	row, err := m.row(t.moment())
	if err != nil {
		return err
	}
	input, output := row.extremes(e.Input.Bound)
	if e.Min, err = amount(input.low, e.Input.Low, 0, 0); err != nil {
		return err
	}
	expected, err := t.cost(m.id, Usage{Input: e.Input.Expected, Output: e.Output.Expected})
	if err != nil {
		return err
	}
	e.Expected = expected.Total
	e.Max = unlimited
	if e.Unbounded {
		return nil
	}
	e.Max, err = amount(input.high, e.Input.Bound, output.high, e.Output.Bound)
	return err
}

// amount is the price of two counts.
func amount(inputRate Money, input int64, outputRate Money, output int64) (Money, error) {
	in, err := (inputRate / perTokens).Mul(input)
	if err != nil {
		return 0, err
	}
	out, err := (outputRate / perTokens).Mul(output)
	if err != nil {
		return 0, err
	}
	return in.Add(out)
}

func isNilRequest(req Request) bool {
	switch r := req.(type) {
	case *ChatRequest:
		return r == nil
	case *MessagesRequest:
		return r == nil
	}
	return false
}

func (r *ChatRequest) modelAsked() string { return r.Model }

func (r *ChatRequest) outputLimit() int64 {
	limit := 0
	for _, set := range []*int{r.MaxTokens, r.MaxCompletionTokens} {
		if set != nil {
			limit = max(limit, *set)
		}
	}
	return int64(limit)
}

func (r *ChatRequest) answers() int64 {
	if r.N == nil {
		return 1
	}
	return int64(cmp.Or(max(*r.N, 0), 1))
}

func (r *ChatRequest) predicted() string {
	if r.Prediction == nil {
		return ""
	}
	return r.Prediction.Content.Text()
}

func (r *MessagesRequest) modelAsked() string { return r.Model }
func (r *MessagesRequest) outputLimit() int64 { return int64(max(r.MaxTokens, 0)) }
func (r *MessagesRequest) answers() int64     { return 1 }
func (r *MessagesRequest) predicted() string  { return "" }
