package keeprouter

import "encoding/json"

// MessagesTool is a tool that the model may call: one of yours, described by a
// schema, or one that the server knows by its Type.
type MessagesTool struct {
	// Type is empty (or "custom") for a tool of yours, else the server's dated name
	// of its kind, such as "web_search_20260318".
	Type string `json:"type,omitzero"`

	// Name is what the model calls.
	Name string `json:"name,omitzero"`

	// Description tells the model what the tool does and when to use it.
	Description string `json:"description,omitzero"`

	// InputSchema is the JSON Schema of the tool's input, an object.
	InputSchema json.RawMessage `json:"input_schema,omitzero"`

	// Strict makes the server hold the input to the schema.
	Strict *bool `json:"strict,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// EagerInputStreaming streams the input as it is written, without buffering.
	EagerInputStreaming *bool `json:"eager_input_streaming,omitzero"`

	// DeferLoading keeps the tool out of the prompt until a tool search finds it.
	DeferLoading *bool `json:"defer_loading,omitzero"`

	// InputExamples are inputs that show how the tool is used.
	InputExamples []json.RawMessage `json:"input_examples,omitzero"`

	// AllowedCallers says who may call the tool, such as "direct".
	AllowedCallers []string `json:"allowed_callers,omitzero"`

	// Extra holds fields that aren't modelled here, such as the settings of a
	// server's tool.
	Extra map[string]json.RawMessage `json:"-"`
}

// MessagesToolChoice says whether and which tools must be called.
type MessagesToolChoice struct {
	// Type is "auto", "any", "tool" (the one of Name) or "none".
	Type string `json:"type"`

	// Name is the tool to call when Type is "tool".
	Name string `json:"name,omitzero"`

	// DisableParallelToolUse allows one call at most in an answer.
	DisableParallelToolUse *bool `json:"disable_parallel_tool_use,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ToolUseBlock is a call of one of your tools. Run it and answer with
// [ToolUseBlock.Result], unless Truncated.
type ToolUseBlock struct {
	// ID ties the result to the call.
	ID string `json:"id"`

	// Name is the tool called.
	Name string `json:"name"`

	// Input is the tool's input as the model wrote it, an object. Empty is sent as {}.
	Input json.RawMessage `json:"input"`

	// Caller tells who called, if not the model directly, as it came.
	Caller json.RawMessage `json:"caller,omitzero"`

	// ToolsetName is the toolset that the tool belongs to.
	ToolsetName string `json:"toolset_name,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`

	// Truncated tells that the answer's token limit cut this call, so that it must not
	// be run. Messages with such a call are kept by JSON, and refused in a request.
	Truncated bool `json:"truncated,omitzero"`

	// PartialInput is the input's text when it isn't a JSON object, mostly because it
	// was cut; Input is empty then.
	PartialInput string `json:"partial_input,omitzero"`
}

// Result makes the result of this call. Set IsError on it if the tool failed.
func (b *ToolUseBlock) Result(text string) *ToolResultBlock {
	return &ToolResultBlock{ToolUseID: b.ID, Content: TextBlocks(text)}
}

// ToolResultBlock is what a tool returned.
type ToolResultBlock struct {
	// ToolUseID is the ID of the call.
	ToolUseID string `json:"tool_use_id"`

	// Content is the result: text, images, documents, search results. It may be nil.
	Content Blocks `json:"content,omitzero"`

	// IsError tells the model that the tool failed; Content says how.
	IsError bool `json:"is_error,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ServerToolUseBlock is a call of a tool that the server runs itself, such as a web
// search. Its result is a [ServerToolResultBlock] of the same answer.
type ServerToolUseBlock struct {
	// ID ties the result to the call.
	ID string `json:"id"`

	// Name is the server's tool, such as "web_search".
	Name string `json:"name"`

	// Input is the tool's input, an object.
	Input json.RawMessage `json:"input"`

	// Caller tells who called, if not the model directly, as it came.
	Caller json.RawMessage `json:"caller,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

// ServerToolResultBlock is what a tool of the server returned.
type ServerToolResultBlock struct {
	// Type is the kind of result: "web_search_tool_result", "web_fetch_tool_result",
	// "code_execution_tool_result", "bash_code_execution_tool_result",
	// "text_editor_code_execution_tool_result" or "tool_search_tool_result".
	Type string `json:"type"`

	// ToolUseID is the ID of the call.
	ToolUseID string `json:"tool_use_id"`

	// Content is the result or an error object, as it came.
	Content json.RawMessage `json:"content"`

	// Caller tells who called, if not the model directly, as it came.
	Caller json.RawMessage `json:"caller,omitzero"`

	// CacheControl caches the prompt up to here.
	CacheControl *CacheControl `json:"cache_control,omitzero"`

	// Extra holds fields that aren't modelled here.
	Extra map[string]json.RawMessage `json:"-"`
}

func (*ToolUseBlock) blockType() string            { return "tool_use" }
func (*ToolResultBlock) blockType() string         { return "tool_result" }
func (*ServerToolUseBlock) blockType() string      { return "server_tool_use" }
func (b *ServerToolResultBlock) blockType() string { return b.Type }
