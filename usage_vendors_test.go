package keeprouter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leafPrices has a price of its own for every kind, so that each quantity of a cost
// is a line: in micro-dollars per token 1, 0.1, 1.25, 2 and 3 for the input, 4, 5 and
// 8 for the output.
func leafPrices(t testing.TB) *PriceTable {
	t.Helper()
	table, err := parsePrices([]byte(`{"schema": 1, "source": "keeprouter", "currency": "USD", "per_tokens": 1000000, "generated_at": "2026-07-05T00:00:00Z", "models": [
		{"id": "m", "prices": [{"from": "2026-01-01", "source": "https://example.com/prices", "checked": "2026-07-05",
			"input": "1", "cached_input": "0.1", "cache_write": "1.25", "cache_write_1h": "2", "input_audio": "3",
			"output": "4", "reasoning": "5", "output_audio": "8"}]}]}`), "")
	require.NoError(t, err)
	return table.At(day("2026-07-05"))
}

// leaves are the quantities of a cost, in its order.
func leaves(cost Cost) string {
	var lines []string
	for _, line := range cost.Lines {
		lines = append(lines, fmt.Sprintf("%s %d", line.Kind, line.Tokens))
	}
	return strings.Join(lines, ", ")
}

// vendorUsage is a count as a server sends it, and what it comes to.
type vendorUsage struct {
	name, wire   string
	leaves, cost string
	err          error
}

