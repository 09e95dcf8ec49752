package translate

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// seedPitfalls adds the inputs of the pitfalls.
func seedPitfalls(f *testing.F, input func(pitfall) string) {
	for _, table := range [][]pitfall{requestPitfalls, chatRequestPitfalls, answerPitfalls, thinkingPitfalls, tablePitfalls} {
		for _, p := range table {
			if data := input(p); data != "" {
				f.Add([]byte(data))
			}
		}
	}
}

// stable reports what a value loses when it is sent.
func stable[T any](t *testing.T, v *T) {
	t.Helper()
	sent, err := jsonx.Encode(v)
	if err != nil {
		t.Fatalf("the translation can't be written: %v", err)
	}
	read := new(T)
	if err := json.Unmarshal(sent, read); err != nil {
		t.Fatalf("the translation can't be read: %v\n%s", err, sent)
	}
	again, err := jsonx.Encode(read)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(sent), string(again)); diff != "" {
		t.Fatalf("the translation changes when it is sent (-want +got):\n%s", diff)
	}
}

// documented holds an error to being a refusal that names a place and a reason.
func documented(t *testing.T, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*RefusalError](err)
	if !ok || len(refusal.Losses) == 0 {
		t.Fatalf("not a refusal: %v", err)
	}
	for _, loss := range refusal.Losses {
		if loss.Reason == "" {
			t.Fatalf("%s has no reason", loss.Path)
		}
	}
}

var fuzzTranslators = []Translator{
	{},
	{Policy: Strict},
	{Policy: Lenient},
	{Policy: Lenient, Target: Target{
		System: PlaceNative, Prefill: PrefillPlain, UserFirst: true, StubTools: true, CacheMarks: MarksControl,
		ToolImages: true, EmptyContent: true, UnsignedThinking: true, ThinkingBudget: true, AnySchema: true, ThinkingByDefault: true,
	}},
	{Policy: Lenient, Target: Target{System: PlaceFront, TextOnlyResults: true, Reasoning: ReasoningDetails, CacheMarks: MarksBreakpoint}},
}

func FuzzToMessages(f *testing.F) {
	seedPitfalls(f, func(p pitfall) string {
		if p.chat == "" {
			return ""
		}
		return `{"model":"m","max_tokens":100,"messages":` + p.chat + `}`
	})
	client := newClient(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var req keeprouter.ChatRequest
		if json.Unmarshal(data, &req) != nil {
			return
		}
		_, invalid := client.Chat.Create(t.Context(), &req)
		for i, translator := range fuzzTranslators {
			translated, _, _, err := translator.ToMessages(&req)
			if err != nil {
				documented(t, err)
				continue
			}
			stable(t, translated)
			if _, err := client.Messages.Create(t.Context(), translated); err != nil && invalid == nil {
				t.Fatalf("translator %d: %v\n%s", i, err, wire(t, translated))
			}
		}
	})
}

func FuzzToChat(f *testing.F) {
	seedPitfalls(f, func(p pitfall) string {
		if p.messages == "" {
			return ""
		}
		return `{"model":"m","max_tokens":100,"messages":` + p.messages + `}`
	})
	client := newClient(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var req keeprouter.MessagesRequest
		if json.Unmarshal(data, &req) != nil {
			return
		}
		_, invalid := client.Messages.Create(t.Context(), &req)
		for i, translator := range fuzzTranslators {
			translated, _, _, err := translator.ToChat(&req)
			if err != nil {
				documented(t, err)
				continue
			}
			stable(t, translated)
			if _, err := client.Chat.Create(t.Context(), translated); err != nil && invalid == nil {
				t.Fatalf("translator %d: %v\n%s", i, err, wire(t, translated))
			}
		}
	})
}

func FuzzToMessagesResponse(f *testing.F) {
	seedPitfalls(f, func(p pitfall) string { return p.chatAnswer })
	f.Fuzz(func(t *testing.T, data []byte) {
		var resp keeprouter.ChatResponse
		if json.Unmarshal(data, &resp) != nil {
			return
		}
		for _, policy := range []Policy{Default, Strict, Lenient} {
			translated, _, err := answering(policy).MessagesResponse(&resp)
			if err != nil {
				documented(t, err)
				continue
			}
			stable(t, translated)
			for _, use := range translated.ToolUses() {
				if !isArguments(string(use.Input)) || use.ID == "" {
					t.Fatalf("a call that can't be run: %+v", use)
				}
			}
		}
	})
}

func FuzzToChatResponse(f *testing.F) {
	seedPitfalls(f, func(p pitfall) string { return p.messagesAnswer })
	f.Fuzz(func(t *testing.T, data []byte) {
		var resp keeprouter.MessagesResponse
		if json.Unmarshal(data, &resp) != nil {
			return
		}
		for _, policy := range []Policy{Default, Strict, Lenient} {
			translated, _, err := answering(policy).ChatResponse(&resp)
			if err != nil {
				documented(t, err)
				continue
			}
			stable(t, translated)
			for _, call := range translated.ToolCalls() {
				if !call.Truncated && !isArguments(call.Arguments) || call.ID == "" {
					t.Fatalf("a call that can't be run: %+v", call)
				}
			}
		}
	})
}
