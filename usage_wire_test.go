package keeprouter

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// everyKindPriced has a price of its own for each kind, so that the lines of a cost
// show the leaf quantities of a usage. The prices are one dollar apart.
const everyKindPriced = `{"schema":1,"source":"test","currency":"USD","per_tokens":1000000,"generated_at":"2026-07-05T00:00:00Z",
	"models":[{"id":"m","aliases":[],"prices":[{"from":"2000-01-01","input":"1.00","cached_input":"2.00","cache_write":"3.00",
	"cache_write_1h":"4.00","output":"6.00","reasoning":"7.00","output_audio":"8.00","source":"https://example.com/","checked":"2026-07-05"}]}]}`

// leaves shows the lines of a cost.
func leaves(c Cost) string {
	var parts []string
	for _, l := range c.Lines {
		parts = append(parts, fmt.Sprintf("%s %d", l.Kind, l.Tokens))
	}
	return strings.Join(parts, ", ")
}

// usageRow is a usage as a server sends it, and what it means.
type usageRow struct {
	name   string
	wire   string
	leaves string // empty if it is unknown
	err    error
}

func chatUsageRows() []usageRow {
	return []usageRow{
		{"OpenAI", `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`, "input 1000, output 500", nil},
		{"OpenAI, cached and reasoning within", `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"prompt_tokens_details":{"cached_tokens":768},"completion_tokens_details":{"reasoning_tokens":320}}`, "input 232, cached_input 768, output 180, reasoning 320", nil},
		{"OpenAI, all cached", `{"prompt_tokens":1024,"completion_tokens":1,"total_tokens":1025,"prompt_tokens_details":{"cached_tokens":1024}}`, "cached_input 1024, output 1", nil},
		{"OpenAI, prediction", `{"prompt_tokens":100,"completion_tokens":90,"total_tokens":190,"completion_tokens_details":{"reasoning_tokens":0,"accepted_prediction_tokens":30,"rejected_prediction_tokens":50}}`, "input 100, output 90", nil},
		{"OpenAI, spoken", `{"prompt_tokens":10,"completion_tokens":40,"total_tokens":50,"completion_tokens_details":{"audio_tokens":25,"text_tokens":15}}`, "input 10, output 15, output_audio 25", nil},
		{"null details", `{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":null,"completion_tokens_details":null}`, "input 10, output 4", nil},
		{"nulls in the details", `{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":null},"completion_tokens_details":{"reasoning_tokens":null}}`, "input 10, output 4", nil},
		{"OpenRouter", `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"cost":0.000295,"is_byok":false,"prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":200,"audio_tokens":0,"video_tokens":0},"cost_details":{"upstream_inference_cost":null},"completion_tokens_details":{"reasoning_tokens":10,"image_tokens":0}}`, "input 700, cached_input 100, cache_write 200, output 490, reasoning 10", nil},
		{"DeepSeek", `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"prompt_tokens_details":{"cached_tokens":640},"prompt_cache_hit_tokens":640,"prompt_cache_miss_tokens":360}`, "input 360, cached_input 640, output 500", nil},
		{"DeepSeek, no details", `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"prompt_cache_hit_tokens":640,"prompt_cache_miss_tokens":360}`, "input 360, cached_input 640, output 500", nil},
		{"xAI, reasoning on top", `{"prompt_tokens":100,"completion_tokens":20,"total_tokens":420,"prompt_tokens_details":{"text_tokens":100,"audio_tokens":0,"image_tokens":0,"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":300,"audio_tokens":0},"num_sources_used":0,"cost_in_usd_ticks":1234}`, "input 36, cached_input 64, output 20, reasoning 300", nil},
		{"Gemini's compatible endpoint, thoughts only in the total", `{"completion_tokens":20,"prompt_tokens":100,"total_tokens":420}`, "input 100, output 20", nil},
		{"Groq", `{"queue_time":0.018,"prompt_tokens":24,"prompt_time":0.0004,"completion_tokens":18,"completion_time":0.05,"total_tokens":42,"total_time":0.05}`, "input 24, output 18", nil},
		{"Mistral", `{"prompt_tokens":24,"total_tokens":42,"completion_tokens":18,"num_cached_tokens":0}`, "input 24, output 18", nil},
		{"vLLM", `{"prompt_tokens":24,"total_tokens":42,"completion_tokens":18,"prompt_tokens_details":null}`, "input 24, output 18", nil},
		{"llama.cpp", `{"completion_tokens":18,"prompt_tokens":24,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":23}}`, "input 1, cached_input 23, output 18", nil},
		{"Ollama", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":42}`, "input 24, output 18", nil},
		{"LiteLLM before Anthropic", `{"completion_tokens":18,"prompt_tokens":1024,"total_tokens":1042,"prompt_tokens_details":{"cached_tokens":512,"text_tokens":null},"cache_creation_input_tokens":300,"cache_read_input_tokens":512}`, "input 212, cached_input 512, cache_write 300, output 18", nil},
		{"Moonshot", `{"prompt_tokens":1000,"completion_tokens":5,"total_tokens":1005,"cached_tokens":800}`, "input 200, cached_input 800, output 5", nil},
		{"Cerebras", `{"prompt_tokens":1000,"completion_tokens":5,"total_tokens":1005,"prompt_tokens_details":{"cached_tokens":896}}`, "input 104, cached_input 896, output 5", nil},
		{"Perplexity", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":42,"search_context_size":"low","cost":{"input_tokens_cost":0.00002,"output_tokens_cost":0.00002,"request_cost":0.005,"total_cost":0.00504}}`, "input 24, output 18", nil},
		{"floats", `{"prompt_tokens":24.0,"completion_tokens":1.8e1,"total_tokens":42.0}`, "input 24, output 18", nil},
		{"numbers as texts", `{"prompt_tokens":"24","completion_tokens":"18","total_tokens":"42"}`, "input 24, output 18", nil},
		{"no total", `{"prompt_tokens":24,"completion_tokens":18}`, "input 24, output 18", nil},
		{"total of zero", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":0}`, "input 24, output 18", nil},
		{"prompt without its cached part", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":1042,"prompt_tokens_details":{"cached_tokens":1000}}`, "input 24, cached_input 1000, output 18", nil},
		{"unknown members", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":42,"price":{"x":[1]}}`, "input 24, output 18", nil},
		{"zeros", `{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`, "", ErrUsageUnknown},
		{"nothing", `{}`, "", ErrUsageUnknown},
		{"negative", `{"prompt_tokens":-1,"completion_tokens":18,"total_tokens":17}`, "", ErrInconsistentUsage},
		{"reasoning beyond the output", `{"prompt_tokens":24,"completion_tokens":18,"total_tokens":42,"completion_tokens_details":{"reasoning_tokens":19}}`, "", ErrInconsistentUsage},
		{"beyond all bounds", `{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":9223372036854775807}}`, "", ErrOverflow},
	}
}

func messagesUsageRows() []usageRow {
	return []usageRow{
		{"Anthropic", `{"input_tokens":1000,"output_tokens":500}`, "input 1000, output 500", nil},
		{"Anthropic, cache beside", `{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":5,"service_tier":"standard"}`, "input 10, cached_input 3000, cache_write 200, output 5", nil},
		{"Anthropic, cache by lifetime", `{"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":5}`, "input 10, cache_write 100, cache_write_1h 200, output 5", nil},
		{"Anthropic, all cached", `{"input_tokens":0,"cache_read_input_tokens":3000,"output_tokens":5}`, "cached_input 3000, output 5", nil},
		{"Anthropic, thinking within", `{"input_tokens":10,"output_tokens":500,"output_tokens_details":{"thinking_tokens":420}}`, "input 10, output 80, reasoning 420", nil},
		{"Anthropic, server tools", `{"input_tokens":10,"output_tokens":5,"server_tool_use":{"web_search_requests":3}}`, "input 10, output 5", nil},
		{"nulls", `{"input_tokens":10,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":5}`, "input 10, output 5", nil},
		{"lifetimes without their sum", `{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":5}`, "input 10, cache_write 100, cache_write_1h 200, output 5", nil},
		{"a gateway before Chat Completions", `{"input_tokens":36,"cache_read_input_tokens":64,"output_tokens":320,"cost":"0.000123"}`, "input 36, cached_input 64, output 320", nil},
		{"floats", `{"input_tokens":10.0,"output_tokens":5e0}`, "input 10, output 5", nil},
		{"no input", `{"input_tokens":0,"output_tokens":5}`, "", ErrUsageUnknown},
		{"negative", `{"input_tokens":10,"output_tokens":-5}`, "", ErrInconsistentUsage},
		{"thinking beyond the output", `{"input_tokens":10,"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}}`, "", ErrInconsistentUsage},
		{"an hour beyond what was written", `{"input_tokens":10,"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":200},"output_tokens":5}`, "", ErrInconsistentUsage},
		{"beyond all bounds", `{"input_tokens":9223372036854775807,"cache_read_input_tokens":9223372036854775807,"output_tokens":1}`, "", ErrInconsistentUsage},
	}
}

func TestUsagesAsServersSendThem(t *testing.T) {
	prices, err := ReadPrices(strings.NewReader(everyKindPriced))
	require.NoError(t, err)
	check := func(t *testing.T, row usageRow, usage Usage) {
		t.Helper()
		cost, err := prices.Cost("m", usage)
		require.ErrorIs(t, err, row.err)
		if diff := cmp.Diff(row.leaves, leaves(cost)); diff != "" {
			t.Errorf("leaf quantities (-want +got):\n%s", diff)
		}
		var sum Money
		for _, l := range cost.Lines {
			sum += l.Rate / perTokens * Money(l.Tokens)
		}
		require.Equal(t, sum, cost.Total)
	}
	for _, row := range chatUsageRows() {
		t.Run("chat/"+row.name, func(t *testing.T) {
			var u ChatUsage
			require.NoError(t, json.Unmarshal([]byte(row.wire), &u))
			check(t, row, u.usage())
		})
	}
	for _, row := range messagesUsageRows() {
		t.Run("messages/"+row.name, func(t *testing.T) {
			var u MessagesUsage
			require.NoError(t, json.Unmarshal([]byte(row.wire), &u))
			check(t, row, u.usage())
		})
	}
}

// TestUsagesInStreams repeats and grows counts as servers do.
func TestUsagesInStreams(t *testing.T) {
	chunk := func(usage string) string {
		return `{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"}}],"usage":` + usage + `}`
	}
	const end = `{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	start := func(usage string) string {
		return `{"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"usage":` + usage + `}}`
	}
	delta := func(usage string) string {
		return `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":` + usage + `}`
	}
	for name, tc := range map[string]struct {
		chat, messages []string
		want           Usage
	}{
		"in each chunk, running":       {chat: []string{chunk(`{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11}`), chunk(`{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}`), end}, want: Usage{Input: 10, Output: 2}},
		"null until the last":          {chat: []string{chunk(`null`), end, `{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}}`}, want: Usage{Input: 10, Output: 2}},
		"zeros after the count":        {chat: []string{chunk(`{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}`), chunk(`{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`), end}, want: Usage{Input: 10, Output: 2}},
		"the same twice":               {chat: []string{chunk(`{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}`), end, `{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}}`}, want: Usage{Input: 10, Output: 2}},
		"start and cumulative delta":   {messages: []string{start(`{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1}`), delta(`{"output_tokens":7}`)}, want: Usage{Input: 100, CachedInput: 90, Output: 7}},
		"delta repeats the input":      {messages: []string{start(`{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1}`), delta(`{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":7}`)}, want: Usage{Input: 100, CachedInput: 90, Output: 7}},
		"delta corrects the input":     {messages: []string{start(`{"input_tokens":0,"output_tokens":0}`), delta(`{"input_tokens":25,"output_tokens":7}`)}, want: Usage{Input: 25, Output: 7}},
		"two deltas, each the sum yet": {messages: []string{start(`{"input_tokens":10,"output_tokens":1}`), delta(`{"output_tokens":7}`), delta(`{"output_tokens":9}`)}, want: Usage{Input: 10, Output: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			var got Usage
			if tc.chat != nil {
				resp, err := NewChatStream(decoded[ChatChunk](t, tc.chat)).Result()
				require.NoError(t, err)
				got = resp.Usage
			} else {
				resp, err := NewMessagesStream(decoded[MessagesEvent](t, append(tc.messages, `{"type":"message_stop"}`))).Result()
				require.NoError(t, err)
				got = resp.Usage
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func decoded[C any](t *testing.T, items []string) func(func(*C, error) bool) {
	return func(yield func(*C, error) bool) {
		for _, data := range items {
			item := new(C)
			require.NoError(t, json.Unmarshal([]byte(data), item))
			if !yield(item, nil) {
				return
			}
		}
	}
}

// FuzzUsage reads anything as the usage of either format: it is priced or an error,
// and tokens are never free.
func FuzzUsage(f *testing.F) {
	for _, row := range append(chatUsageRows(), messagesUsageRows()...) {
		f.Add([]byte(row.wire))
	}
	prices, err := ReadPrices(strings.NewReader(everyKindPriced))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		var chat ChatUsage
		var messages MessagesUsage
		var usages []Usage
		if json.Unmarshal(data, &chat) == nil {
			usages = append(usages, chat.usage())
		}
		if json.Unmarshal(data, &messages) == nil {
			usages = append(usages, messages.usage())
		}
		for _, u := range usages {
			cost, err := prices.Cost("m", u)
			if err != nil {
				continue
			}
			require.NoError(t, u.Validate())
			tokens := int64(0)
			for _, l := range cost.Lines {
				require.Positive(t, l.Tokens)
				tokens += l.Tokens
			}
			require.Equal(t, u.Input+u.Output, tokens, "each token is in one line")
			require.GreaterOrEqual(t, cost.Total, Money(tokens)*1_000_000)
			require.Less(t, tokens, int64(math.MaxInt64/1_000_000))
		}
	})
}