var chatVendors = []vendorUsage{
	{"OpenAI, cached and reasoning within", `{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`, "input 86, cached_input 1920, output 108, reasoning 192", "$0.00167", nil},
	{"OpenAI, audio both ways", `{"prompt_tokens":59,"completion_tokens":67,"total_tokens":126,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":39,"text_tokens":20,"image_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":52,"text_tokens":15}}`, "input 20, input_audio 39, output 15, output_audio 52", "$0.000613", nil},
	{"OpenAI, rejected predictions are within", `{"prompt_tokens":200,"completion_tokens":120,"total_tokens":320,"completion_tokens_details":{"accepted_prediction_tokens":30,"rejected_prediction_tokens":40}}`, "input 200, output 120", "$0.00068", nil},
	{"Azure, null details", `{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":null,"completion_tokens_details":null}`, "input 11, output 7", "$0.000039", nil},
	{"Azure, nulls in the details", `{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":null,"audio_tokens":null},"completion_tokens_details":{"reasoning_tokens":null}}`, "input 11, output 7", "$0.000039", nil},
	{"Gemini, thoughts in the total alone", `{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}`, "input 20, output 603", "$0.002432", nil},
	{"Gemini, nothing but thoughts", `{"prompt_tokens":21,"total_tokens":81}`, "input 21, output 60", "$0.000261", nil},
	{"Gemini, nothing but thoughts, named", `{"completion_tokens":0,"total_tokens":81,"prompt_tokens":21,"completion_tokens_details":{"reasoning_tokens":60}}`, "input 21, reasoning 60", "$0.000321", nil},
	{"Gemini, empty answer", `{"prompt_tokens":21,"completion_tokens":0,"total_tokens":21}`, "input 21", "$0.000021", nil},
	{"OpenRouter, cached and its cost", `{"prompt_tokens":10339,"completion_tokens":60,"total_tokens":10399,"cost":0.0164355,"is_byok":false,"prompt_tokens_details":{"cached_tokens":10318,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},"cost_details":{"upstream_inference_cost":null,"upstream_inference_prompt_cost":0.01,"upstream_inference_completions_cost":0.0064355},"completion_tokens_details":{"reasoning_tokens":0,"image_tokens":0}}`, "input 21, cached_input 10318, output 60", "$0.0012928", nil},
	{"OpenRouter, cache written", `{"prompt_tokens":2108,"completion_tokens":10,"total_tokens":2118,"cost":0.01,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":2100}}`, "input 8, cache_write 2100, output 10", "$0.002673", nil},
	{"DeepSeek, cached told twice", `{"prompt_tokens":1060,"completion_tokens":50,"total_tokens":1110,"prompt_tokens_details":{"cached_tokens":1024},"completion_tokens_details":{"reasoning_tokens":30},"prompt_cache_hit_tokens":1024,"prompt_cache_miss_tokens":36}`, "input 36, cached_input 1024, output 20, reasoning 30", "$0.0003684", nil},
	{"DeepSeek, hit and miss alone", `{"completion_tokens":5,"total_tokens":105,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}`, "input 36, cached_input 64, output 5", "$0.0000624", nil},
	{"xAI, reasoning on top", `{"prompt_tokens":37,"completion_tokens":530,"total_tokens":800,"prompt_tokens_details":{"text_tokens":37,"audio_tokens":0,"image_tokens":0,"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":233,"audio_tokens":0},"num_sources_used":0,"cost_in_usd_ticks":3815500}`, "input 29, cached_input 8, output 530, reasoning 233", "$0.0033148", nil},
	{"reasoning on top, no total", `{"prompt_tokens":10,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":6}}`, "input 10, output 4, reasoning 6", "$0.000056", nil},
	{"Groq, times beside the counts", `{"queue_time":0.054392,"prompt_tokens":18,"prompt_time":0.0009,"completion_tokens":556,"completion_time":0.4633,"total_tokens":574,"total_time":0.4642}`, "input 18, output 556", "$0.002242", nil},
	{"Mistral, audio seconds", `{"prompt_audio_seconds":{},"prompt_tokens":16,"total_tokens":50,"completion_tokens":34,"prompt_tokens_details":{"cached_tokens":10}}`, "input 6, cached_input 10, output 34", "$0.000143", nil},
	{"vLLM", `{"prompt_tokens":31,"total_tokens":43,"completion_tokens":12,"prompt_tokens_details":null}`, "input 31, output 12", "$0.000079", nil},
	{"llama.cpp, cached", `{"completion_tokens":12,"prompt_tokens":31,"total_tokens":43,"prompt_tokens_details":{"cached_tokens":30}}`, "input 1, cached_input 30, output 12", "$0.000052", nil},
	{"Ollama", `{"prompt_tokens":26,"completion_tokens":298,"total_tokens":324}`, "input 26, output 298", "$0.001218", nil},
	{"LiteLLM, both lifetimes", `{"prompt_tokens":1114,"completion_tokens":20,"total_tokens":1134,"prompt_tokens_details":{"audio_tokens":null,"cached_tokens":1000,"text_tokens":14,"image_tokens":null,"cache_creation_tokens":100,"cache_creation_token_details":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40}},"cache_creation_input_tokens":100,"cache_read_input_tokens":1000}`, "input 14, cached_input 1000, cache_write 60, cache_write_1h 40, output 20", "$0.000349", nil},
	{"LiteLLM, names of the other format", `{"prompt_tokens":1114,"completion_tokens":20,"total_tokens":1134,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100}}`, "input 14, cached_input 1000, cache_write_1h 100, output 20", "$0.000394", nil},
	{"Cerebras", `{"prompt_tokens":12,"completion_tokens":40,"total_tokens":52,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"accepted_prediction_tokens":0,"rejected_prediction_tokens":0,"reasoning_tokens":25}}`, "input 12, output 15, reasoning 25", "$0.000197", nil},
	{"Moonshot, cached at the top", `{"prompt_tokens":120,"completion_tokens":13,"total_tokens":133,"cached_tokens":100}`, "input 20, cached_input 100, output 13", "$0.000082", nil},
	{"Portkey, cache in the total alone", `{"prompt_tokens":12,"completion_tokens":30,"total_tokens":5042,"cache_read_input_tokens":5000,"cache_creation_input_tokens":0}`, "input 12, cached_input 5000, output 30", "$0.000632", nil},
	{"cache outside, total without it", `{"prompt_tokens":3,"completion_tokens":30,"total_tokens":33,"prompt_tokens_details":{"cached_tokens":20000}}`, "input 3, cached_input 20000, output 30", "$0.002123", nil},
	{"cache and reasoning outside", `{"prompt_tokens":10,"completion_tokens":4,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":6}}`, "input 10, cached_input 5, output 4, reasoning 6", "$0.0000565", nil},
	{"Vercel, reasoning on top and a total that is a text", `{"prompt_tokens":8,"completion_tokens":20,"total_tokens":"64","completion_tokens_details":{"reasoning_tokens":36},"cost":"0.003561","market_cost":"0.004"}`, "input 8, output 20, reasoning 36", "$0.000268", nil},
	{"floats", `{"prompt_tokens":12.0,"completion_tokens":1e3,"total_tokens":1.012e3}`, "input 12, output 1000", "$0.004012", nil},
	{"texts", `{"prompt_tokens":"12","completion_tokens":"7","total_tokens":"19"}`, "input 12, output 7", "$0.00004", nil},
	{"prompt is null", `{"prompt_tokens":null,"completion_tokens":7,"total_tokens":19}`, "input 12, output 7", "$0.00004", nil},
	{"total falls short", `{"prompt_tokens":10,"completion_tokens":9,"total_tokens":14}`, "input 10, output 9", "$0.000046", nil},
	{"total is null", `{"prompt_tokens":10,"completion_tokens":9,"total_tokens":null}`, "input 10, output 9", "$0.000046", nil},
	{"a name comes twice", `{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11,"completion_tokens":9,"total_tokens":19}`, "input 10, output 9", "$0.000046", nil},
	{"null", `null`, "", "", ErrUsageUnknown},
	{"nothing in it", `{}`, "", "", ErrUsageUnknown},
	{"zeros", `{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`, "", "", ErrUsageUnknown},
	{"a total alone", `{"total_tokens":120}`, "", "", ErrUsageUnknown},
	{"a total and a part", `{"total_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}`, "", "", ErrUsageUnknown},
	{"Ollama, cached prompt not counted", `{"prompt_tokens":0,"completion_tokens":26,"total_tokens":26}`, "", "", ErrUsageUnknown},
	{"half a token", `{"prompt_tokens":12.5,"completion_tokens":7,"total_tokens":19.5}`, "", "", ErrUsageUnknown},
	{"a list", `[{"prompt_tokens":12,"completion_tokens":7}]`, "", "", ErrUsageUnknown},
	{"a text that is no number", `{"prompt_tokens":"n/a","completion_tokens":7}`, "", "", ErrUsageUnknown},
	{"beyond 64 bits", `{"prompt_tokens":9223372036854775808,"completion_tokens":7}`, "", "", ErrUsageUnknown},
	{"Perplexity, reasoning of another kind", `{"prompt_tokens":33,"completion_tokens":7028,"total_tokens":7061,"citation_tokens":19028,"num_search_queries":28,"reasoning_tokens":193164,"search_context_size":"low","cost":{"input_tokens_cost":0.0,"output_tokens_cost":0.056,"total_cost":0.82}}`, "", "", ErrInconsistentUsage},
	{"negative prompt", `{"prompt_tokens":-5,"completion_tokens":7,"total_tokens":2}`, "", "", ErrInconsistentUsage},
	{"negative prompt that the cache would make up for", `{"prompt_tokens":-5,"completion_tokens":7,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":100}}`, "", "", ErrInconsistentUsage},
	{"negative part", `{"prompt_tokens":50,"completion_tokens":7,"total_tokens":57,"prompt_tokens_details":{"cached_tokens":-1}}`, "", "", ErrInconsistentUsage},
	{"negative total", `{"prompt_tokens":50,"completion_tokens":7,"total_tokens":-1}`, "", "", ErrInconsistentUsage},
	{"sum of the cached parts overflows", `{"prompt_tokens":9223372036854775807,"completion_tokens":1,"cache_read_input_tokens":9223372036854775807,"cache_creation_input_tokens":9223372036854775807}`, "", "", ErrInconsistentUsage},
	{"cache outside overflows", `{"prompt_tokens":9223372036854775800,"completion_tokens":1,"cache_read_input_tokens":9223372036854775805}`, "", "", ErrInconsistentUsage},
	{"reasoning on top overflows", `{"prompt_tokens":1,"completion_tokens":9223372036854775800,"completion_tokens_details":{"reasoning_tokens":9223372036854775805}}`, "", "", ErrInconsistentUsage},
	{"total overflows", `{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"total_tokens":9223372036854775807}`, "", "", ErrOverflow},
}

