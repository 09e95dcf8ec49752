package gemma

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// synthetic is the tokenizer of the synthetic vocabulary.
var synthetic = sync.OnceValue(func() *Tokenizer {
	p := newPieces()
	for id, piece := range allPieces() {
		if err := p.add(id, []byte(piece)); err != nil {
			panic(err)
		}
	}
	v, err := p.vocabulary()
	if err != nil {
		panic(err)
	}
	return &Tokenizer{vocabulary: v, template: Gemma4Large}
})

func turn(role string, parts ...prompt.Part) prompt.Turn {
	return prompt.Turn{Role: role, Parts: parts}
}

func text(s string) prompt.Part { return prompt.Part{Kind: prompt.Text, Text: s} }

func call(name, arguments string) prompt.Part {
	return prompt.Part{Kind: prompt.ToolCall, Name: name, Text: arguments}
}

func result(name, s string) prompt.Part {
	return prompt.Part{Kind: prompt.ToolResult, Name: name, Text: s}
}

func thought(s string) prompt.Part { return prompt.Part{Kind: prompt.Thinking, Text: s} }

const (
	opened  = "<|turn>model\n"
	answer  = "<|turn>model\n<|channel>thought\n<channel|>"
	hi      = "<bos><|turn>user\nhi<turn|>\n"
	calling = `<|tool_call>call:f{}<tool_call|>`
)

func TestPromptIsWrittenAsTheTemplateDoes(t *testing.T) {
	cases := []struct {
		name   string
		prompt prompt.Prompt
		want   string
	}{
		{
			"one turn, trimmed",
			prompt.Prompt{Turns: []prompt.Turn{turn("user", text("  hi\n"))}},
			hi + answer,
		},
		{
			"parts of one turn",
			prompt.Prompt{Turns: []prompt.Turn{turn("user", text("h "), text(" i"))}},
			hi + answer,
		},
		{
			"thinking, without a system text",
			prompt.Prompt{Thinking: true, Turns: []prompt.Turn{turn("user", text("hi"))}},
			"<bos><|turn>system\n<|think|>\n<turn|>\n<|turn>user\nhi<turn|>\n" + opened,
		},
		{
			"thinking, with a system text",
			prompt.Prompt{Thinking: true, Turns: []prompt.Turn{turn("system", text(" be kind ")), turn("user", text("hi"))}},
			"<bos><|turn>system\n<|think|>\nbe kind<turn|>\n<|turn>user\nhi<turn|>\n" + opened,
		},
		{
			"system text in two parts",
			prompt.Prompt{Turns: []prompt.Turn{turn("system", text("be"), text("kind"))}},
			"<bos><|turn>system\nbe kind <turn|>\n" + answer,
		},
		{
			"later system text is a turn",
			prompt.Prompt{Turns: []prompt.Turn{turn("user", text("hi")), turn("system", text("be kind"))}},
			hi + "<|turn>system\nbe kind<turn|>\n" + answer,
		},
		{
			"thoughts of earlier answers are gone",
			prompt.Prompt{Turns: []prompt.Turn{
				turn("user", text("hi")),
				turn("assistant", thought("hm"), text("<|channel>thought\nhm<channel|>\nhello")),
				turn("user", text("bye")),
			}},
			hi + "<|turn>model\nhello<turn|>\n<|turn>user\nbye<turn|>\n" + answer,
		},
		{
			"answers in a row are one turn",
			prompt.Prompt{Turns: []prompt.Turn{
				turn("user", text("hi")), turn("assistant", text("a")), turn("assistant", text("b")), turn("user", text("c")),
			}},
			hi + "<|turn>model\nab<turn|>\n<|turn>user\nc<turn|>\n" + answer,
		},
		{
			"result at the end leaves the turn open",
			prompt.Prompt{Turns: []prompt.Turn{
				turn("user", text("hi")),
				turn("assistant", thought("hm"), call("f", `{"b": [1, 2.0, true, null], "A": {"k": "v"}}`)),
				turn("tool", result("f", `{"x":1}`)),
			}},
			hi + "<|turn>model\n<|channel>thought\nhm\n<channel|>" +
				`<|tool_call>call:f{A:{k:<|"|>v<|"|>},b:[1,2.0,true,null]}<tool_call|>` +
				`<|tool_response>response:f{value:<|"|>{"x":1}<|"|>}<tool_response|>`,
		},
		{
			"result at the end with thinking",
			prompt.Prompt{Thinking: true, Turns: []prompt.Turn{
				turn("user", text("hi")), turn("assistant", call("f", "")), turn("tool", result("", "1")),
			}},
			"<bos><|turn>system\n<|think|>\n<turn|>\n<|turn>user\nhi<turn|>\n<|turn>model\n" + calling +
				`<|tool_response>response:f{value:<|"|>1<|"|>}<tool_response|><|channel>thought` + "\n",
		},
		{
			"text beside a call comes behind its result",
			prompt.Prompt{Turns: []prompt.Turn{
				turn("user", text("hi")), turn("assistant", text("wait"), call("f", "{}")), turn("tool", result("f", "1")),
				turn("assistant", text("done")), turn("user", text("ok")),
			}},
			hi + "<|turn>model\n" + calling + `<|tool_response>response:f{value:<|"|>1<|"|>}<tool_response|>` +
				"waitdone<turn|>\n<|turn>user\nok<turn|>\n" + answer,
		},
		{
			"results in a user's turn, and text behind them",
			prompt.Prompt{Turns: []prompt.Turn{
				turn("user", text("hi")), turn("assistant", call("f", "{}")), turn("user", result("f", "1"), text("ok")),
			}},
			hi + "<|turn>model\n" + calling + `<|tool_response>response:f{value:<|"|>1<|"|>}<tool_response|>` +
				"<turn|>\n<|turn>user\nok<turn|>\n" + answer,
		},
		{
			"call without a result",
			prompt.Prompt{Turns: []prompt.Turn{turn("user", text("hi")), turn("assistant", call("f", "not JSON"))}},
			hi + "<|turn>model\n<|tool_call>call:f{not JSON}<tool_call|><|tool_response>",
		},
		{
			"result without a call",
			prompt.Prompt{Turns: []prompt.Turn{turn("tool", result("", "1"))}},
			`<bos><|tool_response>response:unknown{value:<|"|>1<|"|>}<tool_response|>`,
		},
		{"nothing", prompt.Prompt{}, "<bos>" + answer},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkWritten(t, synthetic(), &c.prompt, c.want)
		})
	}
}

