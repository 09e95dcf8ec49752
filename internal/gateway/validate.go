package gateway

import (
	"net/http"
	"slices"
	"strconv"
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
	for _, check := range p.checks(e) {
		if f := check(); f != nil {
			return f
		}
	}
	return nil
}

func (p *prompt) checks(e endpoint) []func() *failure {
	if e == chatEndpoint {
		return []func() *failure{p.checkChatSettings, p.checkChatFormat, p.checkChatTools, p.checkChat}
	}
	return []func() *failure{p.checkMessagesSettings, p.checkThinking, p.checkMessagesFormat, p.checkMessagesTools, p.checkMessages, p.checkMarks}
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

func unsupported(param, message string) *failure {
	f := invalid(param, message)
	f.code = "unsupported_value"
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

func at(path string, i int) string { return path + "." + strconv.Itoa(i) }

// clip bounds a text that is quoted.
func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n]) + "…"
}
