package keeprouter

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessagesRequestIsRefused(t *testing.T) {
	object := json.RawMessage(`{"type":"object"}`)
	use := func(id string) *ToolUseBlock { return &ToolUseBlock{ID: id, Name: "f"} }
	conversation := func(messages ...Message) func(*MessagesRequest) {
		return func(r *MessagesRequest) { r.Messages = messages }
	}
	user := func(blocks ...Block) func(*MessagesRequest) { return conversation(UserMessage("", blocks...)) }
	tool := func(t MessagesTool) func(*MessagesRequest) {
		return func(r *MessagesRequest) { r.Tools = []MessagesTool{t} }
	}
	marked := func() Block { return &TextBlock{Text: "a", CacheControl: &CacheControl{}} }
	itself := &ToolResultBlock{ToolUseID: "t"}
	itself.Content = Blocks{itself}

	for _, tt := range []struct {
		name   string
		change func(*MessagesRequest)
		param  string
	}{
		{"no model", func(r *MessagesRequest) { r.Model = "" }, "model"},
		{"no max_tokens", func(r *MessagesRequest) { r.MaxTokens = 0 }, "max_tokens"},
		{"negative max_tokens", func(r *MessagesRequest) { r.MaxTokens = -1 }, "max_tokens"},
		{"no messages", conversation(), "messages"},
		{"hot", func(r *MessagesRequest) { r.Temperature = new(1.5) }, "temperature"},
		{"temperature NaN", func(r *MessagesRequest) { r.Temperature = new(math.NaN()) }, "temperature"},
		{"top_p infinite", func(r *MessagesRequest) { r.TopP = new(math.Inf(1)) }, "top_p"},
		{"top_k negative", func(r *MessagesRequest) { r.TopK = new(-1) }, "top_k"},
		{"empty stop sequence", func(r *MessagesRequest) { r.StopSequences = []string{"a", ""} }, "stop_sequences[1]"},
		{"thinking without a type", func(r *MessagesRequest) { r.Thinking = &MessagesThinking{} }, "thinking.type"},
		{"thinking without a budget", func(r *MessagesRequest) { r.Thinking = &MessagesThinking{Type: "enabled"} }, "thinking.budget_tokens"},
		{"thinking over the limit", func(r *MessagesRequest) { r.Thinking = &MessagesThinking{Type: "enabled", BudgetTokens: 4096} }, "thinking.budget_tokens"},
		{"format without a type", func(r *MessagesRequest) { r.OutputConfig = &MessagesOutputConfig{Format: &MessagesOutputFormat{}} }, "output_config.format.type"},
		{"format without a schema", func(r *MessagesRequest) {
			r.OutputConfig = &MessagesOutputConfig{Format: &MessagesOutputFormat{Type: "json_schema"}}
		}, "output_config.format.schema"},
		{"tool without a name", tool(MessagesTool{InputSchema: object}), "tools[0].name"},
		{"tool without a schema", tool(MessagesTool{Name: "f"}), "tools[0].input_schema"},
		{"schema is null", tool(MessagesTool{Name: "f", InputSchema: json.RawMessage("null")}), "tools[0].input_schema"},
		{"schema is no object's", tool(MessagesTool{Name: "f", InputSchema: json.RawMessage(`{"type":"string"}`)}), "tools[0].input_schema.type"},
		{"schema with anyOf", tool(MessagesTool{Name: "f", InputSchema: json.RawMessage(`{"type":"object","anyOf":[]}`)}), "tools[0].input_schema.anyOf"},
		{"schema requires null", tool(MessagesTool{Name: "f", InputSchema: json.RawMessage(`{"type":"object","required":null}`)}), "tools[0].input_schema.required"},
		{"choice without a type", func(r *MessagesRequest) { r.ToolChoice = &MessagesToolChoice{} }, "tool_choice.type"},
		{"choice of no tool", func(r *MessagesRequest) { r.ToolChoice = &MessagesToolChoice{Type: "tool"} }, "tool_choice.name"},
		{"image as system", func(r *MessagesRequest) { r.System = Blocks{&ImageBlock{}} }, "system[0]"},
		{"empty system text", func(r *MessagesRequest) { r.System = Blocks{&TextBlock{}} }, "system[0].text"},
		{"nil system block", func(r *MessagesRequest) { r.System = Blocks{nil} }, "system[0]"},
		{"five marks", func(r *MessagesRequest) {
			r.System = Blocks{marked(), marked()}
			r.Tools = []MessagesTool{{Name: "f", InputSchema: object, CacheControl: &CacheControl{}}}
			r.Messages = []Message{UserMessage("", marked(), marked())}
		}, "cache_control"},

		{"no role", conversation(Message{Content: TextBlocks("a")}), "messages[0].role"},
		{"role of the other format", conversation(Message{Role: "tool", Content: TextBlocks("a")}), "messages[0].role"},
		{"no content", conversation(UserMessage("")), "messages[0].content"},
		{"no content before the end", conversation(UserMessage("a"), AssistantMessage(""), UserMessage("b")), "messages[1].content"},
		{"empty text", user(&TextBlock{Text: "a"}, &TextBlock{}), "messages[0].content[1].text"},
		{"nil block", user(nil), "messages[0].content[0]"},
		{"nil pointer", user((*ImageBlock)(nil)), "messages[0].content[0]"},
		{"thinking by a user", user(&ThinkingBlock{}), "messages[0].content[0]"},
		{"call by a user", user(use("t")), "messages[0].content[0]"},
		{"image without a source", user(&ImageBlock{}), "messages[0].content[0].source.type"},
		{"image without a URL", user(&ImageBlock{Source: URLSource("")}), "messages[0].content[0].source.url"},
		{"image without data", user(&ImageBlock{Source: DataSource("image/png", nil)}), "messages[0].content[0].source.data"},
		{"image without a media type", user(&ImageBlock{Source: DataSource("", []byte("x"))}), "messages[0].content[0].source.media_type"},
		{"file without an id", user(&DocumentBlock{Source: BlockSource{Type: "file"}}), "messages[0].content[0].source.file_id"},
		{"document of nothing", user(&DocumentBlock{Source: BlockSource{Type: "content"}}), "messages[0].content[0].source.content"},
		{"document of calls", user(&DocumentBlock{Source: BlockSource{Type: "content", Content: Blocks{use("t")}}}), "messages[0].content[0].source.content[0]"},
		{"search result of nothing", user(&SearchResultBlock{}), "messages[0].content[0].content"},
		{"upload of nothing", user(&ContainerUploadBlock{}), "messages[0].content[0].file_id"},
		{"raw block that is none", user(&RawBlock{JSON: json.RawMessage(`[]`)}), "messages[0].content[0]"},
		{"a result inside itself", conversation(UserMessage("a"), AssistantMessage("", use("t")), UserMessage("", itself)), "messages[2].content[0].content[0]"},

		{"call without an id", conversation(UserMessage("a"), AssistantMessage("", use(""))), "messages[1].content[0].id"},
		{"call without a name", conversation(UserMessage("a"), AssistantMessage("", &ToolUseBlock{ID: "t"})), "messages[1].content[0].name"},
		{"call with a list as input", conversation(UserMessage("a"), AssistantMessage("", &ToolUseBlock{ID: "t", Name: "f", Input: json.RawMessage("[]")})), "messages[1].content[0].input"},
		{"two calls of one id", conversation(UserMessage("a"), AssistantMessage("", use("t"), use("t"))), "messages[1].content[1].id"},
		{"result without a call", conversation(UserMessage("a"), AssistantMessage("b"), ToolResultMessage(use("t").Result("r"))), "messages[2].content[0].tool_use_id"},
		{"result at the beginning", conversation(ToolResultMessage(use("t").Result("r"))), "messages[0].content[0].tool_use_id"},
		{"result without an id", conversation(ToolResultMessage(use("").Result("r"))), "messages[0].content[0].tool_use_id"},
		{"result twice", conversation(UserMessage("a"), AssistantMessage("", use("t")), ToolResultMessage(use("t").Result("r"), use("t").Result("r"))), "messages[2].content[1].tool_use_id"},
		{"result after text", conversation(UserMessage("a"), AssistantMessage("", use("t")), UserMessage("b", use("t").Result("r"))), "messages[2].content[1]"},
		{"a result is missing", conversation(UserMessage("a"), AssistantMessage("", use("t"), use("u")), ToolResultMessage(use("u").Result("r"))), "messages[2].content"},
		{"no result at all", conversation(UserMessage("a"), AssistantMessage("", use("t")), UserMessage("b"), AssistantMessage("c")), "messages[2].content"},
		{"result of an assistant", conversation(UserMessage("a"), AssistantMessage("", use("t").Result("r"))), "messages[1].content[0]"},
		{"system first", conversation(Message{Role: "system", Content: TextBlocks("s")}, UserMessage("a")), "messages[0].role"},
		{"system before a user", conversation(UserMessage("a"), Message{Role: "system", Content: TextBlocks("s")}, UserMessage("b")), "messages[1].role"},
		{"empty system message", conversation(UserMessage("a"), Message{Role: "system"}), "messages[1].content"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := &MessagesRequest{Model: "m", MaxTokens: 2048, Messages: []Message{UserMessage("Hello")}}
			tt.change(req)
			err := req.validate(DefaultAnthropicVersion)
			require.ErrorIs(t, err, ErrInvalidRequest)
			e, _ := errors.AsType[*Error](err)
			if e.Param != tt.param || e.Message == "" {
				t.Errorf("error at %q with message %q, want one at %q", e.Param, e.Message, tt.param)
			}
		})
	}
}