// checkWritten compares what is written, and its count with that of its texts between
// special tokens.
func checkWritten(t *testing.T, tokenizer *Tokenizer, p *prompt.Prompt, want string) {
	t.Helper()
	w := writer{tokenizer: tokenizer, log: new(strings.Builder)}
	w.prompt(p)
	if diff := cmp.Diff(want, w.log.String()); diff != "" {
		t.Error(diff)
	}
	tokens, template := tokenizer.CountPrompt(p)
	if tokens != w.tokens || template != string(tokenizer.template) {
		t.Errorf("got %d tokens in %q, wrote %d", tokens, template, w.tokens)
	}
}

func TestToolDeclaration(t *testing.T) {
	cases := []struct {
		name, schema, want string
	}{
		{"no schema", "", ""},
		{"no properties", `{"type":"object"}`, `,parameters:{type:'OBJECT'}`},
		{"no type leaves a bracket open", `{"required":["a"]}`, `,parameters:{required:['a'],`},
		{"not an object", `[1]`, `,parameters:[1]`},
		{
			"properties, by name",
			`{"type":"object","properties":{"days":{"type":"integer","description":"How many."},"City":{"type":"string"}},"required":["City","days"],"additionalProperties":false}`,
			`,parameters:{properties:{City:{type:'STRING'},days:{description:'How many.',type:'INTEGER'}},required:['City','days'],type:'OBJECT'}`,
		},
		{
			"choices, nullable, types",
			`{"type":"object","properties":{"u":{"type":"string","enum":["c","f"],"nullable":true},"n":{"type":["integer","null"]},"x":true}}`,
			`,parameters:{properties:{n:{type:'['INTEGER', 'NULL']'},u:{enum:['c','f'],nullable:true,type:'STRING'},x:{type:''}},type:'OBJECT'}`,
		},
		{
			"lists",
			`{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"k":{"type":"number"}},"required":["k"],"minItems":1,"default":null}},"b":{"type":"array","items":{"type":["string"],"examples":{"q":1.50}}}}}`,
			`,parameters:{properties:{a:{items:{minItems:1,properties:{k:{type:'NUMBER'}},required:['k'],type:'OBJECT'},type:'ARRAY'},b:{items:{examples:{'q':1.5},type:['STRING']},type:'ARRAY'}},type:'OBJECT'}`,
		},
		{
			"objects in objects",
			`{"type":"object","properties":{"o":{"type":"object","properties":{"type":{"type":"string"}},"required":["type"]},"p":{"type":"object","description":"d","extra":{"type":"string"}}}}`,
			`,parameters:{properties:{o:{properties:{type:{type:'STRING'}},required:['type'],type:'OBJECT'},p:{description:'d',properties:{extra:{type:'STRING'}},type:'OBJECT'}},type:'OBJECT'}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := prompt.Prompt{
				Tools: []prompt.Tool{{Name: "f", Description: "Does.", Schema: []byte(c.schema)}},
				Turns: []prompt.Turn{turn("system", text("be kind")), turn("user", text("hi"))},
			}
			declared := "<|tool>declaration:f{description:'Does.'" + c.want + "}<tool|>"
			if c.name == "choices, nullable, types" {
				declared = strings.Replace(declared, "'['INTEGER', 'NULL']'", quote+"[~INTEGER~, ~NULL~]"+quote, 1)
			}
			declared = strings.ReplaceAll(strings.ReplaceAll(declared, "'", quote), "~", "'")
			checkWritten(t, synthetic(), &p, "<bos><|turn>system\nbe kind"+declared+"<turn|>\n<|turn>user\nhi<turn|>\n"+answer)
		})
	}
}

func TestNumbersAreWrittenAsTheTemplateDoes(t *testing.T) {
	for text, want := range map[string]string{
		"12": "12", "-1": "-1", "1.50": "1.5", "2.0": "2.0", "1e2": "100.0", "1E-7": "1e-07", "1e16": "1e+16", "1e400": "1e400",
		"123456789012345678901234567890": "123456789012345678901234567890",
	} {
		if got := number(text); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
}

func TestOverheadOfTheTemplate(t *testing.T) {
	small, err := synthetic().WithTemplate(Gemma4Small)
	require.NoError(t, err)
	one := prompt.Prompt{Turns: []prompt.Turn{turn("user", text("hello"))}}
	thinking := prompt.Prompt{Thinking: true, Turns: one.Turns}
	three := prompt.Prompt{Turns: []prompt.Turn{one.Turns[0], turn("assistant", text("hello")), one.Turns[0]}}
	cases := []struct {
		name      string
		tokenizer *Tokenizer
		prompt    prompt.Prompt
		want      int64
	}{
		{"one turn", synthetic(), one, 13 + 1},
		{"one turn of a small model", small, one, 9 + 1},
		{"thinking", synthetic(), thinking, 16 + 1},
		{"five more a message", synthetic(), three, 13 + 1 + 2*(5+1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := c.tokenizer.CountPrompt(&c.prompt); got != c.want {
				t.Errorf("got %d tokens, want %d", got, c.want)
			}
		})
	}
}

func TestUnknownTemplate(t *testing.T) {
	_, err := synthetic().WithTemplate("gemma5")
	require.ErrorContains(t, err, "Gemma4Large")
}

func FuzzCountPrompt(f *testing.F) {
	f.Add("hi", "f", `{"a":[1,{"b":null}]}`, `{"type":"object","properties":{"a":{"type":"array","items":{"type":"object"}}}}`, true)
	f.Add("", "", "", "[", false)
	f.Fuzz(func(t *testing.T, words, name, arguments, schema string, thinking bool) {
		p := prompt.Prompt{
			Thinking: thinking,
			Tools:    []prompt.Tool{{Name: name, Description: words, Schema: []byte(schema)}},
			Turns: []prompt.Turn{
				turn("system", text(words)), turn("user", text(words)),
				turn("assistant", thought(words), text(words), call(name, arguments)), turn("tool", result(name, arguments)),
			},
		}
		w := writer{tokenizer: synthetic(), log: new(strings.Builder)}
		w.prompt(&p)
		written := w.log.String()
		if w.tokens < 20 || utf8.ValidString(written) && w.tokens > int64(len(written)) {
			t.Errorf("got %d tokens of %d bytes", w.tokens, len(written))
		}
	})
}
