package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// TestStreamsObeyTheirGrammar reads what every kind of reply emits with an automaton
// for each format, that takes nothing but what the strictest known client takes.
func TestStreamsObeyTheirGrammar(t *testing.T) {
	long := strings.Repeat("ä word, ", 500)
	for _, tt := range []struct {
		name  string
		reply gateway.Reply
		want  said
	}{
		{"zero", gateway.Reply{}, said{Text: "ok", Finish: "stop"}},
		{"demo", gateway.Reply{Demo: true}, said{Text: "Hello! This is KeepRouter's local gateway: no model was asked. You wrote: “Hello”", Finish: "stop"}},
		{"text", gateway.Reply{Text: " two  words\n and <more> "}, said{Text: " two  words\n and <more> ", Finish: "stop"}},
		{"long text", gateway.Reply{Text: long}, said{Text: long, Finish: "stop"}},
		{"deltas", gateway.Reply{Text: "not this", Deltas: []string{"", "a", "b"}}, said{Text: "ab", Finish: "stop"}},
		{"thinking only", gateway.Reply{Thinking: "Let me think."}, said{Thinking: "Let me think.", Finish: "stop"}},
		{"empty answer", gateway.Reply{Finish: "stop"}, said{Finish: "stop"}},
		{"cut", gateway.Reply{Text: "Once", Finish: "length"}, said{Text: "Once", Finish: "length"}},
		{"filtered", gateway.Reply{Finish: "content_filter"}, said{Finish: "content_filter"}},
		{
			"all at once",
			gateway.Reply{Thinking: "Which?", Text: "Both.", ToolCalls: []gateway.ToolCall{{Name: "f", Arguments: `{"city":"` + long + `"}`}, {ID: "b", Name: "g"}}},
			said{Thinking: "Which?", Text: "Both.", Calls: []string{`call_1_0 f {"city":"` + long + `"}`, "b g {}"}, Finish: "tool_calls"},
		},
		{"no usage", gateway.Reply{Text: "ok", NoUsage: true}, said{Text: "ok", Finish: "stop"}},
		{"comments", gateway.Reply{Text: "ok", Fault: gateway.Fault{Comments: 3}}, said{Text: "ok", Finish: "stop"}},
	} {
		t.Run(tt.name+"/chat", func(t *testing.T) {
			a := post(t, always(tt.reply), chatPath, streamed(chatAsk))
			requireStream(t, a)
			got, err := readChat(a.body, !tt.reply.NoUsage)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
		t.Run(tt.name+"/messages", func(t *testing.T) {
			a := post(t, always(tt.reply), messagesPath, streamed(messagesAsk))
			requireStream(t, a)
			got, err := readMessages(a.body, !tt.reply.NoUsage)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func requireStream(t *testing.T, a answered) {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("answer = %d %s", a.status, a.header.Get("Content-Type"))
	}
}

// said is what a stream says when it is read to its end.
type said struct {
	Thinking, Text string
	Calls          []string
	Finish         string
}

type event struct{ name, data string }

// splitEvents takes LF line ends, one data line an event, no spaces around.
func splitEvents(stream string) ([]event, error) {
	var events []event
	rest, ok := strings.CutSuffix(stream, "\n\n")
	if !ok || strings.Contains(stream, "\r") {
		return nil, errors.New("the last blank line is missing, or there is a CR")
	}
	for block := range strings.SplitSeq(rest, "\n\n") {
		if strings.HasPrefix(block, ":") {
			continue
		}
		var e event
		if head, tail, found := strings.Cut(block, "\n"); found {
			if e.name, ok = strings.CutPrefix(head, "event: "); !ok {
				return nil, fmt.Errorf("unexpected line %q", head)
			}
			block = tail
		}
		if e.data, ok = strings.CutPrefix(block, "data: "); !ok || strings.Contains(e.data, "\n") {
			return nil, fmt.Errorf("unexpected block %q", block)
		}
		events = append(events, e)
	}
	return events, nil
}

type chatTestChunk struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
		Total      int64 `json:"total_tokens"`
	} `json:"usage"`
}

type choice struct {
	Index int `json:"index"`
	Delta struct {
		Role             string  `json:"role"`
		Content          *string `json:"content"`
		ReasoningContent *string `json:"reasoning_content"`
		ToolCalls        []struct {
			Index    *int    `json:"index"`
			ID       *string `json:"id"`
			Type     *string `json:"type"`
			Function struct {
				Name      *string `json:"name"`
				Arguments *string `json:"arguments"`
			} `json:"function"`
		} `json:"tool_calls"`
	} `json:"delta"`
	FinishReason *string `json:"finish_reason"`
}

// chatReader is the automaton of a Chat Completions stream.
type chatReader struct {
	state string // role, content, finished, counted, done
	first chatTestChunk
	said  said
}

func readChat(stream string, wantUsage bool) (said, error) {
	events, err := splitEvents(stream)
	if err != nil {
		return said{}, err
	}
	r := chatReader{state: "role"}
	for i, e := range events {
		if err := r.read(e); err != nil {
			return r.said, fmt.Errorf("event %d in state %s: %w: %s", i, r.state, err, e.data)
		}
	}
	for _, c := range r.said.Calls {
		if _, arguments, _ := cutCall(c); !json.Valid([]byte(arguments)) {
			return r.said, fmt.Errorf("the arguments of %q are not JSON", c)
		}
	}
	if r.state != "done" {
		return r.said, errors.New("the stream is not complete")
	}
	if counted := r.first.Usage != nil; counted != wantUsage {
		return r.said, fmt.Errorf("usage: %t, want %t", counted, wantUsage)
	}
	return r.said, nil
}

func cutCall(call string) (string, string, bool) {
	_, rest, _ := strings.Cut(call, " ")
	return strings.Cut(rest, " ")
}

func (r *chatReader) read(e event) error {
	if e.name != "" {
		return errors.New("a chat event has no name")
	}
	if e.data == "[DONE]" {
		if r.state != "finished" && r.state != "counted" {
			return errors.New("the end comes too early or twice")
		}
		r.state = "done"
		return nil
	}
	var keys map[string]json.RawMessage
	var c chatTestChunk
	if err := errors.Join(json.Unmarshal([]byte(e.data), &keys), json.Unmarshal([]byte(e.data), &c)); err != nil {
		return err
	}
	if _, found := keys["error"]; found {
		return errors.New("a chunk has no error key")
	}
	if r.first.ID == "" {
		r.first = c
	}
	if c.ID == "" || c.ID != r.first.ID || c.Created != r.first.Created || c.Model != r.first.Model || c.Object != "chat.completion.chunk" {
		return errors.New("the head differs")
	}
	return r.choices(&c, keys["choices"])
}

func (r *chatReader) choices(c *chatTestChunk, raw json.RawMessage) error {
	if c.Usage != nil {
		if r.state != "finished" || string(raw) != "[]" || c.Usage.Total != c.Usage.Prompt+c.Usage.Completion {
			return errors.New("usage belongs after the finish, alone")
		}
		r.state, r.first.Usage = "counted", c.Usage
		return nil
	}
	if len(c.Choices) != 1 || c.Choices[0].Index != 0 {
		return errors.New("want one choice")
	}
	return r.delta(&c.Choices[0])
}

func (r *chatReader) delta(c *choice) error {
	switch {
	case r.state == "role":
		if c.Delta.Role != "assistant" || c.FinishReason != nil {
			return errors.New("want the role first")
		}
		r.state = "content"
		return nil
	case r.state != "content" || c.Delta.Role != "":
		return errors.New("a delta too late, or a second role")
	case c.FinishReason != nil:
		r.state, r.said.Finish = "finished", *c.FinishReason
		return nil
	case len(c.Delta.ToolCalls) == 1:
		return r.call(c)
	case len(r.said.Calls) > 0:
		return errors.New("text after a call")
	case c.Delta.ReasoningContent != nil && r.said.Text == "":
		r.said.Thinking += *c.Delta.ReasoningContent
		return nil
	case c.Delta.Content != nil:
		r.said.Text += *c.Delta.Content
		return nil
	}
	return errors.New("an empty delta")
}

func (r *chatReader) call(c *choice) error {
	call, last := c.Delta.ToolCalls[0], len(r.said.Calls)-1
	if call.Index == nil || call.Function.Arguments == nil {
		return errors.New("a call without index or arguments")
	}
	if call.ID != nil {
		if *call.Index != last+1 || *call.ID == "" || call.Type == nil || *call.Type != "function" || call.Function.Name == nil {
			return errors.New("a call begins wrongly")
		}
		r.said.Calls = append(r.said.Calls, *call.ID+" "+*call.Function.Name+" "+*call.Function.Arguments)
		return nil
	}
	if last < 0 || *call.Index != last || call.Type != nil || call.Function.Name != nil {
		return errors.New("a call goes on wrongly")
	}
	r.said.Calls[last] += *call.Function.Arguments
	return nil
}

type messagesTestEvent struct {
	Type    string `json:"type"`
	Index   *int   `json:"index"`
	Message *struct {
		ID      string          `json:"id"`
		Type    string          `json:"type"`
		Role    string          `json:"role"`
		Model   string          `json:"model"`
		Content []any           `json:"content"`
		Usage   *messagesCounts `json:"usage"`
	} `json:"message"`
	ContentBlock *struct {
		Type      string          `json:"type"`
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Input     json.RawMessage `json:"input"`
		Text      string          `json:"text"`
		Thinking  string          `json:"thinking"`
		Signature *string         `json:"signature"`
	} `json:"content_block"`
	Delta *struct {
		Type        string  `json:"type"`
		Text        *string `json:"text"`
		Thinking    *string `json:"thinking"`
		Signature   *string `json:"signature"`
		PartialJSON *string `json:"partial_json"`
		StopReason  *string `json:"stop_reason"`
	} `json:"delta"`
	Usage *messagesCounts `json:"usage"`
}

type messagesCounts struct {
	Input  *int64 `json:"input_tokens"`
	Output *int64 `json:"output_tokens"`
}

// messagesReader is the automaton of a Messages stream.
type messagesReader struct {
	state   string // start, ping, blocks, text, thinking, signed, tool_use, finished, done
	blocks  int
	input   string
	counted bool
	said    said
}

func readMessages(stream string, wantUsage bool) (said, error) {
	events, err := splitEvents(stream)
	if err != nil {
		return said{}, err
	}
	r := messagesReader{state: "start"}
	for i, e := range events {
		if err := r.read(e); err != nil {
			return r.said, fmt.Errorf("event %d in state %s: %w: %s", i, r.state, err, e.data)
		}
	}
	if r.state != "done" {
		return r.said, errors.New("the stream is not complete")
	}
	if r.counted != wantUsage {
		return r.said, fmt.Errorf("usage: %t, want %t", r.counted, wantUsage)
	}
	r.said.Finish = map[string]string{
		"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter",
	}[r.said.Finish]
	return r.said, nil
}

func (r *messagesReader) read(e event) error {
	var m messagesTestEvent
	if err := json.Unmarshal([]byte(e.data), &m); err != nil {
		return err
	}
	if e.name == "" || e.name != m.Type {
		return errors.New("name and type differ")
	}
	switch m.Type {
	case "message_start":
		return r.start(&m)
	case "ping":
		if r.state == "ping" {
			r.state = "blocks"
		}
		return r.in("blocks", "text", "thinking", "tool_use")
	case "content_block_start":
		return r.open(&m)
	case "content_block_delta":
		return r.delta(&m)
	case "content_block_stop":
		return r.stop(&m)
	case "message_delta":
		return r.finish(&m)
	case "message_stop":
		err := r.in("finished")
		r.state = "done"
		return err
	}
	return errors.New("unknown event")
}

func (r *messagesReader) in(states ...string) error {
	if !slices.Contains(states, r.state) {
		return errors.New("not here")
	}
	return nil
}

func (r *messagesReader) start(m *messagesTestEvent) error {
	if err := r.in("start"); err != nil {
		return err
	}
	if m.Message == nil || m.Message.ID == "" || m.Message.Model == "" || m.Message.Role != "assistant" || m.Message.Content == nil || len(m.Message.Content) > 0 {
		return errors.New("the message is not as it must be")
	}
	r.counted = m.Message.Usage != nil
	if r.counted && (m.Message.Usage.Input == nil || m.Message.Usage.Output == nil) {
		return errors.New("a count is missing")
	}
	r.state = "ping"
	return nil
}

func (r *messagesReader) open(m *messagesTestEvent) error {
	if err := r.in("blocks"); err != nil {
		return err
	}
	b := m.ContentBlock
	if b == nil || m.Index == nil || *m.Index != r.blocks || b.Text != "" || b.Thinking != "" {
		return errors.New("the block begins wrongly")
	}
	if b.Type == "tool_use" {
		if string(b.Input) != "{}" || b.ID == "" || b.Name == "" {
			return errors.New("the call begins wrongly")
		}
		r.said.Calls = append(r.said.Calls, b.ID+" "+b.Name+" ")
	}
	r.blocks++
	r.state, r.input = b.Type, ""
	return nil
}

func (r *messagesReader) delta(m *messagesTestEvent) error {
	if m.Delta == nil || m.Index == nil || *m.Index != r.blocks-1 {
		return errors.New("a delta of another block")
	}
	d := m.Delta
	switch {
	case r.state == "text" && d.Type == "text_delta" && d.Text != nil:
		r.said.Text += *d.Text
	case r.state == "thinking" && d.Type == "thinking_delta" && d.Thinking != nil:
		r.said.Thinking += *d.Thinking
	case r.state == "thinking" && d.Type == "signature_delta" && d.Signature != nil:
		r.state = "signed"
	case r.state == "tool_use" && d.Type == "input_json_delta" && d.PartialJSON != nil:
		r.input += *d.PartialJSON
	default:
		return errors.New("a delta of another type")
	}
	return nil
}

func (r *messagesReader) stop(m *messagesTestEvent) error {
	if err := r.in("text", "signed", "tool_use"); err != nil {
		return err
	}
	if m.Index == nil || *m.Index != r.blocks-1 {
		return errors.New("the stop of another block")
	}
	if r.state == "tool_use" {
		if !json.Valid([]byte(r.input)) {
			return errors.New("the input is not JSON")
		}
		r.said.Calls[len(r.said.Calls)-1] += r.input
	}
	r.state = "blocks"
	return nil
}

func (r *messagesReader) finish(m *messagesTestEvent) error {
	if err := r.in("blocks"); err != nil {
		return err
	}
	if m.Delta == nil || m.Delta.StopReason == nil || (r.counted && (m.Usage == nil || m.Usage.Output == nil)) {
		return errors.New("no stop reason or no usage")
	}
	r.state, r.said.Finish = "finished", *m.Delta.StopReason
	return nil
}
