package translate_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/translate"
)

func ExampleToMessages() {
	req := &keeprouter.ChatRequest{
		Model:       keeprouter.Gemma4_31B,
		Messages:    []keeprouter.ChatMessage{keeprouter.System("Be terse."), keeprouter.User("Why is the sky blue?")},
		MaxTokens:   new(200),
		Temperature: new(1.4),
	}
	msgs, diagnostics, err := translate.ToMessages(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, _ := json.Marshal(msgs)
	fmt.Println(string(data))
	for _, d := range diagnostics {
		fmt.Println(d)
	}
	// Output:
	// {"model":"gemma-4-31B-it","max_tokens":200,"messages":[{"role":"user","content":"Why is the sky blue?"}],"system":"Be terse.","temperature":1}
	// temperature changed: the Messages format goes to 1
}

func ExampleToChat() {
	req := &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 200,
		System:    keeprouter.TextBlocks("Be terse."),
		Messages:  []keeprouter.Message{keeprouter.UserMessage("Why is the sky blue?")},
		Thinking:  &keeprouter.MessagesThinking{Type: "disabled"},
	}
	chat, _, err := translate.ToChat(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, _ := json.Marshal(chat)
	fmt.Println(string(data))
	// Output:
	// {"model":"gemma-4-31B-it","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":"Why is the sky blue?"}],"max_tokens":200,"reasoning_effort":"none"}
}

func ExampleRefusalError() {
	req := &keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
		N:        new(3),
		Logprobs: new(true),
	}
	_, _, err := translate.ToMessages(req)
	if refusal, ok := errors.AsType[*translate.RefusalError](err); ok {
		for _, loss := range refusal.Losses {
			fmt.Println(loss.Path+":", loss.Reason)
		}
	}
	// Output:
	// n: the Messages format gives one answer: send the request once for each
	// logprobs: the Messages format has no log probabilities
}

// A session puts back what the request had to change, such as a tool's name.
func ExampleTranslator_ToMessages() {
	translator := translate.Translator{Policy: translate.Lenient, MaxTokens: 4096}
	_, session, _, err := translator.ToMessages(&keeprouter.ChatRequest{
		Model:    keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{keeprouter.User("List my files.")},
		Tools:    []keeprouter.ChatTool{{Name: "files.list"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, _, err := session.ChatResponse(&keeprouter.MessagesResponse{
		ID:         "msg_1",
		Model:      keeprouter.Gemma4_31B,
		Content:    keeprouter.Blocks{&keeprouter.ToolUseBlock{ID: "toolu_1", Name: "files_list_7e7aa135"}},
		StopReason: keeprouter.StopToolUse,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.FinishReason(), resp.ToolCalls()[0].Name)
	// Output:
	// tool_calls files.list
}

func ExampleMessagesError() {
	answer := translate.MessagesError(&keeprouter.Error{
		Kind: keeprouter.ErrContextTooLong, Status: 400,
		Message: "maximum context length is 8192 tokens, you requested 9000",
	})
	fmt.Println(answer.Status, string(answer.Body))
	// Output:
	// 400 {"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9000 tokens > 8192 maximum"},"request_id":null}
}
