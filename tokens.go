package keeprouter

import (
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/prompt"
	"github.com/keeprouter/keeprouter-go/internal/tokens"
)

// TokenCount is a number of tokens: an exact one, in which Low, Expected and High are
// equal, or an estimate.
type TokenCount struct {
	Low      int64  `json:"low"`      // seldom fewer
	Expected int64  `json:"expected"` // the likeliest number
	High     int64  `json:"high"`     // seldom more
	Bound    int64  `json:"bound"`    // never more: a token has at least one byte
	Method   string `json:"method"`   // how it was counted, such as "class estimate"
}

// Exact reports whether the count is no estimate.
func (c TokenCount) Exact() bool { return c.Low == c.High }

// String returns the count for people to read: "1,000" or "950 to 1,070".
func (c TokenCount) String() string {
	if c.Exact() {
		return thousands(c.Expected)
	}
	return thousands(c.Low) + " to " + thousands(c.High)
}

// TokenCounter counts the tokens of a text, as one piece without a chat template
// around it. It must be safe for concurrent use. Package gemma has an exact one for
// Gemma 4, which counts the chat template as well.
type TokenCounter interface {
	CountText(text string) TokenCount
}

// DefaultTokenCounter returns the counter that needs no data: it weighs the classes
// of characters in a text by how many tokens Gemma's vocabulary has for them. What
// it is off by, for which kinds of text, is told in docs/tokens.md; what it calls Low
// and High held the true number for at least 95 of 100 of the texts measured. For
// other models' vocabularies it is a guess within the same Bound.
func DefaultTokenCounter() TokenCounter { return classCounter{} }

type classCounter struct{}

func (classCounter) CountText(text string) TokenCount {
	n := tokens.Estimate(text)
	return TokenCount{Low: n.Low, Expected: n.Expected, High: n.High, Bound: tokens.Bound(text), Method: "class estimate"}
}

// promptCounter is a [TokenCounter] that knows the chat template too.
type promptCounter interface {
	CountPrompt(p *prompt.Prompt) (tokens int64, template string)
}

// countPrompt counts a prompt by the counter's own template or that of Gemma 4. A
// server may count without its template: so the low count of an estimate is that of
// the texts alone.
func countPrompt(counter TokenCounter, p *prompt.Prompt) (count TokenCount, template string) {
	if exact, ok := counter.(promptCounter); ok {
		n, template := exact.CountPrompt(p)
		return TokenCount{Low: n, Expected: n, High: n, Bound: n, Method: counter.CountText("").Method}, template
	}
	sum := textSum{counter: counter}
	for _, turn := range p.Turns {
		for _, part := range turn.Parts {
			sum.add(part.Name)
			sum.add(part.Text)
		}
	}
	for _, tool := range p.Tools {
		sum.add(toolDeclaration(tool))
	}
	low := sum.count.Low
	gemma := prompt.Gemma4()
	overhead := gemma.Overhead(p)
	sum.count.Expected += overhead
	for _, format := range p.Formats {
		sum.possible(format)
	}
	sum.count.High += overhead
	sum.count.Low = low
	sum.count.Bound += prompt.Bound(p)
	return sum.count, gemma.Name
}

// textSum adds up the counts of texts.
type textSum struct {
	counter TokenCounter
	count   TokenCount
}

func (s *textSum) add(text string) {
	c := s.counter.CountText(text)
	s.count.Method = c.Method
	s.count.Low += c.Low
	s.count.Expected += c.Expected
	s.count.High += c.High
	s.count.Bound += c.Bound
}

// possible adds a text that some servers put into the prompt and others don't.
func (s *textSum) possible(text string) {
	c := s.counter.CountText(text)
	s.count.High += c.High
	s.count.Bound += c.Bound
}

// toolDeclaration is a tool as it stands in the prompt, near enough: a template of its
// own form has as many tokens as minified JSON.
func toolDeclaration(t prompt.Tool) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"name":%q,"description":`, t.Name)
	b.WriteString(t.Description)
	b.WriteString(`,"parameters":`)
	b.Write(jsonx.Compact(t.Schema))
	b.WriteString("}")
	return b.String()
}

// requestCounter is a [TokenCounter] that counts whole requests.
type requestCounter interface {
	countRequest(req Request) (TokenCount, error)
}
