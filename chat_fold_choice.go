package keeprouter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// chatChoiceFold is a choice as far as it has come.
type chatChoiceFold struct {
	wireIndex, index int
	reason           ChatFinishReason
	native           string
	logprobs         *ChatLogprobs
	extra            extras

	role, name     string
	content        jsonx.Text
	hasContent     bool // whether content came as text, even an empty one
	parts          []contentPart
	refusal        jsonx.Text
	reasoning      jsonx.Text
	reasoningField string
	reasoningNamed bool // whether the field had a text that isn't empty
	thinkingParts  bool // whether reasoning came as parts of the content
	details        reasoningDetails
	calls          toolCallsFold
	callDeltas     callDeltas
	function       *functionCallFold
	audio          *audioFold
	annotations    []json.RawMessage
	messageExtra   extras
	extraLists     map[string][]json.RawMessage // those of its values that are lists
}

// contentPart is a part of the content that is no text, and where in the text it came.
type contentPart struct {
	at   int
	data json.RawMessage
}

type functionCallFold struct {
	name      string
	arguments jsonx.Text
}

type audioFold struct {
	ChatAudio
	data       []byte
	pending    string // base64 that the next piece completes
	transcript jsonx.Text
}

// fold adds what an event says of the choice, and tells it in out.
func (s *chatChoiceFold) fold(c *chatEventChoice, out *ChatChunkChoice) error {
	if err := s.foldDelta(&c.delta, c.whole, &out.Delta); err != nil {
		return err
	}
	if reason := literal(c.finish); reason != "" && !failedReasons[s.reason] {
		s.reason, s.native = finishReason(reason, literal(c.native))
		out.FinishReason, out.NativeFinishReason = s.reason, s.native
	}
	if jsonx.Kind(c.logprobs) == '{' {
		out.Logprobs = c.logprobs
		s.foldLogprobs(c.logprobs)
	}
	s.extra = addMembers(s.extra, c.extra)
	return nil
}

func (s *chatChoiceFold) foldDelta(d *chatEventDelta, whole bool, out *ChatDelta) (err error) {
	if out.Role = literalLike(s.role, d.role); s.role == "" {
		s.role = out.Role
	}
	firstText(&s.name, d.name)
	if out.Reasoning, err = s.foldReasoning(d, whole, out); err != nil {
		return err
	}
	if out.Content, err = s.foldContent(d.content, whole, out); err != nil {
		return err
	}
	if out.Refusal, err = appendText(&s.refusal, d.refusal, whole); err != nil {
		return err
	}
	if out.ToolCalls, err = s.calls.fold(d.calls, whole, &s.callDeltas); err != nil {
		return err
	}
	s.annotations = growList(s.annotations, d.annotations)
	s.foldExtra(d.extra)
	if err := s.foldFunction(d.functionCall); err != nil {
		return err
	}
	return s.foldAudio(d.audio)
}

// appendText adds a string's text and returns it. A message in place of a delta may
// repeat what has come already.
func appendText(t *jsonx.Text, data json.RawMessage, whole bool) (string, error) {
	if jsonx.Kind(data) != '"' || whole && repeats(t, literal(data)) {
		return "", nil
	}
	return t.Append(data)
}

func repeats(t *jsonx.Text, text string) bool {
	return t.Len() > 0 && t.Len() == len(text) && t.String() == text
}

// foldContent adds content that is a text or a list of parts.
func (s *chatChoiceFold) foldContent(data json.RawMessage, whole bool, out *ChatDelta) (string, error) {
	switch jsonx.Kind(data) {
	case '"':
		s.hasContent = true
		return appendText(&s.content, data, whole)
	case '{':
		return s.foldPart(data, whole, out)
	}
	var added string
	for _, part := range jsonx.Elements(data) {
		text, err := s.foldPart(part, whole, out)
		if err != nil {
			return "", err
		}
		added += text
	}
	return added, nil
}

func (s *chatChoiceFold) foldPart(part json.RawMessage, whole bool, out *ChatDelta) (string, error) {
	if jsonx.Kind(part) == '"' {
		return appendText(&s.content, part, whole)
	}
	kind, _ := jsonx.Head(part, "type")
	switch kind {
	case "text", "output_text":
		return appendText(&s.content, memberOf(part, "text"), whole)
	case "thinking":
		s.thinkingParts = true
		text, err := s.foldThinking(memberOf(part, "thinking"), whole)
		out.Reasoning += text
		return "", err
	case "refusal":
		text, err := appendText(&s.refusal, memberOf(part, "refusal"), whole)
		out.Refusal += text
		return "", err
	}
	s.parts = append(s.parts, contentPart{s.content.Len(), bytes.Clone(part)})
	return "", nil
}

