package translate

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

// class is what the policies do with something that can't be carried as it is.
type class int

const (
	minor    class = iota // reported, under every policy
	changed               // reported; Strict refuses it
	lost                  // refused; Lenient drops it
	hopeless              // refused under every policy
)

// departure takes a request out of the lossless subset.
type departure[R any] struct {
	path  string
	class class
	make  func(*R)
}

func chatBase() *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{
		Model: "m", MaxTokens: new(100),
		Messages: []keeprouter.ChatMessage{
			keeprouter.User("Hello"), keeprouter.Assistant("Hi"),
			keeprouter.User("", &keeprouter.TextPart{Text: "Look:"}, &keeprouter.ImagePart{URL: "https://example.com/a.png"}),
		},
		Tools: []keeprouter.ChatTool{{Type: "function", Name: "f", Parameters: json.RawMessage(emptySchema)}},
	}
}

var raw = json.RawMessage(`{"a":1}`)

var chatDepartures = []departure[keeprouter.ChatRequest]{
	{"n", hopeless, func(r *keeprouter.ChatRequest) { r.N = new(2) }},
	{"top_p", hopeless, func(r *keeprouter.ChatRequest) { r.TopP = new(1.5) }},
	{"messages[3].tool_calls[0].function.arguments", hopeless, func(r *keeprouter.ChatRequest) {
		call := keeprouter.ChatToolCall{ID: "c", Name: "f", Arguments: `{"a":`}
		r.Messages = append(r.Messages, keeprouter.ChatMessage{Role: "assistant", ToolCalls: []keeprouter.ChatToolCall{call}}, keeprouter.ToolResult("c", "r"))
	}},
	{"logprobs", lost, func(r *keeprouter.ChatRequest) { r.Logprobs = new(true) }},
	{"audio", lost, func(r *keeprouter.ChatRequest) { r.Audio = &keeprouter.ChatAudioOptions{} }},
	{"modalities", lost, func(r *keeprouter.ChatRequest) { r.Modalities = []string{"text", "audio"} }},
	{"web_search_options", lost, func(r *keeprouter.ChatRequest) { r.WebSearchOptions = &keeprouter.ChatWebSearch{} }},
	{"moderation", lost, func(r *keeprouter.ChatRequest) { r.Moderation = &keeprouter.ChatModeration{} }},
	{"stop[0]", lost, func(r *keeprouter.ChatRequest) { r.Stop = []string{" ", "END"} }},
	{"tools[1]", lost, func(r *keeprouter.ChatRequest) { r.Tools = append(r.Tools, keeprouter.ChatTool{Type: "web_search"}) }},
	{"messages[0].audio", lost, func(r *keeprouter.ChatRequest) { r.Messages[0].Audio = &keeprouter.ChatAudio{ID: "a"} }},
	{"messages[2].content[1].image_url.url", lost, func(r *keeprouter.ChatRequest) {
		r.Messages[2].Content[1] = &keeprouter.ImagePart{URL: "data:image/tiff;base64,AAAA"}
	}},
	{"response_format.json_schema.schema.properties.a.minimum", lost, func(r *keeprouter.ChatRequest) {
		r.ResponseFormat = &keeprouter.ChatResponseFormat{
			Name: "output", Strict: new(true),
			Schema: json.RawMessage(`{"type":"object","properties":{"a":{"type":"integer","minimum":1}}}`),
		}
	}},
	{"temperature", changed, func(r *keeprouter.ChatRequest) { r.Temperature = new(1.5) }},
	{"frequency_penalty", changed, func(r *keeprouter.ChatRequest) { r.FrequencyPenalty = new(0.5) }},
	{"presence_penalty", changed, func(r *keeprouter.ChatRequest) { r.PresencePenalty = new(0.5) }},
	{"logit_bias", changed, func(r *keeprouter.ChatRequest) { r.LogitBias = map[string]float64{"1": 2} }},
	{"seed", changed, func(r *keeprouter.ChatRequest) { r.Seed = new(7) }},
	{"metadata", changed, func(r *keeprouter.ChatRequest) { r.Metadata = map[string]string{"a": "b"} }},
	{"verbosity", changed, func(r *keeprouter.ChatRequest) { r.Verbosity = "low" }},
	{"prediction", changed, func(r *keeprouter.ChatRequest) { r.Prediction = &keeprouter.ChatPrediction{} }},
	{"service_tier", changed, func(r *keeprouter.ChatRequest) { r.ServiceTier = "flex" }},
	{"max_tokens", changed, func(r *keeprouter.ChatRequest) { r.MaxTokens = nil }},
	{"reasoning_effort", changed, func(r *keeprouter.ChatRequest) { r.ReasoningEffort = "minimal" }},
	{"min_p", changed, func(r *keeprouter.ChatRequest) { r.Extra = map[string]any{"min_p": 0.1} }},
	{"messages[0].name", changed, func(r *keeprouter.ChatRequest) { r.Messages[0].Name = "Ada" }},
	{"messages[1].refusal", changed, func(r *keeprouter.ChatRequest) { r.Messages[1].Refusal = "No." }},
	{"messages[1].reasoning_content", changed, func(r *keeprouter.ChatRequest) { r.Messages[1].Reasoning = "Hm." }},
	{"messages[0].content.a", changed, func(r *keeprouter.ChatRequest) {
		r.Messages[0].Content[0].(*keeprouter.TextPart).Extra = map[string]json.RawMessage{"a": raw}
	}},
	{"store", minor, func(r *keeprouter.ChatRequest) { r.Store = new(true) }},
	{"prompt_cache_key", minor, func(r *keeprouter.ChatRequest) { r.PromptCacheKey = "k" }},
	{"safety_identifier", minor, func(r *keeprouter.ChatRequest) { r.SafetyIdentifier = "ada@example.com" }},
}

