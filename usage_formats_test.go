package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// wireCounts writes counts as servers do: as integers, floats or texts.
type wireCounts struct{ *rand.Rand }

func (w wireCounts) number(n int64) string {
	return fmt.Sprintf([]string{"%d", "%d", "%d.0", `"%d"`, "%de0"}[w.IntN(5)], n)
}

// object leaves out some of the zeros.
func (w wireCounts) object(members map[string]any) string {
	var written []string
	for name, value := range members {
		text, _ := value.(string)
		if n, ok := value.(int64); ok {
			if n == 0 && w.IntN(2) == 0 {
				continue
			}
			text = w.number(n)
		}
		written = append(written, fmt.Sprintf("%q:%s", name, text))
	}
	return "{" + strings.Join(written, ",") + "}"
}

func (w wireCounts) usage() Usage {
	size := []int64{3, 30, 3000, 1e6}[w.IntN(4)]
	part := func() int64 { return w.Int64N(size) * w.Int64N(2) }
	u := Usage{CachedInput: part(), CacheWrite: part(), CacheWrite1h: part(), Reasoning: part()}
	u.Input = u.CachedInput + u.CacheWrite + u.CacheWrite1h + part()
	u.Output = u.Reasoning + part()
	u.Input, u.Output = max(u.Input, 1), max(u.Output, 1)
	return u
}

// chatConventions returns the usage as each kind of server writes it that can: where
// the numbers could be read in two ways, it is left out.
func (w wireCounts) chatConventions(u Usage) map[string]string {
	written := u.CacheWrite + u.CacheWrite1h
	cached := u.CachedInput + written
	lifetimes := w.object(map[string]any{"ephemeral_5m_input_tokens": u.CacheWrite, "ephemeral_1h_input_tokens": u.CacheWrite1h})
	count := func(input, output, total int64) string {
		return w.object(map[string]any{
			"prompt_tokens": input, "completion_tokens": output, "total_tokens": total,
			"prompt_tokens_details": w.object(map[string]any{
				"cached_tokens": u.CachedInput, "cache_creation_tokens": written, "cache_creation_token_details": lifetimes,
			}),
			"completion_tokens_details": w.object(map[string]any{"reasoning_tokens": u.Reasoning}),
		})
	}
	all := map[string]string{
		"all within":     count(u.Input, u.Output, u.Input+u.Output),
		"no total":       count(u.Input, u.Output, 0),
		"total too low":  count(u.Input, u.Output, max(u.Input, u.Output)),
		"reasoning atop": count(u.Input, u.Output-u.Reasoning, u.Input+u.Output),
		"LiteLLM": w.object(map[string]any{
			"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output, "reasoning_tokens": u.Reasoning,
			"cache_read_input_tokens": u.CachedInput, "cache_creation_input_tokens": written, "cache_creation": lifetimes,
		}),
	}
	if cached != u.Reasoning {
		all["cache beside"] = count(u.Input-cached, u.Output, u.Input+u.Output)
	}
	if cached > u.Input-cached {
		all["cache beside, not in the total"] = count(u.Input-cached, u.Output, u.Input-cached+u.Output)
	}
	if u.Reasoning > 0 {
		all["cache beside, reasoning atop"] = count(u.Input-cached, u.Output-u.Reasoning, u.Input+u.Output)
	}
	if cached == 0 && u.Reasoning == 0 {
		all["thoughts in the total alone"] = count(u.Input, w.Int64N(u.Output), u.Input+u.Output)
	}
	if written == 0 {
		all["DeepSeek"] = w.object(map[string]any{
			"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output, "reasoning_tokens": u.Reasoning,
			"prompt_cache_hit_tokens": u.CachedInput, "prompt_cache_miss_tokens": u.Input - u.CachedInput,
		})
		all["Moonshot"] = w.object(map[string]any{
			"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output,
			"cached_tokens": u.CachedInput, "reasoning_tokens": u.Reasoning,
		})
	}
	if u.CacheWrite1h == 0 {
		all["OpenRouter"] = w.object(map[string]any{
			"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output, "reasoning_tokens": u.Reasoning,
			"prompt_tokens_details": w.object(map[string]any{"cached_tokens": u.CachedInput, "cache_write_tokens": u.CacheWrite}),
		})
	}
	return all
}