// foldThinking adds reasoning that is a text or a list of text parts.
func (s *chatChoiceFold) foldThinking(data json.RawMessage, whole bool) (string, error) {
	if jsonx.Kind(data) == '"' {
		return appendText(&s.reasoning, data, whole)
	}
	var added string
	for _, part := range jsonx.Elements(data) {
		text, err := appendText(&s.reasoning, memberOf(part, "text"), whole)
		if err != nil {
			return "", err
		}
		added += text
	}
	return added, nil
}

// foldReasoning adds reasoning. The same text may stand in up to three places, of
// which one counts.
func (s *chatChoiceFold) foldReasoning(d *chatEventDelta, whole bool, out *ChatDelta) (string, error) {
	s.nameReasoning(reasoningContentField, d.reasoningContent)
	s.nameReasoning(reasoningField, d.reasoning)
	added, err := s.foldDetails(d.details, whole, out)
	if err != nil || added != "" {
		return added, err
	}
	for _, data := range []json.RawMessage{d.reasoningContent, d.reasoning} {
		if added, err = appendText(&s.reasoning, data, whole); err != nil || added != "" {
			return added, err
		}
	}
	return "", nil
}

// nameReasoning keeps the name under which reasoning comes, preferably that of the
// first text that isn't empty. Reasoning that is no text is kept as it is.
func (s *chatChoiceFold) nameReasoning(field string, data json.RawMessage) {
	switch jsonx.Kind(data) {
	case '{', '[':
		s.foldExtra([]member{{field, data}})
	case '"':
		if s.reasoningField == "" || s.reasoning.Len() == 0 && !s.reasoningNamed && len(data) > len(`""`) {
			s.reasoningField, s.reasoningNamed = field, len(data) > len(`""`)
		}
	}
}

func (s *chatChoiceFold) foldDetails(data json.RawMessage, whole bool, out *ChatDelta) (string, error) {
	var added string
	for _, item := range jsonx.Elements(data) {
		if jsonx.Kind(item) != '{' {
			continue
		}
		out.ReasoningDetails = append(out.ReasoningDetails, item)
		if err := s.details.fold(item); err != nil {
			return "", err
		}
		for _, name := range detailTexts {
			text, err := appendText(&s.reasoning, memberOf(item, name), whole)
			if err != nil {
				return "", err
			}
			added += text
		}
	}
	return added, nil
}

func (s *chatChoiceFold) foldFunction(data json.RawMessage) error {
	if jsonx.Kind(data) != '{' {
		return nil
	}
	if s.function == nil {
		s.function = &functionCallFold{}
	}
	firstText(&s.function.name, memberOf(data, "name"))
	arguments := memberOf(data, "arguments")
	if jsonx.Kind(arguments) == '"' {
		_, err := s.function.arguments.Append(arguments)
		return err
	}
	text, err := argumentsText(arguments)
	s.function.arguments.AppendString(text)
	return err
}

func (s *chatChoiceFold) foldAudio(data json.RawMessage) error {
	if jsonx.Kind(data) != '{' {
		return nil
	}
	if s.audio == nil {
		s.audio = &audioFold{}
	}
	a := s.audio
	for name, value := range jsonx.Members(data) {
		switch name {
		case "id":
			firstText(&a.ID, value)
		case "data":
			if err := a.addSound(literal(value)); err != nil {
				return err
			}
		case "transcript":
			if _, err := appendText(&a.transcript, value, false); err != nil {
				return err
			}
		case "expires_at":
			a.ExpiresAt = int64(number(value, 0))
		default:
			a.Extra = addMembers(a.Extra, keepMember(nil, name, value))
		}
	}
	return nil
}

// addSound decodes a piece of base64. It may be cut anywhere, and padded at its end.
func (a *audioFold) addSound(text string) error {
	a.pending += text
	for {
		n := len(a.pending) &^ 3
		padding := strings.IndexByte(a.pending, '=')
		if padding >= 0 {
			n = min(n, padding|3+1)
		}
		sound, err := base64.StdEncoding.DecodeString(a.pending[:n])
		if err != nil {
			return fmt.Errorf("its audio: %w", err)
		}
		a.data, a.pending = append(a.data, sound...), a.pending[n:]
		if n == 0 || padding < 0 {
			return nil
		}
	}
}

// sound is all that has come, a rest without padding included.
func (a *audioFold) sound() []byte {
	rest, err := base64.RawStdEncoding.DecodeString(a.pending)
	if err != nil {
		return a.data
	}
	return append(slices.Clip(a.data), rest...)
}

// foldExtra keeps members that no field takes: lists grow, of all others the last
// one counts.
func (s *chatChoiceFold) foldExtra(members []member) {
	for _, m := range members {
		if jsonx.Kind(m.value) != '[' {
			delete(s.extraLists, m.name)
			s.messageExtra = addMembers(s.messageExtra, []member{m})
			continue
		}
		delete(s.messageExtra, m.name)
		if s.extraLists == nil {
			s.extraLists = map[string][]json.RawMessage{}
		}
		list := s.extraLists[m.name]
		if list == nil {
			list = []json.RawMessage{} // an empty list is not null
		}
		s.extraLists[m.name] = growList(list, m.value)
	}
}

