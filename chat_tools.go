package keeprouter

import "encoding/json"

// ChatTool is something that a model may call: a function, whose arguments are JSON
// of a schema, or a custom tool, whose input is free text.
type ChatTool struct {
	// Type is function, which it is also when empty, or custom.
	Type string

	// Name is letters, digits, _ and -, at most 64.
	Name string

	// Description tells the model what it does and when to call it.
	Description string

	// Parameters is the JSON Schema of a function's arguments, an object's. Nil is
	// no arguments.
	Parameters json.RawMessage

	// Strict makes the server enforce the schema. It must then forbid additional
	// properties and require all of its own.
	Strict *bool

	// Format bounds the input of a custom tool: {"type": "text"} or
	// {"type": "grammar", "grammar": {"syntax": "lark" or "regex", "definition": …}}.
	Format json.RawMessage

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// ChatToolChoice says whether a model may, must or must not call a tool. Set Mode,
// or Name to make it call that one.
type ChatToolChoice struct {
	// Mode is none, auto or required. With Allowed it is auto or required.
	Mode string

	// Name is the one tool to call.
	Name string

	// Type is the named tool's: function, which it is also when empty, or custom.
	Type string

	// Allowed narrows the choice to these of the request's tools; only their type
	// and name count.
	Allowed []ChatTool

	// Extra holds fields that aren't modelled here; those of a nested object under
	// the object's name.
	Extra map[string]json.RawMessage
}

// ChatToolCall is a call that the model asks for. Answer it with [ToolResult].
type ChatToolCall struct {
	// ID ties the result to the call.
	ID string

	// Type is function, which it is also when empty, or custom.
	Type string

	// Name is the tool to call.
	Name string

	// Arguments is a function's JSON text, or a custom tool's input, exactly as the
	// model wrote it. A call without arguments may have an empty text.
	Arguments string

	// Truncated tells that the answer was cut inside this call, so that Arguments
	// are not whole. Don't execute it. Messages with such a call are kept by JSON, and
	// refused in a request.
	Truncated bool

	// Extra holds fields that aren't modelled here, such as a model's signature;
	// those of a nested object under the object's name.
	Extra map[string]json.RawMessage
}
