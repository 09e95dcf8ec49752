package keeprouter

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// deltaSeeds are what a message_delta may hold: its delta or its usage.
var deltaSeeds = []string{
	`{"stop_reason":"end_turn","stop_sequence":null}`, `{"stop_reason":"stop_sequence","stop_sequence":"\n\nHuman:"}`, `{"stop_reason":null}`,
	`{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"no","odd":1},"container":{"id":"c","expires_at":"2026-11-23T00:00:00Z"}}`,
	`{"stop_reason":5}`, `{"stop_reason":["a"]}`, `{"stop_details":"x"}`, `{"container":"c"}`, `{"odd":{"a":[1, 2]},"stop_reason":"a","stop_reason":"b"}`, `{}`, `{"stop_reason":"a"`,
	`{"output_tokens":15}`, `{"input_tokens":0,"output_tokens":3,"cache_read_input_tokens":null}`, `{"input_tokens":7,"cache_creation_input_tokens":2,"cache_read_input_tokens":1,"output_tokens":3}`,
	`{"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5,"odd":1}}`, `{"cache_creation":null,"cache_creation_input_tokens":1}`,
	`{"output_tokens":3,"output_tokens_details":{"thinking_tokens":1},"server_tool_use":{"web_search_requests":1},"service_tier":"batch","inference_geo":"eu","speed":"fast","cost":0.5,"odd":1}`,
	`{"output_tokens":"3","input_tokens":5.0,"service_tier":1}`, `{"output_tokens":{}}`, `{"output_tokens":1,"output_tokens":null}`, `{"server_tool_use":null,"odd":null,"cost":null}`, `{"output_tokens":-1} `,
}

// checkDelta holds what is read of a message_delta in one pass to what is read of it by
// reflection.
func checkDelta(t *testing.T, data string) (read int) {
	t.Helper()
	if end, ok := readMessagesEnd(json.RawMessage(data)); ok {
		read++
		want, err := unmarshalMessagesEnd(json.RawMessage(data))
		if err != nil || !reflect.DeepEqual(want, end) {
			t.Errorf("of %s, error %v: the end (-want +got):\n%s", data, err, cmp.Diff(want, end))
		}
	}
	for _, before := range []*MessagesUsage{{}, {
		InputTokens: 4, OutputTokens: 1, CacheReadInputTokens: 2, CacheCreationInputTokens: 9, ServiceTier: "standard",
		CacheCreation: &MessagesCacheCreation{Ephemeral5m: 9}, Cost: json.RawMessage("1"), Extra: extras{"odd": json.RawMessage("0")},
	}} {
		got, ok := before.readOver(json.RawMessage(data))
		if !ok {
			continue
		}
		read++
		want, err := before.decodedOver(json.RawMessage(data))
		if diff := cmp.Diff(compacted(t, want), compacted(t, got)); err != nil || diff != "" {
			t.Errorf("of %s, error %v: the usage (-want +got):\n%s", data, err, diff)
		}
	}
	return read
}

// compacted is a count without white space, which only the reading in one pass keeps.
func compacted(t *testing.T, u *MessagesUsage) string {
	t.Helper()
	data, err := json.Marshal(u)
	require.NoError(t, err)
	return string(data)
}

func TestMessageDeltasAreReadAlike(t *testing.T) {
	read := 0
	for _, data := range deltaSeeds {
		read += checkDelta(t, data)
	}
	if read < len(deltaSeeds) {
		t.Errorf("of %d objects only %d readings were in one pass", len(deltaSeeds), read)
	}
}

func FuzzMessageDelta(f *testing.F) {
	for _, data := range deltaSeeds {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) { checkDelta(t, data) })
}

func TestLiterals(t *testing.T) {
	for _, tt := range []struct{ a, b, wantA, wantB string }{
		{`"call_1"`, `"weather"`, "call_1", "weather"},
		{`"é"`, `""`, "é", ""},
		{`"a\n"`, `"b"`, "a\n", "b"},
		{`null`, `"b"`, "", "b"},
		{`"a"`, ``, "a", ""},
		{`5`, `{}`, "", ""},
	} {
		if a, b := literals(json.RawMessage(tt.a), json.RawMessage(tt.b)); a != tt.wantA || b != tt.wantB {
			t.Errorf("literals(%s, %s) = %q, %q", tt.a, tt.b, a, b)
		}
	}
}