func messagesBase() *keeprouter.MessagesRequest {
	return &keeprouter.MessagesRequest{
		Model: "m", MaxTokens: 100, Thinking: &keeprouter.MessagesThinking{Type: "disabled"},
		System: keeprouter.TextBlocks("Be terse."),
		Messages: []keeprouter.Message{
			keeprouter.UserMessage("Hello"),
			keeprouter.AssistantMessage("", &keeprouter.ToolUseBlock{ID: "a", Name: "f"}),
			keeprouter.UserMessage("", &keeprouter.ToolResultBlock{ToolUseID: "a", Content: keeprouter.TextBlocks("r")}),
			keeprouter.AssistantMessage("Hi"),
			keeprouter.UserMessage("Look"),
		},
		Tools: []keeprouter.MessagesTool{{Name: "f", InputSchema: json.RawMessage(emptySchema)}},
	}
}

func addToLast(r *keeprouter.MessagesRequest, b keeprouter.Block) {
	r.Messages[4].Content = append(keeprouter.Blocks{b}, r.Messages[4].Content...)
}

var messagesDepartures = []departure[keeprouter.MessagesRequest]{
	{"temperature", hopeless, func(r *keeprouter.MessagesRequest) { r.Temperature = new(1.5) }},
	{"messages[1].content[0].input", hopeless, func(r *keeprouter.MessagesRequest) {
		r.Messages[1].Content[0].(*keeprouter.ToolUseBlock).Input = json.RawMessage(`[]`)
	}},
	{"container", lost, func(r *keeprouter.MessagesRequest) { r.Container = &keeprouter.MessagesContainer{ID: "c"} }},
	{"mcp_servers", lost, func(r *keeprouter.MessagesRequest) {
		r.Extra = map[string]any{"mcp_servers": []any{"s"}, "context_management": raw}
	}},
	{"stop_sequences", lost, func(r *keeprouter.MessagesRequest) { r.StopSequences = []string{"a", "b", "c", "d", "e"} }},
	{"tools[1]", lost, func(r *keeprouter.MessagesRequest) {
		r.Tools = append(r.Tools, keeprouter.MessagesTool{Type: "web_search_20250305", Name: "web_search"})
	}},
	{"messages[4].content[0].source.file_id", lost, func(r *keeprouter.MessagesRequest) {
		addToLast(r, &keeprouter.ImageBlock{Source: keeprouter.BlockSource{Type: "file", FileID: "f"}})
	}},
	{"messages[5]", lost, func(r *keeprouter.MessagesRequest) {
		r.Messages = append(r.Messages, keeprouter.AssistantMessage("It is"))
	}},
	{"max_tokens", changed, func(r *keeprouter.MessagesRequest) { r.MaxTokens = 0 }},
	{"messages[2].content[0].is_error", changed, func(r *keeprouter.MessagesRequest) {
		r.Messages[2].Content[0].(*keeprouter.ToolResultBlock).IsError = true
	}},
	{"messages[2].content[0].content[1]", changed, func(r *keeprouter.MessagesRequest) {
		b := r.Messages[2].Content[0].(*keeprouter.ToolResultBlock)
		b.Content = append(b.Content, &keeprouter.ImageBlock{Source: keeprouter.URLSource("https://example.com/a.png")})
	}},
	{"messages[3].content.citations", changed, func(r *keeprouter.MessagesRequest) {
		r.Messages[3].Content[0].(*keeprouter.TextBlock).Citations = []json.RawMessage{raw}
	}},
	{"thinking.budget_tokens", changed, func(r *keeprouter.MessagesRequest) {
		r.Thinking = &keeprouter.MessagesThinking{Type: "enabled", BudgetTokens: 2000}
	}},
	{"tools[0].input_examples", changed, func(r *keeprouter.MessagesRequest) { r.Tools[0].InputExamples = []json.RawMessage{raw} }},
	{"system.a", changed, func(r *keeprouter.MessagesRequest) {
		r.System[0].(*keeprouter.TextBlock).Extra = map[string]json.RawMessage{"a": raw}
	}},
	{"inference_geo", minor, func(r *keeprouter.MessagesRequest) { r.InferenceGeo = "eu" }},
	{"betas", minor, func(r *keeprouter.MessagesRequest) { r.Betas = []string{"b"} }},
	{"cache_control", minor, func(r *keeprouter.MessagesRequest) { r.CacheControl = &keeprouter.CacheControl{} }},
	{"metadata.user_id", minor, func(r *keeprouter.MessagesRequest) {
		r.Metadata = &keeprouter.MessagesMetadata{UserID: "+49 170 1234567"}
	}},
}

