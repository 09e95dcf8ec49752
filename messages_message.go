package keeprouter

import "encoding/json"

// Message is one turn of a conversation in the Messages format. Make it with
// [UserMessage], [AssistantMessage] or [ToolResultMessage], or take the answer's own from
// [MessagesResponse.Message]. Marshalled and read again, it is the same.
type Message struct {
	// Role is "user", "assistant" or, for an instruction in the middle of a
	// conversation, "system".
	Role string `json:"role"`

	// Content is what the turn says.
	Content Blocks `json:"content"`

	// Extra holds fields that aren't modelled here; they are sent back as they came.
	Extra map[string]json.RawMessage `json:"-"`
}

// UserMessage makes a user's turn of a text and further blocks. An empty text is
// left out.
//
//	keeprouter.UserMessage("What is this?", &keeprouter.ImageBlock{Source: keeprouter.URLSource(url)})
func UserMessage(text string, blocks ...Block) Message {
	return Message{Role: "user", Content: append(TextBlocks(text), blocks...)}
}

// AssistantMessage makes a turn of the model. As the last message of a request it
// is a prefill: the answer goes on from its text.
func AssistantMessage(text string, blocks ...Block) Message {
	return Message{Role: "assistant", Content: append(TextBlocks(text), blocks...)}
}

// ToolResultMessage makes the turn that answers an assistant's tool calls: one result for
// each call, see [ToolUseBlock.Result].
func ToolResultMessage(results ...*ToolResultBlock) Message {
	content := make(Blocks, len(results))
	for i, r := range results {
		content[i] = r
	}
	return Message{Role: "user", Content: content}
}