var messagesVendors = []vendorUsage{
	{"Anthropic", `{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":5,"output_tokens_details":null,"server_tool_use":null,"service_tier":"standard"}`, "input 10, output 5", "$0.00003", nil},
	{"Anthropic, both lifetimes", `{"input_tokens":50,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503,"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100}}`, "input 50, cached_input 1800, cache_write 148, cache_write_1h 100, output 503", "$0.002627", nil},
	{"Anthropic, thinking within", `{"input_tokens":20,"output_tokens":400,"output_tokens_details":{"thinking_tokens":350}}`, "input 20, output 50, reasoning 350", "$0.00197", nil},
	{"Anthropic, server tools", `{"input_tokens":105,"output_tokens":6039,"cache_read_input_tokens":7123,"cache_creation_input_tokens":7345,"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0}}`, "input 105, cached_input 7123, cache_write 7345, output 6039", "$0.03415455", nil},
	{"Anthropic, all of it cached", `{"input_tokens":0,"cache_read_input_tokens":188086,"cache_creation_input_tokens":0,"output_tokens":393}`, "cached_input 188086, output 393", "$0.0203806", nil},
	{"split without its sum", `{"input_tokens":50,"output_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":20}}`, "input 50, cache_write 30, cache_write_1h 20, output 5", "$0.0001475", nil},
	{"split names one lifetime", `{"input_tokens":50,"output_tokens":5,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_1h_input_tokens":20}}`, "input 50, cache_write 10, cache_write_1h 20, output 5", "$0.0001225", nil},
	{"nulls", `{"input_tokens":10,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":5,"server_tool_use":null,"service_tier":null}`, "input 10, output 5", "$0.00003", nil},
	{"Bedrock", `{"input_tokens":12,"output_tokens":6}`, "input 12, output 6", "$0.000036", nil},
	{"DeepSeek, its second endpoint", `{"input_tokens":36,"cache_creation_input_tokens":0,"cache_read_input_tokens":1024,"output_tokens":50,"service_tier":"standard"}`, "input 36, cached_input 1024, output 50", "$0.0003384", nil},
	{"a gateway's cost", `{"input_tokens":12,"output_tokens":6,"cost":0.00002,"cost_details":{"upstream_inference_cost":0.00002}}`, "input 12, output 6", "$0.000036", nil},
	{"floats and texts", `{"input_tokens":12.0,"output_tokens":"6","cache_read_input_tokens":1e3}`, "input 12, cached_input 1000, output 6", "$0.000136", nil},
	{"null", `null`, "", "", ErrUsageUnknown},
	{"nothing in it", `{}`, "", "", ErrUsageUnknown},
	{"no input", `{"input_tokens":0,"output_tokens":5}`, "", "", ErrUsageUnknown},
	{"half a token", `{"input_tokens":12.5,"output_tokens":5}`, "", "", ErrUsageUnknown},
	{"a text", `"12 in, 5 out"`, "", "", ErrUsageUnknown},
	{"split exceeds its sum", `{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503,"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100}}`, "", "", ErrInconsistentUsage},
	{"thinking exceeds the output", `{"input_tokens":20,"output_tokens":400,"output_tokens_details":{"thinking_tokens":401}}`, "", "", ErrInconsistentUsage},
	{"negative input that the cache makes up for", `{"input_tokens":-10,"cache_read_input_tokens":10,"output_tokens":5}`, "", "", ErrInconsistentUsage},
	{"negative cache that the input makes up for", `{"input_tokens":10,"cache_read_input_tokens":-10,"output_tokens":5}`, "", "", ErrInconsistentUsage},
	{"negative cache alone", `{"input_tokens":0,"cache_read_input_tokens":-10,"output_tokens":5}`, "", "", ErrInconsistentUsage},
	{"negative lifetime", `{"input_tokens":10,"output_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":-3,"ephemeral_1h_input_tokens":3}}`, "", "", ErrInconsistentUsage},
	{"input overflows", `{"input_tokens":9223372036854775807,"cache_read_input_tokens":1,"output_tokens":5}`, "", "", ErrInconsistentUsage},
	{"lifetimes overflow", `{"input_tokens":1,"output_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":9223372036854775807,"ephemeral_1h_input_tokens":9223372036854775807}}`, "", "", ErrInconsistentUsage},
}

