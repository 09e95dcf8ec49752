package keeprouter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// Errors of structured output.
const (
	// ErrRefused: the model refused, or a content policy stopped it. The response tells
	// more.
	ErrRefused ErrorKind = "refused by the model"
	// ErrOutputLimit: the answer's token limit cut it before its value was whole. Raise
	// the limit.
	ErrOutputLimit ErrorKind = "cut by the output limit"
	// ErrBadOutput: the answer is not JSON of the schema; Param names the place.
	ErrBadOutput ErrorKind = "output does not fit the schema"
)

// Generator asks for answers that are values of a Go type. The zero Generator is what
// [GenerateChat] and [GenerateMessages] use.
//
//	type invoice struct {
//		Customer string `json:"customer"`
//		Cents    int64  `json:"total_cents" jsonschema:"the total in cents"`
//	}
//	generate := keeprouter.Generator[invoice]{Retry: true}
//	value, resp, err := generate.Chat(ctx, client, req)
type Generator[T any] struct {
	// Name names the value for the model: letters, digits, _ and -, at most 64.
	// Default: made of the type's name.
	Name string

	// Description tells the model what the value is for.
	Description string

	// Retry asks once more when the answer doesn't fit, showing the model what is
	// wrong. The response's Usage and Cost are then those of both calls.
	Retry bool

	// Repair takes answers that are nearly JSON, such as in a code fence or with a
	// trailing comma. The response keeps the text as it was written.
	Repair bool

	// ForcedTool has the model call a tool with the value as its arguments, for servers
	// and models that know tools but no output format.
	ForcedTool bool
}

// GenerateChat asks for an answer that is a value of T, by Chat Completions. The
// schema of T is sent as the response format, strict where T allows it, and the answer
// is checked against it. The error is an [ErrRefused], [ErrOutputLimit] or
// [ErrBadOutput] when the answer is no such value, an [ErrConfig] when T has no schema,
// and otherwise that of the call; the response is there in any case if one came.
//
//	value, resp, err := keeprouter.GenerateChat[Invoice](ctx, client, req)
func GenerateChat[T any](ctx context.Context, client *Client, req *ChatRequest) (T, *ChatResponse, error) {
	return Generator[T]{}.Chat(ctx, client, req)
}

// GenerateMessages is [GenerateChat] by Messages. The schema is sent as the output
// format.
func GenerateMessages[T any](ctx context.Context, client *Client, req *MessagesRequest) (T, *MessagesResponse, error) {
	return Generator[T]{}.Messages(ctx, client, req)
}

// Chat asks by Chat Completions.
func (g Generator[T]) Chat(ctx context.Context, client *Client, req *ChatRequest) (T, *ChatResponse, error) {
	ask, s, err := g.chatRequest(req)
	if err != nil {
		var none T
		return none, nil, err
	}
	return generate(g, s, generateFormat[ChatResponse]{
		create: func() (*ChatResponse, error) { return client.Chat.Create(ctx, ask) },
		output: chatOutput,
		correct: func(resp *ChatResponse, text string) {
			message := User(text)
			if calls := resp.ToolCalls(); g.ForcedTool && len(calls) > 0 {
				message = ToolResult(calls[0].ID, text)
			}
			ask.Messages = append(ask.Messages, resp.Message(), message)
		},
		join: func(again, first *ChatResponse) {
			again.Usage, again.Cost = again.Usage.with(first.Usage), first.Cost.plus(again.Cost)
		},
	})
}

// Messages asks by Messages.
func (g Generator[T]) Messages(ctx context.Context, client *Client, req *MessagesRequest) (T, *MessagesResponse, error) {
	ask, s, err := g.messagesRequest(req)
	if err != nil {
		var none T
		return none, nil, err
	}
	return generate(g, s, generateFormat[MessagesResponse]{
		create: func() (*MessagesResponse, error) { return client.Messages.Create(ctx, ask) },
		output: messagesOutput,
		correct: func(resp *MessagesResponse, text string) {
			message := UserMessage(text)
			if uses := resp.ToolUses(); g.ForcedTool && len(uses) > 0 {
				result := uses[0].Result(text)
				result.IsError = true
				message = ToolResultMessage(result)
			}
			ask.Messages = append(ask.Messages, resp.Message(), message)
		},
		join: func(again, first *MessagesResponse) {
			again.Usage, again.Cost = again.Usage.with(first.Usage), first.Cost.plus(again.Cost)
		},
	})
}

// generateFormat is what the two formats do differently.
type generateFormat[R any] struct {
	create  func() (*R, error)
	output  func(*R) output
	correct func(r *R, text string) // appends the answer, and what is wrong with it
	join    func(again, first *R)   // adds usage and cost of the first answer
}

// generate asks, and asks once more where that is wanted and may help.
func generate[T, R any](g Generator[T], s *schema.Schema, f generateFormat[R]) (value T, resp *R, err error) {
	if resp, err = f.create(); err == nil {
		err = g.read(f.output(resp), s, &value)
	}
	if !g.Retry || !errors.Is(err, ErrBadOutput) {
		return value, resp, err
	}
	f.correct(resp, correction(err))
	again, err := f.create()
	if again == nil {
		return value, resp, err
	}
	f.join(again, resp)
	if err == nil {
		err = g.read(f.output(again), s, &value)
	}
	return value, again, err
}

// correction is what the model reads of a value that doesn't fit.
func correction(err error) string {
	what := err.Error()
	if e, ok := errors.AsType[*Error](err); ok {
		what = e.Message
	}
	return "That is not JSON of the schema:\n" + what + "\nAnswer again with the whole corrected JSON, and nothing else."
}

