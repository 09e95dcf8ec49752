package gateway

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

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
	for k := range m.ToolCalls {
		c := &m.ToolCalls[k]
		if f := c.check(at(path+".tool_calls", k)); f != nil {
			return nil, f
		}
		where := at(path+".tool_calls", k) + ".id"
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

func (c *call) check(path string) *failure {
	switch {
	case c.ID == "":
		return missing(path+".id", "field required")
	case c.Type == "":
		return missing(path+".type", "field required")
	case c.Type == "custom":
		return nil
	case c.Type != "function":
		return invalid(path+".type", "unknown type "+strconv.Quote(clip(c.Type, 40))+": use function or custom")
	}
	return checkName(c.Function.Name, path+".function.name", chatName)
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
	if len(m.ToolCalls) > 0 && m.Role != "assistant" {
		return invalid(path+".tool_calls", "only assistant messages may have tool calls")
	}
	list, f := m.parts(path)
	if f != nil {
		return f
	}
	for k := range list {
		if f := m.checkPart(&list[k], at(path+".content", k)); f != nil {
			return f
		}
	}
	return nil
}

// checkPart lets users send parts that it doesn't know: servers have their own.
func (m *message) checkPart(p *part, path string) *failure {
	switch {
	case m.Role == "assistant" && p.Type != "text" && p.Type != "refusal", m.Role != "user" && m.Role != "assistant" && p.Type != "text":
		return invalid(path+".type", "a message with role '"+m.Role+"' may not have a part of type "+strconv.Quote(clip(p.Type, 40)))
	case p.Type == "image_url":
		var image struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(p.ImageURL, &image) != nil {
			return invalid(path+".image_url", "expected an object with a url")
		}
		return checkURL(image.URL, path+".image_url.url", "data:image/", "https://", "http://")
	}
	return nil
}

func checkURL(url, path string, schemes ...string) *failure {
	if url == "" {
		return missing(path, "field required")
	}
	for _, scheme := range schemes {
		if len(url) > len(scheme) && strings.EqualFold(url[:len(scheme)], scheme) {
			return nil
		}
	}
	return invalid(path, "expected a URL that begins with one of "+strings.Join(schemes, " "))
}
