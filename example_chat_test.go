package keeprouter_test

import (
	"encoding/json"
	"fmt"

	"github.com/keeprouter/keeprouter-go"
)

func ExampleChatRequest() {
	req := &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B,
		Messages: []keeprouter.ChatMessage{
			keeprouter.System("Answer in one sentence."),
			keeprouter.User("What is in this picture?", keeprouter.ImageURL("https://example.com/cat.jpg")),
		},
		Temperature: new(0.0),
		MaxTokens:   new(200),
		Extra:       map[string]any{"top_k": 40},
	}
	data, err := json.Marshal(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(data))
	// Output:
	// {"model":"gemma-4-31B-it","messages":[{"role":"system","content":"Answer in one sentence."},{"role":"user","content":[{"type":"text","text":"What is in this picture?"},{"type":"image_url","image_url":{"url":"https://example.com/cat.jpg"}}]}],"max_tokens":200,"temperature":0,"top_k":40}
}

func ExampleToolResult() {
	history := []keeprouter.ChatMessage{
		keeprouter.User("How warm is it in Rome?"),
		{Role: "assistant", ToolCalls: []keeprouter.ChatToolCall{{ID: "call_1", Name: "weather", Arguments: `{"city":"Rome"}`}}},
		keeprouter.ToolResult("call_1", "21 °C"),
	}
	for _, m := range history {
		data, err := json.Marshal(m)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(data))
	}
	// Output:
	// {"role":"user","content":"How warm is it in Rome?"}
	// {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}
	// {"role":"tool","content":"21 °C","tool_call_id":"call_1"}
}

// A stream for a test, without a server.
func ExampleNewChatStream() {
	chunks := func(yield func(*keeprouter.ChatChunk, error) bool) {
		for _, text := range []string{"Hel", "lo."} {
			chunk := keeprouter.ChatChunk{Choices: []keeprouter.ChatChunkChoice{{Delta: keeprouter.ChatDelta{Content: text}}}}
			if !yield(&chunk, nil) {
				return
			}
		}
		yield(&keeprouter.ChatChunk{Choices: []keeprouter.ChatChunkChoice{{FinishReason: keeprouter.FinishStop}}}, nil)
	}
	resp, err := keeprouter.NewChatStream(chunks).Result()
	fmt.Println(resp.Text(), resp.FinishReason(), err)
	// Output: Hello. stop <nil>
}