func (v *vendorUsage) check(t *testing.T, usage Usage) {
	t.Helper()
	cost, err := leafPrices(t).Cost("m", usage)
	require.ErrorIs(t, err, v.err)
	if got := leaves(cost); got != v.leaves {
		t.Errorf("got  %s\nwant %s", got, v.leaves)
	}
	if v.err == nil && cost.Total.String() != v.cost {
		t.Errorf("cost %s, want %s", cost, v.cost)
	}
}

func TestChatUsageOfVendors(t *testing.T) {
	t.Parallel()
	for _, tt := range chatVendors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var r ChatResponse
			require.NoError(t, json.Unmarshal([]byte(`{"choices":[],"usage":`+tt.wire+`}`), &r))
			tt.check(t, r.Usage)
		})
	}
}

func TestMessagesUsageOfVendors(t *testing.T) {
	t.Parallel()
	for _, tt := range messagesVendors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var r MessagesResponse
			require.NoError(t, json.Unmarshal([]byte(`{"content":[],"usage":`+tt.wire+`}`), &r))
			tt.check(t, r.Usage)
		})
	}
}

// An answer with something in it took tokens, whatever its count says.
func TestUsageOfNoOutput(t *testing.T) {
	t.Parallel()
	var chat ChatResponse
	require.NoError(t, json.Unmarshal([]byte(`{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9}}`), &chat))
	var messages MessagesResponse
	require.NoError(t, json.Unmarshal([]byte(`{"content":[{"type":"text","text":"Hi"}],"usage":{"input_tokens":9,"output_tokens":0}}`), &messages))
	if !chat.Usage.Unknown || !messages.Usage.Unknown {
		t.Errorf("chat %s, messages %s, want both unknown", chat.Usage, messages.Usage)
	}
}

// A count that can't be read doesn't cost the answer.
func TestAnswerOutlivesItsUsage(t *testing.T) {
	t.Parallel()
	var chat ChatResponse
	require.NoError(t, json.Unmarshal([]byte(`{"model":"m","choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":{}},"x":1}`), &chat))
	var messages MessagesResponse
	require.NoError(t, json.Unmarshal([]byte(`{"model":"m","content":[{"type":"text","text":"Hi"}],"usage":7,"x":1}`), &messages))
	if chat.Text() != "Hi" || messages.Text() != "Hi" || string(chat.Extra["x"]) != "1" || string(messages.Extra["x"]) != "1" {
		t.Errorf("the answers are %+v and %+v", chat, messages)
	}
	require.Error(t, json.Unmarshal([]byte(`{"created":{},"choices":[]}`), &chat))
}