func TestMessagesRequestIsAccepted(t *testing.T) {
	use := func(id string) *ToolUseBlock { return &ToolUseBlock{ID: id, Name: "f"} }
	for _, tt := range []struct {
		name   string
		change func(*MessagesRequest)
	}{
		{"unknown model", func(r *MessagesRequest) { r.Model = "my/odd model" }},
		{"unknown role of thinking", func(r *MessagesRequest) { r.Thinking = &MessagesThinking{Type: "novel"} }},
		{"a beta that lets thinking span turns", func(r *MessagesRequest) {
			r.Thinking, r.Betas = &MessagesThinking{Type: "enabled", BudgetTokens: 4096}, []string{"interleaved-thinking-2025-05-14"}
		}},
		{"server tool without a schema", func(r *MessagesRequest) { r.Tools = []MessagesTool{{Type: "bash_20250124", Name: "bash"}} }},
		{"line break as stop sequence", func(r *MessagesRequest) { r.StopSequences = []string{"\n"} }},
		{"prefill", func(r *MessagesRequest) { r.Messages = append(r.Messages, AssistantMessage("The answer is")) }},
		{"two users in a row", func(r *MessagesRequest) { r.Messages = append(r.Messages, UserMessage("b")) }},
		{"assistant first", func(r *MessagesRequest) { r.Messages = []Message{AssistantMessage("a"), UserMessage("b")} }},
		{"results in two messages, then text", func(r *MessagesRequest) {
			r.Messages = append(r.Messages, AssistantMessage("", use("t"), use("u")),
				ToolResultMessage(use("u").Result("")), ToolResultMessage(use("t").Result("r")), UserMessage("b"))
		}},
		{"an id used again in a later turn", func(r *MessagesRequest) {
			for range 2 {
				r.Messages = append(r.Messages, AssistantMessage("", use("call_0")), ToolResultMessage(use("call_0").Result("r")))
			}
		}},
		{"a result of a call of an unknown kind", func(r *MessagesRequest) {
			r.Messages = append(r.Messages, AssistantMessage("", &RawBlock{JSON: json.RawMessage(`{"type":"novel_use","id":"n"}`)}),
				ToolResultMessage(&ToolResultBlock{ToolUseID: "n"}))
		}},
		{"system message at the end and before an answer", func(r *MessagesRequest) {
			system := Message{Role: "system", Content: TextBlocks("s")}
			r.Messages = append(r.Messages, system, AssistantMessage("b"), UserMessage("c"), system, system)
		}},
		{"thinking with an empty text", func(r *MessagesRequest) {
			r.Messages = append(r.Messages, AssistantMessage("", &ThinkingBlock{Signature: "s"}, &TextBlock{Text: "a"}), UserMessage("b"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := &MessagesRequest{Model: "m", MaxTokens: 2048, Messages: []Message{UserMessage("Hello")}}
			tt.change(req)
			require.NoError(t, req.validate(DefaultAnthropicVersion))
			_, err := req.encode()
			require.NoError(t, err)
		})
	}
}

func TestStrictAnthropicVersion(t *testing.T) {
	cited := &TextBlock{Text: "a", Citations: []json.RawMessage{json.RawMessage("{}")}}
	document := &DocumentBlock{Source: URLSource("u")}
	for _, tt := range []struct {
		param  string
		change func(*MessagesRequest)
	}{
		{"temperature", func(r *MessagesRequest) { r.Temperature = new(1.0) }},
		{"top_p", func(r *MessagesRequest) { r.TopP = new(1.0) }},
		{"top_k", func(r *MessagesRequest) { r.TopK = new(0) }},
		{"messages[0].content[0].citations", func(r *MessagesRequest) { r.Messages = []Message{UserMessage("", cited)} }},
		{"messages[1].content[0]", func(r *MessagesRequest) { r.Messages = append(r.Messages, AssistantMessage("", document)) }},
	} {
		t.Run(tt.param, func(t *testing.T) {
			req := &MessagesRequest{Model: "m", MaxTokens: 1, Messages: []Message{UserMessage("Hello")}}
			tt.change(req)
			require.NoError(t, req.validate(DefaultAnthropicVersion))
			err := req.validate("2026-10-21")
			require.ErrorIs(t, err, ErrInvalidRequest)
			if !strings.Contains(err.Error(), "("+tt.param+")") {
				t.Errorf("error = %v, want one at %s", err, tt.param)
			}
		})
	}
}

func TestCountDoesNotNeedWhatAnAnswerNeeds(t *testing.T) {
	req := &MessagesRequest{
		Model: "m", Messages: []Message{UserMessage("Hello")}, Temperature: new(7.0), StopSequences: []string{"x"}, Stream: true,
		Thinking: &MessagesThinking{Type: "enabled", BudgetTokens: 2048}, Speed: "fast",
		Extra: map[string]any{"top_k": 40, "mcp_servers": []any{}},
	}
	require.NoError(t, req.validateCount("2026-10-21"))
	got, err := req.encodeCount()
	require.NoError(t, err)
	const want = `{"model":"m","messages":[{"role":"user","content":"Hello"}],"thinking":{"type":"enabled","budget_tokens":2048},"speed":"fast","mcp_servers":[]}`
	if string(got) != want {
		t.Errorf("on the wire: %s, want %s", got, want)
	}
}