func (w wireCounts) messagesConventions(u Usage) map[string]string {
	written := u.CacheWrite + u.CacheWrite1h
	counts := func(written, split bool) string {
		members := map[string]any{
			"input_tokens":            u.Input - u.CachedInput - u.CacheWrite - u.CacheWrite1h,
			"cache_read_input_tokens": u.CachedInput, "output_tokens": u.Output,
			"output_tokens_details": w.object(map[string]any{"thinking_tokens": u.Reasoning}),
		}
		if written {
			members["cache_creation_input_tokens"] = u.CacheWrite + u.CacheWrite1h
		}
		if split {
			members["cache_creation"] = w.object(map[string]any{"ephemeral_5m_input_tokens": u.CacheWrite, "ephemeral_1h_input_tokens": u.CacheWrite1h})
		}
		return w.object(members)
	}
	all := map[string]string{"sum and split": counts(true, true), "split alone": counts(false, true)}
	if u.CacheWrite1h == 0 {
		all["sum alone"] = counts(true, false)
	}
	if written == 0 {
		all["neither"] = counts(false, false)
	}
	return all
}

// TestOneCallHasOneUsage writes a call's usage as each kind of server of both formats
// does, and wants it back the same, at the same cost.
func TestOneCallHasOneUsage(t *testing.T) {
	t.Parallel()
	prices, w := leafPrices(t), wireCounts{rand.New(rand.NewPCG(1, 2))}
	for range 500 {
		want := w.usage()
		wantCost, err := prices.Cost("m", want)
		require.NoError(t, err)
		check := func(convention, wire string, got Usage) {
			cost, err := prices.Cost("m", got)
			if diff := cmp.Diff(want, got); err != nil || diff != "" || cost.Total != wantCost.Total {
				t.Fatalf("%s: %s\ncost %s, want %s, usage (-want +got):\n%s", convention, wire, cost, wantCost, diff)
			}
		}
		for convention, wire := range w.chatConventions(want) {
			usage := &ChatUsage{}
			require.NoError(t, json.Unmarshal([]byte(wire), usage))
			check(convention, wire, usage.usage())
		}
		for convention, wire := range w.messagesConventions(want) {
			usage := &MessagesUsage{}
			require.NoError(t, json.Unmarshal([]byte(wire), usage))
			check(convention, wire, usage.usage())
			streamed, _, err := foldMessages(strings.NewReader(messagesEvents(messageStart, endCounting(wire))))
			require.NoError(t, err)
			if want.Input > want.CachedInput+want.CacheWrite+want.CacheWrite1h {
				check(convention+", streamed", wire, streamed.Usage)
			}
		}
	}
}

// FuzzUsage holds that no count panics, wraps around, or costs nothing, and that
// everything counted is charged or is an error.
func FuzzUsage(f *testing.F) {
	for _, v := range append(chatVendors, messagesVendors...) {
		f.Add(v.wire)
	}
	prices := leafPrices(f)
	f.Fuzz(func(t *testing.T, wire string) {
		if !json.Valid([]byte(wire)) {
			return
		}
		var chat ChatResponse
		if err := json.Unmarshal([]byte(`{"choices":[],"usage":`+wire+`}`), &chat); err == nil {
			if u := chat.WireUsage; u != nil {
				sound := pricedOrRefused(t, prices, chat.Usage, u.PromptTokens, u.CompletionTokens, u.TotalTokens)
				if sound && u.TotalTokens-chat.Usage.Input > chat.Usage.Output {
					t.Errorf("%s leaves out some of %d tokens", chat.Usage, u.TotalTokens)
				}
			}
			chat.reported(Meta{}, false)
		}
		var messages MessagesResponse
		if err := json.Unmarshal([]byte(`{"content":[],"usage":`+wire+`}`), &messages); err == nil {
			if u := messages.WireUsage; u != nil {
				pricedOrRefused(t, prices, messages.Usage, max(u.InputTokens, u.CacheReadInputTokens, u.CacheCreationInputTokens), u.OutputTokens,
					min(u.InputTokens, u.CacheReadInputTokens, u.CacheCreationInputTokens))
			}
			messages.reported(Meta{}, false)
		}
		foldMessages(strings.NewReader(messagesEvents(messageStart, endCounting(wire))))
	})
}

// pricedOrRefused reports whether a usage is priced. It must not be if one of the
// counts behind it is negative.
func pricedOrRefused(t *testing.T, prices *PriceTable, u Usage, input, output, other int64) bool {
	t.Helper()
	cost, err := prices.Cost("m", u)
	if err != nil {
		if !errors.Is(err, ErrUsageUnknown) && !errors.Is(err, ErrInconsistentUsage) && !errors.Is(err, ErrOverflow) {
			t.Errorf("%s: %v", u, err)
		}
		return false
	}
	tokens := int64(0)
	for _, line := range cost.Lines {
		tokens += line.Tokens
	}
	switch {
	case min(input, output, other) < 0:
		t.Errorf("%s was priced, of %d in, %d out, %d", u, input, output, other)
	case u.Input < input, u.Output < output:
		t.Errorf("%s is less than %d in, %d out", u, input, output)
	case cost.Total <= 0, tokens != u.Input+u.Output:
		t.Errorf("%s costs %s: %d tokens", u, cost, tokens)
	}
	return true
}
