package gateway

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The names and ids that the formats allow.
var (
	chatName     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	messagesName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	toolUseID    = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
)

// maxCalledName is how long the name of a tool may be in a Messages conversation.
const maxCalledName = 200

func (p *prompt) checkChatTools() *failure {
	var names []string
	for i := range p.Tools {
		if f := p.Tools[i].checkChat(at("tools", i)); f != nil {
			return f
		}
		names = append(names, p.Tools[i].name())
	}
	return p.checkChatChoice(names)
}

func (p *prompt) checkMessagesTools() *failure {
	var names []string
	for i := range p.Tools {
		t, path := &p.Tools[i], at("tools", i)
		if f := t.checkMessages(path); f != nil {
			return f
		}
		if t.Name != "" && slices.Contains(names, t.Name) {
			return invalid(path+".name", "tool names must be unique, "+strconv.Quote(clip(t.Name, 130))+" is there twice")
		}
		names = append(names, t.Name)
	}
	return p.checkMessagesChoice(names)
}

func (t *tool) checkChat(path string) *failure {
	switch {
	case t.Type == "":
		return missing(path+".type", "field required")
	case t.Type == "custom" && t.Custom == nil:
		return missing(path+".custom", "field required")
	case t.Type == "custom":
		return checkName(t.Custom.Name, path+".custom.name", chatName)
	case t.Type != "function":
		return invalid(path+".type", "unknown type "+strconv.Quote(clip(t.Type, 60))+": use function or custom")
	case t.Function == nil:
		return missing(path+".function", "field required")
	}
	if f := checkName(t.Function.Name, path+".function.name", chatName); f != nil {
		return f
	}
	return t.checkParameters(path + ".function.parameters")
}

// checkParameters allows a function that has no arguments to have no schema.
func (t *tool) checkParameters(path string) *failure {
	raw := t.Function.Parameters
	if !present(raw) || len(members(raw)) == 0 && raw[0] == '{' {
		return nil
	}
	demand := anySchema
	if t.Function.Strict {
		demand = chatStrict
	}
	if wrong := objectSchema(raw, demand); wrong != "" {
		f := invalid(path, "invalid schema for function '"+t.Function.Name+"': "+wrong)
		f.code = "invalid_function_parameters"
		return f
	}
	return nil
}

func checkName(name, path string, allowed *regexp.Regexp) *failure {
	if name == "" {
		return missing(path, "field required")
	}
	if !allowed.MatchString(name) {
		return invalid(path, "the name "+strconv.Quote(clip(name, 250))+" does not match "+allowed.String())
	}
	return nil
}

// checkMessages leaves the tools alone that the server has: they come and go by their
// dated types.
func (t *tool) checkMessages(path string) *failure {
	switch t.Type {
	case "", "custom":
	case "function":
		return invalid(path+".type", "unknown type \"function\", which is of Chat Completions: use custom, or none")
	default:
		return nil
	}
	if f := checkName(t.Name, path+".name", messagesName); f != nil {
		return f
	}
	if !present(t.InputSchema) {
		return missing(path+".input_schema", "field required")
	}
	demand := anySchema
	if t.Strict {
		demand = messagesStrict
	}
	if wrong := objectSchema(t.InputSchema, demand); wrong != "" {
		return invalid(path+".input_schema", wrong)
	}
	return nil
}

// choice is a tool_choice that isn't a word.
type choice struct {
	Type     string `json:"type"`
	Name     string `json:"name"`
	Function struct {
		Name string `json:"name"`
	} `json:"function"`
	Custom struct {
		Name string `json:"name"`
	} `json:"custom"`
}

func (p *prompt) checkChatChoice(names []string) *failure {
	if len(names) == 0 {
		switch {
		case present(p.ToolChoice) && string(p.ToolChoice) != `"none"`:
			return invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified")
		case p.ParallelToolCalls != nil:
			return invalid("parallel_tool_calls", "'parallel_tool_calls' is only allowed when 'tools' are specified")
		}
		return nil
	}
	if !present(p.ToolChoice) {
		return nil
	}
	var word string
	if json.Unmarshal(p.ToolChoice, &word) == nil {
		if !slices.Contains([]string{"none", "auto", "required"}, word) {
			return invalid("tool_choice", "unknown value "+strconv.Quote(clip(word, 40))+": use none, auto, required or a tool")
		}
		return nil
	}
	var c choice
	if json.Unmarshal(p.ToolChoice, &c) != nil {
		return invalid("tool_choice", "expected a string or an object")
	}
	switch c.Type {
	case "allowed_tools":
		return nil
	case "function":
		return chosen(c.Function.Name, "tool_choice.function.name", names)
	case "custom":
		return chosen(c.Custom.Name, "tool_choice.custom.name", names)
	}
	return invalid("tool_choice.type", "unknown type "+strconv.Quote(clip(c.Type, 40)))
}

func chosen(name, path string, names []string) *failure {
	if name == "" {
		return missing(path, "field required")
	}
	if !slices.Contains(names, name) {
		return invalid(path, "tool "+strconv.Quote(clip(name, 130))+" not found in provided tools")
	}
	return nil
}

func (p *prompt) checkMessagesChoice(names []string) *failure {
	if !present(p.ToolChoice) {
		return nil
	}
	var c choice
	if json.Unmarshal(p.ToolChoice, &c) != nil {
		return invalid("tool_choice", "expected an object")
	}
	kinds := []string{"auto", "any", "tool", "none"}
	switch {
	case !slices.Contains(kinds, c.Type):
		return invalid("tool_choice.type", "unknown type "+strconv.Quote(clip(c.Type, 40))+": use "+strings.Join(kinds, ", "))
	case len(names) == 0 && c.Type != "none":
		return invalid("tool_choice", "may only be specified while providing tools")
	case c.Type == "tool":
		return chosen(c.Name, "tool_choice.name", names)
	}
	return nil
}