// outcome is which paths a policy refuses and reports.
type outcome struct{ refused, reported []string }

func expected[R any](policy Policy, taken []departure[R]) outcome {
	var o outcome
	for _, d := range taken {
		switch {
		case d.class == hopeless, d.class == lost && policy != Lenient, d.class == changed && policy == Strict:
			o.refused = append(o.refused, d.path)
		case d.class != minor:
			o.reported = append(o.reported, d.path)
		}
	}
	return o
}

func observed(t *testing.T, diagnostics []Diagnostic, err error) outcome {
	t.Helper()
	var o outcome
	for _, d := range meaningful(diagnostics) {
		o.reported = append(o.reported, d.Path)
	}
	if err == nil {
		return o
	}
	refusal, ok := errors.AsType[*RefusalError](err)
	require.True(t, ok, "%v", err)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	for _, loss := range refusal.Losses {
		o.refused = append(o.refused, loss.Path)
	}
	return o
}

// checkDepartures takes each departure alone, and many at once.
func checkDepartures[R any](t *testing.T, all []departure[R], base func() *R, translate func(Translator, *R) ([]Diagnostic, error)) {
	t.Helper()
	subsets := make([][]departure[R], 0, len(all)+rounds)
	for i := range all {
		subsets = append(subsets, all[i:i+1])
	}
	for seed := range uint64(rounds) {
		g := newGenerator(seed)
		var taken []departure[R]
		for _, d := range all {
			if g.IntN(4) == 0 {
				taken = append(taken, d)
			}
		}
		subsets = append(subsets, taken)
	}
	for _, taken := range subsets {
		for _, policy := range []Policy{Default, Strict, Lenient} {
			req := base()
			for _, d := range taken {
				d.make(req)
			}
			diagnostics, err := translate(Translator{Policy: policy}, req)
			want, got := expected(policy, taken), observed(t, diagnostics, err)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{}), cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("policy %d, %s (-want +got):\n%s", policy, wire(t, req), diff)
			}
			for _, d := range taken {
				named := slices.ContainsFunc(diagnostics, func(n Diagnostic) bool { return n.Path == d.path })
				if d.class == minor && !named {
					t.Fatalf("policy %d: %s is not reported", policy, d.path)
				}
			}
		}
	}
}

func TestChatLossesAreExact(t *testing.T) {
	checkDepartures(t, chatDepartures, chatBase, func(tr Translator, req *keeprouter.ChatRequest) ([]Diagnostic, error) {
		_, _, diagnostics, err := tr.ToMessages(req)
		return diagnostics, err
	})
}

func TestMessagesLossesAreExact(t *testing.T) {
	checkDepartures(t, messagesDepartures, messagesBase, func(tr Translator, req *keeprouter.MessagesRequest) ([]Diagnostic, error) {
		_, _, diagnostics, err := tr.ToChat(req)
		return diagnostics, err
	})
}
