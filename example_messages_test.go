package keeprouter_test

import (
	"encoding/json"
	"fmt"

	"github.com/keeprouter/keeprouter-go"
)

func ExampleMessagesRequest() {
	req := &keeprouter.MessagesRequest{
		Model:       keeprouter.Gemma4_31B,
		MaxTokens:   100,
		System:      keeprouter.TextBlocks("You are terse."),
		Messages:    []keeprouter.Message{keeprouter.UserMessage("Why is the sky blue?")},
		Temperature: new(0.0),
		Extra:       map[string]any{"min_p": 0.1},
	}
	data, err := json.Marshal(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(data))
	// Output:
	// {"model":"gemma-4-31B-it","max_tokens":100,"messages":[{"role":"user","content":"Why is the sky blue?"}],"system":"You are terse.","temperature":0,"min_p":0.1}
}

// An answer with a tool call goes back as it came, followed by the call's result.
func ExampleToolResultMessage() {
	var resp keeprouter.MessagesResponse
	answer := `{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}}],"stop_reason":"tool_use"}`
	if err := json.Unmarshal([]byte(answer), &resp); err != nil {
		fmt.Println(err)
		return
	}
	history := []keeprouter.Message{keeprouter.UserMessage("Is it cold in Oslo?"), resp.Message()}
	var results []*keeprouter.ToolResultBlock
	for _, use := range resp.ToolUses() {
		results = append(results, use.Result("-4 °C"))
	}
	history = append(history, keeprouter.ToolResultMessage(results...))
	data, err := json.MarshalIndent(history[1:], "", " ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(data))
	// Output:
	// [
	//  {
	//   "role": "assistant",
	//   "content": [
	//    {
	//     "type": "tool_use",
	//     "id": "toolu_1",
	//     "name": "weather",
	//     "input": {
	//      "city": "Oslo"
	//     }
	//    }
	//   ]
	//  },
	//  {
	//   "role": "user",
	//   "content": [
	//    {
	//     "type": "tool_result",
	//     "tool_use_id": "toolu_1",
	//     "content": "-4 °C"
	//    }
	//   ]
	//  }
	// ]
}
