package gateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// validate says what is wrong with a request, in the order in which the formats
// check it.
func (g *Gateway) validate(p *prompt, e endpoint) *failure {
	if p.Model == "" {
		return missing("model", "you must provide a model")
	}
	if !slices.ContainsFunc(g.models, func(m Model) bool { return m.ID == p.Model }) {
		return unknownModel(p.Model)
	}
	if e != chatEndpoint && present(p.Thread) {
		return noThreads()
	}
	if e == messagesEndpoint && p.MaxTokens == nil {
		return missing("max_tokens", "field required")
	}
	if len(p.Messages) == 0 {
		return missing("messages", "at least one message is required")
	}
	if f := p.checkParameters(e); f != nil {
		return f
	}
	if e == chatEndpoint {
		return p.checkChat()
	}
	return p.checkMessages()
}

func unknownModel(id string) *failure {
	return &failure{
		status: http.StatusNotFound, param: "model", code: "model_not_found",
		message: "the model " + strconv.Quote(clip(id, 100)) + " does not exist",
	}
}

// noThreads refuses to keep a conversation between requests. Clients that send only
// what is new take the code as the order to send the whole conversation again: a
// gateway that ignored the field would answer to a part of it.
func noThreads() *failure {
	f := invalid("thread", "conversations are not kept between requests: send all messages, without `thread`")
	f.detail = "thread_unsupported_request"
	return f
}

// checkParameters refuses what the gateway can't do, by name and in the same words
// in both formats.
func (p *prompt) checkParameters(e endpoint) *failure {
	most := 2.0
	if e != chatEndpoint {
		most = 1
	}
	switch {
	case p.MaxTokens != nil && *p.MaxTokens < 0:
		return invalid("max_tokens", "must not be negative")
	case p.MaxCompletionTokens != nil && *p.MaxCompletionTokens < 0:
		return invalid("max_completion_tokens", "must not be negative")
	case p.Temperature != nil && (*p.Temperature < 0 || *p.Temperature > most):
		return invalid("temperature", "must be between 0 and "+strconv.FormatFloat(most, 'f', -1, 64))
	case p.N != nil && *p.N != 1:
		return unsupported("n", "only one choice is supported")
	case slices.Contains(p.Modalities, "audio"):
		return unsupported("modalities", "audio output is not supported")
	}
	return p.checkTools()
}

func unsupported(param, message string) *failure {
	f := invalid(param, message)
	f.code = "unsupported_value"
	return f
}

func (p *prompt) checkTools() *failure {
	for i, t := range p.Tools {
		path := at("tools", i)
		if t.Type == "function" && t.Function == nil {
			return missing(path+".function", "field required")
		}
		if name, _ := t.schema(); name == "" && (t.Function != nil || t.Type == "") {
			return missing(path+".name", "field required")
		}
	}
	return nil
}

func (p *prompt) checkChat() *failure {
	var open []string // calls that wait for their results
	for i, m := range p.Messages {
		path := at("messages", i)
		var f *failure
		if m.Role == "tool" {
			open, f = m.answers(open, path)
		} else if len(open) > 0 {
			f = unanswered(path, open)
		}
		if f == nil {
			f = m.checkChat(path)
		}
		if f == nil {
			open, f = m.calls(open, path)
		}
		if f != nil {
			return f
		}
	}
	if len(open) > 0 {
		return unanswered("messages", open)
	}
	return nil
}

// answers removes the call whose result the message is.
func (m *message) answers(open []string, path string) ([]string, *failure) {
	if m.ToolCallID == "" {
		return nil, missing(path+".tool_call_id", "field required")
	}
	i := slices.Index(open, m.ToolCallID)
	if i < 0 {
		return nil, invalid(path, "messages with role 'tool' must be a response to a preceding message with 'tool_calls'")
	}
	return slices.Delete(open, i, i+1), nil
}

// calls adds the message's calls.
func (m *message) calls(open []string, path string) ([]string, *failure) {
	for k, c := range m.ToolCalls {
		where := at(path+".tool_calls", k) + ".id"
		if c.ID == "" {
			return nil, missing(where, "field required")
		}
		if slices.Contains(open, c.ID) {
			return nil, invalid(where, "the ids of tool calls must be unique")
		}
		open = append(open, c.ID)
	}
	return open, nil
}

func unanswered(path string, calls []string) *failure {
	return invalid(path, "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': "+
		clip(strings.Join(calls, ", "), 200)+" has none")
}

func (m *message) checkChat(path string) *failure {
	switch m.Role {
	case "system", "developer", "user", "tool":
		if !present(m.Content) {
			return missing(path+".content", "field required")
		}
	case "assistant":
		if !present(m.Content) && m.Refusal == nil && len(m.ToolCalls) == 0 && !present(m.FunctionCall) && !present(m.Audio) {
			return missing(path+".content", "an assistant message needs content or tool calls")
		}
	case "function":
	default:
		return unknownRole(m.Role, path)
	}
	_, f := m.parts(path)
	return f
}

func unknownRole(role, path string) *failure {
	return invalid(path+".role", "unknown role "+strconv.Quote(clip(role, 40)))
}