func (s *chatChoiceFold) foldLogprobs(data json.RawMessage) {
	var more ChatLogprobs
	if more.UnmarshalJSON(data) != nil {
		return
	}
	if s.logprobs == nil {
		s.logprobs = &ChatLogprobs{}
	}
	s.logprobs.Content = append(s.logprobs.Content, more.Content...)
	s.logprobs.Refusal = append(s.logprobs.Refusal, more.Refusal...)
	if s.logprobs.Extra == nil {
		s.logprobs.Extra = more.Extra
	}
	maps.Copy(s.logprobs.Extra, more.Extra)
}

// choice is the choice so far. It shares nothing that will change.
func (s *chatChoiceFold) choice() ChatChoice {
	c := ChatChoice{
		Index: s.index, FinishReason: s.reason, NativeFinishReason: s.native, Extra: maps.Clone(s.extra),
		Message: ChatMessage{
			Role: s.role, Name: s.name, Refusal: s.refusal.String(),
			Reasoning: s.reasoning.String(), ReasoningField: s.reasoningField, ReasoningDetails: s.details.list(),
			ToolCalls: s.calls.list(), Annotations: slices.Clone(s.annotations), Extra: s.extraOfMessage(),
		},
	}
	m := &c.Message
	delete(m.Extra, m.ReasoningField) // what wasn't text under the name that later had it
	m.Content = s.assembled(len(m.ToolCalls) > 0)
	if m.ReasoningField == "" && len(m.ReasoningDetails) > 0 {
		m.Reasoning = m.nestedReasoning()
	}
	if s.logprobs != nil {
		c.Logprobs = new(*s.logprobs)
		c.Logprobs.Extra = maps.Clone(s.logprobs.Extra)
	}
	if s.function != nil {
		m.FunctionCall = &ChatFunctionCall{Name: s.function.name, Arguments: s.function.arguments.String()}
	}
	if s.audio != nil {
		m.Audio = new(s.audio.ChatAudio)
		m.Audio.Data = base64.StdEncoding.EncodeToString(s.audio.sound())
		m.Audio.Transcript = s.audio.transcript.String()
		m.Audio.Extra = maps.Clone(s.audio.Extra)
	}
	return c
}

// assembled is the content in the form in which it came, a text or parts.
func (s *chatChoiceFold) assembled(hasCalls bool) ChatParts {
	var parts ChatParts
	if s.thinkingParts {
		parts = append(parts, thinkingPart(s.reasoning.String()))
	}
	text, from := s.content.String(), 0
	for _, part := range s.parts {
		if part.at > from {
			parts = append(parts, &TextPart{Text: text[from:part.at]})
			from = part.at
		}
		parts = append(parts, readPart(part.data))
	}
	if text[from:] != "" || text == "" && s.hasContent && !hasCalls {
		parts = append(parts, &TextPart{Text: text[from:]})
	}
	return parts
}

// extraOfMessage is a copy of what no field takes.
func (s *chatChoiceFold) extraOfMessage() extras {
	all := maps.Clone(s.messageExtra)
	for name, list := range s.extraLists {
		if data, err := jsonx.Encode(list); err == nil {
			all = addMembers(all, []member{{name, data}})
		}
	}
	return all
}

// thinkingPart is reasoning as a part of the content.
func thinkingPart(text string) *RawPart {
	type part struct {
		Type     string      `json:"type"`
		Thinking []*TextPart `json:"thinking"`
	}
	data, err := jsonx.Encode(part{"thinking", []*TextPart{{Text: text}}})
	if err != nil {
		return &RawPart{}
	}
	return &RawPart{Type: "thinking", JSON: data}
}

// memberOf returns the value of an object's member, nil if there is none.
func memberOf(object json.RawMessage, name string) json.RawMessage {
	for n, value := range jsonx.Members(object) {
		if n == name {
			return value
		}
	}
	return nil
}

// growList adds the elements of an array to a list, unless the array begins with the
// list so far, as that of a server does which sends all of it each time. Numbers, such
// as token ids, are always added: among them, equal doesn't mean the same.
func growList(list []json.RawMessage, array json.RawMessage) []json.RawMessage {
	var elements []json.RawMessage
	for _, element := range jsonx.Elements(array) {
		elements = append(elements, element)
	}
	n := len(list)
	if n > 0 && n <= len(elements) && jsonx.Kind(list[0]) != '0' &&
		slices.EqualFunc(list, elements[:n], func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		elements = elements[n:]
	}
	for _, element := range elements {
		list = append(list, bytes.Clone(element))
	}
	return list
}