// output is an answer that is to be a value.
type output struct {
	text    string
	refusal string // why there is none
	refused bool
	cut     bool
}

func chatOutput(r *ChatResponse) output {
	m := r.Message()
	out := output{text: m.Content.Text(), refusal: m.Refusal, cut: r.FinishReason() == FinishLength}
	for _, p := range m.Content {
		if part, ok := p.(*RefusalPart); ok && part != nil {
			out.refusal += part.Refusal
		}
	}
	out.refused = out.refusal != "" || r.FinishReason() == FinishContentFilter
	if calls := r.ToolCalls(); len(calls) > 0 {
		out.text = calls[0].Arguments
	}
	return out
}

func messagesOutput(r *MessagesResponse) output {
	out := output{text: r.Text(), cut: r.StopReason.cut(), refused: r.StopReason == StopRefusal}
	if r.StopDetails != nil {
		out.refusal = r.StopDetails.Explanation
	}
	if uses := r.ToolUses(); len(uses) > 0 {
		out.text = string(uses[0].Input) + uses[0].PartialInput
	}
	return out
}

// read checks an answer and decodes it.
func (g Generator[T]) read(out output, s *schema.Schema, into *T) error {
	switch {
	case out.refused:
		return &Error{Kind: ErrRefused, Message: out.refusal}
	case out.cut:
		return &Error{Kind: ErrOutputLimit, Message: "the value isn't whole; raise the request's output limit"}
	}
	data := []byte(strings.TrimSpace(out.text))
	if g.Repair {
		if fixed, _, ok := schema.Repair(data); ok {
			data = fixed
		}
	}
	var value T
	err := s.Decode(data, &value)
	if err == nil {
		*into = value
		return nil
	}
	e := &Error{Kind: ErrBadOutput, Message: err.Error()}
	if v, ok := errors.AsType[*schema.ViolationError](err); ok {
		e.Param = v.Path
	}
	return e
}

// schema makes the schema of T, and the form of it to send.
func (g Generator[T]) schema(strictness schema.Strictness) (s *schema.Schema, sent json.RawMessage, strict bool, err error) {
	t := reflect.TypeFor[T]()
	s, err = schema.For(t, schema.Options{Object: true})
	if err != nil {
		return nil, nil, false, configError("Generator", fmt.Sprintf("%v can't be described: %v", t, err))
	}
	if form, err := s.Strict(strictness); err == nil {
		return s, form.JSON(), true, nil
	}
	return s, s.JSON(), false, nil
}

// name is what the model calls the value.
func (g Generator[T]) name() string {
	if g.Name != "" {
		return g.Name
	}
	name := strings.Map(func(r rune) rune {
		if isToolNameRune(r) {
			return r
		}
		return -1
	}, reflect.TypeFor[T]().Name())
	if name == "" {
		return "value"
	}
	return name[:min(len(name), 64)]
}

// chatRequest is the request with the schema of T.
func (g Generator[T]) chatRequest(req *ChatRequest) (*ChatRequest, *schema.Schema, error) {
	if req == nil {
		return nil, nil, invalidRequest("req", "a request is needed: it is nil")
	}
	if req.ResponseFormat != nil || len(req.Tools) > 0 || req.N != nil && *req.N > 1 {
		return nil, nil, invalidRequest("", "structured output sets the response format and takes one answer without tools: leave ResponseFormat, Tools and N out")
	}
	s, sent, strict, err := g.schema(schema.StrictChat)
	if err != nil {
		return nil, nil, err
	}
	ask := *req
	ask.Messages = append([]ChatMessage(nil), req.Messages...)
	var flag *bool
	if strict {
		flag = new(true)
	}
	if g.ForcedTool {
		ask.Tools = []ChatTool{{Name: g.name(), Description: g.Description, Parameters: sent, Strict: flag}}
		ask.ToolChoice = &ChatToolChoice{Name: g.name()}
		return &ask, s, nil
	}
	ask.ResponseFormat = &ChatResponseFormat{Name: g.name(), Description: g.Description, Schema: sent, Strict: flag}
	return &ask, s, nil
}

// messagesRequest is the request with the schema of T.
func (g Generator[T]) messagesRequest(req *MessagesRequest) (*MessagesRequest, *schema.Schema, error) {
	if req == nil {
		return nil, nil, invalidRequest("req", "a request is needed: it is nil")
	}
	if req.outputFormat() != nil || req.OutputFormat != nil || len(req.Tools) > 0 {
		return nil, nil, invalidRequest("", "structured output sets the output format and takes no tools: leave OutputConfig.Format, OutputFormat and Tools out")
	}
	s, sent, _, err := g.schema(schema.StrictMessages)
	if err != nil {
		return nil, nil, err
	}
	ask := *req
	ask.Messages = append([]Message(nil), req.Messages...)
	if g.ForcedTool {
		ask.Tools = []MessagesTool{{Name: g.name(), Description: g.Description, InputSchema: sent}}
		ask.ToolChoice = &MessagesToolChoice{Type: "tool", Name: g.name()}
		return &ask, s, nil
	}
	config := MessagesOutputConfig{}
	if req.OutputConfig != nil {
		config = *req.OutputConfig
	}
	config.Format = &MessagesOutputFormat{Type: "json_schema", Schema: sent}
	ask.OutputConfig = &config
	return &ask, s, nil
}
