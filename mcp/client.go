package mcp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/keeprouter/keeprouter-go"
)

// ErrInputRequired tells that the server's tool asks its caller for input, which a model's
// call can't give.
var ErrInputRequired = errors.New("mcp: the tool asks for input")

// ToolError is a result that the server marked as an error. The model reads its text.
type ToolError struct {
	Tool string // the server's name of it
	Text string
}

// Error returns the server's text.
func (e *ToolError) Error() string { return e.Text }

// CallError is a call that the server did not answer with a result: the connection is
// gone, the server doesn't know the tool, or the context ended.
type CallError struct {
	Tool string // the server's name of it
	Err  error
}

// Error tells which tool, and why.
func (e *CallError) Error() string { return fmt.Sprintf("mcp: calling %s: %v", e.Tool, e.Err) }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// Tools returns the tools of a session's server, all pages of them, as they are now.
// They can be called as long as the session lasts.
//
// A name that the formats refuse (they take up to 64 letters, digits, _ and -) is
// replaced by one that they take, made of it and ended by a part of its hash; the
// server is called by its own. A tool whose schema can't be used is told by its
// [keeprouter.Tool.Err], so leave it out or fail.
//
// What a tool returns is read by the model as text: texts as they are, structured
// content without a text as JSON, links and embedded texts with their addresses. For
// images and sounds there is a line that says what was left out. A result that is
// marked as an error is a [*ToolError].
func Tools(ctx context.Context, session *sdk.ClientSession) ([]keeprouter.Tool, error) {
	var tools []keeprouter.Tool
	names := map[string]string{}
	for t, err := range session.Tools(ctx, nil) {
		if err != nil {
			return nil, fmt.Errorf("mcp: listing the tools: %w", err)
		}
		name := toolName(t.Name)
		if other, taken := names[name]; taken {
			return nil, fmt.Errorf("mcp: the server has the tools %q and %q, which can't be told apart", other, t.Name)
		}
		names[name] = t.Name
		tool, err := newTool(session, name, t)
		if err != nil {
			return nil, err
		}
		tools = append(tools, tool)
	}
	return tools, nil
}

func newTool(session *sdk.ClientSession, name string, t *sdk.Tool) (keeprouter.Tool, error) {
	schema, err := json.Marshal(t.InputSchema)
	if err != nil {
		return keeprouter.Tool{}, fmt.Errorf("mcp: the schema of %s: %w", t.Name, err)
	}
	description := t.Description
	if description == "" {
		description = t.Title
	}
	return keeprouter.NewRawTool(name, description, schema, func(ctx context.Context, arguments json.RawMessage) (string, error) {
		result, err := session.CallTool(ctx, &sdk.CallToolParams{Name: t.Name, Arguments: arguments})
		if err != nil {
			return "", &CallError{Tool: t.Name, Err: err}
		}
		if result.NeedsInput() {
			return "", &CallError{Tool: t.Name, Err: ErrInputRequired}
		}
		text, err := resultText(result)
		if err != nil {
			return "", &CallError{Tool: t.Name, Err: err}
		}
		if result.IsError {
			return "", &ToolError{Tool: t.Name, Text: text}
		}
		return text, nil
	}), nil
}

const maxName = 64

// toolName is the server's name, or one in its place that the formats take.
func toolName(name string) string {
	mapped := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
	if mapped == name && name != "" && len(name) <= maxName {
		return name
	}
	hash := sha256.Sum256([]byte(name))
	end := "_" + hex.EncodeToString(hash[:4])
	return mapped[:min(len(mapped), maxName-len(end))] + end
}

// resultText is a result as a model reads it.
func resultText(result *sdk.CallToolResult) (string, error) {
	var parts []string
	for _, content := range result.Content {
		parts = append(parts, contentText(content))
	}
	if len(parts) > 0 || result.StructuredContent == nil {
		return strings.Join(parts, "\n"), nil
	}
	data, err := json.Marshal(result.StructuredContent)
	return string(data), err
}

func contentText(content sdk.Content) string {
	switch c := content.(type) {
	case *sdk.TextContent:
		return c.Text
	case *sdk.ImageContent:
		return fmt.Sprintf("[an image, %s, %d bytes, left out]", c.MIMEType, len(c.Data))
	case *sdk.AudioContent:
		return fmt.Sprintf("[sound, %s, %d bytes, left out]", c.MIMEType, len(c.Data))
	case *sdk.ResourceLink:
		return strings.TrimSpace(fmt.Sprintf("[resource %s] %s", c.URI, c.Description))
	case *sdk.EmbeddedResource:
		return resourceText(c)
	}
	data, err := content.MarshalJSON()
	if err != nil {
		return fmt.Sprintf("[content that can't be shown: %v]", err)
	}
	return string(data)
}

func resourceText(c *sdk.EmbeddedResource) string {
	switch r := c.Resource; {
	case r == nil:
		return "[an empty resource]"
	case r.Text != "":
		return fmt.Sprintf("[resource %s]\n%s", r.URI, r.Text)
	default:
		return fmt.Sprintf("[resource %s, %s, %d bytes, left out]", r.URI, r.MIMEType, len(r.Blob))
	}
}
