package feed

import (
	"encoding/json"
	"fmt"
)

// Model is the model that every request names.
const Model = modelName

// Conversation is a request in no format, from which each peer makes its own.
type Conversation struct {
	Turns []Turn
	Tools []Tool
}

// Turn is a message. One with a Result answers the call of the same ID.
type Turn struct {
	Role   string // "user" or "assistant"
	Text   string
	Call   *Call
	Result string // the ID of the call that Text answers
}

// Tool is what the model may call.
type Tool struct {
	Name, Description string
	Schema            json.RawMessage
	Properties        map[string]any // of the schema, for clients that want it taken apart
	Required          []string
}

// Hello is the smallest conversation.
func Hello() *Conversation {
	return &Conversation{Turns: []Turn{{Role: "user", Text: "What is the capital of Switzerland?"}}}
}

// History is a conversation of 200 messages and 20 tools, about 128 KB on the wire.
func History() *Conversation {
	c := &Conversation{}
	for i := range uint64(50) {
		call := &Call{ID: fmt.Sprintf("call_%024d", i), Name: "tool_07", Arguments: arguments(180, 200+i)}
		c.Turns = append(c.Turns,
			Turn{Role: "user", Text: prose(420, 300+i)},
			Turn{Role: "assistant", Text: prose(200, 400+i), Call: call},
			Turn{Role: "user", Text: prose(640, 500+i), Result: call.ID},
			Turn{Role: "assistant", Text: prose(420, 600+i)})
	}
	for i := range 20 {
		c.Tools = append(c.Tools, tool(i))
	}
	return c
}

func tool(i int) Tool {
	t := Tool{
		Name:        fmt.Sprintf("tool_%02d", i),
		Description: "Looks something up in a table of measurements, and tells where it was found.",
		Properties:  map[string]any{},
	}
	for _, name := range []string{"city", "note", "unit", "from", "to"} {
		t.Properties[name] = map[string]any{"type": "string", "description": "The " + name + " that is asked for, as a plain text."}
	}
	t.Required = []string{"city"}
	t.Schema, _ = json.Marshal(map[string]any{"type": "object", "properties": t.Properties, "required": t.Required}) // strings marshal
	return t
}
