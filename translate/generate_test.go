package translate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// generator makes requests and answers of the subset that both formats say alike.
type generator struct {
	*rand.Rand
	ids int
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
}

func (g *generator) maybe() bool { return g.IntN(2) == 0 }

func one[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

var words = []string{"rain", "größer", "日本", "a \"quoted\" word", "line\nbreak", "<b>&amp;</b>", "😀", "42", "\\u0041"}

func (g *generator) text() string {
	n := 1 + g.IntN(4)
	parts := make([]string, n)
	for i := range parts {
		parts[i] = one(g, words...)
	}
	return strings.Join(parts, " ")
}

func (g *generator) id() string {
	g.ids++
	return fmt.Sprintf("call_%d-%x", g.ids, g.Uint32())
}

func (g *generator) base64() string {
	data := make([]byte, 1+g.IntN(12))
	for i := range data {
		data[i] = byte(g.Uint32())
	}
	return base64.StdEncoding.EncodeToString(data)
}

func (g *generator) arguments() string {
	return one(g, `{}`, `{"city":"Rom"}`, `{"b":1,"a":2.50}`, `{"n":12345678901234567890}`, `{"x":{"y":["<",null]}}`)
}

func (g *generator) schema() json.RawMessage {
	return json.RawMessage(one(g,
		`{"type":"object","properties":{}}`,
		`{"type":"object","properties":{"b":{"type":"string"},"a":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/x"}]}},"required":["b"],"additionalProperties":false,"$defs":{"x":{"type":"integer"}}}`,
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"q":{"type":"string","default":null}}}`,
	))
}

var toolNames = []string{"get_weather", "f", "search-web", "mcp__x__y"}

func chatTexts(texts []string) keeprouter.ChatParts {
	var parts keeprouter.ChatParts
	for _, t := range texts {
		parts = append(parts, &keeprouter.TextPart{Text: t})
	}
	return parts
}

func (g *generator) texts() []string {
	texts := make([]string, 1+g.IntN(2))
	for i := range texts {
		texts[i] = g.text()
	}
	return texts
}

func (g *generator) chatUser() keeprouter.ChatMessage {
	m := keeprouter.ChatMessage{Role: "user", Content: chatTexts(g.texts())}
	for range g.IntN(3) {
		m.Content = append(m.Content, one[keeprouter.ChatPart](
			g,
			&keeprouter.ImagePart{URL: "data:image/png;base64," + g.base64()},
			&keeprouter.ImagePart{URL: "https://example.com/a.jpg?x=1"},
			&keeprouter.FilePart{Data: "data:application/pdf;base64," + g.base64(), Filename: one(g, "document.pdf", "a b.pdf")},
			&keeprouter.TextPart{Text: g.text()},
		))
	}
	return m
}

func (g *generator) chatThoughts(m *keeprouter.ChatMessage) {
	for i := range 1 + g.IntN(2) {
		text := g.text()
		item, _ := json.Marshal(i)
		d := detail{Type: "reasoning.text", Text: text, Signature: g.base64(), Format: claudeFormat, Index: item}
		if i > 0 && g.maybe() {
			d, text = detail{Type: "reasoning.encrypted", Data: g.base64(), Format: claudeFormat, Index: item}, ""
		}
		raw, _ := jsonx.Encode(d)
		m.ReasoningDetails = append(m.ReasoningDetails, raw)
		m.Reasoning += text
	}
	m.ReasoningField = "reasoning_content"
}

// chatTurn is an answer, and the results of its calls.
func (g *generator) chatTurn() []keeprouter.ChatMessage {
	m := keeprouter.ChatMessage{Role: "assistant"}
	if g.IntN(3) == 0 {
		g.chatThoughts(&m)
	}
	for range g.IntN(4) {
		m.ToolCalls = append(m.ToolCalls, keeprouter.ChatToolCall{
			ID: g.id(), Type: "function", Name: one(g, toolNames...), Arguments: g.arguments(),
		})
	}
	if len(m.ToolCalls) == 0 || g.maybe() {
		m.Content = chatTexts(g.texts())
	}
	turn := []keeprouter.ChatMessage{m}
	for _, call := range m.ToolCalls {
		content := chatTexts(g.texts())
		if g.IntN(5) == 0 {
			content = chatTexts([]string{""})
		}
		turn = append(turn, keeprouter.ChatMessage{Role: "tool", ToolCallID: call.ID, Content: content})
	}
	return turn
}

func (g *generator) chatRequest() *keeprouter.ChatRequest {
	req := &keeprouter.ChatRequest{Model: "m", MaxTokens: new(1 + g.IntN(9000))}
	if g.maybe() {
		req.Messages = append(req.Messages, keeprouter.ChatMessage{Role: "system", Content: chatTexts(g.texts())})
	}
	req.Messages = append(req.Messages, g.chatUser())
	for range g.IntN(4) {
		turn := g.chatTurn()
		req.Messages = append(req.Messages, turn...)
		if len(turn) == 1 || g.maybe() {
			req.Messages = append(req.Messages, g.chatUser())
		}
	}
	g.chatTools(req)
	g.chatSettings(req)
	return req
}

func (g *generator) chatTools(req *keeprouter.ChatRequest) {
	if g.maybe() {
		return
	}
	for _, name := range toolNames[:1+g.IntN(len(toolNames))] {
		t := keeprouter.ChatTool{Type: "function", Name: name, Description: g.text(), Parameters: g.schema()}
		if g.maybe() {
			t.Strict = new(true)
		}
		req.Tools = append(req.Tools, t)
	}
	req.ToolChoice = one(g, nil, &keeprouter.ChatToolChoice{Mode: "auto"}, &keeprouter.ChatToolChoice{Mode: "none"},
		&keeprouter.ChatToolChoice{Mode: "required"}, &keeprouter.ChatToolChoice{Type: "function", Name: toolNames[0]})
	if req.ToolChoice != nil && req.ToolChoice.Mode != "none" && g.maybe() {
		req.ParallelToolCalls = new(false)
	}
}

func (g *generator) chatSettings(req *keeprouter.ChatRequest) {
	forced := req.ToolChoice != nil && (req.ToolChoice.Mode == "required" || req.ToolChoice.Name != "")
	req.ReasoningEffort = one(g, "none", "low", "medium", "high", "xhigh", "max")
	if forced {
		req.ReasoningEffort = "none"
	}
	if g.maybe() {
		req.Temperature, req.TopP = new(one(g, 0.0, 0.3, 1.0)), new(one(g, 0.0, 0.9))
	}
	if g.maybe() {
		req.Extra = map[string]any{"top_k": g.IntN(100)}
	}
	if g.maybe() {
		req.Stop = []string{"END", g.text()}
	}
	if g.maybe() {
		req.Stream, req.StreamOptions = true, &keeprouter.ChatStreamOptions{IncludeUsage: new(true)}
	}
	if g.maybe() {
		req.ResponseFormat = &keeprouter.ChatResponseFormat{Type: "json_schema", Name: "output", Schema: g.schema(), Strict: new(true)}
	}
	req.ServiceTier = one(g, "", "auto", "default")
	req.SafetyIdentifier = one(g, "", "user-7", "0f3c")
}

func blocksOf(texts []string) keeprouter.Blocks {
	var blocks keeprouter.Blocks
	for _, t := range texts {
		blocks = append(blocks, &keeprouter.TextBlock{Text: t})
	}
	return blocks
}

func (g *generator) userBlocks() keeprouter.Blocks {
	blocks := blocksOf(g.texts())
	for range g.IntN(3) {
		blocks = append(blocks, one[keeprouter.Block](
			g,
			&keeprouter.ImageBlock{Source: keeprouter.BlockSource{Type: "base64", MediaType: "image/webp", Data: g.base64()}},
			&keeprouter.ImageBlock{Source: keeprouter.URLSource("https://example.com/b.png")},
			&keeprouter.DocumentBlock{
				Source: keeprouter.BlockSource{Type: "base64", MediaType: "application/pdf", Data: g.base64()},
				Title:  one(g, "", "report"),
			},
		))
	}
	return blocks
}

// messagesTurn is an answer, and the results of its calls.
func (g *generator) messagesTurn() (keeprouter.Message, keeprouter.Blocks) {
	m := keeprouter.Message{Role: "assistant"}
	if g.IntN(3) == 0 {
		m.Content = append(m.Content, &keeprouter.ThinkingBlock{Thinking: one(g, "", g.text()), Signature: g.base64()})
		if g.maybe() {
			m.Content = append(m.Content, &keeprouter.RedactedThinkingBlock{Data: g.base64()})
		}
	}
	calls := g.IntN(4)
	if calls == 0 || g.maybe() {
		m.Content = append(m.Content, blocksOf(g.texts())...)
	}
	var results keeprouter.Blocks
	for range calls {
		use := &keeprouter.ToolUseBlock{ID: "toolu_" + g.id(), Name: one(g, toolNames...), Input: json.RawMessage(g.arguments())}
		m.Content = append(m.Content, use)
		result := &keeprouter.ToolResultBlock{ToolUseID: use.ID}
		if g.IntN(5) > 0 {
			result.Content = blocksOf(g.texts())
		}
		results = append(results, result)
	}
	return m, results
}

func (g *generator) messagesRequest() *keeprouter.MessagesRequest {
	req := &keeprouter.MessagesRequest{Model: "m", MaxTokens: 1 + g.IntN(9000)}
	if g.maybe() {
		req.System = blocksOf(g.texts())
	}
	req.Messages = append(req.Messages, keeprouter.Message{Role: "user", Content: g.userBlocks()})
	for range g.IntN(4) {
		m, results := g.messagesTurn()
		if len(results) == 0 || g.maybe() {
			results = append(results, g.userBlocks()...)
		}
		req.Messages = append(req.Messages, m, keeprouter.Message{Role: "user", Content: results})
	}
	g.messagesTools(req)
	g.messagesSettings(req)
	return req
}

func (g *generator) messagesTools(req *keeprouter.MessagesRequest) {
	if g.maybe() {
		return
	}
	for _, name := range toolNames[:1+g.IntN(len(toolNames))] {
		t := keeprouter.MessagesTool{Name: name, Description: g.text(), InputSchema: g.schema()}
		if g.maybe() {
			t.Strict = new(true)
		}
		req.Tools = append(req.Tools, t)
	}
	kind := one(g, "", "auto", "any", "tool", "none")
	if kind == "" {
		return
	}
	req.ToolChoice = &keeprouter.MessagesToolChoice{Type: kind}
	if kind == "tool" {
		req.ToolChoice.Name = toolNames[0]
	}
	if kind != "none" && g.maybe() {
		req.ToolChoice.DisableParallelToolUse = new(true)
	}
}

func (g *generator) messagesSettings(req *keeprouter.MessagesRequest) {
	forced := req.ToolChoice != nil && (req.ToolChoice.Type == "any" || req.ToolChoice.Type == "tool")
	req.Thinking = &keeprouter.MessagesThinking{Type: "disabled"}
	if !forced && g.maybe() {
		req.Thinking.Type = "adaptive"
		req.OutputConfig = &keeprouter.MessagesOutputConfig{Effort: one(g, "low", "medium", "high", "xhigh", "max")}
	}
	if g.maybe() {
		if req.OutputConfig == nil {
			req.OutputConfig = &keeprouter.MessagesOutputConfig{}
		}
		req.OutputConfig.Format = &keeprouter.MessagesOutputFormat{Type: "json_schema", Schema: g.schema()}
	}
	if g.maybe() {
		req.Temperature, req.TopP, req.TopK = new(one(g, 0.0, 0.3, 1.0)), new(one(g, 0.0, 0.9)), new(g.IntN(50))
	}
	if g.maybe() {
		req.StopSequences = []string{"END", g.text()}
	}
	req.Stream = g.maybe()
	req.ServiceTier = one(g, "", "auto", "standard_only")
	if g.maybe() {
		req.Metadata = &keeprouter.MessagesMetadata{UserID: "user-7"}
	}
}
