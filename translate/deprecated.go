package translate

//lint:file-ignore SA1019 clients still send the deprecated fields

import (
	"encoding/json"
	"fmt"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// functionCall reads the form that came before tool calls. It has no id, so one is
// made from its place.
func (d *chatDecoder) functionCall(m *keeprouter.ChatMessage, path string) []part {
	c := m.FunctionCall
	if c == nil {
		return nil
	}
	d.functions++
	d.function = fmt.Sprintf("call_function_%d", d.functions)
	d.note(path, Changed, "the Messages format has tool calls only")
	d.unknown(path, names(c.Extra))
	if c.Name == "" {
		d.refuse(path+".name", "a call needs its function's name")
	}
	if !isArguments(c.Arguments) {
		d.refuse(path+".arguments", "they are not a JSON object")
	}
	return []part{&callPart{origin: origin{path: path}, id: d.function, name: c.Name, args: c.Arguments}}
}

func hasFunctionCall(m *keeprouter.ChatMessage) bool { return m.FunctionCall != nil }

// user reads the user's id where it stood before safety_identifier.
func (d *chatDecoder) user(req *keeprouter.ChatRequest) {
	s := &d.conv.settings
	switch {
	case s.user == "":
		s.user, s.userPath = req.User, "user"
	case req.User != "" && req.User != s.user:
		d.note("user", Dropped, "safety_identifier counts")
	}
}

func cacheRetention(req *keeprouter.ChatRequest) string { return req.PromptCacheRetention }

// functionTools reads the list that came before tools.
func (d *chatDecoder) functionTools(req *keeprouter.ChatRequest) {
	for i, function := range jsonx.Elements(req.Functions) {
		path := at("functions", i)
		var f struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Parameters  json.RawMessage `json:"parameters"`
		}
		extra, err := jsonx.Unmarshal(function, &f)
		if err != nil || f.Name == "" {
			d.refuse(path, "want a function with a name")
			continue
		}
		d.unknown(path, names(extra))
		d.conv.tools = append(d.conv.tools, tool{
			path: path, name: f.Name, description: f.Description,
			schema: toolSchema(f.Parameters, path+".parameters", d.ledger),
		})
	}
}

// functionChoice reads what came before tool_choice.
func (d *chatDecoder) functionChoice(req *keeprouter.ChatRequest) *choice {
	wanted := req.FunctionCall
	c := &choice{path: "function_call"}
	switch jsonx.Kind(wanted) {
	case '"':
		mode, _ := jsonx.Unquote(wanted)
		return d.choiceMode(c, mode)
	case '{':
		name, _ := jsonx.Head(wanted, "name")
		c.mode, c.name = callOne, name
		return c
	}
	return nil
}

// functionCall reads a call in the form that came before tool calls.
func (d *chatAnswerDecoder) functionCall(m *keeprouter.ChatMessage, path string, cut bool) {
	f := m.FunctionCall
	switch {
	case f == nil:
	case cut && (f.Arguments == "" || !isArguments(f.Arguments)):
		d.change(path, Dropped, "the limit has cut the answer inside this call")
	case !isArguments(f.Arguments):
		d.refuse(path+".arguments", fmt.Sprintf("the arguments for the function %q are not a JSON object: ask again", f.Name))
	default:
		d.add(&callPart{origin: origin{path: path}, name: d.session.toolName(f.Name), args: f.Arguments})
	}
}

// betaFormat is the form of the answer where it stood in the beta.
func betaFormat(req *keeprouter.MessagesRequest) *keeprouter.MessagesOutputFormat {
	return req.OutputFormat
}
