package keeprouter

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

var errNoChoices = errors.New("the answer has no choices")

// finishWords are servers' own words for the reasons, in lower case.
var finishWords = map[string]ChatFinishReason{
	"stop": FinishStop, "eos": FinishStop, "eos_token": FinishStop, "end_turn": FinishStop,
	"stop_sequence": FinishStop, "complete": FinishStop,
	"length": FinishLength, "max_tokens": FinishLength, "model_length": FinishLength,
	"max_output_tokens": FinishLength, "model_context_window_exceeded": FinishLength,
	"tool_calls": FinishToolCalls, "tool_use": FinishToolCalls,
	"content_filter": FinishContentFilter, "safety": FinishContentFilter, "sensitive": FinishContentFilter,
	"recitation": FinishContentFilter, "refusal": FinishContentFilter,
}

// failedReasons mean that the server gave up.
var failedReasons = map[ChatFinishReason]bool{
	"error": true, "network_error": true, "abort": true, "insufficient_system_resource": true,
}

// finishReason returns the format's word for a reason, and the native one where it
// says something else.
func finishReason(wire, native string) (ChatFinishReason, string) {
	reason, known := finishWords[strings.ToLower(wire)]
	if !known {
		reason = ChatFinishReason(wire)
	}
	if string(reason) != wire {
		native = cmp.Or(native, wire)
	}
	return reason, native
}

// matchReason holds the reason to what came: an answer with tool calls waits for
// their results whatever its reason says, and one without them waits for nothing.
func (c *ChatChoice) matchReason() {
	reason := c.FinishReason
	switch {
	case reason == FinishStop && len(c.Message.ToolCalls) > 0:
		reason = FinishToolCalls
	case reason == FinishToolCalls && len(c.Message.ToolCalls) == 0:
		reason = FinishStop
	}
	if reason != c.FinishReason {
		c.NativeFinishReason = cmp.Or(c.NativeFinishReason, string(c.FinishReason))
		c.FinishReason = reason
	}
}

// finish completes an answer that ended, or that is shown as it is so far.
func (r *ChatResponse) finish(ended bool) {
	for i := range r.Choices {
		c := &r.Choices[i]
		c.Message.Role = cmp.Or(c.Message.Role, "assistant")
		if ended && c.FinishReason == "" {
			c.FinishReason = FinishStop // some servers never give a reason
			if len(c.Message.ToolCalls) > 0 {
				c.FinishReason = FinishToolCalls
			}
		}
		c.matchReason()
		if !ended || c.FinishReason == FinishLength {
			markTruncated(c.Message.ToolCalls)
		}
		r.nameCalls(c)
	}
}

// markTruncated marks the calls that an early end has cut: those whose arguments
// are no whole object, and the last one also if it has none yet.
func markTruncated(calls []ChatToolCall) {
	for i := range calls {
		call := &calls[i]
		last := i == len(calls)-1
		switch {
		case call.Type == customType:
			call.Truncated = last
		case call.Arguments == "":
			call.Truncated = last
		default:
			call.Truncated = !isObject(call.Arguments)
		}
	}
}

func isObject(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") && jsonx.WellFormedText(text)
}

// nameCalls gives an id to calls that came without one, or with another call's. It
// depends on the answer alone, so that a recorded one always gives the same.
func (r *ChatResponse) nameCalls(c *ChatChoice) {
	taken := map[string]bool{}
	for i := range c.Message.ToolCalls {
		call := &c.Message.ToolCalls[i]
		if call.ID == "" || taken[call.ID] {
			sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %d %q %q",
				r.ID, r.Created, c.Index, i, call.Name, call.Arguments))
			call.ID = "call_" + hex.EncodeToString(sum[:12])
		}
		taken[call.ID] = true
	}
}

// defect returns what is wrong with a whole answer.
func (r *ChatResponse) defect() *failure.Failure {
	if len(r.Choices) == 0 {
		return &failure.Failure{Kind: failure.BadResponse, Message: errNoChoices.Error(), Cause: errNoChoices}
	}
	for i := range r.Choices {
		if err := r.Choices[i].defect(i); err != nil {
			return err
		}
	}
	return nil
}

func (c *ChatChoice) defect(position int) *failure.Failure {
	if failedReasons[c.FinishReason] {
		return c.failed()
	}
	for j, call := range c.Message.ToolCalls {
		if call.Truncated || call.Type == customType || call.Arguments == "" || jsonx.WellFormedText(call.Arguments) {
			continue
		}
		return &failure.Failure{
			Kind:  failure.BadToolArguments,
			Param: fmt.Sprintf("choices[%d].message.tool_calls[%d].function.arguments", position, j),
			Message: fmt.Sprintf("the arguments for the tool %q are not valid JSON: don't execute the call, ask again",
				call.Name),
		}
	}
	call := c.Message.FunctionCall
	if call == nil || c.FinishReason == FinishLength || call.Arguments == "" || jsonx.WellFormedText(call.Arguments) {
		return nil
	}
	return &failure.Failure{
		Kind:    failure.BadToolArguments,
		Param:   fmt.Sprintf("choices[%d].message.function_call.arguments", position),
		Message: fmt.Sprintf("the arguments for the function %q are not valid JSON: don't execute the call, ask again", call.Name),
	}
}

// failed tells why a server gave up, in its own words where it sent some.
func (c *ChatChoice) failed() *failure.Failure {
	if cause, ok := c.Extra["error"]; ok {
		event := append(append([]byte(`{"error":`), cause...), '}')
		if failure.IsError(event) {
			return failure.FromEvent(event, 0, nil)
		}
	}
	return failure.FromFinish(string(c.FinishReason))
}
