package keeprouter

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// answerSeeds are whole answers of both formats, also such as only some servers send.
var answerSeeds = []string{
	`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi \u00e9\n","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":1,"odd":2},"completion_tokens_details":{"reasoning_tokens":1},"cost":0.5,"odd":null},"service_tier":"default","system_fingerprint":"f","odd":[1, 2]}`,
	`{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},{"id":"b","type":"custom","custom":{"name":"c","input":"x"}},{"id":5,"function":{"name":"f","arguments":{"a": 1}}},{"index":1,"id":"d","function":{"name":"g","arguments":null},"extra_content":{"s":1}},{"id":"e","truncated":true,"function":{"name":"f"}},{"type":"mcp"}]},"finish_reason":"stop"}]}`,
	`{"choices":[{"message":{"role":"assistant","content":"x","reasoning_content":"hm\n","reasoning":"hm"},"finish_reason":"eos"},{"message":{"content":"y","reasoning":{"a": 1}}},{"message":{"content":"z","reasoning_details":[{"type":"reasoning.text","text":"t"}, {"summary":"s"}]}}]}`,
	`{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"b"},null,"c"],"audio":{"id":"a","odd":1},"function_call":{"name":"f","arguments":"{}"}},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}]},"finish_reason":null,"error":{"message":"x"}}]}`,
	`{"created":1.7e9,"choices":[{"index":"0","message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":5.0,"completion_tokens":"2"}}`,
	`{"choices":[{"index":0,"message":null}]}`, `{"choices":[null]}`, `{"choices":null,"id":null,"usage":null}`, `{"choices":{}}`, `{"choices":[{"message":{"content":5}}]}`, `{}`, `null`, `[]`, `{"id":"a","id":"b","usage":{"odd":1},"usage":{"total_tokens":1}}`,
	`{"choices":[{"message":{"tool_calls":[{"function":{"name":"a","arguments":"x"},"function":{"name":"b"}}]}}]} `, `{"choices":[{"message":{"tool_calls":[{"function":null}]}}]}`, `{"choices":[{"message":{"tool_calls":null,"annotations":null,"audio":null}}]}x`,
	`{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi \ud83d\ude00"},{"type":"thinking","thinking":"hm","signature":"s"},{"type":"tool_use","id":"t","name":"f","input":{"a": 1},"caller":{"type":"direct"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":1,"odd":1},"output_tokens":3,"output_tokens_details":{"thinking_tokens":1},"server_tool_use":null,"service_tier":"standard","odd":1},"container":null,"stop_details":null,"odd":{}}`,
	`{"type":"message","content":[{"type":"text","text":"a","citations":null},{"type":"text","text":"b","citations":[{"x":1}]},{"text":"c","type":"text"},{"type":"text","text":5},{"type":"text","type":"thinking","text":"d"},{"type":"odd"},{"type":"redacted_thinking","data":"d"},{"type":"server_tool_use","id":"a","name":"n","input":{}},{"type":"web_search_tool_result","tool_use_id":"a","content":[]},null,"e",{"type":"tool_use","input":null,"odd":1}],"container":{"id":"c"},"stop_details":{"type":"refusal"}}`,
	`{"type":"message","content":"text"}`, `{"content":{"type":"text","text":"x"}}`, `{"content":null}`, `{"content":5}`, `{"content":"a","content":[]}`, `{"content":[{"type":"document","source":{"type":"content","content":[]}}],"container":"c"}`,
	"{\"content\":[{\"type\":\"text\",\"text\":\"bad \xff\"}],\"\xff\":1}", `{"content":[{"type":"text","text":"\x"}]}`, `{"content":[{"type":"text"`,
}

func answers(t testing.TB) []string {
	t.Helper()
	all := answerSeeds
	for _, format := range []string{"chat", "messages"} {
		paths, err := filepath.Glob("testdata/streams/" + format + "/*.json")
		require.NoError(t, err)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			var outcome struct{ Response json.RawMessage }
			require.NoError(t, json.Unmarshal(data, &outcome))
			if outcome.Response != nil {
				all = append(all, string(outcome.Response))
			}
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		for _, v := range []any{sample[ChatResponse](random), sample[MessagesResponse](random)} {
			if data, err := json.Marshal(v); err == nil {
				all = append(all, string(data))
			}
		}
	}
	return all
}

