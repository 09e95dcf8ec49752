package gemma

import (
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// Template names the version of a chat template: what surrounds the texts of a request
// when a model reads them.
type Template string

// Chat templates.
const (
	// Gemma4Large is the template of the 12B, 26B and 31B models, published on
	// 2026-07-09. It begins the answer with an empty thought when thinking is off.
	Gemma4Large Template = "gemma4-large 2026-07-09"

	// Gemma4Small is the template of the E2B and E4B models of the same date, without
	// the empty thought.
	Gemma4Small Template = "gemma4-small 2026-07-09"
)

// WithTemplate gives a tokenizer that counts prompts with another chat template than
// [Gemma4Large], and shares all else.
func (t *Tokenizer) WithTemplate(template Template) (*Tokenizer, error) {
	switch template {
	case Gemma4Large, Gemma4Small:
		return &Tokenizer{vocabulary: t.vocabulary, template: template}, nil
	}
	return nil, fmt.Errorf("keeprouter: there is no chat template %q; use gemma.Gemma4Large or gemma.Gemma4Small", template)
}

// CountPrompt gives the number of tokens of a prompt in its chat template, up to where
// the answer begins, and the name of the template. Parts that are no text aren't
// counted; special tokens spelt out in a text count as plain text.
func (t *Tokenizer) CountPrompt(p *prompt.Prompt) (tokens int64, template string) {
	w := writer{tokenizer: t}
	w.prompt(p)
	return w.tokens, string(t.template)
}

// writer counts the tokens of a prompt as it is written. Text between two special
// tokens is counted as one.
type writer struct {
	tokenizer *Tokenizer
	text      []byte
	tokens    int64
	log       *strings.Builder // of all that is written, for tests
}

func (w *writer) write(text string) {
	w.text = append(w.text, text...)
	if w.log != nil {
		w.log.WriteString(text)
	}
}

// prompt writes a prompt in the tokenizer's template.
func (w *writer) prompt(p *prompt.Prompt) {
	c := chat{writer: w, thinking: p.Thinking, emptyThought: w.tokenizer.template == Gemma4Large}
	c.prompt(p)
	w.flush()
}

// special writes a special token, which counts as one whichever it is.
func (w *writer) special(token string) {
	w.flush()
	w.tokens++
	if w.log != nil {
		w.log.WriteString(token)
	}
}

func (w *writer) flush() {
	if len(w.text) > 0 {
		w.tokens += int64(w.tokenizer.Count(string(w.text)))
		w.text = w.text[:0]
	}
}

const quote = `<|"|>`

// quoted writes a text between the special tokens that are the template's quotes.
func (w *writer) quoted(text string) {
	w.special(quote)
	w.write(text)
	w.special(quote)
}
