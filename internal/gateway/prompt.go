package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"unicode/utf8"
)

// prompt is what the gateway reads of a request in either format. Fields that it
// doesn't know are ignored, as clients send them before they are documented.
type prompt struct {
	Model         string          `json:"model"`
	Messages      []message       `json:"messages"`
	System        json.RawMessage `json:"system"`
	Tools         []tool          `json:"tools"`
	ToolChoice    json.RawMessage `json:"tool_choice"`
	Thread        json.RawMessage `json:"thread"`
	Stream        bool            `json:"stream"`
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	ParallelToolCalls   *bool           `json:"parallel_tool_calls"`
	MaxTokens           *int64          `json:"max_tokens"`
	MaxCompletionTokens *int64          `json:"max_completion_tokens"`
	Temperature         *float64        `json:"temperature"`
	TopP                *float64        `json:"top_p"`
	FrequencyPenalty    *float64        `json:"frequency_penalty"`
	PresencePenalty     *float64        `json:"presence_penalty"`
	TopLogprobs         *int64          `json:"top_logprobs"`
	Logprobs            bool            `json:"logprobs"`
	Stop                json.RawMessage `json:"stop"`
	StopSequences       []string        `json:"stop_sequences"`
	Thinking            json.RawMessage `json:"thinking"`
	N                   *int64          `json:"n"`
	Modalities          []string        `json:"modalities"`
	ResponseFormat      struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
			Strict bool            `json:"strict"`
		} `json:"json_schema"`
	} `json:"response_format"`
	// interleaved tells that thinking may go on between calls, and so exceed the limit.
	interleaved bool

	OutputConfig struct {
		Effort string `json:"effort"`
		Format *struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`
}

type message struct {
	Role         string          `json:"role"`
	Content      json.RawMessage `json:"content"`
	ToolCallID   string          `json:"tool_call_id"`
	ToolCalls    []call          `json:"tool_calls"`
	FunctionCall json.RawMessage `json:"function_call"`
	Refusal      *string         `json:"refusal"`
	Audio        json.RawMessage `json:"audio"`
}

// call is a tool's in a message of the assistant.
type call struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// part is a content part of chat or a content block of Messages.
type part struct {
	Type         string          `json:"type"`
	Text         string          `json:"text"`
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	ToolUseID    string          `json:"tool_use_id"`
	Content      json.RawMessage `json:"content"`
	Signature    json.RawMessage `json:"signature"`
	Source       json.RawMessage `json:"source"`
	ImageURL     json.RawMessage `json:"image_url"`
	CacheControl json.RawMessage `json:"cache_control"`
}

type tool struct {
	Type     string `json:"type"`
	Name     string `json:"name"`
	Function *struct {
		Name       string          `json:"name"`
		Parameters json.RawMessage `json:"parameters"`
		Strict     bool            `json:"strict"`
	} `json:"function"`
	Custom *struct {
		Name string `json:"name"`
	} `json:"custom"`
	InputSchema  json.RawMessage `json:"input_schema"`
	Strict       bool            `json:"strict"`
	CacheControl json.RawMessage `json:"cache_control"`
}

// name is the tool's in either format; a set of tools has none.
func (t *tool) name() string {
	switch {
	case t.Function != nil:
		return t.Function.Name
	case t.Custom != nil:
		return t.Custom.Name
	}
	return t.Name
}

// schema is the name of a function and the JSON Schema of its arguments.
func (t *tool) schema() (string, json.RawMessage) {
	if t.Function != nil {
		return t.Function.Name, t.Function.Parameters
	}
	return t.Name, t.InputSchema
}

// parsePrompt reads a request's body.
func parsePrompt(body []byte) (*prompt, *failure) {
	if !utf8.Valid(body) {
		return nil, invalid("", "the request body is not valid UTF-8")
	}
	var p prompt
	err := json.Unmarshal(body, &p)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, invalid(e.Field, "expected "+kindName(e.Type.Kind())+", got "+e.Value)
	}
	if err != nil {
		return nil, invalid("", "the request body is not valid JSON: "+err.Error())
	}
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return nil, invalid("", "the request body must be a JSON object")
	}
	return &p, nil
}

func kindName(kind reflect.Kind) string {
	switch kind {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "an array"
	case reflect.Bool:
		return "a boolean"
	case reflect.String:
		return "a string"
	case reflect.Int64:
		return "an integer"
	}
	return "a number"
}

func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

// parts reads a content that may be a string, a list or absent.
func parts(content json.RawMessage) ([]part, error) {
	if !present(content) {
		return nil, nil
	}
	if content[0] == '"' {
		var text string
		err := json.Unmarshal(content, &text)
		return []part{{Type: "text", Text: text}}, err
	}
	var list []part
	err := json.Unmarshal(content, &list)
	return list, err
}
