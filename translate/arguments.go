package translate

import (
	"encoding/json"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// isArguments reports whether a call's arguments are an object, or none.
func isArguments(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || strings.HasPrefix(text, "{") && json.Valid([]byte(text))
}

// input is the arguments as the Messages format has them. The order of names and the
// text of numbers stay.
func (p *callPart) input() json.RawMessage {
	if p.custom {
		return customInput(p.args)
	}
	if text := strings.TrimSpace(p.args); text != "" {
		return json.RawMessage(text)
	}
	return json.RawMessage("{}")
}

// customSchema is the schema of the function that stands for a custom tool.
const customSchema = `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`

// customInput wraps the free text of a custom tool.
func customInput(text string) json.RawMessage {
	data, err := jsonx.Encode(struct {
		Input string `json:"input"`
	}{text})
	if err != nil { // a string can always be written
		return json.RawMessage("{}")
	}
	return data
}

// customText is the free text in the arguments of such a function.
func customText(args string) (string, bool) {
	return jsonx.Head([]byte(args), "input")
}
