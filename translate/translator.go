package translate

import (
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// Policy says what happens to what the other format can't say.
type Policy int

// The policies.
const (
	// Default changes what comes close, drops what hardly matters, reports both, and
	// refuses what would make the request another one.
	Default Policy = iota
	// Strict refuses whatever changes the meaning.
	Strict
	// Lenient drops and reports whatever can be dropped. What can't be answered at all
	// is still refused, such as more than one choice.
	Lenient
)

// Translator translates with settings. The zero Translator is what the package's
// functions use. It can be copied, and used by several goroutines at once.
type Translator struct {
	// Policy is Default, Strict or Lenient.
	Policy Policy

	// Target says what the server that gets the translated requests can do.
	Target Target

	// Models replaces model ids in requests; answers get the client's id back.
	Models map[string]string

	// MaxTokens is the limit of a Messages request whose Chat request has none.
	// Default: 8192, which is reported as a change of meaning.
	MaxTokens int

	// KeepReasoning keeps reasoning in answers to Messages requests that didn't ask
	// for thinking.
	KeepReasoning bool

	// DropBillingHeader leaves out the system block that Claude Code changes with
	// every request, so that servers find the prompt in their caches.
	DropBillingHeader bool

	// OwnKey tells that the server is called with a key that isn't the client's: a
	// refused key is then no fault of the client's, see [Translator.ChatError].
	OwnKey bool

	// Now is the clock, for the time in Chat answers. Default: time.Now.
	Now func() time.Time
}

// defaultMaxTokens is the limit of an answer when nobody set one.
const defaultMaxTokens = 8192

// Place is where an instruction in the middle of a conversation goes.
type Place int

// The places.
const (
	// PlaceAuto is PlaceNative towards Messages and PlaceUser towards Chat, where the
	// chat templates of open models refuse a later system message.
	PlaceAuto Place = iota
	// PlaceNative keeps a system message where it is.
	PlaceNative
	// PlaceUser makes it a <system-reminder> in the user's turn at that place.
	PlaceUser
	// PlaceFront moves it to the first instruction. This changes the order, and
	// breaks prompt caches.
	PlaceFront
)

// Prefill is how a request that ends with a message of the assistant is continued.
type Prefill int

// The ways to continue a last message.
const (
	// PrefillAuto is PrefillPlain towards Messages and PrefillRefused towards Chat,
	// where a server would begin anew.
	PrefillAuto Prefill = iota
	// PrefillRefused refuses it.
	PrefillRefused
	// PrefillPlain sends it as it is.
	PrefillPlain
	// PrefillContinue sends it with continue_final_message, as vLLM wants.
	PrefillContinue
	// PrefillPrefix marks the message with prefix, as DeepSeek and Mistral want.
	PrefillPrefix
)

// ThinkingOff is how a Chat server is told not to think.
type ThinkingOff int

// The ways to switch thinking off.
const (
	// OffByEffort sends reasoning_effort "none".
	OffByEffort ThinkingOff = iota
	// OffByTemplate sends chat_template_kwargs with enable_thinking false, as vLLM and
	// llama.cpp want.
	OffByTemplate
	// OffByOmission sends nothing, for servers that don't think unless asked.
	OffByOmission
)

// Reasoning is how a Chat server takes back what it thought.
type Reasoning int

// The forms of reasoning in a conversation.
const (
	// ReasoningBoth sends reasoning_details and the text beside it.
	ReasoningBoth Reasoning = iota
	// ReasoningDetails sends reasoning_details only.
	ReasoningDetails
	// ReasoningText sends the text only. Signatures are lost.
	ReasoningText
	// ReasoningNone sends none, for servers that refuse it.
	ReasoningNone
)

// Marks is how a Chat server takes cache marks.
type Marks int

// The forms of cache marks.
const (
	// MarksDropped leaves them out: most servers cache by themselves.
	MarksDropped Marks = iota
	// MarksBreakpoint sends prompt_cache_breakpoint, as OpenAI has it.
	MarksBreakpoint
	// MarksControl sends cache_control, as OpenRouter and LiteLLM have it.
	MarksControl
)

// Target says what a server can do. The zero Target is careful.
type Target struct {
	// System is where instructions in the middle of a conversation go.
	System Place

	// Prefill is how a last message of the assistant is continued.
	Prefill Prefill

	// UserFirst tells that the first message must be the user's.
	UserFirst bool

	// StubTools declares the tools that were called in a conversation whose request
	// has none, for servers that demand that.
	StubTools bool

	// CacheMarks is how a Chat server takes cache marks.
	CacheMarks Marks

	// ToolImages tells that a Chat server takes images in a tool's result. Otherwise
	// they follow in a user message.
	ToolImages bool

	// TextOnlyResults tells that a Chat server takes nothing but a string as a tool's
	// result.
	TextOnlyResults bool

	// EmptyContent tells that a Chat server wants "" beside tool calls, not null.
	EmptyContent bool

	// Reasoning is how a Chat server takes back what it thought.
	Reasoning Reasoning

	// ReasoningField is the name of the text: reasoning_content, which is the default,
	// or reasoning.
	ReasoningField string

	// MaxCompletionTokens sends the limit to a Chat server under this name, which
	// OpenAI's reasoning models want, instead of max_tokens.
	MaxCompletionTokens bool

	// MaxStops is how many stop sequences a Chat server takes. Default: 4. Negative:
	// any number.
	MaxStops int

	// NoTopK tells that a Chat server refuses top_k.
	NoTopK bool

	// ThinkingOff is how a Chat server is told not to think.
	ThinkingOff ThinkingOff

	// ThinkingByDefault leaves it to a Chat server whether it thinks when a Messages
	// request says nothing, which means no thinking in that format.
	ThinkingByDefault bool

	// ThinkingBudget asks a Messages server for thinking by a number of tokens, as
	// older models want, instead of by effort.
	ThinkingBudget bool

	// UnsignedThinking tells that a Messages server takes thinking that no server
	// signed, such as Gemma's. Claude refuses the whole conversation for it.
	UnsignedThinking bool

	// AnySchema tells that a Messages server takes every JSON Schema keyword in an
	// output format, such as minimum.
	AnySchema bool
}

// ToMessages translates a Chat request with the default settings. The error is a
// [*RefusalError].
func ToMessages(req *keeprouter.ChatRequest) (*keeprouter.MessagesRequest, []Diagnostic, error) {
	translated, _, diagnostics, err := Translator{}.ToMessages(req)
	return translated, diagnostics, err
}

// ToChat translates a Messages request with the default settings. The error is a
// [*RefusalError].
func ToChat(req *keeprouter.MessagesRequest) (*keeprouter.ChatRequest, []Diagnostic, error) {
	translated, _, diagnostics, err := Translator{}.ToChat(req)
	return translated, diagnostics, err
}

// ToMessages translates a Chat request. The session translates the answer. Neither
// request is changed afterwards, but they may share memory. The error is a
// [*RefusalError]; the diagnostics are there in any case.
func (t Translator) ToMessages(req *keeprouter.ChatRequest) (*keeprouter.MessagesRequest, *Session, []Diagnostic, error) {
	l := t.requestLedger()
	if req == nil {
		l.refuse("", "there is no request")
		return nil, nil, nil, l.err()
	}
	conv := decodeChatRequest(req, t, l)
	s := newSession(t, conv, req.Model)
	arrange(conv, arrangement{target: t.Target, toMessages: true}, l)
	s.nameTools(conv, maxMessagesName, l)
	translated := encodeMessagesRequest(conv, t, l)
	if err := l.err(); err != nil {
		return nil, nil, l.diagnostics, err
	}
	return translated, s, l.diagnostics, nil
}

// ToChat translates a Messages request. The session translates the answer. Neither
// request is changed afterwards, but they may share memory. The error is a
// [*RefusalError]; the diagnostics are there in any case.
func (t Translator) ToChat(req *keeprouter.MessagesRequest) (*keeprouter.ChatRequest, *Session, []Diagnostic, error) {
	l := t.requestLedger()
	if req == nil {
		l.refuse("", "there is no request")
		return nil, nil, nil, l.err()
	}
	conv := decodeMessagesRequest(req, t, l)
	s := newSession(t, conv, req.Model)
	arrange(conv, arrangement{target: t.Target}, l)
	s.nameTools(conv, maxChatName, l)
	translated := encodeChatRequest(conv, t, l)
	if err := l.err(); err != nil {
		return nil, nil, l.diagnostics, err
	}
	return translated, s, l.diagnostics, nil
}

func (t Translator) requestLedger() *ledger {
	return &ledger{policy: t.Policy, kind: keeprouter.ErrInvalidRequest}
}

// model returns the server's id of a model.
func (t Translator) model(id string) string {
	if replaced, ok := t.Models[id]; ok {
		return replaced
	}
	return id
}