// checkAnswer holds what is read of an answer in one pass to what is read by reflection,
// which internal/jsonx holds to encoding/json.
func checkAnswer(t *testing.T, data string) (chat, messages bool) {
	t.Helper()
	var want ChatResponse
	err := want.unmarshal([]byte(data))
	buffer := []byte(data)
	got, chat := readChatResponse(buffer, false)
	clear(buffer) // what was read must not be a view
	if chat {
		diffAnswer(t, data, err, &want, got)
		got, _ = readChatResponse([]byte(data), true)
		diffAnswer(t, data, err, &want, got)
	}
	var wantMessage MessagesResponse
	err = wantMessage.unmarshal([]byte(data))
	copy(buffer, data)
	gotMessage, listed, messages := readMessagesResponse(buffer, false)
	clear(buffer)
	if messages {
		diffAnswer(t, data, err, &wantMessage, gotMessage)
		gotMessage, _, _ = readMessagesResponse([]byte(data), true)
		diffAnswer(t, data, err, &wantMessage, gotMessage)
		if listed != hasContent([]byte(data)) {
			t.Errorf("of %s the content is a list: %t", data, listed)
		}
	}
	return chat, messages
}

func diffAnswer(t *testing.T, data string, err error, want, got any) {
	t.Helper()
	if err != nil {
		t.Errorf("%s is read, want %v", data, err)
	} else if !reflect.DeepEqual(want, got) {
		t.Errorf("%s is read otherwise (-want +got):\n%s", data, cmp.Diff(want, got))
	}
}

func TestAnswersAreReadAsByEncodingJSON(t *testing.T) {
	chats, messages := 0, 0
	all := answers(t)
	for _, data := range all {
		chat, message := checkAnswer(t, data)
		if chat {
			chats++
		}
		if message {
			messages++
		}
	}
	if chats < len(all)/4 || messages < len(all)/4 {
		t.Errorf("of %d answers %d and %d are read in one pass", len(all), chats, messages)
	}
}

func FuzzAnswers(f *testing.F) {
	for _, data := range answers(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) { checkAnswer(t, data) })
}

func TestUsualAnswersAreReadInOnePass(t *testing.T) {
	if _, ok := readChatResponse(chatAnswer(4<<10), false); !ok {
		t.Error("the chat answer is left to reflection")
	}
	if _, _, ok := readMessagesResponse(messagesAnswer(4<<10), false); !ok {
		t.Error("the message is left to reflection")
	}
	chat, messages := chatAnswer(100<<10), messagesAnswer(100<<10)
	if n := testing.AllocsPerRun(10, func() { readChatResponse(chat, false) }); n > 24 {
		t.Errorf("%v allocations for a chat answer, want at most 24", n)
	}
	if n := testing.AllocsPerRun(10, func() { readMessagesResponse(messages, false) }); n > 24 {
		t.Errorf("%v allocations for a message, want at most 24", n)
	}
}

// chatAnswer is an answer with a text and a tool call, of about n bytes.
func chatAnswer(n int) []byte {
	return []byte(`{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"gemma-4-31B-it","choices":[{"index":0,"message":{"role":"assistant","content":` +
		strconv.QuoteToASCII(proseText(n*3/4)) + `,"refusal":null,"annotations":[],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"write","arguments":` +
		string(quoted(`{"text":`+string(quoted(proseText(n/8)))+`}`)) + `}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":100,"completion_tokens":2000,"total_tokens":2100,` +
		`"prompt_tokens_details":{"cached_tokens":64,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}`)
}

// messagesAnswer is the same in the other format.
func messagesAnswer(n int) []byte {
	return []byte(`{"id":"msg_1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[{"type":"text","text":` + strconv.QuoteToASCII(proseText(n*3/4)) +
		`},{"type":"tool_use","id":"toolu_1","name":"write","input":{"text":` + string(quoted(proseText(n/8))) + `}}],"stop_reason":"tool_use","stop_sequence":null,` +
		`"usage":{"input_tokens":36,"cache_creation_input_tokens":0,"cache_read_input_tokens":64,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":2000,"service_tier":"standard"}}`)
}

func BenchmarkDecodeChat(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		data := chatAnswer(size)
		b.Run("lane/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { _, err := readWhole(data); return err })
		})
		b.Run("call/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { return new(chatFold).whole(data) })
		})
		b.Run("reference/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { return new(ChatResponse).unmarshal(data) })
		})
	}
}

func BenchmarkDecodeMessages(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		data := messagesAnswer(size)
		b.Run("lane/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { readMessagesResponse(data, false); return nil })
		})
		b.Run("call/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { return new(messagesFold).whole(data) })
		})
		b.Run("reference/"+strconv.Itoa(size>>10)+"KB", func(b *testing.B) {
			benchRead(b, data, func() error { return new(MessagesResponse).unmarshal(data) })
		})
	}
}

func benchRead(b *testing.B, data []byte, read func() error) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := read(); err != nil {
			b.Fatal(err)
		}
	}
}
