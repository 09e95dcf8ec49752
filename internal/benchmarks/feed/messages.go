package feed

import (
	"fmt"
	"strings"
)

const messagesID = "msg_01XFDUDYJgAACzvnptvVoYEL"

func messagesEvent(name, rest string) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: {\"type\":\"%s\"%s}\n\n", name, name, rest)
}

// messagesStream puts a head before the events of the blocks and an end behind them.
func messagesStream(name string, blocks [][]byte, want Answer) *Stream {
	s := &Stream{Name: name, Format: Messages, Tokens: Length, Want: want}
	s.Events = append(s.Events,
		messagesEvent("message_start", fmt.Sprintf(`,"message":{"id":"%s","type":"message","role":"assistant","model":"%s","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}`,
			messagesID, modelName, want.Input)),
		messagesEvent("ping", ""))
	s.Events = append(s.Events, blocks...)
	s.Events = append(s.Events,
		messagesEvent("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":%d}`, want.Finish, want.Output)),
		messagesEvent("message_stop", ""))
	return s
}

func messagesBlock(index int, start string, deltas []string) [][]byte {
	events := [][]byte{messagesEvent("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":{%s}`, index, start))}
	for _, d := range deltas {
		events = append(events, messagesEvent("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{%s}`, index, d)))
	}
	return append(events, messagesEvent("content_block_stop", fmt.Sprintf(`,"index":%d`, index)))
}

// MessagesText is a plain answer.
func MessagesText() *Stream {
	words := tokens(Length, 1)
	deltas := make([]string, len(words))
	for i, w := range words {
		deltas[i] = `"type":"text_delta","text":` + quote(w, i)
	}
	return messagesStream("messages, text", messagesBlock(0, `"type":"text","text":""`, deltas),
		Answer{Text: strings.Join(words, ""), Finish: "end_turn", Input: 1234, Output: Length})
}

// MessagesTools is an answer that calls four tools with long inputs.
func MessagesTools() *Stream {
	const calls = 4
	want := Answer{Finish: "tool_use", Input: 1234, Output: Length}
	var events [][]byte
	for i := range calls {
		c := Call{ID: fmt.Sprintf("toolu_%024d", i), Name: fmt.Sprintf("get_weather_%d", i), Arguments: arguments(Length, uint64(10+i))}
		want.Calls = append(want.Calls, c)
		var deltas []string
		for j, p := range pieces(c.Arguments, Length/calls) {
			deltas = append(deltas, `"type":"input_json_delta","partial_json":`+quote(p, j))
		}
		events = append(events, messagesBlock(i, fmt.Sprintf(`"type":"tool_use","id":"%s","name":"%s","input":{}`, c.ID, c.Name), deltas)...)
	}
	return messagesStream("messages, tools", events, want)
}

// MessagesWhole is an answer with a text and two calls, of about so many bytes.
func MessagesWhole(size int) *Whole {
	want := Answer{Text: prose((size-700)*13/16, 3), Finish: "tool_use", Input: 1234, Output: 1000}
	blocks := []string{`{"type":"text","text":` + quote(want.Text, 1) + `}`}
	for i := range 2 {
		c := Call{ID: fmt.Sprintf("toolu_%024d", i), Name: "get_weather", Arguments: arguments(size/16, uint64(20+i))}
		want.Calls = append(want.Calls, c)
		blocks = append(blocks, fmt.Sprintf(`{"type":"tool_use","id":"%s","name":"%s","input":%s}`, c.ID, c.Name, c.Arguments))
	}
	body := fmt.Appendf(nil, `{"id":"%s","type":"message","role":"assistant","model":"%s","content":[%s],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":%d}}`,
		messagesID, modelName, strings.Join(blocks, ","), want.Input, want.Output)
	return &Whole{Format: Messages, Body: body, Want: want}
}