// parts are the message's parts or blocks, or what is wrong with their form.
func (m *message) parts(path string) ([]part, *failure) {
	list, err := parts(m.Content)
	if err != nil {
		return nil, invalid(path+".content", "expected a string or a list of objects")
	}
	for i, p := range list {
		if p.Type == "" {
			return nil, missing(at(path+".content", i)+".type", "field required")
		}
	}
	return list, nil
}

// checkMessages follows the turns: neighbours of one role count as one turn, and
// system messages between them as none.
func (p *prompt) checkMessages() *failure {
	if _, err := parts(p.System); err != nil {
		return invalid("system", "expected a string or a list of text blocks")
	}
	var open []string // calls of the last assistant turn
	last := ""
	for i, m := range p.Messages {
		path := at("messages", i)
		blocks, f := m.checkBlocks(path, i == len(p.Messages)-1)
		if f != nil {
			return f
		}
		if m.Role == "user" {
			open, f = answered(open, blocks, path)
		} else if m.Role == "assistant" {
			if last != "assistant" && len(open) > 0 {
				return noResult(path, open)
			}
			open, f = called(open, blocks, path)
		}
		if f != nil {
			return f
		}
		if m.Role == "user" && len(open) > 0 && !p.moreResults(i) {
			return noResult(path, open)
		}
		if m.Role != "system" {
			last = m.Role
		}
	}
	if last == "assistant" && len(open) > 0 {
		return noResult("messages", open)
	}
	return nil
}

// moreResults tells whether the user's turn goes on after message i.
func (p *prompt) moreResults(i int) bool {
	for _, m := range p.Messages[i+1:] {
		if m.Role != "system" {
			return m.Role == "user"
		}
	}
	return false
}

// answered removes the calls that have their results among the blocks. Nothing else
// may stand before the last of them.
func answered(open []string, blocks []part, path string) ([]string, *failure) {
	for k, b := range blocks {
		if b.Type != "tool_result" && len(open) > 0 {
			return nil, noResult(at(path+".content", k), open)
		}
		if b.Type != "tool_result" {
			continue
		}
		i := slices.Index(open, b.ToolUseID)
		if i < 0 {
			return nil, invalid(at(path+".content", k), "unexpected `tool_use_id` found in `tool_result` blocks: "+clip(b.ToolUseID, 100)+
				". Each `tool_result` block must have a corresponding `tool_use` block in the previous message")
		}
		open = slices.Delete(open, i, i+1)
	}
	return open, nil
}

// called adds the calls among the blocks.
func called(open []string, blocks []part, path string) ([]string, *failure) {
	for k, b := range blocks {
		if b.Type != "tool_use" {
			continue
		}
		if b.ID == "" {
			return nil, missing(at(path+".content", k)+".id", "field required")
		}
		if slices.Contains(open, b.ID) {
			return nil, invalid(at(path+".content", k)+".id", "`tool_use` ids must be unique")
		}
		open = append(open, b.ID)
	}
	return open, nil
}

func noResult(path string, calls []string) *failure {
	return invalid(path, "`tool_use` ids were found without `tool_result` blocks immediately after: "+clip(strings.Join(calls, ", "), 200)+
		". Each `tool_use` block must have a corresponding `tool_result` block in the next message")
}

func (m *message) checkBlocks(path string, final bool) ([]part, *failure) {
	if !slices.Contains([]string{"user", "assistant", "system"}, m.Role) {
		return nil, unknownRole(m.Role, path)
	}
	blocks, f := m.parts(path)
	if f != nil {
		return nil, f
	}
	prefill := final && m.Role == "assistant"
	if len(blocks) == 0 && !prefill {
		return nil, invalid(path, "all messages must have non-empty content except for the optional final assistant message")
	}
	for k, b := range blocks {
		if b.Type == "text" && strings.TrimSpace(b.Text) == "" && !prefill {
			return nil, invalid(at(path+".content", k), "text content blocks must contain non-whitespace text")
		}
	}
	if prefill && endsInSpace(blocks) {
		return nil, invalid(path, "final assistant content cannot end with trailing whitespace")
	}
	return blocks, m.checkInputs(path)
}

func endsInSpace(blocks []part) bool {
	if len(blocks) == 0 {
		return false
	}
	text := blocks[len(blocks)-1].Text
	return strings.TrimRightFunc(text, unicode.IsSpace) != text
}

// checkInputs wants an object as the input of each call.
func (m *message) checkInputs(path string) *failure {
	var uses []struct {
		Type  string          `json:"type"`
		Input json.RawMessage `json:"input"`
	}
	if json.Unmarshal(m.Content, &uses) != nil {
		return nil // a string
	}
	for k, u := range uses {
		if u.Type == "tool_use" && (len(u.Input) == 0 || u.Input[0] != '{') {
			return invalid(at(path+".content", k)+".input", "expected an object")
		}
	}
	return nil
}

func at(path string, i int) string { return path + "." + strconv.Itoa(i) }

// clip bounds a text that is quoted.
func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n]) + "…"
}
