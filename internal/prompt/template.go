package prompt

// Template is what a chat template adds to the texts of a prompt, in tokens. The
// zero Template adds nothing.
type Template struct {
	Name       string
	Begin      int64 // once
	Turn       int64 // each turn
	Answer     int64 // the beginning of the answer
	NoThinking int64 // in addition, when thinking is off
	Thinking   int64 // in addition, when thinking is on
	Call       int64 // each tool call, beside name and arguments
	Result     int64 // each tool result, beside name and text
	Tool       int64 // each tool, beside its declaration as minified JSON
}

// Gemma4 is the template of Gemma 4 31B, in its version of 2026-07-09.
func Gemma4() Template {
	return Template{
		Name:  "gemma4-large 2026-07-09",
		Begin: 1, Turn: 5, Answer: 3, NoThinking: 4, Thinking: 7,
		Call: 5, Result: 5,
	}
}

// Overhead is what the template adds to a prompt.
func (t *Template) Overhead(p *Prompt) int64 {
	n := t.Begin + t.Answer + t.NoThinking
	if p.Thinking {
		n += t.Thinking - t.NoThinking
	}
	for _, turn := range p.Turns {
		n += t.Turn
		for _, part := range turn.Parts {
			switch part.Kind {
			case ToolCall:
				n += t.Call
			case ToolResult:
				n += t.Result
			}
		}
	}
	return n + t.Tool*int64(len(p.Tools))
}

// Bounds of what a server may add: no template in use comes near them.
const (
	boundPrompt = 64
	boundTurn   = 16
	boundPart   = 24
	boundTool   = 64
)

// Bound is more than any template adds to a prompt, whatever its marks are.
func Bound(p *Prompt) int64 {
	n := int64(boundPrompt + boundTool*len(p.Tools) + boundTurn*len(p.Turns))
	for _, turn := range p.Turns {
		n += int64(boundPart * len(turn.Parts))
	}
	return n
}
