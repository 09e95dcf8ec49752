package translate

import (
	"encoding/json"

	"github.com/keeprouter/keeprouter-go"
)

// created is when the generated answers were made.
const created = 1790000000

func (g *generator) chatUsage() *keeprouter.ChatUsage {
	prompt, completion := int64(1+g.IntN(5000)), int64(g.IntN(900))
	u := &keeprouter.ChatUsage{PromptTokens: prompt, CompletionTokens: completion, TotalTokens: prompt + completion}
	if cached, written := g.Int64N(prompt), int64(0); g.maybe() && cached > 0 {
		if g.maybe() {
			written = g.Int64N(prompt - cached + 1)
		}
		u.PromptTokensDetails = &keeprouter.ChatPromptTokens{CachedTokens: cached, CacheWriteTokens: written}
	}
	if completion > 0 && g.maybe() {
		u.CompletionTokensDetails = &keeprouter.ChatCompletionTokens{ReasoningTokens: 1 + g.Int64N(completion)}
	}
	if g.maybe() {
		u.Cost = json.RawMessage("0.00042")
	}
	return u
}

func (g *generator) chatResponse() *keeprouter.ChatResponse {
	m := g.chatTurn()[0]
	if len(m.Content) > 1 {
		m.Content = m.Content[:1]
	}
	choice := keeprouter.ChatChoice{Message: m, FinishReason: keeprouter.FinishToolCalls}
	if len(m.ToolCalls) == 0 {
		choice.FinishReason = one(g, keeprouter.FinishStop, keeprouter.FinishLength, keeprouter.FinishContentFilter)
		switch choice.FinishReason {
		case keeprouter.FinishStop:
			if g.maybe() {
				choice.Extra = map[string]json.RawMessage{"stop_sequence": json.RawMessage(`"END"`)}
			}
		case keeprouter.FinishLength:
			choice.NativeFinishReason = one(g, "", "model_context_window_exceeded")
		}
	}
	return &keeprouter.ChatResponse{
		ID: "chatcmpl-" + g.id(), Created: created, Model: "m",
		Choices: []keeprouter.ChatChoice{choice}, WireUsage: g.chatUsage(),
	}
}

func (g *generator) messagesUsage() *keeprouter.MessagesUsage {
	u := &keeprouter.MessagesUsage{InputTokens: int64(1 + g.IntN(5000)), OutputTokens: int64(g.IntN(900))}
	if g.maybe() {
		u.CacheReadInputTokens, u.CacheCreationInputTokens = int64(g.IntN(5000)), int64(g.IntN(5000))
	}
	if u.CacheCreationInputTokens > 1 && g.maybe() {
		hour := 1 + g.Int64N(u.CacheCreationInputTokens)
		u.CacheCreation = &keeprouter.MessagesCacheCreation{Ephemeral5m: u.CacheCreationInputTokens - hour, Ephemeral1h: hour}
	}
	if u.OutputTokens > 0 && g.maybe() {
		u.OutputTokensDetails = &keeprouter.MessagesOutputTokens{ThinkingTokens: 1 + g.Int64N(u.OutputTokens)}
	}
	return u
}

func (g *generator) messagesResponse() *keeprouter.MessagesResponse {
	m, _ := g.messagesTurn()
	resp := &keeprouter.MessagesResponse{
		ID: "msg_" + g.id(), Type: "message", Role: "assistant", Model: "m",
		Content: keeprouter.Blocks{}, StopReason: keeprouter.StopToolUse, WireUsage: g.messagesUsage(),
	}
	texts := 0
	for _, b := range m.Content {
		if _, ok := b.(*keeprouter.TextBlock); ok {
			if texts++; texts > 1 {
				continue
			}
		}
		resp.Content = append(resp.Content, b)
	}
	if len(resp.ToolUses()) > 0 {
		return resp
	}
	resp.StopReason = one(g, keeprouter.StopEndTurn, keeprouter.StopMaxTokens, keeprouter.StopSequence, keeprouter.StopContextWindow, keeprouter.StopRefusal)
	switch resp.StopReason {
	case keeprouter.StopSequence:
		resp.StopSequence = "END"
	case keeprouter.StopRefusal:
		resp.StopDetails = &keeprouter.MessagesStopDetails{Type: "refusal"}
	}
	return resp
}
