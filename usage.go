package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// Usage counts the tokens of a call. It means the same on both formats: Input and
// Output are totals, and every other count is a part of one of them, so adding a
// part to its total would count it twice.
//
// A token is in at most one of CachedInput, CacheWrite and CacheWrite1h, and in at
// most one of Reasoning and OutputAudio. InputAudio may overlap with the cache; see
// [PriceTable.Cost] for what such tokens cost.
type Usage struct {
	Input        int64 `json:"input"`                   // all tokens of the prompt
	CachedInput  int64 `json:"cached_input,omitzero"`   // of Input: read from the prompt cache
	CacheWrite   int64 `json:"cache_write,omitzero"`    // of Input: written to the prompt cache, without CacheWrite1h
	CacheWrite1h int64 `json:"cache_write_1h,omitzero"` // of Input: written to the prompt cache to stay for an hour
	InputAudio   int64 `json:"input_audio,omitzero"`    // of Input: audio
	Output       int64 `json:"output"`                  // all tokens of the answer
	Reasoning    int64 `json:"reasoning,omitzero"`      // of Output: thinking
	OutputAudio  int64 `json:"output_audio,omitzero"`   // of Output: audio

	// Unknown is true when the server reported no usage. The counts are zero then,
	// which doesn't mean that nothing was used.
	Unknown bool `json:"unknown,omitzero"`
}

// Validate returns an error that matches [ErrInconsistentUsage] and names the field
// when a count is negative or parts exceed their total. Nothing is clamped: such
// counts can't be priced.
func (u Usage) Validate() error {
	input, output := count{"Input", u.Input}, count{"Output", u.Output}
	if err := input.holds(count{"CachedInput", u.CachedInput}, count{"CacheWrite", u.CacheWrite}, count{"CacheWrite1h", u.CacheWrite1h}); err != nil {
		return err
	}
	if err := input.holds(count{"InputAudio", u.InputAudio}); err != nil {
		return err
	}
	return output.holds(count{"Reasoning", u.Reasoning}, count{"OutputAudio", u.OutputAudio})
}

// plus adds counts that were priced, which are far from overflowing.
func (u Usage) plus(v Usage) Usage {
	return Usage{
		Input: u.Input + v.Input, CachedInput: u.CachedInput + v.CachedInput,
		CacheWrite: u.CacheWrite + v.CacheWrite, CacheWrite1h: u.CacheWrite1h + v.CacheWrite1h,
		InputAudio: u.InputAudio + v.InputAudio,
		Output:     u.Output + v.Output, Reasoning: u.Reasoning + v.Reasoning, OutputAudio: u.OutputAudio + v.OutputAudio,
	}
}

// with adds counts of another call; the sum is unknown if either is.
func (u Usage) with(v Usage) Usage {
	sum := u.plus(v)
	sum.Unknown = u.Unknown || v.Unknown
	return sum
}

// count is a number of tokens and the field that it stands in.
type count struct {
	name   string
	tokens int64
}

// holds subtracts instead of adding, which could overflow.
func (c count) holds(parts ...count) error {
	if c.tokens < 0 {
		return inconsistent("Usage.%s is %d", c.name, c.tokens)
	}
	rest := c.tokens
	for _, part := range parts {
		if part.tokens < 0 {
			return inconsistent("Usage.%s is %d", part.name, part.tokens)
		}
		if part.tokens > rest {
			return inconsistent("Usage.%s is %d, but only %d of the %d tokens of %s are left for it", part.name, part.tokens, rest, c.tokens, c.name)
		}
		rest -= part.tokens
	}
	return nil
}

func inconsistent(format string, args ...any) error {
	return fmt.Errorf("keeprouter: %s: %w; Input and Output are totals that include their parts, and no count is negative", fmt.Sprintf(format, args...), ErrInconsistentUsage)
}

// sumOf adds to a count what is beside it. A sum that doesn't fit is negative, for
// Validate to find; so is one of a negative count. A negative part is left out,
// because Validate finds it under its own name.
func sumOf(tokens int64, parts ...int64) int64 {
	if tokens < 0 {
		return tokens
	}
	for _, part := range parts {
		if part > math.MaxInt64-tokens {
			return math.MinInt64
		}
		tokens += max(part, 0)
	}
	return tokens
}

// withoutUsage returns an answer less its count of tokens if that is what can't be
// read of it, and otherwise nil.
func withoutUsage(answer []byte, err error) []byte {
	broken, ok := errors.AsType[*jsonx.Error](err)
	if !ok || broken.Path != "usage" && !strings.HasPrefix(broken.Path, "usage.") {
		return nil
	}
	rest := map[string]json.RawMessage{}
	for name, value := range jsonx.Members(answer) {
		if name != "usage" {
			rest[name] = value
		}
	}
	data, err := jsonx.Encode(rest)
	if err != nil {
		return nil
	}
	return data
}

// cacheWrites splits what was written to a cache by how long it stays there. What
// the split doesn't mention stays for five minutes. A split that exceeds the whole
// leaves less than nothing, for Validate to find.
func cacheWrites(whole int64, split *MessagesCacheCreation) (short, hour int64) {
	if split == nil {
		return whole, 0
	}
	short, hour = split.Ephemeral5m, split.Ephemeral1h
	switch parts := sumOf(short, hour); {
	case whole < 0:
		return whole, hour
	case parts < 0:
		return parts, hour
	case whole == 0:
		return short, hour
	case parts > whole:
		return whole - parts, hour
	}
	return whole - max(hour, 0), hour
}

// String returns the counts for people to read, such as
// "1,000 in (200 cached), 500 out (100 reasoning)", or "unknown".
func (u Usage) String() string {
	if u.Unknown {
		return "unknown"
	}
	in := []count{{"cached", u.CachedInput}, {"cache write", u.CacheWrite}, {"cache write 1h", u.CacheWrite1h}, {"audio", u.InputAudio}}
	out := []count{{"reasoning", u.Reasoning}, {"audio", u.OutputAudio}}
	return thousands(u.Input) + " in" + listed(in) + ", " + thousands(u.Output) + " out" + listed(out)
}

func listed(parts []count) string {
	var shown []string
	for _, part := range parts {
		if part.tokens != 0 {
			shown = append(shown, thousands(part.tokens)+" "+part.name)
		}
	}
	if len(shown) == 0 {
		return ""
	}
	return " (" + strings.Join(shown, ", ") + ")"
}

func thousands(n int64) string {
	text := strconv.FormatUint(magnitude(n), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if n < 0 {
		return "-" + text
	}
	return text
}
