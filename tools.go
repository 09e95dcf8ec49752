package keeprouter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// Tool is a function that a model may call, the same for both formats. Make one with
// [NewTool], or [NewRawTool] where its arguments are known only at run time, and give
// it to [ChatService.Run] or [MessagesService.Run] in a [Toolset].
type Tool struct {
	name        string
	description string
	schema      *schema.Schema
	run         func(ctx context.Context, arguments []byte) (string, error)
	err         error // why it can't be used
}

// isToolName reports whether both formats take a name.
func isToolName(name string) bool {
	return name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool { return !isToolNameRune(r) })
}

func isToolNameRune(r rune) bool {
	return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '_' || r == '-'
}

// NewTool makes a tool of a function. The description tells the model what it does and
// when to call it. In is the arguments, mostly a struct; its JSON Schema is made of its
// type: fields by their json tags, described by their jsonschema tags, optional with
// omitempty, omitzero or as pointers. Struct{} is no arguments. What the model writes
// is checked against the schema before the function is called.
//
//	type forecastArgs struct {
//		City string `json:"city" jsonschema:"city and country"`
//		Days int    `json:"days,omitzero" jsonschema:"1 to 7, default 1"`
//	}
//	forecast := keeprouter.NewTool("forecast", "Weather of the coming days.", lookUp)
//
// The model reads the result: a string as it is, anything else as JSON. It reads the
// text of an error too, and may try again. The context ends when the run does; the
// function must then return.
//
// A name or a type that can't work, such as one with a channel in it, is told by
// [Tool.Err], and by the run before anything is sent.
func NewTool[In, Out any](name, description string, f func(context.Context, In) (Out, error)) Tool {
	t := Tool{name: name, description: description}
	if f == nil {
		t.err = configError("NewTool", fmt.Sprintf("the function of the tool %.64q is nil", name))
		return t
	}
	var err error
	if t.schema, err = schema.For(reflect.TypeFor[In](), schema.Options{Object: true}); err != nil {
		t.err = configError("NewTool", fmt.Sprintf("the arguments of the tool %.64q can't be described: %v", name, err))
		return t
	}
	t.run = func(ctx context.Context, arguments []byte) (string, error) {
		var in In
		if err := t.schema.Decode(arguments, &in); err != nil {
			return "", argumentsError(err)
		}
		out, err := f(ctx, in)
		if err != nil {
			return "", err
		}
		return toolText(out)
	}
	t.err = checkToolName(name)
	return t
}

// NewRawTool makes a tool whose arguments are described by a JSON Schema, an object's.
// The function gets them checked, as the model wrote them, and returns what the model
// reads.
func NewRawTool(name, description string, parameters json.RawMessage, f func(ctx context.Context, arguments json.RawMessage) (string, error)) Tool {
	t := Tool{name: name, description: description}
	if f == nil {
		t.err = configError("NewRawTool", fmt.Sprintf("the function of the tool %.64q is nil", name))
		return t
	}
	var err error
	if t.schema, err = schema.Parse(parameters); err != nil {
		t.err = configError("NewRawTool", fmt.Sprintf("the schema of the tool %.64q can't be used: %v", name, err))
		return t
	}
	t.run = func(ctx context.Context, arguments []byte) (string, error) {
		if err := t.schema.Validate(arguments); err != nil {
			return "", argumentsError(err)
		}
		return f(ctx, arguments)
	}
	t.err = checkToolName(name)
	return t
}

func checkToolName(name string) error {
	if isToolName(name) {
		return nil
	}
	return configError("Tool", fmt.Sprintf("%.64q is no name for a tool: want 1 to 64 letters, digits, _ and -", name))
}

// Name is what the model calls.
func (t Tool) Name() string { return t.name }

// Description tells the model what the tool does.
func (t Tool) Description() string { return t.description }

// Parameters is the JSON Schema of the arguments, nil if there is none because of
// [Tool.Err].
func (t Tool) Parameters() json.RawMessage {
	if t.schema == nil {
		return nil
	}
	return t.schema.JSON()
}

// Err is why the tool can't be used, an [ErrConfig]; nil if it can.
func (t Tool) Err() error {
	if t.err == nil && t.run == nil {
		return configError("Tool", "the zero Tool does nothing: make one with NewTool or NewRawTool")
	}
	return t.err
}

// Call runs the tool, for loops of one's own. Arguments that don't fit the schema are
// an [ErrToolArguments] whose text the model can act on; a panic is a [*ToolPanic].
func (t Tool) Call(ctx context.Context, arguments json.RawMessage) (result string, err error) {
	if err := t.Err(); err != nil {
		return "", err
	}
	if len(arguments) == 0 {
		arguments = json.RawMessage("{}") // as some models write a call without any
	}
	defer func() {
		if value := recover(); value != nil {
			result, err = "", &ToolPanic{Tool: t.name, Value: value, Stack: debug.Stack()}
		}
	}()
	return t.run(ctx, arguments)
}

// ToolPanic is what a tool's function panicked with. The model is only told that the
// tool failed.
type ToolPanic struct {
	Tool  string // its name
	Value any    // what panic was called with; nil if the function ended its goroutine with runtime.Goexit
	Stack []byte // of the goroutine; nil if it ended
}

// Error names the tool and the value.
func (p *ToolPanic) Error() string {
	return fmt.Sprintf("keeprouter: the tool %s panicked: %v; Stack tells where", p.Tool, p.Value)
}

// Unwrap returns the value if it is an error.
func (p *ToolPanic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// argumentsError tells what the model got wrong.
func argumentsError(err error) error {
	e := &Error{Kind: ErrToolArguments, Message: err.Error()}
	if v, ok := errors.AsType[*schema.ViolationError](err); ok {
		e.Param = v.Path
	}
	return e
}

// toolText is a result as the model reads it.
func toolText(out any) (string, error) {
	if text, ok := out.(string); ok {
		return text, nil
	}
	data, err := jsonx.Encode(out)
	if err != nil {
		return "", fmt.Errorf("keeprouter: the tool's result can't be written as JSON: %w", err)
	}
	return string(data), nil
}
