package keeprouter

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestChatUsageHasOneMeaning(t *testing.T) {
	for name, tc := range map[string]struct {
		wire string
		want Usage
	}{
		"missing":    {`null`, Usage{Unknown: true}},
		"empty":      {`{}`, Usage{Unknown: true}},
		"only zeros": {`{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`, Usage{Unknown: true}},
		"plain":      {`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}`, Usage{Input: 10, Output: 4}},
		"details": {
			`{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":2,"audio_tokens":1},"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":3}}`,
			Usage{Input: 10, CachedInput: 6, CacheWrite: 2, InputAudio: 1, Output: 9, Reasoning: 5, OutputAudio: 3},
		},
		"null details": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}`,
			Usage{Input: 10, Output: 4},
		},
		"reasoning on top": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":20,"completion_tokens_details":{"reasoning_tokens":6}}`,
			Usage{Input: 10, Output: 10, Reasoning: 6},
		},
		"reasoning on top, no total": {
			`{"prompt_tokens":10,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":6}}`,
			Usage{Input: 10, Output: 10, Reasoning: 6},
		},
		"reasoning within": {
			`{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"completion_tokens_details":{"reasoning_tokens":6}}`,
			Usage{Input: 10, Output: 9, Reasoning: 6},
		},
		"reasoning beside the details": {
			`{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"reasoning_tokens":6}`,
			Usage{Input: 10, Output: 9, Reasoning: 6},
		},
		"DeepSeek": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}`,
			Usage{Input: 10, CachedInput: 8, Output: 4},
		},
		"LiteLLM": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"cache_read_input_tokens":5,"cache_creation_input_tokens":3}`,
			Usage{Input: 10, CachedInput: 5, CacheWrite: 3, Output: 4},
		},
		"prompt without its cached part": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":114,"prompt_tokens_details":{"cached_tokens":100}}`,
			Usage{Input: 110, CachedInput: 100, Output: 4},
		},
		"prompt without its smaller cached part": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":5}}`,
			Usage{Input: 15, CachedInput: 5, Output: 4},
		},
		"contradictions stay": {
			`{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"completion_tokens_details":{"reasoning_tokens":6}}`,
			Usage{Input: 10, Output: 4, Reasoning: 6},
		},
		"floats and texts": {
			`{"prompt_tokens":1e1,"completion_tokens":"4","total_tokens":14.0}`,
			Usage{Input: 10, Output: 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r ChatResponse
			require.NoError(t, json.Unmarshal([]byte(`{"choices":[],"usage":`+tc.wire+`}`), &r))
			if diff := cmp.Diff(tc.want, r.Usage); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}
