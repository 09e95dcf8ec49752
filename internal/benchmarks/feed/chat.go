package feed

import (
	"fmt"
	"strings"
)

// Length is the number of tokens in a stream.
const Length = 2000

const (
	created     = 1764000000
	chatID      = "chatcmpl-7f3a9be2c41d4c0f8e55b1a0d9c6e713"
	fingerprint = "fp_3f9c1a77e0b1"
	modelName   = "gemma-4-31B-it"
)

// chatEvent is one chunk; i is its number where no two are alike, else 0.
func chatEvent(i int, choices, usage string) []byte {
	id := chatID
	if i > 0 {
		id = fmt.Sprintf("%s%06x", chatID[:len(chatID)-6], i*7919%(1<<24))
	}
	return fmt.Appendf(nil, `data: {"id":"%s","object":"chat.completion.chunk","created":%d,"model":"%s","service_tier":"default","system_fingerprint":"%s","choices":[%s],"usage":%s}`+"\n\n",
		id, created+i, modelName, fingerprint, choices, usage)
}

func chatDelta(delta, finish string) string {
	return `{"index":0,"delta":{` + delta + `},"logprobs":null,"finish_reason":` + finish + `}`
}

func chatUsage(input, output int64) string {
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":0}}`,
		input, output, input+output)
}

// chatStream puts a head before the deltas and an end behind them.
func chatStream(name string, deltas []string, varied bool, want Answer) *Stream {
	s := &Stream{Name: name, Format: Chat, Tokens: len(deltas), Want: want}
	number := func(i int) int {
		if varied {
			return i + 1
		}
		return 0
	}
	s.Events = append(s.Events, chatEvent(number(0), chatDelta(`"role":"assistant","content":""`, "null"), "null"))
	for i, d := range deltas {
		s.Events = append(s.Events, chatEvent(number(i+1), chatDelta(d, "null"), "null"))
	}
	end := len(deltas) + 1
	s.Events = append(s.Events,
		chatEvent(number(end), chatDelta("", `"`+want.Finish+`"`), "null"),
		chatEvent(number(end+1), "", chatUsage(want.Input, want.Output)),
		[]byte("data: [DONE]\n\n"))
	return s
}

func chatText(name string, varied bool) *Stream {
	words := tokens(Length, 1)
	deltas := make([]string, len(words))
	for i, w := range words {
		deltas[i] = `"content":` + quote(w, i)
	}
	return chatStream(name, deltas, varied, Answer{Text: strings.Join(words, ""), Finish: "stop", Input: 1234, Output: Length})
}

// ChatText is a plain answer.
func ChatText() *Stream { return chatText("chat, text", false) }

// ChatVaried is an answer whose chunks each have their own id and time.
func ChatVaried() *Stream { return chatText("chat, no two chunks alike", true) }

// ChatComments is a plain answer with a keep-alive comment after every event.
func ChatComments() *Stream {
	s := chatText("chat, comments between", false)
	for i, e := range s.Events[:len(s.Events)-1] {
		s.Events[i] = append(e, ": keep-alive\n\n"...)
	}
	return s
}

// ChatTools is an answer that calls four tools with long arguments.
func ChatTools() *Stream {
	const calls = 4
	want := Answer{Finish: "tool_calls", Input: 1234, Output: Length}
	var deltas []string
	for i := range calls {
		c := Call{ID: fmt.Sprintf("call_%024d", i), Name: fmt.Sprintf("get_weather_%d", i), Arguments: arguments(Length, uint64(10+i))}
		want.Calls = append(want.Calls, c)
		deltas = append(deltas, fmt.Sprintf(`"tool_calls":[{"index":%d,"id":"%s","type":"function","function":{"name":"%s","arguments":""}}]`, i, c.ID, c.Name))
		for j, p := range pieces(c.Arguments, Length/calls-1) {
			deltas = append(deltas, fmt.Sprintf(`"tool_calls":[{"index":%d,"function":{"arguments":%s}}]`, i, quote(p, j)))
		}
	}
	return chatStream("chat, tools", deltas, false, want)
}

// ChatWhole is an answer with a text and two calls, of about so many bytes.
func ChatWhole(size int) *Whole {
	want := Answer{Text: prose((size-700)*13/16, 3), Finish: "tool_calls", Input: 1234, Output: 1000}
	var calls []string
	for i := range 2 {
		c := Call{ID: fmt.Sprintf("call_%024d", i), Name: "get_weather", Arguments: arguments(size/16, uint64(20+i))}
		want.Calls = append(want.Calls, c)
		calls = append(calls, fmt.Sprintf(`{"id":"%s","type":"function","function":{"name":"%s","arguments":%s}}`, c.ID, c.Name, quote(c.Arguments, 1)))
	}
	body := fmt.Appendf(nil, `{"id":"%s","object":"chat.completion","created":%d,"model":"%s","service_tier":"default","system_fingerprint":"%s","choices":[{"index":0,"message":{"role":"assistant","content":%s,"refusal":null,"annotations":[],"tool_calls":[%s]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":%s}`,
		chatID, created, modelName, fingerprint, quote(want.Text, 1), strings.Join(calls, ","), chatUsage(want.Input, want.Output))
	return &Whole{Format: Chat, Body: body, Want: want}
}
