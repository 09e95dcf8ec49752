package translate

import (
	"bytes"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// isWhole reports whether a chunk has a message in place of a delta.
func isWhole(raw json.RawMessage) bool {
	return bytes.Contains(raw, []byte(`"message"`)) && !bytes.Contains(raw, []byte(`"delta"`))
}

// stopMembers are those in which vLLM and others tell which stop sequence matched.
func stopMembers(raw json.RawMessage) map[string]json.RawMessage {
	kept := map[string]json.RawMessage{}
	for _, choice := range jsonx.Elements(memberOf(raw, "choices")) {
		for member, value := range jsonx.Members(choice) {
			if member == "stop_reason" || member == "stop_sequence" {
				kept[member] = value
			}
		}
	}
	return kept
}

// functionCallIn is a piece of a call in the form that came before tool calls, which
// chunks don't model.
func functionCallIn(raw json.RawMessage) []keeprouter.ChatToolCallDelta {
	if !bytes.Contains(raw, []byte(`"function_call"`)) {
		return nil
	}
	for _, choice := range jsonx.Elements(memberOf(raw, "choices")) {
		call := memberOf(memberOf(choice, "delta"), "function_call")
		if jsonx.Kind(call) != '{' {
			continue
		}
		d := keeprouter.ChatToolCallDelta{Index: functionIndex, Type: "function"}
		d.Name, _ = jsonx.Head(call, "name")
		d.Arguments, _ = jsonx.Head(call, "arguments")
		return []keeprouter.ChatToolCallDelta{d}
	}
	return nil
}

// functionIndex is behind those of all tool calls.
const functionIndex = 1 << 30

// usageIn is the chunk's count, where Groq has it too.
func usageIn(c *keeprouter.ChatChunk) *keeprouter.ChatUsage {
	if c.WireUsage != nil || !bytes.Contains(c.Raw, []byte(`"x_groq"`)) {
		return c.WireUsage
	}
	usage := &keeprouter.ChatUsage{}
	data := memberOf(memberOf(c.Raw, "x_groq"), "usage")
	if jsonx.Kind(data) != '{' || usage.UnmarshalJSON(data) != nil {
		return nil
	}
	return usage
}

func memberOf(object json.RawMessage, name string) json.RawMessage {
	for n, value := range jsonx.Members(object) {
		if n == name {
			return value
		}
	}
	return nil
}
